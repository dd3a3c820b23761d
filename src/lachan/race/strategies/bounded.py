"""Bounded search, as Brazil's MED 2.0: one central search through all banks' books, then a block in each account.

It follows amounts, hops and hours, not coins: what it blocks may be somebody else's.
"""

from lachan.race.figures import figure
from lachan.race.model import HOUR_US, Report
from lachan.race.strategies.desk import Desk, Hears


def bounded(desk: Desk) -> Hears:
    """Search once, block up to the amount that came in each account found."""
    hops, most = int(figure("search_hops")), int(figure("search_transfers"))
    window_us, floor_vnd = int(figure("search_window_hours")) * HOUR_US, int(figure("search_floor_vnd"))

    def reached_by(report: Report) -> dict[int, int]:
        found = {report.account: report.amount_vnd}
        level, followed = [(report.account, report.booked_us)], 0
        for _ in range(hops - 1):
            onward = [
                payment
                for account, since_us in level
                for payment in desk.paid_since(account, since_us)
                if payment.amount_vnd >= floor_vnd and payment.booked_us <= since_us + window_us
            ][: most - followed]
            followed += len(onward)
            level = [(one.account, one.booked_us) for one in onward if one.account not in found]
            for one in onward:
                found[one.account] = min(report.amount_vnd, max(found.get(one.account, 0), one.amount_vnd))
        return found

    def hear(report: Report) -> None:
        desk.requests += 1

        def searched(now: int) -> None:
            for account, amount_vnd in reached_by(report).items():
                desk.request(
                    account, report.loss, now,
                    lambda then, account=account, amount_vnd=amount_vnd: desk.block(account, amount_vnd, then),  # type: ignore[misc]
                )  # fmt: skip

        desk.at(report.reported_us + desk.wait_us("search_minutes"), searched)

    return hear
