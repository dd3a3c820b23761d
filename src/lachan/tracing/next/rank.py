"""The order in which to ask: by expected VND saved. Pure; history comes in as counts.

    saved = amount × chance that it is there × Σ over answer times (chance of that time × share left by then)

Where only so many can be asked in a minute, what counts is what waiting costs: money that will still lie there when
the others have been asked can wait, money that is leaving cannot.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lachan.tracing.next.learnt import EDGES, MIDS, Counts, all_priors, answer_subjects, step_of
from lachan.tracing.next.model import Candidate, Ranked

_IN_TIME_MIN = 10.0
_LEAST_KNOWN = 3
# So many answers known; within so many minutes (`hop_answer`); less often than so.
_ENOUGH, _ANSWER_MIN, _SELDOM = 5, 3.0, 0.5


def saved_vnd(candidate: Candidate, learnt: Counts, now: datetime, *, wait_min: float = 0.0) -> float:
    """What is expected to be held if the institution is asked `wait_min` minutes from now, or was asked already."""
    age = _minutes(now - candidate.booked_at)
    saved = 0.0
    for chance, more in _answers(candidate, learnt, now):
        later = wait_min if candidate.asked_at is None else 0.0
        saved += chance * learnt.left(candidate.road, candidate.amount_vnd, age + later + more)
    return candidate.amount_vnd * candidate.chance * saved


def call_gain_vnd(candidate: Candidate, learnt: Counts, now: datetime) -> float:
    """What telephoning adds to waiting: the institution acts a quarter of an hour later at the latest.

    Who has not answered within four hours is taken never to answer: there a call adds all that it saves.
    """
    called = float(all_priors()["call_minutes"]["value"])
    age = _minutes(now - candidate.booked_at)
    gained = 0.0
    for chance, more in _answers(candidate, learnt, now):
        if more > called:
            gained += chance * learnt.left(candidate.road, candidate.amount_vnd, age + called)
            if more < EDGES[-1]:
                gained -= chance * learnt.left(candidate.road, candidate.amount_vnd, age + more)
    return candidate.amount_vnd * candidate.chance * gained


def is_slow(institution: str, learnt: Counts, now: datetime) -> bool:
    """Whether enough earlier requests say that it seldom answers within the three minutes it is given."""
    if learnt.seen(answer_subjects(institution, now)[1]) < _ENOUGH:
        return False
    return sum(learnt.answers(institution, now)[: step_of(_ANSWER_MIN)]) < _SELDOM


def rank(
    candidates: Iterable[Candidate], learnt: Counts, now: datetime, capacity: float | None = None
) -> list[Ranked]:
    """The most worth asking first. `capacity` is how many a minute can be asked; None: all at once."""
    chosen = list(candidates)
    wait_min = len(chosen) / capacity if capacity else None
    found = []
    for one in chosen:
        worth = saved_vnd(one, learnt, now)
        if wait_min is not None:
            worth -= saved_vnd(one, learnt, now, wait_min=wait_min)
        found.append(_ranked(one, learnt, now, worth, "next_ask"))
    return sorted(found, key=_order)


def rank_calls(candidates: Iterable[Candidate], learnt: Counts, now: datetime) -> list[Ranked]:
    """Whom to telephone first: where a call saves the most beyond what the institution does by itself."""
    found = [_ranked(one, learnt, now, call_gain_vnd(one, learnt, now), "next_call") for one in candidates]
    return sorted(found, key=_order)


def _order(ranked: Ranked) -> tuple[int, int, str]:
    return (-ranked.worth_vnd, -ranked.left_vnd, ranked.candidate.key)


def _ranked(one: Candidate, learnt: Counts, now: datetime, worth: float, reason: str) -> Ranked:
    age = _minutes(now - one.booked_at)
    left = one.amount_vnd * one.chance * learnt.left(one.road, one.amount_vnd, age)
    in_time = sum(chance for chance, more in _answers(one, learnt, now) if more <= _IN_TIME_MIN)
    seen = learnt.seen(answer_subjects(one.institution, now)[1]) if one.institution else 0
    known = "known" if seen >= _LEAST_KNOWN else "new"
    said = {
        "left_vnd": round(left), "amount_vnd": one.amount_vnd, "minutes": int(age), "percent": round(100 * in_time),
        "count": seen,
    }  # fmt: skip
    return Ranked(one, max(0, round(worth)), round(left), in_time, f"{reason}_{known}", said)


def _answers(one: Candidate, learnt: Counts, now: datetime) -> list[tuple[float, float]]:
    """(chance, minutes from now) of each step of the scale, given that nothing was answered so far."""
    chances = learnt.answers(one.institution, one.asked_at or now)
    if one.asked_at is None:
        return list(zip(chances, MIDS, strict=True))
    waited = _minutes(now - one.asked_at)
    low, rest = 0.0, []
    for place, (chance, middle) in enumerate(zip(chances, MIDS, strict=True)):
        high = EDGES[place] if place < len(EDGES) else 2 * max(middle, waited)
        if high > waited:
            open_share = min(1.0, (high - waited) / (high - low))
            at = middle if low >= waited else (waited + high) / 2
            rest.append((chance * open_share, at - waited))
        low = high
    total = sum(chance for chance, _ in rest)
    return [(chance / total, more) for chance, more in rest]


def _minutes(span: timedelta) -> float:
    return max(0.0, span.total_seconds() / 60)
