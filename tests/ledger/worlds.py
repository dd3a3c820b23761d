"""Transfers and rows that Hypothesis makes up: sound ones, and rows as careless files have them."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

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


_CELLS: dict[str, Any] = {
    "id": st.sampled_from(["1", "2", "3", "T4", " 2 ", "", "dài" * 80, "a\tb", "giao dịch 5", "Ωmega"]),
    "time": st.sampled_from([
        "2026-11-22T09:41:00+07:00", "2026-11-22T02:41:00Z", "2026-11-22 02:41:00.5+00:00", "2026-11-22T02:41:00",
        "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T02:41:60Z", "", "hôm qua",
        "2026-11-22T02:41+00:00", "0001-01-01T00:00:00+07:00", "20261122T024100Z", "2026-11-22T02:41:00+25:00",
    ]),
    "payer": st.sampled_from(["A", "B", " A", "outside", "", "970436:0123456789", "Ví Lúa 1", "x" * 201]),
    "payee": st.sampled_from(["A", "B", "B ", "outside", "", "970436:0123456789"]),
    "amount": st.sampled_from([
        "1", "100", "100.0", "1.000", "1.5", "0", "-5", "", "1e6", "1,000", "١٢", "007", "1000000000000000",
        "1000000000000001", "9" * 30, "9223372036854775808", " 12 ", "+3", "12.00", "nan", "∞",
    ]),
    "kind": st.sampled_from(["", "transfer", "cash_out", "Cash_Out", "merchant", "gift", "cross_border "]),
    "sequence": st.sampled_from(["", "1", "-2", "3.0", "x", "9223372036854775807", "9223372036854775808"]),
    "learned": st.sampled_from(["", "2026-11-22T09:41:00+07:00", "2026-11-22T09:41:00", "2027-01-01T00:00:00Z"]),
    "reverses": st.sampled_from(["", "", "1", "T4", "nobody"]),
    "corrects": st.sampled_from(["", "", "", "2", "3"]),
}  # fmt: skip
careless_rows: st.SearchStrategy[list[Row]] = st.lists(st.fixed_dictionaries(_CELLS), max_size=8)


def written(path: Path, rows: list[Row]) -> Path:
    """The rows as a file of the format that its ending says."""
    with row_writer(path, COLUMNS) as write:
        for row in rows:
            write(row)
    return path
