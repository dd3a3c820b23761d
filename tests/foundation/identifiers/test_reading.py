"""Reading free text: spans, robustness, time; cases beyond the corpus."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.foundation.identifiers import identify, parse_key
from lachan.foundation.identifiers.text import fold, plain

CASES = [
    ("Zalo/SĐT: 0912 345 678", ["social:zalo:+84912345678"]),
    ("gọi ngay 0912345678", ["phone:+84912345678"]),
    ("TK 970436 0011004567891", ["account:970436:0011004567891"]),
    ("telegram @abc_123 hoặc @def_456", ["social:telegram:abc_123", "social:telegram:def_456"]),
    (
        "VCB 0011004567891, TCB 19036547812013",
        ["account:970436:0011004567891", "account:970407:19036547812013"],
    ),
    ("stk 123456789 BIDV, sdt 0912345678", ["account:970418:123456789", "phone:+84912345678"]),
    ("sđt không chín một hai, ba bốn năm, sáu bảy tám", ["phone:+84912345678"]),
    ("Tai khoan 0987123456 -500,000 d", ["account:0987123456"]),
    ("shop làm mình rất tin tưởng, hàng mới.shop giao nhanh, quá rẻ.shop ơi", []),
    ("mở nguồn lên dien.xin shop cho hỏi, đẹp lắm ạ . shop dễ thương", []),
    ("vào web ngọc-bích.shop nha", ["domain:xn--ngc-bch-cza2499d.shop"]),
    ("Tài khoản: 7909502032 - Mật khẩu: 525252", []),
    ("Tài khoản của bạn đã bị đổi sang số nhận mã 0995170977", ["phone:+84995170977"]),
    ("thẻ VCB 9704 3612 3456 7890", []),
    ("ck VCB1023456789 hoặc stk 19036547812013tcb", ["account:970436:1023456789", "account:970407:19036547812013"]),
    ("STK MB là số điện thoại 0912345678", ["account:970422:0912345678"]),
    ("Tk 0912345678 momo", ["wallet:momo:+84912345678"]),
    ("bank: MB - 0912345678 - A", ["account:970422:0912345678"]),
    ("Techcombank 19001234", ["phone:+8419001234"]),
    ("em.anh yêu.em lắm", []),
    ("đọc file README.md và main.py", []),
    ("số dư 1.234.567đ, mã OTP 123456", []),
    ("STK xxxxxx4321 VCB", []),
    ("STK 0123****89 VCB", []),
    ("IP 256.1.1.1", []),
    ("Điều 174, Nghị định 52/2024/NĐ-CP ngày 15/05/2024", []),
]


@pytest.mark.parametrize(("text", "keys"), CASES)
def test_cases(text: str, keys: list[str]) -> None:
    assert [found.key for found in identify(text)] == keys


def _check(text: str) -> None:
    last = 0
    for found in identify(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.start >= last, "spans must not overlap"
        assert text[found.start : found.end] == found.text
        assert parse_key(found.key).value == found.value
        last = found.end


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    _check(text)


_PIECES = (
    "stk STK: sốtàikhoản 0912345678 VCB Techcombank MB momo Zalo @abc_1 telegram http://"
    " hxxps://a[.]vn/ vcb.top x@y.vn 1.2.3.4 ::1 2001:db8::1:2 CCCD 001090012345 MST 0100233488 -001"
    " IMEI 490154203237518 Ð \u0323 İ ﬁ ① ٣ . , ( ) "
    "+84 + 00020101 6304 * … đ l O o I xx"
)
PIECES = st.sampled_from(
    [
        *_PIECES.split(),
        "0912 345 678",
        "1903 6547 8120 13",
        "không chín một hai ba bốn năm sáu",
        "\n",
        "\t",
        " ",
    ]
)


@given(st.lists(PIECES, max_size=25).map(" ".join))
@settings(max_examples=300)
def test_any_mixture_can_be_read(text: str) -> None:
    _check(text)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_glued_pieces_can_be_read(text: str) -> None:
    _check(text)


@given(st.text())
def test_folding_keeps_the_way_back(text: str) -> None:
    mapped = plain(text)
    assert len(mapped.text) == len(mapped.starts) == len(mapped.ends)
    assert all(start < end for start, end in zip(mapped.starts, mapped.ends, strict=True))
    assert fold(fold(text)) == fold(text)


def test_decomposed_text_gives_offsets_of_the_given_text() -> None:
    import unicodedata

    text = unicodedata.normalize("NFD", "Số tài khoản Á Châu: 24681357 ạ")
    (found,) = identify(text)
    assert (found.key, found.text) == ("account:970416:24681357", "24681357")


HEAVY = {
    "digits": "0", "spaced digits": "0 ", "phones": "0912345678 ", "words": "không chín ", "letters": "a",
    "dashes": "a-", "dots": "a.", "ats": "a@", "hosts": "abc.com ",
    "colons": "a:", "schemes": "http://",
    "brackets": "(", "payload heads": "00020101", "accounts": "stk ", "banks": "ngân hàng ",
    "look-alikes": "0o",
    "octets": "1.1.1.", "brands": "brandname ", "platforms": "telegram ", "handles": "@abc ",
    "packages": "com.a.",
    "combining": "e\u0323\u0302", "defang": "[.]", "spaced dots": " . ", "amounts": "1.000.000 ",
    "signs": "+",
    "story": "Tôi chuyển 15 triệu vào STK 1023456789 Vietcombank, zalo 0912345678 hoặc t.me/abcd_1. ",
}  # fmt: skip


@pytest.mark.parametrize("unit", HEAVY.values(), ids=HEAVY)
def test_time_grows_linearly(unit: str) -> None:
    """50 kB of anything in seconds: a quadratic pattern would need minutes."""
    text = unit * (50_000 // len(unit))
    before = time.process_time()
    identify(text)
    assert time.process_time() - before < 5
