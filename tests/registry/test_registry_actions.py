"""Claims, decisions and appeals on both stores: who may, what follows, what the trail and the feed say."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.world import World, sealed_changes

from lachan.foundation.access import AccessReason, Role
from lachan.foundation.base import PUBLIC, SYSTEM, Actor, BadInput, Conflict, LachanError, NotAllowed, WallClock
from lachan.foundation.storage import claim as claim_jobs
from lachan.foundation.trail import SealKey, read_private_key, verify
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    DecisionState,
    EntryState,
    ListingObjection,
    Outcome,
    RegistryReason,
    Verdict,
    activate,
    appeal_overdue,
    check_decision,
    claim,
    corroborate,
    decide_appeal,
    delist,
    issue_notice,
    open_appeal,
    renew,
    review,
    sweep,
    views,
    withdraw_claim,
)
from lachan.registry.actions.claims import record_claims
from lachan.registry.model import CITIZENS, Standing
from lachan.registry.tables import claim as claims

ACCOUNT = "account:999001:0381004417"
DAY = timedelta(days=1)
OBJECTION = ListingObjection("Trần Văn Bình", "0912345678", "Tài khoản nhận lương của tôi.")


def list_it(world: World, agency_id: str, *, key: str = ACCOUNT, at: datetime = NOON, reason: str = "R3") -> str:
    with world.db.unit(at, world.at(agency_id)) as unit:
        (done,) = claim(unit, [ClaimDraft(key, reason=reason)])
    return done.entry_id


def verdict(world: World, key: str = ACCOUNT, at: datetime = NOON) -> Verdict:
    with world.db.read() as conn:
        return views.check(conn, key, at).verdict


def block(world: World, at: datetime = NOON) -> str:
    entry_id = list_it(world, world.bank, at=at)
    with world.db.unit(at, world.at(world.other_bank)) as unit:
        claim(unit, [ClaimDraft(ACCOUNT, reason="R4")])
    with world.db.unit(at, world.head()) as unit:
        waiting = activate(unit, entry_id, Verdict.BLOCK, "Hai ngân hàng cùng ghi nhận.")
    with world.db.unit(at, world.head("b")) as unit:
        check_decision(unit, waiting.id, confirm=True)
    return entry_id


def test_a_banks_claim_is_in_force_and_in_the_feed(world: World, tmp_path: Path) -> None:
    entry_id = list_it(world, world.bank)
    assert verdict(world) is Verdict.WARN
    (change,) = sealed_changes(world.db, tmp_path)
    assert (change.key, change.verdict, change.reasons, change.entry_id) == (
        ACCOUNT,
        Verdict.WARN,
        ("R3",),
        entry_id,
    )
    assert change.until is not None
    assert sealed_changes(world.db, tmp_path, after=change.sequence) == []


def test_agencies_stand_side_by_side_and_two_step_up(world: World) -> None:
    entry_id = list_it(world, world.bank)
    list_it(world, world.other_bank, reason="R7")
    with world.db.read() as conn:
        page = views.entry_page(conn, world.head(), entry_id, NOON)
    assert page.in_force is Verdict.STEP_UP
    assert {name: [one.reason for one in said] for name, said in page.by_claimant.items()} == {
        world.bank: ["R3"], world.other_bank: ["R7"],
    }  # fmt: skip
    assert [one.verdict for one in page.history] == [Verdict.WARN, Verdict.STEP_UP]


def test_the_same_claim_again_changes_nothing_and_another_word_replaces_it(world: World, tmp_path: Path) -> None:
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        (first,) = claim(unit, [ClaimDraft(ACCOUNT, reason="R3", confidence=70)])
        (again,) = claim(unit, [ClaimDraft(ACCOUNT, reason="R3", confidence=70)])
        (surer,) = claim(unit, [ClaimDraft(ACCOUNT, reason="R3", confidence=90)])
    assert [one.outcome for one in (first, again, surer)] == [Outcome.ADDED, Outcome.UNCHANGED, Outcome.UPDATED]
    assert again.claim_id == first.claim_id
    with world.db.read() as conn:
        rows = conn.execute(sa.select(claims.c.id, claims.c.end_kind).order_by(claims.c.id)).all()
    assert [row.end_kind for row in rows] == ["superseded", None]
    assert len(sealed_changes(world.db, tmp_path)) == 1


def test_citizens_alone_never_get_beyond_proposed(world: World, tmp_path: Path) -> None:
    for number in range(30):
        with world.db.unit(NOON, SYSTEM) as unit:
            draft = ClaimDraft(ACCOUNT, confidence=100, origin=f"report:{number}")
            record_claims(unit, [draft], "report", CITIZENS, Standing.CITIZEN)
    with world.db.read() as conn:
        entry = views.entry_of_key(conn, world.head(), ACCOUNT)
    assert (entry.state, entry.verdict, entry.claims, entry.claimants) == (
        EntryState.PROPOSED,
        Verdict.CLEAR,
        30,
        1,
    )
    assert sealed_changes(world.db, tmp_path) == []
    with world.db.unit(NOON, world.head()) as unit, pytest.raises(Conflict) as caught:
        activate(unit, entry.id, Verdict.WARN, "Nhiều người báo.")
    assert caught.value.reason is RegistryReason.NOT_ENOUGH_CLAIMS
    with world.db.unit(NOON, world.head()) as unit:
        corroborate(unit, entry.id, ClaimDraft(ACCOUNT, evidence="Đã gọi xác minh ba nạn nhân."))
    assert verdict(world) is Verdict.WARN


def test_a_withdrawn_claim_ends_the_listing_and_only_its_claimant_or_a_desk_withdraws(world: World) -> None:
    list_it(world, world.bank)
    with world.db.read() as conn:
        claim_id = conn.execute(sa.select(claims.c.id)).scalar_one()
    with world.db.unit(NOON, world.at(world.other_bank)) as unit, pytest.raises(NotAllowed):
        withdraw_claim(unit, claim_id, "Nhầm.")
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, claim_id, "Nhập nhầm số tài khoản.")
    assert verdict(world) is Verdict.CLEAR
    with world.db.unit(NOON, world.at(world.bank)) as unit, pytest.raises(Conflict) as caught:
        withdraw_claim(unit, claim_id, "Lần nữa.")
    assert caught.value.reason is RegistryReason.CLAIM_ENDED


def test_blocking_takes_two_people_of_whom_one_may_refuse(world: World) -> None:
    entry_id = list_it(world, world.bank)
    list_it(world, world.other_bank, reason="R4")
    with world.db.unit(NOON, world.head()) as unit:
        waiting = activate(unit, entry_id, Verdict.BLOCK, "Hai ngân hàng cùng ghi nhận.")
    assert waiting.state is DecisionState.WAITING
    assert verdict(world) is Verdict.STEP_UP
    with world.db.unit(NOON, world.head()) as unit, pytest.raises(NotAllowed) as caught:
        check_decision(unit, waiting.id, confirm=True)
    assert caught.value.reason is AccessReason.SAME_PERSON
    with world.db.unit(NOON, world.head("b")) as unit:
        check_decision(unit, waiting.id, confirm=True)
    assert verdict(world) is Verdict.BLOCK
    with world.db.unit(NOON, world.head("c")) as unit, pytest.raises(Conflict) as decided:
        check_decision(unit, waiting.id, confirm=False)
    assert decided.value.reason is RegistryReason.NOT_WAITING


def test_one_claim_blocks_nobody_and_a_shared_name_is_never_blocked(world: World) -> None:
    entry_id = list_it(world, world.bank)
    with world.db.unit(NOON, world.head()) as unit, pytest.raises(Conflict) as caught:
        activate(unit, entry_id, Verdict.BLOCK, "Một ngân hàng.")
    assert caught.value.reason is RegistryReason.NOT_ENOUGH_CLAIMS
    with world.db.unit(NOON, world.head()) as unit:
        shared = [claim(unit, [ClaimDraft("domain:bit.ly", reason="L2")], agency_id=world.desk)[0]]
    assert verdict(world, "domain:bit.ly") is Verdict.CLEAR
    with world.db.unit(NOON, world.head()) as unit, pytest.raises(Conflict) as guarded:
        activate(unit, shared[0].entry_id, Verdict.BLOCK, "Chặn hết.")
    assert guarded.value.reason is RegistryReason.GUARDED_NAME
    with world.db.read() as conn:
        assert [one.key for one in views.queue(conn, world.head(), EntryState.REVIEW)] == ["domain:bit.ly"]


def test_nothing_outlives_its_review_date_and_renewal_needs_one(world: World, tmp_path: Path) -> None:
    entry_id = list_it(world, world.bank)
    with world.db.read() as conn:
        date = views.entry_of_key(conn, world.head(), ACCOUNT).review_at
    assert date is not None
    before = date - DAY
    sweep(world.db, before)
    with world.db.read() as conn:
        entry = views.entry_of_key(conn, world.head(), ACCOUNT)
    assert (entry.state, entry.verdict) == (EntryState.REVIEW, Verdict.WARN)
    with world.db.unit(before, world.head()) as unit, pytest.raises(BadInput) as caught:
        renew(unit, entry_id, "Vẫn còn.", review_at=before + 400 * DAY)
    assert caught.value.reason is RegistryReason.REVIEW_TOO_LATE
    assert verdict(world, at=date) is Verdict.CLEAR, "also before the sweep has come by"
    with world.db.unit(before, world.head()) as unit:
        renew(unit, entry_id, "Vẫn còn.")
    assert verdict(world, at=date) is Verdict.WARN
    assert sweep(world.db, date + 100 * DAY) > 0
    with world.db.read() as conn:
        assert views.entry_of_key(conn, world.head(), ACCOUNT).state is EntryState.EXPIRED
    assert sealed_changes(world.db, tmp_path)[-1].verdict is Verdict.CLEAR
    assert sweep(world.db, date + 100 * DAY) == 0


def test_the_journey_of_a_wrongful_listing(world: World, tmp_path: Path) -> None:
    """A bank lists, two people block, the holder appeals, is rejected, appeals again, is released; silence."""
    entry_id = block(world)
    with world.db.unit(NOON, world.head()) as unit:
        notice = issue_notice(unit, entry_id)
        assert issue_notice(unit, entry_id) == notice
    with world.db.read() as conn:
        shown = views.notice_by_code(conn, notice, NOON)
    assert shown.may_appeal
    assert "0381004417" not in shown.masked
    code = appeal(world, notice, NOON + DAY)
    with pytest.raises(Conflict) as caught:
        appeal(world, notice, NOON + DAY)
    assert caught.value.reason is RegistryReason.APPEAL_OPEN
    assert verdict(world, at=NOON + DAY) is Verdict.BLOCK, "under review the verdict stands"
    for involved in (world.head(), world.head("b")):
        with pytest.raises(NotAllowed) as same:
            decide(world, involved, code, AppealOutcome.UPHELD, NOON + DAY)
        assert same.value.reason is RegistryReason.SAME_PERSON
    decide(world, world.head("c"), code, AppealOutcome.REJECTED, NOON + DAY)
    assert verdict(world, at=NOON + DAY) is Verdict.BLOCK
    second = appeal(world, notice, NOON + 2 * DAY)
    with pytest.raises(NotAllowed):
        decide(world, world.head("c"), second, AppealOutcome.UPHELD, NOON + 2 * DAY)
    decide(world, world.head("d"), second, AppealOutcome.UPHELD, NOON + 2 * DAY)
    assert verdict(world, at=NOON + 2 * DAY) is Verdict.CLEAR
    assert [one.verdict for one in sealed_changes(world.db, tmp_path)][-1] is Verdict.CLEAR
    list_it(world, world.carrier, at=NOON + 3 * DAY, reason="R8")
    assert verdict(world, at=NOON + 3 * DAY) is Verdict.CLEAR, "a new claim reopens the question, no more"
    with world.db.read() as conn:
        figures = views.measures(conn, world.head(), NOON - DAY, NOON + 3 * DAY)
        key = SealKey(read_private_key(tmp_path / "seal.pem"))
        assert verify(conn, [key.public_text]).intact
    assert (figures.appeals_opened, figures.appeals_upheld, figures.appeals_rejected) == (2, 1, 1)
    assert figures.listed_wrongly_seconds == 2 * DAY.total_seconds()
    assert figures.false_listing_share == 1.0


def test_a_partly_upheld_appeal_lowers_the_verdict_for_good(world: World) -> None:
    entry_id = block(world)
    with world.db.unit(NOON, world.head()) as unit:
        notice = issue_notice(unit, entry_id)
    code = appeal(world, notice, NOON)
    with pytest.raises(BadInput):
        decide(world, world.head("c"), code, AppealOutcome.PARTLY, NOON, Verdict.BLOCK)
    decide(world, world.head("c"), code, AppealOutcome.PARTLY, NOON, Verdict.WARN)
    assert verdict(world) is Verdict.WARN


def test_an_undecided_appeal_is_marked_at_its_target_and_again_at_its_limit(world: World) -> None:
    entry_id = block(world)
    with world.db.unit(NOON, world.head()) as unit:
        notice = issue_notice(unit, entry_id)
    appeal(world, notice, NOON)
    for hours in (5, 13):
        now = NOON + timedelta(hours=hours)
        (job,) = claim_jobs(
            world.db, now=now, wall_now=WallClock().now() + hours * DAY, kinds=["registry_appeal_overdue"], limit=9
        )
        with world.db.unit(now, SYSTEM) as unit:
            appeal_overdue(unit, job.payload["appeal_id"])
    with world.db.read() as conn:
        figures = views.measures(conn, world.head(), NOON - DAY, NOON + DAY)
    assert figures.appeals_late == 1


REFUSED = [
    ("no reasons", lambda unit, entry: delist(unit, entry, " "), "missing"),
    ("clear is no verdict", lambda unit, entry: activate(unit, entry, Verdict.CLEAR, "x"), "unknown_value"),
    ("an unknown entry", lambda unit, _entry: review(unit, "nowhere", "x"), "no_such_record"),
    ("a key of no kind", lambda unit, _entry: claim(unit, [ClaimDraft("nothing:1")]), "unknown_identifier_kind"),
    ("another spelling", lambda unit, _e: claim(unit, [ClaimDraft("phone:0912345678")]), "not_an_identifier"),
    ("a kind the source may not name", lambda unit, _e: claim(unit, [ClaimDraft("domain:a.com")], source="telecom"),
     "kind_not_for_source"),
    ("an unknown reason", lambda unit, _e: claim(unit, [ClaimDraft(ACCOUNT, reason="Z9")]),
     "taxonomy_code_unknown"),
    ("too sure", lambda unit, _e: claim(unit, [ClaimDraft(ACCOUNT, confidence=101)]), "confidence_range"),
    ("over already", lambda unit, _e: claim(unit, [ClaimDraft(ACCOUNT, expires_at=NOON)]), "claim_already_over"),
    ("seen tomorrow", lambda unit, _e: claim(unit, [ClaimDraft(ACCOUNT, last_seen=NOON + DAY)]), "in_the_future"),
    ("seen backwards", lambda unit, _e: claim(unit, [ClaimDraft(ACCOUNT, first_seen=NOON, last_seen=NOON - DAY)]),
     "seen_reversed"),
    ("nothing", lambda unit, _e: claim(unit, []), "missing"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "act", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused_by_name(world: World, what: str, act: object, reason: str) -> None:
    entry_id = list_it(world, world.bank)
    assert callable(act), what
    with pytest.raises(LachanError) as caught, world.db.unit(NOON, world.head()) as unit:
        act(unit, entry_id)
    assert caught.value.reason.value == reason


def test_officers_claim_and_heads_decide(world: World) -> None:
    entry_id = list_it(world, world.bank)
    officer = world.at(world.desk, Role.DUTY_OFFICER)
    with world.db.unit(NOON, officer) as unit:
        claim(unit, [ClaimDraft(ACCOUNT)])
    with world.db.unit(NOON, officer) as unit, pytest.raises(NotAllowed):
        activate(unit, entry_id, Verdict.WARN, "x")
    with world.db.unit(NOON, officer) as unit, pytest.raises(NotAllowed):
        delist(unit, entry_id, "x")
    with world.db.unit(NOON, world.at(world.bank)) as unit, pytest.raises(NotAllowed):
        claim(unit, [ClaimDraft(ACCOUNT)], agency_id=world.other_bank)


def appeal(world: World, notice: str, at: datetime) -> str:
    with world.db.unit(at, PUBLIC) as unit:
        return open_appeal(unit, notice, OBJECTION)


def decide(
    world: World, who: Actor, code: str, outcome: AppealOutcome, at: datetime, lower: Verdict | None = None
) -> None:
    with world.db.read() as conn:
        found, _ = views.appeal_by_code(conn, code)
    with world.db.unit(at, who) as unit:
        decide_appeal(unit, found.id, outcome, "Sao kê cho thấy tiền lương.", verdict=lower)
