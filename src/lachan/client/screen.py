"""Ask a center about keys before money moves."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import httpx

from lachan.client.connection import ATTEMPTS, Authorised

ITEMS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Screened:
    """The center's answer about one key; `entry` is the registry's, none when clear."""

    verdict: Literal["clear", "warn", "step_up", "block"]
    reasons: tuple[str, ...] = ()
    entry: str | None = None


CLEAR = Screened("clear")


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

    def screen(self, keys: Sequence[str]) -> list[Screened]:
        """The verdict on each canonical key, in order; as many calls as it takes."""
        answers: list[Screened] = []
        for start in range(0, len(keys), ITEMS_MAX):
            body = "\n".join(keys[start : start + ITEMS_MAX]).encode()
            answers += self._connection.ask("/v1/screen", body, "text/plain", _Results).results
        return answers
