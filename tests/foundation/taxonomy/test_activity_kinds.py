"""Kinds of activity: all files hang together, say everything in both languages, and serve the demands they must."""

from dataclasses import replace
from datetime import date

import pytest
from tests.conftest import NOON

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import Kind
from lachan.foundation.taxonomy import (
    ActivityKind,
    FieldType,
    activity_kinds,
    agency_kinds,
    all_activity_kinds,
    communes,
    find_commune,
    provinces,
)
from lachan.foundation.taxonomy.activity_checks import check_kind
from lachan.foundation.taxonomy.activity_model import ActivityField, Named

# Demands about governance, inspection, training, money and communication that are no plan, task or report of their
# own, no outreach and no other capability's: each needs a kind.
NEEDED = {
    1, 5, 10, 11, *range(14, 23), 25, 26, 36, 37, 44, 45, 48, 49, 56, 57, *range(61, 72), *range(73, 78),
    *range(80, 84), *range(85, 104),
}  # fmt: skip
KINDS = all_activity_kinds()


def named_parts(kind: ActivityKind) -> list[Named]:
    columns = [column for one in kind.fields for column in one.columns]
    choices = [choice for one in (*kind.fields, *columns) for choice in one.choices]
    return [*kind.fields, *columns, *choices, *kind.states, *kind.figures]


def test_every_demand_that_needs_a_kind_has_one() -> None:
    served = {demand for kind in activity_kinds(NOON) for demand in kind.demands}
    assert NEEDED - served == set()
    assert len(KINDS) >= 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_kind_says_everything_in_both_languages(kind: ActivityKind) -> None:
    assert kind.vi.strip()
    assert kind.en.strip()
    for one in named_parts(kind):
        assert one.vi.strip(), one.code
        assert one.en.strip(), one.code
    assert len(kind.help_vi) > 20
    assert len(kind.help_en) > 20
    assert all(not one.pattern or (one.pattern_vi and one.pattern_en) for one in kind.fields)
    for labels in ([one.vi.lower() for one in kind.fields], [one.en.lower() for one in kind.fields]):
        assert len(set(labels)) == len(labels), "two columns of one name cannot be told apart in a file"
        assert not any("(" in label for label in labels), "brackets in a column's head hold the unit"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_kind_names_what_exists(kind: ActivityKind) -> None:
    ended = {"state_bank_branch", "planning_department", "information_department"}
    assert set(kind.recorded_by) <= {one.code for one in agency_kinds(NOON)} | ended
    assert {one.identifier for one in kind.fields if one.identifier} <= set(Kind)
    personal = any(one.is_personal for one in kind.fields)
    assert personal or not kind.restricted, "what is restricted says so of somebody"
    assert kind.field(kind.title).type is not FieldType.FILE
    assert not (kind.restricted and kind.field(kind.title).is_personal), "a list shows the title without a purpose"


_LOOSE = ActivityField(code="x1", vi="x", en="x", type=FieldType.CHOICE)
WRONG = (
    (lambda k: replace(k, demands=(104,)), "demands"),
    (lambda k: replace(k, happened="shop"), "happened"),
    (lambda k: replace(k, title="nothing"), "title"),
    (lambda k: replace(k, place="shop"), "place"),
    (lambda k: replace(k, figures=()), "figures"),
    (lambda k: replace(k, figures=(replace(k.figures[2], field="shop"),)), "shop"),
    (lambda k: replace(k, figures=(replace(k.figures[1], among=("perhaps",)),)), "among"),
    (lambda k: replace(k, fields=(*k.fields, k.fields[0])), "each once"),
    (lambda k: replace(k, fields=(*k.fields, _LOOSE)), "choices"),
    (lambda k: replace(k, fields=(*k.fields, replace(k.fields[1], code="state"))), "already"),
    (lambda k: replace(k, fields=(*k.fields, replace(k.fields[1], code="x2", pattern="["))), "pattern"),
    (lambda k: replace(k, fields=(*k.fields, replace(k.fields[1], code="x3", not_before="day"))), "date"),
    (lambda k: replace(k, fields=(*k.fields, replace(k.fields[1], code="x4", at_most="stock"))), "at_most"),
    (lambda k: replace(k, fields=(*k.fields, replace(k.fields[5], code="x5", at_most="shop"))), "shop"),
)  # fmt: skip


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[named for _, named in WRONG])
def test_what_cannot_be_is_an_error_with_its_place(change: object, named: str) -> None:
    kind = next(one for one in KINDS if one.code == "sim_pos_check")
    assert callable(change)
    with pytest.raises(ValueError, match=named) as wrong:
        check_kind(change(kind))
    assert "activities/sim_pos_check.yaml" in str(wrong.value)


def test_the_places_of_the_map() -> None:
    assert (len(provinces()), len(communes())) == (34, 3_321)
    # Islands and zones too, each where it lies.
    assert {"Đặc khu Hoàng Sa", "Đặc khu Trường Sa"} <= {one.name for one in communes().values()}
    assert all(8 < one.lat < 24 and 102 < one.lon < 115 for one in communes().values())
    assert all(one.province_code in provinces() for one in communes().values())


@pytest.mark.parametrize(
    ("typed", "province", "found"),
    [
        ("Xã Đàm Thủy, Cao Bằng", None, "01501"), ("đàm thủy", "04", "01501"), ("Dam Thuy", "04", "01501"),
        ("xã Đàm Thuỷ", "04", "01501"), ("1501", "04", "01501"), ("Xã Đàm Thủy", "01", "01501"),
        ("Phường Ba Đình, TP Hà Nội", None, "00004"),
    ],
)  # fmt: skip
def test_a_commune_is_found_as_people_write_it(typed: str, province: str | None, found: str) -> None:
    assert find_commune(typed, province).code == found


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("Xã Không Đâu", "taxonomy_place_unknown"), ("Tân Tiến", "taxonomy_place_several"),
        ("Xã Đàm Thủy, Tỉnh Không Có", "taxonomy_place_unknown"), ("99999", "taxonomy_place_unknown"),
    ],
)  # fmt: skip
def test_a_commune_that_is_none_or_several_is_said(typed: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        find_commune(typed)
    assert refused.value.reason.value == reason


def test_kinds_are_dated() -> None:
    assert activity_kinds(date(2020, 1, 1)) == ()
