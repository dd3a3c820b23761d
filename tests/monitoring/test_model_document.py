"""A model's file: every bit survives, and nothing but a whole model of this version is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.factories.models import stump

from lachan.foundation.base import BadInput
from lachan.monitoring.models import as_bytes, model_of, read_model, write_model

MODEL = stump()


def test_written_and_read_it_is_the_same(tmp_path: Path) -> None:
    write_model(MODEL, tmp_path / "m.json")
    again = read_model(tmp_path / "m.json")
    assert again.id == MODEL.id
    assert as_bytes(again) == as_bytes(MODEL)
    assert again.card == MODEL.card
    assert [one.name for one in tmp_path.iterdir()] == ["m.json"]
    with pytest.raises(BadInput, match="unreadable_file"):
        write_model(MODEL, tmp_path / "no" / "m.json")


def _gone(node: dict[str, Any]) -> None:
    # The kernel of that version made a feature of this name; today it would be taken for a file's column.
    node["features"][0] = "payer_mood"
    node["kernel_features"].append("payer_mood")


def _come(node: dict[str, Any]) -> None:
    # A column of its file then; today the kernel makes a feature of this name.
    node["kernel_features"].remove(node["features"][0])


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def do(node: Any) -> None:
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value

    return do


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_gone, "model_features_changed"),
        (_come, "model_features_changed"),
        (_set("format", value="lachan-model-0"), "model_unreadable"),
        (_set("more", value=1), "model_unreadable"),
        (_set("slope", value="1"), "model_unreadable"),
        (_set("intercept", value=None), "model_unreadable"),
        (_set("alert", value=1e999), "model_unreadable"),
        (_set("features", value=["amount_vnd", "amount_vnd"]), "model_unreadable"),
        (_set("features", value=[]), "model_unreadable"),
        (_set("baseline", value=[]), "model_unreadable"),
        (_set("baseline", 0, 0, value=[1.0, 2.0]), "model_unreadable"),
        (_set("card", value={}), "model_unreadable"),
        (_set("card", "made_at", value="2026-03-02T05:00:00"), "model_unreadable"),
        (_set("card", "trained", "rows", value="many"), "model_unreadable"),
        (_set("card", "metrics", value=[]), "model_unreadable"),
        (_set("card", "seed", value=1.5), "model_unreadable"),
        (_set("forest", value=[]), "model_unreadable"),
        (_set("forest", 0, "feature", value=[1]), "model_unreadable"),
    ],
)
def test_anything_else_is_refused(spoil: Callable[[dict[str, Any]], None], reason: str) -> None:
    node = orjson.loads(as_bytes(MODEL))
    model_of(orjson.dumps(node))
    spoil(node)
    with pytest.raises(BadInput) as refused:
        model_of(orjson.dumps(node))
    assert refused.value.reason == reason


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"[]", b'"lachan-model-1"', b"{" * 500, b"null"])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="model_unreadable"):
        model_of(content)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unreadable_file"):
        read_model(tmp_path / "none.json")
