"""Messages that the real schemas accept are read; what a message leaves open is refused by name; nothing harms."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.ledger.iso_documents import (
    LEARNED,
    UETR,
    account,
    agent,
    balance,
    camt053,
    camt054,
    credit_transfer,
    details,
    entry,
    pacs008,
)

from lachan.foundation.base import VIETNAM, BadInput, InputReason, Reason
from lachan.ledger import (
    OUTSIDE,
    LedgerReason,
    Message,
    Transfer,
    TransferKind,
    read_camt053,
    read_camt054,
    read_pacs008,
)
from lachan.ledger.sources import MESSAGE_BYTES_MAX

PAYER, PAYEE = "970436:0011001234567", "970415:102870001234"
AT = datetime(2026, 11, 22, 2, 41, tzinfo=UTC)
TO_PAYEE = details(parties=account("CdtrAcct", "102870001234"), agents=agent("CdtrAgt", "ICBVVNVX"))
FROM_PAYEE = details(parties=account("DbtrAcct", "102870001234"), agents=agent("DbtrAgt", "ICBVVNVX"))
PAID = entry(TO_PAYEE)
SENT = Transfer(UETR, AT, PAYER, PAYEE, 50_000_000, learned_at=LEARNED, row=1)
Read = Callable[[bytes], Message]


def pacs(content: bytes) -> Message:
    return read_pacs008(content, learned_at=LEARNED)


def statement(content: bytes) -> Message:
    return read_camt053(content, learned_at=LEARNED)


def notice(content: bytes) -> Message:
    return read_camt054(content, learned_at=LEARNED)


def only(message: Message) -> Transfer:
    assert message.rejected == ()
    (found,) = message.transfers
    return found


def refused(message: Message) -> tuple[str, Reason]:
    assert message.transfers == ()
    (found,) = message.rejected
    return found.refusal.field, found.refusal.reason


SAMPLES = {
    "pacs.008.001.08": pacs008(credit_transfer()),
    "pacs.008.001.10": pacs008(credit_transfer(), credit_transfer(uetr=""), version="10"),
    "pacs.008.001.13": pacs008(credit_transfer(payee_bank="DEUTDEFF", newest=True), version="13"),
    "camt.053.001.08": camt053(PAID, entry(FROM_PAYEE, sign="CRDT"), count="2"),
    "camt.053.001.14": camt053(PAID, entry(code="CWDL"), version="14", balances=balance("PRCD", "5")),
    "camt.054.001.14": camt054(PAID, entry(TO_PAYEE, sign="CRDT", reversal=True, status="PDNG")),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_we_read_is_what_the_schemas_mean(name: str, test_data: Path) -> None:
    file = test_data / "data" / "standards" / "iso20022" / f"{name}.xsd"
    schema = etree.XMLSchema(etree.parse(file))
    schema.assertValid(etree.fromstring(SAMPLES[name]))
    readers: dict[str, Read] = {"pacs": pacs, "camt.053": statement, "camt.054": notice}
    message = next(read for start, read in readers.items() if name.startswith(start))(SAMPLES[name])
    assert message.name == name
    assert message.transfers[0].amount_vnd == 50_000_000
    assert message.transfers[0].payer == PAYER
    assert message.transfers[0].booked_at == AT


@pytest.mark.parametrize("message", [
    pacs(pacs008(credit_transfer())), statement(camt053(PAID)), notice(camt054(PAID)),
    statement(camt053(entry(
        TO_PAYEE.replace("</TxDtls>", "<RltdDts><TxDtTm>2026-11-22T02:41:00Z</TxDtTm></RltdDts></TxDtls>"),
        booked="<Dt>2026-11-22</Dt>",
    ))),
])  # fmt: skip
def test_all_three_tell_one_transfer_alike(message: Message) -> None:
    assert only(message) == SENT


def test_a_statement_tells_the_balance_it_began_with() -> None:
    assert statement(camt053(PAID)).openings == {PAYER: 7_000_000}
    assert statement(camt053(PAID, balances=balance("OPBD", "7000000", "DBIT"))).openings == {PAYER: 0}
    foreign = statement(camt053(balances=balance("OPBD", "7", currency="USD")))
    assert (foreign.openings, refused(foreign)) == ({}, ("Amt", LedgerReason.OTHER_CURRENCY))


@pytest.mark.parametrize(("booked", "expected"), [
    (entry(FROM_PAYEE, sign="CRDT"), (UETR, PAYEE, PAYER, TransferKind.TRANSFER)),
    (entry(code="CWDL"), ("BANK-1", PAYER, OUTSIDE, TransferKind.CASH_OUT)),
    (entry(code="POSD"), ("BANK-1", PAYER, OUTSIDE, TransferKind.CARD_PAYMENT)),
    (entry(code="CDPT", sign="CRDT"), ("BANK-1", OUTSIDE, PAYER, TransferKind.TRANSFER)),
    (entry(details(parties="<CdtrAcct><Id><IBAN>DE75512108001245126199</IBAN></Id></CdtrAcct>")),
     (UETR, PAYER, "DE75512108001245126199", TransferKind.CROSS_BORDER)),
    (entry(details(parties=account("CdtrAcct", "77"), agents=agent("CdtrAgt", "DEUTDEFF"))),
     (UETR, PAYER, "DEUTDEFF:77", TransferKind.CROSS_BORDER)),
    (entry(details(parties=account("CdtrAcct", "77"))), (UETR, PAYER, "77", TransferKind.TRANSFER)),
])  # fmt: skip
def test_entries_and_where_the_money_went(booked: str, expected: tuple[str, str, str, TransferKind]) -> None:
    found = only(notice(camt054(booked)))
    assert (found.id, found.payer, found.payee, found.kind) == expected


def test_what_the_bank_takes_back_reverses_the_payment() -> None:
    """The parties of a reversal keep the parts they had; the money goes the other way."""
    name = f"{UETR}/RVSL/50000000"
    for reference in ("BANK-2", ""):
        back = only(notice(camt054(entry(TO_PAYEE, sign="CRDT", reversal=True, reference=reference))))
        assert (back.id, back.reverses, back.payer, back.payee) == (name, UETR, PAYEE, PAYER)
    nameless = entry(details(references="", parties=account("CdtrAcct", "77")), sign="CRDT", reversal=True)
    assert refused(notice(camt054(nameless))) == ("Refs/TxId", InputReason.MISSING)


def test_an_entry_of_several_parts() -> None:
    def part(number: int, amount: str) -> str:
        return details(
            references=f"<EndToEndId>E{number}</EndToEndId>",
            amount=amount,
            parties=account("CdtrAcct", f"10{number}"),
        )

    message = statement(camt053(entry(part(1, "20000000"), part(2, "30000000.00"))))
    assert [(one.id, one.amount_vnd, one.row) for one in message.transfers] == [
        ("E1", 20_000_000, 1), ("E2", 30_000_000, 2),
    ]  # fmt: skip
    short = statement(camt053(entry(part(1, "20000000"), part(2, "1"))))
    assert refused(short) == ("NtryDtls", LedgerReason.PARTS_DIFFER)


@pytest.mark.parametrize(("message", "expected"), [
    (pacs008(credit_transfer(currency="USD")), ("IntrBkSttlmAmt", LedgerReason.OTHER_CURRENCY)),
    (pacs008(credit_transfer(amount="1000.50")), ("IntrBkSttlmAmt", LedgerReason.FRACTION_OF_A_DONG)),
    (pacs008(credit_transfer(amount="0")), ("IntrBkSttlmAmt", InputReason.NOT_POSITIVE)),
    (pacs008(credit_transfer(accepted="2026-11-22T09:41:00")), ("AccptncDtTm", LedgerReason.TIME_WITHOUT_OFFSET)),
    (pacs008(credit_transfer(payer="")), ("DbtrAcct", InputReason.MISSING)),
])  # fmt: skip
def test_credit_transfers_that_are_not_taken(message: bytes, expected: tuple[str, Reason]) -> None:
    assert refused(pacs(message)) == expected


@pytest.mark.parametrize(("booked", "expected"), [
    (entry(TO_PAYEE, status="PDNG"), ("Sts", LedgerReason.NOT_BOOKED)),
    (entry(TO_PAYEE, currency="USD"), ("Amt", LedgerReason.OTHER_CURRENCY)),
    (entry(TO_PAYEE, booked="<Dt>2026-11-22</Dt>"), ("BookgDt/Dt", LedgerReason.DATE_WITHOUT_TIME)),
    (entry(TO_PAYEE, booked=""), ("BookgDt", InputReason.MISSING)),
    (entry(), ("RltdPties/CdtrAcct", InputReason.MISSING)),
    (entry(details(references="", parties=account("CdtrAcct", "77")), reference=""),
     ("Refs/TxId", InputReason.MISSING)),
    (entry(details(references="", parties=account("CdtrAcct", "77")), reference="B" * 201),
     ("AcctSvcrRef", InputReason.MALFORMED)),
])  # fmt: skip
def test_entries_that_are_not_taken(booked: str, expected: tuple[str, Reason]) -> None:
    assert refused(statement(camt053(booked))) == expected


def test_a_time_without_offset_means_what_the_sender_agreed() -> None:
    content = pacs008(credit_transfer(accepted="2026-11-22T09:41:00"))
    assert only(read_pacs008(content, learned_at=LEARNED, local=VIETNAM)) == SENT


def test_an_id_told_twice_is_taken_once() -> None:
    message = pacs(pacs008(credit_transfer(), credit_transfer(amount="7")))
    assert message.transfers == (SENT,)
    assert [(one.row, one.refusal.reason) for one in message.rejected] == [(2, LedgerReason.REPEATED_TRANSFER)]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr><MsgId>&b;</MsgId>
</GrpHdr></FIToFICstmrCdtTrf></Document>"""
FETCH = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/hostname"')


@pytest.mark.parametrize(("content", "reason"), [
    (BOMB, LedgerReason.DOCUMENT_TYPE_REFUSED),
    (FETCH, LedgerReason.DOCUMENT_TYPE_REFUSED),
    (b"", InputReason.UNREADABLE_FILE),
    (b"<Document>", InputReason.UNREADABLE_FILE),
    (b"<a>" * 5000 + b"</a>" * 5000, InputReason.UNREADABLE_FILE),
    (b"PK\x03\x04", InputReason.UNREADABLE_FILE),
    (camt053(PAID), LedgerReason.UNSUPPORTED_MESSAGE),
    (pacs008(credit_transfer(), version="07"), LedgerReason.UNSUPPORTED_MESSAGE),
    (pacs008(credit_transfer()).replace(b"<MsgId>MSG-1</MsgId>", b""), InputReason.MISSING),
    (pacs008(credit_transfer(), count=2), LedgerReason.INCOMPLETE_MESSAGE),
    (b" " * (MESSAGE_BYTES_MAX + 1), InputReason.TOO_LARGE),
])  # fmt: skip
def test_a_message_that_is_not_what_it_should_be_is_refused_as_a_whole(content: bytes, reason: Reason) -> None:
    with pytest.raises(BadInput) as raised:
        pacs(content)
    assert raised.value.reason is reason


def test_a_statement_that_was_cut_is_refused_as_a_whole() -> None:
    with pytest.raises(BadInput) as raised:
        statement(camt053(PAID, count="2"))
    assert raised.value.reason is LedgerReason.INCOMPLETE_MESSAGE


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_damaged_message_breaks_the_reading(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(list(SAMPLES.values())))
    start = data.draw(st.integers(0, len(content)))
    damage = data.draw(st.binary(max_size=4))
    broken = content[:start] + damage + content[start + data.draw(st.integers(0, 40)) :]
    for read in (pacs, statement, notice):
        try:
            message = read(broken)
        except BadInput:
            continue
        for one in message.transfers:
            assert one.amount_vnd > 0
            assert one.booked_at.tzinfo is UTC
