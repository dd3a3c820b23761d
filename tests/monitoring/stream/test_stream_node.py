"""A node is what its messages make of it: however they are batched, and wherever it is taken up again."""

import itertools
from datetime import timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.models import stump
from tests.factories.streaming import RECEIVED, bodies, busy, numbered, offline

from lachan.foundation.base import BadInput, Language
from lachan.ledger import OUTSIDE, Transfer
from lachan.monitoring import FURTHER
from lachan.monitoring.alerts import FoundAlert, found_alerts
from lachan.monitoring.columns import microseconds
from lachan.monitoring.files import scored_rows
from lachan.monitoring.stream import Message, Node, Snapshots, StreamReason, messages_of, rows_in
from lachan.monitoring.stream.message import opened

TRANSFERS = busy(1_500)
BODIES = bodies(TRANSFERS)
WHOLE = offline(BODIES)


def found_in(node: Node, messages: list[Message]) -> list[FoundAlert]:
    judged = node.take(messages)
    return list(found_alerts(judged.scored, judged.first, node.transfer_at))


def one(**more: object) -> dict[str, object]:
    return {
        "id": "FT1", "time": NOON.isoformat(), "payer": "account:970436:1", "payee": "account:970436:2",
        "amount": 5_000_000, **more,
    }  # fmt: skip


def message(*rows: object, sequence: int = 1) -> Message:
    body = {"received": RECEIVED.isoformat(), "source": "970436", "transfers": rows}
    return Message(sequence, orjson.dumps(body))


def test_there_is_much_to_find() -> None:
    assert len(WHOLE) > 300
    assert len({found.typology for found in WHOLE}) > 8


@settings(max_examples=8)
@given(st.lists(st.integers(1, 14), max_size=6))
def test_batches_change_nothing(cuts: list[int]) -> None:
    """The same messages in other batches give the same alerts, with the same transfers and figures."""
    node = Node(NOON)
    messages = numbered(BODIES)
    edges = sorted({0, len(messages), *cuts})
    found = [each for start, stop in itertools.pairwise(edges) for each in found_in(node, messages[start:stop])]
    assert found == WHOLE


@settings(max_examples=5)
@given(st.integers(1, 14))
def test_a_node_goes_on_from_a_snapshot(cut: int) -> None:
    node = Node(NOON)
    messages = numbered(BODIES)
    before = found_in(node, messages[:cut])
    other = Node(NOON)
    other.resume({name: array.copy() for name, array in node.state().items()})
    assert before + found_in(other, messages[cut:]) == WHOLE
    again = Node(NOON)
    again.resume(node.state())
    assert {name: array.tobytes() for name, array in again.state().items()} == {
        name: array.tobytes() for name, array in node.state().items()
    }


def test_what_is_known_stays_when_the_next_messages_are_judged_by_something_else() -> None:
    """A model comes and goes, a day passes: the typologies go on with what they know."""
    messages = numbered(BODIES)
    node = Node(NOON)
    node.judge_by(NOON, stump(at=60_000_000.0))
    judged = node.take(messages[:7])
    by_model = list(found_alerts(judged.scored, judged.first, node.transfer_at, judged.model))
    assert {one.typology for one in by_model} - {one.typology for one in WHOLE} == {"model"}
    node.judge_by(NOON + timedelta(days=1), None)
    known = {one.fired.id for one in WHOLE} & {one.id for one in TRANSFERS[700:]}
    assert found_in(node, messages[7:]) == [one for one in WHOLE if one.fired.id in known]


def test_a_stream_finds_what_a_file_does() -> None:
    rows = list(scored_rows(TRANSFERS, {}, NOON, Language.VI))
    of_file = {(row["id"], each["typology"], each["level"]) for row in rows for each in row["evidence"]}
    of_stream = {(found.fired.id, found.typology, found.level.value) for found in WHOLE}
    # What is about no account is no alert on the record.
    outside = {one.id for one in TRANSFERS if one.payee == OUTSIDE}
    assert of_stream <= of_file
    assert {name for name, _, _ in of_file - of_stream} <= outside


def test_evidence_names_transfers_of_before_a_snapshot() -> None:
    node = Node(NOON)
    messages = numbered(BODIES)
    node.take(messages[:10])
    other = Node(NOON)
    other.resume(node.state())
    known = {one.id: one for one in TRANSFERS}
    for number in (0, 99, 500, 999):
        kept, was = other.transfer_at(number), TRANSFERS[number]
        assert (kept.id, kept.booked_at, kept.payer, kept.payee, kept.amount_vnd, kept.kind) == (
            was.id, was.booked_at, was.payer, was.payee, was.amount_vnd, was.kind,
        )  # fmt: skip
    for found in WHOLE:
        for shown in found.shown:
            was = known[shown.id]
            assert (shown.booked_at, shown.amount_vnd, shown.payer) == (was.booked_at, was.amount_vnd, was.payer)


BAD = [
    (one(amount=0), "not_positive", "amount"),
    (one(time="2026-11-18T12:00:00"), "time_without_offset", "time"),
    (one(id=""), "missing", "id"),
    (one(kind="gift"), "unknown_value", "kind"),
    (one(payer="outside", payee="outside"), "no_account", "payer"),
    (one(reverses="a", corrects="b"), "reverses_and_corrects", "corrects"),
    (one(time=(RECEIVED + timedelta(minutes=6)).isoformat()), "in_the_future", "time"),
    ([1, 2], "malformed", "row"),
]


@pytest.mark.parametrize(("row", "reason", "field"), BAD, ids=lambda value: str(value)[:30])
def test_one_bad_transfer_takes_no_sound_one_with_it(row: object, reason: str, field: str) -> None:
    node = Node(NOON)
    judged = node.take([message(one(id="A"), row, one(id="B"))])
    assert [(letter.sequence, letter.row, letter.reason.value, letter.field) for letter in judged.letters] == [
        (1, 2, reason, field)
    ]
    assert judged.places.tolist() == [1, 3]
    assert judged.letters[0].raw


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'{"transfers": []}', b"\xff", b'{"received": "2026-11-18", "transfers": [1]}',
        orjson.dumps({"received": RECEIVED.isoformat(), "transfers": [one()] * 101}),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_read_is_kept_with_its_reason(body: bytes) -> None:
    judged = Node(NOON).take([Message(7, body), message(one(), sequence=8)])
    assert [(letter.sequence, letter.row, letter.reason) for letter in judged.letters] == [
        (7, 0, StreamReason.MESSAGE_UNREADABLE)
    ]
    assert judged.sequences.tolist() == [8]


def test_what_comes_late_is_judged_as_of_the_newest_and_what_comes_too_late_is_not() -> None:
    node = Node(NOON)
    late, too_late = NOON - timedelta(minutes=59), NOON - timedelta(minutes=61)
    judged = node.take([
        message(one(id="A")),
        message(one(id="B", time=late.isoformat()), one(id="C", time=too_late.isoformat()), sequence=2),
        message(one(id="D"), sequence=3),
    ])  # fmt: skip
    assert [(letter.row, letter.reason) for letter in judged.letters] == [(2, StreamReason.TOO_LATE)]
    assert node.monitor.now_us == microseconds(NOON)
    assert node.transfer_at(1).booked_at == late


def test_late_ones_too_are_judged_the_same_in_any_batches() -> None:
    shuffled = [TRANSFERS[n] for n in np.random.default_rng(3).permutation(600)]
    made = [
        body for start in range(0, 600, 40) for body in messages_of(shuffled[start : start + 40], {}, "x", RECEIVED)
    ]
    messages = numbered(made)
    at_once = Node(NOON).take(messages)
    assert at_once.letters
    node = Node(NOON)
    single = [node.take([each]) for each in messages]
    assert [letter for each in single for letter in each.letters] == list(at_once.letters)
    assert np.concatenate([each.scored.scores for each in single]).tolist() == at_once.scored.scores.tolist()


@given(
    st.lists(
        st.tuples(
            st.text("ABab09 \x07é", min_size=0, max_size=4), st.sampled_from(["x", "outside", " y", "", "z\n"]),
            st.sampled_from([1, 0, -1, 10**15, 10**15 + 1, 1.0, 1.5, "7", None, True]),
        ),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_both_ways_of_reading_agree(rows: list[tuple[str, str, object]]) -> None:
    """The compiled pass takes nothing that the careful way refuses, and reads it as the same."""
    said = [one(id=name, payer=payer, amount=amount) for name, payer, amount in rows]
    parcel, letters = opened(message(*said))
    kept = dict(zip(parcel.places, parcel.lines, strict=True)) if parcel else {}
    assert sorted([*kept, *(letter.row for letter in letters)]) == list(range(1, len(said) + 1))
    alone, _ = opened(message(*said, [0]))  # the last row makes it go the careful way
    assert dict(zip(alone.places, alone.lines, strict=True) if alone else {}) == kept


def test_instants_are_exact() -> None:
    row = one(time="2026-11-18T12:00:00.123457+07:00")
    parcel, _ = opened(message(row))
    assert parcel is not None
    assert parcel.booked_us.tolist() == [microseconds(parcel.lines[0].time)]


def test_further_columns_are_judged_and_kept_apart() -> None:
    transfer = Transfer("FT1", NOON, "a", "b", 60_000_000, row=1)
    (body,) = messages_of(
        [transfer], {1: {"device": "D1", "ip_country": "KH", "payee_suspect": "1"}}, "x", RECEIVED
    )
    parcel, letters = opened(Message(1, body))
    assert not letters
    assert parcel is not None
    assert parcel.lines[0].further()["device"] == "D1"
    assert set(parcel.lines[0].further()) == set(FURTHER)
    (found,) = (each for each in found_in(Node(NOON), [Message(1, body)]) if each.typology == "pays_suspect")
    assert found.fired.id == "FT1"


def test_whatever_a_device_is_called_survives_a_snapshot() -> None:
    node = Node(NOON)
    names = ["D1", "two\nlines", " ", "é", 7]
    node.take([message(*(one(id=f"T{n}", device=name) for n, name in enumerate(names)))])
    other = Node(NOON)
    other.resume(node.state())
    assert other.state()["device_names"].tobytes() == node.state()["device_names"].tobytes()
    assert b"two\\nlines" in node.state()["device_names"].tobytes()


def test_rows_of_a_document() -> None:
    first, second = one(id="A"), one(id="B")
    expected = [first, second]
    assert rows_in(orjson.dumps(expected)) == expected
    assert rows_in(orjson.dumps({"transfers": expected})) == expected
    assert rows_in(orjson.dumps(first) + b"\n" + orjson.dumps(second) + b"\n") == expected
    assert rows_in(orjson.dumps(first)) == [first]
    with pytest.raises(BadInput):
        rows_in(b"id,time\n1,2")


def test_a_torn_snapshot_is_refused_and_the_one_before_it_used(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, "local", "graph")
    node = Node(NOON)
    messages = numbered(BODIES)
    node.take(messages[:4])
    snapshots.write(4, node.state())
    node.take(messages[4:8])
    path = snapshots.write(8, node.state())
    whole = path.read_bytes()
    newest = snapshots.newest(100)
    assert newest is not None
    assert newest.sequence == 8
    assert snapshots.newest(7) is not None  # a record that was restored knows less
    for torn in (whole[:-1], whole[: len(whole) // 2], whole[:20], b"", whole[:99] + b"\x00" + whole[100:]):
        if torn == whole:
            continue
        path.write_bytes(torn)
        found = snapshots.newest(100)
        assert found is not None
        assert found.sequence == 4
    path.write_bytes(whole)
    assert Snapshots(tmp_path / "elsewhere", "local", "graph").newest(100) is None
    (tmp_path / "other").mkdir()
    (tmp_path / "graph").rename(tmp_path / "other" / "graph")
    assert Snapshots(tmp_path / "other", "another", "graph").newest(100) is None


def test_only_the_newest_snapshots_are_kept(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, "local", "graph")
    state = Node(NOON).state()
    for sequence in range(1, 6):
        snapshots.write(sequence, state)
    assert [path.stem for path in sorted(tmp_path.glob("graph/*"))] == [f"{4:020d}", f"{5:020d}"]


def told_by(source: str, sequence: int, *rows: object) -> Message:
    body = {"received": RECEIVED.isoformat(), "source": source, "transfers": rows}
    return Message(sequence, orjson.dumps(body))


def test_what_two_banks_tell_counts_once() -> None:
    """The payer's bank and the payee's bank tell of one transfer: one is judged, whatever stands between."""
    other = one(id="FT2", payer="account:970407:9")
    node = Node(NOON)
    first = node.take([told_by("970436", 1, one(), other), told_by("970407", 2, one(device="D"))])
    assert (first.sequences.tolist(), list(first.places)) == ([1, 1], [1, 2])
    assert first.letters == []
    resumed = Node(NOON)
    resumed.resume(node.state())
    for each in (node, resumed):
        again = each.take([told_by("970407", 3, one(), one(id="FT3"), one(amount=1))])
        assert list(again.places) == [2, 3], "another id or amount is another transfer"


def test_the_same_words_long_after_are_another_transfer() -> None:
    node = Node(NOON)
    later = (NOON + timedelta(hours=1, seconds=1)).isoformat()
    received = (NOON + timedelta(hours=2)).isoformat()
    node.take([told_by("970436", 1, one())])
    body = {"received": received, "source": "970407", "transfers": [one(time=later)]}
    assert list(node.take([Message(2, orjson.dumps(body))]).places) == [1]


def test_a_node_that_was_resumed_knows_what_was_told_as_the_one_that_ran_on() -> None:
    """A transfer was told 50 minutes late; the same words come again, booked 65 minutes after it."""

    def told(sequence: int, *minutes_and_ids: tuple[int, str]) -> Message:
        rows = [one(id=name, time=(NOON + timedelta(minutes=at)).isoformat()) for at, name in minutes_and_ids]
        received = (NOON + timedelta(hours=2)).isoformat()
        body = {"received": received, "source": "970436", "transfers": rows}
        return Message(sequence, orjson.dumps(body))

    node, resumed = Node(NOON), Node(NOON)
    node.take([told(1, (50, "FT2")), told(2, (0, "FT1"))])
    resumed.resume(node.state())
    for each in (node, resumed):
        assert list(each.take([told(3, (65, "FT1"), (65, "FT2"))]).places) == [1]
