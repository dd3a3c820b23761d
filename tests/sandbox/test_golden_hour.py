"""The province as a whole, against a small center: thirty steps, twelve processes, every held amount checked."""

import os
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.sandbox.center import TestCenter
from tests.sandbox.replay import RecordedHold, Row, replay

from lachan.foundation.base import SimulatedClock
from lachan.sandbox import ReportSent, RunBooked, Sandbox, bundled_ledger_folder, read_ledger, tell_story
from lachan.sandbox.story_clock import StoryClock

pytestmark = pytest.mark.journey
SEED = int(os.environ.get("LACHAN_TEST_SEED", "1"))
FACTOR = 60.0


def test_losses_are_held_deep_and_every_amount_is_the_replays(tmp_path: Path) -> None:
    ledger = read_ledger(bundled_ledger_folder(), first_step=21, steps=30)
    story = tell_story(ledger, seed=SEED)
    start = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
    clock = SimulatedClock(start, FACTOR, datetime.now(UTC) + timedelta(seconds=6))
    center = TestCenter(StoryClock(clock))
    sandbox = Sandbox(story, tmp_path / "province", clock)
    told: list[RunBooked | ReportSent] = []
    try:
        where, credentials = center.start(sandbox.registrations)
        sandbox.start(where, credentials, told.append)
        time.sleep(max(sandbox.clock.wall_s_until(12 * 60_000_000), 0))
        sandbox.kill_institution("999002")
        time.sleep(0.5)
        sandbox.start_institution("999002")
        time.sleep(max(sandbox.clock.wall_s_until(18 * 60_000_000), 0))
        sandbox.kill_switch()
        assert sandbox.wait(timeout_s=60)
        time.sleep(3)  # at this factor three minutes, in which the quick institutions answer what is open
        holds = [hold for one in sandbox.registrations for hold in sandbox.ask(one.code, "/holds")["holds"]]
        letters = {one.code: sandbox.ask(one.code, "/correspondence")["messages"] for one in sandbox.registrations}
        cpu_s = [sandbox.ask(one.code, "/healthz")["cpu_s"] for one in sandbox.registrations]
        available = {}
        for hold in holds:
            code = story.province.accounts[hold["account"]].institution
            available[hold["account"]] = sandbox.ask(code, f"/book/{hold['account']}")
    finally:
        sandbox.stop()
        center.stop()
    print(f"processor seconds of an institution: {min(cpu_s)} to {max(cpu_s)}; {len(holds)} holds")
    assert [one.refused for one in told if isinstance(one, ReportSent)] == [None] * len(story.reports)
    check_depth(sandbox, center)
    check_amounts(sandbox, center, holds, available)
    check_confirmations(sandbox, center)
    wrong = [one.code for one in sandbox.registrations if one.temper == "wrong_first"]
    assert {code for code, reason in center.refusals if reason == "sum_differs"} == set(wrong)
    assert {reason for _, reason in center.refusals} <= {"sum_differs", "superseded"}
    assert center.repeated
    for code, messages in letters.items():
        assert all(message["refused"] in ([], ["sum_differs"], ["superseded"]) for message in messages), code


def check_depth(sandbox: Sandbox, center: TestCenter) -> None:
    """The promise of every seed: a loss held at three institutions, three hops deep."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    depth: defaultdict[str, int] = defaultdict(int)
    for (loss, _, _), hop in center.hops.items():
        if hop.answer is not None and hop.answer.held_vnd:
            where[loss].add(hop.request.institution)
            depth[loss] = max(depth[loss], hop.depth)
    deep = [loss for loss in where if len(where[loss]) >= 3 and depth[loss] >= 3]
    print(f"deep losses: {len(deep)} of {len(sandbox.story.deep)} foreseen")
    assert deep


def check_amounts(
    sandbox: Sandbox, center: TestCenter, holds: list[dict[str, object]], books: dict[str, dict[str, int]]
) -> None:
    story = sandbox.story
    recorded = [
        RecordedHold(
            int(str(hold["at_us"])),
            int(str(hold["sequence"])),
            str(hold["id"]),
            str(hold["account"]),
            str(hold["reference"]),
            tuple((first, amount) for first, amount in hold["spans"]),  # type: ignore[attr-defined]
        )
        for hold in holds
    ]
    rows = [Row(p.at_us, p.id, p.payer, p.payee, p.amount_vnd) for p in story.postings]
    disputed = {loss for loss, _, _ in center.hops}
    world = replay(story.openings, rows, recorded, disputed)
    assert recorded
    assert {hold.id: world.held[hold.id] for hold in recorded} == {h["id"]: h["amount_vnd"] for h in holds}
    assert sandbox.stopped_transfers == world.failed
    for account, book in books.items():
        assert book["balance_vnd"] - book["held_vnd"] == world.balance(account)
    loss_of = {hop.request.id: (loss, hop) for (loss, _, _), hop in center.hops.items()}
    whole_at_once = 0
    for hold in recorded:
        loss, hop = loss_of[hold.id.rsplit(".", 1)[0]]
        assert world.held_of[hold.id][loss] == world.held[hold.id]  # all of it is this loss's money
        if hop.request.revision == 1:
            assert world.held[hold.id] == world.present_of[hold.id][loss]  # and all that lay there
            whole_at_once += 1
    assert whole_at_once


def check_confirmations(sandbox: Sandbox, center: TestCenter) -> None:
    stopped = set(sandbox.stopped_transfers)
    for report in sandbox.story.reports:
        for transfer in report.transfers:
            outcome = center.confirmations.get(transfer.reference)
            if not report.truthful or transfer.reference in stopped:
                assert outcome in (None, "not_found")
            else:
                assert outcome in (None, "confirmed"), (transfer, report.reported_us)
    assert "confirmed" in center.confirmations.values()
    assert "not_found" in center.confirmations.values()
