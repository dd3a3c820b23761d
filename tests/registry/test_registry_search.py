"""Entries found by any fragment, in whatever form somebody remembers it, on both stores."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.registry.world import World

from lachan.foundation.base import NotAllowed
from lachan.foundation.identifiers import Kind, normalise
from lachan.registry import ClaimDraft, EntryState, Finder, Verdict, claim, delist, read_wanted, views
from lachan.registry.search import FRAGMENT_LEAST, finder
from lachan.registry.views import Narrow
from lachan.registry.views.listing import PAGE_ROWS

ACCOUNT, OTHER = "account:970436:038100464417", "account:970407:0381004600"
WALLET, PHONE = "wallet:momo:+84392345678", "phone:+84391234567"
SITE, LINK, IDN = (
    "domain:dienluc-hotro.com",
    "url:https://Dienluc-Hotro.com/Tra-Cuu",
    normalise(Kind.DOMAIN, "ngânhàng-hỗtrợ.vn").key,
)
HANDLE = "account:970422:NGUYENVANA1"
ANY = Narrow()
ALL = (ACCOUNT, OTHER, WALLET, PHONE, SITE, HANDLE)


def listed(world: World, *keys: str) -> None:
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        claim(unit, [ClaimDraft(key, reason="R8") for key in keys])


def search(world: World, text: str, narrow: Narrow = ANY, after: str = "") -> list[str]:
    with world.db.read() as conn:
        found = views.found(conn, world.head(), Finder(), read_wanted(text), NOON, narrow=narrow, after=after)
    return [one.key for one in found.entries]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4417", {ACCOUNT}),
        ("0381 0046", {ACCOUNT, OTHER}),
        ("0381.0046.44", {ACCOUNT}),
        ("Vietcombank 0381", {ACCOUNT}),
        ("4417 vcb", {ACCOUNT}),
        ("ngân hàng Techcombank 0381", {OTHER}),
        ("Ví MoMo 0392 345", {WALLET}),
        ("039 123", {PHONE}),
        ("0169 1234", {PHONE}),  # the prefix of 2018 and before
        ("+84 39123", {PHONE}),
        ("84 39 123", {PHONE}),
        ("điện lực", {SITE}),
        ("dienluc", {SITE}),
        ("HOTRO.com", {SITE}),
        ("dienluc[.]", set()),
        ("hotro[.]com", {SITE}),
        ("nguyenvana1", {HANDLE}),
        ("nguyễn văn a", {HANDLE}),
        ("Chị ơi chuyển vào Vietcombank 038100464417 giúp em", {ACCOUNT}),
        ("stk 0381 0046 44", {ACCOUNT}),
        ("https://dienluc-hotro.com/tra-cuu?x=1", {SITE}),
        ("9999", set()),
    ],
)
def test_a_fragment_in_any_form_is_found(world: World, text: str, wanted: set[str]) -> None:
    listed(world, *ALL)
    assert set(search(world, text)) == wanted


def test_a_name_in_punycode_is_found_by_its_letters(world: World) -> None:
    listed(world, IDN)
    assert search(world, "nganhang") == search(world, "Hỗ trợ.VN") == [IDN]


@pytest.mark.parametrize("text", ["a", "12", "  x ", "1.2"])
def test_too_little_is_said_to_be_too_little(text: str) -> None:
    assert read_wanted(text).too_short
    assert len(text.strip()) <= FRAGMENT_LEAST


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read(text: str) -> None:
    wanted = read_wanted(text)
    assert all(all(fragments) for fragments in wanted.either)


def test_a_link_is_found_whole_under_the_other_scheme(world: World) -> None:
    key = normalise(Kind.URL, LINK.removeprefix("url:")).key
    other = key.replace("https", "http")
    listed(world, key)
    assert search(world, other.removeprefix("url:")) == [key]
    with world.db.read() as conn:
        answer = views.check(conn, other, NOON)
    assert answer.verdict is Verdict.WARN
    assert answer.entry is not None
    assert answer.entry.key == key


def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    keys = [f"account:970436:{7_700_000_000 + number}" for number in range(2 * PAGE_ROWS + 5)]
    listed(world, *keys)
    found: list[str] = []
    after = ""
    with world.db.read() as conn:
        while True:
            page = views.found(conn, world.head(), Finder(), read_wanted("vcb 7700000"), NOON, after=after)
            found += [one.key for one in page.entries]
            if page.after is None:
                break
            after = page.after
    assert sorted(found) == sorted(keys)


def test_a_list_is_narrowed_and_paged(world: World) -> None:
    keys = [f"phone:+849{number:08}" for number in range(10_000_000, 10_000_000 + PAGE_ROWS + 3)]
    listed(world, *keys, ACCOUNT)
    with world.db.unit(NOON, world.head()) as unit:
        entry = views.entry_of_key(unit.conn, world.head(), keys[0])
        delist(unit, entry.id, "Nhầm số.")
    only = Narrow(EntryState.ACTIVE, Kind.PHONE, Verdict.WARN)
    with world.db.read() as conn:
        first = views.narrowed(conn, world.head(), only, NOON)
        assert first.after is not None
        rest = views.narrowed(conn, world.head(), only, NOON, after=first.after)
        gone = views.narrowed(conn, world.head(), Narrow(EntryState.DELISTED), NOON)
        counts = views.waiting_counts(conn, world.head())
    shown = [one.key for one in (*first.entries, *rest.entries)]
    assert (sorted(shown), rest.after) == (sorted(keys[1:]), None)
    assert [one.key for one in gone.entries] == [keys[0]]
    assert sum(counts.values()) == 0


def test_what_waits_comes_by_its_review_date_page_by_page(world: World) -> None:
    keys = [f"domain:{name}" for name in ("google.com", "facebook.com", "youtube.com")]
    for day, key in enumerate(keys):
        with world.db.unit(NOON + timedelta(days=day), world.at(world.bank)) as unit:
            claim(unit, [ClaimDraft(key, reason="L1")])
    with world.db.read() as conn:
        page = views.narrowed(conn, world.head(), Narrow(EntryState.REVIEW), NOON)
        first = page.entries[0]
        assert first.review_at is not None
        place = f"{int(first.review_at.timestamp() * 1_000_000)}~{first.id}"
        rest = views.narrowed(conn, world.head(), Narrow(EntryState.REVIEW), NOON, after=place)
        counts = views.waiting_counts(conn, world.head())
    assert [one.key for one in page.entries] == keys
    assert [one.key for one in rest.entries] == keys[1:]
    assert counts[EntryState.REVIEW] == 3


def test_the_finder_sees_what_came_after_it_first_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "_SETTLED", timedelta(0))
    kept = Finder()
    listed(world, ACCOUNT, OTHER, PHONE)

    def find(text: str) -> list[str]:
        with world.db.read() as conn:
            return [hit.key for hit in kept.find(conn, read_wanted(text).either)]

    assert sorted(find("0381")) == sorted([ACCOUNT, OTHER])
    monkeypatch.setattr(finder, "_SETTLED", timedelta(hours=1))
    listed(world, WALLET)
    assert find("momo") == [WALLET]
    assert sorted(find("0381")) == sorted([ACCOUNT, OTHER])


def test_a_bank_does_not_search(world: World) -> None:
    with pytest.raises(NotAllowed), world.db.read() as conn:
        views.found(conn, world.at(world.bank), Finder(), read_wanted("4417"), NOON)
    with pytest.raises(NotAllowed), world.db.read() as conn:
        views.narrowed(conn, world.at(world.bank), Narrow(), NOON)
