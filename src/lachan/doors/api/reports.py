"""A bank reports a fraud for its customer."""

import hashlib

from fastapi import APIRouter, Request

from lachan.doors.api.identity import BodyOf, CallerOf, ServicesOf, check_signature, demand
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, Conflict, InputReason
from lachan.foundation.protocol import BankReport, ReportedLoss, ReportReceipt, SignatureReason, read_report
from lachan.foundation.protocol.outbox import remember, remembered
from lachan.intake import Channel, ContactVector, LossDraft, ReportDraft, receive_report

router = APIRouter(tags=["reports"])


@router.post("/v1/reports", response_model=ReportReceipt, status_code=201, response_model_exclude_none=True)
def report(request: Request, services: ServicesOf, caller: CallerOf, body: BodyOf) -> ReportReceipt:
    """Receive a report; the same message again returns the same code and opens nothing twice."""
    demand(caller, Permission.REPORT_RECEIVE)
    signed_id = check_signature(services, caller, request.headers, body)
    said = read_report(body)
    if signed_id != said.message_id:
        raise BadInput(SignatureReason.ID_DIFFERS, field="message_id")
    digest = hashlib.sha256(body).hexdigest()
    with services.db.unit(services.clock.now(), caller.actor) as unit:
        known = remembered(unit.conn, said.message_id)
        if known is not None:
            if known[:2] != (caller.institution.id, digest):
                raise Conflict(InputReason.IDEMPOTENCY_KEY_REUSED, field="message_id")
            return ReportReceipt(code=known[2])
        received = receive_report(unit, _draft(said), Channel.INSTITUTION, agency_id=request.app.state.desk_id)
        remember(unit, said.message_id, caller.institution.id, digest, received.code)
    live_url = f"{services.settings.base_url}/live/{received.secret}"
    return ReportReceipt(code=received.code, live_url=live_url)


def _draft(said: BankReport) -> ReportDraft:
    return ReportDraft(
        situation=said.situation,
        victim_name=said.victim.name,
        victim_phone=said.victim.phone,
        victim_citizen_id=said.victim.citizen_id,
        victim_email=said.victim.email,
        story=said.story,
        contacts=tuple(ContactVector(contact.kind, contact.value) for contact in said.contacts),
        consent=said.consent,
        losses=tuple(map(_loss, said.losses)),
    )


def _loss(said: ReportedLoss) -> LossDraft:
    if said.payee.account is None:
        raise BadInput(InputReason.MISSING, field="losses.payee.account")
    return LossDraft(
        amount_vnd=said.amount_vnd,
        booked_at=said.booked_at,
        payee_account=said.payee.account,
        payer_account=said.payer.account,
        payee_institution=said.payee.institution,
        payer_institution=said.payer.institution,
        payee_name=said.payee.name,
        reference=said.reference,
        rail=said.rail,
    )
