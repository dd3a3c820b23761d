"""An alert in words: the sentence that is signed, and the figures behind it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from lachan.foundation.base import Language, NotFound, translate
from lachan.monitoring.alerts.model import Sighting
from lachan.monitoring.evidence import in_words, worded
from lachan.monitoring.loading import typology_of
from lachan.monitoring.model import Typology


def sentence_of(one: Sighting, now: datetime, language: Language, show: Callable[[str], str]) -> str:
    """The typology's sentence with this sighting's figures; `show` writes an account, masked or whole.

    Empty where the typology is no longer among today's.
    """
    fired = next((it for it in one.shown if it.id == one.fired), None)
    try:
        spoken = typology_of(one.typology, now)
        payer, payee = (show(fired.payer), show(fired.payee)) if fired else ("–", "–")
        return worded(spoken, one.features, language, payer=payer, payee=payee)
    except (NotFound, KeyError):
        return ""


def figures_of(one: Sighting, language: Language) -> Iterator[tuple[str, str]]:
    """What was known at that instant, as far as the typology speaks of it: caption and value in words."""
    for name, value in one.features.items():
        yield translate(f"alerts.feature.{name}", language), in_words(name, value, language)


def name_of(code: str, now: datetime, language: Language) -> str:
    """A typology's name; the code where it is no longer among today's."""
    found = known(code, now)
    return found.label(language) if found else code


def known(code: str, now: datetime) -> Typology | None:
    """The typology of that code, if there is one today."""
    try:
        return typology_of(code, now)
    except NotFound:
        return None
