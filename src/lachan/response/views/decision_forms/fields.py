"""The fields of each decision: what must be stated, and what may be chosen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from lachan.foundation.base import VIETNAM, format_vnd
from lachan.foundation.protocol import ConfirmationOutcome, PartKind, Refusal, total
from lachan.foundation.taxonomy import agency_kind, hold_limit_at, legal_basis, vietnam_date
from lachan.intake import Loss
from lachan.response.model import Hold, Verdict
from lachan.response.shapes import Choice, Field, FormField, Message
from lachan.response.views.decision_forms.offers import Offer, offer_of, unconfirmed
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import tail, words

Typed = Mapping[str, str]
PARTS_MAX = 3
# An authority's paper: what is written on it.
PAPER = (("issuer", "text"), ("number", "text"), ("signatory", "text"), ("scope", "area"))


def fields_of(record: Record, name: str, among: list[Hold]) -> tuple[FormField, ...]:
    """What a decision asks. `among` are the holds that it may be about, all of which accept the same."""
    if (fields := _OF_TRACE.get(name)) is not None:
        return fields(record)
    offer = offer_of(record, name, among[0]) or Offer()
    return _OF_HOLD[name](record, among, offer)


def hold_facts(record: Record, hold: Hold) -> tuple[tuple[Message, Message], ...]:
    """Which hold it is: account, amounts, transfer."""
    view = record.names.identifier(hold.account, hold.institution, full=record.full)
    answered = hold.answered_at is not None
    return (
        (Message("web.holds.account"), words(f"{view.institution} {view.shown}")),
        (Message("web.holds.requested"), words(format_vnd(total(hold.asked)))),
        (
            Message("web.holds.held"),
            words(format_vnd(total(hold.held))) if answered else Message("web.holds.waiting"),
        ),
        (Message("web.act.reference"), words(hold.reference)),
    )


def filled(one: FormField, typed: Typed, wrong: Mapping[str, Message]) -> FormField:
    """A field as it was typed, with what is wrong with it."""
    value = typed.get(one.name, one.value.value)
    return replace(one, value=Field(value, wrong.get(one.name)))


def _field(name: str, kind: str, *, value: str = "", required: bool = True, hint: Message | None = None,
           choices: Iterable[Choice] = ()) -> FormField:  # fmt: skip
    return FormField(name, kind, Message(f"web.act.{name}"), Field(value), tuple(choices), required, hint)


def which_hold(record: Record, among: list[Hold]) -> tuple[FormField, ...]:
    """Which of several holds it is about."""
    return (_field("hold", "select", choices=[Choice(one.id, whose(record, one)) for one in among]),)


def whose(record: Record, hold: Hold) -> Message:
    """A hold in one line: where it is, its step, and what is held there or was asked for."""
    said = {
        "institution": record.names.institution(hold.institution),
        "tail": tail(hold.account),
        "step": hold.step,
    }
    if hold.held:
        return Message("web.act.hold_choice", {**said, "held_vnd": total(hold.held)})
    return Message("web.act.hold_asked_choice", {**said, "asked_vnd": total(hold.asked)})


def _bases(record: Record, offer: Offer) -> tuple[Choice, ...]:
    return tuple(Choice(code, text=legal_basis(code, record.now).label(record.language)) for code in offer.bases)


def _steps(offer: Offer) -> list[Choice]:
    return [Choice(str(step), Message(f"web.step.{step}")) for step in offer.steps]


def _kinds(record: Record, offer: Offer) -> list[Choice]:
    return [Choice(kind, text=agency_kind(kind, record.now).label(record.language)) for kind in offer.kinds]


def _extend(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    hint, value, basis = None, "", ""
    if len(among) == 1:
        hold = among[0]
        basis = hold.basis if hold.basis in offer.bases else offer.bases[0]
        limit = hold_limit_at(hold.step, basis, hold.placed_at or record.now)
        if limit is not None:
            hint = Message("web.act.until_limit", {"at": limit, "day": vietnam_date(limit)})
            value = local_text(limit)
    return (
        _field("basis", "select", value=basis, choices=_bases(record, offer)),
        _field("until", "moment", value=value, hint=hint),
        *(_field(name, kind, required=False, hint=Message("web.act.paper_hint")) for name, kind in PAPER),
    )


def _convert(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    """What an authority has decided: only the steps that this desk may ask for, and only issuers who may decide."""
    return (
        _field("step", "select", choices=_steps(offer)),
        _field("basis", "select", choices=_bases(record, offer)),
        _field("issuer_kind", "select", choices=_kinds(record, offer)),
        *(_field(name, kind) for name, kind in PAPER),
        _field("term_ends_at", "moment", required=False, hint=Message("web.act.term_hint")),
        _field("review_at", "moment", required=False, hint=Message("web.act.review_hint")),
    )


def _raise(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    """The same, but with a term: nothing else would end such a hold."""
    asked = (one for one in _convert(record, among, offer) if one.name != "review_at")
    hint = Message("web.act.term_needed")
    return tuple(replace(one, required=True, hint=hint) if one.name == "term_ends_at" else one for one in asked)


def _recommend(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    return (
        _field("step", "select", choices=_steps(offer)), _field("to", "select", choices=_kinds(record, offer))
    )  # fmt: skip


def _release(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    reasons = [Choice(one, Message(f"web.act.reason_{one}")) for one in offer.reasons]
    return (
        _field("amount_vnd", "money", required=False, hint=Message("web.act.amount_hint")),
        _field("reason", "select", choices=reasons),
    )


def _cancel(record: Record) -> tuple[FormField, ...]:
    return (_field("why", "area"),)


def _answer(record: Record, among: list[Hold], offer: Offer) -> tuple[FormField, ...]:
    kinds = tuple(
        Choice(kind.value, Message(f"web.act.part_{kind.value}"))
        for kind in PartKind
        if kind is not PartKind.UNEXPLAINED
    )
    refusals = tuple(Choice(one.value, Message(f"web.say.refusal_{one.value}")) for one in Refusal)
    fields = [
        _field("decided_by", "text"), _field("held_vnd", "money", hint=Message("web.act.held_hint")),
        _field("available_vnd", "money", required=False),
        _field("placed_at", "moment", value=local_text(record.now), required=False),
        _field("refusal", "select", choices=refusals, required=False),
    ]  # fmt: skip
    for number in range(PARTS_MAX):
        for name, kind in (("kind", "select"), ("amount", "money"), ("reference", "text"), ("payee", "text")):
            label = Message(f"web.act.part_{name}")
            choices = kinds if name == "kind" else ()
            hint = Message("web.act.part_payee_hint") if name == "payee" else None
            opens = Message("web.act.part_row", {"number": number + 1}) if name == "kind" else None
            fields.append(
                FormField(
                    f"part_{number}_{name}", kind, label, Field(), choices, False, hint, opens, name == "payee"
                )
            )
    return tuple(fields)


def _confirm(record: Record) -> tuple[FormField, ...]:
    """What the payer's institution said of a disputed transfer on the telephone."""
    outcomes = [Choice(one.value, Message(f"web.outcome.{one.value}")) for one in ConfirmationOutcome]
    waiting = unconfirmed(record, payer_known=True)
    return (
        _field("loss", "select", choices=_losses(record, waiting)),
        _field("outcome", "select", choices=outcomes),
        _field("confirmed_vnd", "money", required=False, hint=Message("web.act.confirmed_hint")),
        _field("real_reference", "text", required=False),
        _field("decided_by", "text"),
    )


def _payer(record: Record) -> tuple[FormField, ...]:
    waiting = unconfirmed(record, payer_known=False)
    return (_field("loss", "select", choices=_losses(record, waiting)), _field("payer_bank", "text"))


def _losses(record: Record, losses: Iterable[Loss]) -> tuple[Choice, ...]:
    def told(loss: Loss) -> str:
        payer = record.names.institution(loss.payer_institution)
        return f"{payer} · {format_vnd(loss.amount_vnd)} · {loss.booked_at.astimezone(VIETNAM):%H:%M %d/%m}"

    return tuple(Choice(loss.id, text=told(loss)) for loss in losses)


def _appeal(record: Record) -> tuple[FormField, ...]:
    choices = [
        Choice(one.id, text=f"{one.code} · {record.names.institution(record.holds[one.hold_id].institution)}")
        for one in record.appeals
    ]
    return (
        _field("appeal", "select", choices=choices),
        _field("release_vnd", "money", value="0", hint=Message("web.act.release_vnd_hint")),
        _field("reasons", "area"),
    )


def _analyse(record: Record) -> tuple[FormField, ...]:
    """A verdict on each hop, as the answers have it unless the officer says otherwise."""
    verdicts = tuple(Choice(one.value, Message(f"web.act.verdict_{one.value}")) for one in Verdict)
    fields = []
    for hop in record.hops:
        if hop.spans:
            said = {
                "depth": hop.depth, "institution": record.names.institution(hop.institution),
                "tail": tail(hop.account), "amount_vnd": total(hop.spans),
            }  # fmt: skip
            label = Message("web.act.hop_verdict", said)
            fields.append(FormField(f"hop_{hop.id}", "select", label, Field(Verdict.AGREED.value), verdicts))
    return (*fields, _field("conclusion", "area"))


def local_text(at: datetime) -> str:
    """An instant as a browser's date-and-time field holds it, Vietnamese time."""
    return at.astimezone(VIETNAM).replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")


_OF_HOLD: Mapping[str, Callable[[Record, list[Hold], Offer], tuple[FormField, ...]]] = {
    "extend": _extend,
    "convert": _convert,
    "raise": _raise,
    "recommend": _recommend,
    "release": _release,
    "answer": _answer,
}
_OF_TRACE: Mapping[str, Callable[[Record], tuple[FormField, ...]]] = {
    "cancel": _cancel,
    "confirm": _confirm,
    "payer": _payer,
    "appeal": _appeal,
    "analyse": _analyse,
}
