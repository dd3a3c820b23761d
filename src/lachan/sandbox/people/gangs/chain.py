"""Stolen money on its way: each account is emptied, split, passed on, and at last leaves the banks.

A loop over events in the order of time. A transfer is made at its own instant from what then lies there, so that
no account pays what it has not, and nothing moves after its bank has stopped it.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np

from lachan.sandbox.people.figures import figures, number, pair, table
from lachan.sandbox.people.gangs.book import Book, CrimeTransfer, Loss, Parcel, Part, Turn
from lachan.sandbox.people.gangs.crew import MINUTE_US, Gang, Mule, Recruiter
from lachan.sandbox.people.gangs.scripts import drawn, pick
from lachan.sandbox.people.model import DAY_US, OUTSIDE, Plan, TransferKind

_NOTE_VND = 50_000


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where money leaves: houses that sell virtual assets, shops that sell gold and telephones."""

    asset_houses: tuple[int, ...]
    shops: tuple[int, ...]


class Chain:
    """The event loop of all gangs."""

    def __init__(self, plan: Plan, book: Book, recruiter: Recruiter, outlets: Outlets) -> None:
        self._plan, self._book, self._recruiter, self._outlets = plan, book, recruiter, outlets
        self._draw = Random(f"chain {plan.seed}")
        self._events: list[tuple[int, int, Callable[[int], None]]] = []
        self._serial = 0
        self._by_account: dict[int, Mule] = {}

    def at(self, time_us: int, act: Callable[[int], None]) -> None:
        """Do this then, in whole milliseconds; what would come after the last day never does."""
        time_us = time_us // 1000 * 1000
        if time_us < self._plan.end_us:
            self._serial += 1
            heapq.heappush(self._events, (time_us, self._serial, act))

    def run(self) -> None:
        """Until nothing is left to do."""
        while self._events:
            time_us, _, act = heapq.heappop(self._events)
            act(time_us)
        for mule in self._by_account.values():
            self._book.remains += [(parcel.loss, mule.account, parcel.amount_vnd) for parcel in mule.money]

    def enlist(self, gang: Gang, from_us: int) -> None:
        """One more account for the gang, tried out with small payments."""
        mule = self._recruiter.recruit(gang, from_us)
        if mule is None:
            return
        self._by_account[mule.account] = mule
        for test in self._recruiter.tests(mule):
            self.at(test.time_us, lambda _time, test=test: self._book.transfers.append(test))  # type: ignore[misc]
        # A used-up account is replaced a little before its time.
        self.at(max(mule.since_us, mule.until_us - DAY_US), lambda time_us: self.enlist(gang, time_us))

    def pay(
        self, time_us: int, scam: int, gang: Gang, payer: int, amount_vnd: int, usual: Mule | None
    ) -> Mule | None:
        """A victim pays; mostly the account it was given first. None: the gang has no account at the moment."""
        ready = gang.ready(time_us, front=True)
        if not ready:
            return None
        mule = (
            usual
            if usual in ready and self._draw.random() < number("same_account_again_share")
            else self._draw.choice(ready)
        )
        loss = len(self._book.losses)
        self._book.losses.append(Loss(scam, len(self._book.transfers), amount_vnd))
        self._book.scams[scam].losses.append(loss)
        self._book.transfers.append(
            CrimeTransfer(time_us, payer, mule.account, amount_vnd, TransferKind.TRANSFER, Part.THEFT,
                          gang.number, 0, ((loss, amount_vnd),))
        )  # fmt: skip
        layers = min(int(number("layers_most")), int(pick(self._draw, table("layers"))) + gang.deeper)
        self._arrive(time_us, gang, mule, [Parcel(loss, amount_vnd)], 1, layers)
        return mule

    def stop(self, time_us: int, gang: Gang, account: int) -> None:
        """The bank stops the account: what lies in it stays, and the gang learns and looks for another."""
        mule = self._by_account.get(account)
        if mule is None or mule.stopped:
            return
        mule.stopped = True
        self._book.turns.append(Turn(time_us, gang.number, account, "stopped", ""))
        gang.learn(self._draw)
        self.enlist(gang, time_us)

    def _arrive(self, time_us: int, gang: Gang, mule: Mule, money: list[Parcel], hop: int, layers: int) -> None:
        mule.money += money
        if mule.stopped or mule.waiting:
            return
        mule.waiting = True
        if hop == 1:
            keeps_us = drawn(self._draw, pair("empty_minutes")) * gang.pace * MINUTE_US
            # The first piece goes at a third of that time, the last one at its end.
            first, rest = keeps_us / 3, keeps_us * 2 / 3
        else:
            keeps_us = drawn(self._draw, pair("pass_on_minutes")) * gang.pace * MINUTE_US
            first, rest = keeps_us / 2, keeps_us / 2
        self.at(time_us + int(first), lambda now: self._empty(now, gang, mule, hop, layers, int(rest)))

    def _empty(self, now: int, gang: Gang, mule: Mule, hop: int, layers: int, rest_us: int) -> None:
        """Plan what leaves the account and when; the pieces go each at its own instant."""
        mule.waiting = False
        free_vnd = mule.balance_vnd - mule.planned_vnd
        share = self._draw.uniform(*pair("empty_share"))
        moved_vnd = int(free_vnd * share)
        if mule.stopped or moved_vnd < number("least_moved_vnd"):
            return
        onward = gang.ready(now, front=False) if hop < layers else []
        onward = [other for other in onward if other is not mule]
        if onward:
            self._pass_on(now, gang, mule, moved_vnd, onward, hop, layers, rest_us)
        else:
            self._leave(now, gang, mule, moved_vnd, hop, rest_us)

    def _pass_on(
        self,
        now: int,
        gang: Gang,
        mule: Mule,
        moved_vnd: int,
        onward: list[Mule],
        hop: int,
        layers: int,
        rest_us: int,
    ) -> None:
        ways = min(int(pick(self._draw, table("splits"))), len(onward))
        pieces = self._pieces(moved_vnd, ways)
        payees = self._draw.sample(onward, len(pieces))
        for place, (piece_vnd, payee) in enumerate(zip(pieces, payees, strict=True), 1):
            when = now + rest_us * place // len(pieces)

            def go(time_us: int, payee: Mule = payee, piece_vnd: int = piece_vnd) -> None:
                money = self._send(time_us, gang, mule, payee.account, piece_vnd, TransferKind.TRANSFER, hop)
                if money:
                    self._arrive(time_us, gang, payee, money, hop + 1, layers)

            mule.planned_vnd += piece_vnd
            self.at(when, go)

    def _leave(self, now: int, gang: Gang, mule: Mule, moved_vnd: int, hop: int, rest_us: int) -> None:
        weights = dict(table("exits"))
        weights["virtual_asset"] *= 1 + number("adapt_to_assets") * gang.losses
        if moved_vnd > number("withdrawals_most") * number("cash_withdrawal_vnd"):
            weights["cash_out"] = 0  # no machine gives that much
        kind = TransferKind[str(pick(self._draw, weights)).upper()]
        if kind is TransferKind.CASH_OUT:
            most = int(number("cash_withdrawal_vnd"))
            notes = moved_vnd // _NOTE_VND * _NOTE_VND
            pieces = [most] * (notes // most) + ([notes % most] if notes % most else [])
        else:
            pieces = self._pieces(moved_vnd, self._draw.choice(figures()["exit_pieces"].value))
        for place, piece_vnd in enumerate(pieces, 1):
            payee = self._outlet(kind)

            def go(time_us: int, payee: int = payee, piece_vnd: int = piece_vnd) -> None:
                self._send(time_us, gang, mule, payee, piece_vnd, kind, hop)

            mule.planned_vnd += piece_vnd
            # A machine needs its minute for each withdrawal.
            step_us = MINUTE_US if kind is TransferKind.CASH_OUT else rest_us // len(pieces)
            self.at(now + step_us * place + self._draw.randrange(20_000) * 1000, go)

    def _send(
        self, time_us: int, gang: Gang, mule: Mule, payee: int, piece_vnd: int, kind: TransferKind, hop: int
    ) -> list[Parcel]:
        """The transfer itself, of what is there; nothing where the account was stopped meanwhile."""
        mule.planned_vnd -= piece_vnd
        if mule.stopped:
            return []
        money = mule.take(piece_vnd)
        amount_vnd = sum(parcel.amount_vnd for parcel in money)
        if not amount_vnd:
            return []
        part = Part.LAYER if kind is TransferKind.TRANSFER else Part.EXIT
        flows: dict[int, int] = {}
        for parcel in money:
            flows[parcel.loss] = flows.get(parcel.loss, 0) + parcel.amount_vnd
        self._book.transfers.append(
            CrimeTransfer(
                time_us, mule.account, payee, amount_vnd, kind, part, gang.number, hop, tuple(flows.items())
            )
        )
        return [Parcel(parcel.loss, parcel.amount_vnd) for parcel in reversed(money)]

    def _pieces(self, amount_vnd: int, ways: int) -> list[int]:
        """So many unequal pieces that add up; often none needs a face check."""
        limit = int(number("biometric_from_vnd"))
        if amount_vnd > limit * ways or self._draw.random() > number("under_biometric_share"):
            limit = amount_vnd
        shares = np.cumsum([self._draw.uniform(*pair("piece_sizes")) for _ in range(ways)])
        edges = [0, *(int(amount_vnd * share / shares[-1]) // 1000 * 1000 for share in shares[:-1]), amount_vnd]
        pieces = [later - earlier for earlier, later in pairwise(edges)]
        if max(pieces) > limit:
            even = amount_vnd // ways
            pieces = [even] * (ways - 1) + [amount_vnd - even * (ways - 1)]
        return [piece for piece in pieces if piece > 0] or [amount_vnd]

    def _outlet(self, kind: TransferKind) -> int:
        if kind is TransferKind.VIRTUAL_ASSET:
            return self._draw.choice(self._outlets.asset_houses)
        if kind is TransferKind.MERCHANT:
            return self._draw.choice(self._outlets.shops)
        return OUTSIDE
