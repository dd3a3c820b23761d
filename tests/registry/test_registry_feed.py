"""The change feed: whatever page size, everything once and in order; what commits late stands behind."""

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tests.conftest import NOON
from tests.registry.world import World, sealed_changes

from lachan.foundation.access import OPERATOR
from lachan.registry import Change, ClaimDraft, Verdict, claim, import_file, views, withdraw_claim
from lachan.registry.importing import run as importing
from lachan.registry.views.verification import unfaithful_entries


def filled(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """Two chunks of a list, some single claims, one withdrawn."""
    monkeypatch.setattr(importing, "CHUNK_ROWS", 13)
    file = folder / "threat.txt"
    file.write_text("".join(f"xau-{number}.com\n" for number in range(20)), encoding="utf-8")
    import_file(world.db, file, "hostsvn", OPERATOR, lambda: NOON)
    for number in range(5):
        with world.db.unit(NOON, world.at(world.bank)) as unit:
            (done,) = claim(unit, [ClaimDraft(f"phone:+8491234560{number}", reason="T1")])
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, done.claim_id, "Nhầm số.")
    return sealed_changes(world.db, folder)


def test_pages_of_any_size_give_everything_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filled(world, tmp_path, monkeypatch)
    assert len(whole) == 26
    assert [one.sequence for one in whole] == sorted({one.sequence for one in whole})
    assert [one.verdict for one in whole[-2:]] == [Verdict.WARN, Verdict.CLEAR]
    with world.db.read() as conn:
        assert views.last_sequence(conn) == whole[-1].sequence
        for limit in (1, 2, 7, 13, 14, 25, 26, 27):
            after, found = 0, []
            while page := views.changes(conn, after, limit):
                assert len(page) <= limit
                found += page
                after = page[-1].sequence
            assert found == whole, limit
        for place, one in enumerate(whole):
            assert views.changes(conn, one.sequence) == whole[place + 1 :]


def test_what_commits_late_stands_behind_what_was_given(world: World, tmp_path: Path) -> None:
    """Two at once: the first to begin is the last to commit. SQLite has one writer, so there it cannot happen."""
    if world.db.is_sqlite:
        pytest.skip("SQLite has one writer")
    with world.db.unit(NOON, world.at(world.bank)) as slow:
        claim(slow, [ClaimDraft("phone:+84912345601", reason="T1")])
        with world.db.unit(NOON, world.at(world.other_bank)) as quick:
            claim(quick, [ClaimDraft("phone:+84912345602", reason="T1")])
        first = sealed_changes(world.db, tmp_path)
        assert [one.key for one in first] == ["phone:+84912345602"]
    second = sealed_changes(world.db, tmp_path, after=first[-1].sequence)
    assert [one.key for one in second] == ["phone:+84912345601"]


KEYS = [f"phone:+8491234560{number}" for number in range(3)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["claim", "withdraw"]), st.sampled_from(KEYS), st.sampled_from(["bank", "other_bank"])
    ),
    max_size=8,
)


@settings(max_examples=15)
@given(steps)
def test_the_feed_tells_what_the_registry_says(
    one_world: World, one_folder: Path, made: list[tuple[str, str, str]]
) -> None:
    """Whoever applies the feed from the start knows every verdict, whatever was claimed and withdrawn."""
    claims: dict[tuple[str, str], str] = {}
    for what, key, who in made:
        agency = one_world.bank if who == "bank" else one_world.other_bank
        with one_world.db.unit(NOON, one_world.at(agency)) as unit:
            if what == "claim":
                claims[key, who] = claim(unit, [ClaimDraft(key, reason="T1")])[0].claim_id
            elif (key, who) in claims:
                withdraw_claim(unit, claims.pop((key, who)), "Nhầm số.")
    told = {one.key: one.verdict for one in sealed_changes(one_world.db, one_folder, limit=100_000)}
    with one_world.db.read() as conn:
        for key in KEYS:
            assert views.check(conn, key, NOON).verdict == told.get(key, Verdict.CLEAR)
        assert unfaithful_entries(conn, NOON) == []


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("feed")


@pytest.fixture(scope="module")
def one_world(one_folder: Path, sqlite_template: Path) -> World:
    """One record for all examples: each goes on from what the one before left."""
    import shutil

    from tests.registry.world import build

    from lachan.foundation.storage import Database

    path = one_folder / "lachan.db"
    shutil.copy(sqlite_template, path)
    return build(Database(f"sqlite:///{path}"))
