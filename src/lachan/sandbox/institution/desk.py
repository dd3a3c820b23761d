"""The institution's correspondence: each message is kept before it is accepted, then acknowledged and worked on.

A message goes through its stages in one task; each stage is kept in the book's file, so that a killed
institution takes up every message again where it stood.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson

from lachan.client import Client, ClientError, Refused, Unavailable, Unreachable
from lachan.foundation.protocol import (
    Answer,
    Confirmation,
    ConfirmationRequest,
    Envelope,
    HoldRelease,
    HoldRequest,
    NoticeServed,
    NoticeToServe,
    PayerAlert,
    ReceiptsQuery,
    ReceiptsTold,
    RefundDone,
    RefundRequest,
    ReleaseDone,
    Reply,
    RequestCancellation,
    UnexplainedQuery,
    read_envelope,
    read_reply,
)
from lachan.sandbox.institution.clerk import Clerk
from lachan.sandbox.institution.counter import Counter
from lachan.sandbox.institution.manners import Manners
from lachan.sandbox.institution.teller import Teller

_RETRY_S = 0.5
_MICROSECONDS = 1_000_000
T = TypeVar("T")


class Desk:
    """Receives, and sees to it that everything received is dealt with once."""

    def __init__(self, counter: Counter, clerk: Clerk, teller: Teller, manners: Manners, client: Client) -> None:
        self._counter = counter
        self._store = counter.store
        self._clock = counter.clock
        self._clerk = clerk
        self._teller = teller
        self._manners = manners
        self._client = client
        # The client is made for one thread; a slow center must not stop the book.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="center")
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Take up what was not finished when the institution last stopped, and begin to poll if it polls."""
        for message_id, kept in self._store.notes("message").items():
            if not kept["done"]:
                self._begin(self._work(message_id))
        if self._manners.temper.polls_s is not None:
            self._begin(self._poll(self._manners.temper.polls_s))

    async def stop(self) -> None:
        """Let go of everything; it is all kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def receive(self, envelope: Envelope) -> None:
        """Keep a verified message and begin to work on it; one that is already kept changes nothing."""
        if self._store.note("message", envelope.message_id) is not None:
            return
        with self._store.transaction():
            self._keep(
                envelope.message_id,
                {
                    "body": envelope.as_json().decode(),
                    "received_us": self._clock.now_us(),
                    "acknowledged": False,
                    "done": False,
                    "refused": [],
                },
            )
            if isinstance(envelope.data, HoldRequest | RefundRequest | RequestCancellation):
                self._note_revision(envelope.message_id, envelope.data)
        self._begin(self._work(envelope.message_id))

    def correspondence(self) -> list[dict[str, Any]]:
        """Every message with its stage, for tests and for whoever wonders."""
        return [
            {
                "message_id": message_id,
                "type": orjson.loads(kept["body"])["type"],
                "acknowledged": kept["acknowledged"],
                "done": kept["done"],
                "refused": kept["refused"],
            }
            for message_id, kept in self._store.notes("message").items()
        ]

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler({"message": "a message was not dealt with", "exception": error})

    def _keep(self, message_id: str, kept: dict[str, Any]) -> None:
        self._store.keep_note("message", message_id, kept)

    def _note_revision(self, message_id: str, data: HoldRequest | RefundRequest | RequestCancellation) -> None:
        request_id = data.request_id if isinstance(data, RequestCancellation) else data.id
        known = self._store.note("request", request_id) or {"revision": 0, "answers": 0, "message_id": None}
        if data.revision > known["revision"]:
            known["revision"] = data.revision
            if not isinstance(data, RequestCancellation):
                known["message_id"] = message_id
        self._store.keep_note("request", request_id, known)

    async def _work(self, message_id: str) -> None:
        kept = self._store.note("message", message_id)
        if kept is None:
            return
        envelope = read_envelope(kept["body"].encode())
        delays = self._manners.delays(envelope, kept["received_us"])
        if not kept["acknowledged"]:
            await self._until(delays.acknowledge_us)
            await self._tell(kept, lambda: self._client.acknowledge(envelope))
            kept["acknowledged"] = True
            with self._store.transaction():
                self._keep(message_id, kept)
        replies = self._store.note("replies", message_id)
        if replies is None:
            await self._until(delays.work_us)
            await self._counter.between_runs()
            replies = self._decide(envelope)
        # A hold stands at the end of a run that is booked at its beginning: speak of it when it has come.
        await self._until(replies["not_before_us"])
        for body in replies["bodies"]:
            reply = read_reply(body.encode())
            await self._tell(kept, lambda reply=reply: self._reply(message_id, reply))  # type: ignore[misc]
        kept["done"] = True
        with self._store.transaction():
            self._keep(message_id, kept)

    def _decide(self, envelope: Envelope) -> dict[str, Any]:
        """Do what is asked and keep the replies, in one transaction. Without any wait: between two runs."""
        with self._store.transaction():
            replies = self._replies(envelope)
            done = {
                "bodies": [reply.as_json().decode() for reply in replies],
                "not_before_us": max((self._latest_us(reply) for reply in replies), default=0),
            }
            self._store.keep_note("replies", envelope.message_id, done)
        return done

    def _replies(self, envelope: Envelope) -> list[Reply]:
        data = envelope.data
        if isinstance(data, ConfirmationRequest):
            return [self._clerk.confirm(data)]
        if isinstance(data, NoticeToServe):
            return [self._clerk.serve(data)]
        if isinstance(data, HoldRequest):
            return list(self._answers(data, data.revision))
        if isinstance(data, PayerAlert):
            return []  # the customer is warned; the center is told no more than that the alert has arrived
        if isinstance(data, ReceiptsQuery):
            return [self._clerk.receipts(data)]
        if isinstance(data, RefundRequest):
            return list(self._payments(data))
        asked = self._asked(data.request_id)
        if isinstance(asked, RefundRequest) and isinstance(data, RequestCancellation):
            return [self._teller.withdraw(asked, data.revision)]
        request = self._request(data.request_id)
        if request is None:
            return []
        if isinstance(data, UnexplainedQuery):
            return list(self._answers(request, request.revision))
        freed = None
        if isinstance(data, HoldRelease):
            freed = self._clerk.release(data, request)
        elif isinstance(data, RequestCancellation):
            freed = self._clerk.cancel(data, request)
        return [freed] if freed else []

    def _answers(self, request: HoldRequest, revision: int) -> list[Answer]:
        known = self._store.note("request", request.id)
        if known is None or revision < known["revision"]:
            return []  # superseded before it was worked on
        answers = self._manners.tellings(self._clerk.answer(request, revision=known["answers"] + 1))
        known["answers"] = answers[-1].revision
        self._store.keep_note("request", request.id, known)
        return answers

    def _payments(self, data: RefundRequest) -> list[RefundDone]:
        known = self._store.note("request", data.id)
        if known is None or data.revision < known["revision"]:
            return []  # replaced or taken back before it was worked on: that message is answered
        sources = [one.request_id for one in data.paid_from]
        holds = {name: hold for name in sources if (hold := self._request(name)) is not None}
        return [self._teller.pay(data, holds)]

    def _request(self, request_id: str) -> HoldRequest | None:
        data = self._asked(request_id)
        return data if isinstance(data, HoldRequest) else None

    def _asked(self, request_id: str) -> HoldRequest | RefundRequest | None:
        """The newest request by this id; None where none has come."""
        known = self._store.note("request", request_id)
        kept = self._store.note("message", known["message_id"]) if known and known["message_id"] else None
        if kept is None:
            return None
        data = read_envelope(kept["body"].encode()).data
        return data if isinstance(data, HoldRequest | RefundRequest) else None

    def _latest_us(self, reply: Reply) -> int:
        if isinstance(reply, Answer):
            stated = [reply.placed_at, *(movement.booked_at for movement in reply.movements)]
            return max((self._clock.count(instant) for instant in stated if instant), default=0)
        return 0

    def _reply(self, message_id: str, reply: Reply) -> object:
        match reply:
            case Answer():
                return self._client.answer(message_id, reply)
            case Confirmation():
                return self._client.confirm(message_id, reply)
            case ReleaseDone():
                return self._client.release_done(message_id, reply)
            case NoticeServed():
                return self._client.notice_served(message_id, reply)
            case RefundDone():
                return self._client.refund_done(message_id, reply)
            case ReceiptsTold():
                return self._client.receipts_told(message_id, reply)

    async def _until(self, at_us: int) -> None:
        while (wait_s := self._clock.wall_s_until(at_us)) > 0:
            await asyncio.sleep(wait_s)

    async def _tell(self, kept: dict[str, Any], call: Callable[[], object]) -> None:
        """Tell the center until it has heard; what it refuses is kept with its reason and not repeated."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(self._thread, call)
            except (Unreachable, Unavailable):
                await asyncio.sleep(_RETRY_S)
            except Refused as refused:
                kept["refused"].append(refused.reason or str(refused))
                return
            else:
                return

    async def _poll(self, every_s: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            cursor = self._store.note("cursor", "inbox") or {"after": None}
            try:
                page = await loop.run_in_executor(self._thread, self._client.inbox, cursor["after"])
            except ClientError:
                await asyncio.sleep(_RETRY_S)
                continue
            for entry in page.entries:
                self.receive(entry.envelope)
            if page.next and page.next != cursor["after"]:
                with self._store.transaction():
                    self._store.keep_note("cursor", "inbox", {"after": page.next})
            await self._until(self._clock.now_us() + int(every_s * _MICROSECONDS))
