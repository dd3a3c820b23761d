"""Something for each page of the registry, made through the real actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from tests.factories.desk_world import World

from lachan.foundation.access import Permission, Purpose, actor_at, agency_by_code, grant_view
from lachan.foundation.base import PUBLIC, Actor, WallClock
from lachan.foundation.storage import Unit
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    ListingObjection,
    Verdict,
    activate,
    claim,
    decide_appeal,
    issue_notice,
    open_appeal,
    views,
    withdraw_claim,
)

T = TypeVar("T")
BLOCKED, APPEALED, WARNED = "account:999001:038100464417", "account:999002:10230004455", "phone:+84912345678"
SITE, SHARED = "domain:dienluc-hotro.com", "domain:google.com"
OBJECTION = ListingObjection(
    "Trần Văn Lưu", "0912 345 671", "Tôi mất điện thoại tối 17/11, người khác đã dùng tài khoản."
)


@dataclass
class Listed:
    """Entries by what they show, and the codes that lead to the holder's pages."""

    waiting: str
    appealed: str
    warned: str
    claim: str
    notice: str
    appeal: str
    appeal_id: str
    decided: str
    again: str


def at_bank(world: World, code: str) -> Actor:
    """An officer of an institution."""
    with world.services.db.read() as conn:
        bank = agency_by_code(conn, code)
        assert bank is not None
        found = actor_at(conn, world.people[f"bank.{code}"], bank.id, world.now)
    assert found is not None
    return found


def act(world: World, actor: Actor, do: Callable[[Unit], T]) -> T:
    """Do something in a transaction of its own."""
    with world.services.db.unit(world.now, actor) as unit:
        return do(unit)


def claimed(world: World, actor: Actor, key: str, reason: str, *, sure: int = 85, form: str | None = None) -> str:
    """One claim; returns its entry."""
    draft = ClaimDraft(
        key, reason=reason, scam_form=form, confidence=sure, evidence="27 lệnh trong một giờ, biên bản 12/BB",
        first_seen=world.now - timedelta(days=3), last_seen=world.now - timedelta(hours=2),
    )  # fmt: skip
    (done,) = act(world, actor, lambda unit: claim(unit, [draft]))
    return done.entry_id


def list_some(world: World) -> Listed:
    """An entry that waits for its second person, one appealed against, a warned one, shared names for review."""
    one, other, head = at_bank(world, "999001"), at_bank(world, "999002"), world.actor("head")
    waiting = claimed(world, one, BLOCKED, "R3")
    claimed(world, other, BLOCKED, "R4", sure=74)
    claimed(world, world.actor("officer"), BLOCKED, "R5", sure=30)
    act(world, head, lambda unit: activate(unit, waiting, Verdict.BLOCK, "Hai ngân hàng cùng ghi nhận, 5 tin báo."))
    appealed = claimed(world, other, APPEALED, "R3")
    notice = act(world, head, lambda unit: issue_notice(unit, appealed))
    appeal = act(world, PUBLIC, lambda unit: open_appeal(unit, notice, OBJECTION))
    with world.services.db.read() as conn:
        opened, _ = views.appeal_by_code(conn, appeal)
    warned = claimed(world, one, WARNED, "T1")
    claimed(world, other, WARNED, "T1")
    with world.services.db.read() as conn:
        page = views.entry_page(conn, head, warned, world.now)
    taken_back = page.live[-1].id
    act(world, other, lambda unit: withdraw_claim(unit, taken_back, "Đã xác minh lại: số của khách hàng thật."))
    claimed(world, other, f"wallet:momo:{WARNED.partition(':')[2]}", "R3")
    site = claimed(world, one, SITE, "L1")
    claimed(world, one, SHARED, "L1")
    site_notice = act(world, head, lambda unit: issue_notice(unit, site))
    decided = act(world, PUBLIC, lambda unit: open_appeal(unit, site_notice, OBJECTION))
    with world.services.db.read() as conn:
        found, _ = views.appeal_by_code(conn, decided)
    act(
        world, head,
        lambda unit: decide_appeal(unit, found.id, AppealOutcome.REJECTED, "Trang vẫn xin mật khẩu."),
    )  # fmt: skip
    act(
        world, head,
        lambda unit: grant_view(
            unit, f"registry_entry:{appealed}", Purpose.DECIDE_APPEAL, appeal, wall_now=WallClock().now(),
            permission=Permission.REGISTRY_READ,
        ),
    )  # fmt: skip
    return Listed(waiting, appealed, warned, page.live[0].id, notice, appeal, opened.id, decided, site_notice)
