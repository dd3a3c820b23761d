"""Alerts in every state, at the desk and at a bank, made through the real actions."""

from dataclasses import replace
from datetime import timedelta

from tests.factories.alerts import found
from tests.factories.desk_world import World

from lachan.foundation.base import SYSTEM
from lachan.ledger import TransferKind
from lachan.monitoring import Level
from lachan.monitoring.alerts import (
    By,
    FoundAlert,
    ShownTransfer,
    approve,
    confirm,
    dismiss,
    labels,
    propose,
    record_alerts,
    suppress,
    suppress_kind,
    take,
    views,
)

BANK = "999001"
SIGNED = "Trong một giờ tài khoản nhận tiền rồi chuyển đi gần hết."


def _account(number: int, bank: str = BANK) -> str:
    return f"account:{bank}:77003300{number:04d}"


def _many(world: World, number: int) -> FoundAlert:
    """Five people pay in, three are paid: a picture with two sides."""
    at, account = world.now - timedelta(minutes=9), _account(number)
    paid = [
        ShownTransfer(
            f"m{number}-{place}", at + timedelta(minutes=place), _account(500 + place, "999002"), account,
            9_000_000 + 1_500_000 * place, TransferKind.TRANSFER,
        )
        for place in range(5)
    ]  # fmt: skip
    gone = [
        ShownTransfer(
            f"g{number}-{place}", at + timedelta(minutes=6, seconds=40 * place), account,
            _account(800 + place, "999002"), 18_000_000, TransferKind.TRANSFER,
        )
        for place in range(3)
    ]  # fmt: skip
    features = {
        "payer_fan_in_24h": 5, "payer_in_sum_24h": 60_000_000, "payer_passed_permille_24h": 900,
        "payer_out_sum_24h": 54_000_000, "payer_fan_out_24h": 3, "payer_in_count_24h": 5, "amount_vnd": 18_000_000,
        "kind": 0, "payer_since_in_s": 140, "payer_left_permille_24h": 100, "payer_out_count_24h": 3,
    }  # fmt: skip
    return replace(
        found(number, account=account, typology="many_in_fast_out", level=Level.INTERDICT, score=0.86),
        fired=gone[-1], shown=(*paid, *gone), features=features,
    )  # fmt: skip


def alert_some(world: World) -> dict[str, str]:
    """Their ids, by the state that they are in."""
    services, now = world.services, world.now
    made = [
        _many(world, 1),
        *(found(number, account=_account(number), at=now - timedelta(minutes=number)) for number in range(2, 9)),
        found(20, account=_account(9, "999002"), at=now, amount_vnd=120_000_000),
    ]  # fmt: skip
    with services.db.unit(now - timedelta(minutes=20), SYSTEM) as unit:
        record_alerts(unit.conn, made, now - timedelta(minutes=20), "file:mau.csv")
    with services.db.unit(now, SYSTEM) as unit:
        record_alerts(unit.conn, [found(30, account=_account(2), at=now)], now, "file:mau.csv")
    officer, head = world.actor("officer"), world.actor("head")
    with services.db.read() as conn:
        known = {one.account: one.id for one in views.queue(conn, head, views.Narrow()).alerts}
    ids = {name: known[_account(number)] for name, number in _NAMES.items()}
    with services.db.unit(now, officer) as unit:
        for name in ("taken", "signed", "proposed", "approved", "dismissed", "suppressed"):
            take(unit, ids[name])
        for name in ("signed", "proposed", "approved"):
            confirm(unit, ids[name], SIGNED)
        for name in ("proposed", "approved"):
            propose(unit, ids[name], _account(_NAMES[name]))
        dismiss(unit, ids["dismissed"], "family", "Mẹ chuyển cho con.")
        suppress(unit, ids["suppressed"], now + timedelta(days=30), "Đại lý vé số, đã xem sổ.")
    with services.db.unit(now, head) as unit:
        approve(unit, ids["approved"])
        suppress_kind(unit, now + timedelta(days=30), "Đang chỉnh ngưỡng.", typology="night_burst")
    with services.db.read() as conn:
        assert len(dict(labels(conn, By.ACCOUNT, now))) == 4
    return ids


_NAMES = {
    "open": 1, "seen": 2, "taken": 3, "signed": 4, "proposed": 5, "approved": 6, "dismissed": 7, "suppressed": 8,
}  # fmt: skip
