"""Server, worker, sealer and institutions are killed, also between commit and delivery: nothing is lost."""

import os
import random
import socket
import sqlite3
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from tests.journeys.killer import Killer
from tests.journeys.story_files import Rows, check_amounts, check_sums, oracle, read_record
from tests.journeys.test_main_job import fresh_url

from lachan.bootstrap import Services, initialise
from lachan.doors.cli.demo.processes import InstanceProcesses, start_seconds
from lachan.doors.cli.demo.stage import set_stage
from lachan.foundation.base import Language, SimulatedClock, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.trail import verify
from lachan.sandbox import Center, ReportSent, RunBooked, Sandbox, bundled_ledger_folder, read_ledger, tell_story

STEPS = 20
LOSSES = 16
SEED = int(os.environ.get("LACHAN_TEST_SEED", random.SystemRandom().randrange(10**6)))


@pytest.mark.journey
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_is_lost(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    story_with_kills(tmp_path, fresh_url(store, request, tmp_path), SEED, rounds=2)


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(10))
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_hundred_kills(store: str, round_: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    story_with_kills(tmp_path, fresh_url(store, request, tmp_path), SEED + round_, rounds=10)


def story_with_kills(folder: Path, url: str, seed: int, *, rounds: int) -> None:
    """Play a slice, kill each kind of process between commit and delivery, `rounds` more anywhere; check all."""
    print(f"LACHAN_TEST_SEED={seed}")
    ledger = bundled_ledger_folder()
    story = tell_story(read_ledger(ledger, steps=STEPS), seed=seed % 100, losses=LOSSES)
    epoch = WallClock().now() + timedelta(seconds=5 + start_seconds(8))
    clock = SimulatedClock(epoch.replace(hour=2, minute=0, second=0, microsecond=0), 30, epoch)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        home=folder / "home", clock=clock.as_text(), base_url=f"http://127.0.0.1:{port}", instance="son-ha",
        instance_name="Bàn trực Sơn Hà", allow_private_targets=True, demo_sign_in=True, database_url=url,
    )  # fmt: skip
    sandbox = Sandbox(story, folder / "province", clock)
    services = initialise(settings)
    stage = set_stage(services, sandbox.registrations, Language.VI)
    told: list[ReportSent | RunBooked] = []
    keys = tuple(key.public.as_text() for key in services.issuer_keys)
    with InstanceProcesses(settings, port, folder) as processes:
        killer = Killer(random.Random(seed), processes, sandbox, folder / "province", services.db.engine)
        try:
            sandbox.start(Center(settings.base_url, settings.instance, keys), stage.credentials, told.append)
            _kill(killer, story_s=sandbox.clock.wall_s_until(story.length_us), rounds=rounds)
            assert sandbox.wait(timeout_s=120)
            _wait_until_quiet(services, sandbox)
            correspondence = {one.code: sandbox.ask(one.code, "/correspondence") for one in sandbox.registrations}
        finally:
            sandbox.stop()
    print(dict(killer.kills))
    for name in ("server", "worker", "sealer", "institution"):
        assert killer.kills[f"{name} between commit and delivery"] >= 1, name
    rows = read_record(url or f"sqlite:///{folder}/home/lachan.db")
    _check_reports(services, [one for one in told if isinstance(one, ReportSent)], len(story.reports))
    _check_messages(services, folder / "province", correspondence)
    _check_holds(rows, folder / "province")
    outcome = oracle(ledger, 1, STEPS, folder / "province", rows)
    check_sums(rows, outcome)
    check_amounts(rows, outcome)
    with services.db.read() as conn:
        verified = verify(conn, [services.seal_key.public_text])
    assert verified.intact, verified.findings
    services.db.close()


def _kill(killer: Killer, *, story_s: float, rounds: int) -> None:
    """From the first reports on: the four sure kills, then as many anywhere, spread over the story.

    The worker's comes first: it waits for the next report. Then the institutions have its messages to answer, so
    theirs comes next; the other two find something to lose at any time.
    """
    begin = time.monotonic()
    time.sleep(max(story_s * 0.3, 0))
    killer.worker_between(within_s=90)
    killer.institution_between(within_s=90)
    for name in killer.draw.sample(["server", "sealer"], 2):
        killer.between_commit_and_delivery(name, within_s=60)
        time.sleep(0.5)
    for _ in range(rounds):
        time.sleep(killer.draw.uniform(0.2, 1.0) * max(story_s - time.monotonic() + begin, 3) / (rounds + 2))
        killer.anywhere()
        if not killer.kills["worker between commit and delivery"]:
            # On a crowded machine every report of the first wait may have been delivered before it was seen.
            killer.worker_between(within_s=20)
    killer.processes.wait_until_served()


def _wait_until_quiet(services: Services, sandbox: Sandbox) -> None:
    """Until everything that is due is done and everybody has answered what is not a person's clock to answer."""
    jobs = sa.text("SELECT count(*) FROM job WHERE kind IN ('react', 'deliver') AND dead_at IS NULL")
    unsealed = sa.text("SELECT count(*) FROM fact WHERE sequence IS NULL")
    deadline = time.monotonic() + 90
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        with services.db.engine.connect() as conn:
            waiting = conn.execute(jobs).scalar_one() + conn.execute(unsealed).scalar_one()
        undone = sum(
            not message["done"]
            for one in sandbox.registrations
            for message in sandbox.ask(one.code, "/correspondence")["messages"]
        )
        quiet = quiet + 1 if waiting == undone == 0 else 0
        time.sleep(0.5)
    assert quiet == 3, f"{waiting} jobs or facts, {undone} messages are still not dealt with"


def _check_reports(services: Services, sent: list[ReportSent], expected: int) -> None:
    assert len(sent) == expected
    with services.db.engine.connect() as conn:
        codes = Counter(conn.execute(sa.text("SELECT code FROM report")).scalars())
    assert codes == Counter(one.code for one in sent), "an acknowledged report is missing, or is there twice"


def _check_messages(services: Services, province: Path, correspondence: dict[str, dict[str, object]]) -> None:
    """Each message arrived once in effect, and each answer that was told is kept."""
    with services.db.engine.connect() as conn:
        sent = conn.execute(sa.text("SELECT id, institution FROM message")).all()
        received = set(conn.execute(sa.text("SELECT id FROM received_message")).scalars())
        dead = conn.execute(sa.text("SELECT count(*) FROM job WHERE dead_at IS NOT NULL")).scalar_one()
    assert dead == 0
    by_institution: defaultdict[str, list[str]] = defaultdict(list)
    for message_id, institution in sent:
        by_institution[institution].append(message_id)
    for code, told in correspondence.items():
        arrived = [message["message_id"] for message in told["messages"]]  # type: ignore[attr-defined]
        assert len(arrived) == len(set(arrived))
        assert set(arrived) <= set(by_institution[code])
        assert _must_arrive(services, code) <= set(arrived), code
        refused = {m["message_id"]: m["refused"] for m in told["messages"]}  # type: ignore[attr-defined]
        with sqlite3.connect(province / f"{code}.db") as conn_:
            replies = conn_.execute("SELECT key, body FROM note WHERE kind = 'replies'").fetchall()
        for message_id, body in replies:
            for reply in orjson.loads(body)["bodies"]:
                reply_id = orjson.loads(reply)["message_id"]
                assert reply_id in received or refused[message_id], "an answer was told and is not there"


def _must_arrive(services: Services, code: str) -> set[str]:
    """What a webhook must have brought; who fetches may find a message dealt with before it looks."""
    with services.db.engine.connect() as conn:
        rows = conn.execute(
            sa.text("SELECT id FROM message WHERE institution = :code AND delivered_at IS NOT NULL"), {"code": code}
        )
        return set(rows.scalars())


def _check_holds(rows: Rows, province: Path) -> None:
    """What each book has frozen for a request is what the record says: exactly once in effect."""
    frozen: defaultdict[str, int] = defaultdict(int)
    for book in province.glob("*.db"):
        with sqlite3.connect(book) as conn:
            lines = conn.execute(
                "SELECT id, direction, amount_vnd FROM entry WHERE direction IN ('hold', 'release')"
            ).fetchall()
        for name, direction, amount in lines:
            frozen[name.rpartition(".")[0]] += amount if direction == "hold" else -amount
    assert set(frozen) <= set(rows.holds)
    for hold in rows.holds.values():
        assert frozen[hold["id"]] == hold["held_vnd"], hold["reference"]
