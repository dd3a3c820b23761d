"""Each kind: what it takes, what it refuses, and that masks hide."""

import ada_url
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import LANGUAGES, BadInput, translate
from lachan.foundation.identifiers import (
    KINDS,
    IdentifierReason,
    Kind,
    caption,
    details,
    mask,
    normalise,
    parse_key,
)

_EVM = "0xde709f2102306220921060314715629080e2fb77"
CANONICAL = [
    ("account", "Vietcombank 0123456789", "970436:0123456789", "Vietcombank ••••6789"),
    ("account", "970407:19036547812013", "970407:19036547812013", "Techcombank ••••2013"),
    ("account", "0123 4567 89", "0123456789", "••••6789"),
    ("account", "VCB: 007.1001.234.567", "970436:0071001234567", "Vietcombank ••••4567"),
    ("account", "mb 0868123456789", "970422:0868123456789", "MB Bank ••••6789"),
    ("account", "99mm24011m99887766 Bản Việt", "970454:99MM24011M99887766", "BVBank ••••7766"),
    ("wallet", "Ví MoMo 0912 345 678", "momo:+84912345678", "MoMo ••••5678"),
    ("wallet", "zalopay:+84912345678", "zalopay:+84912345678", "ZaloPay ••••5678"),
    ("phone", "0912.345.678", "+84912345678", "••••5678"),
    ("phone", "0168 765 4321", "+84387654321", "••••4321"),
    ("phone", "04 38256789", "+842438256789", "••••6789"),
    ("phone", "1900 54 54 13", "+841900545413", "••••5413"),
    ("phone", "+44 7911 123456", "+447911123456", "••••3456"),
    ("phone", "113", "113", "••••"),
    ("url", "HTTPS://Example.COM:443/a/../b", "https://example.com/b", "••••om/b"),
    ("url", "hxxp://vcb[.]top/x", "http://vcb.top/x", "••••op/x"),
    ("url", "http://vcb.top/nap(.)html", "http://vcb.top/nap.html", "••••html"),
    # Hosts below which a firm gives names to others are no names to claim, but their pages are pages.
    ("url", "https://S3.us-east-1.amazonaws.com/x/y.html", "https://s3.us-east-1.amazonaws.com/x/y.html", None),
    ("url", "http://dweb.link/ipfs/bafy", "http://dweb.link/ipfs/bafy", None),
    ("url", "https://user.fm/files/a", "https://user.fm/files/a", None),
    ("domain", "VIETCOMBANK.com.vn.", "vietcombank.com.vn", "••••m.vn"),
    ("ip", "2001:DB8::0001", "2001:db8::1", "••••8::1"),
    ("email", "A.B(at)Gmail(dot)com", "a.b@gmail.com", "••••.com"),
    ("sender", "Vietcombank", "VIETCOMBANK", "••••BANK"),
    ("social", "Telegram @Ten_Gia", "telegram:ten_gia", "Telegram ••••gia"),
    ("social", "zalo 0912345678", "zalo:+84912345678", "Zalo ••••5678"),
    ("social", "facebook.com/profile.php?id=100012345678901", "facebook:100012345678901", None),
    ("app", "com.VCB", "android:com.VCB", None),
    ("imei", "49-015420-323751-8", "490154203237518", "••••7518"),
    ("citizen", "001 090 012 345", "001090012345", "••••2345"),
    ("company", "0100233488-001", "0100233488-001", "••••-001"),
    (
        "crypto",
        "0xde709f2102306220921060314715629080e2fb77",
        "0xde709f2102306220921060314715629080e2fb77",
        None,
    ),
]


@pytest.mark.parametrize(("kind", "raw", "value", "masked"), CANONICAL)
def test_canonical_values(kind: str, raw: str, value: str, masked: str | None) -> None:
    found = normalise(kind, raw)
    assert found.value == value
    assert parse_key(found.key) == found
    assert normalise(kind, caption(found.key)) == found
    if masked is not None:
        assert mask(found.key) == masked


NOT_IDENTIFIERS = [
    ("phone", "0123456789"), ("phone", "0212"), ("phone", "+84 1234"), ("phone", "abc"), ("phone", ""),
    ("imei", "490154203237519"), ("imei", "000000000000000"), ("citizen", "999090012345"),
    ("citizen", "003090012345"), ("citizen", "001590012345"), ("company", "0100233480"),
    ("company", "0100233488-000"), ("domain", "khong.coduoi"), ("domain", "com.vn"), ("domain", "a b.vn"),
    ("domain", "github.io"), ("url", "http://com.vn/x"), ("url", "http://vn/x"), ("url", "http://a.khong/"),
    ("url", "http://256.1.1.1/"), ("url", "javascript:alert(1)"), ("url", "http://may-in/"),
    ("ip", "1.2.3.256"),
    ("ip", "01.2.3.4"), ("email", "a@b"), ("email", "a..b@gmail.com"), ("wallet", "momo 02438256789"),
    ("wallet", "khongco 0912345678"), ("social", "instagram @abc"), ("social", "zalo 123"),
    ("app", "khong phai"), ("sender", "MOT TEN QUA DAI"), ("sender", "12345"), ("account", "không có số"),
    ("account", "12345678901234567890"),
    ("crypto", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
    ("crypto", "0xDe709f2102306220921060314715629080e2fb77"),
    ("crypto", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), ("crypto", "bc1"),
    ("crypto", "UQCbu927fDp4szuU7c8yI2uB2qmpI6Fl7ugE9RSG7ea7wCoE"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "raw"), NOT_IDENTIFIERS)
def test_wrong_checks_are_not_identifiers(kind: str, raw: str) -> None:
    with pytest.raises(BadInput) as refusal:
        normalise(kind, raw)
    assert refusal.value.reason is IdentifierReason.NOT_AN_IDENTIFIER
    assert refusal.value.field == "value"


@pytest.mark.parametrize(
    ("address", "chain"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bitcoin"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bitcoin"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ethereum"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tron"),
    ],
)
def test_published_addresses(address: str, chain: str) -> None:
    assert details(normalise("crypto", address).key)["chain"] == chain


def test_keys_must_be_canonical() -> None:
    for key in ("phone:0912345678", "phone", "nosuch:1", "account:VCB 1", "company:0100233488001"):
        with pytest.raises(BadInput):
            parse_key(key)


def test_what_the_digits_say() -> None:
    assert details("citizen:079303001234") == {
        "form": "personal_number", "birth_province": "Hồ Chí Minh", "birth_year": 2003, "sex": "female",
    }  # fmt: skip
    assert details("phone:+84912345678")["carrier_hint"] == "Vinaphone"
    assert details("phone:+841900545413")["line"] == "premium"
    assert details("domain:a.b.com.vn")["registrable"] == "b.com.vn"
    assert details("url:https://xn--vitcombank-9s7d.com/")["host"] == "xn--vitcombank-9s7d.com"


def test_every_kind_and_reason_has_words_in_both_languages() -> None:
    for language in LANGUAGES:
        for kind in KINDS:
            assert translate(f"identifier_kind.{kind}", language) != f"identifier_kind.{kind}"
        for reason in IdentifierReason:
            assert translate(f"reason.{reason}", language) != f"reason.{reason}"


def _digits(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most)


RAW = {
    Kind.ACCOUNT: st.tuples(st.sampled_from(["VCB", "mb bank", "Á Châu", "970407", ""]), _digits(6, 19)).map(
        " ".join
    ),
    Kind.PHONE: st.sampled_from(["09", "03", "+8488", "0123", "028", "1900", "+1"]).flatmap(
        lambda head: _digits(4, 9).map(lambda rest: head + rest)
    ),
    Kind.CITIZEN: _digits(12, 12),
    Kind.COMPANY: _digits(10, 10),
    Kind.SENDER: st.text("ABCdef019 -._", max_size=14),
    Kind.DOMAIN: st.text("abcđệ019-.", max_size=12).map(lambda name: name + ".vn"),
    Kind.URL: st.text(max_size=20).map(lambda path: "https://ví-dụ.vn/" + path),
    Kind.EMAIL: st.text("abc019._+-", max_size=12).map(lambda name: name + "@gmail.com"),
    Kind.IP: st.ip_addresses().map(str),
    Kind.SOCIAL: st.text("abcXYZ019._", max_size=14).map(lambda name: "telegram @" + name),
    Kind.APP: st.text("abcXYZ019._", max_size=14).map(lambda name: "com." + name),
    Kind.WALLET: _digits(8, 8).map(lambda rest: "momo 09" + rest),
}


@pytest.mark.parametrize("kind", RAW)
@given(data=st.data())
def test_cleaning_is_stable(kind: Kind, data: st.DataObject) -> None:
    rules = KINDS[kind]
    value = rules.clean(data.draw(RAW[kind]))
    if value is None:
        return
    assert rules.clean(value) == value
    assert rules.clean(rules.caption(value)) == value
    assert rules.details(value) is not None


@given(
    st.sampled_from(["http://", "https://"]),
    st.sampled_from(["a.com", "b-c.vn", "-a.com", "a..com", "1.2.com", "1.0x", "x.github.io", "b.xn--a.com"]),
    st.lists(st.sampled_from(["/", ".", "..", "a", "B", "?", "=", "@", ":", "%2e", "'", "#"]), max_size=7),
)
def test_a_link_taken_as_it_stands_is_what_the_standard_writes(scheme: str, host: str, path: list[str]) -> None:
    link = f"{scheme}{host}/{''.join(path)}"
    value = KINDS[Kind.URL].clean(link)
    assert value is None or value == ada_url.URL(link).href


@pytest.mark.parametrize("kind", KINDS)
@given(raw=st.text(max_size=60))
def test_no_text_breaks_a_kind(kind: Kind, raw: str) -> None:
    value = KINDS[kind].clean(raw)
    assert value is None or KINDS[kind].clean(value) == value


@pytest.mark.parametrize("kind", RAW)
@given(data=st.data())
def test_masks_show_at_most_the_last_four(kind: Kind, data: st.DataObject) -> None:
    rules = KINDS[kind]
    value = rules.clean(data.draw(RAW[kind]))
    if value is None:
        return
    shown = rules.mask(value).rpartition("••••")[2]
    assert len(shown) <= 4
    assert value.endswith(shown)
    assert len(shown) < len(value)
