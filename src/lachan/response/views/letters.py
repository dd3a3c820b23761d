"""A hold request on paper: the letter to an institution, and the sheet for telephoning it.

A letter says what its message says, with that message's date and head of the trail: drawn again, it has the same
bytes, so that its signature can be made again too.
"""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.access import agency, agency_by_code
from lachan.foundation.base import VIETNAM, InputReason, Language, NotFound, translate
from lachan.foundation.protocol import EventType, HoldRequest, LegalBasis
from lachan.foundation.protocol.outbox import Message, envelope_of, message, message_by_id
from lachan.foundation.taxonomy import legal_basis
from lachan.intake.tables import loss
from lachan.response import store
from lachan.response.model import Hold
from lachan.response.views.names import Names, names_of


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the instance's name, its public address and the telephone of the desk on duty."""

    name: str
    base_url: str
    phone: str


def hold_letter(
    conn: Connection, hold_id: str, sender: Sender, language: Language, *, message_id: str | None = None
) -> bytes:
    """The request as a signed letter's bytes: the newest one for this hold, or that of `message_id`.

    Drawn from the message alone, so that a letter stays what it was when a later revision is sent. NotFound where
    nothing has been sent.
    """
    hold = store.hold(conn, hold_id)
    letter = message_by_id(conn, message_id or message_id_of(conn, hold))
    request, names = request_of(letter), names_of(conn)
    trace, decision = store.trace(conn, hold.trace_id), request.decision
    return documents.render_hold_request(
        documents.HoldRequestLetter(
            heading=_heading(conn, letter, request, trace.desk_id, sender, names, language),
            trace_code=request.trace_code,
            request_id=request.id,
            revision=request.revision,
            account=_account(conn, request, names, language),
            transfer=_transfer(request, names),
            amount_vnd=request.amount_vnd,
            step=request.step,
            legal_basis=(citation(request.legal_basis, letter.created_at, language),),
            decision=documents.Decision(
                decision.issuer, decision.number, decision.signatory, decision.scope,
                decision.term_ends_at.astimezone(VIETNAM).date() if decision.term_ends_at else None,
            ) if decision else None,
            requester=request.requester.name,
            approver=request.approver.name,
            acknowledge_by=request.ack_by,
            answer_by=request.answer_by,
            expires_at=request.expires_at,
            review_on=request.review_at.astimezone(VIETNAM).date() if request.review_at else None,
            contact_name=desk_name(conn, trace.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def call_sheet(conn: Connection, hold_id: str, sender: Sender, officer: str, language: Language) -> bytes:
    """What the officer says on the telephone, and where the answer is written down."""
    hold = store.hold(conn, hold_id)
    letter = message_by_id(conn, message_id_of(conn, hold))
    request, names = request_of(letter), names_of(conn)
    bank = agency_by_code(conn, request.institution)
    above = _heading(conn, letter, request, store.trace(conn, hold.trace_id).desk_id, sender, names, language)
    return documents.render_call_sheet(
        documents.CallSheet(
            heading=above,
            trace_code=request.trace_code,
            request_id=request.id,
            request_number=above.number,
            account=_account(conn, request, names, language),
            transfer=_transfer(request, names),
            amount_vnd=request.amount_vnd,
            step=request.step,
            legal_basis=(citation(request.legal_basis, letter.created_at, language),),
            requested_at=hold.requested_at or hold.drafted_at,
            phones=(bank.phone,) if bank is not None and bank.phone else (),
            officer=officer,
            callback_phone=phone_of(sender, language),
            read_back_code=" ".join((hold.content_hash[:3], hold.content_hash[3:6])).upper(),
        ),
        language,
    )


def request_of(letter: Message) -> HoldRequest:
    """The request that a message carries; NotFound where it carries something else."""
    data = envelope_of(letter).data
    if not isinstance(data, HoldRequest):
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return data


def citation(basis: LegalBasis, at: datetime, language: Language) -> str:
    """A basis as its message cites it; in another language than the message's, as the taxonomy had it that day."""
    return basis.title if language is Language.VI else legal_basis(basis.code, at).citation(language)


def _heading(
    conn: Connection,
    letter: Message,
    request: HoldRequest,
    desk_id: str | None,
    sender: Sender,
    names: Names,
    language: Language,
) -> documents.Heading:
    return heading(
        letter, f"{request.trace_code}/{request.id[-6:].upper()}-{request.revision}", request.approver.name,
        names.institution(request.institution), request.trace_code, sender, language, place=place_of(conn, desk_id),
    )  # fmt: skip


def heading(
    letter: Message,
    number: str,
    signatory: str,
    to: str,
    trace_code: str,
    sender: Sender,
    language: Language,
    *,
    place: str,
    issued_at: datetime | None = None,
) -> documents.Heading:
    """What stands above and below a letter, and the message by which it can be checked."""
    head = envelope_of(letter).trail_head
    return documents.Heading(
        issuer=documents.Issuer(sender.name, "", place),
        number=number,
        issued_on=_local(issued_at or letter.created_at),
        urgency=documents.Urgency.IMMEDIATE,
        signatory=documents.Signatory(
            signatory, translate("web.letter.approver", language), documents.Capacity.OWN, ""
        ),
        recipients=(to,),
        verification=documents.Verification(
            letter.id, head.sequence if head else 0, head.hash if head else "0" * 64, _link(sender, trace_code)
        ),
    )


def message_id_of(conn: Connection, hold: Hold) -> str:
    """The newest message that asked for this hold."""
    found = conn.execute(
        sa.select(message.c.id)
        .where(message.c.subject == f"hold:{hold.id}", message.c.type == EventType.HOLD_REQUESTED.value)
        .order_by(message.c.ordinal.desc())
        .limit(1)
    ).scalar()
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return str(found)


def _link(sender: Sender, code: str) -> str:
    # Paper goes to strangers: what it prints is always the protected address.
    parts = urlsplit(sender.base_url)
    return f"https://{parts.netloc}/status?code={code}"


def account_of(conn: Connection, hold: Hold, names: Names, language: Language) -> documents.HeldAccount:
    """The account in question, as the institution knows it."""
    return _held_account(conn, hold.institution, hold.account, hold.loss_id, names, language)


def _account(conn: Connection, request: HoldRequest, names: Names, language: Language) -> documents.HeldAccount:
    return _held_account(conn, request.institution, request.account, request.loss, names, language)


def _held_account(
    conn: Connection, institution: str | None, account: str, loss_id: str, names: Names, language: Language
) -> documents.HeldAccount:
    holder = conn.execute(
        sa.select(loss.c.payee_name).where(loss.c.id == loss_id, loss.c.payee_account == account)
    ).scalar()
    return documents.HeldAccount(
        names.institution(institution), account.rpartition(":")[2],
        holder or translate("web.letter.holder_unknown", language),
    )  # fmt: skip


def _transfer(request: HoldRequest, names: Names) -> documents.DisputedTransfer:
    asked = request.transfer
    return documents.DisputedTransfer(
        asked.reference, asked.booked_at, asked.amount_vnd, names.institution(asked.payer_institution)
    )


def place_of(conn: Connection, desk_id: str | None) -> str:
    """The seat of the desk, else of the nearest body above it that has one."""
    seen: set[str] = set()
    while desk_id and desk_id not in seen:
        seen.add(desk_id)
        found = agency(conn, desk_id)
        if found.place:
            return found.place
        desk_id = found.parent_id
    return ""


def desk_name(conn: Connection, desk_id: str | None, sender: Sender) -> str:
    """Who writes, by name."""
    return agency(conn, desk_id).name if desk_id else sender.name


def phone_of(sender: Sender, language: Language) -> str:
    """The desk's telephone."""
    return sender.phone or translate("web.letter.phone_unknown", language)


def _local(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()
