"""Listed identifiers of every verdict, made through the real actions: what the public check is asked about."""

from datetime import timedelta

from tests.factories.desk_world import World

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Actor, ActorKind, WallClock
from lachan.foundation.trail import seal
from lachan.registry import ClaimDraft, Verdict, activate, check_decision, views
from lachan.registry.actions.claims import record_claims
from lachan.registry.model import CITIZENS, Standing

WARNED = "account:970436:0381004644417"
STEPPED_UP = "account:970436:0711223344556"
BLOCKED = "phone:+84987654321"
SITE = "domain:dienluc-hotro.xyz"
PROPOSED = "account:970436:0100200300"
MESSAGE = (
    "Điện lực thông báo: quý khách còn nợ 1.286.000đ, cắt điện sau 16h. Nộp vào STK 0381 0046 44417 Vietcombank "
    "hoặc dienluc-hotro.xyz/nop, liên hệ 0987 654 321."
)


def list_suspects(world: World) -> None:
    """List them, seal, and let the screening engine of this process know."""
    _claim(world, "bank-a", Standing.INSTITUTION, "bank_monthly", ClaimDraft(WARNED, reason="R3"))
    _claim(world, "bank-a", Standing.INSTITUTION, "desk", ClaimDraft(STEPPED_UP, reason="R4"))
    _claim(world, "bank-b", Standing.INSTITUTION, "desk", ClaimDraft(STEPPED_UP, reason="R2"))
    _claim(world, "police", Standing.AUTHORITY, "desk", ClaimDraft(BLOCKED, reason="T1", scam_form="fake_police"))
    _claim(world, "carrier", Standing.INSTITUTION, "telecom", ClaimDraft(BLOCKED, reason="T5"))
    _claim(world, "feed:chongluadao", Standing.FEED, "chongluadao", ClaimDraft(SITE))
    _claim(world, CITIZENS, Standing.CITIZEN, "report", ClaimDraft(PROPOSED, confidence=100, origin="report:1"))
    with world.services.db.unit(world.now, _head(world, "a")) as unit:
        waiting = activate(unit, views.entry_of_key(unit.conn, unit.actor, BLOCKED).id, Verdict.BLOCK, "Đã rõ.")
    with world.services.db.unit(world.now, _head(world, "b")) as unit:
        check_decision(unit, waiting.id, confirm=True)
    let_know(world)


def let_know(world: World) -> None:
    """What was committed is in force in this process."""
    services = world.services
    while seal(services.db, services.seal_key, now=world.now, wall_now=WallClock().now()):
        pass
    services.screening.catch_up()


def _claim(world: World, claimant: str, standing: Standing, source: str, draft: ClaimDraft) -> None:
    with world.services.db.unit(world.now - timedelta(days=2), SYSTEM) as unit:
        record_claims(unit, [draft], source, claimant, standing)


def _head(world: World, name: str) -> Actor:
    return Actor(ActorKind.PERSON, f"head-{name}", world.desk_id, frozenset({Role.DESK_HEAD.value}))
