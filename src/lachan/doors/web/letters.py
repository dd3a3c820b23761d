"""Hold requests on paper: for the institution that got one, and for the desk that telephones."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from lachan.doors.web.golden_hour import record_of
from lachan.doors.web.inbox import institution_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, require
from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.documents import sign_document
from lachan.foundation.protocol import EventType
from lachan.response.views.inbox import waiting_item
from lachan.response.views.letters import Sender, call_sheet, hold_letter
from lachan.response.views.papers import message_letter, message_of_loss, recommendation_letter, subject_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/inbox/{key}/request.pdf")
def own_letter(visit: VisitOf, key: str) -> Response:
    """The request to this institution as a signed letter."""
    return signed_pdf(visit, _letter(visit, *_request_of(visit, key)), "request.pdf")


@router.get("/inbox/{key}/request.pdf.sig")
def own_signature(visit: VisitOf, key: str) -> Response:
    """The signature over that letter's bytes."""
    return signature_of(visit, _letter(visit, *_request_of(visit, key)))


@router.get("/trace/{code}/holds/{hold_id}/request.pdf")
def letter(visit: VisitOf, code: str, hold_id: str) -> Response:
    """The same letter for the desk: to send to an institution that is unconnected or silent."""
    return signed_pdf(visit, _letter(visit, _of_trace(visit, code, hold_id)), "request.pdf")


@router.get("/trace/{code}/holds/{hold_id}/request.pdf.sig")
def signature(visit: VisitOf, code: str, hold_id: str) -> Response:
    """The signature that goes with it."""
    return signature_of(visit, _letter(visit, _of_trace(visit, code, hold_id)))


@router.get("/trace/{code}/holds/{hold_id}/call-sheet.pdf")
def sheet(visit: VisitOf, code: str, hold_id: str) -> Response:
    """What to say on the telephone, and where to write down what is said."""
    found = _of_trace(visit, code, hold_id)
    with visit.services.db.read() as conn:
        pdf = call_sheet(conn, found, sender_of(visit), visit.actor.name, visit.language)
    return signed_pdf(visit, pdf, "call-sheet.pdf")


@router.get("/trace/{code}/holds/{hold_id}/recommendation.pdf")
def recommendation(visit: VisitOf, code: str, hold_id: str) -> Response:
    """The recommendation to the body that may decide what this desk may not."""
    found = _of_trace(visit, code, hold_id)
    with visit.services.db.read() as conn:
        pdf = recommendation_letter(conn, found, sender_of(visit), visit.language)
    return signed_pdf(visit, pdf, "recommendation.pdf")


@router.get("/trace/{code}/messages/{message_id}/letter.pdf")
def told(visit: VisitOf, code: str, message_id: str) -> Response:
    """What a message says, as a signed letter: for an institution that fetches none."""
    return signed_pdf(visit, _told(visit, code, message_id), "letter.pdf")


@router.get("/trace/{code}/messages/{message_id}/letter.pdf.sig")
def told_signature(visit: VisitOf, code: str, message_id: str) -> Response:
    """The signature that goes with it."""
    return signature_of(visit, _told(visit, code, message_id))


@router.get("/trace/{code}/losses/{loss_id}/confirm.pdf")
def confirmation(visit: VisitOf, code: str, loss_id: str) -> Response:
    """The question to the payer's institution, as a signed letter."""
    record_of(visit, code)
    with visit.services.db.read() as conn:
        message_id = message_of_loss(conn, loss_id)
    return signed_pdf(visit, _told(visit, code, message_id), "confirm.pdf")


def _told(visit: Visit, code: str, message_id: str) -> bytes:
    record = record_of(visit, code)
    require(visit.actor, Permission.ANSWER_ENTER, record.trace.desk_id)
    with visit.services.db.read() as conn:
        kind, _, about = subject_of(conn, message_id).partition(":")
        own = record.holds.keys() if kind == "hold" else {loss.id for loss in record.report.losses}
        if about not in own:
            # Another trace's message does not exist here.
            raise NotFound(InputReason.NO_SUCH_RECORD)
        return message_letter(conn, message_id, sender_of(visit), visit.language)


def _request_of(visit: Visit, key: str) -> tuple[str, str | None]:
    """The hold that a message is about; the message too, where it is the request itself and so its letter's."""
    institution = institution_of(visit)
    with visit.services.db.read() as conn:
        one = waiting_item(conn, institution, key)
    if one.hold is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return one.hold.id, one.letter.id if one.type is EventType.HOLD_REQUESTED else None


def _of_trace(visit: Visit, code: str, hold_id: str) -> str:
    record = record_of(visit, code)
    require(visit.actor, Permission.ANSWER_ENTER, record.trace.desk_id)
    if hold_id not in record.holds:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return hold_id


def _letter(visit: Visit, hold_id: str, message_id: str | None = None) -> bytes:
    with visit.services.db.read() as conn:
        return hold_letter(conn, hold_id, sender_of(visit), visit.language, message_id=message_id)


def sender_of(visit: Visit) -> Sender:
    """Who writes the letters of this instance."""
    settings = visit.services.settings
    return Sender(settings.instance_name, settings.base_url, settings.duty_phone)


def signed_pdf(visit: Visit, pdf: bytes, name: str) -> Response:
    """A letter, with its signature beside it."""
    signed = sign_document(pdf, visit.services.issuer_keys[0].private)
    return Response(
        pdf, media_type="application/pdf",
        headers={
            "content-disposition": f'inline; filename="{name}"', "lachan-document-sha256": signed.sha256,
            "lachan-document-signature": signed.signature, "lachan-document-key": signed.key_id,
        },
    )  # fmt: skip


def signature_of(visit: Visit, pdf: bytes) -> Response:
    """The signature over a letter's bytes."""
    signed = sign_document(pdf, visit.services.issuer_keys[0].private)
    return JSONResponse({"sha256": signed.sha256, "signature": signed.signature, "key_id": signed.key_id})
