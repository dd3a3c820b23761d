"""A line that passes at a glance is one that `normalise` would not spell otherwise."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import KINDS, Kind, normalise
from lachan.screening.shapes import doubtful, require_canonical

GLANCED = [Kind.ACCOUNT, Kind.PHONE, Kind.DOMAIN, Kind.EMAIL, Kind.SENDER, Kind.IMEI, Kind.CITIZEN, Kind.COMPANY]
VALUES = {
    Kind.ACCOUNT: r"([0-9]{6}:)?[A-Z0-9:. -]{3,20}",
    Kind.PHONE: r"\+?(84|0|1)[0-9]{7,12}",
    Kind.DOMAIN: r"([a-zA-Z0-9_-]{1,8}\.){1,3}(vn|com|com\.vn|xn--p1ai|zz|\.)",
    Kind.EMAIL: r"[a-zA-Z0-9._%+-]{1,8}@([a-z0-9-]{1,6}\.)(vn|com|VN)",
    Kind.SENDER: r"[A-Za-z0-9._-]{1,12}",
    Kind.IMEI: r"[0-9]{14,16}",
    Kind.CITIZEN: r"[0-9]{9}|[0-9]{12}|[0-9]{11}",
    Kind.COMPANY: r"[0-9]{10}(-?[0-9]{3})?",
    Kind.IP: r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-f:]{3,20}",
}


@settings(max_examples=1000)
@given(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda k: st.tuples(st.just(k), st.from_regex(VALUES[k], fullmatch=True))
    )
)
def test_what_passes_has_no_other_spelling(drawn: tuple[Kind, str]) -> None:
    kind, value = drawn
    key = f"{kind.value}:{value}"
    if doubtful(key.encode(), 1):
        return
    # No such identifier: nothing can be listed under it.
    with suppress(BadInput):
        assert normalise(kind, value).key == key


@pytest.mark.parametrize("kind", GLANCED)
def test_ordinary_keys_of_frequent_kinds_pass(kind: Kind) -> None:
    key = normalise(kind, KINDS[kind].EXAMPLE).key
    assert doubtful(key.encode(), 1) == []


def test_every_example_is_canonical() -> None:
    text = "\n".join(normalise(kind, rules.EXAMPLE).key for kind, rules in KINDS.items()).encode()
    require_canonical(text, len(KINDS))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "key_not_canonical"), ("phone", "key_not_canonical"), ("phone:0912345678", "not_an_identifier"),
        ("phone: +84912345678", "not_an_identifier"), ("account:970436:01234-56789", "not_an_identifier"),
        ("domain:Example.vn", "not_an_identifier"), ("url:https://EXAMPLE.vn/", "not_an_identifier"),
        ("telephone:+84912345678", "unknown_identifier_kind"), (":x", "unknown_identifier_kind"),
        ("momo:+84912345678", "unknown_identifier_kind"), ("account:970436:0123456789\r", "not_an_identifier"),
        ("x" * 3000, "key_not_canonical"),
    ],
)  # fmt: skip
def test_other_lines_are_refused_by_number(line: str, reason: str) -> None:
    good = "phone:+84912345678"
    with pytest.raises(BadInput) as refused:
        require_canonical(f"{good}\n{line}\n{good}".encode(), 3)
    assert (refused.value.reason.value, refused.value.field) == (reason, "line 2")
