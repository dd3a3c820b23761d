"""What anybody may ask: the status behind a code, and the keys with which this instance's words are checked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from lachan.doors.api.describe import open_to_all
from lachan.doors.api.identity import ServicesOf, address_of, limit
from lachan.doors.api.problems import language_of
from lachan.foundation.access import STATUS_BY_ADDRESS, STATUS_BY_CODE, WRONG_CODE_COST
from lachan.foundation.base import NotFound, translate
from lachan.foundation.protocol import KeyInfo, TrailHead
from lachan.foundation.trail import current_head
from lachan.intake import ReportStatus, report_by_code

router = APIRouter(tags=["public"])

Code = Annotated[
    str,
    Path(
        description="The reference code that the reporter was given.",
        json_schema_extra={"pattern": "^LC-[0-9A-Z]{4}-[0-9A-Z]{5}$"},
        openapi_examples={"code": {"value": "LC-7K4Q-92MXA"}},
    ),
]


class PublicStatus(BaseModel):
    """How far a report is; nothing about anybody."""

    model_config = ConfigDict(frozen=True)

    code: str
    status: ReportStatus
    sentence: str


class TrailKey(BaseModel):
    """The key that seals the trail: base64 of an ed25519 public key, and its short name in checkpoints."""

    model_config = ConfigDict(frozen=True)

    key: str
    key_id: str


class PublicKeys(BaseModel):
    """How a stranger checks this instance: who signs its messages, who seals its trail, and the newest head.

    Keep the head: whoever kept one proves later that nothing before it was rewritten.
    """

    model_config = ConfigDict(frozen=True)

    instance: str
    name: str
    issuer_keys: tuple[KeyInfo, ...]
    trail_key: TrailKey
    trail_head: TrailHead | None
    now: datetime


@router.get("/v1/public/status/{code}", response_model=PublicStatus, openapi_extra=open_to_all())
def public_status(code: Code, request: Request, response: Response, services: ServicesOf) -> PublicStatus:
    """The status of a report. Many wrong codes from one address are slowed down: reading is free, guessing not."""
    address, wanted = address_of(request), code.strip().upper()
    limit(request, STATUS_BY_ADDRESS, address)
    try:
        with services.db.read() as conn:
            report = report_by_code(conn, wanted)
    except NotFound:
        limit(request, STATUS_BY_ADDRESS, address, cost=WRONG_CODE_COST - 1)
        raise
    limit(request, STATUS_BY_CODE, wanted)
    language = language_of(request)
    response.headers["content-language"] = language.value
    return PublicStatus(
        code=report.code, status=report.status, sentence=translate(f"api.status.{report.status.value}", language)
    )


@router.get("/v1/public/keys", response_model=PublicKeys, openapi_extra=open_to_all())
def public_keys(request: Request, services: ServicesOf) -> PublicKeys:
    """The public keys of this instance and the head of its sealed trail."""
    limit(request, STATUS_BY_ADDRESS, address_of(request))
    now = services.clock.now()
    with services.db.read() as conn:
        head = current_head(conn)
    return PublicKeys(
        instance=services.settings.instance,
        name=services.settings.instance_name,
        issuer_keys=tuple(KeyInfo(key=key.public.as_text(), valid_from=now) for key in services.issuer_keys),
        trail_key=TrailKey(key=services.seal_key.public_text, key_id=services.seal_key.key_id),
        trail_head=TrailHead(sequence=head.sequence, hash=head.hash) if head else None,
        now=now,
    )
