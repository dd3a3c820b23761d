"""A hold request on paper: the letter to an institution, and the sheet for telephoning it.

A letter says what its message says, with that message's date and head of the trail: drawn again, it has the same
bytes, so that its signature can be made again too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.access import agency
from lachan.foundation.base import VIETNAM, InputReason, Language, NotFound, translate
from lachan.foundation.protocol import EventType, total
from lachan.foundation.protocol.outbox import Message, envelope_of, message, message_by_id
from lachan.foundation.taxonomy import legal_basis
from lachan.intake.tables import loss
from lachan.response import store
from lachan.response.actions.requests import request_message
from lachan.response.model import Hold
from lachan.response.views.names import Names, names_of


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the instance's name, its public address and the telephone of the desk on duty."""

    name: str
    base_url: str
    phone: str


def hold_letter(conn: Connection, hold_id: str, sender: Sender, language: Language) -> bytes:
    """The request as a signed letter's bytes. NotFound where nothing has been sent."""
    hold = store.hold(conn, hold_id)
    letter_id = message_id_of(conn, hold)
    trace = store.trace(conn, hold.trace_id)
    request, names = request_message(hold, trace.code), names_of(conn)
    decision = request.decision
    return documents.render_hold_request(
        documents.HoldRequestLetter(
            heading=_heading(conn, hold, letter_id, sender, names, language),
            trace_code=trace.code,
            request_id=hold.id,
            revision=hold.revision,
            account=account_of(conn, hold, names, language),
            transfer=_transfer(hold, names),
            amount_vnd=request.amount_vnd,
            step=hold.step,
            legal_basis=(legal_basis(hold.basis, hold.drafted_at).citation(language),),
            decision=documents.Decision(
                decision.issuer, decision.number, decision.signatory, decision.scope,
                decision.term_ends_at.astimezone(VIETNAM).date() if decision.term_ends_at else None,
            ) if decision else None,
            requester=hold.requester_name,
            approver=hold.approver_name or hold.requester_name,
            acknowledge_by=request.ack_by,
            answer_by=request.answer_by,
            expires_at=hold.expires_at,
            review_on=hold.review_at.astimezone(VIETNAM).date() if hold.review_at else None,
            contact_name=desk_name(conn, trace.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def call_sheet(
    conn: Connection, hold_id: str, sender: Sender, officer: str, phones: Sequence[str], language: Language
) -> bytes:
    """What the officer says on the telephone, and where the answer is written down."""
    hold = store.hold(conn, hold_id)
    letter_id = message_id_of(conn, hold)
    trace = store.trace(conn, hold.trace_id)
    names = names_of(conn)
    heading = _heading(conn, hold, letter_id, sender, names, language)
    return documents.render_call_sheet(
        documents.CallSheet(
            heading=heading,
            trace_code=trace.code,
            request_id=hold.id,
            request_number=heading.number,
            account=account_of(conn, hold, names, language),
            transfer=_transfer(hold, names),
            amount_vnd=total(hold.asked),
            step=hold.step,
            legal_basis=(legal_basis(hold.basis, hold.drafted_at).citation(language),),
            requested_at=hold.requested_at or hold.drafted_at,
            phones=tuple(phones),
            officer=officer,
            callback_phone=phone_of(sender, language),
            read_back_code=" ".join((hold.content_hash[:3], hold.content_hash[3:6])).upper(),
        ),
        language,
    )


def _heading(
    conn: Connection, hold: Hold, letter_id: str, sender: Sender, names: Names, language: Language
) -> documents.Heading:
    trace = store.trace(conn, hold.trace_id)
    return heading(
        message_by_id(conn, letter_id), f"{trace.code}/{hold.id[-6:].upper()}-{hold.revision}",
        hold.approver_name or hold.requester_name, names.institution(hold.institution), trace.code, sender,
        language, place=place_of(conn, trace.desk_id),
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
    holder = conn.execute(
        sa.select(loss.c.payee_name).where(loss.c.id == hold.loss_id, loss.c.payee_account == hold.account)
    ).scalar()
    return documents.HeldAccount(
        names.institution(hold.institution), hold.account.rpartition(":")[2],
        holder or translate("web.letter.holder_unknown", language),
    )  # fmt: skip


def _transfer(hold: Hold, names: Names) -> documents.DisputedTransfer:
    return documents.DisputedTransfer(
        hold.reference, hold.booked_at, hold.transfer_vnd, names.institution(hold.payer_institution)
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
