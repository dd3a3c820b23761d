"""From a claim to a verdict: what the registry seals is in force on every node, and on one that starts later."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import NOON
from tests.factories.stopped import StoppedClock
from tests.registry.test_golden_hour_claims import ACCOUNT, reported
from tests.registry.world import World, build, sealed_changes

from lachan.client import LocalScreen
from lachan.foundation.base import SYSTEM
from lachan.foundation.exchange import Header, fingerprints, key_id, write_delta, write_filter
from lachan.foundation.protocol import SigningKey
from lachan.foundation.storage import Database
from lachan.registry import Change, Verdict, claim_confirmed_loss, claim_report, withdraw_origin
from lachan.registry.views import changes
from lachan.screening import Hits, Screening

SECRET, BANK_KEY = bytes(range(32)), bytes(16)
KEYS = [ACCOUNT, "phone:+84912345678", "phone:+84912345679"]
CLEAR, WARN = Verdict.CLEAR, Verdict.WARN


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def node(world: World, tmp_path: Path) -> Callable[[str], Screening]:
    """A server of this instance: its own folder, or one that it shares."""

    def pull(after: int) -> list[Change]:
        with world.db.read() as conn:
            return changes(conn, after, limit=2)

    def start(folder: str, newest: int = 1 << 60) -> Screening:
        clock, path = StoppedClock(NOON), tmp_path / folder
        return Screening(
            path, SECRET, clock, pull, lambda: newest, lambda _hits: None, lambda _found: None, counts_only=True
        )

    return start


def verdicts(one: Screening) -> list[Verdict]:
    return [answer.verdict for answer in one.engine.screen(KEYS)]


def test_a_claim_is_in_force_on_every_node_and_goes_from_every_node(
    world: World, node: Callable[[str], Screening], tmp_path: Path
) -> None:
    shared, beside, other = node("shared"), node("shared"), node("other")
    report_id, loss_id = reported(world)
    with world.db.unit(NOON, SYSTEM) as unit:
        claim_report(unit, report_id)
        claim_confirmed_loss(unit, loss_id)
    assert shared.catch_up() == 0  # not sealed yet: a late commit must not be skipped
    count = len(sealed_changes(world.db, tmp_path))
    assert shared.catch_up() == other.catch_up() == count == 5
    assert verdicts(shared) == verdicts(other) == [WARN, WARN, CLEAR]
    assert shared.engine.merge()
    assert beside.engine.refresh()
    assert verdicts(beside) == verdicts(node("shared")) == [WARN, WARN, CLEAR]
    with world.db.unit(NOON, SYSTEM) as unit:
        withdraw_origin(unit, f"loss:{loss_id}", "unconfirmed")
    sealed_changes(world.db, tmp_path)
    late = node("late")
    for one in (shared, beside, other, late):
        one.catch_up()
        assert verdicts(one) == [CLEAR] * 3


def test_a_registry_from_before_the_generation_begins_it_anew(node: Callable[..., Screening]) -> None:
    ahead = node("shared")
    ahead.engine.apply([Change(7, KEYS[2], WARN, (), "e", None)])
    ahead.engine.merge()
    assert verdicts(node("shared"))[2] is WARN
    restored = node("shared", newest=6)
    assert verdicts(restored)[2] is CLEAR
    assert restored.engine.sequence == 0


def test_the_threads_follow_by_themselves(
    world: World, node: Callable[[str], Screening], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Hits] = []
    one = node("shared")
    monkeypatch.setattr(one, "_write_hits", written.append)
    one.start()
    try:
        report_id, loss_id = reported(world)
        with world.db.unit(NOON, SYSTEM) as unit:
            claim_report(unit, report_id)
            claim_confirmed_loss(unit, loss_id)
        sealed_changes(world.db, tmp_path)
        while verdicts(one)[0] is CLEAR:  # the suite's own limit ends a wait in vain
            pass
    finally:
        one.stop()
    assert written == [one.hits]


def test_a_banks_copy_knows_what_the_engine_knows(
    world: World, node: Callable[[str], Screening], tmp_path: Path
) -> None:
    signer = SigningKey.generate()
    one = node("shared")
    report_id, loss_id = reported(world)
    with world.db.unit(NOON, SYSTEM) as unit:
        claim_report(unit, report_id)
        claim_confirmed_loss(unit, loss_id)
    sealed_changes(world.db, tmp_path)
    one.catch_up()
    header = Header("filter", "test", "999001", key_id(BANK_KEY), 1, one.engine.sequence, NOON)
    local = LocalScreen("999001", BANK_KEY, [signer.public], clock=StoppedClock(NOON))
    local.load(write_filter(header, one.engine.fingerprints(BANK_KEY), signer.private.sign))
    assert local.suspects(KEYS) == [True, True, False]
    before = one.engine.sequence
    with world.db.unit(NOON, SYSTEM) as unit:
        withdraw_origin(unit, f"loss:{loss_id}", "unconfirmed")
    gone = [change.key for change in sealed_changes(world.db, tmp_path, after=before)]
    one.catch_up()
    marks = fingerprints("\n".join(gone).encode(), len(gone), BANK_KEY)
    header = Header("delta", "test", "999001", key_id(BANK_KEY), 2, one.engine.sequence, NOON, 1)
    local.load(write_delta(header, marks[:0], marks, signer.private.sign))
    assert local.suspects(KEYS) == [False] * 3
