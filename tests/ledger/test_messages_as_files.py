"""Banks' own messages go where files of transfers go: a statement is traced and imported, its opening stated."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import NOON
from tests.ledger.iso_documents import (
    UETR,
    account,
    agent,
    balance,
    camt053,
    credit_transfer,
    details,
    entry,
    enveloped,
    pacs008,
    statements_of_both,
)
from tests.response.life import MINUTE

from lachan.doors.cli import trace as command
from lachan.doors.cli.output import out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import BadInput, InputReason, Reason
from lachan.foundation.storage import Database
from lachan.ledger import (
    LedgerImport,
    LedgerReason,
    import_transfers,
    read_transfers,
    store,
    tables,
    unfaithful_rows,
)
from lachan.ledger.facts import current, known_transfers, openings

HOLDER, OTHER = "account:970436:0011001234567", "account:970415:102870001234"
CAME = entry(
    details(
        references="<EndToEndId>E2E-0</EndToEndId>", parties=account("DbtrAcct", "102870001234"),
        agents=agent("DbtrAgt", "ICBVVNVX"),
    ),
    amount="20000000", sign="CRDT", booked="<DtTm>2026-11-22T09:30:00+07:00</DtTm>", reference="BANK-0",
)  # fmt: skip
PAID = entry(details(parties=account("CdtrAcct", "102870001234"), agents=agent("CdtrAgt", "ICBVVNVX")))


def file_of(folder: Path, content: bytes, name: str = "sao-ke.XML") -> Path:
    made = folder / name
    made.write_bytes(content)
    return made


def bring(db: Database, file: Path) -> LedgerImport:
    return import_transfers(db, file, "970436", OPERATOR, lambda: NOON + MINUTE)


def test_a_statement_is_traced_with_the_balance_that_it_states(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "json", True)
    file = file_of(tmp_path, camt053(CAME, PAID, balances=balance("OPBD", "31000000")))
    low = tmp_path / "balances.csv"
    low.write_text("account,opening_vnd\n970436:0011001234567,30000000\n", encoding="utf-8")
    for balances, opening_vnd in ((None, 31_000_000), (low, 30_000_000)):
        assert command.run(file, "E2E-0", "haircut", balances, None, None, None) == 0
        told = json.loads(capsys.readouterr().out)
        holder = next(one for one in told["accounts"] if one["account"] == "970436:0011001234567")
        assert (holder["opening"], holder["balance"]) == ("stated", opening_vnd - 30_000_000)
        assert told["conserved"]


def test_a_statement_comes_into_the_record_once_with_its_opening(db: Database, tmp_path: Path) -> None:
    file = file_of(tmp_path, camt053(CAME, PAID, balances=balance("OPBD", "31000000")))
    for added in (2, 0):
        made = bring(db, file)
        assert (made.added, made.unchanged, made.rejected) == (added, 2 - added, ())
    with db.read() as conn:
        facts = store.touching(conn, [HOLDER], [], 10)
        (stated,) = store.balances(conn, [HOLDER])
        assert unfaithful_rows(conn) == []
    assert (stated.reference, stated.amount_vnd, stated.told_by) == ("E2E-0", 31_000_000, "970436")
    known = known_transfers(facts)
    assert [(one.transfer.id, one.transfer.payer) for one in known] == [("E2E-0", OTHER), (UETR, HOLDER)]
    assert openings([stated], known) == {HOLDER: 31_000_000}
    # The bank's answer that is learned later counts before it, wherever in the account's life it stands.
    later = type(stated)(HOLDER, UETR, 45_000_000, "970436", "hold:1", None, NOON + 2 * MINUTE, "fact")
    assert openings([stated, later], known) == {HOLDER: 25_000_000}
    assert len(current(facts)) == 2


def test_an_opening_is_not_stated_where_an_entry_was_refused(db: Database, tmp_path: Path) -> None:
    file = file_of(tmp_path, camt053(entry(code="CWDL", booked="<Dt>2026-11-22</Dt>", reference="X"), PAID))
    assert len(bring(db, file).rejected) == 1
    with db.read() as conn:
        assert conn.execute(tables.balance.select()).all() == []


def test_a_credit_transfer_and_a_statement_tell_one_transfer(db: Database, tmp_path: Path) -> None:
    assert bring(db, file_of(tmp_path, camt053(PAID))).added == 1
    again = bring(db, file_of(tmp_path, pacs008(credit_transfer()), "pacs.xml"))
    assert (again.added, again.unchanged) == (0, 1)


def test_two_statements_of_one_message_tell_a_transfer_between_them_once(tmp_path: Path) -> None:
    """One bank's holders, who pay each other; the same entry twice in one statement is still refused."""
    content = statements_of_both(camt053(within(True), balances=""), camt053(within(False), balances=""))
    found = read_transfers(file_of(tmp_path, content))
    assert [(one.id, one.payer, one.payee) for one in found.transfers] == [
        (UETR, "970436:0011001234567", "970436:102870001234"),
    ]  # fmt: skip
    assert found.rejected == ()
    twice = read_transfers(file_of(tmp_path, camt053(PAID, PAID)))
    assert [one.refusal.reason for one in twice.rejected] == [LedgerReason.REPEATED_TRANSFER]


def within(leaves: bool, **more: Any) -> str:
    """One entry of a transfer between two holders of one bank, in the payer's statement or in the payee's."""
    side, number = ("Cdtr", "102870001234") if leaves else ("Dbtr", "0011001234567")
    told = details(
        parties=account(f"{side}Acct", number), agents=agent(f"{side}Agt", "BFTVVNVX"),
        **({"references": more.pop("references")} if "references" in more else {}),
    )  # fmt: skip
    return entry(told, sign="DBIT" if leaves else "CRDT", **more)


def taken_back(of_payer: bool, reference: str, **more: Any) -> str:
    """The same taken back, as one of the two statements tells it: the parties keep their parts."""
    at = "<DtTm>2026-11-22T10:00:00+07:00</DtTm>"
    back = within(of_payer, reference=reference, reversal=True, booked=at, **more)
    signs = ("DBIT", "CRDT") if of_payer else ("CRDT", "DBIT")
    return back.replace(f"<CdtDbtInd>{signs[0]}", f"<CdtDbtInd>{signs[1]}")


def test_money_that_came_back_came_back_once_whoever_tells_of_it(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement names the reversal in its own way: in one message, and in two, one after the other."""
    mine = camt053(within(True), taken_back(True, "BANK-8"), balances="")
    theirs = camt053(within(False), taken_back(False, "BANK-9"), balances="")
    both = file_of(tmp_path, statements_of_both(mine, theirs))
    found = read_transfers(both)
    assert found.rejected == ()
    assert [(one.payer, one.payee, one.reverses) for one in found.transfers] == [
        ("970436:0011001234567", "970436:102870001234", None),
        ("970436:102870001234", "970436:0011001234567", UETR),
    ]
    monkeypatch.setattr(out, "json", True)
    assert command.run(both, UETR, "lifo", None, None, None, None) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["account"], one["by_loss"]) for one in told["accounts"] if one["by_loss"]] == [
        ("970436:0011001234567", {UETR: 50_000_000})
    ]
    first, second = file_of(tmp_path, mine, "a.xml"), tmp_path / "b.xml"
    alone = statements_of_both(camt053(balances=""), theirs)
    second.write_bytes(alone)
    assert bring(db, first).added == 2
    again = bring(db, second)
    assert (again.added, again.unchanged, again.rejected) == (0, 2, ())
    # Told twice in one book it is refused by name: two of the same are nothing that can be told from one.
    twice = read_transfers(file_of(tmp_path, camt053(within(True), taken_back(True, "A"), taken_back(True, "B"))))
    assert [one.refusal.reason for one in twice.rejected] == [LedgerReason.REPEATED_TRANSFER]


@pytest.mark.parametrize("newest_first", [False, True])
def test_two_equal_parts_of_a_payment_come_back_as_two(tmp_path: Path, newest_first: bool) -> None:
    """Each statement names both, in its own way; what is more than was paid, or named alike, is told twice."""

    def book(of_payer: bool, amount: str, *names: str) -> str:
        told = [within(of_payer), *(taken_back(of_payer, name, amount=amount) for name in names)]
        return camt053(*(reversed(told) if newest_first else told), balances="").decode()

    def read(*books: str) -> tuple[list[tuple[str, int]], list[Any]]:
        content = books[0].encode() if len(books) == 1 else statements_of_both(books[0].encode(), books[1].encode())
        found = read_transfers(file_of(tmp_path, content))
        back = sorted((one.id, one.amount_vnd) for one in found.transfers if one.reverses == UETR)
        return back, [one.refusal.reason for one in found.rejected]

    halves = [(f"{UETR}/RVSL/25000000", 25_000_000), (f"{UETR}/RVSL/25000000/2", 25_000_000)]
    twice = [LedgerReason.REPEATED_TRANSFER]
    assert read(book(True, "25000000", "A1", "A2")) == (halves, [])
    assert read(book(True, "25000000", "A1", "A2"), book(False, "25000000", "B1", "B2")) == (halves, [])
    assert read(book(True, "25000000", "A1", "A1")) == (halves[:1], twice)
    assert read(book(True, "25000000", "A1", "A2", "A3")) == (halves, twice)
    assert read(book(True, "30000000", "A1", "A2")) == ([(f"{UETR}/RVSL/30000000", 30_000_000)], twice)


def test_two_statements_tell_a_transfer_once_that_only_the_bank_names(tmp_path: Path) -> None:
    """Two equal payments, each with a name of its own in each book: they are two, not four and not one."""

    def book(leaves: bool, *names: str) -> bytes:
        return camt053(*(within(leaves, references="", reference=name) for name in names), balances="")

    content = statements_of_both(book(True, "A1", "A2"), book(False, "B1", "B2"))
    found = read_transfers(file_of(tmp_path, content))
    assert ([one.id for one in found.transfers], found.rejected) == (["A1", "A2"], ())
    more = statements_of_both(book(True, "A1"), book(False, "B1", "B2"))
    assert [one.id for one in read_transfers(file_of(tmp_path, more)).transfers] == ["A1", "B2"]


@pytest.mark.parametrize("content", [camt053(PAID), pacs008(credit_transfer())])
def test_a_message_in_a_business_envelope_is_read_as_it_is_alone(content: bytes, tmp_path: Path) -> None:
    alone = read_transfers(file_of(tmp_path, content))
    assert read_transfers(file_of(tmp_path, enveloped(content))) == alone
    assert len(alone.transfers) == 1
    with pytest.raises(BadInput) as raised:
        read_transfers(file_of(tmp_path, enveloped(content, content)))
    assert raised.value.reason is LedgerReason.UNSUPPORTED_MESSAGE


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xml", b"<Document>", InputReason.UNREADABLE_FILE),
        ("a.xml", b"", InputReason.UNREADABLE_FILE),
        ("a.xml", b"<Invoice/>", LedgerReason.UNSUPPORTED_MESSAGE),
        ("a.xml", pacs008(credit_transfer()).replace(b"pacs.008", b"pain.001"), LedgerReason.UNSUPPORTED_MESSAGE),
        ("a.xml", pacs008(credit_transfer(), version="07"), LedgerReason.UNSUPPORTED_MESSAGE),
        (
            "a.xml",
            b'<!DOCTYPE d [<!ENTITY a "b">]>' + pacs008().split(b"?>")[1],
            LedgerReason.DOCUMENT_TYPE_REFUSED,
        ),
        ("a.xml", pacs008(credit_transfer(currency="USD")), LedgerReason.OTHER_CURRENCY),
        ("a.xml", enveloped(), LedgerReason.UNSUPPORTED_MESSAGE),
        (
            "a.xml",
            enveloped(pacs008(credit_transfer()).replace(b"pacs.008", b"pain.001")),
            LedgerReason.UNSUPPORTED_MESSAGE,
        ),
        (
            "a.xml",
            b'<!DOCTYPE d [<!ENTITY a "b">]>' + enveloped(pacs008(credit_transfer())).split(b"?>")[1],
            LedgerReason.DOCUMENT_TYPE_REFUSED,
        ),
        ("a.xml", pacs008(credit_transfer(accepted="2026-11-22T09:41:00")), LedgerReason.TIME_WITHOUT_OFFSET),
        ("a.pdf", b"", InputReason.UNREADABLE_FILE),
        ("missing/a.xml", None, InputReason.UNREADABLE_FILE),
    ],
)
def test_what_is_no_message_is_refused_by_name(
    name: str, content: bytes | None, reason: Reason, tmp_path: Path
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput) as raised:
        read_transfers(file, strict=True)
    assert raised.value.reason is reason
    assert str(raised.value.field).startswith(str(file))


def test_one_reversal_has_one_name_whatever_the_order_of_the_message(db: Database, tmp_path: Path) -> None:
    """A day's statement, oldest first, then one that overlaps it, newest first: nothing comes back twice."""

    def back(hour: int) -> str:
        told = taken_back(True, f"A{hour}", amount="15000000")
        return told.replace("T10:00:00+07:00", f"T{hour}:00:00+07:00")

    first = file_of(tmp_path, camt053(within(True), back(10), back(11), balances=""), "first.xml")
    overlap = camt053(back(12), back(11), back(10), within(True), balances="")
    second = file_of(tmp_path, overlap, "second.xml")
    assert bring(db, first).added == 3
    again = bring(db, second)
    assert (again.added, again.unchanged, again.rejected) == (1, 3, ())
    beyond = camt053(back(13), back(12), back(11), back(10), within(True), balances="")
    found = read_transfers(file_of(tmp_path, beyond, "third.xml"))
    assert [one.booked_at.hour for one in found.transfers if one.reverses] == [5, 4, 3]
    assert [one.refusal.reason for one in found.rejected] == [LedgerReason.REPEATED_TRANSFER]


def test_an_entry_that_only_its_statement_numbers_is_told_twice(tmp_path: Path) -> None:
    """Each statement counts its entries anew: the number alone makes no second reversal of one."""

    def back(number: int) -> str:
        told = taken_back(True, "", amount="15000000")
        return told.replace("<Ntry>", f"<Ntry><NtryRef>{number}</NtryRef>")

    found = read_transfers(file_of(tmp_path, camt053(within(True), back(5), back(1), balances="")))
    assert len([one for one in found.transfers if one.reverses]) == 1
    assert [one.refusal.reason for one in found.rejected] == [LedgerReason.REPEATED_TRANSFER]
