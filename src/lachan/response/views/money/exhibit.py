"""The exhibit of a trace: from the terms that its fact keeps, and the facts up to a number, always the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.access import person_names
from lachan.foundation.base import VIETNAM, Conflict, InputReason, Language, NotFound, translate
from lachan.foundation.trail.tables import fact
from lachan.ledger import OUTSIDE, UNKNOWN, Known, Source, TransferFact
from lachan.response.model import ExhibitReason, Trace
from lachan.response.rules.side_by_side import Closing, SideBySide, own_vnd, side_by_side
from lachan.response.views.letters import Sender, place_of
from lachan.response.views.money.load import At, surroundings_of
from lachan.response.views.names import Names, names_of
from lachan.tracing import Rule, TraceStep, trace
from lachan.tracing import Trace as Traced

ISSUED = "exhibit.issued"


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides an exhibit, beside the facts: all of it stands in the fact that issued it.

    `names` are the institutions' short names as they were then, by code.
    """

    id: str
    number: str
    rule: Rule
    at: At
    head: tuple[int, str]
    floor_vnd: int
    issued_at: datetime
    officer: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Issued:
    """An exhibit as its fact tells it."""

    fact_id: str
    number: str
    rule: Rule
    issued_at: datetime
    officer: str
    sealed: int | None
    sha256: str
    content: str
    terms: Terms


def issued_exhibits(conn: Connection, of: Trace) -> list[Issued]:
    """What was issued of this trace, newest first."""
    query = sa.select(fact).where(fact.c.subject == f"trace:{of.id}", fact.c.kind == ISSUED)
    rows = conn.execute(query.order_by(fact.c.ordinal.desc())).all()
    return [_issued(row, officer_of(conn, row.actor)) for row in rows]


def officer_of(conn: Connection, actor: str) -> str:
    """The name of who issued it; facts hold no names."""
    person_id = actor.partition(":")[2]
    return person_names(conn, [person_id]).get(person_id, "")


def issued_exhibit(conn: Connection, of: Trace, fact_id: str) -> Issued:
    """One of them; NotFound where this trace has none of that name."""
    found = next((one for one in issued_exhibits(conn, of) if one.fact_id == fact_id), None)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return found


def exhibit_pdf(conn: Connection, of: Trace, issued: Issued, sender: Sender) -> bytes:
    """The exhibit again. Conflict EXHIBIT_DIFFERS where the facts do not say any more what it said."""
    made = exhibit_of(conn, of, issued.terms, sender)
    if documents.exhibit_digest(made) != issued.content:
        raise Conflict(ExhibitReason.DIFFERS)
    return documents.render_exhibit(made, Language.VI)


def exhibit_of(conn: Connection, of: Trace, terms: Terms, sender: Sender) -> documents.Exhibit:
    """What the paper says on these terms. Conflict where there is nothing to trace, or too much of it."""
    around, own = surroundings_of(conn, of)
    if not around.complete:
        raise Conflict(ExhibitReason.TOO_WIDE)
    known = around.at(as_of=terms.at.as_of, known_at=terms.at.known_at, sealed=terms.head[0])
    found = side_by_side(known, own, terms.floor_vnd)
    if not found.losses:
        raise Conflict(ExhibitReason.NOTHING_TRACED)
    traced = trace(
        [one.transfer for one in known.transfers], list(known.disputed), rule=terms.rule, openings=known.openings,
        floor_vnd=terms.floor_vnd, keep_steps=True,
    )  # fmt: skip
    return _Writer(of, terms, known, found, traced, Names(terms.names)).exhibit(
        _heading(of, terms, sender, place_of(conn, of.desk_id))
    )


def names_in(conn: Connection, known: Known) -> dict[str, str]:
    """The short names of the institutions that the facts name, as they are now."""
    names = names_of(conn)
    codes = {word.told_by for one in known.transfers for word in one.facts if word.told_by != "report"}
    codes |= {_code(account) for one in known.transfers for account in (one.transfer.payer, one.transfer.payee)}
    return {code: names.institution(code) for code in sorted(codes - {""})}


class _Writer:
    """Names losses T1…, sources N1…, and writes every part."""

    def __init__(
        self, of: Trace, terms: Terms, known: Known, found: SideBySide, traced: Traced, names: Names
    ) -> None:
        self.of, self.terms, self.known, self.found, self.traced, self.names = (
            of,
            terms,
            known,
            found,
            traced,
            names,
        )
        self.by_id = {one.transfer.id: one for one in known.transfers}
        self.losses = {name: f"T{number}" for number, name in enumerate(found.losses, 1)}
        self.cited: dict[str, TransferFact] = {}  # by the trail's fact, the first word that came with it

    def exhibit(self, heading: documents.Heading) -> documents.Exhibit:
        """Everything; sources are numbered as they are first cited."""
        losses = tuple(self._loss(name) for name in self.losses)
        steps = tuple(self._step(one) for one in self.traced.steps if self._shares(one.by_loss))
        accounts = tuple(
            documents.ExhibitAccount(
                self._party(one.account), one.balance_vnd, self._shares(one.by_loss), one.opening.source.value,
                one.opening.amount_vnd,
            )
            for one in self.traced.accounts
            if own_vnd(one, self.losses)
        )  # fmt: skip
        return documents.Exhibit(
            heading=heading,
            trace_code=self.of.code,
            rule=self.terms.rule.value,
            as_of=self.terms.at.as_of,
            known_at=self.terms.at.known_at,
            issued_at=self.terms.issued_at,
            facts=sum(len(one.facts) for one in self.known.transfers),
            losses=losses,
            steps=steps,
            accounts=accounts,
            sums=tuple(self._sum(name) for name in self.losses),
            ranges=tuple(
                documents.ExhibitRange(self._party(one.account), one.lowest_vnd, one.highest_vnd)
                for one in self.found.sides
            ),
            rules=tuple(_closing(one) for one in self.found.closings),
            sources=tuple(self._source(number, one) for number, one in enumerate(self.cited.values(), 1)),
        )

    def _loss(self, name: str) -> documents.ExhibitLoss:
        known = self.by_id[name]
        one = known.transfer
        return documents.ExhibitLoss(
            self.losses[name], _reference(name), known.booked_at, self._party(one.payer), self._party(one.payee),
            one.amount_vnd, self._sources(known.facts),
        )  # fmt: skip

    def _step(self, step: TraceStep) -> documents.ExhibitStep:
        known = self.by_id[step.transfer]
        begins = step.disputed and step.transfer in self.losses
        remark = "begins" if begins else "back" if step.undoes else "diluted" if step.diluted else ""
        target = step.target or self._say(f"left_{known.transfer.kind}")
        return documents.ExhibitStep(
            _reference(step.transfer), known.booked_at, self._party(step.source or OUTSIDE),
            self._party(target) if step.target else target, step.amount_vnd, self._shares(step.by_loss), remark,
            self._sources(known.facts),
        )  # fmt: skip

    def _sum(self, name: str) -> documents.ExhibitSum:
        one = self.traced.losses[name]
        unknown_vnd = sum(
            account.by_loss.get(name, 0) for account in self.traced.accounts if account.account.startswith(UNKNOWN)
        )
        return documents.ExhibitSum(
            self.losses[name], one.disputed_vnd, one.overlap_vnd, one.located_vnd - unknown_vnd, unknown_vnd,
            one.out_of_reach_vnd, one.diluted_vnd,
        )  # fmt: skip

    def _shares(self, by_loss: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        return tuple((short, by_loss[name]) for name, short in self.losses.items() if by_loss.get(name))

    def _sources(self, facts: Collection[TransferFact]) -> tuple[str, ...]:
        for one in facts:
            self.cited.setdefault(one.fact_id, one)
        numbers = {fact_id: number for number, fact_id in enumerate(self.cited, 1)}
        return tuple(f"N{number}" for number in sorted({numbers[one.fact_id] for one in facts}))

    def _source(self, number: int, one: TransferFact) -> documents.ExhibitSource:
        subject, _, key = one.origin.partition(":")
        said = {"institution": self.names.institution(one.told_by), "trace": self.of.code, "row": one.row}
        match one.source:
            case Source.ANSWER:
                what = self._say("source_answer", revision=one.revision, request=key[-6:].upper(), **said)
            case Source.RECEIPT:
                what = self._say("source_receipt", request=key[-6:].upper(), **said)
            case Source.FILE:
                what = self._say("source_file", **said | {"institution": one.told_by})
            case Source.REPORT if one.told_by != "report":
                what = self._say("source_confirmation", **said)
            case Source.REPORT:
                mine = subject == "loss" and key in self.found.losses.values()
                what = self._say("source_report" if mine else "source_other_report", **said)
        return documents.ExhibitSource(f"N{number}", what, one.message_id or "", one.learned_at, one.sealed or 0)

    def _party(self, account: str) -> str:
        """`Sông Hồng 0071000123456`, in full: an exhibit is evidence."""
        if account == OUTSIDE:
            return self._say("outside_party")
        if account.startswith(UNKNOWN):
            return f"{self._say('unknown_party')} ({_reference(account.removeprefix(UNKNOWN))})"
        code = _code(account)
        number = account.rpartition(":")[2]
        return f"{self.names.institution(code)} {number}" if code else account

    def _say(self, key: str, **params: object) -> str:
        return translate(f"document.exhibit.{key}", Language.VI, **params)


def _closing(one: Closing) -> documents.ExhibitSum:
    return documents.ExhibitSum(
        one.rule.value, one.disputed_vnd, one.overlap_vnd, one.located_vnd, one.unknown_vnd, one.out_of_reach_vnd,
        one.diluted_vnd,
    )  # fmt: skip


def _heading(of: Trace, terms: Terms, sender: Sender, place: str) -> documents.Heading:
    sequence, head = terms.head
    link = f"https://{urlsplit(sender.base_url).netloc}/trace/{of.code}/money"
    officer = terms.officer or translate("document.exhibit.officer_unknown", Language.VI)
    position = translate("document.exhibit.signatory", Language.VI)
    return documents.Heading(
        issuer=documents.Issuer(sender.name, "", place),
        number=terms.number,
        issued_on=terms.issued_at.astimezone(VIETNAM).date(),
        urgency=documents.Urgency.ORDINARY,
        signatory=documents.Signatory(officer, position, documents.Capacity.OWN, ""),
        recipients=(),
        verification=documents.Verification(terms.id, sequence, head, link),
    )


def _issued(row: Any, officer: str) -> Issued:
    data = row.data
    rule, issued_at = Rule(data["rule"]), row.happened_at
    terms = Terms(
        data["exhibit"], data["number"], rule, At(_instant(data["as_of"]), _instant(data["known_at"])),
        (data["head"]["sequence"], data["head"]["hash"]), data["floor_vnd"], issued_at, officer, data["names"],
    )  # fmt: skip
    return Issued(
        row.id, terms.number, rule, issued_at, officer, row.sequence, data["sha256"], data["content"], terms
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _code(account: str) -> str:
    """`999001` of `account:999001:0071000123456`; nothing where a file names accounts in its own way."""
    return account.split(":")[1] if account.count(":") == 2 else ""


def _reference(name: str) -> str:
    """A made-up reference (`unknown-…`) says nothing to a reader but its end."""
    return name if len(name) <= 24 else f"…{name[-12:]}"
