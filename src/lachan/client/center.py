"""The typed client of one center."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from lachan.client.connection import ATTEMPTS, Connection
from lachan.client.webhooks import open_envelope
from lachan.foundation.base import Clock, WallClock, new_id
from lachan.foundation.protocol import (
    Acknowledgement,
    Answer,
    BankReport,
    ClaimReceipt,
    ClaimSubmission,
    Confirmation,
    ConfirmationRequest,
    Envelope,
    HoldRequest,
    InboxPage,
    ItemState,
    Me,
    NoticeServed,
    PayerAlert,
    PublicKey,
    Receipt,
    ReceiptsQuery,
    ReceiptsTold,
    RefundDone,
    RefundRequest,
    ReleaseDone,
    Reply,
    ReportReceipt,
    SigningKey,
)


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One event that waits, verified."""

    id: str
    state: ItemState
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of entries, oldest first; `next` is the cursor of the following page, none on the last one."""

    entries: tuple[InboxEntry, ...]
    next: str | None


class Client:
    """Everything an institution says to a center, and the inbox it pulls.

    Thread-safe enough for one worker thread each; make one client per thread. `clock` gives the times written
    into messages; signatures always use the machine's own time. Raises `ClientError`s.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        signing_key: SigningKey,
        *,
        center_keys: Sequence[PublicKey],
        clock: Clock | None = None,
        timeout_s: float = 10.0,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock or WallClock()
        self._center_keys = tuple(center_keys)
        self._connection = Connection(
            base_url,
            client_id,
            client_secret,
            signing_key,
            timeout_s=timeout_s,
            attempts=attempts,
            transport=transport,
            sleep=sleep,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the sockets back."""
        self._connection.close()

    def me(self) -> Me:
        """Whom the center takes this client for; a good first call."""
        return self._connection.get("/v1/me", Me)

    def inbox(self, after: str | None = None, limit: int = 100) -> Inbox:
        """Events that wait, verified; those that webhooks brought too, until they are dealt with."""
        params = {"limit": str(limit)} | ({"after": after} if after else {})
        page = self._connection.get("/v1/inbox", InboxPage, params)
        now = WallClock().now()
        entries = [
            InboxEntry(
                item.id,
                item.state,
                open_envelope(item.headers, item.body.encode(), self._center_keys, now),
            )
            for item in page.items
        ]
        return Inbox(tuple(entries), page.next)

    def acknowledge(self, envelope: Envelope) -> Receipt:
        """Say that the event has arrived; within its `ack_by`. Repeating it changes nothing."""
        acknowledgement = Acknowledgement(
            message_id=new_id(), request_id=request_id_of(envelope), received_at=self._clock.now()
        )
        return self._connection.post(
            f"/v1/inbox/{envelope.message_id}/ack",
            acknowledgement.message_id,
            acknowledgement.as_json(),
            Receipt,
        )

    def answer(self, item_id: str, answer: Answer) -> Receipt:
        """Answer a hold request; `item_id` is the event's message id. Send again only the same answer."""
        return self._reply(item_id, answer)

    def confirm(self, item_id: str, confirmation: Confirmation) -> Receipt:
        """Confirm, or not, a disputed transfer."""
        return self._reply(item_id, confirmation)

    def release_done(self, item_id: str, done: ReleaseDone) -> Receipt:
        """Say that exactly the asked amount was freed."""
        return self._reply(item_id, done)

    def notice_served(self, item_id: str, served: NoticeServed) -> Receipt:
        """Say that the account holder has the notice."""
        return self._reply(item_id, served)

    def refund_done(self, item_id: str, done: RefundDone) -> Receipt:
        """Say of each line of a pay-out list that it is paid, or why not."""
        return self._reply(item_id, done)

    def receipts_told(self, item_id: str, told: ReceiptsTold) -> Receipt:
        """Say what the own accounts received from an account whose own institution is silent."""
        return self._reply(item_id, told)

    def report(self, report: BankReport) -> ReportReceipt:
        """Report a fraud for a customer."""
        return self._connection.post("/v1/reports", report.message_id, report.as_json(), ReportReceipt)

    def submit(self, submission: ClaimSubmission) -> ClaimReceipt:
        """Submit suspicions to the registry, with who paid the accounts: all are taken, or none."""
        return self._connection.post(
            "/v1/registry/claims", submission.message_id, submission.as_json(), ClaimReceipt
        )

    def _reply(self, item_id: str, reply: Reply) -> Receipt:
        return self._connection.post(f"/v1/inbox/{item_id}/answer", reply.message_id, reply.as_json(), Receipt)


def request_id_of(envelope: Envelope) -> str:
    """The request that an event is about."""
    data = envelope.data
    return (
        data.id
        if isinstance(data, HoldRequest | ConfirmationRequest | PayerAlert | RefundRequest | ReceiptsQuery)
        else data.request_id
    )
