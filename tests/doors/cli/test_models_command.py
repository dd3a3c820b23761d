"""`lachan monitor train`, `backtest`, `score --model`, and the register at the console."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories.models import stump
from tests.monitoring.labelled import transfers

from lachan.bootstrap import build, initialise
from lachan.doors.cli import models as command
from lachan.doors.cli import monitor
from lachan.doors.cli.model_register import add_command, list_command
from lachan.doors.cli.monitor_alerts import watch
from lachan.doors.cli.output import out
from lachan.foundation.access import OPERATOR, Role
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, Language
from lachan.foundation.base.settings import Settings
from lachan.monitoring.alerts.tables import sighting
from lachan.monitoring.models import as_bytes, read_model, write_model
from lachan.monitoring.models.register import approve_model, register_model


@pytest.fixture(autouse=True)
def _as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "json", True)
    monkeypatch.setattr(out, "language", Language.VI)


def files(folder: Path, *, leak: bool = False, spoilt: int = 0) -> tuple[Path, Path]:
    """The small stream and its labels, as CSV; with `leak` a column that says the label."""
    made, labels = transfers()
    source, marks = folder / "transfers.csv", folder / "labels.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["id", "time", "payer", "payee", "amount", "risk"])
        for one in made:
            amount: Any = "x" if one.row <= spoilt else one.amount_vnd
            write.writerow([one.id, one.booked_at.isoformat(), one.payer, one.payee, amount, one.row % 17])
    with marks.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["id", "label", *(["found_by"] if leak else [])])
        for key, label in labels.items():
            write.writerow([key, label, *(["desk" if label else ""] if leak else [])])
    return source, marks


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_trained_it_scores_and_says_what_weighed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, marks = files(tmp_path)
    model, scored = tmp_path / "model.json", tmp_path / "scored.ndjson"
    assert command.train(source, marks, model, 3, 1) == 0
    said = answer(capsys)
    assert said["model"] == read_model(model).id
    assert said["metrics"]["auc"] > 0.9
    assert command.backtest(source, marks, model, 3, 1) == 0
    again = answer(capsys)
    assert again["model"] == said["model"]
    assert again["precision_at"] > 0.5
    assert monitor.score(source, scored, False, model) == 0
    rows = [json.loads(line) for line in scored.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(transfers()[0])
    assert all(0.0 <= row["score"] <= 1.0 for row in rows)
    evidence = [one for row in rows for one in row["evidence"] if one["typology"] == "model"]
    assert evidence
    assert all(one["features"] and said["model"] in one["sentence"] for one in evidence)
    labelled = transfers()[1]
    positives = [row["score"] for row in rows if labelled[row["id"]]]
    assert sum(positives) / len(positives) > 10 * sum(row["score"] for row in rows) / len(rows)


def test_a_label_in_a_column_is_refused_and_leaves_no_model(tmp_path: Path) -> None:
    source, marks = files(tmp_path, leak=True)
    with pytest.raises(BadInput, match="label_is_a_column") as refused:
        command.train(source, marks, tmp_path / "model.json", 3, 1)
    assert refused.value.field == "found_by"
    assert not (tmp_path / "model.json").exists()


def test_bad_rows_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, marks = files(tmp_path, spoilt=2)
    assert command.train(source, marks, tmp_path / "model.json", 3, 1) == 1
    assert answer(capsys)["rejected"] == 2
    listed = (tmp_path / "model.json.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 3


@pytest.mark.parametrize(
    ("lines", "reason", "field"),
    [
        (["id,label", "t1,perhaps"], "unknown_value", "1: label"),
        (["id,label", "t1,1", "t1,0"], "label_repeated", "2: id"),
        (["id,label", "t1,"], "missing", "1: label"),
        (["name,label", "t1,1"], "missing", "1: id"),
    ],
)
def test_labels_that_cannot_be_used(tmp_path: Path, lines: list[str], reason: str, field: str) -> None:
    source, marks = files(tmp_path)
    marks.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInput, match=reason) as refused:
        command.backtest(source, marks, None, 3, 1)
    assert refused.value.field == field


def test_a_model_that_does_not_fit_the_file_is_refused(tmp_path: Path) -> None:
    source, _ = files(tmp_path)
    write_model(stump("mood"), tmp_path / "model.json")
    with pytest.raises(BadInput, match="model_features_missing"):
        monitor.score(source, tmp_path / "out.csv", False, tmp_path / "model.json")
    assert not (tmp_path / "out.csv").exists()


def test_the_register_at_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    initialise(Settings())
    write_model(stump(), tmp_path / "model.json")
    add_command(tmp_path / "model.json", "Quý I")
    assert answer(capsys)["state"] == "proposed"
    with pytest.raises(Conflict):
        add_command(tmp_path / "model.json", "Quý I")
    list_command()
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["model"] == stump().id
    assert listed["proposed_by"] == "system:operator"
    monkeypatch.setattr(out, "json", False)
    list_command()
    assert "chờ duyệt" in capsys.readouterr().out


def test_an_approved_model_also_judges_the_files_that_are_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    initialise(Settings())
    services = build(Settings())
    source, _ = files(tmp_path)

    def watched() -> Counter[str]:
        assert watch(source, False) == 0
        with services.db.read() as conn:
            rows = conn.execute(sa.select(sighting.c.typology)).all()
        return Counter("model" if row.typology == "model" else "rule" for row in rows)

    def put_in_service(name: str) -> None:
        with services.db.unit(services.clock.now(), OPERATOR) as unit:
            model_id = register_model(unit, as_bytes(stump(name, at=15.0)), "Quý I").model_id
        head = Actor(ActorKind.PERSON, "h", roles=frozenset({Role.DESK_HEAD.value}))
        with services.db.unit(services.clock.now(), head) as unit:
            approve_model(unit, model_id, "Đã xem")

    before = watched()
    assert before["rule"] > 10
    assert before["model"] == 0
    put_in_service("mood")  # the file has no such column: said, and the typologies go on
    assert watched() == before
    assert "mood" in capsys.readouterr().err
    put_in_service("risk")
    after = watched()
    assert after["rule"] == before["rule"]
    made, _ = transfers()
    assert after["model"] == sum(one.row % 17 == 16 and one.payer != one.payee for one in made)
