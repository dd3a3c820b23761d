"""An institution of the sandbox, as a real HTTP server with the fixture account in its book, keeps the protocol."""

import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import orjson
import uvicorn

from lachan.client.conform import INSTANCE, Finding, Fixture, Outcome, Patience, Rule, run_conformance
from lachan.foundation.base import SimulatedClock, WallClock
from lachan.foundation.protocol import Direction, Movement, SigningKey
from lachan.sandbox.institution import Counter, InstitutionConfig
from lachan.sandbox.institution.app import WEBHOOK_PATH, institution_app
from lachan.sandbox.postings import Posting
from lachan.sandbox.story_clock import StoryClock

FIXTURE = Fixture("999001")
CENTER, BANK = SigningKey.generate(), SigningKey.generate()
PAYEE = "account:999998:0000000001"


def posting(movement: Movement, clock: StoryClock) -> Posting:
    at_us = clock.count(movement.booked_at)
    if movement.direction is Direction.CREDIT:
        return Posting(movement.id, FIXTURE.payer, FIXTURE.account, movement.amount_vnd, at_us)
    payee = PAYEE if movement.id == "CONFORM-OUT-1" else None
    return Posting(movement.id, FIXTURE.account, payee, movement.amount_vnd, at_us)


def write_book(file: Path, clock: StoryClock) -> None:
    """The fixture's movements, booked in two runs as the switch books them."""
    counter = Counter(file, {FIXTURE.account: FIXTURE.opening_vnd}, clock)
    credits_, debits = (
        [posting(m, clock) for m in FIXTURE.movements if m.direction is direction]
        for direction in (Direction.CREDIT, Direction.DEBIT)
    )
    counter.debit(1, [])
    counter.credit(1, credits_, credits_[-1].at_us, debits[0].at_us)
    counter.debit(2, debits)
    counter.credit(2, [], debits[-1].at_us, None)
    counter.close()


def test_a_sandbox_institution_keeps_every_rule(tmp_path: Path) -> None:
    ten_minutes_ago = WallClock().now() - timedelta(seconds=10)
    clock = SimulatedClock(FIXTURE.opened_at, 60, ten_minutes_ago)
    write_book(tmp_path / "book.db", StoryClock(clock))
    holders = {PAYEE: ("999998", "TRAN VAN B"), FIXTURE.account: (FIXTURE.institution, "LE THI C")}
    (tmp_path / "directory.json").write_bytes(orjson.dumps(holders))
    door = socket.create_server(("127.0.0.1", 0))
    servers: list[uvicorn.Server] = []
    threads: list[threading.Thread] = []

    def start(center_url: str) -> None:
        config = InstitutionConfig(
            code=FIXTURE.institution,
            name="Ngân hàng Ba Bể",
            temper="fast",
            seed=1,
            clock=clock.as_text(),
            port=0,
            book_file=str(tmp_path / "book.db"),
            openings={},
            center_url=center_url,
            center_instance=INSTANCE,
            directory_file=str(tmp_path / "directory.json"),
            decided_by="Phòng Quản lý rủi ro",
            client_id="bank-1",
            client_secret="secret",
            signing_key=BANK.as_text(),
            center_public_keys=(CENTER.public.as_text(),),
        )

        def run() -> None:  # the book's file belongs to the thread that opened it
            server = uvicorn.Server(uvicorn.Config(institution_app(config), log_level="warning"))
            servers.append(server)
            server.run(sockets=[door])

        thread = threading.Thread(target=run, daemon=True)
        threads.append(thread)
        thread.start()
        while not (servers and servers[0].started):
            assert thread.is_alive()
            time.sleep(0.01)

    try:
        report = run_conformance(
            f"http://127.0.0.1:{door.getsockname()[1]}{WEBHOOK_PATH}",
            center_key=CENTER,
            institution_keys=(BANK.public,),
            fixture=FIXTURE,
            patience=Patience(acknowledge_s=5, answer_s=8, settle_s=0.3),
            clock=clock,
            started=start,
        )
    finally:
        for server in servers:
            server.should_exit = True
        for thread in threads:
            thread.join(timeout=10)
    assert report.findings == tuple(Finding(rule, Outcome.KEPT) for rule in Rule)
