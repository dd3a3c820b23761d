"""A generation that is torn, altered, stale or somebody else's is refused; a crash leaves the one before."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.factories.changes import changed
from tests.factories.stopped import StoppedClock

from lachan.foundation.base import NotReady
from lachan.registry import Change, Verdict
from lachan.screening import Engine, ScreenReason, generation

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def changes(count: int, start: int = 1, verdict: Verdict = Verdict.WARN) -> list[Change]:
    return [changed(n, f"account:970436:{n:010d}", verdict, ("R1",), f"e{n}") for n in range(start, start + count)]


def opened(folder: Path, secret: bytes = SECRET) -> Engine:
    return Engine.open(folder, secret, StoppedClock(NOW))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "screening"
    engine = opened(made)
    engine.apply(changes(500))
    assert engine.merge()
    return made


def current(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text()


def records(folder: Path) -> Path:
    return next(folder.glob("records-*"))


def flip(path: Path, at: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def edit_manifest(folder: Path) -> None:
    path = current(folder) / "manifest.json"
    said = json.loads(path.read_text())
    said["sequence"] += 1
    path.write_text(json.dumps(said))


def part(name: str, damage: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: damage(current(folder) / name)


def point(content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "CURRENT").write_bytes(content)

    return write


FILES = ("marks", "references", "index", "bloom")
DAMAGE: dict[str, Callable[[Path], None]] = {
    **{f"{name} altered": part(name, flip) for name in FILES},
    **{f"{name} cut": part(name, cut) for name in FILES},
    **{f"{name} gone": part(name, Path.unlink) for name in (*FILES, "manifest.json")},
    "records altered": lambda folder: flip(records(folder), 40),
    "records cut": lambda folder: cut(records(folder)),
    "records gone": lambda folder: records(folder).unlink(),
    "manifest edited": edit_manifest,
    "manifest cut": part("manifest.json", cut),
    "pointer to nowhere": point(b"generation-9"),
    "pointer outside": point(b"../generation-9"),
    "pointer empty": point(b""),
    "pointer garbled": point(b"\xff"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_generation_is_refused_and_can_be_made_anew(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(NotReady) as refused:
        opened(folder)
    assert refused.value.reason is ScreenReason.GENERATION_REFUSED
    engine = Engine.reset(folder, SECRET, StoppedClock(NOW))
    engine.apply(changes(500))
    assert engine.merge()
    again = opened(folder)
    assert again.sequence == 500
    assert again.screen(["account:970436:0000000500"])[0].verdict is Verdict.WARN


def test_a_running_engine_keeps_its_generation_when_the_next_is_damaged(folder: Path) -> None:
    reader = opened(folder)
    writer = opened(folder)
    writer.apply(changes(10, 501))
    writer.merge()
    flip(current(folder) / "marks")
    with pytest.raises(NotReady):
        reader.refresh()
    assert reader.sequence == 500
    assert reader.screen(["account:970436:0000000001"])[0].entry == "e1"


def test_an_older_generation_is_never_taken_up_again(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for path in folder.rglob("*"):
        if path.is_file():
            kept = old / path.relative_to(folder)
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(path.read_bytes())
    engine = opened(folder)
    engine.apply(changes(1, 501, Verdict.BLOCK))
    engine.merge()
    for path in old.rglob("*"):
        if path.is_file():
            (folder / path.relative_to(old)).parent.mkdir(exist_ok=True)
            (folder / path.relative_to(old)).unlink(missing_ok=True)
            (folder / path.relative_to(old)).write_bytes(path.read_bytes())
    assert not engine.refresh()
    assert engine.sequence == 501
    assert engine.screen(["account:970436:0000000501"])[0].verdict is Verdict.BLOCK


def test_another_instances_generation_is_refused(folder: Path) -> None:
    with pytest.raises(NotReady):
        opened(folder, bytes(32))


def test_another_format_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "FORMAT", 2)
    with pytest.raises(NotReady):
        opened(folder)


def test_leftovers_of_a_crash_are_tidied_by_the_next_merge(folder: Path) -> None:
    (folder / "new-generation-000000000007-00000000").mkdir()
    (folder / "generation-000000000009-00000000").mkdir()
    (folder / "records-left").write_bytes(b"x")
    engine = opened(folder)
    engine.apply(changes(1, 501))
    engine.merge()
    left = sorted(path.name for path in folder.iterdir())
    assert left == sorted(["CURRENT", "LOCK", current(folder).name, records(folder).name])


def test_only_one_process_merges_at_a_time(folder: Path) -> None:
    engine = opened(folder)
    engine.apply(changes(1, 501))
    with generation.only_writer(folder) as allowed:
        assert allowed
        assert not engine.merge()
    assert engine.merge()


def test_records_of_the_past_do_not_pile_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lachan.screening.engine._DUE_ENTRIES", 10)
    engine = opened(folder)
    before = records(folder).stat().st_size
    for round_ in range(1, 6):
        at = 1000 * round_
        engine.apply(changes(500, at))
        engine.apply(
            [changed(at + 500, f"account:970436:{n:010d}", "step_up", (), f"e{n}") for n in range(1, 501)]
            + [changed(at + 501, change.key, "clear", (), "") for change in changes(500, at)]
        )
        engine.merge()
    assert records(folder).stat().st_size < 4 * before


def test_changes_in_the_wrong_order_are_refused(folder: Path) -> None:
    engine = opened(folder)
    with pytest.raises(ValueError, match="order"):
        engine.apply([*changes(1, 503), *changes(1, 502)])
    assert engine.sequence == 500
