"""Booked entries of an account, as a statement (camt.053) and a notice (camt.054) tell them in the same words."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from lachan.foundation.base import InputReason
from lachan.ledger.model import OUTSIDE, LedgerReason, Refusal, Rejected, Transfer, TransferKind
from lachan.ledger.rules import TEXT_MAX, Unfit
from lachan.ledger.sources.message import (
    Part,
    account_of,
    check_count,
    fit,
    instant_of,
    is_abroad,
    known_id,
    need,
    told_once,
)

# External codes of ISO 20022, domain PMNT: how money leaves an account other than to another account.
_LEAVES = {
    "CWDL": TransferKind.CASH_OUT,  # cash withdrawal
    "XBCW": TransferKind.CASH_OUT,  # cash withdrawal abroad
    "POSD": TransferKind.CARD_PAYMENT,  # point of sale, debit card
    "XBCP": TransferKind.CARD_PAYMENT,  # card payment abroad
    "POSC": TransferKind.CARD_PAYMENT,  # credit card payment
    "XBCT": TransferKind.CROSS_BORDER,  # credit transfer abroad
}
# Money that no account paid: counted over the counter, or made by the bank itself.
_FROM_NOWHERE = {"CDPT", "INTR"}


@dataclass(slots=True)
class Entries:
    """What one message's entries gave so far, numbered in the order of the message."""

    message_id: str
    learned_at: datetime | None
    local: tzinfo | None
    transfers: list[Transfer] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    row: int = 0
    _books: dict[str, tuple[str, Transfer]] = field(default_factory=dict)
    _nameless: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    # Account, the payment's own name, the book's name of the entry, and the transfer: in the message's order.
    _found: list[tuple[str, str, str, Transfer]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def read(self, owner: Part, pages: str) -> None:
        """Every entry of one statement or notice; `pages` is the element that says which page of several it is."""
        page = owner.part(pages)
        if page.text("PgNb") in {"", "1"} and page.text("LastPgInd") in {"", "true", "1"}:
            count = sum(1 for _ in owner.parts("Ntry"))
            check_count(owner.text("TxsSummry/TtlNtries/NbOfNtries"), count, "NbOfNtries")
        for entry in owner.parts("Ntry"):
            details = list(entry.parts("NtryDtls/TxDtls")) or [entry.part("NtryDtls/TxDtls")]
            try:
                account = need(account_of(owner.part("Acct"), owner.part("Acct/Svcr"), "Acct"), "Acct")
                amounts = _amounts(entry, details)
            except Unfit as error:
                self.row += 1
                self._refuse(entry, details[0], error.refusal)
                continue
            for detail, amount_vnd in zip(details, amounts, strict=True):
                self.row += 1
                try:
                    payment = known_id(detail.part("Refs"), "EndToEndId")
                    made = self._transfer(account, entry, detail, amount_vnd, payment)
                    # The number of an entry in its statement names it nowhere else: its time does.
                    own = detail.text("Refs/AcctSvcrRef") or entry.text("AcctSvcrRef") or made.booked_at.isoformat()
                    self._found.append((account, payment, own, made))
                except Unfit as error:
                    self._refuse(entry, detail, error.refusal)

    def once(self) -> tuple[Transfer, ...]:
        """What is sound, each once: equal reversals of a payment are several as far as it was paid here."""
        for account, payment, made in self._numbered():
            told = self._told_by_the_other_side if payment else self._told_under_another_name
            if not told(account, made):
                self.transfers.append(made)
        beyond = self._beyond_what_was_paid()
        for one in self.transfers:
            if one.id in beyond:
                raw = {"message": self.message_id, "reference": one.id}
                self.rejected.append(Rejected(one.row, Refusal(LedgerReason.REPEATED_TRANSFER, "id"), raw))
        sound = [one for one in self.transfers if one.id not in beyond]
        return told_once(sound, self.rejected, self.message_id)

    def _numbered(self) -> Iterator[tuple[str, str, Transfer]]:
        """Of equal reversals of a payment that one book names differently, the later booked have a number.

        By when they were booked, not by the order of the message: the next one may tell them the other way round.
        """
        books: dict[tuple[str, str], dict[str, datetime]] = {}
        for account, _, own, made in self._found:
            if made.reverses is not None:
                book = books.setdefault((account, made.id), {})
                book[own] = min(made.booked_at, book.get(own, made.booked_at))
        for account, payment, own, made in self._found:
            book = books.get((account, made.id), {}) if made.reverses is not None else {}
            place = sorted(book, key=lambda name: (book[name], name)).index(own) if book else 0
            numbered = f"{made.id}/{place + 1}"
            if place and len(numbered) <= TEXT_MAX:
                self._numbers[numbered] = place
                made = replace(made, id=numbered)
            yield account, payment, made

    def _beyond_what_was_paid(self) -> set[str]:
        """The numbered reversals that would bring back more of a payment than this message says was paid."""
        paid_vnd = {one.id: one.amount_vnd for one in self.transfers if one.reverses is None}
        back_vnd: dict[str, dict[str, int]] = {}
        beyond: set[str] = set()
        back = [one for one in self.transfers if one.reverses is not None]
        for one in sorted(back, key=lambda one: (one.booked_at, self._numbers.get(one.id, 0))):
            told = back_vnd.setdefault(one.reverses or "", {})
            undone_vnd = sum((told | {one.id: one.amount_vnd}).values())
            if one.id in self._numbers and undone_vnd > paid_vnd.get(one.reverses or "", 0):
                beyond.add(one.id)
            else:
                told[one.id] = one.amount_vnd
        return beyond

    def _told_by_the_other_side(self, account: str, made: Transfer) -> bool:
        """Whether the other party's statement in this message has told the very same transfer."""
        book, before = self._books.setdefault(made.id, (account, made))
        return book != account and replace(made, row=before.row) == before

    def _told_under_another_name(self, account: str, made: Transfer) -> bool:
        """The same where only the bank names it, each side its own way: parties, amount and instant agree."""
        alike = self._nameless.setdefault((made.payer, made.payee, made.amount_vnd, made.booked_at), [])
        other = next((one for one in alike if one != account), None)
        if other is None:
            alike.append(account)
            return False
        alike.remove(other)
        return True

    def _refuse(self, entry: Part, detail: Part, refusal: Refusal) -> None:
        names = detail.first("Refs/UETR", "Refs/TxId", "Refs/EndToEndId"), entry.first("AcctSvcrRef", "NtryRef")
        raw = {"message": self.message_id, "reference": next(filter(None, names), "")}
        self.rejected.append(Rejected(self.row, refusal, raw))

    def _transfer(self, account: str, entry: Part, detail: Part, amount_vnd: int, payment: str) -> Transfer:
        leaves = _leaves(detail.text("CdtDbtInd") or entry.text("CdtDbtInd"))
        reversal = entry.text("RvslInd").lower() in {"true", "1"}
        # Of what is taken back the parties keep the parts they had.
        was_debit = leaves != reversal
        side = "Cdtr" if was_debit else "Dbtr"
        party, agent = detail.part(f"RltdPties/{side}Acct"), detail.part(f"RltdAgts/{side}Agt")
        other = account_of(party, agent, f"RltdPties/{side}Acct")
        code = detail.text("BkTxCd/Domn/Fmly/SubFmlyCd") or entry.text("BkTxCd/Domn/Fmly/SubFmlyCd")
        kind = TransferKind.TRANSFER
        if was_debit:
            kind = _LEAVES.get(code, kind)
            if kind is TransferKind.TRANSFER and is_abroad(agent, party):
                kind = TransferKind.CROSS_BORDER
        if not other:
            if kind is TransferKind.TRANSFER and (was_debit or code not in _FROM_NOWHERE):
                raise Unfit(Refusal(InputReason.MISSING, f"RltdPties/{side}Acct"))
            other = OUTSIDE
        named = payment or detail.text("Refs/AcctSvcrRef") or entry.first("AcctSvcrRef", "NtryRef")
        if reversal:
            # Two facts need two names. The bank's own name of the entry is another in each party's account.
            named = f"{need(payment, 'Refs/TxId')}/RVSL/{amount_vnd}"
        return Transfer(
            id=fit(need(named, "Refs/TxId"), "AcctSvcrRef"),
            booked_at=self._booked(entry, detail),
            payer=account if leaves else other,
            payee=other if leaves else account,
            amount_vnd=amount_vnd,
            kind=kind,
            learned_at=self.learned_at,
            reverses=payment if reversal else None,
            row=self.row,
        )

    def _booked(self, entry: Part, detail: Part) -> datetime:
        for part, path in (
            (detail, "RltdDts/TxDtTm"), (detail, "RltdDts/AccptncDtTm"), (entry, "BookgDt/DtTm"),
            (entry, "BookgDt/Dt"),
        ):  # fmt: skip
            if stated := part.text(path):
                return instant_of(stated, path, self.local)
        raise Unfit(Refusal(InputReason.MISSING, "BookgDt"))


def _amounts(entry: Part, details: list[Part]) -> Iterator[int]:
    """What each part of a booked entry moved. Parts that do not make up the whole refuse it."""
    status = entry.text("Sts/Cd")
    if status != "BOOK":
        raise Unfit(Refusal(LedgerReason.NOT_BOOKED, "Sts", {"value": status[:4]}))
    whole = entry.amount_vnd("Amt")
    if len(details) == 1 and not details[0].text("Amt"):
        return iter([whole])
    parts = [detail.amount_vnd("Amt") for detail in details]
    signed = _signed(entry.text("CdtDbtInd"), whole)
    each = (
        _signed(detail.text("CdtDbtInd") or entry.text("CdtDbtInd"), part)
        for detail, part in zip(details, parts, strict=True)
    )
    if sum(each) != signed:
        raise Unfit(Refusal(LedgerReason.PARTS_DIFFER, "NtryDtls", {"expected": whole}))
    return iter(parts)


def _signed(indicator: str, amount_vnd: int) -> int:
    return -amount_vnd if _leaves(indicator) else amount_vnd


def _leaves(indicator: str) -> bool:
    if indicator not in {"DBIT", "CRDT"}:
        raise Unfit(Refusal(InputReason.MALFORMED, "CdtDbtInd", {"expected": "DBIT, CRDT"}))
    return indicator == "DBIT"
