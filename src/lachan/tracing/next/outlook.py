"""What is known about a request that waits: how much probably still lies there, and how soon an answer may come.

Pure; history comes in as counts. It informs people and orders nothing (decision 32).
"""

from datetime import datetime, timedelta

from lachan.tracing.next.learnt import EDGES, MIDS, Counts, answer_subjects
from lachan.tracing.next.model import Asked, Outlook

_IN_TIME_MIN = 10.0
_LEAST_KNOWN = 3


def outlook(asked: Asked, learnt: Counts, now: datetime) -> Outlook:
    """What probably lies there now, the chance of an answer within ten more minutes, and how often it was seen."""
    left = asked.amount_vnd * learnt.left(asked.road, asked.amount_vnd, _minutes(now - asked.booked_at))
    in_time = sum(chance for chance, more in _answers(asked, learnt, now) if more <= _IN_TIME_MIN)
    seen = learnt.seen(answer_subjects(asked.institution, now)[1]) if asked.institution else 0
    return Outlook(round(left), in_time, seen, seen >= _LEAST_KNOWN)


def _answers(one: Asked, learnt: Counts, now: datetime) -> list[tuple[float, float]]:
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
