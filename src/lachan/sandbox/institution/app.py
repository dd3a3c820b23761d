"""One institution's HTTP application: health, its line to the switch, and the center's messages."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lachan.client import Client, WebhookReceiver
from lachan.foundation.base import BadInput, InputReason, NotAllowed, SimulatedClock, clock_from_text
from lachan.foundation.protocol import BODY_BYTES_MAX, PublicKey, SigningKey
from lachan.sandbox.institution.clerk import Clerk
from lachan.sandbox.institution.config import InstitutionConfig
from lachan.sandbox.institution.counter import Counter
from lachan.sandbox.institution.desk import Desk
from lachan.sandbox.institution.directory import read_directory
from lachan.sandbox.institution.interbank import interbank_routes
from lachan.sandbox.institution.manners import Manners
from lachan.sandbox.institution.teller import Teller
from lachan.sandbox.story_clock import StoryClock
from lachan.sandbox.tempers import TEMPERS

WEBHOOK_PATH = "/hooks/lachan"
_MICROSECONDS = 1_000_000


def institution_app(config: InstitutionConfig) -> Starlette:
    """The application of one institution; its book file is made on the first start and found on later ones."""
    clock = clock_from_text(config.clock)
    if not isinstance(clock, SimulatedClock):
        raise BadInput(InputReason.MALFORMED, field="clock", expected="START xFACTOR @EPOCH")
    counter = Counter(Path(config.book_file), config.openings, StoryClock(clock))

    async def healthz(_: Request) -> Response:
        return _json({"institution": config.code, "name": config.name, "cpu_s": round(time.process_time(), 3)})

    routes = [Route("/healthz", healthz), *interbank_routes(counter)]
    desk = _open_desk(config, counter, clock) if config.center_url else None
    if desk is not None:
        routes += _center_routes(config, counter, desk)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if desk is not None:
            desk.start()
        yield
        if desk is not None:
            await desk.stop()
        counter.close()

    return Starlette(routes=routes, lifespan=lifespan)


def _open_desk(config: InstitutionConfig, counter: Counter, clock: SimulatedClock) -> Desk:
    client = Client(
        config.center_url,
        config.client_id,
        config.client_secret,
        SigningKey.from_text(config.signing_key),
        center_keys=[PublicKey.from_text(key) for key in config.center_public_keys],
        clock=clock,
        attempts=1,  # the desk itself repeats, as long as it takes
    )
    clerk = Clerk(counter, read_directory(Path(config.directory_file)), config.decided_by)
    manners = Manners(TEMPERS[config.temper], f"{config.seed} {config.code}", counter.clock)
    teller = Teller(counter, clerk, config.decided_by)
    return Desk(counter, clerk, teller, manners, client)


def _center_routes(config: InstitutionConfig, counter: Counter, desk: Desk) -> list[Route]:
    temper = TEMPERS[config.temper]
    keys = [PublicKey.from_text(key) for key in config.center_public_keys]
    receiver = WebhookReceiver({config.center_instance: keys})

    async def hook(request: Request) -> Response:
        if not temper.is_up(counter.clock.now_us() / _MICROSECONDS):
            return _json({"reason": "down"}, 503)
        body = await request.body()
        if len(body) > BODY_BYTES_MAX:
            return _json({"reason": InputReason.TOO_LARGE.value}, 413)
        try:
            desk.receive(receiver.open(request.headers, body))
        except BadInput as error:
            return _json({"reason": error.reason.value, "field": error.field}, 400)
        except NotAllowed as error:
            return _json({"reason": error.reason.value, "field": error.field}, 401)
        return _json({})

    async def correspondence(_: Request) -> Response:
        return _json({"messages": desk.correspondence()})

    routes = [Route("/correspondence", correspondence)]
    if temper.polls_s is None:
        routes.append(Route(WEBHOOK_PATH, hook, methods=["POST"]))
    return routes


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
