"""The victim still paying, by telephone: whom to call, what to ask, and the alert as a signed letter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.access import agency_by_code
from lachan.foundation.base import InputReason, Language, NotFound, format_vnd, translate
from lachan.foundation.protocol import PayerAlert
from lachan.foundation.protocol.outbox import Message as Alert
from lachan.foundation.protocol.outbox import envelope_of, message_by_id
from lachan.foundation.taxonomy import legal_basis, suspicion_reason, vietnam_date
from lachan.response import tables
from lachan.response.rules.tasks import CALL_PAYER_BANK
from lachan.response.shapes import Action, DecisionPage, Field, FormField, Message
from lachan.response.views.letters import Sender, heading, phone_of, place_of
from lachan.response.views.names import Names, names_of, words

# Nothing is held and no case is cited: an alert goes out under the instance's own rules.
ALERT_BASIS = "lachan-rules"
ASKS = ("customer", "more", "report", "acknowledge")


@dataclass(frozen=True, slots=True)
class Call:
    """A task to telephone the institution of somebody who paid a suspected account."""

    task: Any
    alert: Alert
    data: PayerAlert

    @property
    def desk_id(self) -> str | None:
        """The desk whose task it is."""
        desk_id: str | None = self.task.desk_id
        return desk_id


def call_by_id(conn: Connection, task_id: str) -> Call:
    """The call; NotFound where there is none, or its alert has had its time."""
    task = tables.task
    row = conn.execute(sa.select(task).where(task.c.id == task_id, task.c.kind == CALL_PAYER_BANK)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    alert = message_by_id(conn, row.key.partition(":")[2])
    data = envelope_of(alert).data
    if not isinstance(data, PayerAlert):
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return Call(row, alert, data)


def call_page(
    conn: Connection, call: Call, language: Language, *, typed: Mapping[str, str], wrong: Mapping[str, Message]
) -> DecisionPage:
    """What is to be done; accounts are masked, and stand whole in the letter. Once done, how it was done."""
    names = names_of(conn)
    base = f"/desk/calls/{call.task.id}"
    who = names.institution(call.alert.institution)
    is_open = call.task.state == "open"
    note = FormField("note", "area", Message("web.call.note"), Field(typed.get("note", ""), wrong.get("note")))
    return DecisionPage(
        code=translate("web.call.list", language),
        title=Message(f"web.act.{CALL_PAYER_BANK}", {"institution": who}),
        effect=Message("web.call.effect" if is_open else "web.call.done_effect"),
        facts=(*_facts(conn, call, names, language), *(() if is_open else _done(call.task))),
        fields=(note,) if is_open else (),
        action=base,
        submit=Message("web.say.next_task_do"),
        back_href="/desk/reports",
        others=(Action(Message("web.act.letter_open"), f"{base}/letter.pdf", icon="note"),),
    )


def payer_letter(conn: Connection, call: Call, sender: Sender, language: Language) -> bytes:
    """The alert as a letter, drawn from the message alone: its bytes stay what they were."""
    alert, data, names = call.alert, call.data, names_of(conn)
    number = f"CB/{alert.id[-6:].upper()}"
    to = names.institution(alert.institution)
    above = heading(
        alert, number, sender.name, to, "", sender, language, place=place_of(conn, call.desk_id)
    )  # fmt: skip
    # No page is about one alert: whoever got the letter can ask about the account itself.
    check = f"https://{urlsplit(sender.base_url).netloc}/check"
    above = replace(above, verification=replace(above.verification, url=check))
    accounts = (("payer_account", data.payer_account), ("payee_account", data.payee_account))
    return documents.render_short(
        documents.ShortLetter(
            heading=above,
            kind=documents.LetterKind.PAYER_ALERT,
            to=to,
            trace_code=number,
            legal_basis=(legal_basis(ALERT_BASIS, alert.created_at).citation(language),),
            decision=None,
            facts=(
                *(((("transfer", data.reference),)) if data.reference else ()),
                ("booked_at", data.booked_at), ("transfer_amount", data.amount_vnd),
                *((name, _whole(key, names)) for name, key in accounts if key),
                ("listed", translate(f"registry.verdict_{data.verdict.value}", language)),
                ("reason", _reasons(data, alert.created_at, language)),
            ),
            contact_name=sender.name,
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _facts(conn: Connection, call: Call, names: Names, language: Language) -> tuple[tuple[Message, Message], ...]:
    data, bank = call.data, agency_by_code(conn, call.alert.institution)
    phone = words(bank.phone) if bank is not None and bank.phone else Message("web.call.phone_unknown")
    payer = names.identifier(data.payer_account) if data.payer_account else None
    payee = names.identifier(data.payee_account)
    found = [
        ("phone", phone),
        ("payee", words(f"{payee.institution} {payee.masked}")),
        ("listed", Message(f"registry.verdict_{data.verdict.value}")),
        ("why", words(_reasons(data, call.alert.created_at, language))),
        ("payer", words(payer.masked if payer else "–")),
        ("reference", words(data.reference or "–")),
        ("amount", words(format_vnd(data.amount_vnd))),
        ("booked_at", _at(data.booked_at)),
    ]
    return tuple((Message(f"web.call.{name}"), value) for name, value in found)


def _done(task: Any) -> tuple[tuple[Message, Message], ...]:
    """When it was done, and what was noted; an institution that took the alert after all is said in words."""
    by_itself = task.note == "payer.alert_taken"
    return (
        (Message("web.call.done_at"), _at(task.done_at)),
        (Message("web.call.noted"), Message("web.call.taken") if by_itself else words(task.note or "–")),
    )


def _whole(key: str, names: Names) -> str:
    institution, _, number = key.partition(":")[2].rpartition(":")
    return f"{names.institution(institution)} {number}"


def _reasons(data: PayerAlert, on: datetime, language: Language) -> str:
    return "; ".join(suspicion_reason(code, on).label(language) for code in data.reasons) or "–"


def _at(at: datetime) -> Message:
    return Message("web.course.at", {"at": at, "day": vietnam_date(at)})
