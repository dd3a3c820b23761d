"""One institution's HTTP application: health, its line to the switch, and the center's messages."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lachan.foundation.base import BadInput, InputReason, SimulatedClock, clock_from_text
from lachan.sandbox.institution.config import InstitutionConfig
from lachan.sandbox.institution.counter import Counter
from lachan.sandbox.institution.interbank import interbank_routes
from lachan.sandbox.story_clock import StoryClock


def institution_app(config: InstitutionConfig) -> Starlette:
    """The application of one institution; its book file is made on the first start and found on later ones."""
    clock = clock_from_text(config.clock)
    if not isinstance(clock, SimulatedClock):
        raise BadInput(InputReason.MALFORMED, field="clock", expected="START xFACTOR @EPOCH")
    counter = Counter(Path(config.book_file), config.openings, StoryClock(clock))

    async def healthz(_: Request) -> Response:
        body = {"institution": config.code, "name": config.name, "cpu_s": round(time.process_time(), 3)}
        return Response(orjson.dumps(body), media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        counter.close()

    return Starlette(routes=[Route("/healthz", healthz), *interbank_routes(counter)], lifespan=lifespan)
