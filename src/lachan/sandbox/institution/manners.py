"""A temper at work: how long this institution takes over this message, drawn from the seed and the message."""

import random
from dataclasses import dataclass

from lachan.foundation.base import new_id
from lachan.foundation.protocol import (
    Answer,
    ConfirmationRequest,
    Envelope,
    HoldRequest,
    Part,
    PartKind,
    ReceiptsQuery,
)
from lachan.sandbox.story_clock import StoryClock
from lachan.sandbox.tempers import Temper

# By how much a first, wrong answer misses the sum.
WRONG_BY_VND = 1_000


@dataclass(frozen=True, slots=True)
class Delays:
    """When the institution acknowledges and when it works, in microseconds of the story."""

    acknowledge_us: int
    work_us: int


@dataclass(frozen=True, slots=True)
class Manners:
    """One institution's temper, seeded: the same message meets the same patience in every run."""

    temper: Temper
    seed: str
    clock: StoryClock

    def delays(self, envelope: Envelope, received_us: int) -> Delays:
        """When a message received at `received_us` is acknowledged and worked on."""
        draw = random.Random(f"{self.seed} {envelope.type} {_subject(envelope)}")
        opened = self.temper.opens_at(self.clock.instant(received_us))
        acknowledge_us = self.clock.count(opened) + int(draw.uniform(*self.temper.acknowledge_s) * 1_000_000)
        work_us = acknowledge_us + int(draw.uniform(*self.temper.answer_s) * 1_000_000)
        return Delays(acknowledge_us, work_us)

    def tellings(self, answer: Answer) -> list[Answer]:
        """The answers that this temper sends for one right answer: wrong first, or twice, or just it."""
        if self.temper.wrong_first and answer.revision == 1:
            slip = Part(kind=PartKind.UNEXPLAINED, amount_vnd=WRONG_BY_VND)
            wrong = answer.model_copy(update={"message_id": new_id(), "parts": (*answer.parts, slip)})
            return [wrong, answer.model_copy(update={"revision": 2})]
        if self.temper.answers_twice:
            return [answer, answer]
        return [answer]


def _subject(envelope: Envelope) -> str:
    """What the message is about, without the ids that differ from run to run."""
    data = envelope.data
    if isinstance(data, HoldRequest):
        return f"{data.account} {data.transfer.reference} {data.revision}"
    if isinstance(data, ConfirmationRequest):
        return data.transfer.reference
    if isinstance(data, ReceiptsQuery):
        return data.payer_account
    return ""
