"""The seeded story of one run: who is cheated, by which of the ledger's transfers, and when each one reports it.

Everything is drawn from the seed. The transfers are the ledger's own; the people, the withdrawals of cash and
the moments of reporting are invented, and labelled so.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lachan.foundation.base import BadInput, InputReason
from lachan.sandbox.ledger import Ledger
from lachan.sandbox.lookahead import Stay, stays_by_transfer
from lachan.sandbox.postings import STEP_US, CashOut, Posting, openings, spread
from lachan.sandbox.province import Account, Province, deal_province, invented
from lachan.sandbox.victims import Choice, choose_losses, draw_cash_outs


@dataclass(frozen=True, slots=True)
class DisputedTransfer:
    """One transfer as its victim states it; for the one false report, a transfer that never was."""

    reference: str
    amount_vnd: int
    booked_us: int
    payer: Account
    payee: Account


@dataclass(frozen=True, slots=True)
class VictimReport:
    """One report to be posted at `reported_us` (microseconds from the start of the story)."""

    number: int
    victim: Account
    situation: str
    text: str
    transfers: tuple[DisputedTransfer, ...]
    reported_us: int
    truthful: bool


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that happens by itself; what is held is up to the institutions and those who ask them.

    `deep` are the losses that were chosen because their money lies at three or more institutions, three or
    more hops deep, when they are reported; `resting` those whose money still lies in the first account.
    """

    seed: int
    province: Province
    postings: tuple[Posting, ...]
    openings: Mapping[str, int]
    reports: tuple[VictimReport, ...]
    cash_outs: tuple[CashOut, ...]
    deep: tuple[str, ...]
    resting: tuple[str, ...]
    length_us: int
    self_transfers_dropped: int

    @property
    def losses(self) -> int:
        """How many true disputed transfers are reported."""
        return sum(len(report.transfers) for report in self.reports if report.truthful)


def tell_story(ledger: Ledger, *, seed: int, losses: int = 36) -> Story:
    """Make up the story of `losses` disputed transfers on this ledger; the same seed gives the same story.

    Refuses with `BadInput` a ledger that has too few transfers into accounts marked as fraud.
    """
    province = deal_province(ledger, seed)
    draw = random.Random(f"story {seed}")
    bare = spread(ledger, province, ())
    length_us = ledger.steps * STEP_US
    cash_outs = draw_cash_outs(bare, province, length_us, draw, count=losses // 4, first_step=ledger.first_step)
    postings = spread(ledger, province, cash_outs)
    opening = openings(ledger, province, postings)
    stays = stays_by_transfer(postings, opening)
    choices = choose_losses(postings, stays, province, length_us, draw, losses=losses, cash_outs=cash_outs)
    if sum(len(choice.transfers) for choice in choices) < losses:
        raise BadInput(
            InputReason.TOO_SHORT,
            field="ledger",
            file="transactions.csv",
            expected=f"{losses} transfers into accounts marked as fraud, from accounts that are not",
        )
    reports = _reports(choices, province, length_us, draw)
    return Story(
        seed=seed,
        province=province,
        postings=postings,
        openings=opening,
        reports=reports,
        cash_outs=tuple(cash_outs),
        deep=tuple(p.id for choice in choices if choice.deep for p in choice.transfers),
        resting=tuple(_resting(choices, stays)),
        length_us=length_us,
        self_transfers_dropped=ledger.self_transfers_dropped,
    )


def _resting(choices: Sequence[Choice], stays: Mapping[str, Sequence[Stay]]) -> list[str]:
    return [
        transfer.id
        for choice in choices
        for transfer in choice.transfers
        if all(stay.present_vnd(choice.reported_us) == stay.amount_vnd for stay in stays[transfer.id])
    ]


def _reports(
    choices: Sequence[Choice], province: Province, length_us: int, draw: random.Random
) -> tuple[VictimReport, ...]:
    lists = invented()
    accounts = province.accounts
    made = []
    for choice in choices:
        told = draw.choice(lists["stories"])
        transfers = tuple(
            DisputedTransfer(p.id, p.amount_vnd, p.at_us, accounts[p.payer], accounts[p.payee or ""])
            for p in choice.transfers
        )
        made.append((choice.reported_us, transfers, told["situation"], told["text"], True))
    made.append(_false_report(choices, province, length_us, draw))
    made.sort(key=lambda one: one[0])
    return tuple(
        VictimReport(number, transfers[0].payer, situation, text, transfers, reported_us, truthful)
        for number, (reported_us, transfers, situation, text, truthful) in enumerate(made, start=1)
    )


def _false_report(
    choices: Sequence[Choice], province: Province, length_us: int, draw: random.Random
) -> tuple[int, tuple[DisputedTransfer, ...], str, str, bool]:
    """Somebody who lost nothing wants a stranger's account held: the payer's institution knows of no transfer."""
    named = {account for choice in choices for p in choice.transfers for account in (p.payer, p.payee)}
    honest = [a for a in province.accounts.values() if not a.fraud and a.key not in named]
    payer, payee = draw.sample(honest, 2)
    reported_us = length_us // 2 + draw.randrange(STEP_US)
    transfer = DisputedTransfer(
        f"{draw.randrange(10**9, 10**10)}",
        draw.randrange(20, 100) * 100_000,
        reported_us - 7 * STEP_US,
        payer,
        payee,
    )
    return reported_us, (transfer,), "scam", invented()["false_story"], False
