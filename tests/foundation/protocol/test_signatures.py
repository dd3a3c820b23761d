"""Standard Webhooks with ed25519: what is believed and what is refused, by name."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import BadInput, LachanError, NotAllowed
from lachan.foundation.protocol import PublicKey, SignatureReason, SigningKey, sign, verify

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEY = SigningKey.from_text("whsk_" + base64.b64encode(bytes(range(32))).decode())
OTHER = SigningKey.generate()
BODY = '{"lời":"nói"}'.encode()
ID = "01940000-0000-7000-8000-000000000001"


def test_the_signed_content_is_the_specification_s() -> None:
    headers = sign(ID, NOW, BODY, KEY)
    content = f"{ID}.{int(NOW.timestamp())}.".encode() + BODY
    expected = "v1a," + base64.b64encode(KEY.private.sign(content)).decode()
    assert headers == {
        "webhook-id": ID,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": expected,
    }


def test_keys_are_written_and_read() -> None:
    assert KEY.as_text().startswith("whsk_")
    assert KEY.public.as_text().startswith("whpk_")
    assert PublicKey.from_text(KEY.public.as_text()) == KEY.public
    assert SigningKey.from_text(KEY.as_text()).public == KEY.public
    assert KEY.as_text() not in repr(KEY)
    both_halves = "whsk_" + base64.b64encode(bytes(range(32)) + KEY.public.raw).decode()
    assert SigningKey.from_text(both_halves).public == KEY.public


@pytest.mark.parametrize("text", ["", "whpk_", "whpk_!!", "whpk_AAAA", "whsk_" + "A" * 44, "A" * 44])
def test_what_is_not_a_key(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        PublicKey.from_text(text)
    assert refused.value.reason is SignatureReason.BAD_KEY


def test_header_names_in_any_case() -> None:
    headers = {name.upper(): value for name, value in sign(ID, NOW, BODY, KEY).items()}
    assert verify(headers, BODY, [KEY.public], NOW) == ID


def test_rotation_both_ways() -> None:
    """While two keys overlap, a sender signs with both and a receiver knows either."""
    both = sign(ID, NOW, BODY, [OTHER, KEY])
    assert verify(both, BODY, [KEY.public], NOW) == ID
    assert verify(both, BODY, [OTHER.public], NOW) == ID
    assert verify(sign(ID, NOW, BODY, KEY), BODY, [OTHER.public, KEY.public], NOW) == ID


@pytest.mark.parametrize(
    ("offset_s", "reason"),
    [(-301, SignatureReason.OLD_TIMESTAMP), (-300, None), (300, None), (301, SignatureReason.FUTURE_TIMESTAMP)],
)
def test_both_sides_of_the_tolerance(offset_s: int, reason: SignatureReason | None) -> None:
    headers = sign(ID, NOW + timedelta(seconds=offset_s), BODY, KEY)
    if reason is None:
        assert verify(headers, BODY, [KEY.public], NOW) == ID
    else:
        with pytest.raises(NotAllowed) as refused:
            verify(headers, BODY, [KEY.public], NOW)
        assert refused.value.reason is reason


def test_both_sides_of_a_key_s_validity() -> None:
    headers = sign(ID, NOW, BODY, KEY)
    second = timedelta(seconds=1)
    for valid_from, valid_to, good in [
        (NOW, None, True),
        (NOW + second, None, False),
        (None, NOW + second, True),
        (None, NOW, False),
    ]:
        key = PublicKey(KEY.public.raw, valid_from, valid_to)
        if good:
            assert verify(headers, BODY, [key], NOW) == ID
        else:
            with pytest.raises(NotAllowed) as refused:
                verify(headers, BODY, [key], NOW)
            assert refused.value.reason is SignatureReason.UNKNOWN_KEY


Change = Callable[[dict[str, str]], dict[str, str]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda h: {}, SignatureReason.MISSING_HEADER),
        (lambda h: h | {"webhook-id": ""}, SignatureReason.MISSING_HEADER),
        (lambda h: h | {"webhook-timestamp": "now"}, SignatureReason.BAD_TIMESTAMP),
        (lambda h: h | {"webhook-timestamp": "-5"}, SignatureReason.BAD_TIMESTAMP),
        (lambda h: h | {"webhook-timestamp": "9" * 40}, SignatureReason.BAD_TIMESTAMP),
        (lambda h: h | {"webhook-timestamp": "٣"}, SignatureReason.BAD_TIMESTAMP),
        (lambda h: h | {"webhook-signature": "v1,AAAA"}, SignatureReason.UNKNOWN_SCHEME),
        (lambda h: h | {"webhook-signature": "v1a,%%%"}, SignatureReason.BAD_SIGNATURE),
        (lambda h: h | {"webhook-signature": "v1a,AAAA"}, SignatureReason.BAD_SIGNATURE),
        (lambda h: h | {"webhook-signature": "v1a,ờ"}, SignatureReason.BAD_SIGNATURE),
        (lambda h: h | {"webhook-id": "other"}, SignatureReason.BAD_SIGNATURE),
        (lambda h: sign(ID, NOW, BODY, OTHER), SignatureReason.BAD_SIGNATURE),
        (lambda h: sign(ID, NOW, BODY + b" ", KEY), SignatureReason.BAD_SIGNATURE),
    ],
)
def test_refusals(change: Change, reason: SignatureReason) -> None:
    with pytest.raises(LachanError) as refused:
        verify(change(sign(ID, NOW, BODY, KEY)), BODY, [KEY.public], NOW)
    assert refused.value.reason is reason


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_any_headers_are_a_named_refusal(headers: dict[str, str]) -> None:
    with pytest.raises(LachanError) as refused:
        verify(headers, BODY, [KEY.public], NOW)
    assert isinstance(refused.value.reason, SignatureReason)
