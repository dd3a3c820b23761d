"""Wrong sign-ins are counted in the record: several servers together allow what one allows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.conftest import NOON

from lachan.foundation import access
from lachan.foundation.access import AccessReason, InstanceSecret, Role
from lachan.foundation.access.sessions import rules
from lachan.foundation.base import Actor, NotAllowed
from lachan.foundation.storage import Database


def wrong(db: Database, secret: InstanceSecret, name: str, source: str, seconds: float = 0) -> AccessReason:
    wall_now = NOON + timedelta(seconds=seconds)
    with pytest.raises(NotAllowed) as caught:
        access.sign_in(db, secret, name, "sai", source, demo=False, now=NOON, wall_now=wall_now)
    return AccessReason(caught.value.reason.value)


def test_one_address_cannot_try_many_names_on_many_servers(
    world: Database, database_url: str, hire: Callable[..., Actor], secret: InstanceSecret,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(rules, "ATTEMPTS_PER_ADDRESS", 8)
    hire("lan.anh", Role.DUTY_OFFICER)
    servers = [world, Database(database_url)]
    try:
        for number in range(rules.ATTEMPTS_PER_ADDRESS):
            reason = wrong(servers[number % 2], secret, f"name.{number}", "203.0.113.7")
            assert reason is AccessReason.WRONG_CREDENTIALS
        for server in servers:
            assert wrong(server, secret, "lan.anh", "203.0.113.7") is AccessReason.LOCKED_OUT
        assert wrong(servers[1], secret, "lan.anh", "203.0.113.8") is AccessReason.WRONG_CREDENTIALS
        later = rules.LOCK_WINDOW.total_seconds() + 1
        assert wrong(servers[0], secret, "lan.anh", "203.0.113.7", later) is AccessReason.WRONG_CREDENTIALS
    finally:
        servers[1].close()


def test_five_wrong_ones_at_a_name_lock_it_on_every_server(
    world: Database, database_url: str, hire: Callable[..., Actor], secret: InstanceSecret
) -> None:
    hire("lan.anh", Role.DUTY_OFFICER)
    other = Database(database_url)
    try:
        for number in range(rules.ATTEMPTS_PER_SOURCE):
            wrong([world, other][number % 2], secret, "lan.anh", "203.0.113.7")
        assert wrong(other, secret, "lan.anh", "203.0.113.7") is AccessReason.LOCKED_OUT
    finally:
        other.close()
