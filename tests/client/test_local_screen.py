"""A bank's own copy: right about every key it was given, and deaf to every file that is not the next true one."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.stopped import StoppedClock

from lachan.client import LocalScreen, Screen
from lachan.foundation.base import BadInput, LachanError, NotReady
from lachan.foundation.exchange import Header, fingerprints, key_id, write_delta, write_filter
from lachan.foundation.protocol import PublicKey, SigningKey

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEY, OTHER_KEY = bytes(range(16)), bytes(16)
CENTER = SigningKey.generate()
PHONES = [f"phone:+8491234{number:04d}" for number in range(300)]


def marks(keys: list[str], key: bytes = KEY) -> np.ndarray:
    return np.unique(fingerprints("\n".join(keys).encode(), len(keys), key)) if keys else np.empty(0, np.uint64)


def header(number: int, **changes: object) -> Header:
    said: dict[str, object] = {
        "kind": "filter", "issuer": "test", "recipient": "999001", "key_id": key_id(KEY), "number": number,
        "sequence": number * 10, "issued_at": NOW,
    }  # fmt: skip
    return Header(**(said | changes))  # type: ignore[arg-type]


def whole(number: int, keys: list[str], signer: SigningKey = CENTER, **changes: object) -> bytes:
    return write_filter(header(number, **changes), marks(keys), signer.private.sign)


def delta(number: int, added: list[str], removed: list[str], **changes: object) -> bytes:
    said = header(number, **({"follows": number - 1} | changes))
    return write_delta(said, marks(added), marks(removed), CENTER.private.sign)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOW)


@pytest.fixture
def local(clock: StoppedClock) -> LocalScreen:
    made = LocalScreen("999001", KEY, [CENTER.public], clock=clock)
    made.load(whole(5, PHONES[:200]))
    return made


def test_removed_then_added_then_filter(local: LocalScreen) -> None:
    assert local.suspects(PHONES) == [True] * 200 + [False] * 100
    local.load(delta(6, PHONES[250:260], PHONES[:10]))
    assert local.suspects(PHONES) == [False] * 10 + [True] * 190 + [False] * 50 + [True] * 10 + [False] * 40
    local.load(delta(7, PHONES[:5], PHONES[250:255]))
    expected = [True] * 5 + [False] * 5 + [True] * 190 + [False] * 55 + [True] * 5 + [False] * 40
    assert local.suspects(PHONES) == expected
    local.load(delta(8, PHONES[280:], PHONES[:1], follows=5))
    assert local.suspects(PHONES) == [False] + [True] * 199 + [False] * 80 + [True] * 20
    local.load(whole(9, PHONES[:1]))
    assert local.suspects(PHONES) == [True] + [False] * 299
    assert (local.number, local.sequence) == (9, 90)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29))), max_size=8))
def test_any_row_of_deltas_is_the_set_it_describes(rows: list[tuple[set[int], set[int]]]) -> None:
    local = LocalScreen("999001", KEY, [CENTER.public], clock=StoppedClock(NOW))
    local.load(whole(1, PHONES[:10]))
    model = set(range(10))
    for number, (added, removed) in enumerate(rows, 2):
        removed = removed - added
        local.load(delta(number, [PHONES[n] for n in added], [PHONES[n] for n in removed]))
        model = (model | added) - removed
    assert local.suspects(PHONES[:30]) == [number in model for number in range(30)]


def tampered(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def unsigned(content: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", content, 4)
    return content[: 8 + length] + bytes(64) + content[8 + length + 64 :]


NEXT: Callable[[], bytes] = lambda: delta(6, PHONES[:1], [])  # noqa: E731
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not_a_screening_copy"),
    "something else": (lambda: b"PK\x03\x04" + bytes(200), "not_a_screening_copy"),
    "cut in the header": (lambda: NEXT()[:60], "not_a_screening_copy"),
    "header of a gigabyte": (lambda: b"LCF1" + struct.pack("<I", 1 << 30) + bytes(200), "not_a_screening_copy"),
    "unsigned": (lambda: unsigned(NEXT()), "copy_signature_not_believed"),
    "signed by somebody else": (lambda: whole(6, [], SigningKey.generate()), "copy_signature_not_believed"),
    "header changed": (lambda: tampered(NEXT(), 20), "copy_signature_not_believed"),
    "body changed": (lambda: tampered(NEXT(), -3 % len(NEXT())), "copy_signature_not_believed"),
    "body cut": (lambda: NEXT()[:-8], "copy_signature_not_believed"),
    "body longer": (lambda: NEXT() + bytes(8), "copy_signature_not_believed"),
    "for another bank": (lambda: whole(6, [], recipient="999002"), "copy_for_another_recipient"),
    "under another key": (lambda: whole(6, [], key_id=key_id(OTHER_KEY)), "copy_under_another_key"),
    "stale filter": (lambda: whole(6, [], issued_at=NOW - timedelta(hours=27)), "copy_stale"),
    "stale delta": (lambda: delta(6, [], [], issued_at=NOW - timedelta(hours=27)), "copy_stale"),
    "from tomorrow": (lambda: whole(6, [], issued_at=NOW + timedelta(hours=24)), "copy_from_the_future"),
    "the same filter again": (lambda: whole(5, PHONES[:200]), "copy_replayed"),
    "an older filter": (lambda: whole(4, []), "copy_replayed"),
    "an older delta": (lambda: delta(5, [], []), "copy_replayed"),
    "a delta too far": (lambda: delta(7, [], []), "copy_out_of_order"),
    "a newer number with an older list": (lambda: whole(6, [], sequence=49), "copy_replayed"),
    "a delta that goes back": (lambda: delta(6, [], [], sequence=49), "copy_out_of_order"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_every_other_file_is_refused_and_changes_nothing(
    make: Callable[[], bytes], reason: str, local: LocalScreen
) -> None:
    with pytest.raises(LachanError) as refused:
        local.load(make())
    assert refused.value.reason.value == reason
    assert local.number == 5
    assert local.suspects(PHONES) == [True] * 200 + [False] * 100
    local.load(NEXT())


def test_a_delta_without_a_filter_is_refused(clock: StoppedClock) -> None:
    with pytest.raises(LachanError, match="out_of_order"):
        LocalScreen("999001", KEY, [CENTER.public], clock=clock).load(NEXT())


def test_an_ended_key_of_the_center_is_not_believed(clock: StoppedClock) -> None:
    ended = PublicKey(CENTER.public.raw, valid_to=NOW - timedelta(days=1))
    with pytest.raises(LachanError, match="copy_signature_not_believed"):
        LocalScreen("999001", KEY, [ended], clock=clock).load(whole(1, []))


def test_a_copy_that_has_grown_old_refuses_to_answer(local: LocalScreen, clock: StoppedClock) -> None:
    clock.at += timedelta(hours=26, seconds=1)
    with pytest.raises(NotReady, match="copy_stale"):
        local.suspects(PHONES[:1])
    local.load(delta(6, [], [], issued_at=clock.at))
    assert local.suspects(PHONES[:1]) == [True]


def test_no_copy_no_answer(clock: StoppedClock) -> None:
    with pytest.raises(NotReady, match="copy_stale"):
        LocalScreen("999001", KEY, [CENTER.public], clock=clock).suspects(PHONES[:1])


def test_another_spelling_is_refused_instead_of_passing(local: LocalScreen) -> None:
    with pytest.raises(BadInput, match="not_an_identifier"):
        local.suspects(["phone:0912340001"])


def test_a_link_is_suspect_under_both_schemes_and_below_its_page(local: LocalScreen) -> None:
    local.load(delta(6, ["url:http://evil.xyz/login", "url:https://pay.example.com/"], []))
    asked = {
        "url:http://evil.xyz/login": True, "url:https://evil.xyz/login": True,
        "url:https://evil.xyz/login/a": True, "url:https://evil.xyz/logout": False,
        "url:http://pay.example.com/": True, "url:ftp://evil.xyz/login": False,
    }  # fmt: skip
    assert dict(zip(asked, local.suspects(list(asked)), strict=True)) == asked


def test_only_possible_hits_are_asked_for(local: LocalScreen) -> None:
    asked: list[bytes] = []

    def center(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        asked.append(request.content)
        results = [{"verdict": "warn", "reasons": ["R1"], "entry": "e"} for _ in request.content.split(b"\n")]
        return httpx.Response(200, json={"results": results})

    with Screen("http://center.test", "id", "secret", transport=httpx.MockTransport(center)) as confirm:
        answers = local.screen([PHONES[250], PHONES[3], PHONES[251], PHONES[4]], confirm)
        assert [answer.verdict for answer in answers] == ["clear", "warn", "clear", "warn"]
        assert local.screen([PHONES[260]], confirm)[0].verdict == "clear"
    assert asked == [f"{PHONES[3]}\n{PHONES[4]}".encode()]
