"""Ask a center about keys before money moves."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from types import TracebackType
from typing import Literal, Self

import httpx

from lachan.client.connection import ATTEMPTS, Authorised
from lachan.foundation.base import new_id

ITEMS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class PaymentContext:
    """What the bank says of the payment, so that the advice fits the payer; it never changes the verdict.

    `payer_age_band`: `under_18`, `18_to_24`, `25_to_39`, `40_to_59`, `60_plus`; `channel`: `mobile`, `web`, `atm`,
    `counter`, `phone`. `audience` (`payer`, `elderly`, `young`, `worker`, `business`, `teller`) where the reader is
    known. `language`: `vi` or `en`. `assign_by`: a hash of the bank's own, 16 to 64 hex digits, never personal
    data: it decides between variants of a text, and the same hash always gets the same one.
    """

    amount_vnd: int | None = None
    payer_age_band: str | None = None
    first_payment: bool | None = None
    channel: str | None = None
    audience: str | None = None
    language: str | None = None
    assign_by: str | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to show the payer. Report what came of it by `code`, `version` and `variant`."""

    code: str
    version: int
    variant: str
    title: str
    text: str
    why: tuple[str, ...]
    note: str | None
    steps: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screened:
    """The center's answer about one key; `entry` is the registry's, none when clear; `advice` where asked for."""

    verdict: Literal["clear", "warn", "step_up", "block"]
    reasons: tuple[str, ...] = ()
    entry: str | None = None
    advice: Advice | None = None


CLEAR = Screened("clear")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of those who were shown one advice on one day: how many stopped, and how many paid all the same."""

    code: str
    version: int
    variant: str
    stopped: int
    continued: int


@dataclass(frozen=True, slots=True)
class _Receipt:
    texts: int


@dataclass(frozen=True, slots=True)
class _Results:
    results: tuple[Screened, ...]


class Screen:
    """`POST /v1/screen` of one center. Raises `ClientError`s; make one for each thread."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        timeout_s: float = 2.0,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = Authorised(
            base_url, client_id, client_secret,
            timeout_s=timeout_s, attempts=attempts, transport=transport, sleep=sleep,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the sockets back."""
        self._connection.close()

    def screen(self, keys: Sequence[str], context: PaymentContext | None = None) -> list[Screened]:
        """The verdict on each canonical key, in order; as many calls as it takes. With a context: advice too."""
        answers: list[Screened] = []
        for start in range(0, len(keys), ITEMS_MAX):
            some = keys[start : start + ITEMS_MAX]
            if context is None:
                body, media_type = "\n".join(some).encode(), "text/plain"
            else:
                body, media_type = _question(some, context), "application/json"
            answers += self._connection.ask("/v1/screen", body, media_type, _Results).results
        return answers

    def report_outcomes(self, day: date, outcomes: Sequence[Outcome], key: str = "") -> int:
        """Report the sums of one day; returns of how many texts.

        `key` (a UUID): the same report again under the same key counts once, also after a restart.
        """
        body = json.dumps({"day": day.isoformat(), "outcomes": [asdict(one) for one in outcomes]}).encode()
        return self._connection.tell("/v1/screen/outcomes", body, key or new_id(), _Receipt).texts


def _question(keys: Sequence[str], context: PaymentContext) -> bytes:
    parted = [key.partition(":") for key in keys]
    items = [{"kind": kind, "value": value} for kind, _, value in parted]
    return json.dumps({"items": items, "context": asdict(context)}).encode()
