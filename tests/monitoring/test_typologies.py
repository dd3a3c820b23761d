"""Every typology fires on its own examples and stays quiet on the innocent ones, in the real engine.

In a table under `quiet` a row may be marked as one that fires; no other row does.
"""

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from tests.monitoring.example_tables import columns_of, rows_of

from lachan import ledger
from lachan.foundation.base import LANGUAGES
from lachan.monitoring import Constants, Monitor, Typology, features, typologies
from lachan.monitoring.loading import typology

DAY = date(2026, 3, 2)
ALL = typologies(DAY)
CONSTANTS = Constants.on(DAY)


def fired(one: Typology, table: str) -> list[bool]:
    """Of each row, whether it fired."""
    columns = columns_of(rows_of(table))
    bit = ALL.index(one)
    return [bool(mask >> bit & 1) for mask in Monitor(ALL, CONSTANTS).score(columns).alerts.tolist()]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_it_fires_where_it_should_and_only_there(one: Typology) -> None:
    assert one.fires
    assert one.quiet
    for table in one.fires:
        assert fired(one, table)[-1], table
    for table in one.quiet:
        assert fired(one, table) == [row.get("fires") == "yes" for row in rows_of(table)], table


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_what_it_shows_is_there_and_came_before(one: Typology) -> None:
    for table in one.fires:
        rows = rows_of(table)
        proofs = [p for p in Monitor(ALL, CONSTANTS).score(columns_of(rows)).proofs if p.typology == one]
        last = proofs[-1]
        assert last.row == len(rows) - 1
        assert last.row in last.transfers
        assert list(last.transfers) == sorted(set(last.transfers))
        assert min(last.transfers) >= 0
        assert len(last.transfers) > 1 or not one.shown_by


def test_an_interdict_is_never_looser_than_an_alert() -> None:
    for one in ALL:
        for clause in one.clauses:
            for test in clause:
                if test.compare in ("at_least", "above"):
                    assert test.interdict >= test.alert, one.code
                elif test.compare in ("at_most", "below"):
                    assert test.interdict <= test.alert, one.code
                else:
                    assert test.interdict == test.alert, one.code


def test_every_number_says_where_it_comes_from() -> None:
    for one in ALL:
        for parameter in one.parameters:
            assert parameter.assumed or parameter.source.startswith("["), (one.code, parameter.name)
        for language in LANGUAGES:
            assert one.label(language)
            assert one.explanation(language)


def test_the_page_lists_them_all() -> None:
    page = (Path(__file__).parents[2] / "docs" / "concepts" / "monitoring.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (\w+) \|$", page, re.MULTILINE)
    assert listed == [(one.code, one.vi, one.en, one.reason) for one in ALL]
    assert len(ALL) >= 25


def test_kinds_are_the_ledgers() -> None:
    assert tuple(kind.value for kind in ledger.KINDS) == features.KINDS


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("code: round_trip", "code: other"),
        ("reason: R8", "reason: R99"),
        ("feature: cycle_length", "feature: cycle_lengths"),
        ("op: at_least", "op: more"),
        ("value: length", "value: 7"),
        ("source: assumed}", "}"),
        ("within: 24h", "within: 2h"),
        ("[cycle]", "[circle]"),
        ("alert: 0.3", "alert: 1.3"),
        ("interdict: 0.6", "interdict: 0.2"),
        ("  length: {", "  other: {alert: 1, source: assumed}\n  length: {"),
        ("within: 24h", "within: 24h\nmore: 1"),
    ],
)
def test_a_mistake_in_a_file_is_refused(was: str, becomes: str) -> None:
    text = resources.files("lachan.monitoring").joinpath("typologies", "round_trip.yaml").read_text("utf-8")
    assert was in text
    assert typology(text, "round_trip", DAY).code == "round_trip"
    with pytest.raises(Exception, match=r"."):
        typology(text.replace(was, becomes, 1), "round_trip", DAY)
