"""Hop by hop: hold what is left of the victim's money, learn where the rest went, ask there at once."""

from collections.abc import Callable

from lachan.race.model import Report
from lachan.race.strategies.desk import Desk, Hears


def hop_by_hop(desk: Desk) -> Hears:
    """A person at each bank reads, looks, holds and answers."""
    return _hops(desk, lambda _account: desk.wait_us("person_minutes"))


def ours_no_optimiser(desk: Desk) -> Hears:
    """Each bank's machine answers as fast as that bank is; all hops of a level are asked side by side."""
    return _hops(desk, desk.latency_us)


def _hops(desk: Desk, takes_us: Callable[[int], int]) -> Hears:
    def ask(report: Report, account: int, now: int, asked: set[int]) -> None:
        if account in asked:
            return
        asked.add(account)
        desk.requests += 1

        def answered(then: int) -> None:
            desk.hold(account, report.loss)
            for onward in desk.went_on(account, report.loss):
                ask(report, onward.account, then, asked)

        desk.at(now + takes_us(account), answered)

    return lambda report: ask(report, report.account, report.reported_us, set())
