"""Institutions send their transfers, for monitoring."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from lachan.doors.api.bodies import JSON, NDJSON, RowsOf
from lachan.doors.api.describe import MESSAGE_ID, needs
from lachan.doors.api.identity import CallerOf, ServicesOf, demand
from lachan.doors.api.once import Taken, key_of, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.storage import Unit
from lachan.monitoring.stream import SENT_MAX, rows_in, send_transfers

router = APIRouter(tags=["monitoring"])


class TransfersReceipt(BaseModel):
    """The stream has them, durably: their messages are those from `first` to `sequence`."""

    model_config = ConfigDict(frozen=True)

    transfers: int
    first: int
    sequence: int


def _described() -> dict[str, Any]:
    row = {
        "id": "FT26327000001", "time": "2026-11-22T09:41:00+07:00", "payer": "account:970436:0123456789",
        "payee": "account:970407:19031234567890", "amount": 50_000_000,
    }  # fmt: skip
    cell = {"type": ["string", "number", "boolean", "null"]}
    properties: dict[str, Any] = {
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "time": {"type": "string", "format": "date-time", "description": "When it was booked, with its offset."},
        "payer": {"type": "string", "minLength": 1, "maxLength": 200},
        "payee": {"type": "string", "minLength": 1, "maxLength": 200},
        "amount": {"type": "integer", "minimum": 1, "maximum": 10**15, "description": "VND."},
    }
    schema = {
        "type": "object", "required": list(properties), "properties": properties, "additionalProperties": cell,
    }  # fmt: skip
    listed = {"type": "array", "minItems": 1, "maxItems": SENT_MAX, "items": schema}
    document = {"type": "object", "required": ["transfers"], "properties": {"transfers": listed}}
    return {
        **needs(Scope.TRANSFERS),
        "parameters": [
            {
                "name": "Idempotency-Key", "in": "header", "required": True, "schema": MESSAGE_ID,
                "description": "The same key and body again adds nothing; another body under it is refused (409).",
            }
        ],
        "requestBody": {
            "required": True,
            "description": "The columns of every file of transfers; payer or payee is your customer. All or none.",
            "content": {
                JSON: {"schema": document, "examples": {"one": {"value": {"transfers": [row]}}}},
                NDJSON: {"schema": {"type": "string"}},
            },
        },
    }  # fmt: skip


@router.post("/v1/transfers", response_model=TransfersReceipt, status_code=202, openapi_extra=_described())
def transfers(request: Request, services: ServicesOf, caller: CallerOf, body: RowsOf) -> Response:
    """Receive up to 1,000 transfers; the same key and body again returns the same receipt and adds nothing."""
    demand(caller, Permission.TRANSFERS_SEND)
    key = key_of(request.headers)
    rows = rows_in(body)
    source = services.stream
    sender = next(iter(caller.institution.codes), caller.institution.id)

    def take(unit: Unit) -> Taken:
        codes = caller.institution.codes
        sent = send_transfers(unit, source, rows, f"{caller.institution.id}:{key}", sender, codes)
        receipt = TransfersReceipt(transfers=sent.transfers, first=sent.first, sequence=sent.last)
        return Taken(f"{sent.transfers},{sent.first},{sent.last}", receipt)

    done = once(services, caller, request, key, body, take)

    def anew(_received_at: datetime) -> TransfersReceipt:
        count, first, last = map(int, done.outcome.split(","))
        return TransfersReceipt(transfers=count, first=first, sequence=last)

    return done.response(202, anew)
