"""The hold ladder: who may what, and when a hold ends by itself."""

from datetime import date, datetime

import pytest

from lachan.foundation.base import VIETNAM, BadInput, Language, NotFound
from lachan.foundation.taxonomy import (
    TaxonomyReason,
    agency_kind,
    agency_kinds,
    branch_end,
    branch_ends,
    facet_words,
    follow_up,
    hold_expires_at,
    hold_ladder,
    hold_limit_at,
    hold_refusal,
    hold_refusals,
    hold_step,
    legal_bases,
    legal_basis,
    may_order,
    may_recommend,
    scam_form,
    scam_forms,
    situation,
    situations,
    suspicion_reason,
    suspicion_reasons,
)
from lachan.foundation.taxonomy.words import Facet

ON = date(2026, 11, 21)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_the_ladder() -> None:
    ladder = hold_ladder(ON)
    assert [row.step for row in ladder] == [0, 1, 2, 3, 4]
    assert [row.standing_policy for row in ladder] == [True, True, True, False, False]
    assert [row.names_one_decision for row in ladder] == [False, False, False, True, True]
    assert [row.review_date_compulsory for row in ladder] == [False, False, False, True, True]
    assert [row.accused_required for row in ladder] == [False, False, False, False, True]
    assert [row.expiry_clock is None for row in ladder] == [False, False, False, True, True]


@pytest.mark.parametrize("step", range(5))
def test_every_step_has_a_basis_and_institutions_decide_the_lower_ones(step: int) -> None:
    assert set(hold_step(step, ON).legal_basis) == {row.code for row in legal_bases(ON, step=step)}
    deciders = [agency_kind(kind, ON).institution for kind in hold_step(step, ON).decided_by]
    assert all(deciders) if step <= 2 else not any(deciders)


def test_who_decides_a_freeze_may_order_it() -> None:
    for step in (3, 4):
        row = hold_step(step, ON)
        assert all(may_order(kind, basis, ON) for kind in row.decided_by for basis in row.legal_basis)


def test_only_the_specialised_force_orders_under_the_cybersecurity_law() -> None:
    basis = "law116-2025-25"
    assert [k.code for k in agency_kinds(ON) if basis in k.orders] == ["police_specialised_force"]
    assert not may_order("culture_department", basis, ON)
    assert may_recommend("culture_department", basis, ON)
    assert may_recommend("police_specialised_force", basis, ON)
    assert not may_recommend("reporter", basis, ON)


@pytest.mark.parametrize(
    ("step", "basis", "placed", "expires", "limit"),
    [
        # 72 hours come first; the law's own limit binds extensions (long over Tết).
        (0, "simo-warning", "2026-03-02T09:00", "2026-03-05T09:00", None),
        (1, "tt17-2024", "2026-03-02T09:00", "2026-03-05T09:00", None),
        (2, "aml-2022-44", "2026-03-02T09:00", "2026-03-05T09:00", "2026-03-06T00:00"),
        (2, "aml-2022-44", "2026-02-13T09:00", "2026-02-16T09:00", "2026-02-26T00:00"),
        (2, "aml-2022-44", "2026-08-20T09:00", "2026-08-23T09:00", "2026-08-25T00:00"),
        (3, "nd52-2024-11", "2026-03-02T09:00", None, None),
        (4, "bltths-129", "2026-03-02T09:00", None, None),
    ],
)
def test_when_a_hold_ends(step: int, basis: str, placed: str, expires: str | None, limit: str | None) -> None:
    at = local(placed)
    assert hold_expires_at(step, basis, at) == (local(expires) if expires else None)
    assert hold_limit_at(step, basis, at) == (local(limit) if limit else None)


def test_a_hold_without_a_fitting_basis_is_refused() -> None:
    at = local("2026-03-02T09:00")
    for look_up in (hold_expires_at, hold_limit_at):
        with pytest.raises(BadInput) as refusal:
            look_up(2, "nd117-2018", at)
        assert refusal.value.reason is TaxonomyReason.BASIS_NOT_FOR_STEP
        with pytest.raises(NotFound):
            look_up(2, "vnba-handbook", at)
    with pytest.raises(NotFound) as unknown:
        hold_step(5, ON)
    assert unknown.value.reason is TaxonomyReason.CODE_UNKNOWN


def test_a_basis_is_not_cited_before_its_day() -> None:
    with pytest.raises(NotFound) as early:
        legal_basis("nd52-2024-11", date(2024, 6, 30))
    assert early.value.reason is TaxonomyReason.NOT_IN_FORCE
    assert legal_basis("nd52-2024-11", date(2024, 7, 1)).citation(Language.VI).startswith("Điều 11 Nghị định")
    assert legal_basis("nd52-2024-11", ON).citation(Language.EN).startswith("Article 11 of Decree")


def test_bodies_that_ended_point_to_a_successor_that_exists_the_next_day() -> None:
    assert agency_kind("district_police", date(2025, 2, 28)).successor == "commune_police"
    with pytest.raises(NotFound) as ended:
        agency_kind("district_police", date(2025, 3, 1))
    assert ended.value.reason is TaxonomyReason.NOT_IN_FORCE
    for row in agency_kinds(date(2025, 2, 28)):
        if row.valid_to is not None and row.successor is not None:
            assert agency_kind(row.successor, date.fromordinal(row.valid_to.toordinal() + 1))


def test_situations_that_refuse_a_hold() -> None:
    refusing = {row.code for row in situations(ON) if not row.hold}
    assert refusing == {"commercial_dispute", "regret", "mistyped_payee"}
    assert situation("scam", ON).hold


def test_words_are_found_by_code_and_listed() -> None:
    assert scam_form("fake_police", ON).number == 14
    assert len(scam_forms(ON)) == 29
    assert suspicion_reason("R4", ON) in suspicion_reasons(ON)
    assert hold_refusal("no_balance", ON) in hold_refusals(ON)
    assert [row.code for row in branch_ends(ON)] == [
        "cash_out",
        "card_payment",
        "merchant",
        "virtual_asset",
        "cross_border",
    ]
    tasks = [follow_up(code, ON) for code in branch_end("cash_out", ON).follow_ups]
    assert tasks[0].label(Language.VI).startswith("Đề nghị giữ hình ảnh camera")
    assert tasks[0].label(Language.EN).startswith("Ask to keep")
    assert {row.code for row in facet_words(Facet.CHANNEL, ON)} >= {"sms", "phone_call"}
