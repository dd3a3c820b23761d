"""The smallest institution that keeps the protocol: one webhook, one book in memory, `lachan.client` for the rest.

Every step is a method of its own, so that the broken institutions of the conformance tests change one each.
"""

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lachan.client import Client, ClientError, Onward, WebhookReceiver, apportion, refuse
from lachan.client.conform import INSTANCE, Fixture
from lachan.foundation.base import BadInput, LachanError, NotAllowed, WallClock, new_id
from lachan.foundation.protocol import (
    Answer,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    Direction,
    Envelope,
    HoldRelease,
    HoldRequest,
    Movement,
    NoticeServed,
    NoticeToServe,
    PaidOut,
    PartKind,
    Payee,
    PayerAlert,
    PayOutcome,
    PayRefusal,
    PublicKey,
    ReceiptsQuery,
    ReceiptsTold,
    RefundDone,
    RefundRequest,
    Refusal,
    ReleaseDone,
    RequestCancellation,
    SigningKey,
    ToldReceipt,
    UnexplainedQuery,
    flow,
    newest,
    total,
    union,
)


class ReferenceInstitution:
    """Answers one center at a time; `connect` says which."""

    def __init__(self, key: SigningKey, center_key: PublicKey, fixture: Fixture) -> None:
        self.key = key
        self.fixture = fixture
        self.receiver = WebhookReceiver({INSTANCE: [center_key]})
        self.center_key = center_key
        self.movements: list[Movement] = list(fixture.movements)
        self.onward: Mapping[str, Onward] = {
            "CONFORM-OUT-1": Onward(
                PartKind.MOVED_ON, Payee(institution="999998", account="account:999998:0000000001")
            ),
            "CONFORM-OUT-2": Onward(PartKind.CASH_OUT),
        }
        self.seen: set[str] = set()
        self.warned: list[str] = []
        self.requests: dict[str, HoldRequest] = {}
        self.revisions: dict[str, int] = {}
        self.placed: dict[str, datetime] = {}
        self.waiting: queue.Queue[Envelope | None] = queue.Queue()
        self.client: Client

    def connect(self, center_url: str) -> None:
        self.client = Client(center_url, "bank-1", "secret", self.key, center_keys=[self.center_key], attempts=1)

    # -- the door

    def webhook(self, headers: Mapping[str, str], body: bytes) -> int:
        try:
            envelope = self.open(headers, body)
        except BadInput:
            return 400
        except NotAllowed:
            return 401
        if self.known(envelope):
            return 200
        self.seen.add(envelope.message_id)
        self.waiting.put(envelope)
        return 202

    def open(self, headers: Mapping[str, str], body: bytes) -> Envelope:
        return self.receiver.open(headers, body)

    def known(self, envelope: Envelope) -> bool:
        return envelope.message_id in self.seen

    # -- the desk behind it

    def work(self) -> None:
        while (envelope := self.waiting.get()) is not None:
            with suppress(ClientError):  # a real institution would keep it and try again
                self.acknowledge(envelope)
                self.act(envelope)

    def acknowledge(self, envelope: Envelope) -> None:
        self.client.acknowledge(envelope)

    def act(self, envelope: Envelope) -> None:
        item, data = envelope.message_id, envelope.data
        if isinstance(data, HoldRequest):
            if not self.superseded(data):
                self.requests[data.id] = data
                self.client.answer(item, self.hold(data))
        elif isinstance(data, UnexplainedQuery):
            self.client.answer(item, self.hold(self.requests[data.request_id]))
        elif isinstance(data, HoldRelease):
            self.client.release_done(item, self.release(data.request_id, data.revision, data.release_vnd))
        elif isinstance(data, RequestCancellation):
            self.cancel(item, data)
        elif isinstance(data, ConfirmationRequest):
            self.client.confirm(item, self.confirm(data))
        elif isinstance(data, NoticeToServe):
            self.client.notice_served(item, self.serve_notice(data))
        elif isinstance(data, PayerAlert):
            self.warn_customer(data)
        elif isinstance(data, RefundRequest):
            self.client.refund_done(item, self.pay_out(data))
        elif isinstance(data, ReceiptsQuery):
            self.client.receipts_told(item, self.tell_receipts(data))

    def superseded(self, request: HoldRequest) -> bool:
        known = self.requests.get(request.id)
        return known is not None and request.revision <= known.revision

    def hold(self, request: HoldRequest) -> Answer:
        revision = self.next_revision(request.id)
        if request.account != self.fixture.account:
            return refuse(request, Refusal.WRONG_REFERENCE, revision=revision, decided_by="Bot")
        found = apportion(request, self.movements, self.free_vnd(), self.onward)
        now = WallClock().now()
        hold = found.hold(now, self.next_sequence(), number=revision)
        if hold is not None:
            self.movements.append(hold)
            self.placed.setdefault(request.id, now)
        return found.answer(
            self.movements, revision=revision, decided_by="Bot", placed_at=self.placed.get(request.id)
        )

    def release(self, request_id: str, revision: int, release_vnd: int) -> ReleaseDone:
        request = self.requests[request_id]
        found = flow(request.transfer.reference, request.spans, self.movements)
        held = union((), ())
        for hold, spans in found.holds.items():
            if hold.startswith(f"{request_id}."):
                held = union(held, spans)
        now = WallClock().now()
        freed = newest(held, release_vnd)
        self.movements.append(
            Movement(
                id=f"{request_id}.r{revision}",
                booked_at=now,
                sequence=self.next_sequence(),
                direction=Direction.RELEASE,
                amount_vnd=total(freed),
                reference=request.transfer.reference,
                spans=freed,
            )
        )
        return ReleaseDone(
            message_id=new_id(),
            request_id=request_id,
            request_revision=revision,
            released_vnd=total(freed),
            held_vnd=total(held) - total(freed),
            released_at=now,
        )

    def cancel(self, item: str, data: RequestCancellation) -> None:
        if self.held_vnd(data.request_id):
            held_vnd = self.held_vnd(data.request_id)
            self.client.release_done(item, self.release(data.request_id, data.revision, held_vnd))

    def confirm(self, asked: ConfirmationRequest) -> Confirmation:
        booked = [m for m in self.movements if m.id == asked.transfer.reference]
        outcome = ConfirmationOutcome.CONFIRMED
        if not booked:
            outcome = ConfirmationOutcome.NOT_FOUND
        elif booked[0].amount_vnd != asked.transfer.amount_vnd:
            outcome = ConfirmationOutcome.AMOUNT_DIFFERS
        return Confirmation(
            message_id=new_id(), request_id=asked.id, outcome=outcome, decided_by="Bot",
            amount_vnd=booked[0].amount_vnd if booked else None,
        )  # fmt: skip

    def serve_notice(self, notice: NoticeToServe) -> NoticeServed:
        return NoticeServed(
            message_id=new_id(),
            request_id=notice.request_id,
            notice_code=notice.notice_code,
            served_at=WallClock().now(),
            channel="app",
        )

    def warn_customer(self, alert: PayerAlert) -> None:
        self.warned.append(alert.id)

    def pay_out(self, request: RefundRequest) -> RefundDone:
        """Nothing is ever paid here: a conformance run only names holds that there are not."""
        return RefundDone(
            message_id=new_id(),
            request_id=request.id,
            request_revision=request.revision,
            decided_by="Bot",
            lines=tuple(
                PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.NOT_HELD)
                for line in request.lines
            ),
        )

    def tell_receipts(self, asked: ReceiptsQuery) -> ReceiptsTold:
        """All its credits came from one payer."""
        return ReceiptsTold(
            message_id=new_id(), request_id=asked.id, decided_by="Bot",
            receipts=tuple(
                ToldReceipt(
                    reference=m.id, amount_vnd=m.amount_vnd, booked_at=m.booked_at, account=self.fixture.account
                )
                for m in self.movements
                if m.direction is Direction.CREDIT
                and asked.payer_account == self.fixture.payer
                and m.booked_at >= asked.since
            ),
        )  # fmt: skip

    # -- the book

    def free_vnd(self) -> int:
        sign = {Direction.CREDIT: 1, Direction.DEBIT: -1, Direction.HOLD: -1, Direction.RELEASE: 1}
        return self.fixture.opening_vnd + sum(sign[m.direction] * m.amount_vnd for m in self.movements)

    def held_vnd(self, request_id: str) -> int:
        sign = {Direction.HOLD: 1, Direction.RELEASE: -1}
        ours = [m for m in self.movements if m.id.startswith(f"{request_id}.")]
        return sum(sign[m.direction] * m.amount_vnd for m in ours)

    def next_sequence(self) -> int:
        return max(m.sequence for m in self.movements) + 1

    def next_revision(self, request_id: str) -> int:
        self.revisions[request_id] = self.revisions.get(request_id, 0) + 1
        return self.revisions[request_id]


@contextmanager
def running(institution: ReferenceInstitution) -> Iterator[str]:
    """The institution's webhook on a local port, and its desk in a thread; gives the webhook's URL."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # one packet an answer: two would wait for each other

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                status = institution.webhook(dict(self.headers), body)
            except (LachanError, KeyError, ValueError, TypeError, AttributeError):
                status = 500
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    door = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    desk = threading.Thread(target=institution.work, daemon=True)
    door.start()
    desk.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/webhook"
    finally:
        institution.waiting.put(None)
        server.shutdown()
        server.server_close()
        door.join()
        desk.join(timeout=5)
