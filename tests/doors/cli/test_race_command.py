"""`lachan race`: rows as the contract says, and refusals by name."""

import json
from pathlib import Path

import pytest

from lachan.doors.cli import race as command
from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, Language
from lachan.race import RaceReason, Strategy


def test_one_row_for_each_way_and_delay(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(out, "json", True)
    monkeypatch.setattr(command, "SEEDS", (1,))
    command.run(600, [5, 60, 5], ["letters", "freeze_all"], None)
    said = json.loads(capsys.readouterr().out)
    assert [(row["strategy"], row["delay_min"]) for row in said["rows"]] == [
        ("letters", 5), ("letters", 60), ("freeze_all", 5), ("freeze_all", 60),
    ]  # fmt: skip
    assert set(said["rows"][0]) == {
        "strategy", "delay_min", "held_share", "returned_share", "innocent_vnd_hours", "requests", "low", "high",
    }  # fmt: skip
    for row, spread in zip(said["rows"], said["intervals"], strict=True):
        assert (spread["strategy"], spread["delay_min"]) == (row["strategy"], row["delay_min"])
        for name in ("returned_share", "innocent_vnd_hours", "requests"):
            low, high = spread[name]
            assert low <= row[name] <= high
    assert all(0 <= row["low"] <= row["held_share"] <= row["high"] <= 1 for row in said["rows"])


def test_a_person_reads_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(out, "language", Language.EN)
    monkeypatch.setattr(command, "SEEDS", (2,))
    command.run(400, [10], ["letters"], None)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("letters")
    assert "reported after    10 min" in lines[1]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        command.run(400, [10], ["prayer"], None)
    assert refused.value.params["expected"] == ", ".join(Strategy)


def test_the_result_is_a_page_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(out, "json", True)
    monkeypatch.setattr(command, "SEEDS", (1,))
    command.run(400, [10], ["letters"], tmp_path / "race.html")
    assert [row["delay_min"] for row in json.loads(capsys.readouterr().out)["within_10_min"]] == [10]
    assert "letters</text>" in (tmp_path / "race.html").read_text(encoding="utf-8")
    for nowhere in (tmp_path / "missing" / "race.html", tmp_path):
        with pytest.raises(BadInput) as refused:
            command.run(400, [10], ["letters"], nowhere)
        assert refused.value.reason is RaceReason.NO_FOLDER_FOR_PAGE
