"""One run against one institution: what was sent, and what came back."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import httpx

from lachan.client.center import request_id_of
from lachan.client.conform.center import LocalCenter, Received
from lachan.client.conform.model import BrokenRuleError, Fixture, UncheckedError
from lachan.foundation.base import Clock, WallClock, new_id
from lachan.foundation.protocol import (
    Acknowledgement,
    Answer,
    CancelReason,
    Envelope,
    EventData,
    HoldRequest,
    Issuer,
    LegalBasis,
    PaidFrom,
    PayOut,
    Person,
    ReceiptsQuery,
    RefundBasis,
    RefundDocument,
    RefundRequest,
    ReleaseDone,
    Reply,
    RequestCancellation,
    SigningKey,
    Span,
    Transfer,
    sign,
    total,
    wrap,
)

INSTANCE = "conformance"
_OFFICERS = ("officer-1", "Người lập"), ("officer-2", "Người duyệt")
_AGENCY = "lachan conform"
_BASIS = LegalBasis(code="conformance", title="Chỉ để kiểm tra giao thức")

M = TypeVar("M", bound=Acknowledgement | Reply)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait. `settle_s` is how long silence must last before it counts as silence."""

    acknowledge_s: float = 60.0
    answer_s: float = 180.0
    settle_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery to the institution's webhook."""

    envelope: Envelope
    status: int


class Session:
    """Sends events as a center would, and looks for the replies to them."""

    def __init__(self, url: str, center: LocalCenter, fixture: Fixture, patience: Patience, clock: Clock) -> None:
        self.url = url
        self.center = center
        self.fixture = fixture
        self.patience = patience
        self.clock = clock
        self.run = new_id()[-12:]
        self._http = httpx.Client(timeout=patience.acknowledge_s)
        self._requests = 0

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    # -- sending

    def wrap(self, data: EventData) -> Envelope:
        """An envelope from this run's center."""
        issuer = Issuer(instance=INSTANCE, name=_AGENCY)
        return wrap(data, issued_at=self.clock.now(), issuer=issuer)

    def send(self, data: EventData) -> Sent:
        """Deliver an event as it should be."""
        envelope = self.wrap(data)
        self.center.items.append(envelope)
        return self.deliver(envelope)

    def deliver(self, envelope: Envelope) -> Sent:
        """Deliver an envelope (again)."""
        return Sent(envelope, self.post(envelope.message_id, envelope.as_json()))

    def post(
        self, message_id: str, body: bytes, key: SigningKey | None = None, sent_at: datetime | None = None
    ) -> int:
        """Post a body signed with any key at any time; the HTTP status."""
        headers = sign(message_id, sent_at or WallClock().now(), body, key or self.center.key)
        headers["content-type"] = "application/json"
        try:
            return self._http.post(self.url, content=body, headers=headers).status_code
        except httpx.TransportError as error:
            raise BrokenRuleError(f"{type(error).__name__}: {error}") from error

    def hold_request(self, **changes: Any) -> HoldRequest:
        """A new request for the fixture's coins."""
        self._requests += 1
        now = self.clock.now()
        credit = self.fixture.movements[0]
        requester, approver = (Person(id=i, name=name, agency=_AGENCY) for i, name in _OFFICERS)
        fields: dict[str, Any] = {
            "id": f"CF-{self.run}-{self._requests}",
            "revision": 1,
            "trace_code": f"CF-{self.run}",
            "loss": f"CF-{self.run}-L",
            "institution": self.fixture.institution,
            "account": self.fixture.account,
            "transfer": Transfer(reference=credit.id, booked_at=credit.booked_at, amount_vnd=credit.amount_vnd),
            "amount_vnd": total(self.fixture.spans),
            "spans": self.fixture.spans,
            "step": 2,
            "legal_basis": _BASIS,
            "requester": requester,
            "approver": approver,
            "ack_by": now + timedelta(seconds=self.patience.acknowledge_s),
            "answer_by": now + timedelta(seconds=self.patience.answer_s),
            "expires_at": now + timedelta(hours=1),
        }
        return HoldRequest(**fields | changes)

    def refund_request(self, hold_id: str, amount_vnd: int) -> RefundRequest:
        """A pay-out list out of a hold that there is not: it must be refused, and nothing is ever paid."""
        requester, approver = (Person(id=i, name=name, agency=_AGENCY) for i, name in _OFFICERS)
        half_vnd = amount_vnd // 2
        return RefundRequest(
            id=f"CF-{self.run}-R",
            revision=1,
            refund_code=f"CF-{self.run}",
            institution=self.fixture.institution,
            account=self.fixture.account,
            basis=RefundBasis.HOLDER_AGREES,
            document=RefundDocument(
                issuer=_AGENCY, number="0", signed_on=self.clock.now().date().isoformat(), signatory=approver.name
            ),
            amount_vnd=amount_vnd,
            lines=tuple(
                PayOut(
                    number=f"CF-{self.run}-{n}",
                    institution="999998",
                    account=f"account:999998:000000000{n}",
                    amount_vnd=part_vnd,
                )
                for n, part_vnd in enumerate((half_vnd, amount_vnd - half_vnd), 1)
            ),
            paid_from=(PaidFrom(request_id=hold_id, amount_vnd=amount_vnd, spans=(Span(0, amount_vnd),)),),
            requester=requester,
            approver=approver,
            pay_by=self.clock.now() + timedelta(seconds=self.patience.answer_s),
        )

    def receipts_query(self, since: datetime, *, payer: str | None = None) -> ReceiptsQuery:
        """What did your accounts receive since then from the account that paid the fixture, or from another one?

        Rounds about one account carry one id.
        """
        now = self.clock.now()
        asked = payer or self.fixture.payer
        requester = Person(id=_OFFICERS[0][0], name=_OFFICERS[0][1], agency=_AGENCY)
        return ReceiptsQuery(
            id=f"CF-{self.run}-Q{asked[-1]}",
            trace_code=f"CF-{self.run}",
            institution=self.fixture.institution,
            payer_institution=asked.split(":")[1],
            payer_account=asked,
            since=since,
            legal_basis=_BASIS,
            requester=requester,
            answer_by=now + timedelta(seconds=self.patience.answer_s),
        )

    def cancel(self, request_id: str, revision: int = 1_000) -> Sent:
        """Void a request, so that nothing of it stays held."""
        return self.send(RequestCancellation(request_id=request_id, revision=revision, reason=CancelReason.MISTAKE))

    def clean(self, request_id: str) -> None:
        """Void a request that should never have been taken, so that later rules find the account as it was."""
        try:
            sent = self.cancel(request_id)
        except BrokenRuleError:
            return
        self.center.wait(
            lambda received: bool(_messages(received, sent.envelope.message_id, ReleaseDone)),
            self.patience.settle_s,
        )

    def leave_clean(self) -> None:
        """Void every request that may still hold something, so that the next run finds the account as it was."""
        for name in ("main", "second"):
            sent = self.__dict__.get(name)  # only what was really sent
            if isinstance(sent, Sent):
                self.clean(request_id_of(sent.envelope))

    # -- receiving

    def settle(self) -> None:
        """Give a reply that should not come the time to come."""
        time.sleep(self.patience.settle_s)

    def replies(self, item_id: str, kind: type[M]) -> list[M]:
        """What has been received for an item so far."""
        return _messages(self.center.received, item_id, kind)

    def answers_to(self, request_id: str) -> list[Answer]:
        """Every answer to a request, in order of arrival."""
        messages = [received.message for received in self.center.received]
        return [m for m in messages if isinstance(m, Answer) and m.request_id == request_id]

    def wait_for(self, sent: Sent, kind: type[M], timeout_s: float | None = None) -> M:
        """The first reply of a kind to an event; broken where it does not come."""
        item_id = sent.envelope.message_id

        def settled(received: list[Received]) -> bool:
            ours = [r for r in received if r.item_id == item_id]
            return any(isinstance(r.message, kind) or r.error is not None for r in ours)

        self.center.wait(settled, timeout_s or self.patience.answer_s)
        if found := self.replies(item_id, kind):
            return found[0]
        if any(r.error is not None and r.item_id == item_id for r in self.center.received):
            raise UncheckedError("a reply was not signed or could not be read")
        what = sent.envelope.type.value
        raise BrokenRuleError(f"no {kind.__name__} to {what} of {request_id_of(sent.envelope)}")

    # -- what several rules look at

    @cached_property
    def main(self) -> Sent:
        """The request on which most rules look."""
        return self.send(self.hold_request())

    @cached_property
    def second(self) -> Sent:
        """A second request for the same coins, after everything of the first was released."""
        return self.send(self.hold_request())

    @cached_property
    def receipts_question(self) -> Sent:
        """The question about the fixture's payer since the fixture was opened: both credits are its answer."""
        return self.send(self.receipts_query(self.fixture.opened_at))

    @property
    def main_request(self) -> HoldRequest:
        """Its content."""
        data = self.main.envelope.data
        if not isinstance(data, HoldRequest):
            raise UncheckedError("no request")
        return data

    @property
    def main_answer(self) -> Answer:
        """The first answer to it; rules that need it are unchecked where there is none."""
        found = self.replies(self.main.envelope.message_id, Answer)
        if not found:
            raise UncheckedError("no answer to look at")
        return found[0]


def _messages(received: list[Received], item_id: str, kind: type[M]) -> list[M]:
    return [r.message for r in received if r.item_id == item_id and isinstance(r.message, kind)]
