"""Labelled fields, amounts, times, references and notes of bank messages and app screens."""

import re
from datetime import UTC, datetime
from functools import cache

from lachan.foundation.base import VIETNAM, VND_MAX
from lachan.foundation.identifiers.institutions import data_patterns
from lachan.foundation.identifiers.text import Mapped, plain

# These words also stand inside sentences: they are labels only before a colon or at the end of a line.
_NEED_COLON = frozenset(
    {"fee", "from", "to", "amount", "balance", "time", "payee_bank", "reference", "name", "note"}
)
_MONEY = r"[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{4,13}"
SIGNED = re.compile(rf"(?<![0-9a-z\-/])\(?([+\-])\)?\s?({_MONEY})(?![0-9])(?!\s?[\-/][0-9])")
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
    re.compile(r"(?P<y>20[0-9]{2})-(?P<m>[01][0-9])-(?P<d>[0-3][0-9])[t ]"
               r"(?P<H>[0-2][0-9]):(?P<M>[0-5][0-9])(?::(?P<S>[0-5][0-9]))?"),
)  # fmt: skip
_FREE_REFERENCE = re.compile(r"(?<![a-z0-9])(ft[0-9]{11,18}[a-z0-9]{0,6}|mbvcb\.[0-9.]{6,30}[0-9])")
_REF = re.compile(
    r"(?<![a-z])ref\.? ?(?=[a-z.\-]{0,12}[0-9])([a-z0-9\-]{3,30}(?:\.[a-z0-9]{0,20}[0-9][a-z0-9]{0,20})*)"
)
_CODED_NOTE = re.compile(r"(?<![a-z])ref\.? ?[a-z0-9.]*?\.([a-z][^.\n]{4,80})\.ct (?:tu|den)")
_NOT_NAME_WORDS = (
    "vnd vnđ tk nd sd gd ct ref tai ngan hang bank chuyen tien so du luc stk ctk vcb tcb mb bidv acb vib shb "
    "msb ocb tpb vpb stb ctg hdb den toi cho momo zalopay ib ibft qr napas mbvcb ft sdt sms ps st ma den"
)
_NOT_NAMES = frozenset(_NOT_NAME_WORDS.split())


@cache
def _label_pattern() -> re.Pattern[str]:
    labels = data_patterns("message_labels.yaml")
    options = "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in labels.items())
    return re.compile(rf"(?<![a-z0-9])(?:{options})(?![a-z0-9])")


def labelled(text: str, low: Mapped) -> dict[str, str]:
    """Label → the text after it, up to the next label or the end of the line (or on the next line)."""
    marks: list[tuple[str, int, int]] = []
    for match in _label_pattern().finditer(low.text):
        name = match.lastgroup or ""
        after = low.text[match.end() : match.end() + 24]
        told = bool(re.match(r" ?[:=]| ?\n", after)) or name not in _NEED_COLON
        if name == "reference":
            told = told or bool(re.match(r" [a-z]{0,6}[0-9]{5}", after))
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


def amount_of(low: str, fields: dict[str, str]) -> tuple[int | None, bool]:
    """The amount, and whether it was credited to the account that the message is about."""
    told = plain(fields.get("amount", "")).text.lower()
    match = re.match(rf"([+\-]?)\s?({_MONEY})(?![0-9])", told)
    if match and (amount := _vnd(match[2])):
        return amount, match[1] == "+" or (not match[1] and _is_credit(low))
    for match in SIGNED.finditer(low):
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


def booked_at_of(low: str) -> datetime | None:
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


def reference_of(text: str, low: Mapped, fields: dict[str, str]) -> str | None:
    told = re.match(r"[A-Za-z0-9][A-Za-z0-9.\-_/]{3,40}", fields.get("reference", ""))
    if told and any(char.isdigit() for char in told.group()):
        return re.sub(r"\.CT$", "", told.group().rstrip(".-_/"))
    if match := _REF.search(low.text) or _FREE_REFERENCE.search(low.text):
        first, last = low.span(*match.span(1))
        return text[first:last].rstrip(".-")
    return None


def note_of(text: str, low: Mapped, fields: dict[str, str]) -> str | None:
    note = fields.get("note", "")
    if not note and (match := _CODED_NOTE.search(low.text)):
        note = text[slice(*low.span(*match.span(1)))]
    return note.strip(' .;|-:"') or None


def name_in(text: str) -> str | None:
    """The first run of two and more words in capitals; else the whole text where it Looks Like A Name."""
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
