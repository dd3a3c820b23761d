"""Hop by hop as `ours`, but whom people take first is decided by expected VND saved, learnt from earlier answers.

Institutions take up first what loses most by waiting; officers telephone first where a call adds most, at once where
an institution is known to be slow (`lachan.tracing.next`). No way of working of the race: `benchmarks/race_parts.py`
compares it with the plain rule.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from lachan.race.counter import Asked
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
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What one more request before it costs a request that waits to be taken up, where a person does it.
_WAIT_MIN = 5.0


@dataclass(slots=True)
class _Pursuit:
    """One loss on its way: what was asked, and for which transfers."""

    report: Report
    seen: set[tuple[int, Onward]] = field(default_factory=set)


def by_what_was_learnt(desk: Desk) -> Hears:
    """The desk with its memory."""
    return _Learning(desk).hear


class _Learning:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._learnt = desk, Counts()
        self._call_after_us = int(figure("call_after_minutes") * MINUTE_US)

    def hear(self, report: Report) -> None:
        """A victim reports."""
        first = Onward(report.account, report.amount_vnd, report.booked_us)
        self._ask(_Pursuit(report), first, report.reported_us, Road.FIRST)

    def _ask(self, pursuit: _Pursuit, credit: Onward, now: int, road: Road) -> None:
        desk, account, loss = self._desk, credit.account, pursuit.report.loss
        candidate = self._candidate(credit, now, road)

        def answered(then: int) -> None:
            held_vnd = desk.hold(account, loss)
            self._learn(candidate, credit, now, then, held_vnd, road)
            onward = [one for one in desk.went_on(account, loss) if (account, one) not in pursuit.seen]
            for one in onward:
                pursuit.seen.add((account, one))
                self._ask(pursuit, one, then, Road.SPLIT if len(onward) > 1 else Road.WHOLE)

        request = desk.request(account, loss, now, answered, worth=partial(self._waiting_vnd, candidate))
        self._call_when_due(request, candidate, now)

    def _call_when_due(self, request: Asked, candidate: Candidate, now: int) -> None:
        """Telephone after the clock of an answer; at once where the institution is known to outlast it."""
        slow = is_slow(candidate.institution or "", self._learnt, _at(now))
        at = now if slow else now + self._call_after_us
        worth = partial(self._call_vnd, candidate)
        self._desk.at(at, lambda then: self._desk.call(request, then, worth))

    def _candidate(self, credit: Onward, now: int, road: Road) -> Candidate:
        institution = str(self._desk.institution(credit.account))
        booked_at, asked_at = _at(credit.booked_us), _at(now)
        return Candidate(str(credit.account), institution, credit.amount_vnd, booked_at, road, asked_at)

    def _waiting_vnd(self, candidate: Candidate, now: int) -> float:
        """What is lost if it is taken up some minutes later."""
        untaken = replace(candidate, asked_at=None)
        return rank([untaken], self._learnt, _at(now), capacity=1 / _WAIT_MIN)[0].worth_vnd

    def _call_vnd(self, candidate: Candidate, now: int) -> float:
        return call_gain_vnd(candidate, self._learnt, _at(now))

    def _learn(self, candidate: Candidate, credit: Onward, asked: int, now: int, held_vnd: int, road: Road) -> None:
        waited, age = (now - asked) / MINUTE_US, (now - credit.booked_us) / MINUTE_US
        self._learnt.add(answer_seen(candidate.institution or "", _at(asked), waited))
        self._learnt.add(left_seen(road, credit.amount_vnd, age, held_vnd))


def _at(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_us)
