"""One honest day: what is bought, sent, paid, earned. Each stream draws whole columns."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from lachan.sandbox.people import calendar
from lachan.sandbox.people.figures import draw_amounts, number, pair, round_vnd, shares, table, whole
from lachan.sandbox.people.firms import UTILITIES
from lachan.sandbox.people.life.town import Town, scrambled
from lachan.sandbox.people.model import DAY_US, OUTSIDE, Ints, Job, Plan, TransferKind, Transfers
from lachan.sandbox.people.population import weighted

_HOUR_MS = 3_600_000
_MINUTE_US = 60_000_000


class Life:
    """Makes the honest transfers of any day, each day from its own draws."""

    def __init__(self, plan: Plan, town: Town) -> None:
        self._plan = plan
        self._town = town
        self._streams = dict(zip(table("stream_weights"), shares(table("stream_weights")), strict=True))
        self._hours = {name: np.cumsum(shares(dict(enumerate(row)))) for name, row in table("hours").items()}

    def day(self, number_of_day: int) -> Transfers:
        """Every honest transfer of the day, in no order."""
        day, draw = self._plan.day(number_of_day), self._plan.draw("day", number_of_day)
        start_us = self._plan.start_us + number_of_day * DAY_US
        if len(self._town.banked) < 2:
            return Transfers.joined([_none()])
        parts = [
            self._everyday(draw, day, start_us),
            self._collections(draw, day, start_us),
            self._bills(draw, day, start_us),
            self._wages(draw, day, start_us),
            self._trade(draw, day, start_us),
            self._lucky_money(draw, day, start_us),
        ]
        found = Transfers.joined(parts)
        return found.take((found.payer != found.payee) & (found.payer >= 0))

    def times(self, draw: np.random.Generator, profile: str, start_us: int, count: int) -> Ints:
        """Instants of the day by the hours of a profile, in whole milliseconds."""
        hour = np.searchsorted(self._hours[profile], draw.random(count), side="right").clip(0, 23)
        return start_us + (hour * _HOUR_MS + draw.integers(0, _HOUR_MS, count)) * 1000

    def _everyday(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        town = self._town
        people = len(town.rank)
        total = number("transfers_a_person_day") * people * calendar.spending(day)
        weights = town.activity * self._payday_factor(day)
        parts = []
        for name, share in self._streams.items():
            if name in ("collect", "supplier"):
                continue
            count = int(draw.poisson(total * share))
            payers = weighted(draw, weights, count)
            payer, payee, kind = self._sides(draw, name, payers)
            times = self.times(draw, "shop" if name in ("shop", "card") else "friend", start_us, count)
            parts.append(_rows(times, payer, payee, draw_amounts(draw, name, count), kind))
        found = Transfers.joined(parts)
        return found.take(found.payee != _NOBODY)

    def _sides(self, draw: np.random.Generator, name: str, payers: Ints) -> tuple[Ints, Ints, TransferKind]:
        town, own = self._town, self._town.account[payers]
        outside = np.full(len(payers), OUTSIDE)
        if name == "shop":
            wallet = town.holdings.wallet[town.banked[payers]]
            payer = np.where(
                (wallet >= 0) & (draw.random(len(payers)) < number("shop_by_wallet_share")), wallet, own
            )
            return payer, town.shop_of(draw, payers), TransferKind.MERCHANT
        if name == "card":
            return (
                own,
                town.local_firms[_popular(draw, len(town.local_firms), len(payers))],
                TransferKind.CARD_PAYMENT,
            )
        if name == "own":
            return own, _or_nobody(town.holdings.second[town.banked[payers]]), TransferKind.TRANSFER
        if name == "wallet":
            return own, _or_nobody(town.holdings.wallet[town.banked[payers]]), TransferKind.TRANSFER
        if name == "family":
            kin = town.kin[payers]
            payee = np.where(kin >= 0, kin, town.friends_of(draw, payers))
            return own, town.account[payee], TransferKind.TRANSFER
        if name == "cash_out":
            return own, outside, TransferKind.CASH_OUT
        if name == "cash_in":
            return town.holdings.till[town.holdings.account_bank[own]], own, TransferKind.TRANSFER
        if name == "asset":
            houses = town.asset_houses
            return own, houses[draw.integers(0, len(houses), len(payers))], TransferKind.VIRTUAL_ASSET
        if name == "abroad":
            return own, outside, TransferKind.CROSS_BORDER
        return own, town.account[town.friends_of(draw, payers)], TransferKind.TRANSFER

    def _payday_factor(self, day: date) -> NDArray[np.float64]:
        """Wage earners spend more on payday and on the days after it."""
        lift = table("payday_spending")
        by_payday = np.ones(33)
        for payday in table("payday"):
            ago = calendar.days_since_payday(day, payday)
            by_payday[payday] = lift[ago] if ago < len(lift) else number("between_paydays")
        factor: NDArray[np.float64] = by_payday[self._town.payday]  # -1: the last row, which stays 1
        return factor

    def _collections(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        """Somebody collects from many and soon pays nearly all of it on: a class, a group that buys together.

        Honest, and just what a mule looks like.
        """
        town = self._town
        people = len(town.rank)
        wanted = number("transfers_a_person_day") * people * self._streams["collect"] * calendar.spending(day)
        told = table("collections")
        count = int(draw.poisson(wanted / told["mean"]))
        if count == 0:
            return _none()
        collector = weighted(draw, town.activity, count)
        fewest, most = whole("collections", "givers")
        givers = draw.integers(fewest, most + 1, count)
        of = np.repeat(np.arange(count), givers)
        payers = (collector[of] + 1 + draw.integers(0, told["neighbours"], len(of))) % len(town.banked)
        share_vnd = draw_amounts(draw, "collect", count)
        # The last one ends before midnight, so that a day is whole by itself.
        begins = np.minimum(self.times(draw, "friend", start_us, count), start_us + 19 * 60 * _MINUTE_US)
        arrive = begins[of] + draw.integers(0, told["within_minutes"] * _MINUTE_US // 1000, len(of)) * 1000
        real = payers != collector[of]
        summed = np.bincount(of[real], weights=share_vnd[of[real]].astype(np.float64), minlength=count)
        soonest, latest = whole("collections", "pays_on_minutes")
        pay_on = begins + (told["within_minutes"] + draw.integers(soonest, latest + 1, count)) * _MINUTE_US
        payee = self._suppliers(draw, count)
        onward = round_vnd(summed * draw.uniform(*pair("collections", "pays_on_share"), count))
        return Transfers.joined([
            _rows(arrive[real], town.account[payers[real]], town.account[collector[of[real]]], share_vnd[of[real]],
                  TransferKind.TRANSFER),
            _rows(pay_on, town.account[collector], payee, onward, TransferKind.TRANSFER),
        ])  # fmt: skip

    def _suppliers(self, draw: np.random.Generator, count: int) -> Ints:
        firms = self._town.local_firms
        return firms[_popular(draw, len(firms), count)]

    def _bills(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        """Each household pays each utility once a month, on its own day."""
        town, parts = self._town, []
        for utility in range(UTILITIES):
            due = scrambled(town.household[town.bill_payers] * UTILITIES + utility) % 28 + 1 == day.day
            payers = town.bill_payers[due]
            payee = np.full(len(payers), town.holdings.firm[utility])
            times = self.times(draw, "friend", start_us, len(payers))
            amounts = draw_amounts(draw, "bill", len(payers))
            parts.append(_rows(times, town.account[payers], payee, amounts, TransferKind.TRANSFER))
        return Transfers.joined(parts)

    def _wages(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        """Salaries on each company's day, and the Tết bonus in its weeks: all of a company within the hour."""
        town = self._town
        pays = calendar.is_payday(day, town.firms.payday)[town.payroll_firm]
        parts = [self._payroll(draw, start_us, np.flatnonzero(pays), 1.0, 1.0)]
        share = calendar.bonus_share(day)
        if share:
            lot = scrambled(town.payroll_firm) % round(1 / share) == day.toordinal() % round(1 / share)
            parts.append(self._payroll(draw, start_us, np.flatnonzero(lot), *calendar.bonus_months()))
        return Transfers.joined(parts)

    def _payroll(self, draw: np.random.Generator, start_us: int, rows: Ints, low: float, high: float) -> Transfers:
        town = self._town
        firm = town.payroll_firm[rows]
        runs = start_us + 9 * 3_600_000_000 + scrambled(firm + start_us // DAY_US) % (7 * 3_600_000) * 1000
        times = runs + draw.integers(0, 3_600_000, len(rows)) * 1000
        amounts = round_vnd(town.payroll_vnd[rows] * draw.uniform(low, high, len(rows)))
        return _rows(
            times, town.holdings.firm[firm], town.account[town.payroll[rows]], amounts, TransferKind.TRANSFER
        )

    def _trade(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        """Firms sell to the rest of the country and buy from it; shopkeepers buy from firms."""
        town = self._town
        work = calendar.office_work(day)
        firms, elsewhere = town.local_firms, town.elsewhere

        def anyone(of: Ints, count: int) -> Ints:
            return of[draw.integers(0, max(len(of), 1), count)]

        sold, bought = (int(draw.poisson(len(firms) * rate * work)) for rate in _trade_rates())
        shops = np.flatnonzero(town.job == Job.SHOPKEEPER)
        wanted = number("transfers_a_person_day") * len(town.rank) * self._streams["supplier"] * work
        restocked = int(draw.poisson(wanted)) if len(shops) else 0
        parts = [
            (anyone(elsewhere, sold), firms[_popular(draw, len(firms), sold)], "revenue"),
            (firms[_popular(draw, len(firms), bought)], anyone(elsewhere, bought), "revenue"),
            (anyone(town.account[shops], restocked), self._suppliers(draw, restocked), "supplier"),
        ]  # fmt: skip
        return Transfers.joined([
            _rows(self.times(draw, "office", start_us, len(payer)), payer, payee,
                  draw_amounts(draw, name, len(payer)), TransferKind.TRANSFER)
            for payer, payee, name in parts
        ])  # fmt: skip

    def _lucky_money(self, draw: np.random.Generator, day: date, start_us: int) -> Transfers:
        """Lì xì on the first three days of the year."""
        distance = calendar.days_from_tet(day)
        if distance is None or not 0 <= distance <= 2:
            return _none()
        town = self._town
        count = int(draw.poisson(number("lucky_money_a_person") * len(town.banked)))
        payers = weighted(draw, town.activity, count)
        payee = town.friends_of(draw, payers)
        amounts = draw_amounts(draw, "lucky_money", count) // 10_000 * 10_000 + 10_000
        times = self.times(draw, "shop", start_us, count)
        return _rows(times, town.account[payers], town.account[payee], amounts, TransferKind.TRANSFER)


_NOBODY = -2
_EMPTY = np.empty(0, dtype=np.int64)


def _or_nobody(accounts: Ints) -> Ints:
    return np.where(accounts >= 0, accounts, _NOBODY)


def _popular(draw: np.random.Generator, choices: int, count: int) -> Ints:
    """Row numbers, the first ones far more often."""
    found: Ints = (draw.random(count) ** table("popularity")["firm"] * choices).astype(np.int64)
    return found


def _trade_rates() -> tuple[float, float]:
    """Sales and purchases of a firm on a working day."""
    rates = table("firm_trades_a_day")
    return rates["sold"], rates["bought"]


def _rows(times: Ints, payer: Ints, payee: Ints, amounts: Ints, kind: TransferKind) -> Transfers:
    count = len(times)
    return Transfers(times, payer, payee, amounts, np.full(count, kind, dtype=np.int64), np.full(count, -1))


def _none() -> Transfers:
    return _rows(_EMPTY, _EMPTY, _EMPTY, _EMPTY, TransferKind.TRANSFER)
