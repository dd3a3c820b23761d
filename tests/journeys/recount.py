"""Every figure of a report once more, from the facts of the trail alone: own SQL, own sums, none of the product's.

A fact is read if it was learned by the instant at which the report's figure was counted.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

HANOI = timezone(timedelta(hours=7))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WAITS = {"given", "accepted", "in_progress", "returned"}
Yield = tuple[str, str, str, date, str, int, int]  # agency, kind, figure, day, part, amount, base


@dataclass(frozen=True)
class Fact:
    kind: str
    subject: str
    happened: datetime
    learned: datetime
    data: dict[str, Any]

    @property
    def id(self) -> str:
        return self.subject.partition(":")[2]


@dataclass(frozen=True)
class Asked:
    """Whose figures of which days, as known when; `plan` for those about tasks."""

    plan: str
    agencies: frozenset[str]
    first: date
    last: date
    known: datetime

    @property
    def begin(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=HANOI)

    @property
    def end(self) -> datetime:
        over = self.last + timedelta(days=1)
        return min(datetime(over.year, over.month, over.day, tzinfo=HANOI), self.known)

    @property
    def until(self) -> date:
        """The last day of work that is counted."""
        return (self.end - timedelta(microseconds=1)).astimezone(HANOI).date()


class Trail:
    """The facts, in the order in which they were written."""

    def __init__(self, engine: sa.Engine) -> None:
        query = sa.text("SELECT kind, subject, happened_at, learned_at, data FROM fact ORDER BY ordinal")
        with engine.connect() as conn:
            self.facts = [
                Fact(
                    row[0],
                    row[1],
                    _at(row[2]),
                    _at(row[3]),
                    json.loads(row[4]) if isinstance(row[4], str) else row[4],
                )
                for row in conn.execute(query)
            ]
        self._yields: dict[tuple[str, str], list[tuple[datetime, Yield]]] = defaultdict(list)
        for learned, one in self._yielded():
            self._yields[one[1], one[2]].append((learned, one))

    def of(self, *kinds: str, by: datetime | None = None) -> Iterator[Fact]:
        return (one for one in self.facts if one.kind in kinds and (by is None or one.learned <= by))

    def figure(self, name: str, asked: Asked) -> Decimal | None:
        """A figure by the name that a form gives it."""
        if name.startswith("activity."):
            _, kind, figure = name.split(".")
            return Decimal(self.work(kind, figure, asked)[0])
        return getattr(self, name)(asked)  # type: ignore[no-any-return]

    # --- the plan's tasks ---

    def tasks_given(self, asked: Asked) -> Decimal:
        gone = {one.id for one in self.of("plan_task.cancelled", "plan_task.carried_over", by=asked.known)}
        return Decimal(sum(one.id not in gone and one.happened < asked.end for one in self._given(asked)))

    def tasks_done(self, asked: Asked) -> Decimal:
        mine = {one.id for one in self._given(asked)}
        approved = {
            one.id
            for one in self.of("plan_task.approved", by=asked.known)
            if one.id in mine and asked.begin <= one.happened < asked.end
        }
        return Decimal(len(approved))

    def tasks_overdue(self, asked: Asked) -> Decimal:
        state = {one.id: ("given", one.data["due_on"]) for one in self._given(asked)}
        for one in self.facts:
            stepped = one.kind.startswith("plan_task.") and "from" in one.data and "due_on" in one.data
            if stepped and one.id in state and one.learned <= asked.known:
                state[one.id] = (one.data["to"], one.data["due_on"])
        today = asked.end.astimezone(HANOI).date().isoformat()
        return Decimal(sum(stands in _WAITS and due is not None and due < today for stands, due in state.values()))

    def _given(self, asked: Asked) -> Iterator[Fact]:
        for one in self.of("plan_task.given", by=asked.known):
            if one.data["plan"] == asked.plan and one.data["lead"] in asked.agencies:
                yield one

    # --- the golden hour: the province has one desk, so every report is its own ---

    def reports_received(self, asked: Asked) -> Decimal:
        return Decimal(len(self._reports(asked)))

    def reports_loss(self, asked: Asked) -> Decimal:
        losses = [loss for one in self._reports(asked) for loss in one.data["losses"]]
        return Decimal(sum(loss["amount_vnd"] for loss in losses if loss["duplicate_of"] is None))

    def holds_placed(self, asked: Asked) -> Decimal:
        return Decimal(len(self._placed(asked)))

    def held(self, asked: Asked) -> Decimal:
        """The most each hold ever held by the period's end, less the most it had held before it began."""
        before: dict[str, int] = {}
        by_the_end: dict[str, int] = {}
        for one in self._desk("hold.placed", asked):
            amount = one.data["held_vnd"]
            if one.happened < asked.begin:
                before[one.id] = max(amount, before.get(one.id, 0))
            if one.happened < asked.end:
                by_the_end[one.id] = max(amount, by_the_end.get(one.id, 0))
        return Decimal(sum(amount - before.get(key, 0) for key, amount in by_the_end.items()))

    def first_hold_minutes(self, asked: Asked) -> Decimal | None:
        first: dict[str, datetime] = {}
        for one in self._desk("hold.placed", asked):
            trace = one.data["trace"]
            first[trace] = min(one.happened, first.get(trace, one.happened))
        seconds = [
            (first[one.id] - one.happened).total_seconds()
            for one in self._desk("trace.opened", asked)
            if one.id in first and asked.begin <= one.happened < asked.end
        ]
        # By rank, the lower of the two in the middle: an interval that there really was.
        return round(Decimal(round(sorted(seconds)[(len(seconds) - 1) // 2])) / 60, 1) if seconds else None

    def alerts_opened(self, asked: Asked) -> Decimal:
        return Decimal(sum(1 for one in self.of("alert.opened", by=asked.known) if asked.begin <= one.happened))

    def alerts_decided_share(self, asked: Asked) -> Decimal | None:
        assert not self.alerts_opened(asked)
        return None

    def accounts_listed(self, asked: Asked) -> Decimal:
        return Decimal(
            sum(
                one.data["claimant"] in asked.agencies and asked.begin <= one.happened < asked.end
                for one in self.of("registry.claimed", by=asked.known)
            )
        )

    def _desk(self, kind: str, asked: Asked) -> list[Fact]:
        return list(self.of(kind, by=asked.known)) if self.desk in asked.agencies else []

    desk = ""

    def _reports(self, asked: Asked) -> list[Fact]:
        return [one for one in self._desk("report.received", asked) if asked.begin <= one.happened < asked.end]

    def _placed(self, asked: Asked) -> set[str]:
        """The holds that were placed first in the period."""
        first: dict[str, datetime] = {}
        for one in self._desk("hold.placed", asked):
            first.setdefault(one.id, one.happened)
        return {key for key, at in first.items() if asked.begin <= at < asked.end}

    # --- activities ---

    def work(self, kind: str, figure: str, asked: Asked) -> tuple[int, int]:
        """Amount and base of a kind's figure, of work on days of the period."""
        amount = base = 0
        for learned, (agency, _kind, _figure, day, _part, more, over) in self._yields[kind, figure]:
            if agency not in asked.agencies or learned > asked.known:
                continue
            if asked.first <= day <= asked.until:
                amount, base = amount + more, base + over
        return amount, base

    def records(self) -> int:
        """How many records were ever made."""
        batches = sum(int(one.data["records"]) for one in self.of("activity.imported"))
        return batches + sum(1 for _ in self.of("activity.recorded"))

    def _yielded(self) -> Iterator[tuple[datetime, Yield]]:
        for one in self.facts:
            data = one.data
            if one.kind == "activity.imported":
                for figure, day, _commune, part, amount, base in data["sums"]:
                    said = (data["agency"], data["kind"], figure, date.fromisoformat(day), part, amount, base)
                    yield one.learned, said
            elif one.kind in {"activity.recorded", "activity.corrected", "activity.moved", "activity.withdrawn"}:
                was: dict[str, Any] = data.get("was") or {"yields": []}
                for sign, stands in ((-1, was), (1, data)):
                    for figure, part, amount, base in stands["yields"]:
                        day = date.fromisoformat(stands["day"])
                        yield one.learned, (
                            data["agency"], data["kind"], figure, day, part, sign * amount, sign * base,
                        )  # fmt: skip


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _json(data: Any) -> dict[str, Any]:
    """SQLite keeps it as text."""
    found: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    return found
