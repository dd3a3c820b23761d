"""Institutions submit suspicions, and follow the verdicts that are in force."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from lachan.doors.api.bodies import JsonOf
from lachan.doors.api.describe import needs, signed_body
from lachan.doors.api.identity import CallerOf, ServicesOf, demand, signed_message
from lachan.doors.api.once import Taken, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.protocol import (
    ChangePage,
    ClaimReceipt,
    ClaimStatus,
    ClaimSubmission,
    RegistryChange,
    SubmittedClaim,
    read_submission,
)
from lachan.foundation.storage import Unit
from lachan.registry import Outcome, Submission, submit, views

router = APIRouter(tags=["registry"])

After = Annotated[int, Query(ge=0, le=2**62, description="The `next` of the page before; 0 for all.")]
Limit = Annotated[int, Query(ge=1, le=10_000, description="How many changes at most.")]


@router.post(
    "/v1/registry/claims",
    response_model=ClaimReceipt,
    status_code=201,
    openapi_extra=signed_body(Scope.CLAIM, ClaimSubmission),
)
def claims(request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf) -> Response:
    """Receive suspicions; the same message again returns the same receipt and claims nothing twice."""
    demand(caller, Permission.REGISTRY_CLAIM)
    said = signed_message(services, caller, request.headers, body, read_submission)

    def take(unit: Unit) -> Taken:
        done = submit(unit, [_submission(one) for one in said.claims])
        counts = {outcome.value: 0 for outcome in Outcome}
        for outcome in done:
            counts[outcome.value] += 1
        return Taken(",".join(str(count) for count in counts.values()), ClaimReceipt(**counts))

    done = once(services, caller, request, said.message_id, body, take)

    def anew(_received_at: datetime) -> ClaimReceipt:
        counts = dict(zip((one.value for one in Outcome), map(int, done.outcome.split(",")), strict=True))
        return ClaimReceipt(**counts)

    return done.response(201, anew)


@router.get(
    "/v1/registry/changes",
    response_model=ChangePage,
    response_model_exclude_none=True,
    openapi_extra=needs(Scope.REGISTRY),
)
def changes(services: ServicesOf, caller: CallerOf, after: After = 0, limit: Limit = 1_000) -> ChangePage:
    """Changes of verdicts in force, in an order in which a late commit is never skipped."""
    demand(caller, Permission.REGISTRY_FOLLOW)
    with services.db.read() as conn:
        found = views.changes(conn, after, limit)
    items = tuple(
        RegistryChange(
            sequence=one.sequence, key=one.key, verdict=one.verdict.value, reasons=one.reasons, entry=one.entry_id,
            until=one.until,
        )
        for one in found
    )  # fmt: skip
    return ChangePage(items=items, next=found[-1].sequence if found else after)


def _submission(said: SubmittedClaim) -> Submission:
    return Submission(
        key=said.key, account_number=said.account_number, bank=said.bank, reason=said.reason,
        cleared=said.status is ClaimStatus.CLEARED, scam_form=said.scam_form, confidence=said.confidence,
        evidence=said.evidence, first_seen=said.first_seen, last_seen=said.last_seen, device=said.device,
        subscriber=said.subscriber, holder=said.holder, received=said.received,
    )  # fmt: skip
