"""The stream on NATS JetStream: replicated, owned by the client that JetStream has pinned, failed over by it.

One stream holds all messages, so its sequence is their order. Every owner is a durable consumer with one priority
group and the policy `pinned_client` (server 2.11 or newer): only the pinned client is given messages, and when it
has not asked for `PIN_S` seconds another one is pinned. Who owns is thus the server's decision; that nothing is
committed twice does not rest on it (see `processor`).
"""

import asyncio
import contextlib
import json
import queue
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from lachan.foundation.base import NotReady
from lachan.monitoring.stream.model import KEPT, MESSAGE_BYTES_MAX, DeadLetter, Message, StreamReason

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

STREAM = "LACHAN_TRANSFERS"
SUBJECT = "lachan.transfers"
DEAD_STREAM = "LACHAN_DEAD_TRANSFERS"
DEAD_SUBJECT = "lachan.dead.transfers"
PIN_S = 3.0
"""So long the pinned client may be silent before another one is pinned."""
_GROUP = "owner"
_KEPT_S = KEPT.total_seconds()
_DUPLICATES_S = 600.0
_PULLED_EACH = 256
_PULL_S = 1.0
_CALL_S = 20.0
_ANSWER_S = 2.0
_AGAIN_S = 0.1
# A worker that has not come back for so long hangs: another one should own the stream.
_ABSENT_S = 30.0
_MISMATCH, _END, _NO_MESSAGE = "423", "204", "404"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the cluster is, and how its streams are kept."""

    urls: tuple[str, ...]
    replicas: int = 3
    credentials: str = ""


class JetStream:
    """A `Source` on a cluster. Calls come from one thread; the connection lives in another one."""

    name = STREAM

    def __init__(self, servers: Servers, owner: str = "", *, patience_s: float = _CALL_S) -> None:
        """With an `owner` it can own the stream; without, only publish and read.

        Raises:
            NotReady: the client library is missing, or no server answers.
        """
        try:
            import nats
        except ImportError as error:
            raise NotReady(StreamReason.NO_CLIENT) from error
        self._nats = nats
        self._patience_s = patience_s
        self._servers = servers
        self._owner = owner
        self._pin = ""
        self._arrived: queue.SimpleQueue[tuple[Message, str]] = queue.SimpleQueue()
        self._replies: list[tuple[int, str]] = []
        self._asked_for = 0
        self._asked_at = 0.0
        self._came_at = time.monotonic()
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="jetstream", daemon=True)
        self._thread.start()
        try:
            self._client: Client = self._call(self._open())
        except NotReady:
            self._end()
            raise

    def last(self) -> int:
        """The newest sequence, as the stream's leader knows it."""
        return int(self._call(self._info())["last_seq"])

    def publish(self, bodies: list[bytes], key: str) -> list[int]:
        """Add messages one after the other, each stored by a majority before the next: their order is kept."""
        return [
            self._call(self._publish_one(SUBJECT, body, {"Nats-Msg-Id": f"{key}/{number}"}))
            for number, body in enumerate(bodies)
        ]

    def read(self, after: int, limit: int) -> list[Message]:
        """The next messages. A replica that lags is asked again until it has what the leader has."""
        return self._call(self._read(after, limit))

    def owned(self, after: int, limit: int, wait_s: float) -> list[Message] | None:
        """What was pulled, by sequence, perhaps again or with gaps; None while another one is pinned."""
        self._came_at = time.monotonic()
        found: list[Message] = []
        try:
            found.append(self._taken(self._arrived.get(timeout=wait_s)))
            while len(found) < limit:
                found.append(self._taken(self._arrived.get_nowait()))
        except queue.Empty:
            pass
        if not found and not self._pin:
            return None
        return sorted(found, key=lambda one: one.sequence)

    def done(self, sequence: int) -> None:
        """Acknowledge everything up to this message."""
        due = [reply for number, reply in self._replies if number <= sequence]
        self._replies = [one for one in self._replies if one[0] > sequence]
        if due:
            self._call(self._client.publish(due[-1], b"+ACK"))

    def bury(self, letters: list[DeadLetter]) -> None:
        """Publish what could not be used, with the reason in its headers; once each, however often it is told."""
        self._call(self._bury(letters))

    def leader(self) -> str:
        """The name of the server that leads the stream."""
        return str(self._call(self._asked(f"STREAM.INFO.{STREAM}"))["cluster"]["leader"])

    def buried(self) -> int:
        """How many dead letters the cluster keeps."""
        return int(self._call(self._info(DEAD_STREAM))["messages"])

    def close(self) -> None:
        """Unpin by going silent, and end the connection."""
        self._closing = True
        try:
            self._call(self._client.close())
        finally:
            self._end()

    def _end(self) -> None:
        async def cancel() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        with contextlib.suppress(LateError):
            asyncio.run_coroutine_threadsafe(cancel(), self._loop).result(_ANSWER_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CALL_S)
        if not self._loop.is_running():
            self._loop.close()

    def _taken(self, arrived: tuple[Message, str]) -> Message:
        message, reply = arrived
        self._replies.append((message.sequence, reply))
        return message

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the connection's thread.

        Raises:
            NotReady: no server answered in time.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(self._patience_s)
        except (self._nats.errors.Error, LateError, CancelledError, OSError) as error:
            future.cancel()
            raise NotReady(StreamReason.NOT_CONNECTED, stream=STREAM) from error

    async def _open(self) -> "Client":
        async def quiet(_error: Exception) -> None:
            """Servers come and go; whoever waits for one gets a named refusal."""

        client: Client = await self._nats.connect(
            list(self._servers.urls), max_reconnect_attempts=-1, reconnect_time_wait=0.2, connect_timeout=2,
            error_cb=quiet, user_credentials=self._servers.credentials or None, name=self._owner or "lachan",
            allow_reconnect=True, ping_interval=5, max_outstanding_pings=2,
        )  # fmt: skip
        self._client = client
        common = {
            "retention": "limits",
            "storage": "file",
            "discard": "old",
            "num_replicas": self._servers.replicas,
        }
        await self._make(
            f"STREAM.CREATE.{STREAM}",
            {
                "name": STREAM, "subjects": [SUBJECT], "allow_direct": True, "max_age": _nanoseconds(_KEPT_S),
                "duplicate_window": _nanoseconds(_DUPLICATES_S), "max_msg_size": 2 * MESSAGE_BYTES_MAX, **common,
            },
        )  # fmt: skip
        await self._make(
            f"STREAM.CREATE.{DEAD_STREAM}",
            {
                "name": DEAD_STREAM, "subjects": [DEAD_SUBJECT],
                "duplicate_window": _nanoseconds(_DUPLICATES_S), **common,
            },
        )  # fmt: skip
        if self._owner:
            await self._own()
        return client

    async def _own(self) -> None:
        config = {
            "name": self._owner, "durable_name": self._owner, "deliver_policy": "all", "ack_policy": "all",
            "ack_wait": _nanoseconds(_ABSENT_S), "max_ack_pending": 4 * _PULLED_EACH, "max_deliver": -1,
            "priority_groups": [_GROUP], "priority_policy": "pinned_client",
            "priority_timeout": _nanoseconds(PIN_S), "num_replicas": self._servers.replicas,
        }  # fmt: skip
        await self._make(f"CONSUMER.CREATE.{STREAM}.{self._owner}", {"stream_name": STREAM, "config": config})
        self._box = self._client.new_inbox()
        await self._client.subscribe(self._box, cb=self._arrives, pending_msgs_limit=-1, pending_bytes_limit=-1)
        self._asking = asyncio.create_task(self._ask())

    async def _make(self, what: str, body: dict[str, Any]) -> None:
        """Create a stream or consumer, or find it as it was made; waits while the cluster chooses leaders."""
        end = time.monotonic() + _CALL_S
        while True:
            answer = await self._asked(what, body)
            error = answer.get("error")
            # 10058, 10148: it is there with other settings, which whoever runs the cluster may have chosen.
            if error is None or error.get("err_code") in (10058, 10148):
                return
            if time.monotonic() > end:
                raise NotReady(StreamReason.NOT_CONNECTED, stream=STREAM, said=str(error.get("description")))
            await asyncio.sleep(_AGAIN_S)

    async def _asked(self, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """An answer of the JetStream API, or its error as one."""
        try:
            answer = await self._client.request(
                f"$JS.API.{what}", json.dumps(body or {}).encode(), timeout=_ANSWER_S
            )
        except self._nats.errors.Error as error:
            return {"error": {"description": repr(error)}}
        found: dict[str, Any] = json.loads(answer.data)
        return found

    async def _info(self, stream: str = STREAM) -> dict[str, Any]:
        while True:
            answer = await self._asked(f"STREAM.INFO.{stream}")
            if "state" in answer:
                state: dict[str, Any] = answer["state"]
                return state
            await asyncio.sleep(_AGAIN_S)

    async def _publish_one(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        # Again with the same id until a majority has it: the server tells the copies apart.
        while True:
            try:
                answer = await self._client.request(subject, body, timeout=_ANSWER_S, headers=headers)
            except self._nats.errors.Error:
                await asyncio.sleep(_AGAIN_S)
                continue
            said = json.loads(answer.data)
            if "seq" in said:
                return int(said["seq"])
            await asyncio.sleep(_AGAIN_S)

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        for one in letters:
            headers = {
                "Nats-Msg-Id": f"{self._owner}:{one.sequence}:{one.row}", "Lachan-Reason": one.reason.value,
                "Lachan-Field": one.field, "Lachan-Sequence": str(one.sequence), "Lachan-Row": str(one.row),
            }  # fmt: skip
            await self._publish_one(DEAD_SUBJECT, one.raw.encode(), headers)

    async def _read(self, after: int, limit: int) -> list[Message]:
        while True:
            if found := await self._read_some(after, limit):
                return found
            if (await self._info())["last_seq"] <= after:
                return []
            await asyncio.sleep(_AGAIN_S)

    async def _read_some(self, after: int, limit: int) -> list[Message]:
        box = self._client.new_inbox()
        listening = await self._client.subscribe(box, pending_msgs_limit=-1, pending_bytes_limit=-1)
        found: list[Message] = []
        try:
            asked = json.dumps({"seq": after + 1, "batch": limit}).encode()
            await self._client.publish(f"$JS.API.DIRECT.GET.{STREAM}", asked, reply=box)
            while len(found) < limit:
                said = await listening.next_msg(timeout=_ANSWER_S)
                headers = said.headers or {}
                if headers.get("Status"):
                    break
                found.append(Message(int(headers["Nats-Sequence"]), said.data))
        except self._nats.errors.TimeoutError:
            pass  # a replica went away in the middle: what came is in order, the rest is asked for again
        finally:
            await listening.unsubscribe()
        return found

    async def _ask(self) -> None:
        """Keep one request for messages open as long as the owner comes for them: that is what holds the pin."""
        while not self._closing:
            now = time.monotonic()
            silent = now - self._asked_at > _PULL_S + _ANSWER_S
            if (self._asked_for <= 0 or silent) and now - self._came_at < _ABSENT_S:
                self._asked_for, self._asked_at = _PULLED_EACH, now
                asked = {"batch": _PULLED_EACH, "expires": _nanoseconds(_PULL_S), "group": _GROUP}
                if self._pin:
                    asked["id"] = self._pin
                try:
                    await self._client.publish(
                        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._owner}", json.dumps(asked).encode(),
                        reply=self._box,
                    )  # fmt: skip
                except self._nats.errors.Error:
                    self._asked_for = 0
            await asyncio.sleep(0.005)

    async def _arrives(self, said: "Msg") -> None:
        headers = said.headers or {}
        if status := headers.get("Status"):
            if status == _MISMATCH:
                self._pin = ""
            if status != "100":
                self._asked_for = 0
            return
        if pin := headers.get("Nats-Pin-Id"):
            self._pin = pin
        self._asked_for -= 1
        # $JS.ACK.STREAM.CONSUMER.DELIVERED.STREAM_SEQUENCE.…, with two more words where there are domains.
        words = said.reply.split(".")
        sequence = int(words[5] if len(words) <= 9 else words[7])
        self._arrived.put((Message(sequence, said.data), said.reply))


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
