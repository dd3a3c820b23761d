"""The labelled corpus: precision and recall per kind, spans exact. See README.md beside the corpus."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lachan.foundation.identifiers import Kind, identify

FOLDER = Path(__file__).parent
PRECISION_MIN = 0.97
RECALL_MIN = 0.95


def _rows(half: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"corpus_{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _figures(rows: list[dict[str, Any]]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Right, wrong and missed findings by kind; VietQR strings are counted as a kind of their own."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        wanted = {(label["kind"], label["value"], label["span"]): label for label in row["labels"]}
        found = {(item.kind.value, item.value, item.text): item for item in identify(row["text"])}
        for triple, item in found.items():
            kind = "vietqr" if item.details.get("source") == "vietqr" else item.kind.value
            (right if triple in wanted else wrong)[kind] += 1
        for triple, label in wanted.items():
            if triple not in found:
                missed["vietqr" if label.get("vietqr") else label["kind"]] += 1
    return right, wrong, missed


@pytest.mark.parametrize("half", ["dev", "heldout"])
def test_precision_and_recall_of_each_kind(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, missed = _figures(_rows(half))
    with capsys.disabled():
        print(f"\n{half}:")
        for kind in (*Kind, "vietqr"):
            found, labelled = right[kind] + wrong[kind], right[kind] + missed[kind]
            print(f"  {kind:8} precision {right[kind]}/{found}  recall {right[kind]}/{labelled}")
    for kind in (*Kind, "vietqr"):
        assert right[kind] >= PRECISION_MIN * (right[kind] + wrong[kind]), f"precision of {kind}"
        assert right[kind] >= RECALL_MIN * (right[kind] + missed[kind]), f"recall of {kind}"


def test_the_corpus_covers_every_kind() -> None:
    rows = _rows("dev") + _rows("heldout")
    counts = Counter("vietqr" if label.get("vietqr") else label["kind"] for row in rows for label in row["labels"])
    assert len(rows) >= 300
    assert sum(not row["labels"] for row in rows) >= 90
    assert all(counts[kind] >= 20 for kind in (*Kind, "vietqr")), counts


def test_every_label_is_canonical() -> None:
    from lachan.foundation.identifiers import parse_key

    for row in _rows("dev") + _rows("heldout"):
        for label in row["labels"]:
            assert parse_key(f"{label['kind']}:{label['value']}").value == label["value"]
            assert label["span"] in row["text"]
