"""Banks' own messages go where files of transfers go: a statement is traced and imported, its opening stated."""

import json
from pathlib import Path

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
    pacs008,
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
    both = camt053(PAID, balances="").decode().replace("ICBVVNVX", "BFTVVNVX")
    back = entry(
        details(parties=account("DbtrAcct", "0011001234567"), agents=agent("DbtrAgt", "BFTVVNVX")), sign="CRDT"
    )
    second = camt053(back, balances="").decode().replace("ICBVVNVX", "BFTVVNVX")
    statement = second[second.index("<Stmt>") : second.index("</Stmt>") + 7]
    own, mine = "<Acct><Id><Othr><Id>0011001234567", "<Acct><Id><Othr><Id>102870001234"
    content = both.replace("</Stmt>", f"</Stmt>{statement.replace(own, mine)}")
    found = read_transfers(file_of(tmp_path, content.encode()))
    assert [(one.id, one.payer, one.payee) for one in found.transfers] == [
        (UETR, "970436:0011001234567", "970436:102870001234"),
    ]  # fmt: skip
    assert found.rejected == ()
    twice = read_transfers(file_of(tmp_path, camt053(PAID, PAID)))
    assert [one.refusal.reason for one in twice.rejected] == [LedgerReason.REPEATED_TRANSFER]


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
