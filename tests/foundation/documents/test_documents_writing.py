"""Dates, amounts and numbers in words; signatures."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import Language, NotAllowed
from lachan.foundation.documents import DocumentReason, sign_document, verify_document
from lachan.foundation.documents.writing import amount, in_words, long_date, moment, short_date

UNITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 2, 5), "Cao Bằng, ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 31), "Cao Bằng, ngày 31 tháng 01 năm 2026"),
        (date(2026, 3, 9), "Cao Bằng, ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 10), "Cao Bằng, ngày 10 tháng 12 năm 2026"),
    ],
)
def test_zeros_stand_before_small_days_and_the_first_two_months(day: date, written: str) -> None:
    assert long_date(day, "Cao Bằng", Language.VI) == written
    assert long_date(day, "Cao Bằng", Language.EN) == f"Cao Bằng, {day.isoformat()}"


def test_an_instant_is_written_in_vietnamese_time() -> None:
    late = datetime(2026, 3, 8, 17, 5, tzinfo=UTC)
    assert moment(late, Language.VI) == "00 giờ 05 phút ngày 09/3/2026"
    assert moment(late, Language.EN) == "00:05 on 2026-03-09"
    assert short_date(date(2026, 11, 1), Language.VI) == "01/11/2026"


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (55, "năm mươi lăm"),
        (101, "một trăm linh một"),
        (115, "một trăm mười lăm"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_050, "một nghìn không trăm năm mươi"),
        (75_500_000, "bảy mươi lăm triệu năm trăm nghìn"),
        (1_000_000_000, "một tỷ"),
        (2_000_000_001, "hai tỷ không trăm linh một"),
        (10**15, "một triệu tỷ"),
    ],
)
def test_numbers_in_words(number: int, spoken: str) -> None:
    assert in_words(number) == spoken


def spoken_value(text: str) -> int:
    """Reads the words back, by a way of its own."""
    head, billions, tail = text.rpartition(" tỷ")
    if billions:
        return spoken_value(head) * 10**9 + (spoken_value(tail.strip()) if tail.strip() else 0)
    total = group = 0
    for word in text.split():
        if word in {"nghìn", "triệu"}:
            total, group = total + group * (1000 if word == "nghìn" else 10**6), 0
        elif word == "trăm":
            group *= 100
        elif word == "mươi":
            group = group - group % 10 + group % 10 * 10
        elif word == "mười":
            group += 10
        elif word != "linh":
            group += {"mốt": 1, "lăm": 5}.get(word, UNITS.index(word) if word in UNITS else 0)
    return total + group


@given(st.integers(0, 10**15))
def test_words_say_exactly_the_number(number: int) -> None:
    assert spoken_value(in_words(number)) == number


def test_numbers_out_of_range_are_not_spelled() -> None:
    for number in (-1, 10**18):
        with pytest.raises(ValueError, match="spelled"):
            in_words(number)
    assert amount(50_000_000, Language.VI) == "50.000.000 đồng (năm mươi triệu đồng)"
    assert amount(50_000_000, Language.EN) == "VND 50.000.000"


def test_a_signature_holds_for_these_bytes_and_this_key_only() -> None:
    key, other = Ed25519PrivateKey.from_private_bytes(b"\1" * 32), Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
    pdf = b"%PDF-1.7 content"
    signed = sign_document(pdf, key)
    verify_document(pdf, signed, key.public_key())
    forged = replace(signed, signature=sign_document(b"else", key).signature)
    for bytes_, signature, public, reason in (
        (pdf + b" ", signed, key.public_key(), DocumentReason.CHANGED),
        (pdf, signed, other.public_key(), DocumentReason.OTHER_KEY),
        (pdf, forged, key.public_key(), DocumentReason.BAD_SIGNATURE),
        (pdf, replace(signed, signature="?"), key.public_key(), DocumentReason.BAD_SIGNATURE),
        (pdf, replace(signed, signature=""), key.public_key(), DocumentReason.BAD_SIGNATURE),
    ):
        with pytest.raises(NotAllowed) as refusal:
            verify_document(bytes_, signature, public)
        assert refusal.value.reason is reason
