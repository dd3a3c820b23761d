"""Ours: the largest amount first; where a bank is silent the others are asked what they received from its account.

What such an answer shows is held, at most as much as can have gone on, until the silent bank itself says what did.
"""

from dataclasses import dataclass, field

from lachan.race.counter import Asked
from lachan.race.figures import figure
from lachan.race.model import MINUTE_US, Onward, Report
from lachan.race.strategies.desk import Desk, Hears


@dataclass(slots=True)
class _Part:
    """Money of one loss that came to an account by one transfer, at most `most_vnd` of it.

    `proven`: every bank on the way has answered. Else something on the way was read from receipts, and the part
    stands until the bank of its payer says how much it was.
    """

    loss: int
    came: Onward
    most_vnd: int
    proven: bool
    asked: Asked | None = None


@dataclass(slots=True)
class _Place:
    """What came of a loss to an account, and what is known to have gone on from there, by the transfer's number."""

    parts: list[_Part] = field(default_factory=list)
    beyond: dict[int, _Part] = field(default_factory=dict)

    def open_vnd(self) -> int:
        """How much can still have gone on to where nobody has looked."""
        return sum(part.most_vnd for part in self.parts) - sum(part.most_vnd for part in self.beyond.values())


def ours(desk: Desk) -> Hears:
    """What the product does."""
    return _Receipts(desk).hear


class _Receipts:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._call_after_us = int(figure("call_after_minutes") * MINUTE_US)
        self._ask_after_us = [int(minutes * MINUTE_US) for minutes in figure("receipts_after_minutes")]
        self._floor_vnd = int(figure("receipts_floor_vnd"))
        self._places: dict[tuple[int, int], _Place] = {}
        # How much of a transfer is taken to be of losses because of receipts.
        self._claimed: dict[int, int] = {}

    def hear(self, report: Report) -> None:
        """A victim's own words are where it begins."""
        came = Onward(report.account, report.amount_vnd, report.booked_us, of_it_vnd=report.amount_vnd)
        self._begin(_Part(report.loss, came, report.amount_vnd, proven=True), report.reported_us)

    def _place(self, part: _Part) -> _Place:
        return self._places.setdefault((part.came.account, part.loss), _Place())

    def _begin(self, part: _Part, now: int) -> None:
        self._place(part).parts.append(part)
        self._ask(part, now)

    def _ask(self, part: _Part, now: int) -> None:
        account, desk = part.came.account, self._desk

        def answered(then: int) -> None:
            if part.proven:
                desk.hold(account, part.loss)
                desk.release(part.came.number, part.loss, then)
                self._told(part, desk.went_on(account, part.loss), then)
            elif part.most_vnd:
                self._told(part, desk.hold_receipt(part.came.number, account, part.loss, part.most_vnd, then), then)

        def call(then: int) -> None:
            if part.most_vnd:
                desk.call(asked, then, worth)

        worth = float(part.most_vnd)
        asked = part.asked = desk.request(account, part.loss, now, answered, worth=worth)
        desk.at(now + self._call_after_us, call)
        for after_us in self._ask_after_us:
            desk.at(now + after_us, lambda then: self._ask_others(part, asked, then))

    def _ask_others(self, part: _Part, asked: Asked, now: int) -> None:
        """What did your accounts receive from this one, since the money came?"""
        if asked.done or self._place(part).open_vnd() < self._floor_vnd:
            return

        def told(then: int, receipts: list[Onward]) -> None:
            if not asked.done:
                # The earliest took the newest coins, and those are what is disputed.
                for receipt in receipts:
                    self._follow(part, receipt, receipt.amount_vnd, then)

        silent = self._desk.bank(part.came.account)
        for bank in self._desk.machines():
            if bank != silent:
                self._desk.ask_receipts(bank, part.came.account, part.came.booked_us, part.loss, now, told)

    def _follow(self, part: _Part, onward: Onward, traced_vnd: int, now: int) -> None:
        place = self._place(part)
        free_vnd = onward.amount_vnd - self._claimed.get(onward.number, 0)
        most_vnd = min(traced_vnd, place.open_vnd(), free_vnd)
        if onward.number in place.beyond or most_vnd <= 0:
            return
        self._claim(onward, most_vnd)
        found = place.beyond[onward.number] = _Part(part.loss, onward, most_vnd, proven=False)
        self._begin(found, now)

    def _claim(self, onward: Onward, by_vnd: int) -> None:
        self._claimed[onward.number] = self._claimed.get(onward.number, 0) + by_vnd

    def _told(self, part: _Part, onwards: list[Onward], now: int) -> None:
        """The account's own bank has said where the money went: its word decides."""
        place = self._place(part)
        named = {onward.number for onward in onwards}
        for number, known in list(place.beyond.items()):
            if number not in named and not known.proven and len(place.parts) == 1:
                self._drop(place, number, now)
        for onward in onwards:
            if not part.proven:
                self._follow(part, onward, onward.of_it_vnd, now)
            elif (begun := place.beyond.get(onward.number)) is None:
                found = place.beyond[onward.number] = _Part(part.loss, onward, onward.of_it_vnd, proven=True)
                self._begin(found, now)
            elif not begun.proven:
                self._prove(begun, onward.of_it_vnd, now)

    def _prove(self, part: _Part, traced_vnd: int, now: int) -> None:
        if traced_vnd < part.most_vnd:
            self._desk.requests += 1  # the word that lets go of the rest travels beside the request below
        self._claim(part.came, -part.most_vnd)
        part.proven, part.most_vnd = True, traced_vnd
        place = self._place(part)
        for number, further in reversed(list(place.beyond.items())):
            if place.open_vnd() < 0 and not further.proven:
                self._drop(place, number, now)
        if part.asked is not None and part.asked.done:
            self._ask(part, now)

    def _drop(self, place: _Place, number: int, now: int) -> None:
        """None of the loss went there."""
        part = place.beyond.pop(number)
        self._claim(part.came, -part.most_vnd)
        part.most_vnd = 0
        self._desk.request(
            part.came.account, part.loss, now, lambda then: self._desk.release(number, part.loss, then)
        )
        here = self._place(part)
        here.parts.remove(part)
        if not here.parts:
            for further, one in list(here.beyond.items()):
                if not one.proven:
                    self._drop(here, further, now)
