"""Hop by hop: hold what is left of the victim's money, learn where the rest went, ask there at once."""

from lachan.race.figures import figure
from lachan.race.model import MINUTE_US, Onward, Report
from lachan.race.strategies.desk import Desk, Hears

Seen = set[tuple[int, Onward]]


def hop_by_hop(desk: Desk) -> Hears:
    """A person at each bank reads, looks, holds and answers."""
    return _hops(desk, takes="person_minutes", calls=False)


def ours_no_optimiser(desk: Desk) -> Hears:
    """Each bank's machine answers as fast as that bank is; all hops of a level are asked side by side.

    Officers telephone who is silent. People at banks and at the desk take what comes in the order in which it came.
    """
    return _hops(desk, takes=None, calls=True)


def ours_no_receipts(desk: Desk) -> Hears:
    """The same, and people, at banks and at the desk, take the largest amount first. A silent bank is awaited."""
    return _hops(desk, takes=None, calls=True, largest_first=True)


def _hops(desk: Desk, takes: str | None, calls: bool, largest_first: bool = False) -> Hears:
    call_after_us = int(figure("call_after_minutes") * MINUTE_US)

    def ask(report: Report, account: int, amount_vnd: int, now: int, seen: Seen) -> None:
        def answered(then: int) -> None:
            desk.hold(account, report.loss)
            for onward in desk.went_on(account, report.loss):
                # Each transfer is asked for: the same account may get some of the money twice, by two roads.
                if (account, onward) not in seen:
                    seen.add((account, onward))
                    ask(report, onward.account, min(onward.amount_vnd, report.amount_vnd), then, seen)

        worth = float(amount_vnd) if largest_first else 0.0
        request = desk.request(account, report.loss, now, answered, worth=worth, takes=takes)
        if calls:
            desk.at(now + call_after_us, lambda then: desk.call(request, then, worth))

    return lambda report: ask(report, report.account, report.amount_vnd, report.reported_us, set())
