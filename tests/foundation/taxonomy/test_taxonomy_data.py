"""Every row of every data file: both languages, basis, source, coherent validity, references that resolve."""

import re
from datetime import timedelta
from importlib import resources
from itertools import pairwise

import pytest

from lachan.foundation.identifiers import Kind
from lachan.foundation.taxonomy import (
    AdvicePart,
    AdviceText,
    AgencyKind,
    AlertDismissal,
    Audience,
    BranchEnd,
    ClaimSource,
    ClaimStanding,
    ClockRow,
    Entry,
    Facet,
    FollowUp,
    HoldRefusal,
    HoldStep,
    LegalBasis,
    ListingPeriod,
    ReminderStep,
    Rule,
    ScamForm,
    Situation,
    SpecialDay,
    SuspicionReason,
    Threshold,
    VerdictWay,
)
from lachan.foundation.taxonomy.loading import _row, load, read

FILES: dict[str, type[Entry]] = {
    "legal_bases": LegalBasis,
    "hold_ladder": HoldStep,
    "clocks": ClockRow,
    "retention": ClockRow,
    "thresholds": Threshold,
    "agency_kinds": AgencyKind,
    "scam_forms": ScamForm,
    "situations": Situation,
    "suspicion_reasons": SuspicionReason,
    "hold_refusals": HoldRefusal,
    "alert_dismissals": AlertDismissal,
    "branch_ends": BranchEnd,
    "follow_ups": FollowUp,
    "reminder_steps": ReminderStep,
    "claim_standings": ClaimStanding,
    "claim_sources": ClaimSource,
    "verdict_ways": VerdictWay,
    "listing_periods": ListingPeriod,
    "audiences": Audience,
    "advice": AdviceText,
    "advice_parts": AdvicePart,
    **{facet.value: Entry for facet in Facet},
}
ALL = [(file, row) for file, kind in FILES.items() for row in load(file, kind)]
CODES = {file: {row.code for row in load(file, kind)} for file, kind in FILES.items()}
MARK = re.compile(r"\[(S\d+|H|M|L|D)\]")
VIETNAMESE = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
SOURCES = {str(row["code"]) for row in read("sources")}


def test_every_file_is_read() -> None:
    data = resources.files("lachan.foundation.taxonomy").joinpath("data")
    assert {file.name.removesuffix(".yaml") for file in data.iterdir()} == {*FILES, "holidays", "sources"}


@pytest.mark.parametrize(("file", "row"), ALL, ids=lambda v: v.code if isinstance(v, Entry) else v)
def test_a_row_is_complete(file: str, row: Entry) -> None:
    assert row.vi != row.en
    assert VIETNAMESE.search(row.vi) or row.code in {"website"}
    assert MARK.fullmatch(row.source)
    if row.source.startswith("[S"):
        assert row.source.strip("[]") in SOURCES
    assert row.valid_to is None or row.valid_from <= row.valid_to
    if isinstance(row, Rule):
        assert row.legal_basis
        assert set(row.legal_basis) <= CODES["legal_bases"]


@pytest.mark.parametrize("file", FILES)
def test_versions_of_a_code_do_not_overlap_or_leave_gaps(file: str) -> None:
    by_code: dict[str, list[Entry]] = {}
    for row in load(file, FILES[file]):
        by_code.setdefault(row.code, []).append(row)
    for versions in by_code.values():
        for earlier, later in pairwise(sorted(versions, key=lambda row: row.valid_from)):
            assert earlier.valid_to is not None
            assert later.valid_from == earlier.valid_to + timedelta(days=1)


@pytest.mark.parametrize("row", [row for _, row in ALL if isinstance(row, Rule)], ids=lambda row: row.code)
def test_a_rule_is_not_older_than_its_basis(row: Rule) -> None:
    bases = {basis.code: basis for basis in load("legal_bases", LegalBasis)}
    if not isinstance(row, HoldStep | AgencyKind):  # bodies and steps outlive the acts they rest on
        assert all(bases[code].in_force(row.valid_from) for code in row.legal_basis)


def test_references_resolve() -> None:
    clock_codes = CODES["clocks"]
    for basis in load("legal_bases", LegalBasis):
        assert basis.limit_clock is None or basis.limit_clock in clock_codes
        assert set(basis.steps) <= set(range(5))
    for step in load("hold_ladder", HoldStep):
        assert set(step.decided_by + step.requested_by) <= CODES["agency_kinds"]
        assert step.expiry_clock is None or step.expiry_clock in clock_codes
    for kind in load("agency_kinds", AgencyKind):
        assert set(kind.orders + kind.recommends) <= CODES["legal_bases"]
        assert not set(kind.orders) & set(kind.recommends)
        assert (kind.successor is None) == (kind.valid_to is None)
        assert kind.successor is None or kind.successor in CODES["agency_kinds"]
    for end in load("branch_ends", BranchEnd):
        assert end.follow_ups
        assert set(end.follow_ups) <= CODES["follow_ups"]
    for task in load("follow_ups", FollowUp):
        assert set(task.assigned_to) <= CODES["agency_kinds"]
        assert task.clock in clock_codes
    for situation in load("situations", Situation):
        assert set(situation.refer_to) <= CODES["agency_kinds"]
        assert situation.hold != bool(situation.refer_to)


def test_listing_refers_to_what_there_is() -> None:
    kinds = {kind.value for kind in Kind}
    standings = CODES["claim_standings"]
    bodies = [kind for row in load("claim_standings", ClaimStanding) for kind in row.agency_kinds]
    assert sorted(bodies) == sorted(CODES["agency_kinds"]), "every kind of body has one weight"
    for source in load("claim_sources", ClaimSource):
        assert source.standing is None or source.standing in standings
        assert set(source.kinds) <= kinds
        assert source.reason in CODES["suspicion_reasons"]
        assert 1 <= source.confidence <= 100
        assert source.expiry_clock is None or source.expiry_clock in CODES["clocks"]
    for way in load("verdict_ways", VerdictWay):
        assert set(way.standings) <= standings - {"citizen"}, "a citizen's word alone lists nobody"
        assert way.claims >= way.claimants >= 1
        assert way.by_hand or not way.second_person
        assert way.by_hand or way.verdict != "block", "nothing blocks by itself"
    periods = load("listing_periods", ListingPeriod)
    assert sorted(kind for row in periods for kind in row.kinds) == sorted(kinds)
    for period in periods:
        assert {period.review_clock, period.claim_clock} <= CODES["clocks"]


def test_scam_forms_use_the_controlled_words() -> None:
    forms = load("scam_forms", ScamForm)
    assert [form.number for form in forms if form.number] == list(range(1, 25))
    assert len([form for form in forms if form.number is None]) == 5
    for form in forms:
        for facet in Facet:
            words = getattr(form, facet.value)
            assert words
            assert set(words) <= CODES[facet.value]
        assert form.articles
        assert set(form.articles) <= CODES["legal_bases"]
        assert all(article.startswith("blhs-") for article in form.articles)
    for facet in Facet:
        used = {word for form in forms for word in getattr(form, facet.value)}
        assert used == CODES[facet.value], "a word that no form uses is a mistake"


def test_every_source_is_used() -> None:
    marks = {row.source.strip("[]") for _, row in ALL}
    assert marks >= SOURCES
    for row in read("sources"):
        addresses = row["addresses"]
        assert isinstance(addresses, list)
        assert all(str(address).startswith(("http://", "https://")) for address in addresses)


def test_holidays_are_complete() -> None:
    days = load("holidays", SpecialDay)
    assert len({day.date for day in days}) == len(days)
    assert [day.date for day in days] == sorted(day.date for day in days)
    for day in days:
        assert VIETNAMESE.search(day.vi)
        assert day.en
        assert MARK.fullmatch(day.source)
        assert set(day.legal_basis) <= CODES["legal_bases"]
    swaps = [day.kind.value for day in days if day.kind.value.startswith("swap")]
    assert swaps.count("swap_off") == swaps.count("swap_worked") == 4


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"vi": ""}, "str was expected"),
        ({"vi": None}, "str was expected"),
        ({"hold": "yes"}, "bool was expected"),
        ({"refer_to": "court"}, "a list was expected"),
        ({"valid_from": "soon"}, "date was expected"),
        ({"surplus": 1}, "keys differ"),
    ],
)
def test_a_malformed_row_is_refused(change: dict[str, object], complaint: str) -> None:
    good = dict(read("situations")[0])
    with pytest.raises(ValueError, match=complaint):
        _row(good | change, Situation, "situations[1]")
