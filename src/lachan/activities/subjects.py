"""What people ask about their own data reaches records, too: those that name them are found, and erased by rule.

Found are names and numbers in personal fields and narratives, also as they stood before a correction. Who looks for
them learns when and where a record is, and not what it says; of a restricted kind not even which kind it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import permits, store
from lachan.activities.erasing import erase
from lachan.activities.model import Activity
from lachan.activities.tables import activity, change
from lachan.foundation.access import Permission, SubjectRequest, reaches_all, require, subject_requests
from lachan.foundation.base import Actor, BadInput, InputReason, NotFound
from lachan.foundation.identifiers.text import fold
from lachan.foundation.storage import Unit, among
from lachan.foundation.taxonomy import ActivityKind, FieldType, all_activity_kinds, retention, vietnam_date
from lachan.response.rules.erasure import Keep, Part, Verdict

PICKED_MOST = 200
# Of one statement: set on the connection it would count for the erasing that follows, too.
_PIECES = {"yield_per": 1_000}
_WORD = re.compile(r"[^\W_]+")
# So many digits of a telephone or identity number are somebody's; fewer are a house's.
_DIGITS_LEAST, _DIGITS_MOST = 8, 19
_GROUPED = re.compile(r"\d+(?:[ .-]\d+)*")


@dataclass(frozen=True, slots=True)
class NamesThem:
    """A record that names who asks. `kind` is None where it is restricted and the viewer is not named for it."""

    id: str
    agency_id: str
    day: str
    kind: ActivityKind | None
    verdict: Verdict


def records_naming(conn: Connection, actor: Actor, request_id: str, now: datetime) -> list[NamesThem]:
    """The records that name who asks, the newest work first, of those agencies whose requests the actor answers.

    Raises:
        NotFound: no such request.
    """
    asked = _request(conn, actor, request_id)
    named_for = store.named_kinds(conn, actor.agency_id or "", actor.id)
    found = []
    for one, kind in _naming(conn, actor, asked, now):
        shown = kind if not kind.restricted or kind.code in named_for else None
        found.append(NamesThem(one.id, one.agency_id, one.day, shown, verdict(kind, one)))
    return sorted(found, key=lambda one: (one.day, one.id), reverse=True)[:PICKED_MOST]


def erase_records(unit: Unit, request_id: str, ids: Sequence[str]) -> list[tuple[str, tuple[Verdict, ...]]]:
    """Erase of these records what the rule lets go; returns what is said of them: days, and what became of those.

    All that are found may be picked: an answered request is over. Of a restricted record that is kept nothing is
    said: that it is there is a secret, too. The same transaction answers the request (`response.grant_erasure`).

    Raises:
        NotFound: a record that does not name who asks, or is not of the actor's reach.
    """
    if len(ids) > PICKED_MOST:
        raise BadInput(InputReason.TOO_LONG, field="activity", limit=PICKED_MOST)
    asked = _request(unit.conn, unit.actor, request_id)
    wanted = dict.fromkeys(ids)
    found = {
        one.id: (one, kind) for one, kind in _naming(unit.conn, unit.actor, asked, unit.now, ids=list(wanted))
    }  # fmt: skip
    if found.keys() != wanted.keys():
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
    decided = [(store.locked_activity(unit.conn, one_id), found[one_id][1]) for one_id in wanted]
    erase(unit, [one for one, kind in decided if verdict(kind, one).keep is None])
    said: list[tuple[str, tuple[Verdict, ...]]] = []
    days: dict[Verdict, list[str]] = {}
    for one, kind in decided:
        what = verdict(kind, one)
        if kind.restricted and what.keep is not None:
            said.append(("", (what,)))
        else:
            days.setdefault(what, []).append(one.day)
    for what, those in days.items():
        told = (f"{day[8:10]}/{day[5:7]}/{day[:4]}" for day in sorted(set(those)))
        said.append((", ".join(told), (what,)))
    return said


def verdict(kind: ActivityKind, one: Activity) -> Verdict:
    """What becomes of a record when somebody whom it names asks, by the rule for cases.

    While its stage has a clock all of it is needed. Afterwards a restricted one is evidence of a case until its
    time is over, unless it was withdrawn; on any other no case rests, and it goes.
    """
    if one.due_on is not None:
        return Verdict(Part.ACTIVITY, Keep.OPEN_WORK)
    if kind.restricted and one.withdrawn_at is None:
        until = retention("retention_activity", one.changed_at).deadline(one.changed_at)
        return Verdict(Part.ACTIVITY, Keep.EVIDENCE, until)
    return Verdict(Part.ACTIVITY)


def _request(conn: Connection, actor: Actor, request_id: str) -> SubjectRequest:
    for one in subject_requests(conn, actor):
        if one.id == request_id:
            return one
    raise NotFound(InputReason.NO_SUCH_RECORD, field="request_id")


def _naming(
    conn: Connection, actor: Actor, asked: SubjectRequest, now: datetime, *, ids: Sequence[str] | None = None
) -> Iterator[tuple[Activity, ActivityKind]]:  # fmt: skip
    require(actor, Permission.DATASUBJECT_MANAGE)
    kinds = {
        one.code: one for one in all_activity_kinds() if one.restricted or any(f.is_personal for f in one.fields)
    }
    where: list[sa.ColumnElement[bool]] = [activity.c.kind.in_(sorted(kinds)), activity.c.erased_at.is_(None)]
    if not reaches_all(actor, Permission.DATASUBJECT_MANAGE):
        where.append(store.recorded_at(permits.own(conn, actor, vietnam_date(now))))
    if ids is not None:
        where.append(among(conn, activity.c.id, list(ids)))
    name, numbers = _words(asked.name), _numbers(f"{asked.contact} {asked.details}")
    acts = sa.select(activity.c.id, activity.c.kind, change.c.before, change.c.words)
    acts = acts.join(activity, activity.c.id == change.c.activity_id).where(*where)
    earlier = {
        row.id
        for row in conn.execute(acts, execution_options=_PIECES)
        if _holds(row.words, name, numbers) or _names(kinds[row.kind], row.before, name, numbers)
    }
    for row in conn.execute(sa.select(activity).where(*where), execution_options=_PIECES):
        kind = kinds[row.kind]
        if row.id in earlier or _names(kind, row.content, name, numbers):
            yield store.activity_from_row(row), kind


def _names(kind: ActivityKind, values: Mapping[str, Any], name: str, numbers: frozenset[str]) -> bool:
    """Whether a record's personal fields or narratives hold the whole name, word by word, or one of the numbers."""
    for field in kind.fields:
        if not (field.is_personal or field.type is FieldType.LONG_TEXT) or field.code not in values:
            continue
        if any(_holds(text, name, numbers) for text in _texts(values[field.code])):
            return True
    return False


def _holds(text: str, name: str, numbers: frozenset[str]) -> bool:
    """Whether a text holds the whole name or one of the numbers."""
    if name and f" {name} " in f" {_words(text)} ":
        return True
    return bool(numbers) and not numbers.isdisjoint(_numbers(text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _words(text: str) -> str:
    """As people compare names: no case, accents, punctuation or doubled spaces."""
    return " ".join(_WORD.findall(fold(text).lower()))


def _numbers(text: str) -> frozenset[str]:
    """The long numbers in a text, a telephone number with its country like one without."""
    found: set[str] = set()
    for row in _GROUPED.findall(text):
        # Where one number ends and the next begins is not said: every run of groups may be one.
        groups = re.findall(r"\d+", row)
        for at in range(len(groups)):
            one = ""
            for group in groups[at:]:
                one += group
                if len(one) > _DIGITS_MOST:
                    break
                found.add(one)
        found |= {group for group in groups if len(group) > _DIGITS_MOST}
    return frozenset(re.sub(r"^84(?=\d{9}$)", "0", one) for one in found if len(one) >= _DIGITS_LEAST)
