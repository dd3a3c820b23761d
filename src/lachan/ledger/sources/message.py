"""A bank's message as a tree that cannot harm: no entities, no document type, nothing fetched, nothing endless."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from io import BytesIO
from typing import Any

from lxml import etree

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import institutions
from lachan.ledger.model import LedgerReason, Refusal, Rejected, Transfer
from lachan.ledger.rules import TEXT_MAX, Unfit, amount_cell, instant_cell

MESSAGE_BYTES_MAX = 64 * 2**20
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_ANY_DOCUMENT = "{*}Document"
_VIETNAM = "VN"
_BIN = re.compile(r"[0-9]{6}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: `name` as in `camt.053.001.08`, its id, its transfers, what of it was refused and why.

    `openings` are booked opening balances by account, in VND. Transfers are sound each alone: one may reverse
    another that an earlier message told.
    """

    name: str
    id: str
    transfers: tuple[Transfer, ...]
    rejected: tuple[Rejected, ...]
    openings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """An element of the message; paths are local names, such as `PmtId/UETR`."""

    element: Any
    namespace: str

    def text(self, path: str) -> str:
        """The text at the path, trimmed; empty where there is none."""
        found = self.element.findtext(_path(self.namespace, path))
        return found.strip() if found else ""

    def first(self, *paths: str) -> str:
        """The first text there is."""
        return next(filter(None, map(self.text, paths)), "")

    def part(self, path: str) -> "Part":
        """The element at the path; an empty one where there is none."""
        found = self.element.find(_path(self.namespace, path))
        return Part(etree.Element("none") if found is None else found, self.namespace)

    def parts(self, path: str) -> Iterator["Part"]:
        """Every element at the path."""
        return (Part(each, self.namespace) for each in self.element.iterfind(_path(self.namespace, path)))

    def amount_vnd(self, path: str, *, least: int = 1) -> int:
        """A sum of money in VND; another currency is refused, for nobody here knows its rate."""
        stated = self.text(path)
        currency = self.part(path).element.get("Ccy", "")
        if stated and currency != "VND":
            raise Unfit(Refusal(LedgerReason.OTHER_CURRENCY, path, {"value": currency[:3]}))
        return amount_cell(_xml_decimal(stated), path, least=least)


def kind_of(content: bytes) -> str:
    """Which message it says it is, as `camt.053`; empty where it is none, or nothing that can be read.

    Only its `Document` is looked for, and `open_message` says what is wrong with it.
    """
    try:
        events = etree.iterparse(
            BytesIO(content[:MESSAGE_BYTES_MAX]), ("start",), tag=_ANY_DOCUMENT, resolve_entities=False,
            no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        )  # fmt: skip
        namespace = etree.QName(next(iter(events))[1]).namespace or ""
    except (etree.XMLSyntaxError, ValueError, StopIteration):
        return ""
    return namespace.removeprefix(_NAMESPACE)[: len("camt.053")]


def open_message(content: bytes, kind: str, versions: range, body: str) -> tuple[str, Part, str]:
    """The message's full name, its body and its id.

    BadInput TOO_LARGE, UNREADABLE_FILE (no well-formed XML), DOCUMENT_TYPE_REFUSED, UNSUPPORTED_MESSAGE (another
    message, or a version that is not read), MISSING (no id).
    """
    if len(content) > MESSAGE_BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, field=kind, limit=MESSAGE_BYTES_MAX)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=kind, expected=f"{kind} (XML)") from error
    if root.getroottree().docinfo.doctype:
        raise BadInput(LedgerReason.DOCUMENT_TYPE_REFUSED, field=kind)
    # Alone, or beside its header (`AppHdr`) in a business envelope; of several none is taken for all.
    documents = [root] if etree.QName(root).localname == "Document" else list(root.iter(_ANY_DOCUMENT))
    namespace = (etree.QName(documents[0]).namespace or "") if len(documents) == 1 else ""
    name = namespace.removeprefix(_NAMESPACE)
    known = {f"{kind}.001.{version:02}" for version in versions}
    found = documents[0].find(_path(namespace, body)) if name in known else None
    if found is None:
        oldest, newest = versions[0], versions[-1]
        expected = f"{kind}.001.{oldest:02} – {kind}.001.{newest:02}"
        raise BadInput(LedgerReason.UNSUPPORTED_MESSAGE, field=kind, expected=expected)
    message = Part(found, namespace)
    identity = message.text("GrpHdr/MsgId")
    if not identity:
        raise BadInput(InputReason.MISSING, field="GrpHdr/MsgId")
    return name, message, identity


def account_of(account: Part, agent: Part, field: str) -> str:
    """The key of an account, empty where none is named.

    `BIN:number` where the bank is known, `BIC:number` where only its BIC is, else the number alone.
    """
    number = account.first("Id/IBAN", "Id/Othr/Id")
    if not number or account.text("Id/IBAN"):
        return fit(number, field)
    bic, member = bic_of(agent), agent.text("FinInstnId/ClrSysMmbId/MmbId")
    if _BIN.fullmatch(member):
        return fit(f"{member}:{number}", field)
    bank = institutions().bank(bic) if bic else None
    holder = bank.bin if bank else bic[:8]
    return fit(f"{holder}:{number}" if holder else number, field)


def bic_of(agent: Part) -> str:
    """The BIC of an institution, empty where it says none."""
    return agent.first("FinInstnId/BICFI", "FinInstnId/BIC").upper()


def is_abroad(agent: Part, account: Part) -> bool:
    """Whether the account is kept in another country: its bank's BIC says so, or its IBAN does."""
    country = bic_of(agent)[4:6] or account.text("Id/IBAN")[:2].upper()
    return country not in {"", _VIETNAM}


def instant_of(stated: str, field: str, local: tzinfo | None) -> datetime:
    """An instant of the message. `local` is what the sender has agreed to mean where it states no offset."""
    if _DATE.fullmatch(stated):
        raise Unfit(Refusal(LedgerReason.DATE_WITHOUT_TIME, field))
    if local is not None and stated:
        try:
            naive = datetime.fromisoformat(stated)
        except ValueError:
            return instant_cell(stated, field)  # which says what is wrong
        if naive.tzinfo is None:
            return instant_cell(naive.replace(tzinfo=local), field)
    return instant_cell(stated, field)


def known_id(references: Part, *more: str) -> str:
    """What all who handle the payment call it: UETR, else TxId, else one of `more`; NOTPROVIDED names nothing."""
    for path in ("UETR", "TxId", *more):
        found = references.text(path)
        if found and found != "NOTPROVIDED":
            return fit(found, path)
    return ""


def need(value: str, field: str) -> str:
    """The value, or the refusal MISSING."""
    if not value:
        raise Unfit(Refusal(InputReason.MISSING, field))
    return value


def told_once(transfers: Iterable[Transfer], rejected: list[Rejected], message_id: str) -> tuple[Transfer, ...]:
    """The transfers without those whose id the message has told before, which are refused."""
    by_id: dict[str, Transfer] = {}
    for one in transfers:
        if by_id.setdefault(one.id, one) is not one:
            raw = {"message": message_id, "reference": one.id}
            rejected.append(Rejected(one.row, Refusal(LedgerReason.REPEATED_TRANSFER, "id"), raw))
    rejected.sort(key=lambda one: one.row)
    return tuple(by_id.values())


def check_count(stated: str, found: int, field: str) -> None:
    """A message that holds another number of records than it says was cut, and is refused as a whole."""
    if stated and (not (stated.isascii() and stated.isdigit()) or int(stated[:18]) != found):
        raise BadInput(LedgerReason.INCOMPLETE_MESSAGE, field=field, expected=stated[:18], found=found)


def fit(text: str, field: str) -> str:
    """A name that can be kept, or the refusal MALFORMED."""
    if len(text) > TEXT_MAX or not text.isprintable():
        raise Unfit(Refusal(InputReason.MALFORMED, field, {"expected": "0123456789"}))
    return text


def _xml_decimal(stated: str) -> str:
    """An amount of XML, whose point is always that of a decimal, as a cell that nobody can take for thousands."""
    whole, point, fraction = stated.removeprefix("+").partition(".")
    if point and fraction.strip("0") == "" and (fraction or whole):
        return whole or "0"
    return stated.removeprefix("+")


@lru_cache(maxsize=1024)
def _path(namespace: str, path: str) -> str:
    return "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))
