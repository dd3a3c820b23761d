"""The life of a text on both stores: who may do what, what is public when, and that the trail can be verified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.world import World, build

from lachan.foundation.access import AccessReason, Role
from lachan.foundation.base import (
    SYSTEM,
    Actor,
    BadInput,
    Conflict,
    InputReason,
    LachanError,
    NotAllowed,
    NotFound,
    WallClock,
)
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal, verify
from lachan.foundation.trail import tables as trail
from lachan.outreach import (
    CampaignDraft,
    Item,
    ItemDraft,
    ItemKind,
    ItemState,
    OutreachReason,
    ReachDraft,
    Severity,
    Words,
    approve_item,
    change_campaign,
    change_item,
    close_campaign,
    draft_item,
    drop_item,
    open_campaign,
    public,
    publish_item,
    record_reach,
    retract_item,
    return_item,
    submit_item,
    sweep,
    views,
)
from lachan.outreach.tables import item as item_table

DAY = timedelta(days=1)
WARNING = ItemDraft(
    kind=ItemKind.WARNING, vi=Words("Giả công an", "Kẻ gian gọi điện.", ("Dọa bắt.",), ("Cúp máy.",)),
    en=Words("Fake police", "Cheats call."), scam_form="fake_police", severity=Severity.SEVERE,
    expires_at=NOON + 30 * DAY,
)  # fmt: skip
PIECE = ItemDraft(
    kind=ItemKind.PIECE, vi=Words("Cảnh giác", "Bà con cúp máy."), channel="loudspeaker", audience="elderly"
)
USE = ReachDraft(
    used_at=NOON, people=900, source="population", stated_by="Đài xã", times=3, seconds=60, place="Thanh Khê"
)


STEPS: dict[str, Callable[[Unit, str], Item]] = {
    "submit": submit_item, "approve": approve_item, "publish": publish_item,
    "retract": lambda unit, code: retract_item(unit, code, "wrong", "Sai tên."),
    "return": lambda unit, code: return_item(unit, code, "Ngắn hơn."),
    "drop": lambda unit, code: drop_item(unit, code, "Trùng."),
}  # fmt: skip


class Desk:
    """A record with a desk, a bank, and people who write and approve."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.world: World = build(db)
        self.writer = self.world.at(self.world.desk, Role.DUTY_OFFICER)
        self.head = self.world.head("b")
        self.banker = self.world.at(self.world.bank, Role.INSTITUTION_OFFICER)

    def draft(self, draft: ItemDraft = WARNING, by: Actor | None = None) -> str:
        with self.db.unit(NOON, by or self.writer) as unit:
            return draft_item(unit, draft).code

    def done(self, code: str, *steps: str, by: Actor | None = None) -> Item:
        """Take these steps, each by whoever usually does."""
        made: Item | None = None
        for step in steps:
            usual = self.head if step in {"approve", "retract", "return"} else self.writer
            with self.db.unit(NOON, by or usual) as unit:
                made = STEPS[step](unit, code)
        assert made is not None
        return made

    def public(self, draft: ItemDraft = WARNING) -> str:
        code = self.draft(draft)
        self.done(code, "submit", "approve", "publish")
        return code

    def warnings(self, days: float = 0) -> list[str]:
        with self.db.read() as conn:
            return [one.code for one in public.warnings(conn, NOON + days * DAY)]

    def facts(self) -> list[str]:
        with self.db.read() as conn:
            query = sa.select(trail.fact.c.kind).where(trail.fact.c.kind.like("outreach.%"))
            return list(conn.execute(query.order_by(trail.fact.c.ordinal)).scalars())


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


def reason_of(found: pytest.ExceptionInfo[LachanError]) -> object:
    return found.value.reason


def test_nothing_is_public_before_a_second_person_has_approved(desk: Desk) -> None:
    code = desk.draft()
    assert desk.warnings() == []
    with pytest.raises(Conflict):
        desk.done(code, "publish")
    desk.done(code, "submit")
    head_who_wrote = desk.world.head("c")
    with desk.db.unit(NOON, desk.head) as unit:
        return_item(unit, code, "Thêm dấu hiệu.")
    with desk.db.unit(NOON, head_who_wrote) as unit:
        change_item(unit, code, replace(WARNING, vi=replace(WARNING.vi, signs=("Dọa bắt.", "Đòi tiền."))))
    desk.done(code, "submit")
    for author in (head_who_wrote, desk.writer):
        with pytest.raises(NotAllowed) as found:
            desk.done(code, "approve", by=author)
        assert reason_of(found) in {OutreachReason.OWN_TEXT, AccessReason.NOT_PERMITTED}
    assert desk.warnings() == []
    desk.done(code, "approve")
    assert desk.warnings() == []
    desk.done(code, "publish")
    assert desk.warnings() == [code]
    assert desk.facts() == [
        "outreach.drafted", "outreach.submitted", "outreach.returned", "outreach.changed", "outreach.submitted",
        "outreach.approved", "outreach.published",
    ]  # fmt: skip


def test_an_approval_binds_the_words_that_were_read(desk: Desk) -> None:
    code = desk.draft()
    read = desk.done(code, "submit").version
    desk.done(code, "return")
    with desk.db.unit(NOON, desk.writer) as unit:
        change_item(unit, code, replace(WARNING, vi=replace(WARNING.vi, text="Lời khác.")))
        submit_item(unit, code)
    with pytest.raises(Conflict) as found, desk.db.unit(NOON, desk.head) as unit:
        approve_item(unit, code, read)
    assert reason_of(found) is InputReason.CHANGED_MEANWHILE
    with pytest.raises(Conflict) as found, desk.db.unit(NOON, desk.writer) as unit:
        change_item(unit, code, WARNING)
    assert reason_of(found) is OutreachReason.NOT_IN_THIS_STATE


def test_two_who_change_one_draft(desk: Desk) -> None:
    code = desk.draft()
    with desk.db.unit(NOON, desk.writer) as unit:
        change_item(unit, code, replace(WARNING, audience="elderly"), 1)
    with pytest.raises(Conflict) as found, desk.db.unit(NOON, desk.head) as unit:
        change_item(unit, code, WARNING, 1)
    assert reason_of(found) is InputReason.CHANGED_MEANWHILE


def test_what_is_taken_back_is_gone_and_said(desk: Desk) -> None:
    code = desk.public()
    with pytest.raises(BadInput), desk.db.unit(NOON, desk.head) as unit:
        retract_item(unit, code, "no such reason", "x")
    desk.done(code, "retract")
    assert desk.warnings() == []
    with desk.db.read() as conn:
        assert [(one.code, one.state) for one in public.feed(conn)] == [(code, ItemState.RETRACTED)]
        assert public.warning(conn, code).end_words == "Sai tên."
        with pytest.raises(NotFound):
            public.warning(conn, desk.draft())
    with pytest.raises(Conflict):
        desk.done(code, "publish")


def test_an_entry_of_the_library_ends_by_the_clock_too(desk: Desk) -> None:
    code = desk.public(replace(WARNING, kind=ItemKind.METHOD, severity=None))

    def shown(days: float) -> list[str]:
        with desk.db.read() as conn:
            found = public.in_force(conn, ItemKind.METHOD, NOON + days * DAY, form="fake_police")
            assert not public.in_force(conn, ItemKind.METHOD, NOON, form="fake_bank")
        return [one.code for one in found]

    assert (shown(29), shown(30)) == ([code], [])


def test_why_something_was_taken_back_names_nobody(desk: Desk) -> None:
    code = desk.public()
    with pytest.raises(BadInput) as found, desk.db.unit(NOON, desk.head) as unit:
        retract_item(unit, code, "wrong", "Số 0912 345 678 là của bà Lan.")
    assert (reason_of(found), found.value.field) == (OutreachReason.NAMES_SOMEBODY, "reasons")
    assert desk.warnings() == [code]


def test_what_has_ended_can_still_be_taken_back(desk: Desk) -> None:
    """Its words stay readable after its end, so a wrong one is not there for ever."""
    code = desk.public()
    assert sweep(desk.db, NOON + 31 * DAY) == 1
    assert desk.done(code, "retract").state is ItemState.RETRACTED


def test_counts_of_reports_stay_with_the_agency_that_drafted(desk: Desk) -> None:
    code = desk.public()
    rise = {"form": "fake_police", "until": NOON.isoformat(), "recent": 9, "earlier": 2, "weeks": 8, "one_in": 900}
    with desk.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(item_table).where(item_table.c.code == code).values(rise=rise))
    with desk.db.read() as conn:
        assert views.item_page(conn, desk.writer, code).item.rise is not None
        assert views.item_page(conn, desk.banker, code).item.rise is None


def test_an_end_holds_to_the_instant_whoever_writes_it_down(desk: Desk) -> None:
    code = desk.public()
    assert desk.warnings(29.99) == [code]
    assert desk.warnings(30) == []
    assert sweep(desk.db, NOON + 31 * DAY) == 1
    assert sweep(desk.db, NOON + 31 * DAY) == 0
    with desk.db.read() as conn:
        ended = public.warning(conn, code)
    assert (ended.state, ended.ended_at) == (ItemState.EXPIRED, NOON + 30 * DAY)


@pytest.mark.parametrize(
    ("draft", "reason", "field"),
    [
        (replace(WARNING, scam_form=None), OutreachReason.NO_FORM, "scam_form"),
        (replace(WARNING, expires_at=None), OutreachReason.NO_END, "expires_at"),
        (replace(WARNING, expires_at=NOON), OutreachReason.LASTS_TOO_LONG, "expires_at"),
        (replace(WARNING, expires_at=NOON + 92 * DAY), OutreachReason.LASTS_TOO_LONG, "expires_at"),
    ],
)
def test_a_warning_is_complete_before_it_is_submitted(
    desk: Desk, draft: ItemDraft, reason: OutreachReason, field: str
) -> None:
    code = desk.draft(draft)
    with pytest.raises(BadInput) as found:
        desk.done(code, "submit")
    assert (found.value.reason, found.value.field) == (reason, field)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(WARNING, vi=Words("", "x")), "title"),
        (replace(WARNING, vi=Words("x", "")), "text"),
        (replace(WARNING, vi=Words("x" * 161, "x")), "title"),
        (replace(WARNING, vi=Words("x", "x" * 3_001)), "text"),
        (replace(WARNING, en=Words("x", "x" * 3_001)), "text_en"),
        (replace(PIECE, vi=Words("x", "cúp máy " * 300)), "text"),
        (replace(PIECE, channel="bank_app", vi=Words("x", "x" * 181)), "text"),
        (replace(PIECE, channel="telex"), "channel"),
        (replace(WARNING, channel="zalo"), "channel"),
        (replace(PIECE, audience="cats"), "audience"),
        (replace(WARNING, scam_form="nothing"), "scam_form"),
        (replace(WARNING, vi=replace(WARNING.vi, signs=("a\x00",))), "signs"),
        (replace(WARNING, vi=replace(WARNING.vi, text="Chuyển vào STK 0711223344556 Vietcombank.")), "text"),
        (replace(WARNING, vi=replace(WARNING.vi, steps=("Gọi 0912 345 678.",))), "steps"),
    ],
)
def test_what_cannot_be_said_is_refused_at_its_field(desk: Desk, draft: ItemDraft, field: str) -> None:
    with pytest.raises(BadInput) as found:
        desk.draft(draft)
    assert found.value.field == field
    with desk.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(item_table)).scalar_one() == 0


def test_numbers_that_belong_to_nobody_may_be_named(desk: Desk) -> None:
    text = "Gọi 113, bàn trực 0206 3852 113 hoặc tổng đài 1900 6015 của ngân hàng Vietcombank."
    desk.draft(replace(WARNING, vi=replace(WARNING.vi, text=text)))


def test_an_agency_sees_its_own_drafts_and_what_is_public(desk: Desk) -> None:
    draft, shown = desk.draft(), desk.public()
    with desk.db.read() as conn:
        assert [one.code for one in views.items(conn, desk.writer, ItemState.DRAFT)] == [draft]
        assert views.items(conn, desk.banker, ItemState.DRAFT) == []
        assert [one.code for one in views.items(conn, desk.banker, ItemState.PUBLISHED)] == [shown]
        assert views.item_page(conn, desk.banker, shown).item.code == shown
        with pytest.raises(NotFound):
            views.item_page(conn, desk.banker, draft)
    other = desk.world.at(desk.world.police, Role.DESK_HEAD)
    for step in ("drop", "submit"):
        with pytest.raises(NotAllowed):
            desk.done(draft, step, by=other)
    with pytest.raises(NotAllowed):
        desk.done(shown, "retract", by=other)
    for actor in (desk.banker, desk.world.at(desk.world.desk, Role.AUDITOR), SYSTEM):
        with pytest.raises(NotAllowed):
            desk.draft(by=actor)


def test_a_campaign_sums_what_its_pieces_reached(desk: Desk) -> None:
    today = vietnam_date(NOON)
    plan = CampaignDraft(
        title="Tháng an toàn", aim="Ai cũng nghe.", starts_on=today, ends_on=today + 20 * DAY,
        cells=(("elderly", "loudspeaker"), ("students", "lesson")),
    )  # fmt: skip
    with desk.db.unit(NOON, desk.writer) as unit:
        campaign = open_campaign(unit, plan)
    unknown = replace(plan, cells=(("elderly", "x"),))
    for wrong in (replace(plan, ends_on=today - DAY), replace(plan, cells=()), unknown):
        with pytest.raises(BadInput), desk.db.unit(NOON, desk.writer) as unit:
            change_campaign(unit, campaign.code, wrong)
    code = desk.draft(replace(PIECE, campaign_id=campaign.id))
    with pytest.raises(Conflict) as found, desk.db.unit(NOON, desk.writer) as unit:
        record_reach(unit, code, USE)
    assert reason_of(found) is OutreachReason.NOT_PUBLISHED
    desk.done(code, "submit", "approve", "publish")
    with desk.db.unit(NOON, desk.writer) as unit:
        first = record_reach(unit, code, USE)
    with desk.db.unit(NOON, desk.banker) as unit:
        record_reach(unit, code, replace(USE, people=50, source="institution", times=1))
    with desk.db.unit(NOON, desk.writer) as unit:
        record_reach(unit, code, replace(USE, people=700), first.id)
    with pytest.raises(BadInput), desk.db.unit(NOON, desk.writer) as unit:
        record_reach(unit, code, USE, first.id)
    with desk.db.read() as conn:
        page = views.campaign_page(conn, desk.writer, campaign.code)
        with pytest.raises(NotFound):
            views.campaign_page(conn, desk.banker, campaign.code)
    assert (page.reached.people, page.reached.counted, page.reached.uses) == (750, 50, 2)
    assert (page.reached.times, page.reached.seconds) == (4, 240)
    assert page.by_channel["loudspeaker"] == page.by_audience["elderly"] == page.reached
    assert [one.code for one in page.pieces["elderly", "loudspeaker"]] == [code]
    with desk.db.unit(NOON, desk.writer) as unit:
        close_campaign(unit, campaign.code)
    with pytest.raises(Conflict):
        desk.draft(replace(PIECE, campaign_id=campaign.id))


@pytest.mark.parametrize(
    ("use", "field"),
    [
        (replace(USE, people=-1), "people"), (replace(USE, people=10**9), "people"),
        (replace(USE, times=0), "times"),
        (replace(USE, seconds=None), "seconds"), (replace(USE, seconds=0), "seconds"),
        (replace(USE, source="rumour"), "source"), (replace(USE, stated_by=" "), "stated_by"),
        (replace(USE, used_at=NOON + DAY), "used_at"), (replace(USE, used_at=NOON - DAY), "used_at"),
    ],
)  # fmt: skip
def test_a_use_that_cannot_have_been_is_refused(desk: Desk, use: ReachDraft, field: str) -> None:
    code = desk.public(PIECE)
    with pytest.raises(BadInput) as found, desk.db.unit(NOON, desk.writer) as unit:
        record_reach(unit, code, use)
    assert found.value.field == field


def test_a_use_in_the_minute_of_publication_counts(desk: Desk) -> None:
    code = desk.draft(PIECE)
    desk.done(code, "submit", "approve")
    with desk.db.unit(NOON + timedelta(seconds=40), desk.writer) as unit:
        publish_item(unit, code)
        record_reach(unit, code, USE)


def test_the_trail_verifies_over_every_step(desk: Desk, tmp_path: Path) -> None:
    code = desk.public(PIECE)
    with desk.db.unit(NOON, desk.writer) as unit:
        record_reach(unit, code, USE)
    desk.done(desk.public(), "retract")
    desk.done(desk.draft(), "drop")
    create_private_key(tmp_path / "seal.pem")
    key = SealKey(read_private_key(tmp_path / "seal.pem"))
    while seal(desk.db, key, now=NOON, wall_now=WallClock().now()):
        pass
    with desk.db.read() as conn:
        assert verify(conn, [key.public_text]).findings == ()
    with desk.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(item_table).where(item_table.c.code == code).values(end_words="x"))
    with desk.db.read() as conn:
        assert len(verify(conn, [key.public_text]).findings) == 1
