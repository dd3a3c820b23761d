"""Communication as data: channels with their length limits, audiences, methods of fraud in plain words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import Language
from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import Entry


class LengthUnit(StrEnum):
    """In what a text's length is limited: what is read by eye in characters, what is read aloud in seconds."""

    CHARACTERS = "characters"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachChannel(Entry):
    """A channel with its limits: `most` in `unit`, of the title `title_most` characters.

    `pace`: syllables a minute when read aloud, where the limit is a time. `airs`: each use has a time and a length
    on air. `assumed`: the limit is this project's own.
    """

    unit: LengthUnit
    most: int
    title_most: int
    pace: int | None
    airs: bool
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachAudience(Entry):
    """Whom a piece addresses; `victim_groups` are those of the scam forms that concern them most."""

    victim_groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachSource(Entry):
    """Where a figure of people reached comes from; `counted`, or estimated."""

    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModusOperandi(Entry):
    """A method of fraud in plain words: `code` is the scam form's, `vi` and `en` say how it goes.

    `signs`: how to recognise it. `steps`: what to do, the most urgent first.
    """

    signs_vi: tuple[str, ...]
    signs_en: tuple[str, ...]
    steps_vi: tuple[str, ...]
    steps_en: tuple[str, ...]

    def signs(self, language: Language) -> tuple[str, ...]:
        """How to recognise it."""
        return self.signs_vi if language is Language.VI else self.signs_en

    def steps(self, language: Language) -> tuple[str, ...]:
        """What to do."""
        return self.steps_vi if language is Language.VI else self.steps_en


def outreach_channel(code: str, on: date | datetime) -> OutreachChannel:
    """One channel. Raises NotFound with a named reason, as every look-up here does."""
    return find(load("outreach_channels", OutreachChannel), code, on)


def outreach_channels(on: date | datetime) -> tuple[OutreachChannel, ...]:
    """Every channel in use on that day."""
    return current(load("outreach_channels", OutreachChannel), on)


def outreach_audience(code: str, on: date | datetime) -> OutreachAudience:
    """One audience."""
    return find(load("outreach_audiences", OutreachAudience), code, on)


def outreach_audiences(on: date | datetime) -> tuple[OutreachAudience, ...]:
    """Every audience, everybody first."""
    return current(load("outreach_audiences", OutreachAudience), on)


def retraction(code: str, on: date | datetime) -> Entry:
    """One reason for taking something back."""
    return find(load("outreach_retractions", Entry), code, on)


def retractions(on: date | datetime) -> tuple[Entry, ...]:
    """Why something published may be taken back."""
    return current(load("outreach_retractions", Entry), on)


def reach_source(code: str, on: date | datetime) -> ReachSource:
    """One source of a figure of people reached."""
    return find(load("reach_sources", ReachSource), code, on)


def reach_sources(on: date | datetime) -> tuple[ReachSource, ...]:
    """Where such a figure may come from, the firmest first."""
    return current(load("reach_sources", ReachSource), on)


def modus_operandi(code: str, on: date | datetime) -> ModusOperandi:
    """How one form of fraud goes, in plain words."""
    return find(load("modus_operandi", ModusOperandi), code, on)
