"""Who paid whom: the account that a message is about, and the other side."""

import re
from dataclasses import dataclass, replace

from lachan.foundation.identifiers.institutions import find_bank
from lachan.foundation.identifiers.kinds import phone
from lachan.foundation.identifiers.model import Kind
from lachan.foundation.identifiers.reading import identify
from lachan.foundation.identifiers.reading.context import Context
from lachan.foundation.identifiers.text import Mapped, plain
from lachan.foundation.identifiers.transfer_message.draft import TransferDraft
from lachan.foundation.identifiers.transfer_message.fields import SIGNED, name_in

_NUMBER = r"([0-9](?:[0-9]|[ .][0-9]){4,22}[0-9])"
_MESSAGE = re.compile(rf"(?<![a-z])(?:so du|sd|sdc|sdkd|giam|tang|ghi no|ghi co)(?![a-z])|{SIGNED.pattern}")
_OWN = re.compile(
    rf"(?<![a-z])(?:so )?(?:tk|tai khoan)(?: thanh toan)?\s?[:#]?\s?(?:[a-z]{{2,14}}\s)?{_NUMBER}(?![0-9*x])"
)
_TO = re.compile(
    r"(?<![a-z])(?:toi|den|cho|qua)(?: (?:tk|tai khoan|stk|so tk))?[: ]+"
    r"(?:[a-z ]{2,40}[ \-,(]+)?([0-9]{6,19})(?![0-9])"
)
_FROM = re.compile(r"(?<![a-z])(?:ct )?tu(?: (?:tk|tai khoan|stk))?[: ]+([0-9]{6,19})(?![0-9])")
_NAMED = re.compile(r"(?<![a-z])(?:ten|ctk|chu tk|chu tai khoan|chu tai khoan nhan)(?: la)?[ :]{1,3}")
_PAID_TO = re.compile(r"(?:toi|den|cho|vao|qua|sang|nhan|huong) (?:so )?$")
_BEFORE_NAME = re.compile(r"(?<![a-z])(?:toi|den|cho|nhan (?:duoc )?tien tu)[: ]{1,2}")


@dataclass(slots=True)
class _Party:
    account: str | None = None
    bank: str | None = None
    name: str | None = None


def _digits(text: str) -> str | None:
    """The number at the head of a field's value."""
    match = re.match(r"(?:[A-Za-zÀ-ỹ ]{0,30}[ :\-(]+)?" + _NUMBER + r"(?![0-9*x])", text)
    if match:
        return re.sub(r"[ .]", "", match[1])
    token = re.match(r"[A-Z0-9]{8,19}(?![A-Za-z0-9])", text)
    return token.group() if token and any(char.isdigit() for char in token.group()) else None


def _bank_in(text: str) -> str | None:
    """The BIN of the first bank that a text names."""
    if bank := find_bank(text.strip(" .;,-()")):
        return bank.bin
    mentions = Context(plain(text).text.lower()).mentions
    strong = [mention for mention in mentions if not mention.weak] or mentions
    return strong[0].bank.bin if strong else None


def with_parties(
    draft: TransferDraft, text: str, low: Mapped, fields: dict[str, str], *, credit: bool
) -> TransferDraft:
    own, other = _Party(), _Party()
    other.account = _digits(fields.get("payee_account", ""))
    other.bank = _bank_in(fields["payee_bank"]) if "payee_bank" in fields else None
    other.name = draft.counterparty_name
    own.account = _digits(fields.get("payer_account", ""))
    own.bank = _bank_in(fields["payer_bank"]) if "payer_bank" in fields else None
    if "payee_account" in fields and not other.bank:
        other.bank = _bank_in(re.sub(r"^[0-9 .]+", "", fields["payee_account"]))
    _fill_own(own, other, low.text, credit=credit)
    _fill_other(own, other, text, low, fields, credit=credit)
    if wallet := _wallet(text, low.text, other):
        other.account, other.bank = wallet
    if not other.name and (named := _NAMED.search(low.text)):
        other.name = name_in(text[low.span(named.start(), named.end())[1] :][:60])
    _from_context(own, other, text, low)
    payer, payee = (other, own) if credit else (own, other)
    return replace(
        draft,
        payee_account=payee.account,
        payee_bank=payee.bank,
        payer_account=payer.account,
        payer_bank=payer.bank,
        counterparty_name=draft.counterparty_name or other.name,
    )


def _fill_own(own: _Party, other: _Party, low: str, *, credit: bool) -> None:
    """The account that the message is about, and the bank that wrote the message."""
    if not own.account:
        for match in _OWN.finditer(low):
            before = low[max(0, match.start() - 12) : match.start()]
            number = re.sub(r"[ .]", "", match[1])
            paid_to = not credit and re.search(_PAID_TO, before)
            if number != other.account and not paid_to:
                own.account = number
                break
    if not own.bank:
        head = [mention for mention in Context(low).mentions if not mention.weak or mention.start < 3]
        for mention in head:
            written_by = mention.start <= 4 or re.search(r"(?:tk|tai khoan|tai) $", low[: mention.start][-10:])
            follows_target = re.search(r"(?:toi|den|cho|qua|vao)[^.|\n]{0,60}$", low[: mention.start])
            if written_by and not (follows_target and mention.start > 4):
                own.bank = mention.bank.bin
                break


def _fill_other(
    own: _Party, other: _Party, text: str, low: Mapped, fields: dict[str, str], *, credit: bool
) -> None:
    """The other side: a field 'đến', 'toi 1023456789 TRAN VAN B tai VCB', or the account the text names."""
    field = fields.get("from" if credit else "to", "")
    pattern = _FROM if credit else _TO
    match = next((m for m in pattern.finditer(low.text) if m[1] != own.account), None)
    if not other.account and field:
        numbers = [digits for digits in re.findall(r"[0-9]{6,19}", field) if digits != own.account]
        other.account = numbers[0] if numbers else None
        other.bank = other.bank or _bank_in(field)
        other.name = other.name or name_in(field)
    if not other.account and match:
        other.account = match[1]
    if match and other.account == match[1]:
        tail = text[low.span(*match.span(1))[1] :][:80]
        tail = re.split(r"[.|\n;]|\b(?:toi|den|tu)\b", tail, maxsplit=1)[0]
        other.bank = other.bank or _bank_in(tail)
        other.name = other.name or name_in(text[slice(*low.span(*match.span()))]) or name_in(tail)
    if not other.account:
        accounts = [item for item in identify(text) if item.kind is Kind.ACCOUNT]
        for item in accounts:
            number = str(item.details["number"])
            if number != own.account:
                other.account = number
                other.bank = other.bank or str(item.details.get("bin", "")) or None
                break
        else:
            # A story rather than a message: its only account is the one that was paid.
            if accounts and not credit and own.account and not _MESSAGE.search(low.text):
                other.account, own.account = own.account, None
                other.bank = other.bank or str(accounts[0].details.get("bin", "")) or None
                own.bank = None if own.bank == other.bank else own.bank


def _from_context(own: _Party, other: _Party, text: str, low: Mapped) -> None:
    """Banks and the name that stand right after an account number, and the name after 'tới', 'cho'."""
    context = Context(low.text)
    for party, reach in ((other, 60), (own, 5)):
        at = low.text.find(party.account) if party.account else -1
        if at < 0 or not party.account:
            continue
        end = at + len(party.account)
        mention = context.mention_after(end, within=reach)
        if mention and not party.bank and not re.search(r"[.;|]|[0-9]{6}", low.text[end : mention.start]):
            party.bank = mention.bank.bin
        if party is other and not party.name:
            party.name = name_in(re.split(r"[.;|]", text[low.span(at, end)[1] :][:60], maxsplit=1)[0])
    for match in _BEFORE_NAME.finditer(low.text):
        tail = text[low.span(*match.span())[1] :][:50]
        if not other.name and tail[:2].isupper():
            other.name = name_in(re.split(r"[.,;|(\n]", tail, maxsplit=1)[0])


def _wallet(text: str, low: str, other: _Party) -> tuple[str, str] | None:
    """Phone and provider of a wallet, where no account is named."""
    number = phone.clean(other.account) if other.account and re.fullmatch(r"0[0-9]{9}", other.account) else None
    if other.account and not number:
        return None
    if found := next((item for item in identify(text) if item.kind is Kind.WALLET), None):
        provider, _, told = found.value.partition(":")
        return told, provider
    writer = next((cue.wallet for cue in Context(low).cues if cue.wallet and cue.start <= 4), None)
    numbers = [item.value for item in identify(text) if item.kind is Kind.PHONE and phone.is_mobile(item.value)]
    return (number or numbers[0], writer.provider) if writer and (number or numbers) else None
