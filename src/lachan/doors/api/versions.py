"""Two people, one record: what is read carries its version as `ETag`, what changes it names that in `If-Match`.

RFC 9110 §13.1.1. Whoever comes second is told so (412) and nothing of theirs is half-written; who says no version
at all is refused (428, RFC 6585), because that is how changes get lost.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lachan.doors.api.reasons import ApiReason
from lachan.foundation.base import BadInput, Conflict, InputReason

_TAG = r'^"[1-9][0-9]{0,8}"$'
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` that was read. Where somebody changed the record since, 412.",
    "schema": {"type": "string", "pattern": _TAG},
}
ETAG = {"ETag": {"description": "The record's version.", "schema": {"type": "string"}}}


def etag(version: int) -> dict[str, str]:
    """The header of a record's answer."""
    return {"etag": f'"{version}"'}


def version_of(headers: Mapping[str, str]) -> int:
    """The version that the caller has read.

    Raises:
        BadInput: IF_MATCH_NEEDED, or MALFORMED where it is no `ETag` of ours.
    """
    said = headers.get("if-match", "").strip()
    if not said:
        raise BadInput(ApiReason.IF_MATCH_NEEDED, field="if-match")
    if not re.fullmatch(_TAG.strip("^$"), said):
        raise BadInput(InputReason.MALFORMED, field="if-match", expected='"7"')
    return int(said.strip('"'))


@contextmanager
def as_precondition() -> Iterator[None]:
    """A change against an old version is a failed precondition here, not a conflict."""
    try:
        yield
    except Conflict as error:
        if error.reason is not InputReason.CHANGED_MEANWHILE:
            raise
        raise Conflict(ApiReason.CHANGED_SINCE_READ, field="if-match") from None
