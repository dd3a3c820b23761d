"""Whole-account freezing: the account that was paid, and every account that it paid since, are frozen whole.

India's practice, at the speed of machines: fast, and hard on everyone who was ever paid by a mule.
"""

from lachan.race.figures import figure
from lachan.race.model import Report
from lachan.race.strategies.desk import Desk, Hears


def freeze_all(desk: Desk) -> Hears:
    """Freeze and follow at once, as far as the figures say."""
    depth, floor_vnd = int(figure("freeze_depth")), int(figure("freeze_floor_vnd"))

    def ask(loss: int, account: int, now: int, since_us: int, level: int) -> None:
        def frozen(then: int) -> None:
            if not desk.freeze(account, then) or level == depth:
                return
            for onward in desk.paid_since(account, since_us):
                if onward.amount_vnd >= floor_vnd:
                    ask(loss, onward.account, then, onward.booked_us, level + 1)

        desk.request(account, loss, now, frozen)

    def hear(report: Report) -> None:
        ask(report.loss, report.account, report.reported_us, report.booked_us, 1)

    return hear
