"""From what was typed to a `ReportDraft`, with every error at its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lachan.doors.web.report_form.amounts import parse_amount
from lachan.doors.web.report_form.fields import TypedReport, TypedTransfer
from lachan.doors.web.report_form.moments import parse_moment
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError, Language, Reason, format_vnd
from lachan.foundation.identifiers import Kind, identify, normalise
from lachan.foundation.protocol import Rail, Situation
from lachan.intake import ContactVector, IntakeReason, LossDraft, ReportDraft, check_report, same_transfer
from lachan.response.shapes import Message
from lachan.response.views.banks import Banks

STEPS = (1, 2, 3)
NAME_MAX = 200
REFERENCE_MAX = 80
CONTACTS_MAX = 30
_PHONE_EXAMPLE = "0912 345 678"
_ACCOUNT_EXAMPLE = "0123456789"
# Fields of `check_report` that the form calls otherwise.
_NAMES = {"victim_name": "name", "victim_phone": "phone", "amount_vnd": "amount", "text": "story"}
_KINDS: Mapping[Kind, str] = {
    Kind.PHONE: "phone", Kind.URL: "url", Kind.DOMAIN: "url", Kind.SOCIAL: "social", Kind.APP: "app",
    Kind.EMAIL: "email", Kind.SENDER: "sender",
}  # fmt: skip

Errors = dict[str, Message]
"""What is wrong, by the form field's name; `""` for what concerns no single field."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The draft, or the errors that stand in its way."""

    draft: ReportDraft | None
    errors: Errors = field(default_factory=dict)


def parse_report(
    typed: TypedReport, banks: Banks, now: datetime, language: Language, *, consent: bool = True
) -> Parsed:
    """The whole form; an officer on the telephone asks for no tick (`consent` False).

    Never raises: whatever was typed gives a draft, or says which field is wrong.
    """
    errors: Errors = {}
    losses = _losses(typed.transfers, banks, now, errors)
    draft = ReportDraft(
        situation=_situation(typed, errors),
        victim_name=typed.name,
        losses=losses,
        victim_phone=_phone(typed.phone, errors),
        story=typed.story or None,
        contacts=_contacts(typed.contacts, errors),
        consent=typed.consent == "yes",
        place=typed.place or None,
        language=language.value,
    )
    _texts(typed, errors)
    if consent and not draft.consent:
        errors["consent"] = _sentence(IntakeReason.CONSENT_MISSING)
    _no_self_transfer(draft, errors)
    if not errors:
        try:
            check_report(draft, now)
        except BadInput as error:
            errors.update(errors_of(error))
    return Parsed(None if errors else draft, errors)


def errors_of_step(typed: TypedReport, banks: Banks, now: datetime, step: int) -> Errors:
    """The errors of one step's fields: what stands in the way of the next."""
    found = parse_report(typed, banks, now, Language.VI, consent=False).errors
    return {name: what for name, what in found.items() if step_of(name) == step}


def settled(typed: TypedReport, now: datetime) -> TypedReport:
    """The same with what was understood written out: `50 triệu` → `50.000.000`, `9h33` → its date and time."""
    return replace(typed, transfers=tuple(_settled(row, now) for row in typed.transfers))


def _settled(row: TypedTransfer, now: datetime) -> TypedTransfer:
    try:
        row = replace(row, amount=format_vnd(parse_amount(row.amount)).removesuffix("\u00a0₫"))
        moment = parse_moment(row.booked_at, now).astimezone(VIETNAM)
    except BadInput:
        return row
    return replace(row, booked_at=moment.strftime("%Y-%m-%dT%H:%M:%S"))


def step_of(name: str) -> int:
    """On which step a field stands."""
    if name in {"story", "situation"}:
        return 1
    return 3 if name in {"name", "phone", "place", "contacts", "consent"} else 2


def errors_of(error: LachanError) -> Errors:
    """A refusal of the intake, at the field that the form has for it."""
    place = error.field or ""
    head, _, rest = place.partition(".")
    if head != "losses" or not rest:
        name = _NAMES.get(head, head)
    else:
        row, _, inner = rest.partition(".")
        name = f"transfer_{row}_{_NAMES.get(inner, inner)}"
    return {"" if name == "losses" else name: Message(f"reason.{error.reason.value}", error.params)}


def _losses(rows: Sequence[TypedTransfer], banks: Banks, now: datetime, errors: Errors) -> tuple[LossDraft, ...]:
    losses: list[LossDraft] = []
    several = any(not row.blank for row in rows)
    for number, row in enumerate(rows):
        if row.blank and several:
            continue
        before = len(errors)
        loss = _loss(row, f"transfer_{number}_", banks, now, errors)
        if loss is None or len(errors) > before:
            continue
        try:
            check_report(ReportDraft(Situation.UNKNOWN, "–", (loss,)), now)
        except BadInput as error:
            inner = errors_of(error)
            errors.update({name.replace("transfer_0_", f"transfer_{number}_"): say for name, say in inner.items()})
            continue
        if any(same_transfer(loss, other, now) for other in losses):
            errors[f"transfer_{number}_amount"] = _sentence(IntakeReason.SAME_TRANSFER_TWICE)
        losses.append(loss)
    return tuple(losses)


def _loss(row: TypedTransfer, at: str, banks: Banks, now: datetime, errors: Errors) -> LossDraft | None:
    amount = moment = None
    try:
        amount = parse_amount(_needed(row.amount))
    except BadInput as error:
        errors[f"{at}amount"] = _of(error)
    try:
        moment = parse_moment(_needed(row.booked_at), now)
    except BadInput as error:
        errors[f"{at}booked_at"] = _of(error)
    payee_code = _bank(row.payee_bank, f"{at}payee_bank", banks, errors)
    payer_code = _bank(row.payer_bank, f"{at}payer_bank", banks, errors)
    payee = payer = None
    try:
        payee, payee_code = _account(_needed(row.payee_account), payee_code, banks)
    except BadInput as error:
        errors[f"{at}payee_account"] = _of(error)
    try:
        if row.payer_account:
            payer, payer_code = _account(row.payer_account, payer_code, banks)
    except BadInput as error:
        errors[f"{at}payer_account"] = _of(error)
    for name, limit in (("payee_name", NAME_MAX), ("reference", REFERENCE_MAX)):
        if len(getattr(row, name)) > limit:
            errors[f"{at}{name}"] = _sentence(InputReason.TOO_LONG, limit=limit)
    if amount is None or moment is None or payee is None:
        return None
    if payer is not None and payer == payee:
        errors[f"{at}payee_account"] = _sentence(IntakeReason.SELF_TRANSFER)
    return LossDraft(
        amount_vnd=amount,
        booked_at=moment,
        payee_account=payee,
        payer_account=payer,
        payee_institution=payee_code,
        payer_institution=payer_code,
        payee_name=row.payee_name.replace("\n", " ") or None,
        reference=row.reference.replace("\n", " ") or None,
        rail=Rail.WALLET if payer_code and not payer_code.isdigit() else Rail.FAST_TRANSFER,
    )


def _bank(text: str, name: str, banks: Banks, errors: Errors) -> str | None:
    if not text:
        return None
    code = banks.code(text)
    if code is None:
        errors[name] = _sentence(IntakeReason.UNKNOWN_INSTITUTION)
    return code


def _account(text: str, code: str | None, banks: Banks) -> tuple[str, str | None]:
    """The canonical key and the institution; what was typed may name the bank itself."""
    try:
        if code is not None:
            return _with_holder(banks.account(code, text))
        return _with_holder(banks.settled(normalise(Kind.ACCOUNT, text).key))
    except BadInput:
        # "MoMo 0912 345 678": a wallet names itself, a bare telephone number does not.
        try:
            wallet = normalise(Kind.WALLET, text)
        except BadInput:
            example = _PHONE_EXAMPLE if code and banks.is_wallet(code) else _ACCOUNT_EXAMPLE
            raise BadInput(InputReason.MALFORMED, expected=example) from None
        return _with_holder(wallet.key)


def _with_holder(key: str) -> tuple[str, str | None]:
    """The key and the institution that it names."""
    holder, _, _ = key.partition(":")[2].rpartition(":")
    return key, holder or None


def _situation(typed: TypedReport, errors: Errors) -> Situation:
    if not typed.situation:
        return Situation.UNKNOWN
    if typed.situation not in set(Situation):
        errors["situation"] = _sentence(InputReason.UNKNOWN_VALUE, value=typed.situation[:40])
        return Situation.UNKNOWN
    return Situation(typed.situation)


def _phone(text: str, errors: Errors) -> str | None:
    if not text:
        errors["phone"] = _sentence(IntakeReason.NO_CONTACT)
        return None
    try:
        value = normalise(Kind.PHONE, text).value
    except BadInput:
        value = ""
    # A short code such as 113 is a telephone number, but nobody can be called back on it.
    if not value.startswith("+"):
        errors["phone"] = _sentence(InputReason.MALFORMED, expected=_PHONE_EXAMPLE)
        return None
    return value


def _contacts(text: str, errors: Errors) -> tuple[ContactVector, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > CONTACTS_MAX:
        errors["contacts"] = Message("web.report.too_many_lines", {"limit": CONTACTS_MAX})
        return ()
    contacts: list[ContactVector] = []
    for line in lines:
        if len(line) > NAME_MAX:
            errors["contacts"] = Message("web.report.line_too_long", {"limit": NAME_MAX})
            return ()
        found = [item for item in identify(line) if item.kind in _KINDS]
        contacts += [ContactVector(_KINDS[item.kind], item.value) for item in found]
        if not found:
            contacts.append(ContactVector("other", line))
    return tuple(dict.fromkeys(contacts))


def _texts(typed: TypedReport, errors: Errors) -> None:
    """What only needs words: the intake's own limits, asked one field at a time."""
    for name in ("story", "name"):
        if not getattr(typed, name):
            errors[name] = _sentence(InputReason.MISSING)
    for name, limit in (("story", 4_000), ("name", NAME_MAX), ("place", NAME_MAX)):
        if len(getattr(typed, name)) > limit:
            errors[name] = _sentence(InputReason.TOO_LONG, limit=limit)
    if typed.name and "name" not in errors and not any(character.isalpha() for character in typed.name):
        errors["name"] = _sentence(InputReason.MALFORMED, expected="Nguyễn Thị An")


def _no_self_transfer(draft: ReportDraft, errors: Errors) -> None:
    """A wallet is opened on a telephone number: from the victim's own to the victim's own is no loss."""
    for number, loss in enumerate(draft.losses):
        own = f"{Kind.WALLET}:{loss.payer_institution}:{draft.victim_phone}"
        if draft.victim_phone and loss.payer_institution and loss.payee_account == own:
            errors[f"transfer_{number}_payee_account"] = _sentence(IntakeReason.SELF_TRANSFER)


def _needed(text: str) -> str:
    if not text:
        raise BadInput(InputReason.MISSING)
    return text


def _of(error: BadInput) -> Message:
    return Message(f"reason.{error.reason.value}", error.params)


def _sentence(reason: Reason, **params: object) -> Message:
    return Message(f"reason.{reason.value}", params)
