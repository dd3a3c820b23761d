"""An exhibit of a traced flow of money: every step, by which rule, from which source, and that the sum closes."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from lachan.foundation.base import VIETNAM, Language, translate
from lachan.foundation.documents.frame import finish, row
from lachan.foundation.documents.model import Heading
from lachan.foundation.documents.writing import clean, moment, short_date

Row = list[str]


@dataclass(frozen=True, slots=True)
class ExhibitSource:
    """Whose word it is, as `N1`: the message or file that brought it, when, and the trail's fact about it."""

    name: str
    what: str
    message: str
    learned_at: datetime
    sealed: int


@dataclass(frozen=True, slots=True)
class ExhibitLoss:
    """One disputed transfer, as `T1`."""

    name: str
    reference: str
    booked_at: datetime
    payer: str
    payee: str
    amount_vnd: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExhibitStep:
    """One transfer that carried the losses' money; `remark` is a word of the catalogue, or nothing."""

    reference: str
    booked_at: datetime
    source: str
    target: str
    amount_vnd: int
    by_loss: tuple[tuple[str, int], ...]
    remark: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExhibitAccount:
    """What is in one account in the end; `opening` is how its opening is known: stated, implied, in conflict."""

    account: str
    balance_vnd: int
    by_loss: tuple[tuple[str, int], ...]
    opening: str
    opening_vnd: int


@dataclass(frozen=True, slots=True)
class ExhibitSum:
    """Where a loss, or under another rule all of them, is: `name` is the loss or the rule."""

    name: str
    disputed_vnd: int
    overlap_vnd: int
    located_vnd: int
    unknown_vnd: int
    out_of_reach_vnd: int
    diluted_vnd: int

    @property
    def closes(self) -> bool:
        """Whether every đồng has a place."""
        parts_vnd = self.located_vnd + self.unknown_vnd + self.out_of_reach_vnd + self.diluted_vnd
        return self.disputed_vnd - self.overlap_vnd == parts_vnd


@dataclass(frozen=True, slots=True)
class ExhibitRange:
    """What all rules find in one account: the least and the most."""

    account: str
    lowest_vnd: int
    highest_vnd: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """All that the paper says. `rule` names one of the conserving rules; None for an instant: no bound."""

    heading: Heading
    trace_code: str
    rule: str
    as_of: datetime | None
    known_at: datetime | None
    issued_at: datetime
    facts: int
    losses: tuple[ExhibitLoss, ...]
    steps: tuple[ExhibitStep, ...]
    accounts: tuple[ExhibitAccount, ...]
    sums: tuple[ExhibitSum, ...]
    ranges: tuple[ExhibitRange, ...]
    rules: tuple[ExhibitSum, ...]
    sources: tuple[ExhibitSource, ...]


def exhibit_digest(exhibit: Exhibit) -> str:
    """SHA-256 over all that the exhibit says: it stays the same when only the drawing of it changes."""
    said = json.dumps(asdict(exhibit), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(said.encode()).hexdigest()


def render_exhibit(exhibit: Exhibit, language: Language = Language.VI) -> bytes:
    """The exhibit as a PDF; the same exhibit gives the same bytes.

    Raises:
        BadInput: a text is missing or too long.
    """
    says = _Says(language)
    last = exhibit.heading.verification
    content = {
        "type": says("type"),
        "abstract": says("abstract", trace=clean(exhibit.trace_code, field="trace_code")),
        "opening": [
            says(
                "opening", issuer=clean(exhibit.heading.issuer.name, field="issuer"), rule=says.rule(exhibit.rule)
            ),
            says(f"explain_{exhibit.rule}"),
        ],
        "facts": [
            row("trace", exhibit.trace_code, language),
            (says("fact_rule"), says.rule(exhibit.rule)),
            (says("fact_as_of"), says.bound(exhibit.as_of)),
            (says("fact_known_at"), says.bound(exhibit.known_at)),
            (says("fact_facts"), says("facts", count=says.number(exhibit.facts), sequence=last.trail_sequence)),
            (says("fact_head"), last.trail_hash),
            (says("fact_digest"), exhibit_digest(exhibit)),
        ],
        "tables": [
            _losses(exhibit, says),
            _steps(exhibit, says),
            _accounts(exhibit, says),
            _ranges(exhibit, says),
            _rules(exhibit, says),
            _sources(exhibit, says),
        ],
        "sums": {"title": says("sums_title"), "lines": [says.sum(one) for one in exhibit.sums]},
        "closing": [says("closing"), says("reproducible", sequence=last.trail_sequence)],
    }
    return finish("exhibit", exhibit.heading, content, language)


class _Says:
    """The exhibit's own words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **params: object) -> str:
        return translate(f"document.exhibit.{key}", self.language, **params)

    def rule(self, name: str) -> str:
        return self(f"rule_{name}")

    def number(self, value: int) -> str:
        return f"{value:,}" if self.language is Language.EN else f"{value:,}".replace(",", ".")

    def money(self, amount_vnd: int) -> str:
        return self.number(amount_vnd)

    def at(self, instant: datetime) -> str:
        """To the second: the order of two transfers may hang on it."""
        local = instant.astimezone(VIETNAM)
        return f"{local:%H:%M:%S} {short_date(local.date(), self.language)}"

    def bound(self, instant: datetime | None) -> str:
        return self("unbounded") if instant is None else f"{moment(instant, self.language)} ({self.at(instant)})"

    def shares(self, by_loss: tuple[tuple[str, int], ...]) -> str:
        return " ".join(f"{name}: {self.money(vnd)}" for name, vnd in by_loss) or "0"

    def sum(self, one: ExhibitSum) -> str:
        """`T1: 50.000.000 − 0 = 30.000.000 + … : khớp`."""
        key = "sum" if one.closes else "sum_open"
        said = self(
            key, disputed=self.money(one.disputed_vnd), overlap=self.money(one.overlap_vnd),
            located=self.money(one.located_vnd), unknown=self.money(one.unknown_vnd),
            out_of_reach=self.money(one.out_of_reach_vnd), diluted=self.money(one.diluted_vnd),
            net=self.money(one.disputed_vnd - one.overlap_vnd),
        )  # fmt: skip
        return f"{clean(one.name, field='loss')}: {said}"


def _table(says: _Says, name: str, widths: list[str], right: list[int], rows: list[Row]) -> dict[str, object]:
    heads = [says(f"{name}_{number}") for number in range(1, len(widths) + 1)]
    return {"title": says(f"{name}_title"), "widths": widths, "right": right, "heads": heads, "rows": rows}


def _losses(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [one.name, says.at(one.booked_at), clean(one.reference, field="reference"), _ends(one.payer, one.payee),
         says.money(one.amount_vnd), ", ".join(one.sources)]
        for one in exhibit.losses
    ]  # fmt: skip
    return _table(says, "losses", ["9mm", "20mm", "28mm", "1fr", "25mm", "16mm"], [4], rows)


def _steps(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [
            str(number), says.at(one.booked_at), clean(one.reference, field="reference"),
            _ends(one.source, one.target) + (f" ({says(f'remark_{one.remark}')})" if one.remark else ""),
            says.money(one.amount_vnd), says.shares(one.by_loss), ", ".join(one.sources),
        ]
        for number, one in enumerate(exhibit.steps, 1)
    ]  # fmt: skip
    return _table(says, "steps", ["10mm", "19mm", "22mm", "1fr", "22mm", "27mm", "12mm"], [4, 5], rows)


def _accounts(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [
            clean(one.account, field="account"), says.money(one.balance_vnd), says.shares(one.by_loss),
            f"{says.money(one.opening_vnd)} ({says(f'opening_{one.opening}')})",
        ]
        for one in exhibit.accounts
    ]  # fmt: skip
    located_vnd = sum(vnd for one in exhibit.accounts for _, vnd in one.by_loss)
    rows.append([says("accounts_total"), "", says.money(located_vnd), ""])
    return _table(says, "accounts", ["1fr", "28mm", "34mm", "42mm"], [1, 2, 3], rows)


def _ranges(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [
            clean(one.account, field="account"), says.money(one.lowest_vnd), says.money(one.highest_vnd),
            says("agreed") if one.lowest_vnd == one.highest_vnd else says("differ"),
        ]
        for one in exhibit.ranges
    ]  # fmt: skip
    return _table(says, "ranges", ["1fr", "28mm", "28mm", "34mm"], [1, 2], rows)


def _rules(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [
            says.rule(one.name), says.money(one.disputed_vnd), says.money(one.overlap_vnd),
            says.money(one.located_vnd), says.money(one.unknown_vnd), says.money(one.out_of_reach_vnd),
            says.money(one.diluted_vnd), says("closes" if one.closes else "open"),
        ]
        for one in exhibit.rules
    ]  # fmt: skip
    widths = ["1fr", "22mm", "18mm", "22mm", "20mm", "20mm", "16mm", "13mm"]
    return _table(says, "rules", widths, [1, 2, 3, 4, 5, 6], rows)


def _sources(exhibit: Exhibit, says: _Says) -> dict[str, object]:
    rows = [
        [one.name, clean(one.what, field="source"), clean(one.message, field="message", optional=True),
         says.at(one.learned_at), says.number(one.sealed)]
        for one in exhibit.sources
    ]  # fmt: skip
    return _table(says, "sources", ["9mm", "1fr", "45mm", "20mm", "17mm"], [4], rows)


def _ends(payer: str, payee: str) -> str:
    return f"{clean(payer, field='payer')} → {clean(payee, field='payee')}"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat()
    return str(value)
