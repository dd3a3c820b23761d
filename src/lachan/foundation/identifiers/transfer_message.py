"""A pasted bank message, app screen or VietQR string, read as a proposed disputed transfer.

A proposal only: what could be read is filled in for the victim or the officer to confirm; the rest is None.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lachan.foundation.base import VIETNAM, VND_MAX
from lachan.foundation.identifiers.institutions import find_bank
from lachan.foundation.identifiers.kinds import phone, vietqr
from lachan.foundation.identifiers.model import Identifier, Kind
from lachan.foundation.identifiers.reading import identify
from lachan.foundation.identifiers.reading.context import Context
from lachan.foundation.identifiers.text import Mapped, plain


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """What a message says about one transfer. Banks are BINs; account numbers are text; `booked_at` is in UTC.

    For a wallet, the account is the phone number in E.164 and the bank is the provider (`momo`).
    """

    amount_vnd: int | None = None
    booked_at: datetime | None = None
    payee_account: str | None = None
    payee_bank: str | None = None
    payer_account: str | None = None
    payer_bank: str | None = None
    reference: str | None = None
    note: str | None = None
    counterparty_name: str | None = None

    @property
    def payee(self) -> Identifier | None:
        """The payee's account or wallet as an identifier."""
        return _identifier(self.payee_account, self.payee_bank)

    @property
    def payer(self) -> Identifier | None:
        """The payer's account or wallet as an identifier."""
        return _identifier(self.payer_account, self.payer_bank)


def _identifier(number: str | None, bank: str | None) -> Identifier | None:
    if not number:
        return None
    if number.startswith("+"):
        return Identifier(Kind.WALLET, f"{bank}:{number}") if bank else Identifier(Kind.PHONE, number)
    return Identifier(Kind.ACCOUNT, f"{bank}:{number}" if bank else number)


_LABELS = {
    "balance": r"so du(?: cuoi| kha dung| hien tai| sau gd| tk)?|sdkd|sdc|sd|sodu",
    "fee": r"phi(?: giao dich| chuyen tien| dich vu)?|vat",
    "payee_account": r"(?:so )?(?:tai khoan|tk|stk)(?:/the)? (?:nguoi )?(?:nhan|thu huong|huong|dich)(?: tien)?"
    r"|so the/tai khoan nhan|(?:den|toi) (?:so )?(?:tai khoan|tk|stk)|tk the|tkthe|tk doi ung|beneficiary account"
    r"|to account|tai khoan doi ung|so tai khoan thu huong",
    "payer_account": r"(?:so )?(?:tai khoan|tk) (?:nguon|chuyen|trich no|ghi no|thanh toan|nguoi chuyen|thu tien)"
    r"|tu (?:so )?(?:tai khoan|tk)|from account|debit account|nguon tien",
    "payee_bank": r"(?:ngan hang|nh) (?:nguoi )?(?:nhan|thu huong|huong|dich)|beneficiary bank|tai ngan hang|ngan hang",
    "payer_bank": r"ngan hang (?:chuyen|nguon|gui)",
    "name": r"(?:ho )?ten (?:nguoi )?(?:nhan|thu huong|huong)(?: tien)?|(?:nguoi|don vi) (?:nhan|thu huong|huong)"
    r"(?: tien)?|ten tai khoan|chu tai khoan|ctk|beneficiary name|ten chu tai khoan",
    "reference": r"ma (?:giao dich|gd|tham chieu|tra soat|lenh|ref)|so (?:tham chieu|gd|giao dich|but toan|lenh|ref)"
    r"|ref(?:erence)?(?: no)?|trace|transaction id|id giao dich|ref\.?",
    "note": r"noi dung(?: chuyen tien| chuyen khoan| giao dich| ck| thanh toan)?|nd(?: gd| ck)?|loi nhan|dien giai"
    r"|mo ta|content|message|remark",
    "time": r"thoi gian(?: giao dich| chuyen tien)?|ngay (?:giao dich|gd|gio|thuc hien)|thoi diem|time|date",
    "amount": r"so tien(?: giao dich| gd| chuyen| chuyen khoan)?|amount|phat sinh|ps|gd|gia tri(?: giao dich)?|st",
    "from": r"tu", "to": r"den|toi",
}  # fmt: skip
# These words also stand inside sentences: they are labels only before a colon or at the end of a line.
_NEED_COLON = frozenset(
    {"fee", "from", "to", "amount", "balance", "time", "payee_bank", "reference", "name", "note"}
)
_LABEL = re.compile(
    r"(?<![a-z0-9])(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")(?![a-z0-9])"
)
_MONEY = r"[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{4,13}"
_SIGNED = re.compile(rf"(?<![0-9a-z\-/])\(?([+\-])\)?\s?({_MONEY})(?![0-9])(?!\s?[\-/][0-9])")
_WITH_UNIT = re.compile(rf"(?<![0-9.,a-z])({_MONEY})\s?(?:vnd|đ|d|dong|₫)(?![a-z])")
_ROUND = re.compile(
    r"(?<![0-9.,a-z])([0-9]{1,4})(?:[.,]([0-9]{1,3}))?\s?(trieu|tr|ty|ti|cu|k|nghin|ngan)(?![a-z])"
    r"(?:\s?([0-9])(?![0-9.,a-z]))?"
)
_SCALE = {
    "trieu": 10**6,
    "tr": 10**6,
    "cu": 10**6,
    "ty": 10**9,
    "ti": 10**9,
    "k": 10**3,
    "nghin": 10**3,
    "ngan": 10**3,
}
_DAY = r"(?P<d>[0-3]?[0-9])[/\-.](?P<m>[01]?[0-9])[/\-.](?P<y>20[0-9]{2}|[0-9]{2})(?![0-9])"
_HOUR = r"(?<![0-9])(?P<H>[0-2]?[0-9])(?::|h|g)(?P<M>[0-5][0-9])(?:(?::|p)(?P<S>[0-5][0-9])?)?"
_BETWEEN = (
    r"[ ,;|\-]{0,4}(?:luc|vao luc|ngay|thu [a-z0-9]{1,4}|chu nhat|t[2-7]|cn)?[ ,;|\-]{0,4}(?:ngay)?[ ,;]{0,3}"
)
_TIMES = (
    re.compile(rf"(?<![0-9]){_DAY}{_BETWEEN}{_HOUR}"),
    re.compile(rf"{_HOUR}{_BETWEEN}{_DAY}"),
    re.compile(r"(?P<y>20[0-9]{2})-(?P<m>[01][0-9])-(?P<d>[0-3][0-9])[t ](?P<H>[0-2][0-9]):(?P<M>[0-5][0-9])(?::(?P<S>[0-5][0-9]))?"),
)  # fmt: skip
_MESSAGE = re.compile(rf"(?<![a-z])(?:so du|sd|sdc|sdkd|giam|tang|ghi no|ghi co)(?![a-z])|{_SIGNED.pattern}")
_NUMBER = r"([0-9](?:[0-9]|[ .][0-9]){4,22}[0-9])"
_OWN = re.compile(
    rf"(?<![a-z])(?:so )?(?:tk|tai khoan)(?: thanh toan)?\s?[:#]?\s?(?:[a-z]{{2,14}}\s)?{_NUMBER}(?![0-9*x])"
)
_TO = re.compile(
    r"(?<![a-z])(?:toi|den|cho|qua)(?: (?:tk|tai khoan|stk|so tk))?[: ]+(?:[a-z ]{2,40}[ \-,(]+)?([0-9]{6,19})(?![0-9])"
)
_FROM = re.compile(r"(?<![a-z])(?:ct )?tu(?: (?:tk|tai khoan|stk))?[: ]+([0-9]{6,19})(?![0-9])")
_NAMED = re.compile(r"(?<![a-z])(?:ten|ctk|chu tk|chu tai khoan|chu tai khoan nhan)(?: la)?[ :]{1,3}")
_BEFORE_NAME = re.compile(r"(?<![a-z])(?:toi|den|cho)[: ]{1,2}")
_FREE_REFERENCE = re.compile(r"(?<![a-z0-9])(ft[0-9]{11,18}[a-z0-9]{0,6}|mbvcb\.[0-9.]{6,30}[0-9])")
_REF = re.compile(
    r"(?<![a-z])ref\.? ?(?=[a-z.\-]{0,12}[0-9])([a-z0-9\-]{3,30}(?:\.[a-z0-9]{0,20}[0-9][a-z0-9]{0,20})*)"
)
_CODED_NOTE = re.compile(r"(?<![a-z])ref\.? ?[a-z0-9.]*?\.([a-z][^.\n]{4,80})\.ct (?:tu|den)")
_NOT_NAMES = frozenset(
    "vnd vnđ tk nd sd gd ct ref tai ngan hang bank chuyen tien so du luc stk ctk vcb tcb mb bidv acb vib shb msb ocb "
    "tpb vpb stb ctg hdb den toi cho momo zalopay ib ibft qr napas mbvcb ft sdt sms ps st ma den".split()
)


def read_transfer_message(text: str) -> TransferDraft:
    """What can be read of one transfer; a credit message makes its own account the payee."""
    text = text[:20_000]
    if draft := _from_vietqr(text):
        return draft
    mapped = plain(text)
    low = mapped.lower()
    fields = _labelled(text, low)
    amount, credit = _amount(low.text, fields)
    draft = TransferDraft(
        amount_vnd=amount,
        booked_at=_booked_at(low.text),
        reference=_reference(text, low, fields),
        note=_note(text, low, fields),
        counterparty_name=_name_in(fields.get("name", "")),
    )
    return _with_parties(draft, text, low, fields, credit=credit)


def _from_vietqr(text: str) -> TransferDraft | None:
    for found in identify(text):
        if found.details.get("source") == "vietqr" and (code := vietqr.decode(found.text)):
            return TransferDraft(
                amount_vnd=code.amount_vnd,
                payee_account=code.number,
                payee_bank=code.bin,
                note=code.note or None,
                counterparty_name=code.merchant or None,
            )
    return None


def _labelled(text: str, low: Mapped) -> dict[str, str]:
    """Label → the text after it, up to the next label or the end of the line (or on the next line)."""
    marks: list[tuple[str, int, int]] = []
    for match in _LABEL.finditer(low.text):
        name = match.lastgroup or ""
        after = low.text[match.end() : match.end() + 24]
        told = re.match(r" ?[:=]| ?\n", after) or name not in _NEED_COLON
        if name == "reference":
            told = told or re.match(r" [a-z]{0,6}[0-9]{5}", after)
        elif name == "note":
            told = told or (match.group() == "nd" and text[slice(*low.span(*match.span()))] == "ND")
        if told:
            marks.append((name, match.start(), match.end()))
    fields: dict[str, str] = {}
    for i, (name, _, end) in enumerate(marks):
        ends = marks[i + 1 :]
        if name == "note":
            # A note may itself hold words that are labels elsewhere.
            ends = [mark for mark in ends if mark[0] in ("balance", "reference", "time", "amount", "fee")]
        stop = ends[0][1] if ends else len(low.text)
        raw = low.text[end:stop]
        lead = len(raw) - len(raw.lstrip(" :=\n-"))
        value = raw[lead:]
        line = re.split(r"\n|\||(?<=[a-z0-9])\. ?(?=sd|so du|ref|nd|$)", value, maxsplit=1)[0]
        if name in fields or not line.strip():
            continue
        first, last = low.span(end + lead, end + lead + len(line.rstrip()))
        fields[name] = text[first:last]
    return fields


def _amount(low: str, fields: dict[str, str]) -> tuple[int | None, bool]:
    """The amount, and whether it was credited to the account that the message is about."""
    for label in ("amount",):
        value = plain(fields.get(label, "")).text.lower()
        match = re.match(rf"([+\-]?)\s?({_MONEY})(?![0-9])", value)
        if match and (amount := _vnd(match[2])):
            return amount, match[1] == "+"
    for match in _SIGNED.finditer(low):
        if amount := _vnd(match[2]):
            return amount, match[1] == "+"
    for match in _WITH_UNIT.finditer(low):
        if re.search(
            r"(?:so du|sd|sdc|phi|han muc)[a-z ]{0,12}:? ?$", low[max(0, match.start() - 24) : match.start()]
        ):
            continue
        if amount := _vnd(match[1]):
            return amount, _is_credit(low)
    if match := _ROUND.search(low):
        whole, part, unit, rest = match.groups()
        scale = _SCALE[unit]
        amount = int(whole) * scale
        if part:
            amount += int(part) * scale // 10 ** len(part)
        if rest:
            amount += int(rest) * scale // 10
        return (amount if 0 < amount <= VND_MAX else None), False
    return None, False


def _is_credit(low: str) -> bool:
    return bool(re.search(r"nhan (?:duoc )?tien tu|ghi co|tien vao|da nhan duoc", low))


def _vnd(text: str) -> int | None:
    amount = int(re.sub(r"[.,]", "", text))
    return amount if 0 < amount <= VND_MAX else None


def _booked_at(low: str) -> datetime | None:
    """The first date with a time; None without a year, because a message does not say when it was pasted."""
    for pattern in _TIMES:
        for match in pattern.finditer(low):
            year = int(match["y"])
            try:
                local = datetime(
                    year if year > 99 else 2000 + year, int(match["m"]), int(match["d"]),
                    int(match["H"]), int(match["M"]), int(match["S"] or 0), tzinfo=VIETNAM,
                )  # fmt: skip
            except ValueError:
                continue
            return local.astimezone(UTC)
    return None


def _reference(text: str, low: Mapped, fields: dict[str, str]) -> str | None:
    if match := re.match(r"[A-Za-z0-9][A-Za-z0-9.\-_/]{3,40}", fields.get("reference", "")):
        if any(char.isdigit() for char in match.group()):
            return match.group().rstrip(".-_/")
    if match := _REF.search(low.text) or _FREE_REFERENCE.search(low.text):
        first, last = low.span(*match.span(1))
        return text[first:last].rstrip(".-")
    return None


def _note(text: str, low: Mapped, fields: dict[str, str]) -> str | None:
    note = fields.get("note", "")
    if not note and (match := _CODED_NOTE.search(low.text)):
        note = text[slice(*low.span(*match.span(1)))]
    return note.strip(' .;|-:"') or None


def _name_in(text: str) -> str | None:
    """The first run of two and more words in capitals; else the whole text where it is written Like A Name."""
    run: list[str] = []
    for word in [*re.split(r"[\s,()]+", text), ""]:
        bare = word.strip(".:;-")
        if len(bare) > 0 and bare.isalpha() and bare.isupper() and bare.lower() not in _NOT_NAMES:
            run.append(bare)
            if word.endswith((".", ";")):
                break
        elif len(run) >= 2:
            break
        else:
            run = []
    if 2 <= len(run) <= 9:
        return " ".join(run)
    words = text.strip(" .-:")
    return words if words.istitle() and 2 <= len(words.split()) <= 7 and len(words) <= 60 else None


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


def _with_parties(
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
    _fill_own(own, other, low.text)
    _fill_other(own, other, text, low, fields, credit=credit)
    if wallet := _wallet(text, low.text, other):
        other.account, other.bank = wallet
    if not other.name and (named := _NAMED.search(low.text)):
        other.name = _name_in(text[low.span(named.start(), named.end())[1] :][:60])
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


def _fill_own(own: _Party, other: _Party, low: str) -> None:
    """The account that the message is about, and the bank that wrote the message."""
    if not own.account:
        for match in _OWN.finditer(low):
            before = low[max(0, match.start() - 12) : match.start()]
            number = re.sub(r"[ .]", "", match[1])
            if number != other.account and not re.search(
                r"(?:toi|den|cho|vao|qua|sang|nhan|huong) (?:so )?$", before
            ):
                own.account = number
                break
    if not own.bank:
        head = [mention for mention in Context(low).mentions if not mention.weak or mention.start < 3]
        for mention in head:
            written_by = mention.start <= 4 or re.search(
                r"(?:tk|tai khoan|tai) $", low[: mention.start][-10:]
            )
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
        other.name = other.name or _name_in(field)
    if not other.account and match:
        other.account = match[1]
    if match and other.account == match[1]:
        tail = text[low.span(*match.span(1))[1] :][:80]
        tail = re.split(r"[.|\n;]|\b(?:toi|den|tu)\b", tail, maxsplit=1)[0]
        other.bank = other.bank or _bank_in(tail)
        other.name = other.name or _name_in(text[slice(*low.span(*match.span()))]) or _name_in(tail)
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
            party.name = _name_in(re.split(r"[.;|]", text[low.span(at, end)[1] :][:60], maxsplit=1)[0])
    for match in _BEFORE_NAME.finditer(low.text):
        tail = text[low.span(*match.span())[1] :][:50]
        if not other.name and tail[:2].isupper():
            other.name = _name_in(re.split(r"[.,;|(\n]", tail, maxsplit=1)[0])


def _wallet(text: str, low: str, other: _Party) -> tuple[str, str] | None:
    """Phone and provider of a wallet, where no account is named."""
    number = (
        phone.clean(other.account) if other.account and re.fullmatch(r"0[0-9]{9}", other.account) else None
    )
    if other.account and not number:
        return None
    if found := next((item for item in identify(text) if item.kind is Kind.WALLET), None):
        provider, _, told = found.value.partition(":")
        return told, provider
    writer = next((cue.wallet for cue in Context(low).cues if cue.wallet and cue.start <= 4), None)
    numbers = [
        item.value for item in identify(text) if item.kind is Kind.PHONE and phone.is_mobile(item.value)
    ]
    return (number or numbers[0], writer.provider) if writer and (number or numbers) else None
