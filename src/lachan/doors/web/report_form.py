"""A report as it is typed: read from a form, kept as typed with what is wrong at each field, made into a draft.

The desk's one screen and the public's three steps share it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from lachan.doors.web.refusals import sentence
from lachan.doors.web.visit import Form
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError, Language, parse_vnd
from lachan.foundation.identifiers import Kind, identify, normalise, read_transfer_message
from lachan.foundation.protocol import ContactKind, Rail, Situation
from lachan.foundation.taxonomy import situations
from lachan.intake import ContactVector, IntakeReason, LossDraft, ReportDraft
from lachan.response.shapes import Choice, Field, Message, ReportForm, TransferDraft
from lachan.response.views.banks import Banks

TRANSFERS_MAX = 20
PASTE_MAX = 20_000
_CONTACT_KINDS = {
    Kind.PHONE: ContactKind.PHONE,
    Kind.URL: ContactKind.URL,
    Kind.DOMAIN: ContactKind.URL,
    Kind.SOCIAL: ContactKind.SOCIAL,
    Kind.APP: ContactKind.APP,
    Kind.EMAIL: ContactKind.EMAIL,
    Kind.SENDER: ContactKind.SENDER,
}
_TRANSFER_FIELDS = (
    "amount", "booked_at", "payee_account", "payee_bank", "payee_name", "payer_bank", "reference",
)  # fmt: skip
# What rules call a field, and where it stands on the form.
_PLACES = {
    "victim_name": "name", "amount_vnd": "amount", "booked_at": "booked_at", "payee_account": "payee_account",
    "reference": "reference",
}  # fmt: skip
Read = TypeVar("Read")


def empty_form(banks: Banks, now: datetime, language: Language, *, action: str, step: int = 1) -> ReportForm:
    """A form with nothing typed."""
    return ReportForm(
        step=step, draft="", situations=_situations(now, language, ""), story=Field(),
        transfers=(TransferDraft(),), banks=tuple(banks.choices), paste=Field(), picture=Field(), name=Field(),
        phone=Field(), province_place=Field(), birth_year=Field(), contacts=Field(), consent=Field(), action=action,
    )  # fmt: skip


def typed_form(form: Form, banks: Banks, now: datetime, language: Language, *, action: str) -> ReportForm:
    """What was typed, as it was typed."""
    transfers = []
    for number in range(TRANSFERS_MAX):
        name = f"transfer_{number}_"
        if f"{name}amount" in form.fields:
            typed = {one: Field(form.text(name + one)) for one in _TRANSFER_FIELDS}
            transfers.append(TransferDraft(**typed, read_from=form.text(f"{name}read_from")))
    return replace(
        empty_form(banks, now, language, action=action),
        situations=_situations(now, language, form.text("situation")), story=Field(form.text("story")),
        transfers=tuple(transfers) or (TransferDraft(),), paste=Field(form.text("paste")),
        name=Field(form.text("name")), phone=Field(form.text("phone")), province_place=Field(form.text("place")),
        contacts=Field(form.text("contacts")), consent=Field(form.text("consent")),
    )  # fmt: skip


def changed_form(page: ReportForm, action: str, banks: Banks) -> ReportForm:
    """After a button that sends nothing yet: one transfer more or less, or what a pasted message says."""
    if action == "add_transfer" and len(page.transfers) < TRANSFERS_MAX:
        return replace(page, transfers=(*page.transfers, TransferDraft()))
    if action.startswith("remove_") and action.removeprefix("remove_").isdigit():
        gone = int(action.removeprefix("remove_"))
        left = tuple(one for number, one in enumerate(page.transfers) if number != gone)
        return replace(page, transfers=left or (TransferDraft(),))
    if action == "read":
        return _with_pasted(page, banks)
    return page


@dataclass(slots=True)
class Reader:
    """Reads a typed form; collects every mistake instead of stopping at the first."""

    page: ReportForm
    banks: Banks
    wrong: dict[str, Message] = field(default_factory=dict)

    def draft(self, form: Form, language: Language) -> ReportDraft | None:
        """The report, or None: then `with_mistakes` says at each field what is wrong."""
        name = form.text("name")
        if not name:
            self.wrong["name"] = Message(f"reason.{InputReason.MISSING.value}")
        situation = form.text("situation") or Situation.SCAM.value
        phone = self._read("phone", lambda: _phone(form.text("phone")), None)
        losses = tuple(
            loss for n, one in enumerate(self.page.transfers) if (loss := self._loss(n, one)) is not None
        )
        if self.wrong or situation not in set(Situation):
            return None
        return ReportDraft(
            situation=Situation(situation), victim_name=name, losses=losses, victim_phone=phone,
            story=form.text("story") or None, contacts=_contacts(form.text("contacts")),
            consent=bool(form.text("consent")), place=form.text("place") or None, language=language.value,
        )  # fmt: skip

    def take(self, error: LachanError) -> None:
        """A refusal of the report as a whole: put it at its field, else above the form."""
        name = error.field or ""
        if name.startswith("losses."):
            _, number, rest = name.split(".", 2)
            name = f"transfer_{number}_{_PLACES.get(rest, rest)}"
        self.wrong[_PLACES.get(name, name)] = sentence(error)

    def with_mistakes(self) -> ReportForm:
        """The form as typed, each mistake at its field; what has no field stands above."""
        rest = dict(self.wrong)

        def marked(name: str, one: Field) -> Field:
            return replace(one, error=rest.pop(name, None))

        page = self.page
        transfers = tuple(
            replace(
                one,
                **{name: marked(f"transfer_{n}_{name}", getattr(one, name)) for name in _TRANSFER_FIELDS},  # type: ignore[arg-type]
            )
            for n, one in enumerate(page.transfers)
        )
        return replace(
            page, story=marked("story", page.story), name=marked("name", page.name),
            phone=marked("phone", page.phone), province_place=marked("place", page.province_place),
            contacts=marked("contacts", page.contacts), consent=marked("consent", page.consent),
            transfers=transfers, errors=tuple(rest.values()),
        )  # fmt: skip

    def _read(self, name: str, read: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return read()
        except LachanError as error:
            self.wrong[name] = sentence(error)
            return otherwise

    def _loss(self, number: int, one: TransferDraft) -> LossDraft | None:
        at = f"transfer_{number}_"
        amount_vnd = self._read(f"{at}amount", lambda: parse_vnd(_given(one.amount.value)), 0)
        booked_at = self._read(f"{at}booked_at", lambda: _moment(one.booked_at.value), None)
        payee = self._read(f"{at}payee_bank", lambda: self._bank(one.payee_bank.value), None)
        payer = self._read(f"{at}payer_bank", lambda: self._bank(one.payer_bank.value), None)
        account = self._read(f"{at}payee_account", lambda: self._account(one.payee_account.value, payee), None)
        if not amount_vnd or booked_at is None or account is None:
            return None
        kept_at = payee or (account.split(":")[1] if account.count(":") == 2 else None)
        return LossDraft(
            amount_vnd=amount_vnd, booked_at=booked_at, payee_account=account, payee_institution=kept_at,
            payer_institution=payer, payee_name=one.payee_name.value or None, reference=one.reference.value or None,
            rail=Rail.WALLET if kept_at and self.banks.is_wallet(kept_at) else Rail.FAST_TRANSFER,
        )  # fmt: skip

    def _bank(self, text: str) -> str | None:
        if not text:
            return None
        code = self.banks.code(text)
        if code is None:
            raise BadInput(IntakeReason.UNKNOWN_INSTITUTION)
        return code

    def _account(self, text: str, bank: str | None) -> str:
        typed = _given(text)
        if bank is None:
            return normalise(Kind.ACCOUNT, typed).key
        return self.banks.account(bank, typed)


def _given(text: str) -> str:
    if not text:
        raise BadInput(InputReason.MISSING)
    return text


def _phone(text: str) -> str:
    return normalise(Kind.PHONE, _given(text)).value


def _moment(text: str) -> datetime:
    try:
        typed = datetime.fromisoformat(_given(text))
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, expected="2026-11-21 09:41") from error
    return (typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)).astimezone(UTC)


def _contacts(text: str) -> tuple[ContactVector, ...]:
    """Telephones, links, accounts of social networks in a free text; what is nothing of that stays in the story."""
    found = identify(text[:PASTE_MAX])
    kinds = ((_CONTACT_KINDS.get(one.kind), one.value) for one in found)
    return tuple(dict.fromkeys(ContactVector(kind.value, value) for kind, value in kinds if kind is not None))


def _situations(now: datetime, language: Language, chosen: str) -> tuple[Choice, ...]:
    wanted = chosen or Situation.SCAM.value
    return tuple(Choice(one.code, text=one.label(language), chosen=one.code == wanted) for one in situations(now))


def _with_pasted(page: ReportForm, banks: Banks) -> ReportForm:
    read = read_transfer_message(page.paste.value[:PASTE_MAX])
    local = read.booked_at.astimezone(VIETNAM).replace(tzinfo=None) if read.booked_at else None
    found = {
        "amount": f"{read.amount_vnd:,}".replace(",", ".") if read.amount_vnd else "",
        "booked_at": local.isoformat(timespec="seconds") if local else "",
        "payee_account": read.payee_account or "",
        "payee_bank": banks.name(read.payee_bank) if read.payee_bank else "",
        "payee_name": read.counterparty_name or "",
        "payer_bank": banks.name(read.payer_bank) if read.payer_bank else "",
        "reference": read.reference or "",
    }
    if not any(found.values()):
        return replace(page, paste=replace(page.paste, error=Message("web.take.nothing_read")))
    typed = TransferDraft(**{name: Field(value) for name, value in found.items()}, read_from="message")
    last = page.transfers[-1]
    blank = not any(getattr(last, name).value for name in _TRANSFER_FIELDS)
    kept = page.transfers[:-1] if blank else page.transfers
    return replace(page, transfers=(*kept, typed)[:TRANSFERS_MAX], paste=Field())
