"""A small center for tests: receives reports, asks hop by hop, checks every answer. No record, no law, no desk."""

import asyncio
import base64
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lachan.foundation.base import LachanError, WallClock, new_id
from lachan.foundation.protocol import (
    Answer,
    BankReport,
    Confirmation,
    ConfirmationRequest,
    Envelope,
    EventData,
    HoldRelease,
    HoldRequest,
    Issuer,
    LegalBasis,
    Part,
    PartKind,
    Person,
    PublicKey,
    ReleaseDone,
    ReleaseReason,
    SigningKey,
    Spans,
    Transfer,
    check_answer,
    read_reply,
    read_report,
    sign,
    subtract,
    total,
    union,
    verify,
    whole,
    wrap,
)
from lachan.sandbox import Center, Credential, Registration
from lachan.sandbox.story_clock import StoryClock

ISSUER = Issuer(instance="test-center", name="Trung tâm thử nghiệm")
OFFICER = Person(id="p1", name="Cán bộ A", agency="Phòng thử nghiệm")
CHIEF = Person(id="p2", name="Cán bộ B", agency="Phòng thử nghiệm")


@dataclass
class Hop:
    """One hop as last asked and last answered."""

    request: HoldRequest
    depth: int
    item: str
    answer: Answer | None = None


@dataclass
class TestCenter:
    """Everything in memory, one event loop in one thread."""

    __test__ = False

    clock: StoryClock
    key: SigningKey = field(default_factory=SigningKey.generate)
    hops: dict[tuple[str, str, str], Hop] = field(default_factory=dict)
    confirmations: dict[str, str] = field(default_factory=dict)
    released: list[ReleaseDone] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0
    institutions: dict[str, Registration] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self._inbox: dict[str, list[Envelope]] = {}
        self._owner: dict[str, str] = {}
        self._seen: set[str] = set()
        self._confirming: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        routes = [
            Route("/v1/oauth/token", self._token, methods=["POST"]),
            Route("/v1/inbox", self._inbox_page),
            Route("/v1/inbox/{item}/ack", self._ack, methods=["POST"]),
            Route("/v1/inbox/{item}/answer", self._answer, methods=["POST"]),
            Route("/v1/reports", self._report, methods=["POST"]),
        ]
        self._server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes, lifespan=self._lifespan),
                port=self.port,
                log_level="warning",
                access_log=False,
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self, registrations: tuple[Registration, ...]) -> tuple[Center, dict[str, Credential]]:
        self.institutions = {one.code: one for one in registrations}
        self._inbox = {code: [] for code in self.institutions}
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        center = Center(f"http://127.0.0.1:{port}", ISSUER.instance, (self.key.public.as_text(),))
        return center, {code: Credential(code, "secret") for code in self.institutions}

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as self._http:
            yield
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _token(self, request: Request) -> Response:
        scheme, _, given = request.headers["authorization"].partition(" ")
        assert scheme == "Basic"
        code = base64.b64decode(given).decode().partition(":")[0]
        return _json({"access_token": code, "token_type": "bearer", "expires_in": 3600})

    async def _inbox_page(self, request: Request) -> Response:
        code = self._sender(request)
        after = int(request.query_params.get("after", 0))
        waiting = self._inbox[code][after:]
        items = []
        for envelope in waiting:
            body = envelope.as_json()
            headers = sign(envelope.message_id, WallClock().now(), body, self.key)
            items.append({"id": envelope.message_id, "state": "pending", "headers": headers, "body": body.decode()})
        return _json({"items": items, "next": str(after + len(waiting))})

    async def _ack(self, request: Request) -> Response:
        await self._body(request)
        return self._receipt(request)

    async def _answer(self, request: Request) -> Response:
        code = self._sender(request)
        item = request.path_params["item"]
        reply = read_reply(await self._body(request))
        if reply.message_id in self._seen:
            self.repeated += 1
            return self._receipt(request)
        match reply:
            case Answer():
                (hop,) = (one for one in self.hops.values() if one.request.id == reply.request_id)
                if self._owner[item] != code or reply.request_revision != hop.request.revision:
                    return self._refuse(code, "superseded", 409)
                last = hop.answer.revision if hop.answer else 0
                now = self.clock.clock.now()
                reasons = check_answer(hop.request, reply, institution=code, now=now, last_revision=last)
                if reasons:
                    return self._refuse(code, reasons[0].value, 422)
                assert reply.placed_at is None or reply.placed_at <= now
                hop.answer = reply
                for part in reply.parts:
                    if part.kind is PartKind.MOVED_ON:
                        self._onward(hop, part)
            case Confirmation():
                self.confirmations[self._confirming[reply.request_id]] = reply.outcome.value
            case ReleaseDone():
                self.released.append(reply)
        self._seen.add(reply.message_id)
        return self._receipt(request)

    async def _report(self, request: Request) -> Response:
        report = read_report(await self._body(request))
        if report.message_id not in self._seen:
            self._seen.add(report.message_id)
            self._open(report)
        return _json({"code": "LC-TEST", "live_url": None})

    def _open(self, report: BankReport) -> None:
        for loss in report.losses:
            assert loss.payee.account is not None
            transfer = Transfer(
                reference=loss.reference,
                booked_at=loss.booked_at,
                amount_vnd=loss.amount_vnd,
                payer_institution=loss.payer.institution,
            )
            confirmation = ConfirmationRequest(
                id=new_id(),
                trace_code="LC-TEST",
                institution=loss.payer.institution,
                transfer=transfer,
                payer_account=loss.payer.account,
                payee_account=loss.payee.account,
                answer_by=self.clock.clock.now() + timedelta(minutes=60),
            )
            self._confirming[confirmation.id] = loss.reference
            self._send(loss.payer.institution, confirmation)
            coins = whole(loss.amount_vnd)
            self._ask(loss.reference, transfer, loss.payee.institution, loss.payee.account, coins, 1)

    def _onward(self, hop: Hop, part: Part) -> None:
        assert part.payee is not None
        assert part.reference is not None
        debit = next(movement for movement in hop.answer.movements if movement.id == part.reference)  # type: ignore[union-attr]
        transfer = Transfer(
            reference=debit.id,
            booked_at=debit.booked_at,
            amount_vnd=debit.amount_vnd,
            payer_institution=hop.request.institution,
        )
        payee = part.payee
        self._ask(hop.request.loss, transfer, payee.institution, payee.account, part.spans, hop.depth + 1)

    def _ask(self, loss: str, transfer: Transfer, institution: str, account: str, spans: Spans, depth: int) -> None:
        known = self.hops.get((loss, transfer.reference, account))
        if known is not None and not subtract(spans, known.request.spans):
            return
        asked = union(known.request.spans, spans) if known else spans
        now = self.clock.clock.now()
        request = HoldRequest(
            id=known.request.id if known else new_id(),
            revision=known.request.revision + 1 if known else 1,
            trace_code="LC-TEST",
            loss=loss,
            institution=institution,
            account=account,
            transfer=transfer,
            amount_vnd=total(asked),
            spans=asked,
            step=2,
            legal_basis=LegalBasis(code="aml.44", title="Điều 44"),
            requester=OFFICER,
            approver=CHIEF,
            ack_by=now + timedelta(minutes=1),
            answer_by=now + timedelta(minutes=3),
            expires_at=now + timedelta(hours=72),
        )
        item = self._send(institution, request)
        self.hops[loss, transfer.reference, account] = Hop(
            request, known.depth if known else depth, item, known.answer if known else None
        )

    def release(self, hop: Hop, amount_vnd: int) -> None:
        """Ask, from another thread, for part of what a hop holds."""
        message = HoldRelease(
            request_id=hop.request.id,
            revision=hop.request.revision + 1,
            release_vnd=amount_vnd,
            reason=ReleaseReason.MISTAKE,
        )
        loop = self._loop
        loop.call_soon_threadsafe(self._send, hop.request.institution, message)

    def _send(self, code: str, data: EventData) -> str:
        envelope = wrap(data, issued_at=self.clock.clock.now(), issuer=ISSUER)
        self._owner[envelope.message_id] = code
        self._inbox[code].append(envelope)
        self._loop = asyncio.get_running_loop()
        if self.institutions[code].webhook_url:
            task = self._loop.create_task(self._deliver(code, envelope))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return envelope.message_id

    async def _deliver(self, code: str, envelope: Envelope) -> None:
        url = self.institutions[code].webhook_url
        assert url is not None
        body = envelope.as_json()
        while True:
            headers = sign(envelope.message_id, WallClock().now(), body, self.key)
            try:
                answer = await self._http.post(url, content=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                return
            await asyncio.sleep(0.2)

    async def _body(self, request: Request) -> bytes:
        body = await request.body()
        key = PublicKey.from_text(self.institutions[self._sender(request)].public_key)
        try:
            verify(request.headers, body, [key], WallClock().now())
        except LachanError as error:
            raise AssertionError(f"an institution signed wrongly: {error}") from error
        return body

    def _sender(self, request: Request) -> str:
        return request.headers["authorization"].removeprefix("Bearer ")

    def _receipt(self, request: Request) -> Response:
        return _json(
            {
                "id": request.path_params["item"],
                "state": "answered",
                "received_at": self.clock.clock.now().isoformat(),
            }
        )

    def _refuse(self, code: str, reason: str, status: int) -> Response:
        self.refusals.append((code, reason))
        return _json({"type": "about:blank", "title": reason, "status": status, "reason": reason}, status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
