"""An institution fetches its own copy of the list, and follows it by small files."""

import base64
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from lachan.doors.api.describe import needs
from lachan.doors.api.identity import CallerOf, ServicesOf, demand, limit
from lachan.foundation.access import COPIES_BY_CLIENT, WHOLE_COPY_COST, Permission, Scope
from lachan.foundation.base import NotReady
from lachan.screening.copies import CopyGrantReason

router = APIRouter(tags=["registry"])

MEDIA_TYPE = "application/octet-stream"
_CHUNK_BYTES = 1 << 18
# What is signed for one institution stands in no shared cache, and is asked about each time.
_CACHE = "private, no-cache"
_FILE: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}

After = Annotated[int, Query(ge=0, le=2**62, description="The number of the newest file taken up.")]
IfNoneMatch = Annotated[str, Header(description="The `ETag` of the file that is there already.")]


@router.get(
    "/v1/registry/snapshot",
    response_class=StreamingResponse,
    responses={
        200: {"description": "The whole list as a signed filter.", **_FILE},
        304: {"description": "As was."},
    },
    openapi_extra=needs(Scope.COPY),
)
def snapshot(request: Request, services: ServicesOf, caller: CallerOf, if_none_match: IfNoneMatch = "") -> Response:
    """The whole list as a filter under the institution's own key, made once for each generation of the list."""
    demand(caller, Permission.REGISTRY_COPY)
    limit(request, COPIES_BY_CLIENT, caller.actor.id, cost=WHOLE_COPY_COST)
    found = services.copies.whole(caller.institution.id)
    headers = {"etag": f'"{found.sha256}"', "cache-control": _CACHE}
    if headers["etag"] in [one.strip().removeprefix("W/") for one in if_none_match.split(",")]:
        return Response(status_code=304, headers=headers)
    try:
        handle = found.path.open("rb")
    except FileNotFoundError as error:  # a newer one took its place just now
        raise NotReady(CopyGrantReason.BEING_BUILT) from error
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers |= {
        "content-digest": f"sha-256=:{digest}:",
        "content-length": str(handle.seek(0, 2)),
        "content-disposition": f'attachment; filename="list-{found.number}.lcf"',
    }
    handle.seek(0)
    return StreamingResponse(_chunks(handle), headers=headers, media_type=MEDIA_TYPE)


@router.get(
    "/v1/registry/snapshot/deltas",
    response_class=Response,
    responses={
        200: {"description": "What changed since that number, as a signed delta.", **_FILE},
        204: {"description": "Nothing is newer."},
    },
    openapi_extra=needs(Scope.COPY),
)
def deltas(request: Request, services: ServicesOf, caller: CallerOf, after: After = 0) -> Response:
    """The delta from a number to the newest one; 409 `copy_too_far_behind` where only a whole list helps."""
    demand(caller, Permission.REGISTRY_COPY)
    limit(request, COPIES_BY_CLIENT, caller.actor.id)
    content = services.copies.delta(caller.institution.id, after)
    if content is None:
        return Response(status_code=204, headers={"cache-control": _CACHE})
    return Response(content, headers={"cache-control": _CACHE}, media_type=MEDIA_TYPE)


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    with handle:
        while chunk := handle.read(_CHUNK_BYTES):
            yield chunk
