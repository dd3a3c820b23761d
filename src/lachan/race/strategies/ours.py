"""Ours: hop by hop at the speed of machines; what to ask next is decided by what earlier answers taught.

Three things beyond `ours_no_optimiser`, each by expected VND saved (`lachan.tracing.next`):

* institutions take up first what loses most by waiting, and officers telephone first where a call adds most, at
  once where an institution is known to be slow;
* accounts that earlier traces met are asked at the same time as the reported one, before any answer names them:
  hold what comes from the accounts of this trace, as far as it is this loss's;
* what is learnt is what institutions answered: how fast, how much was left, who was paid.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from lachan.foundation.taxonomy import threshold
from lachan.race.counter import Asked, Worth
from lachan.race.figures import figure
from lachan.race.model import MINUTE_US, Onward, Report
from lachan.race.strategies.desk import Desk, Hears
from lachan.tracing.next import (
    Candidate,
    Counts,
    Road,
    answer_seen,
    call_gain_vnd,
    is_slow,
    left_seen,
    rank,
    saved_vnd,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WATCHED_MOST = 40
# What a bank says was paid on after a suspected credit is this loss's as likely as not.
_EVEN = 0.5
# What one more request before it costs a request that waits to be taken up, where a person does it.
_WAIT_MIN = 5.0


@dataclass(slots=True)
class _Pursuit:
    """One loss on its way: what was asked, and the accounts that its money is known or suspected to pass."""

    report: Report
    seen: set[tuple[int, Onward]] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)
    watched: set[int] = field(default_factory=set)


class Known(StrEnum):
    """What is asked of accounts that only earlier traces met."""

    NOTHING = "nothing"
    # The request lies open; the bank holds when an answer names the account.
    WHEN_PROVEN = "when_proven"
    AT_ONCE = "at_once"


def ours(desk: Desk) -> Hears:
    """The desk with its memory."""
    return ours_in_parts(desk)


def ours_in_parts(desk: Desk, *, known: Known = Known.AT_ONCE, ordered: bool = True) -> Hears:
    """The same with a part of it taken out, to see what each brings.

    Not `ordered`: institutions and officers take requests as they come, and nobody is called before the clock.
    """
    return _Ours(desk, known, ordered).hear


class _Ours:
    def __init__(self, desk: Desk, known: Known, ordered: bool) -> None:
        self._desk, self._learnt = desk, Counts()
        self._asks_known, self._ordered = known, ordered
        self._reports = 0
        # Which losses met an account, as answers told; which accounts hang together by payments.
        self._met: dict[int, set[int]] = {}
        self._paid: dict[int, set[int]] = {}
        self._call_after_us = int(figure("call_after_minutes") * MINUTE_US)

    def hear(self, report: Report) -> None:
        """A victim reports: the account that was paid, and beside it those that earlier reports made known."""
        now, pursuit = report.reported_us, _Pursuit(report, sources={report.account})
        self._reports += 1
        known = sorted(self._known(report, now), key=lambda one: (-self._saved_vnd(one, now), one.key))
        pursuit.sources.update(int(one.key) for one in known)
        first = Onward(report.account, report.amount_vnd, report.booked_us)
        self._ask(pursuit, first, now, Road.FIRST)
        for candidate in known[:_WATCHED_MOST] if self._asks_known is not Known.NOTHING else ():
            self._watch(pursuit, candidate, now)

    def _ask(self, pursuit: _Pursuit, credit: Onward, now: int, road: Road) -> None:
        desk, account, loss = self._desk, credit.account, pursuit.report.loss
        candidate = self._candidate(credit, now, road)

        def answered(then: int) -> None:
            held_vnd = desk.hold(account, loss)
            self._learn(candidate, credit, now, then, held_vnd, road)
            self._met.setdefault(account, set()).add(loss)
            onward = [one for one in desk.went_on(account, loss) if (account, one) not in pursuit.seen]
            for one in onward:
                pursuit.seen.add((account, one))
                pursuit.sources.add(one.account)
                self._paid.setdefault(account, set()).add(one.account)
                self._paid.setdefault(one.account, set()).add(account)
                self._ask(pursuit, one, then, Road.SPLIT if len(onward) > 1 else Road.WHOLE)

        request = desk.request(account, loss, now, answered, worth=self._worth(candidate))
        self._call_when_due(request, candidate, now)

    def _watch(self, pursuit: _Pursuit, candidate: Candidate, now: int) -> None:
        """Ask for what may come to a suspected account; nobody telephones for that."""
        desk, report, account = self._desk, pursuit.report, int(candidate.key)
        if account in pursuit.watched or account == report.account:
            return
        if self._saved_vnd(candidate, now) < threshold("tracing_floor", _at(now)).value:
            return
        pursuit.watched.add(account)

        def acted(then: int) -> None:
            unproven = self._asks_known is Known.AT_ONCE
            for one in desk.watch(account, report.loss, pursuit.sources, report.booked_us, then, unproven=unproven):
                pursuit.sources.add(one.account)
                likely = replace(one, amount_vnd=min(one.amount_vnd, report.amount_vnd))
                self._watch(pursuit, self._candidate(likely, then, Road.WHOLE, _EVEN), then)

        desk.request(account, report.loss, now, acted, worth=self._worth(candidate))

    def _known(self, report: Report, now: int) -> Iterator[Candidate]:
        """Accounts of earlier traces: as likely as they were met in those that touch this one, or in all."""
        together = self._together(report.account)
        near = len(set().union(*(self._met.get(one, set()) for one in together)))
        for account, losses in self._met.items():
            if account != report.account:
                chance = len(losses) / (near if account in together and near else self._reports)
                yield self._candidate(Onward(account, report.amount_vnd, now), now, Road.WHOLE, min(1.0, chance))

    def _together(self, account: int) -> set[int]:
        found, level = {account}, {account}
        while level:
            level = {other for one in level for other in self._paid.get(one, ())} - found
            found |= level
        return found

    def _call_when_due(self, request: Asked, candidate: Candidate, now: int) -> None:
        """Telephone after the clock of an answer; at once where the institution is known to outlast it."""
        slow = self._ordered and is_slow(candidate.institution or "", self._learnt, _at(now))
        at = now if slow else now + self._call_after_us
        worth = (lambda when: self._call_vnd(candidate, when)) if self._ordered else None
        self._desk.at(at, lambda then: self._desk.call(request, then, worth))

    def _candidate(self, credit: Onward, now: int, road: Road, chance: float = 1.0) -> Candidate:
        institution = str(self._desk.institution(credit.account))
        booked_at, asked_at = _at(credit.booked_us), _at(now)
        return Candidate(str(credit.account), institution, credit.amount_vnd, booked_at, road, asked_at, chance)

    def _worth(self, candidate: Candidate) -> Worth | None:
        """How an institution tells what to take up first; None: as it comes."""
        return (lambda then: self._waiting_vnd(candidate, then)) if self._ordered else None

    def _waiting_vnd(self, candidate: Candidate, now: int) -> float:
        """What is lost if it is taken up some minutes later."""
        untaken = replace(candidate, asked_at=None)
        return rank([untaken], self._learnt, _at(now), capacity=1 / _WAIT_MIN)[0].worth_vnd

    def _saved_vnd(self, candidate: Candidate, now: int) -> float:
        return saved_vnd(candidate, self._learnt, _at(now))

    def _call_vnd(self, candidate: Candidate, now: int) -> float:
        return call_gain_vnd(candidate, self._learnt, _at(now))

    def _learn(self, candidate: Candidate, credit: Onward, asked: int, now: int, held_vnd: int, road: Road) -> None:
        waited, age = (now - asked) / MINUTE_US, (now - credit.booked_us) / MINUTE_US
        self._learnt.add(answer_seen(candidate.institution or "", _at(asked), waited))
        self._learnt.add(left_seen(road, credit.amount_vnd, age, held_vnd))


def _at(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)
