"""Choosing whose loss the story tells: payers that the ledger does not mark, payees that it marks as fraud."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lachan.sandbox.lookahead import Stay, finds
from lachan.sandbox.postings import STEP_US, CashOut, Posting
from lachan.sandbox.province import Province

EARLIEST_STEPS = 5
LATEST_STEPS = 60
# Nobody reports so near the end that no institution could still answer.
QUIET_STEPS = 4
DEEP_LOSSES = 5
DEEP_INSTITUTIONS = 3
DEEP_HOPS = 3
# A find counts when it is at least a fiftieth of the loss: an odd remainder may be gone by chance.
_LEAST_SHARE = 50
# Quicker and slower than an institution's usual pace: (share of its typical time, seconds on the way).
_PACES = ((0.0, 8.0), (0.0, 25.0), (0.3, 3.0), (1.0, 20.0), (2.0, 60.0), (3.0, 90.0))
_USUAL_PACE = (1.0, 20.0)
_DEEP_DELAYS = (5, 7, 9, 12, 15, 20, 25, 30, 40, 50, 60)
_DOUBLE_REPORTS = 4
_ATM_NOTE_VND = 50_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One report to be: the transfers of one payer, and when the payer reports them."""

    transfers: tuple[Posting, ...]
    reported_us: int
    deep: bool = False


def draw_cash_outs(
    postings: Sequence[Posting],
    province: Province,
    length_us: int,
    draw: random.Random,
    *,
    count: int,
    first_step: int,
) -> list[CashOut]:
    """Seeded withdrawals: some marked accounts take out part of what they were just paid, in whole notes."""
    candidates = _candidates(postings, province, length_us)
    made: dict[str, CashOut] = {}
    for posting in draw.sample(candidates, min(count, len(candidates))):
        if posting.payee is None or posting.payee in made:
            continue
        amount_vnd = posting.amount_vnd * draw.randrange(30, 91) // 100 // _ATM_NOTE_VND * _ATM_NOTE_VND
        if amount_vnd:
            step = first_step + posting.at_us // STEP_US + draw.randrange(2)
            made[posting.payee] = CashOut(posting.id, posting.payee, amount_vnd, step)
    return sorted(made.values(), key=lambda cash_out: cash_out.step)


def choose_losses(
    postings: Sequence[Posting],
    stays: Mapping[str, Sequence[Stay]],
    province: Province,
    length_us: int,
    draw: random.Random,
    *,
    losses: int,
    cash_outs: Sequence[CashOut],
) -> list[Choice]:
    """The reports of `losses` transfers: the certain deep ones, the cashed, the double, then a natural mix.

    Half of all losses still lie whole in the first account when they are reported.
    """
    candidates = _candidates(postings, province, length_us)
    draw.shuffle(candidates)
    pool = _Pool(candidates, stays, length_us, draw)
    for choice in _deep_choices(candidates, stays, province, length_us)[:DEEP_LOSSES]:
        pool.take(choice)
    cashed = {cash_out.after for cash_out in cash_outs}
    pool.take_all([transfer for transfer in candidates if transfer.id in cashed])
    pool.take_doubles(min(_DOUBLE_REPORTS, losses // 8))
    pool.fill(losses)
    return pool.chosen


class _Pool:
    """What has been chosen so far; no payer reports twice, no marked account is named by two reports."""

    def __init__(
        self,
        candidates: Sequence[Posting],
        stays: Mapping[str, Sequence[Stay]],
        length_us: int,
        draw: random.Random,
    ) -> None:
        self._candidates = candidates
        self._stays = stays
        self._length_us = length_us
        self._draw = draw
        self._used: set[str | None] = set()
        self.chosen: list[Choice] = []

    def take(self, choice: Choice) -> None:
        self.chosen.append(choice)
        for transfer in choice.transfers:
            self._used |= {transfer.payer, transfer.payee}

    def take_all(self, transfers: Sequence[Posting]) -> None:
        """Each of these by itself, except where its people are already in the story."""
        for transfer in transfers:
            if self._is_new(transfer):
                self.take(Choice((transfer,), self._report_at(transfer.at_us)))

    def take_doubles(self, wanted: int) -> None:
        """Reports of two transfers by one payer, both at most an hour old."""
        by_payer: dict[str, list[Posting]] = {}
        for transfer in self._candidates:
            by_payer.setdefault(transfer.payer, []).append(transfer)
        for several in by_payer.values():
            if wanted == 0:
                return
            first, *others = sorted(several, key=lambda transfer: transfer.at_us)
            near = [o for o in others if o.at_us - first.at_us <= (LATEST_STEPS - 15) * STEP_US]
            if not near or first.payee == near[0].payee:
                continue
            if not (self._is_new(first) and self._is_new(near[0])):
                continue
            latest_us = first.at_us + LATEST_STEPS * STEP_US
            reported_us = min(self._report_at(near[0].at_us), latest_us)
            self.take(Choice((first, near[0]), reported_us))
            wanted -= 1

    def fill(self, losses: int) -> None:
        """Draw the rest so that half of all losses rest in the first account; then without that wish."""
        resting = sum(self._rests(t, c.reported_us) for c in self.chosen for t in c.transfers)
        count = sum(len(choice.transfers) for choice in self.chosen)
        for picky in (True, False):
            for transfer in self._candidates:
                if count >= losses:
                    return
                if not self._is_new(transfer):
                    continue
                reported_us = self._report_at(transfer.at_us)
                rests = self._rests(transfer, reported_us)
                if picky and (resting if rests else count - resting) >= losses // 2:
                    continue
                self.take(Choice((transfer,), reported_us))
                resting += rests
                count += 1

    def _is_new(self, transfer: Posting) -> bool:
        return transfer.payer not in self._used and transfer.payee not in self._used

    def _report_at(self, booked_us: int) -> int:
        """Most report within a quarter of an hour, some late; never later than the run allows."""
        steps = min(EARLIEST_STEPS + self._draw.expovariate(1 / 11), LATEST_STEPS)
        last_us = self._length_us - QUIET_STEPS * STEP_US
        return min(booked_us + int(steps * STEP_US), last_us)

    def _rests(self, transfer: Posting, at_us: int) -> bool:
        return all(stay.present_vnd(at_us) == stay.amount_vnd for stay in self._stays[transfer.id])


def _candidates(postings: Sequence[Posting], province: Province, length_us: int) -> list[Posting]:
    marked = {account.key for account in province.accounts.values() if account.fraud}
    last_us = length_us - (EARLIEST_STEPS + QUIET_STEPS) * STEP_US
    return [p for p in postings if p.payee in marked and p.payer not in marked and p.at_us < last_us]


def _deep_choices(
    candidates: Sequence[Posting],
    stays: Mapping[str, Sequence[Stay]],
    province: Province,
    length_us: int,
) -> list[Choice]:
    """Losses that meet three institutions three hops deep at every pace, the surest first, all strangers."""
    home = {key: account.institution for key, account in province.accounts.items()}
    typical_s = {one.code: one.temper.typical_s for one in province.institutions}
    scored = []
    for number, transfer in enumerate(candidates):
        best = (0, 0, 0)
        for steps in _DEEP_DELAYS:
            reported_us = transfer.at_us + steps * STEP_US
            if reported_us > length_us - QUIET_STEPS * STEP_US:
                break
            score = _depth_score(transfer, stays[transfer.id], reported_us, home, typical_s, length_us)
            best = max(best, (*score, -reported_us))
        if best[0]:
            scored.append((best, -number, transfer))
    scored.sort(key=lambda one: one[:2], reverse=True)
    chosen: list[Choice] = []
    used: set[str | None] = set()
    for (_, _, minus_us), _, transfer in scored:
        if not used & {transfer.payer, transfer.payee}:
            used |= {transfer.payer, transfer.payee}
            chosen.append(Choice((transfer,), -minus_us, deep=True))
    return chosen


def _depth_score(
    transfer: Posting,
    stays: Sequence[Stay],
    reported_us: int,
    home: Mapping[str, str],
    typical_s: Mapping[str, float],
    length_us: int,
) -> tuple[int, int]:
    """At how many paces the loss is deep enough, and the least amount that lies deep, over those paces."""
    good, least_vnd = 0, transfer.amount_vnd
    for share, way_s in _PACES:
        met = [
            find
            for find in finds(
                stays,
                reported_us,
                lambda account, share=share, way_s=way_s: int(  # type: ignore[misc]
                    (typical_s[home[account]] * share + way_s) * 1_000_000
                ),
                end_us=length_us,
            )
            if find.amount_vnd * _LEAST_SHARE >= transfer.amount_vnd
        ]
        deepest_vnd = sum(find.amount_vnd for find in met if find.depth >= DEEP_HOPS)
        if deepest_vnd and len({home[find.account] for find in met}) >= DEEP_INSTITUTIONS:
            good += 1
            least_vnd = min(least_vnd, deepest_vnd)
        elif (share, way_s) == _USUAL_PACE:
            return 0, 0  # not even at the usual pace
    return good, least_vnd
