"""What the pages of activities share: the kind of an address, names of agencies and people, what is shown whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from lachan.activities import Activity
from lachan.activities.saying import shown
from lachan.doors.web.visit import Visit
from lachan.foundation.access import agencies, may_see_personal, person_names
from lachan.foundation.base import BadInput, InputReason, Language
from lachan.foundation.taxonomy import ActivityField, ActivityKind, activity_kind

BASE = "/activities"


@dataclass(frozen=True, slots=True)
class Names:
    """Agencies and people by their ids, in one language."""

    language: Language
    agencies: dict[str, str]
    people: dict[str, str]

    def agency(self, agency_id: str) -> str:
        """An agency's short name."""
        return self.agencies.get(agency_id, agency_id)

    def who(self, reference: str) -> str:
        """A person's name; a program is named by its own word."""
        return self.people.get(reference.partition(":")[2], "lachan")

    def shown(self, field: ActivityField, one: Activity, *, full: bool) -> str:
        """A record's value as a person reads it."""
        return shown(field, one.values.get(field.code), self.language, self.agency, full=full)


def names_of(conn: Connection, visit: Visit, people: Iterable[str] = ()) -> Names:
    """Everybody's names."""
    ids = {one.partition(":")[2] for one in people if one.startswith("person:")}
    return Names(
        visit.language, {one.id: one.short_name for one in agencies(conn)}, person_names(conn, ids) if ids else {}
    )  # fmt: skip


def kind_of(visit: Visit, code: str) -> ActivityKind:
    """The kind that an address names."""
    return activity_kind(code, visit.now)


def personal(kind: ActivityKind) -> bool:
    """Whether a record of the kind can hold something personal."""
    return any(one.is_personal for one in kind.fields)


def subject_of_kind(kind: ActivityKind) -> str:
    """How looks at all of an agency's records of a kind are recorded."""
    return f"activity_kind:{kind.code}"


def subject_of(one: Activity) -> str:
    """How looks at one record are recorded."""
    return f"activity:{one.id}"


def sees_whole(conn: Connection, visit: Visit, kind: ActivityKind, one: Activity) -> bool:
    """Whether a purpose was stated for the record, or for the kind."""
    return not personal(kind) or any(
        may_see_personal(conn, visit.actor, subject, visit.wall_now)
        for subject in (subject_of(one), subject_of_kind(kind))
    )


def day_or_none(text: str, name: str) -> date | None:
    """A day of a filter; None where empty."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(InputReason.MALFORMED, field=name, expected="2026-11-18") from None


def dmy(day: str) -> str:
    """`21/11/2026` from an ISO day."""
    return f"{day[8:10]}/{day[5:7]}/{day[:4]}"
