"""Random small ledgers: few accounts, few đồng, equal times, reversals whole and in part, and some nonsense."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from tests.factories.transfers import at

from lachan.ledger import Transfer, TransferKind

ACCOUNTS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Case:
    rows: tuple[Transfer, ...]
    disputed: tuple[str, ...]
    openings: dict[str, int]


@st.composite
def cases(draw: st.DrawFn, *, most: int = 14, reversals: bool = True) -> Case:
    rows: list[Transfer] = []
    for row in range(1, draw(st.integers(1, most)) + 1):
        earlier = draw(st.sampled_from(rows)) if reversals and rows and draw(st.integers(0, 3)) == 0 else None
        rows.append(draw(_reversal(row, earlier) if earlier else _payment(row)))
    can = [each.id for each in rows if not each.reverses and each.payer != each.payee]
    disputed = draw(st.lists(st.sampled_from(can), min_size=1, max_size=3, unique=True)) if can else []
    openings = draw(st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(0, 12), max_size=3))
    return Case(tuple(rows), tuple(disputed), openings)


@st.composite
def _payment(draw: st.DrawFn, row: int) -> Transfer:
    kind = draw(st.sampled_from([TransferKind.TRANSFER] * 6 + [TransferKind.CASH_OUT]))
    return Transfer(
        id=f"t{row}",
        booked_at=at(draw(st.integers(0, 8))),
        payer=draw(st.sampled_from((*ACCOUNTS, "outside"))),
        payee=draw(st.sampled_from(ACCOUNTS)),
        amount_vnd=draw(st.integers(1, 12)),
        kind=kind,
        sequence=draw(st.none() | st.integers(0, 3)),
        learned_at=at(draw(st.integers(0, 12))) if draw(st.booleans()) else None,
        row=row,
    )


@st.composite
def _reversal(draw: st.DrawFn, row: int, earlier: Transfer) -> Transfer:
    plain = draw(_payment(row))
    whole = draw(st.integers(0, 3)) > 0
    parties = draw(st.sampled_from([(earlier.payee, earlier.payer)] * 4 + [(earlier.payer, earlier.payee)]))
    if draw(st.integers(0, 9)) == 0:
        parties = plain.payer, plain.payee
    return replace(
        plain,
        booked_at=max(plain.booked_at, earlier.booked_at),
        payer=parties[0],
        payee=parties[1],
        amount_vnd=earlier.amount_vnd if whole else plain.amount_vnd,
        kind=earlier.kind,
        reverses=earlier.id,
    )
