"""Unsafe calls have one effect: the same message again gets the same answer, other content under its key none.

The key is the signed message's own id, under its institution; its content is the body and where it was sent. The
answer is kept word for word as long as the clock `idempotency_key_life` says; after that the message still has no
second effect, and its receipt is written anew.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from lachan.bootstrap import Services
from lachan.doors.api.describe import MESSAGE_ID
from lachan.doors.api.identity import Caller
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.protocol.received import Earlier, settle, take_once
from lachan.foundation.storage import Unit, met_another
from lachan.foundation.taxonomy import clock

_USE = "idempotency"
_ATTEMPTS = 3
_REPLAYED: Mapping[str, str] = {"idempotency-replayed": "true"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a message: an outcome to remember, and the receipt, if it was taken."""

    outcome: str
    receipt: BaseModel | None


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome, whenever it came about; `text` is the receipt's, while it is kept."""

    outcome: str
    received_at: datetime
    text: str | None
    replayed: bool

    def response(self, status: int, otherwise: Callable[[datetime], BaseModel]) -> Response:
        """The receipt as it was, or written anew once its words have been forgotten."""
        text = self.text if self.text is not None else _text(otherwise(self.received_at))
        return Response(text, status, _REPLAYED if self.replayed else None, "application/json")


def key_of(headers: Mapping[str, str]) -> str:
    """The idempotency key of a call that is not signed.

    Raises:
        BadInput: it is missing, or no UUID.
    """
    key = headers.get("idempotency-key", "").strip().strip('"')
    if not key:
        raise BadInput(InputReason.MISSING, field="idempotency-key")
    if not re.fullmatch(MESSAGE_ID["pattern"].strip("^$"), key):
        raise BadInput(InputReason.MALFORMED, field="idempotency-key", expected=MESSAGE_ID["pattern"])
    return key


def once(
    services: Services,
    caller: Caller,
    request: Request,
    message_id: str,
    body: bytes,
    take: Callable[[Unit], Taken],
) -> Done:
    """Take a message, or recall what came of it. `take` is called again if another transaction was in the way."""
    content = hashlib.sha256(request.url.path.encode() + b"\n" + body).hexdigest()
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _once(services, caller, message_id, content, take)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or not met_another(error):
                raise
    raise AssertionError("the last attempt returns or raises")


def _once(
    services: Services, caller: Caller, message_id: str, content: str, take: Callable[[Unit], Taken]
) -> Done:  # fmt: skip
    institution = caller.institution.id
    with services.db.unit(services.clock.now(), caller.actor) as unit:
        earlier = take_once(unit, institution, message_id, content)
        if earlier is not None:
            return _recall(services, earlier)
        taken = take(unit)
        text = _text(taken.receipt) if taken.receipt is not None else None
        sealed = services.secret.seal(_USE, text) if text is not None else None
        until = clock("idempotency_key_life", unit.now).deadline(unit.now)
        settle(unit, institution, message_id, taken.outcome, sealed, until)
        return Done(taken.outcome, unit.now, text, replayed=False)


def _recall(services: Services, earlier: Earlier) -> Done:
    sealed = earlier.sealed_answer
    text = services.secret.unseal(_USE, sealed) if sealed is not None else None
    return Done(earlier.outcome, earlier.received_at, text, replayed=True)


def _text(receipt: BaseModel) -> str:
    return receipt.model_dump_json(exclude_none=True)
