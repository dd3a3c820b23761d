"""How the registry's pages name claimants, people, reasons and identifiers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.doors.web.registry.shapes import Identified
from lachan.foundation.access import agencies, person_names
from lachan.foundation.base import BadInput, LachanError, Language
from lachan.foundation.identifiers import Kind, caption, mask, parse_key
from lachan.foundation.taxonomy import claim_source, legal_basis, scam_form, suspicion_reason
from lachan.registry import Claim, Decision
from lachan.registry.model import CITIZENS
from lachan.response.shapes import Message
from lachan.response.views.names import Names, masked

# What belongs to somebody: shown whole only after a purpose was stated.
PERSONAL = frozenset({
    Kind.ACCOUNT, Kind.WALLET, Kind.PHONE, Kind.EMAIL, Kind.SOCIAL, Kind.IMEI, Kind.CITIZEN, Kind.CRYPTO,
})  # fmt: skip
_ICONS = {
    Kind.ACCOUNT: "account", Kind.WALLET: "wallet", Kind.CRYPTO: "wallet", Kind.PHONE: "phone",
    Kind.SENDER: "phone", Kind.CITIZEN: "person", Kind.SOCIAL: "person", Kind.EMAIL: "note",
    Kind.COMPANY: "merchant", Kind.APP: "file", Kind.IMEI: "phone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that has a name, in one language, on one day."""

    language: Language
    now: datetime
    names: Names
    agencies: dict[str, str]
    people: dict[str, str]

    def claimant(self, reference: str) -> str:
        """An agency's short name, a list's, or the citizens."""
        if found := self.agencies.get(reference):
            return found
        if reference == CITIZENS:
            return claim_source("report", self.now).label(self.language)
        return self.source(reference.partition(":")[2] or reference)

    def who(self, reference: str | None) -> str:
        """A person's name; what is no person is named by its own word."""
        kind, _, rest = (reference or "").partition(":")
        return self.people.get(rest) or (rest if kind == "person" else "lachan")

    def source(self, code: str) -> str:
        """Where a claim comes from."""
        return self._label(lambda: claim_source(code, self.now).label(self.language), code)

    def reason(self, code: str) -> str:
        """A reason for suspicion in words."""
        return self._label(lambda: suspicion_reason(code, self.now).label(self.language), code)

    def scam(self, code: str | None) -> str | None:
        """A form of fraud in words."""
        return None if code is None else self._label(lambda: scam_form(code, self.now).label(self.language), code)

    def basis(self, code: str) -> str:
        """A legal basis as a table cites it."""
        return self._label(lambda: legal_basis(code, self.now).brief(self.language), code)

    def identified(self, key: str, *, full: bool = False) -> Identified:
        """An identifier, whole where it is nobody's or a purpose was stated."""
        try:
            kind = parse_key(key).kind
        except BadInput:
            return Identified("info", Message("web.registry.kind.other"), key if full else "••••", full)
        shown = full or kind not in PERSONAL
        text = _whole(self.names, kind, key) if shown else _masked(self.names, kind, key)
        return Identified(_ICONS.get(kind, "url"), Message(f"web.registry.kind.{kind.value}"), text, shown)

    @staticmethod
    def _label(say: Callable[[], str], code: str) -> str:
        try:
            return say()
        except LachanError:
            return code


def words_of(
    conn: Connection, language: Language, now: datetime, claims: Iterable[Claim] = (),
    decisions: Iterable[Decision] = (), more: Iterable[str | None] = (),
) -> Words:  # fmt: skip
    """The names that a page needs, in two queries."""
    references = [one.made_by for one in claims] + [one.ended_by for one in claims]
    references += [one.made_by for one in decisions] + [one.checked_by for one in decisions] + list(more)
    ids = {rest for kind, _, rest in ((one or "").partition(":") for one in references) if kind == "person"}
    known = agencies(conn)
    return Words(
        language, now, Names({code: one.short_name for one in known for code in one.codes}),
        {one.id: one.short_name for one in known}, person_names(conn, ids),
    )  # fmt: skip


def _whole(names: Names, kind: Kind, key: str) -> str:
    holder, _, number = key.partition(":")[2].rpartition(":")
    if kind is Kind.ACCOUNT and holder:
        return f"{names.institution(holder)} {number}"
    return caption(key)


def _masked(names: Names, kind: Kind, key: str) -> str:
    value = key.partition(":")[2]
    if kind in {Kind.ACCOUNT, Kind.WALLET}:
        holder, _, number = value.rpartition(":")
        return f"{names.institution(holder) if holder else ''} {masked(number)}".strip()
    return masked(value) if kind is Kind.PHONE else mask(key)
