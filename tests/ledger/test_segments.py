"""Days on disk and the open day say what was added, whatever was closed when; what was altered is refused."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import sound_transfers

from lachan.foundation.base import VND_MAX, Conflict, NotReady
from lachan.ledger import KINDS, OUTSIDE, LedgerReason, Segments, Transfer, edges_of
from lachan.ledger.columns import microseconds
from lachan.ledger.edges import ROW_BITS
from lachan.ledger.segments import files
from lachan.ledger.segments.model import Manifest

SECRET = b"k" * 32
MIDNIGHT = datetime(2026, 11, 22, 17, tzinfo=UTC)  # the 23rd begins in Việt Nam


def paid(identity: str, minutes: int, amount_vnd: int = 5, **more: str) -> Transfer:
    return Transfer(identity, MIDNIGHT + timedelta(minutes=minutes), "A", "B", amount_vnd, **more)  # type: ignore[arg-type]


def told(ledger: Segments) -> dict[str, tuple[object, ...]]:
    """Every transfer as the segments tell it, by id, with the ids of what it reverses and corrects."""
    segments = [*ledger.closed, *filter(None, [ledger.open()])]

    def party(number: int) -> str:
        return OUTSIDE if number < 0 else ledger.accounts[number]

    found: dict[str, tuple[object, ...]] = {}
    for segment in segments:
        columns = segment.columns
        about = {one.place: one for one in segment.about}
        for place in range(len(columns)):
            one = about.get(place)
            found[segment.ids[place]] = (
                int(columns.booked_us[place]), int(columns.learned_us[place]), party(int(columns.payer[place])),
                party(int(columns.payee[place])), int(columns.amount_vnd[place]), KINDS[columns.kind[place]],
                one.named if one and one.undoes else None, one.named if one and not one.undoes else None,
            )  # fmt: skip
            assert segment.ids.place(segment.ids[place]) == place
        assert segment.ids.place("nobody") == -1
        edges = segment.edges
        # Reversals are turned to bring money back: see the traces' tests.
        for account in range(0 if any(one.undoes for one in about.values()) else edges.accounts):
            rows = edges.out[edges.out_start[account] : edges.out_start[account + 1], 0] >> ROW_BITS
            mine = (columns.payer == account) & (columns.payee != account)
            assert rows.tolist() == np.flatnonzero(mine).tolist()
            assert edges.booked_us(rows).tolist() == columns.booked_us[rows].tolist()
    return found


def expected(transfers: Sequence[Transfer]) -> dict[str, tuple[object, ...]]:
    return {
        one.id: (
            microseconds(one.booked_at), microseconds(one.learned_at or one.booked_at), one.payer, one.payee,
            one.amount_vnd, one.kind, one.reverses, one.corrects,
        )
        for one in transfers
    }  # fmt: skip


def all_in_order(ledger: Segments, added: Sequence[Transfer]) -> None:
    """All days as one: every transfer once, by time, and what it reverses by its place."""
    columns, numbers = ledger.whole()
    segments = [*ledger.closed, *filter(None, [ledger.open()])]
    ids = [one.ids[place] for one in segments for place in range(len(one.columns))]
    names = [ids[number] for number in numbers]
    assert sorted(names) == sorted(one.id for one in added)
    by_id = {one.id: one for one in added}
    assert columns.booked_us.tolist() == sorted(columns.booked_us.tolist())
    for place, name in enumerate(names):
        one, reversed_at, corrected_at = by_id[name], int(columns.reverses[place]), int(columns.corrects[place])
        assert columns.booked_us[place] == microseconds(one.booked_at)
        assert columns.amount_vnd[place] == one.amount_vnd
        # What is not told yet is reversed or corrected by nothing.
        assert (names[reversed_at] if reversed_at >= 0 else None) == (
            one.reverses if one.reverses in by_id else None
        )
        assert (names[corrected_at] if corrected_at >= 0 else None) == (
            one.corrects if one.corrects in by_id else None
        )
    assert edges_of(columns, len(ledger.accounts)).accounts == len(ledger.accounts)


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_whatever_is_closed_when_the_ledger_says_what_was_added(data: st.DataObject) -> None:
    transfers = data.draw(sound_transfers())
    spread = [
        Transfer(**{name: getattr(one, name) for name in Transfer.__slots__}
                 | {"booked_at": one.booked_at + timedelta(hours=data.draw(st.integers(0, 60)))})
        for one in transfers
    ]  # fmt: skip
    spread = data.draw(st.permutations(spread))
    with TemporaryDirectory() as name:
        ledger = Segments(Path(name), SECRET)
        added: list[Transfer] = []
        while len(added) < len(spread):
            some = spread[len(added) : len(added) + data.draw(st.integers(1, 5))]
            ledger.add(some)
            added += some
            assert told(ledger) == expected(added)
            all_in_order(ledger, added)
            ledger.close(spread[0].booked_at + timedelta(hours=data.draw(st.integers(-30, 90))))
            assert told(ledger) == expected(added)
            all_in_order(ledger, added)
        stored = sum(len(one.columns) for one in ledger.closed)
        again = Segments(Path(name), SECRET)
        again.verify()
        assert sum(len(one.columns) for one in again.closed) == stored
        again.add([one for one in added if again.find(one.id) < 0])
        assert told(again) == expected(added)


def test_days_are_those_of_viet_nam_and_a_late_fact_is_a_segment_of_its_own(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    ledger.add([paid("1", -1), paid("2", 0), paid("3", 1)])
    assert ledger.close(MIDNIGHT + timedelta(minutes=1)) == 2
    ledger.add([paid("4", -2, corrects="1")])
    assert ledger.close(MIDNIGHT) == 1
    assert [(one.day, one.base) for one in ledger.closed] == [
        (date(2026, 11, 22), 0), (date(2026, 11, 23), 1), (date(2026, 11, 22), 2),
    ]  # fmt: skip
    columns, numbers = ledger.whole()
    assert columns.corrects.tolist() == [1, -1, -1, -1]
    assert numbers.tolist() == [ledger.find("4"), *map(ledger.find, "12"), 3]
    still_open = ledger.open()
    assert still_open is not None
    assert still_open.ids[0] == "3"


def test_a_day_that_is_forgotten_leaves_no_account_behind(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    gone = Transfer("0", MIDNIGHT - timedelta(minutes=5), "GONE", "A", 7)
    late = paid("5", 3, reverses="2")
    kept = [paid("2", 0), paid("3", 1, corrects="1"), late, paid("4", 24 * 60)]
    ledger.add([gone, paid("1", -1), *kept])
    assert ledger.close(MIDNIGHT + timedelta(hours=24), mark=8) == 2
    assert ledger.forget(MIDNIGHT - timedelta(days=1)) == 0
    assert ledger.forget(MIDNIGHT) == 2
    assert told(ledger) == expected(kept)
    again = Segments(tmp_path, SECRET)
    again.verify()
    assert (again.mark, again.accounts) == (8, ["A", "B"])
    again.add(kept[3:])
    assert told(again) == expected(kept)
    # What it corrected is gone with its day.
    assert {one.id: one.corrects for one in again.transfers()} == dict.fromkeys("2345")
    assert {one.id: one.reverses for one in again.transfers()}["5"] == "2"
    assert [again.said(one) for one in ("2", "4", "1")] == [("A", "B", 5), ("A", "B", 5), None]
    assert again.ids([again.number("4"), again.number("3")]) == ["4", "3"]
    assert not any(b"GONE" in one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert again.forget(MIDNIGHT + timedelta(days=1)) == 3
    assert Segments(tmp_path, SECRET).accounts == []


def test_what_stays_refers_to_what_stays_whatever_day_that_is_of(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    # A correction says that the transfer was booked on the day before.
    late = MIDNIGHT + timedelta(minutes=9)
    kept = [replace(paid("2", 5), learned_at=late), replace(paid("3", -9, corrects="2"), learned_at=late)]
    ledger.add([paid("1", -99), *kept])
    assert ledger.close(MIDNIGHT + timedelta(days=1)) == 2
    assert ledger.forget(MIDNIGHT) == 1  # what was learned, not booked, before
    for one in (ledger, Segments(tmp_path, SECRET)):
        assert {fact.id: fact.corrects for fact in one.transfers()} == {"2": None, "3": "2"}
        assert [(segment.day, segment.base) for segment in one.closed] == [
            (date(2026, 11, 22), 0), (date(2026, 11, 23), 1),
        ]  # fmt: skip


def test_what_comes_later_comes_later_also_when_days_were_forgotten(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    ledger.add([paid(f"old-{number}", -99) for number in range(5)])
    ledger.add([paid("first", 5)])
    ledger.close(MIDNIGHT + timedelta(days=1))
    assert ledger.forget(MIDNIGHT) == 5
    ledger.add([paid("second", 5)])
    assert [one.id for one in ledger.transfers()] == ["first", "second"]
    ledger.close(MIDNIGHT + timedelta(days=1))
    assert [one.id for one in Segments(tmp_path, SECRET).transfers()] == ["first", "second"]


def test_a_day_whose_sums_no_64_bits_hold_is_closed_and_told_all_the_same(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    large = [paid(str(number), 5, VND_MAX) for number in range(5_000)]
    ledger.add(large)
    assert len(ledger.whole()[0]) == len(large)
    with pytest.raises(ValueError, match="62 bits"):
        ledger.open()
    assert ledger.close(MIDNIGHT + timedelta(days=1)) == 3
    again = Segments(tmp_path, SECRET)
    assert [one.id for one in again.transfers()] == [one.id for one in large]
    assert again.ids([again.number("4711")]) == ["4711"]


def test_which_ids_may_be_closed(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    ledger.add([paid("open", 500)])
    asked = [*(str(number) for number in range(60)), "", "dài", "open"]
    assert ledger.perhaps_closed(asked) == {str(number) for number in range(50)}
    assert ledger.perhaps_closed([]) == set()
    # These two have the same mark.
    ledger.add([paid("plumless", 1)])
    ledger.close(MIDNIGHT + timedelta(days=1))
    assert ledger.perhaps_closed(["buckeroo"]) == {"buckeroo"}
    assert (ledger.find("buckeroo"), ledger.find("plumless") >= 0) == (-1, True)


def test_what_is_published_while_somebody_opens_it_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = filled(tmp_path)
    read = files.stored_accounts

    def meanwhile(folder: Path, manifest: Manifest) -> list[str]:
        monkeypatch.setattr(files, "stored_accounts", read)
        assert ledger.forget(MIDNIGHT - timedelta(minutes=10)) == 40  # which removes the files just named
        return read(folder, manifest)

    monkeypatch.setattr(files, "stored_accounts", meanwhile)
    assert len(Segments(tmp_path, SECRET).transfers()) == 10


def test_what_a_fact_is_about_is_found_whenever_it_is_told_and_whatever_is_closed(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    ledger.add([paid("2", -5, reverses="1"), paid("3", -9, corrects="2"), paid("4", -9, corrects="5")])

    def about() -> dict[str, str | None]:
        return {one.id: one.reverses or one.corrects for one in ledger.transfers()}

    assert about() == {"2": None, "3": "2", "4": None}
    assert ledger.close(MIDNIGHT) == 1
    assert (ledger.is_referred_to("1"), ledger.is_referred_to("3")) == (True, False)
    for step in range(3):
        if step == 0:
            ledger.add([paid("1", 5), paid("5", 6, corrects="4")])  # "5" and "4" are about each other
        elif step == 1:
            assert ledger.close(MIDNIGHT + timedelta(hours=1)) == 1
        else:
            ledger = Segments(tmp_path, SECRET)
        assert about() == {"1": None, "2": "1", "3": "2", "4": None, "5": None}
        assert ledger.is_referred_to("1")


def filled(folder: Path) -> Segments:
    ledger = Segments(folder, SECRET)
    ledger.add([paid(str(number), number - 50) for number in range(50)])
    ledger.close(MIDNIGHT)
    return ledger


@pytest.mark.parametrize("name", ["amount_vnd", "edges_in_start", "ids_text"])
def test_a_byte_that_differs_is_found(name: str, tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    ledger.verify()
    (file,) = tmp_path.glob(f"segment-*/{name}")
    content = bytearray(file.read_bytes())
    content[7] ^= 1
    file.write_bytes(content)
    with pytest.raises(NotReady) as refused:
        Segments(tmp_path, SECRET).verify()
    assert refused.value.params["file"] == f"{file.parent.name}/{name}"


@pytest.mark.parametrize("pattern", ["segment-*/payer", "accounts-*", "manifest-*", "CURRENT"])
def test_a_file_that_was_cut_is_refused_at_once(pattern: str, tmp_path: Path) -> None:
    filled(tmp_path)
    (file,) = tmp_path.glob(pattern)
    file.write_bytes(file.read_bytes()[:-2])
    with pytest.raises(NotReady) as refused:
        Segments(tmp_path, SECRET)
    assert refused.value.reason is LedgerReason.LEDGER_SEGMENT_REFUSED


def test_an_altered_manifest_and_another_instances_are_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(NotReady):
        Segments(tmp_path, b"another")
    (file,) = tmp_path.glob("manifest-*")
    said = json.loads(file.read_text())
    said["segments"] = []
    file.write_text(json.dumps(said))
    with pytest.raises(NotReady):
        Segments(tmp_path, SECRET)


def test_one_process_writes(tmp_path: Path) -> None:
    mine, other = Segments(tmp_path, SECRET), Segments(tmp_path, SECRET)
    for ledger in (mine, other):
        ledger.add([paid("1", -5)])
    mine.close(MIDNIGHT)
    with pytest.raises(Conflict):
        other.close(MIDNIGHT)


KILLED = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from lachan.ledger import Segments, Transfer
at = datetime(2026, 11, 1, tzinfo=UTC)
ledger = Segments(Path(sys.argv[1]), b"k" * 32)
for day in range(10_000):
    ledger.add([Transfer(f"{day}-{n}", at + timedelta(days=day), f"A{day}", "B", 1) for n in range(20)])
    ledger.close(at + timedelta(days=day + 1))
    print(day, flush=True)
"""


def test_a_writer_that_is_killed_leaves_whole_days(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(5):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    told_days = [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    ledger = Segments(tmp_path, SECRET)
    ledger.verify()
    assert len(ledger.closed) >= max([5, *(day + 1 for day in told_days)])
    assert {len(one.columns) for one in ledger.closed} == {20}
    ledger.add([paid("after", 0)])
    assert ledger.close(MIDNIGHT + timedelta(days=1)) == 1
    assert {one.name for one in tmp_path.glob("new-*")} == set()
