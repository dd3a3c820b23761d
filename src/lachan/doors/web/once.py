"""A form is carried out once: a double click, or a resend after a lost connection, gets the first one's answer."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Answer = TypeVar("Answer")
KEPT_MAX = 2_000
# A larger answer (the refused rows of a file) is for who waits now; it is not kept.
BYTES_MAX = 100_000
WAIT_S = 120


@dataclass(slots=True)
class _Doing:
    done: threading.Event = field(default_factory=threading.Event)
    answer: object = None


class Once:
    """Answers by form token, the newest few thousand. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Doing] = OrderedDict()

    def run(self, token: str, do: Callable[[], Answer]) -> Answer:
        """Do it, or wait for whoever is doing it and return their answer. A refusal may be retried."""
        if not token:
            return do()
        with self._lock:
            known = self._kept.get(token)
            mine = known or self._kept.setdefault(token, _Doing())
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        if known is not None and known.done.wait(WAIT_S) and known.answer is not None:
            return known.answer  # type: ignore[return-value] # the same form, so the same kind of answer
        try:
            answer = do()
        except BaseException:
            with self._lock:
                self._kept.pop(token, None)
            mine.done.set()
            raise
        mine.answer = answer
        mine.done.set()
        if len(getattr(answer, "body", b"")) > BYTES_MAX:
            with self._lock:
                self._kept.pop(token, None)
        return answer
