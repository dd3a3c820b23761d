"""Advice as data: what a person reads when a key was looked up, in both languages, dated and numbered."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import Language
from lachan.foundation.taxonomy.loading import current, load
from lachan.foundation.taxonomy.model import Entry


class AdviceCase(StrEnum):
    """What is known: a verdict, or not enough to have one."""

    CLEAR = "clear"
    WARN = "warn"
    STEP_UP = "step_up"
    BLOCK = "block"
    UNKNOWN = "unknown"


class PartKind(StrEnum):
    """What a part of an advice is about."""

    REASON = "reason"
    FORM = "form"
    CONTEXT = "context"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience(Entry):
    """Who reads: the victim groups of scam forms that they stand for, and the ages that say so by themselves."""

    victim_groups: tuple[str, ...]
    age_bands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceText(Entry):
    """One text for a case and an audience; `code` is `CODE.VARIANT`, `vi` and `en` are the title.

    Variants are in force side by side, so that their stop rates can be compared. Other words: a higher `version`.
    """

    case: AdviceCase
    audience: str
    version: int
    text_vi: str
    text_en: str
    steps_vi: tuple[str, ...]
    steps_en: tuple[str, ...]

    @property
    def family(self) -> str:
        """The code that all variants share."""
        return self.code.rpartition(".")[0]

    @property
    def variant(self) -> str:
        """Which of several texts this is."""
        return self.code.rpartition(".")[2]

    def text(self, language: Language) -> str:
        """The sentences under the title."""
        return self.text_vi if language is Language.VI else self.text_en

    def steps(self, language: Language) -> tuple[str, ...]:
        """What to do, in order."""
        return self.steps_vi if language is Language.VI else self.steps_en


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvicePart(Entry):
    """One sentence about a reason's family, a scam form, the payment, or the kind of identifier (`about`)."""

    kind: PartKind
    about: str
    version: int


def audiences(on: date | datetime) -> tuple[Audience, ...]:
    """Everybody to whom the advice speaks in words of their own; the first is whoever pays."""
    return current(load("audiences", Audience), on)


def advice_texts(on: date | datetime) -> tuple[AdviceText, ...]:
    """Every text in force on that day, variants in their order."""
    return current(load("advice", AdviceText), on)


def all_advice_texts() -> tuple[AdviceText, ...]:
    """Every text that there is or was: outcomes come in after a text has been replaced."""
    return load("advice", AdviceText)


def advice_parts(on: date | datetime) -> tuple[AdvicePart, ...]:
    """Every part in force on that day."""
    return current(load("advice_parts", AdvicePart), on)
