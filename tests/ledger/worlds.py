"""Transfers and rows that Hypothesis makes up: sound ones, and rows as careless files have them."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import strategies as st

from lachan.foundation.base import VND_MAX
from lachan.foundation.documents.sheets import Row, row_writer
from lachan.ledger import Transfer, TransferKind

START = datetime(2026, 11, 22, tzinfo=UTC)
COLUMNS = ("id", "time", "payer", "payee", "amount", "kind", "sequence", "learned", "reverses", "corrects")
ACCOUNTS = ("970436:0123456789", "970422:0000000001", "A", "b", "Ví Lúa 1", "outside")
instants = st.integers(0, 40 * 10**6).map(lambda us: START + timedelta(microseconds=us))
zones = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))])


@st.composite
def sound_transfers(draw: st.DrawFn, *, with_sequence: bool | None = None) -> list[Transfer]:
    """Transfers that fit each other: what one reverses or corrects stands before it."""
    made: list[Transfer] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        payer, payee = draw(st.sampled_from(ACCOUNTS[:-1])), draw(st.sampled_from(ACCOUNTS))
        earlier = draw(st.sampled_from([None, *[one.id for one in made]]))
        back = draw(st.booleans())
        sequenced = draw(st.booleans()) if with_sequence is None else with_sequence
        made.append(
            Transfer(
                id=f"T{number}",
                booked_at=draw(instants),
                payer=payer,
                payee=payee,
                amount_vnd=draw(st.integers(1, VND_MAX)),
                kind=draw(st.sampled_from(TransferKind)),
                sequence=draw(st.integers(-9, 9)) * 100 + number if sequenced else None,
                learned_at=draw(st.none() | instants),
                reverses=earlier if back else None,
                corrects=None if back else earlier,
                row=number,
            )
        )
    return made


_SOUND: dict[str, list[str]] = {
    "id": ["1", "2", "3", "T4"], "time": ["2026-11-22T09:41:00+07:00", "2026-11-22T02:41:00Z"],
    "payer": ["A", "B", "970436:0123456789"], "payee": ["A", "B", "outside"], "amount": ["1", "100", "007"],
    "kind": ["", "transfer", "cash_out"], "sequence": ["", "1", "-2"], "learned": ["", "2027-01-01T00:00:00Z"],
    "reverses": [""], "corrects": [""],
}  # fmt: skip
_ODD: dict[str, list[str]] = {
    "id": [" 2 ", "", "dài" * 80, "a\tb", "giao dịch 5", "Ωmega"],
    "time": [
        "2026-11-22 02:41:00.5+00:00", "2026-11-22T02:41:00", "2026-11-22", "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T02:41:60Z", "", "hôm qua", "2026-11-22T02:41+00:00",
        "0001-01-01T00:00:00+07:00", "20261122T024100Z", "2026-11-22T02:41:00+25:00",
    ],
    "payer": [" A", "outside", "", "Ví Lúa 1", "x" * 201],
    "payee": ["B ", "", "Ví Lúa 1"],
    "amount": [
        "100.0", "1.000", "1.5", "0", "-5", "", "1e6", "1,000", "١٢", "1000000000000000", "1000000000000001",
        "9" * 30, "9223372036854775808", " 12 ", "+3", "12.00", "nan", "∞",
    ],
    "kind": ["Cash_Out", "gift", "cross_border "],
    "sequence": ["3.0", "x", "9223372036854775807", "9223372036854775808"],
    "learned": ["2026-11-22T09:41:00", "later"],
    "reverses": ["1", "T4", "nobody"],
    "corrects": ["2", "3"],
}  # fmt: skip


@st.composite
def _careless(draw: st.DrawFn) -> Row:
    """A row with at most a few odd cells: were most odd, none would come through."""
    odd = draw(st.sets(st.sampled_from(list(_ODD)), max_size=2))
    return {name: draw(st.sampled_from(_ODD[name] if name in odd else _SOUND[name])) for name in _SOUND}


careless_rows: st.SearchStrategy[list[Row]] = st.lists(_careless(), max_size=8)


def written(path: Path, rows: list[Row]) -> Path:
    """The rows as a file of the format that its ending says."""
    with row_writer(path, COLUMNS) as write:
        for row in rows:
            write(row)
    return path
