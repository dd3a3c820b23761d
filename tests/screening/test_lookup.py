"""What is read out of a pasted text for the public look-up, and what is answered about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection
from tests.conftest import NOON
from tests.factories.changes import changed

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Actor, ActorKind, Language, WallClock
from lachan.foundation.identifiers import Kind, parse_key
from lachan.foundation.storage import Database
from lachan.registry import ClaimDraft, Verdict, accept_merge
from lachan.registry.actions.claims import record_claims
from lachan.registry.model import CITIZENS, Standing
from lachan.registry.views import public_sight
from lachan.screening import Engine
from lachan.screening.lookup import ASKED_MAX, TEXT_MAX, advise_on, look_up, read_paste

ACCOUNT = "account:970436:0123456789"


def keys(text: str) -> list[str]:
    return [one.key for one in read_paste(text).asked]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0123456789 Vietcombank", [ACCOUNT]),
        ("0123456789", ["account:0123456789"]),
        ("0123 4567 89", ["account:0123456789"]),
        ("Bác chuyển vào 0711223344556 giúp cháu", ["account:0711223344556"]),
        ("0912 345 678", ["phone:+84912345678"]),
        ("momo 0912345678", ["wallet:momo:+84912345678"]),
        ("bit.ly/abc", ["url:http://bit.ly/abc"]),
        ("viẹtcombank.com", ["domain:xn--vitcombank-yq3e.com"]),
        ("50.000.000", []),
        ("123456", ["account:123456"]),
        ("mã 123456 nhé", []),
        ("", []),
        ("'; DROP TABLE registry_entry; --", []),
    ],
)
def test_what_a_text_asks_about(text: str, found: list[str]) -> None:
    assert keys(text) == found


def test_a_number_without_its_bank_waits_for_it() -> None:
    assert [one.needs_bank for one in read_paste("STK 0123456789 Vietcombank, STK 0711223344556").asked] == [
        False,
        True,
    ]


def test_a_link_is_asked_in_every_spelling_of_the_same_address() -> None:
    (one,) = read_paste("http://vietcombank.com.vn@evil.xyz/login").asked
    assert set(one.keys) == {
        "url:http://vietcombank.com.vn@evil.xyz/login", "url:https://vietcombank.com.vn@evil.xyz/login",
        "url:http://evil.xyz/login", "url:https://evil.xyz/login",
    }  # fmt: skip


def test_papers_and_cards_are_not_looked_up() -> None:
    papers = read_paste("CCCD 001099012345, gọi 0912345678")
    assert (papers.has_papers, [one.kind for one in papers.asked]) == (True, [Kind.PHONE])
    for card in ("9704 3612 3456 7890", "4111 1111 1111 1111"):
        reading = read_paste(card)
        assert (reading.has_card, reading.asked) == (True, ())


def test_a_list_is_cut() -> None:
    reading = read_paste("\n".join(f"091200{number:04}" for number in range(25)))
    assert (len(reading.asked), reading.left_out) == (ASKED_MAX, 15)


@given(st.text(max_size=300) | st.text("0123456789 .-@/:vcbhtp\u202e\u00a0ạ", max_size=120))
def test_whatever_is_pasted_is_read(text: str) -> None:
    reading = read_paste(text)
    assert len(reading.asked) <= ASKED_MAX
    for one in reading.asked:
        assert text[one.start : one.end] == one.text
        assert one.kind is not Kind.CITIZEN
        for key in one.keys:
            assert parse_key(key).key == key


def test_a_megabyte_is_read_to_its_limit() -> None:
    assert len(read_paste("0912345678 " * 100_000).text) == TEXT_MAX


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine.open(tmp_path / "screening", b"s" * 32, WallClock())


def test_clear_reads_no_record(engine: Engine) -> None:
    @contextmanager
    def read() -> Iterator[Connection]:
        raise AssertionError("a clear answer needs no record")
        yield

    answers = look_up(engine, read, read_paste("0912345678").asked, NOON)
    assert [one.verdict for one in answers] == [Verdict.CLEAR]


def test_the_record_has_the_last_word_and_the_gravest_comes_first(engine: Engine, db: Database) -> None:
    _claim(db, "domain:evil.xyz", "feed:chongluadao", Standing.FEED, "chongluadao")
    for bank in ("a", "b"):
        _claim(db, ACCOUNT, bank, Standing.INSTITUTION, "desk")
    engine.apply(
        [
            changed(1, "domain:evil.xyz", "warn"), changed(2, ACCOUNT, "step_up"),
            # Delisted since, which this engine has not heard yet.
            changed(3, "phone:+84912345678", "block"),
        ]
    )  # fmt: skip
    text = "0912345678, http://a.evil.xyz/x, STK 0123456789 Vietcombank"
    answers = look_up(engine, db.read, read_paste(text).asked, NOON)
    assert [(one.asked.key, one.verdict.value) for one in answers] == [
        (ACCOUNT, "step_up"), ("url:http://a.evil.xyz/x", "warn"), ("phone:+84912345678", "clear"),
    ]  # fmt: skip


def test_a_sight_counts_bodies_and_tells_nobodys_name(db: Database) -> None:
    for claimant, standing, source in (
        ("bank-a", Standing.INSTITUTION, "desk"), ("bank-b", Standing.INSTITUTION, "desk"),
        (CITIZENS, Standing.CITIZEN, "report"),
    ):  # fmt: skip
        _claim(db, ACCOUNT, claimant, standing, source)
    with db.read() as conn:
        sight = public_sight(conn, [ACCOUNT], NOON)
        later = public_sight(conn, [ACCOUNT], NOON + timedelta(days=3_000))
    assert sight is not None
    assert (sight.verdict, sight.bodies, sight.lists, sight.reasons) == (Verdict.STEP_UP, 2, 0, ("R3",))
    assert "bank-a" not in repr(sight)
    assert later is None


def test_what_is_claimed_of_a_merged_key_counts_and_its_name_is_not_said(db: Database) -> None:
    twin = "account:970436:9990001112"
    _claim(db, ACCOUNT, CITIZENS, Standing.CITIZEN, "report")
    _claim(db, twin, "bank-a", Standing.INSTITUTION, "desk")
    head = Actor(ActorKind.PERSON, "head", "desk", frozenset({Role.DESK_HEAD.value}))
    with db.unit(NOON, head) as unit:
        accept_merge(unit, ACCOUNT, twin, "Ngân hàng xác nhận đổi số.")
    with db.read() as conn:
        sight = public_sight(conn, [ACCOUNT], NOON)
    assert sight is not None
    assert (sight.verdict, sight.bodies, sight.reasons) == (Verdict.WARN, 1, ("R3",))
    assert "9990001112" not in repr(sight)


def test_what_citizens_alone_report_is_not_said(db: Database) -> None:
    _claim(db, ACCOUNT, CITIZENS, Standing.CITIZEN, "report")
    with db.read() as conn:
        assert public_sight(conn, [ACCOUNT], NOON) is None


def test_advice_about_nothing_is_not_clear() -> None:

    assert advise_on((), Language.VI, NOON).code.startswith("unknown")


def _claim(db: Database, key: str, claimant: str, standing: Standing, source: str) -> None:
    with db.unit(NOON, SYSTEM) as unit:
        reason = {Standing.FEED: "L5", Standing.CITIZEN: "H3"}.get(standing, "R3")
        record_claims(unit, [ClaimDraft(key, reason=reason, confidence=80)], source, claimant, standing)
