"""The switch and three institutions over real HTTP, holds placed at random: equal to an independent replay."""

import asyncio
import random
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.sandbox.replay import RecordedHold, Row, replay

from lachan.foundation.base import SimulatedClock
from lachan.foundation.protocol.coins import whole
from lachan.sandbox.institution import Counter
from lachan.sandbox.institution.interbank import interbank_routes
from lachan.sandbox.ledger import bundled_ledger_folder, raised_openings, read_ledger
from lachan.sandbox.postings import STEP_US, Posting, spread
from lachan.sandbox.province import deal_province
from lachan.sandbox.story_clock import StoryClock
from lachan.sandbox.switch import RunBooked, Switch

CODES = ("999001", "999002", "saokhue")


class Bank:
    """One counter behind a real socket, which can be killed and come back."""

    def __init__(self, code: str, folder: Path, accounts: dict[str, int], clock: StoryClock) -> None:
        self.file, self.accounts, self.clock = folder / f"{code}.db", accounts, clock
        self.counter = Counter(self.file, accounts, clock)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.server: uvicorn.Server | None = None

    async def serve(self) -> None:
        app = Starlette(routes=interbank_routes(self.counter))
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="critical"))
        await self.server.serve()

    def stop(self) -> None:
        assert self.server is not None
        self.server.should_exit = True


@pytest.fixture
def clock() -> StoryClock:
    start = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
    return StoryClock(SimulatedClock(start, 150.0, datetime.now(UTC) + timedelta(seconds=0.2)))


def test_banks_and_switch_hold_what_a_sequential_replay_holds(tmp_path: Path, clock: StoryClock) -> None:
    ledger = read_ledger(bundled_ledger_folder(), first_step=30, steps=4)
    province = deal_province(ledger, 7)
    postings = spread(ledger, province, ())
    home = {key: CODES[account.node % 3] for key, account in province.accounts.items()}
    # No reserves: whoever loses money to a hold cannot pay with other money, so that transfers are stopped.
    opening = raised_openings(dict.fromkeys(home, 0), ((p.payer, p.payee, p.amount_vnd) for p in postings))
    banks = {
        code: Bank(code, tmp_path, {k: v for k, v in opening.items() if home[k] == code}, clock) for code in CODES
    }
    told: list[RunBooked] = []
    holds = asyncio.run(story(banks, home, postings, clock, told))
    assert len(holds) > 30
    placed = {hold.id: amount for hold, amount in holds}
    rows = [Row(p.at_us, p.id, p.payer, p.payee, p.amount_vnd) for p in postings]
    world = replay(opening, rows, [hold for hold, _ in holds])
    assert placed == {identity: amount for identity, amount in world.held.items() if identity in placed}
    assert [identity for run in told for identity in run.failed] == world.failed
    assert world.failed  # some transfers were stopped, so that stopping was tested
    for key, code in home.items():
        assert banks[code].counter.book.page(key).available_vnd == world.balance(key)
    assert told[-1].through_us == postings[-1].at_us < ledger.steps * STEP_US


async def story(
    banks: dict[str, Bank],
    home: dict[str, str],
    postings: tuple[Posting, ...],
    clock: StoryClock,
    told: list[RunBooked],
) -> list[tuple[RecordedHold, int]]:
    servers = [asyncio.create_task(bank.serve()) for bank in banks.values()]
    addresses = {code: f"http://127.0.0.1:{bank.port}" for code, bank in banks.items()}
    draw = random.Random(11)
    holds: list[tuple[RecordedHold, int]] = []

    def booked(run: RunBooked) -> None:
        told.append(run)
        past = [posting for posting in postings if posting.at_us <= run.through_us]
        for posting in draw.sample(past, min(6, len(past))):
            hold(banks, home, posting, holds)

    done = asyncio.Event()
    holder = asyncio.create_task(hold_at_any_moment(banks, home, postings, holds, done))
    breaker = asyncio.create_task(break_lines(banks["999002"]))
    await Switch(postings, addresses, home, clock).release_all(booked)
    done.set()
    await holder
    breaker.cancel()
    with suppress(asyncio.CancelledError):
        await breaker
    for bank in banks.values():
        bank.stop()
    await asyncio.gather(*servers)
    return holds


async def hold_at_any_moment(
    banks: dict[str, Bank],
    home: dict[str, str],
    postings: tuple[Posting, ...],
    holds: list[tuple[RecordedHold, int]],
    done: asyncio.Event,
) -> None:
    """Also in the middle of a run, where it has to wait."""
    draw = random.Random(12)
    while not done.is_set():
        await asyncio.sleep(0.002)
        posting = draw.choice(postings)
        await banks[home[posting.payee or ""]].counter.between_runs()
        hold(banks, home, posting, holds)


def hold(
    banks: dict[str, Bank],
    home: dict[str, str],
    posting: Posting,
    holds: list[tuple[RecordedHold, int]],
) -> None:
    """Freeze what is left of a transfer, if it has been booked."""
    assert posting.payee is not None
    counter = banks[home[posting.payee]].counter
    if counter.book.entry(posting.payee, posting.id) is None:
        return
    coins = counter.book.flow(posting.payee, posting.id, whole(posting.amount_vnd)).remaining
    if not coins:
        return
    with counter.store.transaction():
        entry = counter.hold(f"hold-{len(holds)}", posting.payee, posting.id, coins)
    holds.append((RecordedHold(entry.at_us, entry.sequence, entry.id, entry.account, posting.id), entry.amount_vnd))


async def break_lines(bank: Bank) -> None:
    """Hang up on the switch now and then: it has to call again, and the bank to answer as before."""
    while True:
        await asyncio.sleep(0.15)
        if bank.server is not None:
            for connection in list(bank.server.server_state.connections):
                transport = getattr(connection, "transport", None)
                if transport is not None:
                    transport.abort()
