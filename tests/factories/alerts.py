"""Alerts as a monitor finds them, made by hand, and a small file whose transfers show some."""

from datetime import datetime, timedelta

from tests.conftest import NOON

from lachan.ledger import TransferKind
from lachan.monitoring import Level
from lachan.monitoring.alerts import FoundAlert, ShownTransfer

MULE = "account:970436:0000111122223333"
OTHER_MULE = "account:970407:0000999988887777"
VICTIM = "account:970418:0000444455556666"
BOSS = "account:970422:0000777788889999"
PASS_THROUGH = {
    "payer_in_sum_1h": 50_000_000, "payer_passed_permille_1h": 980, "kind": 0, "payer_since_in_s": 120,
    "amount_vnd": 49_000_000, "payer_out_sum_1h": 49_000_000, "payer_in_count_1h": 1, "payer_left_permille_24h": 20,
    "payer_balance_vnd": 1_000_000, "payer_out_count_1h": 1,
}  # fmt: skip


def shown(name: str, at: datetime, payer: str, payee: str, amount_vnd: int) -> ShownTransfer:
    return ShownTransfer(name, at, payer, payee, amount_vnd, TransferKind.TRANSFER)


def found(
    number: int = 1, *, account: str = MULE, typology: str = "pass_through", level: Level = Level.ALERT,
    amount_vnd: int = 49_000_000, score: float = 0.45, at: datetime = NOON,
) -> FoundAlert:  # fmt: skip
    """The alert of that number: money in from a victim, on to somebody else."""
    came = shown(f"in{number}", at - timedelta(minutes=2), VICTIM, account, amount_vnd + 1_000_000)
    went = shown(f"out{number}", at, account, BOSS, amount_vnd)
    return FoundAlert(
        typology=typology, level=level, score=score, account=account, suspect=account, fired=went,
        shown=(came, went), features=PASS_THROUGH,
    )  # fmt: skip
