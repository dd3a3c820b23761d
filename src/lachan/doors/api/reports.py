"""A bank reports a fraud for its customer."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from lachan.doors.api.bodies import JsonOf
from lachan.doors.api.describe import signed_body
from lachan.doors.api.identity import CallerOf, ServicesOf, demand, signed_message
from lachan.doors.api.once import Taken, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.protocol import CLOCK_TOLERANCE, BankReport, ReportedLoss, ReportReceipt, read_report
from lachan.foundation.storage import Unit
from lachan.intake import Channel, ContactVector, LossDraft, ReportDraft, receive_report

router = APIRouter(tags=["reports"])


@router.post(
    "/v1/reports",
    response_model=ReportReceipt,
    status_code=201,
    openapi_extra=signed_body(Scope.REPORT, BankReport),
)
def report(request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf) -> Response:
    """Receive a report; the same message again returns the same receipt and opens nothing twice."""
    demand(caller, Permission.REPORT_RECEIVE)
    said = signed_message(services, caller, request.headers, body, read_report)
    if said.reported_at > services.clock.now() + CLOCK_TOLERANCE:
        raise BadInput(InputReason.IN_THE_FUTURE, field="reported_at")

    def take(unit: Unit) -> Taken:
        received = receive_report(unit, _draft(said), Channel.INSTITUTION)
        live_url = f"{services.settings.base_url}/live/{received.secret}"
        return Taken(received.code, ReportReceipt(code=received.code, live_url=live_url))

    done = once(services, caller, request, said.message_id, body, take)

    def without_link(_received_at: datetime) -> ReportReceipt:
        # The record keeps only the link's hash: after a day nobody can write it again.
        return ReportReceipt(code=done.outcome)

    return done.response(201, without_link)


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
        losses=tuple(_loss(loss, f"losses.{position}") for position, loss in enumerate(said.losses)),
    )


def _loss(said: ReportedLoss, field: str) -> LossDraft:
    if said.payee.account is None:
        raise BadInput(InputReason.MISSING, field=f"{field}.payee.account")
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
