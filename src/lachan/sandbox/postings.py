"""The movements of one story in their order: transfers of the ledger and invented cash-outs, each at its instant.

One step is one simulated minute. The rows of a step are spread evenly over its minute in file order, and the
cash-outs of a step follow its last row, so that instants rise strictly, to the microsecond.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lachan.foundation.base import BadInput, InputReason
from lachan.sandbox.ledger import Ledger, raised_openings
from lachan.sandbox.province import Province

STEP_US = 60_000_000
# Holds are stamped between two postings, so that neighbours must stand well apart.
_LEAST_GAP_US = 100


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement to be booked: `at_us` is microseconds from the start of the story; a cash-out has no payee."""

    id: str
    payer: str
    payee: str | None
    amount_vnd: int
    at_us: int


@dataclass(frozen=True, slots=True)
class CashOut:
    """One invented withdrawal, of what the transfer `after` brought; labelled as invented wherever it is shown."""

    after: str
    account: str
    amount_vnd: int
    step: int


def spread(ledger: Ledger, province: Province, cash_outs: Sequence[CashOut]) -> tuple[Posting, ...]:
    """All postings of the story, in strictly rising order of their instants."""
    withdrawals: dict[int, list[CashOut]] = {}
    for cash_out in cash_outs:
        withdrawals.setdefault(cash_out.step, []).append(cash_out)
    rows = {step: list(group) for step, group in groupby(ledger.rows, key=lambda row: row.step)}
    made: list[Posting] = []
    number = 0
    for step in sorted(rows.keys() | withdrawals.keys()):
        begin_us = (step - ledger.first_step) * STEP_US
        here = rows.get(step, [])
        taken = withdrawals.get(step, [])
        gap_us = STEP_US // (len(here) + len(taken))
        if gap_us < _LEAST_GAP_US:
            raise BadInput(
                InputReason.TOO_LARGE,
                field="time",
                file="transactions.csv",
                line=here[0].id + 1,
                expected=f"at most {STEP_US // _LEAST_GAP_US} transfers a step",
            )
        for rank, row in enumerate(here):
            payer, payee = province.by_node[row.payer].key, province.by_node[row.payee].key
            made.append(Posting(str(row.id), payer, payee, row.amount_vnd, begin_us + rank * gap_us))
        for rank, cash_out in enumerate(taken, start=len(here)):
            number += 1
            made.append(
                Posting(f"cash-{number}", cash_out.account, None, cash_out.amount_vnd, begin_us + rank * gap_us)
            )
    return tuple(made)


def openings(ledger: Ledger, province: Province, postings: Sequence[Posting]) -> Mapping[str, int]:
    """Each account's opening by key: as stated, raised by its shortfall over these postings."""
    stated = {province.by_node[number].key: node.stated_vnd for number, node in ledger.nodes.items()}
    return raised_openings(stated, ((p.payer, p.payee, p.amount_vnd) for p in postings))


def cut_into_runs(postings: Sequence[Posting], *, longest_us: int) -> Iterator[Sequence[Posting]]:
    """Cut the ordered postings into runs in which no account pays after it was paid in the same run.

    All debits of a run may then be booked before all of its credits without changing any account's own order,
    which lets every institution be told of its part of a run at once. No run spans more than `longest_us`.
    """
    run: list[Posting] = []
    paid: set[str] = set()
    for posting in postings:
        if run and (posting.payer in paid or posting.at_us - run[0].at_us >= longest_us):
            yield run
            run, paid = [], set()
        run.append(posting)
        if posting.payee is not None:
            paid.add(posting.payee)
    if run:
        yield run
