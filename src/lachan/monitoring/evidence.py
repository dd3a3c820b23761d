"""What an officer reads and signs: one sentence for a typology that fired, with the figures of that instant."""

import re
from collections.abc import Mapping
from functools import cache

from lachan.foundation.base import Language, format_vnd, translate
from lachan.monitoring.features import FEATURES, KINDS, NUMBER, SEARCHES, Unit
from lachan.monitoring.model import Proof, Typology

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_UNIT_OF = {feature.name: feature.unit for feature in FEATURES}
_BUDGET = "budget_hit"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def sentence(proof: Proof, language: Language, *, payer: str, payee: str) -> str:
    """The typology's sentence about this row; accounts are shown as they are given."""
    return worded(proof.typology, told(proof), language, payer=payer, payee=payee)


def worded(
    typology: Typology, features: Mapping[str, int], language: Language, *, payer: str, payee: str
) -> str:  # fmt: skip
    """The same from the features that the typology speaks of, as an alert keeps them."""

    def word(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in ("payer", "payee"):
            return payer if name == "payer" else payee
        return in_words(name, features[name], language)

    return _PLACEHOLDER.sub(word, typology.sentence(language))


def told(proof: Proof) -> dict[str, int]:
    """What was known of the row, as far as the typology's condition and sentence speak of it.

    Also `budget_hit`, where a search that the typology rests on was cut short: there was at least what it says.
    """
    known = {name: proof.features[NUMBER[name]] for name in spoken_of(proof.typology)}
    if not (cut := proof.features[NUMBER[_BUDGET]]):
        return known
    cut &= sum(1 << bit for bit, found in enumerate(SEARCHES.values()) if not known.keys().isdisjoint(found))
    return known | {_BUDGET: cut} if cut else known


def searches_cut(proof: Proof) -> list[str]:
    """The searches that the alert rests on and that were cut short, by name."""
    return _searches_in(told(proof).get(_BUDGET, 0))


def _searches_in(bits: int) -> list[str]:
    """The names of searches, of their bits."""
    return [name for bit, name in enumerate(SEARCHES) if bits >> bit & 1]


@cache
def spoken_of(typology: Typology) -> tuple[str, ...]:
    """The features in a typology's condition, then those only in its sentence."""
    tested = [test.feature for clause in typology.clauses for test in clause]
    named = [name for name in _PLACEHOLDER.findall(typology.sentence_vi + typology.sentence_en) if name in NUMBER]
    return tuple(dict.fromkeys([*tested, *named]))


def in_words(name: str, value: int, language: Language) -> str:
    """A feature's value in words."""
    return said(value, _UNIT_OF[name], language)


def said(value: int, unit: Unit, language: Language) -> str:
    """A feature's value in words: money, a period of time, a share in percent, names, or a number."""
    if value < 0 and unit in (Unit.SECONDS, Unit.PERMILLE, Unit.FLAG):
        return translate("monitoring.not_known", language)
    if unit is Unit.FLAG:
        return translate("monitoring.yes" if value else "monitoring.no", language)
    if unit is Unit.VND:
        return format_vnd(value)
    if unit is Unit.SECONDS:
        return period(value, language)
    if unit is Unit.PERMILLE:
        # Rounded down, as a share that is not quite the whole must not read like it.
        return f"{value // 10} %"
    if unit is Unit.KIND:
        return translate(f"monitoring.kind.{KINDS[value]}", language)
    if unit is Unit.SEARCHES:
        return ", ".join(translate(f"monitoring.search.{name}", language) for name in _searches_in(value)) or "–"
    return str(value)


def period(seconds: int, language: Language) -> str:
    """A length of time with its one or two largest units."""
    days, rest = divmod(max(seconds, 0), _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    units = (("days", days), ("hours", hours), ("minutes", minutes), ("seconds", rest))
    first = next((place for place, (_, count) in enumerate(units) if count), len(units) - 1)
    return " ".join(
        translate(f"monitoring.{name}", language, count=count)
        for name, count in units[first : first + 2]
        if count or first == len(units) - 1
    )
