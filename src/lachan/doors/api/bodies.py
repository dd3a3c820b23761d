"""Bodies as they came: of the announced type, in time, and never more than the protocol allows.

Nothing is ever unpacked: a compressed body is refused by the gate, so a small one cannot become a large one.
"""

import asyncio
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from lachan.doors.api.reasons import ApiReason
from lachan.foundation.base import BadInput
from lachan.foundation.protocol import BODY_BYTES_MAX

JSON = "application/json"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"
FORM_BYTES_MAX = 16 * 1024
# A megabyte over a bad mobile line takes ten seconds; whoever needs longer is holding the door open.
BODY_SECONDS_MAX = 30.0


async def json_of(request: Request) -> bytes:
    """The raw JSON body; its bytes are what was signed."""
    return await _read(request, JSON, BODY_BYTES_MAX)


async def rows_of(request: Request) -> bytes:
    """The raw JSON or NDJSON body."""
    return await _read(request, JSON, BODY_BYTES_MAX, or_type=NDJSON)


async def form_of(request: Request) -> bytes:
    """The raw body of a form."""
    return await _read(request, FORM, FORM_BYTES_MAX)


async def raw_body(receive: Receive, bytes_max: int) -> bytes:
    """The body of a raw ASGI call, under the same limits; ClientDisconnect when the caller went away."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                if size > bytes_max:
                    raise _too_large(bytes_max)
                chunks.append(chunk)
                if not message.get("more_body"):
                    return b"".join(chunks)
    except TimeoutError as error:
        raise _too_slow() from error


JsonOf = Annotated[bytes, Depends(json_of)]
RowsOf = Annotated[bytes, Depends(rows_of)]
FormOf = Annotated[bytes, Depends(form_of)]


async def _read(request: Request, media_type: str, bytes_max: int, *, or_type: str = "") -> bytes:
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in {media_type, or_type or media_type}:
        raise BadInput(ApiReason.MEDIA_TYPE, field="content-type", expected=media_type)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > bytes_max:
        raise _too_large(bytes_max)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in request.stream():
                size += len(chunk)
                if size > bytes_max:
                    raise _too_large(bytes_max)
                chunks.append(chunk)
    except TimeoutError as error:
        raise _too_slow() from error
    return b"".join(chunks)


def _too_large(bytes_max: int) -> BadInput:
    return BadInput(ApiReason.BODY_TOO_LARGE, field="body", limit=f"{bytes_max // 1024} KiB")


def _too_slow() -> BadInput:
    return BadInput(ApiReason.BODY_TOO_SLOW, field="body", seconds=round(BODY_SECONDS_MAX))
