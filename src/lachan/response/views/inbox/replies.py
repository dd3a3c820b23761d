"""Messages that are no hold requests: a transfer to confirm, a release, a notice to serve, something to know."""

from collections.abc import Mapping
from datetime import datetime

from lachan.foundation.access import Permission, may
from lachan.foundation.base import VIETNAM, Actor, LachanError, Language, format_vnd
from lachan.foundation.protocol import (
    Answer,
    ConfirmationOutcome,
    ConfirmationRequest,
    EventData,
    EventType,
    HoldConversion,
    HoldExtension,
    HoldRelease,
    NoticeToServe,
    PayerAlert,
    PayRefusal,
    RefundDone,
    Reply,
    RequestCancellation,
    total,
)
from lachan.foundation.taxonomy import legal_basis, suspicion_reason
from lachan.response.shapes import Action, Choice, Field, FormField, Message, PreparedNote, ReplyForm
from lachan.response.views.inbox.items import Waiting, due_of, state_of
from lachan.response.views.names import Names, words

Facts = tuple[tuple[Message, Message], ...]
# Two people of the institution stand behind these: a word about a customer's transfer, money paid out.
SECOND_PERSON = frozenset({"transfer_confirm", "refund_requested", "refund_taken_back"})
NOTICE_CHANNELS = ("counter", "app", "post", "telephone")


def reply_form(
    one: Waiting,
    typed: Mapping[str, str],
    errors: Mapping[str, LachanError],
    *,
    names: Names,
    language: Language,
    now: datetime,
    prepared: PreparedNote | None,
    checker: Message | None,
    read_only: bool,
) -> ReplyForm:
    """The message and the form that answers it."""
    word, due = due_of(one)
    kind = one.kind
    data = one.envelope.data
    return ReplyForm(
        key=one.letter.id,
        code=one.code,
        status=Message("web.say.request_acknowledged" if one.letter.acknowledged_at
                       else "web.say.request_unacknowledged"),
        status_state=state_of(one, now),
        title=Message(f"web.inbox_item.title_{kind}", {
            "amount": format_vnd(one.amount_vnd or 0), "account": one.account.rpartition(":")[2],
        }),
        origin=Message(f"web.inbox_item.about_{kind}"),
        due_word=Message(f"web.inbox_item.by_{word}"),
        due=due,
        facts=_facts(one, names, language),
        text=_text(data),
        fields=_fields(one, typed, errors, now),
        submit=None if one.is_read_only else Message(f"web.inbox_item.do_{kind}"),
        acknowledged=one.letter.acknowledged_at is not None,
        closes=one.is_read_only,
        checker=checker if kind in SECOND_PERSON else None,
        read_only=read_only,
        problem=_error(errors, "answer"),
        prepared=prepared,
    )  # fmt: skip


def _text(data: EventData) -> str | None:
    if isinstance(data, PayerAlert):
        return data.advice
    return data.text if isinstance(data, NoticeToServe) else None


def _account(key: str, names: Names) -> str:
    """Whole: the customer's bank must know which account it is."""
    _, institution, number = key.split(":", 2)
    return f"{names.institution(institution)} {number}"


def _reasons(data: PayerAlert, on: datetime, language: Language) -> str:
    return "; ".join(suspicion_reason(code, on).label(language) for code in data.reasons)


def prepared_note(one: Waiting, actor: Actor, institution_id: str, names: Names) -> PreparedNote | None:
    """The draft as this person sees it: to confirm, to take back, or only to know of."""
    draft = one.prepared
    if draft is None:
        return None
    what = Message("web.inbox_item.prepared_by", {"name": draft.prepared_by_name})
    if draft.returned_at is not None:
        reason = Message("web.inbox_item.returned",
                         {"name": draft.returned_by_name or "", "reason": draft.reason or "–"})  # fmt: skip
        return PreparedNote(what, draft.prepared_at, returned=reason)
    base, lines = f"/inbox/{one.letter.id}", _lines(draft.reply, names)
    if draft.prepared_by == actor.reference:
        return PreparedNote(
            what, draft.prepared_at,
            take_back=Action(Message("web.inbox_item.take_back"), f"{base}/return", post=True, icon="back"),
            why_not=Message("web.inbox_item.waits_for_second"), lines=lines,
        )  # fmt: skip
    if not may(actor, Permission.INBOX_CONFIRM_ANSWER, institution_id):
        waits = Message("web.inbox_item.waits_for_second")
        return PreparedNote(what, draft.prepared_at, why_not=waits, lines=lines)
    return PreparedNote(
        what, draft.prepared_at,
        confirm=Action(Message("web.inbox_item.confirm_and_send"), f"{base}/confirm", post=True, icon="shield",
                       primary=True, fields={"prepared": draft.reply.message_id}),
        send_back=f"{base}/return", lines=lines,
    )  # fmt: skip


def _lines(reply: Reply, names: Names) -> Facts:
    """An answer about money as it will be sent; other replies are told by their own fields."""
    if isinstance(reply, RefundDone):
        return tuple(
            (words(line.number), Message(f"pay_refusal.{line.refusal.value}") if line.refusal
             else Message("web.refunds.line_paid"))
            for line in reply.lines
        )  # fmt: skip
    if not isinstance(reply, Answer):
        return ()
    lines = [(Message("web.part.held"), words(format_vnd(reply.held_vnd)))]
    for part in reply.parts:
        said = [format_vnd(part.amount_vnd), part.reference or ""]
        if part.payee is not None:
            said.append(f"{names.institution(part.payee.institution)} {part.payee.account.rpartition(':')[2]}")
        lines.append((Message(f"web.part.{part.kind.value}"), words(" · ".join(filter(None, said)))))
    if reply.refusal is not None:
        lines.append((Message("web.inbox.refusal"), Message(f"refusal.{reply.refusal.value}")))
    lines.append((Message("web.act.available_vnd"), words(format_vnd(reply.available_vnd))))
    return tuple(lines)


def _facts(one: Waiting, names: Names, language: Language) -> Facts:
    data = one.envelope.data
    facts: list[tuple[str, Message]] = []
    if isinstance(data, ConfirmationRequest):
        transfer = data.transfer
        facts += [
            ("reference", words(transfer.reference)),
            ("amount", words(format_vnd(transfer.amount_vnd))),
            ("booked_at", _when(transfer.booked_at)),
            ("payer", words((data.payer_account or "–").rpartition(":")[2])),
            ("payee", words(f"{names.institution(data.payee_institution)} "
                            f"{(data.payee_account or '').rpartition(':')[2]}".strip())),
        ]  # fmt: skip
    elif isinstance(data, PayerAlert):
        facts += [
            ("payer", words((data.payer_account or "–").rpartition(":")[2])),
            ("reference", words(data.reference or "–")),
            ("amount", words(format_vnd(data.amount_vnd))),
            ("booked_at", _when(data.booked_at)),
            ("payee", words(_account(data.payee_account, names))),
            ("listed", Message(f"registry.verdict_{data.verdict.value}")),
            ("why", words(_reasons(data, one.letter.created_at, language))),
        ]
    elif (pay_out := one.pay_out) is not None:
        paper = pay_out.document
        facts += [
            ("account", words(pay_out.account.rpartition(":")[2])),
            ("amount", words(format_vnd(pay_out.amount_vnd))),
            ("refund_basis", Message(f"refund_basis.{pay_out.basis.value}")),
            ("refund_document", words(f"{paper.number} · {paper.issuer} · {paper.signatory}")),
            *(
                (
                    "pay_line",
                    words(f"{line.number} · {_account(line.account, names)} · {format_vnd(line.amount_vnd)}"),
                )
                for line in pay_out.lines
            ),
        ]
    elif one.hold is not None:
        facts += [
            ("account", words(one.hold.account.rpartition(":")[2])),
            ("reference", words(one.hold.reference)),
            ("held", words(format_vnd(total(one.hold.held)))),
        ]
    if isinstance(data, HoldRelease):
        facts.append(("why", Message(f"web.release_reason.{data.reason.value}")))
    elif isinstance(data, RequestCancellation):
        facts.append(("why", Message(f"web.cancel_reason.{data.reason.value}")))
    elif isinstance(data, HoldExtension | HoldConversion):
        facts.append(("basis", words(legal_basis(data.legal_basis.code, one.letter.created_at).citation(language))))
        if data.expires_at is not None:
            facts.append(("until", _when(data.expires_at)))
    elif isinstance(data, NoticeToServe):
        facts.append(("notice", words(data.notice_code)))
        facts.append(("appeal_url", words(data.appeal_url)))
    return tuple((Message(f"web.inbox_fact.{name}"), value) for name, value in facts)


def _fields(
    one: Waiting, typed: Mapping[str, str], errors: Mapping[str, LachanError], now: datetime
) -> tuple[FormField, ...]:
    def made(
        name: str, kind: str, otherwise: str = "", *, choices: tuple[Choice, ...] = (), required: bool = True,
        hint: Message | None = None,
    ) -> FormField:  # fmt: skip
        value = Field(typed.get(name, otherwise), _error(errors, name))
        return FormField(name, kind, Message(f"web.inbox_field.{name}"), value, choices, required, hint)

    if one.type is EventType.TRANSFER_CONFIRM:
        outcomes = tuple(Choice(o.value, Message(f"web.outcome.{o.value}")) for o in ConfirmationOutcome)
        return (
            made("outcome", "select", choices=outcomes),
            made("amount_vnd", "money", required=False, hint=Message("web.inbox_field.amount_hint")),
            made("note", "text", required=False),
        )
    if one.type is EventType.HOLD_RELEASED and one.hold is not None:
        return (
            made("held_vnd", "money", format_vnd(total(one.hold.held)),
                 hint=Message("web.inbox_field.held_hint")),
            made("released_at", "moment", form_moment(now)),
        )  # fmt: skip
    if one.type is EventType.NOTICE_SERVE:
        channels = tuple(Choice(c, Message(f"web.notice_channel.{c}")) for c in NOTICE_CHANNELS)
        return (made("channel", "select", choices=channels), made("served_at", "moment", form_moment(now)))
    if one.pay_out is not None:
        # Of a list that was taken back it is likelier that nothing was paid; a second person sees line by line.
        lines = one.pay_out.lines if one.kind == "refund_taken_back" else ()
        numbers = ", ".join(line.number for line in lines)
        whys = tuple(Choice(r.value, Message(f"pay_refusal.{r.value}")) for r in PayRefusal)
        return (
            made("paid_at", "moment", form_moment(now)),
            made("unpaid", "text", numbers, required=False, hint=Message("web.inbox_field.unpaid_hint")),
            made("pay_refusal", "select", PayRefusal.WITHDRAWN if lines else "", choices=whys, required=False),
        )
    return ()


def form_moment(at: datetime) -> str:
    """An instant as a browser's date-and-time field writes it, in Vietnamese time."""
    return at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


def _when(at: datetime) -> Message:
    return Message("web.inbox_item.when", {"at": at, "day": at.astimezone(VIETNAM).date()})


def _error(errors: Mapping[str, LachanError], name: str) -> Message | None:
    error = errors.get(name)
    return Message(f"reason.{error.reason.value}", error.params) if error else None
