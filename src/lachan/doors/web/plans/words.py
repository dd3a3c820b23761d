"""How the pages of plans name agencies and people, and what every one of them is given."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from lachan.doors.web.visit import Form, Visit
from lachan.foundation.access import agency_names, person_names
from lachan.foundation.base import BadInput, InputReason
from lachan.plans.views.sight import Sight, sight_of

_WRITTEN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Names:
    """Agencies and people by id."""

    agencies: dict[str, str]
    people: dict[str, str]

    def agency(self, agency_id: str | None) -> str:
        """An agency's name; a dash for nobody."""
        return self.agencies.get(agency_id or "", "–")

    def who(self, reference: str) -> str:
        """A person behind `person:018f…`; what is no person is the system."""
        kind, _, found = reference.partition(":")
        return self.people.get(found, "–") if kind == "person" else "lachan"


def look(visit: Visit, conn: Connection) -> Sight:
    """What this visitor may see of plans."""
    return sight_of(conn, visit.actor, visit.now)


def names_of(conn: Connection, ids: Iterable[str | None], people: Iterable[str] = ()) -> Names:
    """The names of some agencies and people, in two queries."""
    persons = [one.partition(":")[2] for one in people if one.startswith("person:")]
    return Names(agency_names(conn, [one for one in ids if one]), person_names(conn, persons))


def day_in(form: Form, name: str) -> date | None:
    """A day from a date field, or typed as people write it where a browser has none: `31/12/2026`; None if empty.

    Raises:
        BadInput: MALFORMED, also for a day that no calendar has (31/02).
    """
    typed = form.text(name)
    if not typed:
        return None
    written = _WRITTEN.fullmatch(typed)
    try:
        if written is not None:
            return date(int(written[3]), int(written[2]), int(written[1]))
        return date.fromisoformat(typed)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="31/12/2026") from error


def version_in(form: Form) -> int | None:
    """The version that the form's maker had before them."""
    typed = form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() else None


def several(form: Form, name: str) -> list[str]:
    """Everything chosen in a field that takes several."""
    return [one for one in form.fields.getlist(name) if isinstance(one, str) and one]
