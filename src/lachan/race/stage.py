"""The province as a ledger in memory: every transfer in its order, what accounts hold, which ones are disputed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lachan.race.figures import figure
from lachan.race.model import HOUR_US, Load
from lachan.sandbox.people import Plan, found_province, ordered_days

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stage:
    """Columns of transfers in order.

    `driven` marks those of a gang, which takes what it can get; `loss` is the number of the loss that the transfer
    is, else -1. Only the referee sees these two.
    """

    time_us: Ints
    payer: Ints
    payee: Ints
    amount_vnd: Ints
    kind: Ints
    driven: NDArray[np.bool_]
    loss: Ints
    openings: Ints
    bank: Ints
    scam_of_loss: Ints
    end_us: int


def country_load(stage: Stage) -> Load:
    """The requests of the whole country beside those of this province, by how many victims report in each.

    Institutions serve everybody; the officers of a desk serve their own province.
    """
    days = (stage.end_us - int(stage.time_us[0])) / (24 * HOUR_US)
    here = len(np.unique(stage.scam_of_loss)) / days
    like_ours = figure("country_victims_a_day") / here
    return Load(max(1, round(like_ours)), max(1, round(like_ours / figure("desks"))))


def set_stage(plan: Plan) -> Stage:
    """Make the province and lay its transfers in order."""
    province = found_province(plan)
    ledger, openings = ordered_days(province)
    book = province.book
    loss_of = np.full(len(book.transfers) + 1, -1, dtype=np.int64)
    for number, lost in enumerate(book.losses):
        loss_of[lost.transfer] = number
    driven = ledger.crime >= 0
    loss = loss_of[ledger.crime]
    bank = np.concatenate([province.holdings.account_bank, np.array([row.bank for row in book.accounts], np.int64)])
    return Stage(
        time_us=ledger.time_us, payer=ledger.payer, payee=ledger.payee, amount_vnd=ledger.amount_vnd,
        kind=ledger.kind, driven=driven & (loss < 0), loss=loss, openings=openings, bank=bank,
        scam_of_loss=np.array([lost.scam for lost in book.losses], dtype=np.int64), end_us=plan.end_us,
    )  # fmt: skip
