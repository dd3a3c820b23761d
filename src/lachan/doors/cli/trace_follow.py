"""`lachan trace stream --disputed ID --follow`: the trace again each time that what is sent changes it."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lachan.doors.cli.columns import STREAM, stream_opener
from lachan.doors.cli.trace import Asked, say
from lachan.foundation.base import BadInput, Clock, InputReason
from lachan.tracing import COMPILED, Following, Trace

if TYPE_CHECKING:
    from lachan.monitoring.stream import StreamColumns

_EACH_S = 1.0


def run(transfers: Path, asked: Asked, stated: Mapping[str, int]) -> int:
    """Until stopped: 0. BadInput for what cannot be followed."""
    if transfers != STREAM:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="TRANSFERS", value=transfers, expected=STREAM)
    if asked.rule not in COMPILED or asked.floor_vnd:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="--rule", value=asked.rule, expected=", ".join(COMPILED))
    if asked.as_of or asked.known_at or len(asked.disputed) > 1:
        raise BadInput(InputReason.MALFORMED, field="--follow", expected="--disputed ID")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    shown: Trace | None = None
    for found in follow(*stream_opener(), asked, stated, stop):
        if found != shown:
            say(found)
            sys.stdout.flush()
            shown = found
    return 0


def follow(
    opener: Callable[[], "StreamColumns"],
    clock: Clock,
    asked: Asked,
    stated: Mapping[str, int],
    stop: threading.Event,
) -> Iterator[Trace]:
    """The trace, and the trace again after each look at the stream that found something.

    With each day that is over the columns are opened anew: what is over goes to disk, and what the stream keeps no
    longer is forgotten here, too. BadInput where the disputed transfer is among that.
    """
    from lachan.monitoring.stream.columns import days_over

    while not stop.is_set():
        kept, today = opener(), days_over(clock.now())
        following = Following(kept.ledger, asked.disputed[0], asked.rule, stated)
        yield following.trace
        while days_over(clock.now()) == today and not stop.wait(_EACH_S):
            if new := kept.take():
                yield following.learn(new)
