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
from lachan.foundation.taxonomy import threshold
from lachan.monitoring import ASSUMED, Constants, Monitor, Typology, features, typologies
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


def test_what_should_be_stopped_shows_more_than_what_should_be_looked_at() -> None:
    for one in ALL:
        tests = [test for clause in one.clauses for test in clause]
        assert any(test.interdict != test.alert for test in tests) == (one.interdict_weight > 0), one.code


def test_a_number_of_the_law_is_that_of_the_day() -> None:
    """The limit is on the books since July 2024, from another source before 2025; the rest is assumed."""
    for code in ("new_device_large", "foreign_ip_new_payee", "biometrics_changed_large"):
        text = resources.files("lachan.monitoring").joinpath("typologies", f"{code}.yaml").read_text("utf-8")
        sources = [typology(text, code, day).parameters[0].source for day in (date(2024, 11, 1), DAY)]
        assert sources == ["[S26]", "[S27]"]
        tests = [test for clause in typology(text, code, DAY).clauses for test in clause]
        (amount,) = (test for test in tests if test.parameter == "amount")
        assert (amount.alert, amount.compare) == (threshold("biometric_transfer", DAY).value, "above")


def test_every_number_says_where_it_comes_from() -> None:
    for one in ALL:
        for parameter in one.parameters:
            for source in (parameter.source, parameter.interdict_source):
                assert source == ASSUMED or source.startswith("["), (one.code, parameter.name)
            # A publication says one number: what is stricter than that has a source of its own.
            if parameter.interdict != parameter.alert:
                assert parameter.interdict_source == ASSUMED, (one.code, parameter.name)
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
