"""How the pages of communication name channels, audiences, forms, people and agencies."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies, person_names
from lachan.foundation.base import LachanError, Language
from lachan.foundation.taxonomy import (
    outreach_audience,
    outreach_audiences,
    outreach_channel,
    outreach_channels,
    reach_source,
    retraction,
    scam_form,
    scam_forms,
)
from lachan.response.shapes import Choice


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that has a name, in one language, on one day."""

    language: Language
    now: datetime
    agencies: dict[str, str]
    people: dict[str, str]

    def channel(self, code: str) -> str:
        """A channel."""
        return self._label(lambda: outreach_channel(code, self.now).label(self.language), code)

    def audience(self, code: str) -> str:
        """An audience."""
        return self._label(lambda: outreach_audience(code, self.now).label(self.language), code)

    def form(self, code: str | None) -> str:
        """A form of fraud; empty where none is named."""
        return self._label(lambda: scam_form(code, self.now).label(self.language), code) if code else ""

    def source(self, code: str) -> str:
        """Where a figure of people reached comes from."""
        return self._label(lambda: reach_source(code, self.now).label(self.language), code)

    def retraction(self, code: str | None) -> str:
        """Why something was taken back."""
        return self._label(lambda: retraction(code, self.now).label(self.language), code) if code else ""

    def who(self, reference: str) -> str:
        """A person's name; what is no person is the system."""
        kind, _, rest = reference.partition(":")
        return self.people.get(rest) or (rest if kind == "person" else "lachan")

    def agency(self, agency_id: str | None) -> str:
        """An agency's short name."""
        return self.agencies.get(agency_id or "", "–")

    def forms(self, chosen: str | None = None) -> tuple[Choice, ...]:
        """Every form as a choice."""
        return tuple(
            Choice(one.code, text=one.label(self.language), chosen=one.code == chosen)
            for one in scam_forms(self.now)
        )

    def audiences(self, chosen: str | None = None) -> tuple[Choice, ...]:
        """Every audience as a choice."""
        return tuple(
            Choice(one.code, text=one.label(self.language), chosen=one.code == chosen)
            for one in outreach_audiences(self.now)
        )

    def channels(self, chosen: str | None = None) -> tuple[Choice, ...]:
        """Every channel of a campaign as a choice."""
        return tuple(
            Choice(one.code, text=one.label(self.language), chosen=one.code == chosen)
            for one in outreach_channels(self.now) if one.code != "web_page"
        )  # fmt: skip

    @staticmethod
    def _label(say: Callable[[], str], code: str) -> str:
        try:
            return say()
        except LachanError:
            return code


def names_for(conn: Connection, language: Language, now: datetime, people: Iterable[str] = ()) -> Names:
    """The names that a page needs, in two queries. `people`: references as the trail has them."""
    ids = {rest for kind, _, rest in (one.partition(":") for one in people) if kind == "person"}
    return Names(language, now, {one.id: one.short_name for one in agencies(conn)}, person_names(conn, ids))
