"""What is live: one watcher for each thing that is watched, however many people look at it.

A watcher asks the record every 400 ms for a small version and wakes its viewers when it has changed. The first
event comes at once, so that a lost connection that returns shows what it missed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

INTERVAL_S = 0.4
HEARTBEAT_S = 15.0
# Drawing more often than this shows nobody more, and costs everybody.
REDRAW_S = 0.8

Version = Callable[[], object]
Draw = Callable[[], Mapping[str, str] | None]


@dataclass(slots=True)
class _Watched:
    version: object = None
    viewers: set[asyncio.Event] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Watchers:
    """All that is watched now, by name."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}

    async def changes(self, name: str, version: Version) -> AsyncIterator[bool]:
        """True at each change of `version` (and once at the start), False as a sign of life now and then."""
        watched = self._watched.setdefault(name, _Watched())
        wake = asyncio.Event()
        wake.set()
        watched.viewers.add(wake)
        if watched.task is None:
            watched.task = asyncio.create_task(self._watch(name, watched, version))
        try:
            while True:
                try:
                    await asyncio.wait_for(wake.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield False
                    continue
                wake.clear()
                yield True
                await asyncio.sleep(REDRAW_S)
        finally:
            watched.viewers.discard(wake)
            if not watched.viewers and watched.task is not None:
                watched.task.cancel()
                self._watched.pop(name, None)

    async def _watch(self, name: str, watched: _Watched, version: Version) -> None:
        while True:
            try:
                seen = await run_in_threadpool(version)
            except Exception:  # noqa: BLE001 (the record may be busy: the next look will tell)
                seen = watched.version
            if seen != watched.version:
                watched.version = seen
                for wake in watched.viewers:
                    wake.set()
            await asyncio.sleep(INTERVAL_S)


def event_stream(request: Request, name: str, version: Version, draw: Draw) -> StreamingResponse:
    """Server-sent events: the fragments that `draw` returns at each change; None ends the stream."""
    watchers: Watchers = request.app.state.watchers

    async def events() -> AsyncIterator[str]:
        yield "retry: 1500\n\n"
        async for changed in watchers.changes(name, version):
            if not changed:
                yield ": alive\n\n"
                continue
            fragments = await run_in_threadpool(draw)
            if fragments is None:
                yield "event: closed\ndata:\n\n"
                return
            for fragment, html in fragments.items():
                yield _event(fragment, html)

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )


def _event(name: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{lines}\n"
