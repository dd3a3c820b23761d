"""Judges a stream: verdicts, alerts and how far it came are committed together, or none of them.

A message may come again, and then changes nothing: only who moves the owner's row on from where it stood may
commit. After a crash the state is that of the newest whole snapshot, brought up to what is committed by judging the
same messages again without recording anything; from there on everything is recorded. So every alert is recorded
once, though messages are delivered at least once.
"""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lachan.foundation.base import SYSTEM, BadInput, Clock, Conflict, NotReady
from lachan.foundation.storage import Database
from lachan.monitoring.alerts import found_alerts, record_alerts
from lachan.monitoring.models.model import ALERT_CODE, Model
from lachan.monitoring.models.register import model_of_registered, model_serving
from lachan.monitoring.models.scoring import alerting
from lachan.monitoring.stream import store
from lachan.monitoring.stream.model import Message, Source, StreamReason
from lachan.monitoring.stream.node import Judged, Node
from lachan.monitoring.stream.snapshot import Snapshots

GRAPH = "graph"
"""The owner that judges everything: paths cross every partition, so one node sees all of the stream."""
MESSAGES_EACH = 64
"""Messages that share a transaction: 6,400 transfers at most, and the more the busier it is."""
SNAPSHOT_EACH_S = 30.0
_REPLAYED_EACH = 256
_WAIT_S = 0.5
_BROKEN_S = 1.0
_log = logging.getLogger("lachan.stream")


class Processor:
    """One owner of one stream."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        source: Source,
        folder: Path,
        *,
        owner: str = GRAPH,
        snapshot_each_s: float = SNAPSHOT_EACH_S,
    ) -> None:
        """`folder` holds the owner's snapshots."""
        self._db = db
        self._clock = clock
        self._source = source
        self._owner = owner
        self._snapshots = Snapshots(folder, source.name, owner)
        self._snapshot_each_s = snapshot_each_s
        self._snapshot_at = time.monotonic()
        self._snapshot_of = 0
        self._node = Node(clock.now())
        self._model = _Chosen("", None)
        self._sequence = 0
        self._owning = False

    @property
    def sequence(self) -> int:
        """The last message that is in the state."""
        return self._sequence

    def run(self, stop: threading.Event) -> None:
        """Judge until told to stop; while another one owns the stream, stay as warm as the owner is."""
        ready = False
        while not stop.is_set():
            try:
                if not ready:
                    self.recover()
                    ready = True
                self.step()
            except Exception:  # noqa: BLE001 whatever it was: what is not committed is judged again from a snapshot
                _log.exception("the stream %s broke, and goes on from a snapshot", self._source.name)
                ready = False
                stop.wait(_BROKEN_S)

    def step(self) -> int:
        """Judge what is there, as owner, or follow who is; returns how many messages were taken."""
        given = self._source.owned(self._sequence, MESSAGES_EACH, _WAIT_S)
        if given is None:
            self._owning = False
            return self.follow()
        if not self._owning:
            self.follow()  # what the owner before committed last
            self._owning = True
        messages = self._in_line(given)
        for start in range(0, len(messages), MESSAGES_EACH):
            self.take(messages[start : start + MESSAGES_EACH])
        if given and not messages:
            self._source.done(given[-1].sequence)  # all of it came again
        self._snapshot_if_due()
        return len(messages)

    def take(self, messages: list[Message]) -> None:
        """Judge messages and commit what was found.

        Raises:
            Conflict: another owner has committed meanwhile; nothing of this was.
        """
        before, after = self._sequence, messages[-1].sequence
        self._node.judge_by(self._clock.now(), self._model_in_use())
        judged = self._node.take(messages)
        found = list(found_alerts(judged.scored, judged.first, self._node.transfer_at, judged.model))
        letters = list(judged.letters)
        said_by = f";model:{judged.model.id}" if judged.model else ""
        if letters:
            # Before the commit: told twice is better than never.
            self._source.bury(letters)
        now = self._clock.now()
        rows = [row | {"owner": self._owner, "stream": self._source.name, "at": now} for row in _verdicts(judged)]
        with self._db.unit(now, SYSTEM) as unit:
            moved = store.move_owner(
                unit.conn, self._owner, self._source.name, before, after, now,
                transfers=len(judged.places), alerts=len(found), dead_letters=len(letters),
            )  # fmt: skip
            if not moved:
                raise Conflict(StreamReason.OWNED_BY_ANOTHER, stream=self._source.name)
            store.add_verdicts(unit.conn, rows)
            store.add_dead_letters(unit.conn, self._owner, self._source.name, letters, now)
            record_alerts(unit.conn, found, now, f"stream:{self._source.name}{said_by}")
        self._sequence = after
        self._source.done(after)

    def follow(self) -> int:
        """Bring the state up to what is committed, recording nothing: a stand-by is as warm as the owner."""
        taken = self._replay(self._committed())
        if taken:
            self._snapshot_if_due()
        return taken

    def recover(self) -> None:
        """The state as of what is committed, from the newest whole snapshot and the messages after it.

        Raises:
            NotReady: the stream ends before what is committed: it is another one than was judged.
        """
        self._node, self._sequence, self._owning = Node(self._clock.now()), 0, False
        committed = self._committed()
        if committed > self._source.last():
            raise NotReady(StreamReason.SHORTER_THAN_RECORD, stream=self._source.name)
        if snapshot := self._snapshots.newest(committed):
            self._node.resume(snapshot.arrays)
            self._sequence = snapshot.sequence
        self._snapshot_of = self._sequence
        self._replay(committed)

    def snapshot(self) -> None:
        """Write the state down."""
        self._snapshots.write(self._sequence, self._node.state())
        self._snapshot_of, self._snapshot_at = self._sequence, time.monotonic()

    def _model_in_use(self) -> Model | None:
        """The approved model whose time it is: a change counts from the next messages on.

        One that cannot be used here is left out, and said once: the typologies go on.
        """
        with self._db.look() as conn:
            serving = model_serving(conn, self._clock.now())
            name = serving.model_id if serving else ""
            if serving is None or name == self._model.name:
                self._model = _Chosen(name, self._model.model if serving else None)
                return self._model.model
            try:
                model: Model | None = model_of_registered(conn, serving)
            except BadInput as error:
                _log.warning("the model %s is not used: %s", name, error.reason)
                model = None
        if model is not None and model.further:
            _log.warning("the model %s is not used: the stream has no %s", name, ", ".join(model.further))
            model = None
        self._model = _Chosen(name, model)
        return model

    def _in_line(self, given: list[Message]) -> list[Message]:
        """The messages after the last one, none twice and none left out: what is not among those given is read."""
        line: list[Message] = []
        at = self._sequence
        for message in given:
            while at + 1 < message.sequence:
                between = self._source.read(at, min(_REPLAYED_EACH, message.sequence - at - 1))
                inner = [one for one in between if one.sequence < message.sequence]
                line += inner
                if not inner:
                    break  # the stream does not keep them any more
                at = inner[-1].sequence
            if message.sequence > at:
                line.append(message)
                at = message.sequence
        return line

    def _snapshot_if_due(self) -> None:
        due = time.monotonic() - self._snapshot_at >= self._snapshot_each_s
        if due and self._sequence > self._snapshot_of:
            self.snapshot()

    def _committed(self) -> int:
        with self._db.look() as conn:
            found = store.standing(conn, self._owner, self._source.name)
        if found is None:
            with self._db.unit(self._clock.now(), SYSTEM) as unit:
                store.make_owner(unit.conn, self._owner, self._source.name, unit.now)
            return 0
        return found.sequence

    def _replay(self, committed: int) -> int:
        taken = 0
        while self._sequence < committed:
            limit = min(_REPLAYED_EACH, committed - self._sequence)
            messages = [one for one in self._source.read(self._sequence, limit) if one.sequence <= committed]
            if not messages:
                # What the stream no longer keeps is not guessed: windows fill up again as it goes on.
                _log.warning("messages up to %d are no longer there", committed)
                self._sequence = committed
                break
            self._node.take(messages)
            self._sequence = messages[-1].sequence
            taken += len(messages)
        return taken


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The name of the model that is in use, and the model, if it can be used on a stream."""

    name: str
    model: Model | None


def _verdicts(judged: Judged) -> list[dict[str, Any]]:
    """One row a message: how many transfers, and of those with an alert their place, score and codes."""
    counts: dict[int, int] = {}
    for sequence in judged.sequences.tolist():
        counts[sequence] = counts.get(sequence, 0) + 1
    told: dict[int, list[list[Any]]] = {sequence: [] for sequence in counts}
    scored = judged.scored
    codes = [one.code for one in scored.typologies]
    by_model = frozenset(alerting(judged.model, scored).tolist() if judged.model else ())
    for row in sorted({*scored.alerts.nonzero()[0].tolist(), *by_model}):
        bits = int(scored.alerts[row])
        fired = [code for number, code in enumerate(codes) if bits >> number & 1] + [ALERT_CODE] * (row in by_model)
        place, score = int(judged.places[row]), round(float(scored.scores[row]), 6)
        told[int(judged.sequences[row])].append([place, score, fired])
    return [
        {"sequence": sequence, "transfers": count, "verdicts": told[sequence]} for sequence, count in counts.items()
    ]
