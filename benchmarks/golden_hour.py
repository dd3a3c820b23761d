"""How fast is the machine's share of the golden hour?  Both stores in one run.

Measured from outside, wall time, with twelve institutions that answer at once:
  report -> request   a bank's POST /v1/reports is sent -> its last root request has arrived at the payee's webhook
  answer -> next hop  an institution sends its answer -> the request for each onward transfer has arrived
under 100 reports in one minute, each of two losses that move on twice.
"""

import argparse
import json
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.instance import free_port, kept_awake, new_instance, percentile, postgres, running, taken_share
from lachan.bootstrap import Services
from lachan.client import Client, WebhookReceiver
from lachan.doors.cli.demo.stage import set_stage
from lachan.foundation.base import Language, new_id
from lachan.foundation.protocol import (
    Answer,
    BankReport,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    Direction,
    Envelope,
    HoldRequest,
    Movement,
    Part,
    PartKind,
    Party,
    Payee,
    PublicKey,
    Rail,
    ReportedLoss,
    SigningKey,
    Situation,
    Victim,
)
from lachan.sandbox.province import InstitutionKind
from lachan.sandbox.run import Registration

INSTITUTIONS = 12
REPORTS = 100
WITHIN_S = 60.0
HOPS = 3


@dataclass
class Town:
    """Twelve instant institutions behind one port, and what they saw when."""

    services: Services
    port: int
    keys: dict[str, SigningKey]
    clients: dict[str, Client] = field(default_factory=dict)
    sent_at: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16))

    def open(self, code: str, headers: dict[str, str], body: bytes) -> None:
        """One webhook has come in: answer it at once, from another thread."""
        keys = {self.services.settings.instance: [key.public for key in self.services.issuer_keys]}
        envelope = WebhookReceiver(keys).open(headers, body)
        if isinstance(envelope.data, HoldRequest):
            self.arrived.setdefault(envelope.data.transfer.reference, time.perf_counter())
        self.pool.submit(self._reply, code, envelope)

    def _reply(self, code: str, envelope: Envelope) -> None:
        client, data = self.clients[code], envelope.data
        if isinstance(data, ConfirmationRequest):
            client.confirm(
                envelope.message_id,
                Confirmation(
                    message_id=new_id(),
                    request_id=data.id,
                    outcome=ConfirmationOutcome.CONFIRMED,
                    decided_by="bench",
                ),
            )
        elif isinstance(data, HoldRequest):
            answer = _answer(data)
            for part in answer.parts:
                self.sent_at[part.reference or ""] = time.perf_counter()
            client.answer(envelope.message_id, answer)


def _answer(request: HoldRequest) -> Answer:
    """Half moved on to the next institution until the last hop; the rest is held."""
    base, _, hop = request.transfer.reference.rpartition("-")
    number, now = int(hop), datetime.now(UTC)
    moved = request.amount_vnd // 2 if number + 1 < HOPS else 0
    credit = Movement(
        id=request.transfer.reference, booked_at=request.transfer.booked_at, sequence=1,
        direction=Direction.CREDIT, amount_vnd=request.transfer.amount_vnd,
    )  # fmt: skip
    movements = [credit]
    parts = []
    if moved:
        onward, code = f"{base}-{number + 1}", f"{999001 + (int(request.institution) - 999001 + 1) % INSTITUTIONS}"
        movements.append(
            Movement(id=onward, booked_at=now, sequence=2, direction=Direction.DEBIT, amount_vnd=moved)
        )
        payee = Payee(institution=code, account=f"account:{code}:{base.replace('-', '')}{number + 1}")
        parts.append(Part(kind=PartKind.MOVED_ON, amount_vnd=moved, reference=onward, booked_at=now, payee=payee))
    held = request.amount_vnd - moved
    movements.append(
        Movement(
            id=f"H{request.id}", booked_at=now, sequence=3, direction=Direction.HOLD, amount_vnd=held,
            reference=request.transfer.reference,
        )
    )  # fmt: skip
    return Answer(
        message_id=new_id(), request_id=request.id, request_revision=request.revision, revision=1, held_vnd=held,
        parts=tuple(parts), movements=tuple(movements), available_vnd=held, placed_at=now, decided_by="bench",
    )  # fmt: skip


def _application(town: Town) -> Any:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        town.open(scope["path"].strip("/"), headers, body)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def measure(services: Services, reports: int, within_s: float) -> dict[str, float]:
    """One store: the latencies in milliseconds."""
    codes = [f"{999001 + number}" for number in range(INSTITUTIONS)]
    keys = {code: SigningKey.generate() for code in codes}
    town = Town(services, free_port(), keys)
    registrations = [
        Registration(code, f"Bank {code}", code, InstitutionKind.BANK, "fast",
                     f"http://127.0.0.1:{town.port}/{code}", keys[code].public.as_text())
        for code in codes
    ]  # fmt: skip
    stage = set_stage(services, registrations, Language.EN)
    server = uvicorn.Server(uvicorn.Config(_application(town), port=town.port, log_level="warning", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    with running(services):
        for code in codes:
            credential = stage.credentials[code]
            town.clients[code] = Client(
                services.settings.base_url, credential.client_id, credential.client_secret, keys[code],
                center_keys=[PublicKey(key.public.raw) for key in services.issuer_keys],
            )  # fmt: skip
        counts, _ = taken_share()
        started = time.perf_counter()
        for number in range(reports):
            wait = started + number * within_s / reports - time.perf_counter()
            time.sleep(max(wait, 0))
            town.pool.submit(_report, town, codes, number)
        deadline = time.monotonic() + 60
        while len(town.arrived) < reports * 2 * HOPS and time.monotonic() < deadline:
            time.sleep(0.1)
        _, taken = taken_share(counts)
    server.should_exit = True
    town.pool.shutdown()
    roots = [t - town.sent_at[ref] for ref, t in town.arrived.items() if ref.endswith("-0")]
    onward = [t - town.sent_at[ref] for ref, t in town.arrived.items() if not ref.endswith("-0")]
    return {
        "requests": len(town.arrived),
        "report_to_request_p50_ms": percentile(roots, 0.5) * 1000,
        "report_to_request_p95_ms": percentile(roots, 0.95) * 1000,
        "answer_to_next_hop_p50_ms": percentile(onward, 0.5) * 1000,
        "answer_to_next_hop_p95_ms": percentile(onward, 0.95) * 1000,
        "taken_by_others_percent": taken * 100,
    }


def _report(town: Town, codes: list[str], number: int) -> None:
    payer, now = codes[number % INSTITUTIONS], datetime.now(UTC)
    losses = []
    for which in range(2):
        code = codes[(number + which + 1) % INSTITUTIONS]
        reference = f"R{number}-{which}-0"
        losses.append(
            ReportedLoss(
                rail=Rail.FAST_TRANSFER, reference=reference, amount_vnd=50_000_000 + number,
                booked_at=now - timedelta(minutes=3),
                payer=Party(institution=payer, account=f"account:{payer}:{number:08d}"),
                payee=Party(institution=code, account=f"account:{code}:{number:06d}{which}0"),
            )
        )  # fmt: skip
        town.sent_at[reference] = time.perf_counter()
    town.clients[payer].report(
        BankReport(
            message_id=new_id(), reported_at=now, situation=Situation.SCAM, victim=Victim(name="Nguyễn Thị An"),
            consent=True, losses=tuple(losses), reported_by="bench",
        )
    )  # fmt: skip


def main() -> None:
    """Measure both stores and print them side by side."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=REPORTS)
    options.add_argument("--within", type=float, default=WITHIN_S)
    options.add_argument("--keep-awake", action="store_true", help="no processor sleeps meanwhile")
    chosen = options.parse_args()
    awake = kept_awake() if chosen.keep_awake else nullcontext()
    with tempfile.TemporaryDirectory() as folder, postgres(Path(tempfile.mkdtemp())) as address, awake:
        sqlite = measure(new_instance(Path(folder) / "sqlite"), chosen.reports, chosen.within)
        postgresql = measure(new_instance(Path(folder) / "postgres", address), chosen.reports, chosen.within)
    for name, value in sqlite.items():
        print(f"{name:28} SQLite {value:8.1f}   PostgreSQL {postgresql[name]:8.1f}")
    print(json.dumps({"kept_awake": chosen.keep_awake, "sqlite": sqlite, "postgresql": postgresql}))


if __name__ == "__main__":
    main()
