"""Lists in files: incremental, resumable, delisting what is gone, and never blocking what many people use."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.factories.stopped import StoppedClock
from tests.registry.world import World, sealed_changes

from lachan.foundation.access import OPERATOR
from lachan.foundation.base import PUBLIC, BadInput, NotAllowed, Reason
from lachan.foundation.identifiers import IdentifierReason
from lachan.foundation.storage import Database
from lachan.registry import FEEDS, Counts, ImportResult, RegistryReason, Verdict, import_file, sweep, views
from lachan.registry.feeds.bank_monthly import FIELDS
from lachan.registry.importing import run as importing
from lachan.registry.tables import batch, claim, entry
from lachan.registry.views.verification import unfaithful_entries, unfaithful_imports
from lachan.screening import Engine

DAY = timedelta(days=1)
CLAIMS = """key,reason,confidence,evidence,first_seen,last_seen,agency
account:999001:0123456789,R3,80,sao kê,2026-11-01,2026-11-10,999001
account:999001:0123456789,R7,80,,,,999002
phone:0912 345 678,T1,,,,,
phone:0912345678,T1,,,,,
phone:0912345678,T1,90,,,,
account:12,R3,,,,,
nothing:1,R3,,,,,
phone:0987654321,Z1,,,,,
phone:0987654321,T1,101,,,,
phone:0987654321,T1,,,2026-13-01,,
phone:0987654321,T1,,,2026-11-11,2026-11-10,
phone:0987654321,T1,,,,2027-01-01,
phone:0987654321,T1,,,,,nobody
phone:0987654321,T1
"""


def run(db: Database, file: Path, feed: str, at: datetime = NOON, **more: object) -> ImportResult:
    return import_file(db, file, feed, OPERATOR, lambda: at, **more)  # type: ignore[arg-type]


def written(folder: Path, name: str, lines: list[str] | str) -> Path:
    file = folder / name
    file.write_text(lines if isinstance(lines, str) else "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def listed(db: Database, at: datetime = NOON) -> set[str]:
    with db.read() as conn:
        return {one.key.partition(":")[2] for one in views.in_force(conn, at)}


def sums(counts: Counts) -> bool:
    return counts.rows == counts.added + counts.updated + counts.unchanged + counts.rejected


def test_every_row_is_taken_or_refused_by_name(world: World, tmp_path: Path) -> None:
    done = run(world.db, written(tmp_path, "claims.csv", CLAIMS), "claims")
    assert done.counts == Counts(rows=14, added=3, unchanged=1, rejected=10)
    said: list[tuple[int, Reason]] = [(one.line, one.reason) for one in done.rejected]
    assert [(line, reason.value) for line, reason in said] == [
        (6, RegistryReason.ROW_REPEATED), (7, IdentifierReason.NOT_AN_IDENTIFIER),
        (8, IdentifierReason.UNKNOWN_KIND), (9, "taxonomy_code_unknown"), (10, RegistryReason.CONFIDENCE_RANGE),
        (11, "malformed"), (12, RegistryReason.SEEN_REVERSED), (13, "in_the_future"),
        (14, RegistryReason.UNKNOWN_AGENCY), (15, "malformed"),
    ]  # fmt: skip
    with world.db.read() as conn:
        assert views.check(conn, "account:999001:0123456789", NOON).verdict is Verdict.STEP_UP
        assert views.check(conn, "phone:+84912345678", NOON).verdict is Verdict.WARN
    assert {one.key for one in sealed_changes(world.db, tmp_path)} == {
        "account:999001:0123456789", "phone:+84912345678",
    }  # fmt: skip
    again = run(world.db, tmp_path / "claims.csv", "claims")
    assert again.counts == Counts(rows=14, unchanged=4, rejected=10)
    assert len(sealed_changes(world.db, tmp_path)) == 2


def test_an_edition_delists_what_it_no_longer_names_on_its_own_list_only(world: World, tmp_path: Path) -> None:
    threats = written(tmp_path, "threats.txt", ["a-xau.com", "b-xau.com", "# c-xau.com", "0.0.0.0 d-xau.com"])
    assert run(world.db, threats, "hostsvn").counts == Counts(rows=3, added=3)
    gambling = written(tmp_path, "gambling.txt", ["g-bac.com"])
    assert run(world.db, gambling, "hostsvn").counts == Counts(rows=1, added=1)
    other = written(tmp_path, "hosts.csv", ["host,x", "a-xau.com,1", "b-xau.com,"])
    assert run(world.db, other, "chongluadao").counts == Counts(rows=2, added=2)
    later = written(tmp_path, "threats.txt", ["a-xau.com", "e-xau.com"])
    assert run(world.db, later, "hostsvn", NOON + DAY).counts == Counts(rows=2, added=1, unchanged=1, delisted=2)
    assert listed(world.db) == {"a-xau.com", "b-xau.com", "e-xau.com", "g-bac.com"}
    back = written(tmp_path, "threats.txt", ["a-xau.com", "d-xau.com", "e-xau.com"])
    assert run(world.db, back, "hostsvn", NOON + 2 * DAY).counts == Counts(rows=3, added=1, unchanged=2)
    assert "d-xau.com" in listed(world.db)
    with world.db.read() as conn:
        assert views.check(conn, "domain:g-bac.com", NOON).reasons == ("L4",)


def test_an_empty_edition_delists_nothing(world: World, tmp_path: Path) -> None:
    run(world.db, written(tmp_path, "threats.txt", ["a-xau.com"]), "hostsvn")
    for text in ("", "<html>\n", "# moved\n"):
        with pytest.raises(BadInput):
            run(world.db, written(tmp_path, "threats.txt", text), "hostsvn")
    assert listed(world.db) == {"a-xau.com"}


def test_a_list_read_month_after_month_keeps_its_entries_alive(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "threats.txt", ["a-xau.com"])
    updated = 0
    for month in range(30):
        now = NOON + month * 30 * DAY
        updated += run(world.db, file, "hostsvn", now).counts.updated
        sweep(world.db, now)
        assert listed(world.db, now) == {"a-xau.com"}
    assert 5 <= updated <= 15
    assert listed(world.db, NOON + 2000 * DAY) == set()


def test_a_killed_import_goes_on_where_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 10)
    monkeypatch.setattr(importing, "_WINDOW_ROWS", 20)
    run(world.db, written(tmp_path, "threats.txt", ["alt.com"]), "hostsvn")
    file = written(tmp_path, "threats.txt", [f"xau-{number}.com" for number in range(57)])
    steps: list[int] = []

    def die(done: int) -> None:
        steps.append(done)
        if done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(world.db, file, "hostsvn", progress=die)
    assert len(listed(world.db)) == 31, "what was done stays; the edition is not complete, so nothing is delisted"
    done = run(world.db, file, "hostsvn")
    assert done.resumed
    assert done.counts == Counts(rows=57, added=57, delisted=1)
    assert listed(world.db) == {f"xau-{number}.com" for number in range(57)}
    assert steps == [10, 20, 30]
    with world.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(claim)).scalar_one() == 58
        assert unfaithful_imports(conn) == []
        assert unfaithful_entries(conn, NOON) == []
    again = run(world.db, file, "hostsvn")
    assert not again.resumed
    assert again.counts == Counts(rows=57, unchanged=57)


def test_a_changed_claim_or_entry_is_found(world: World, tmp_path: Path) -> None:
    run(world.db, written(tmp_path, "threats.txt", ["a-xau.com", "b-xau.com"]), "hostsvn")
    with world.db.unit(NOON, OPERATOR) as unit:
        unit.conn.execute(sa.update(claim).where(claim.c.key == "domain:a-xau.com").values(confidence=1))
        unit.conn.execute(sa.update(entry).where(entry.c.key == "domain:b-xau.com").values(verdict="clear"))
    with world.db.read() as conn:
        assert len(unfaithful_imports(conn)) == 1
        assert set(unfaithful_entries(conn, NOON)) == {"domain:a-xau.com", "domain:b-xau.com"}


def test_strict_stops_at_the_first_bad_row(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "claims.csv", CLAIMS)
    with pytest.raises(BadInput) as caught:
        run(world.db, file, "claims", strict=True)
    assert caught.value.field
    assert caught.value.field.startswith(("6", "7"))


def test_who_may_import_and_which_files_are_none(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "threats.txt", ["a-xau.com"])
    with pytest.raises(NotAllowed):
        import_file(world.db, file, "hostsvn", PUBLIC, lambda: NOON)
    for bad, feed in ((file, "nobody"), (tmp_path / "missing", "hostsvn"), (file, "claims")):
        with pytest.raises(BadInput):
            run(world.db, bad, feed)


def test_a_monthly_submission_keeps_no_holder_and_takes_words_back(world: World, tmp_path: Path) -> None:
    header = ",".join(FIELDS)
    holder = "C1,001099012345,CCCD,Nguyễn Thị An,1999-01-01,nữ,VN"
    row = holder + ",{number},2026-01-01,0912345678,{reason},{status},999001"
    first = written(tmp_path, "m1.csv", [
        header, row.format(number="0123456789", reason="R3;R7", status="suspected"),
        row.format(number="0123456780", reason="4", status=""),
        row.format(number="0123456781", reason="R9", status=""),
    ])  # fmt: skip
    assert run(world.db, first, "bank_monthly", agency_code="999001").counts == Counts(rows=3, added=2, rejected=1)
    with world.db.read() as conn:
        rows = conn.execute(sa.select(claim).order_by(claim.c.reason)).mappings().all()
    assert [(row["reason"], row["evidence"], row["claimant"]) for row in rows] == [
        ("R3", "also R7", world.bank), ("R4", None, world.bank),
    ]  # fmt: skip
    assert "001099012345" not in str(rows)
    assert "Nguyễn" not in str(rows)
    second = written(tmp_path, "m2.csv", [header, row.format(number="0123456789", reason="R3", status="cleared")])
    counts = run(world.db, second, "bank_monthly", agency_code="999001").counts
    assert (counts.updated, counts.delisted) == (1, 1)
    assert listed(world.db) == {"999001:0123456780"}


def test_a_carriers_list_is_the_carriers_claim(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "so.csv", ["phone", "0912345678", "0912345679", "12"])
    assert run(world.db, file, "telecom", agency_code="songxanh").counts == Counts(rows=3, added=2, rejected=1)
    with world.db.read() as conn:
        assert set(conn.execute(sa.select(claim.c.claimant)).scalars()) == {world.carrier}
    shorter = written(tmp_path, "so.csv", ["phone", "0912345678"])
    assert run(world.db, shorter, "telecom", agency_code="songxanh").counts.delisted == 1


REAL = (
    ("chongluadao_hosts.csv", "chongluadao", 17_118),
    ("hostsvn_threat_vn_history.csv", "hostsvn", 3_746),
    ("hostsvn_gambling_vn.txt", "hostsvn", 3_747),
    ("openphish_urls_2025.csv", "openphish", 4_488),
)


@pytest.fixture(scope="module")
def links(test_data: Path) -> Path:
    return test_data / "data" / "links"


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_the_real_lists(world: World, links: Path, tmp_path: Path) -> None:
    """Every row taken or refused; again: nothing; no conflict and no popular name in force; the rest warned."""
    for name, feed, rows in REAL:
        done = run(world.db, links / name, feed)
        assert done.counts.rows == rows
        assert sums(done.counts)
        assert done.counts.rejected == len(done.rejected) <= 1
        assert done.counts.delisted == 0
    before = sealed_changes(world.db, tmp_path, limit=100_000)
    for name, feed, _ in REAL:
        counts = run(world.db, links / name, feed).counts
        assert (counts.added, counts.updated, counts.delisted) == (0, 0, 0)
        assert sums(counts)
    assert sealed_changes(world.db, tmp_path, limit=100_000) == before
    in_force = listed(world.db)
    assert {one.key.partition(":")[2] for one in before} == in_force
    conflicts = {row["domain"] for row in rows_of(links / "conflicts_blocklisted_but_popular.csv")}
    benign = {
        row["domain"]
        for name in ("benign_vn_domains_tranco_crux.csv", "benign_global_sample30k_tranco_crux.csv")
        for row in rows_of(links / name)
    }
    assert not in_force & (conflicts | benign)
    with world.db.read() as conn:
        verdicts = set(conn.execute(sa.select(entry.c.verdict)).scalars())
        hosts = [row["host"] for row in rows_of(links / "chongluadao_hosts.csv") if row["host"] not in conflicts]
        keys = [("url:http://" if "/" in host else "domain:") + host for host in hosts[::7]]
        warned = sum(
            views.check(conn, key, NOON).verdict is not Verdict.CLEAR for key in keys if not key.startswith("url")
        )
    assert verdicts == {"clear", "warn"}
    assert warned / len(keys) >= 0.95


SOME_MONTHS = [
    date(2022, 11, 30), date(2023, 1, 31), date(2023, 6, 30), date(2024, 1, 31), date(2024, 12, 31),
    date(2026, 6, 24),
]  # fmt: skip


def test_the_history_replayed(world: World, links: Path, tmp_path: Path) -> None:
    replayed(world, links, tmp_path, SOME_MONTHS)


@pytest.mark.soak
def test_the_history_replayed_month_by_month(world: World, links: Path, tmp_path: Path) -> None:
    """Every month from the first edition to the last one."""
    firsts = [date(year, month, 1) for year in range(2022, 2027) for month in range(1, 13)]
    months = [one - DAY for one in firsts if date(2022, 12, 1) <= one <= date(2026, 6, 1)] + [date(2026, 6, 24)]
    assert len(months) == 44
    replayed(world, links, tmp_path, months)


def replayed(world: World, links: Path, tmp_path: Path, months: list[date]) -> None:
    """Each month's edition gives exactly that month's list, but for names that a person has to look at."""
    history = rows_of(links / "hostsvn_threat_vn_history.csv")
    guarded: set[str] = set()
    for number, month in enumerate(months):
        day = month.isoformat()
        names = {row["domain"] for row in history if row["first_listed"] <= day <= row["last_listed"]}
        file = written(tmp_path, "threat.txt", sorted(names))
        now = NOON + number * 30 * DAY
        done = run(world.db, file, "hostsvn", now)
        assert sums(done.counts)
        with world.db.read() as conn:
            guarded |= {
                key.partition(":")[2]
                for key in conn.execute(sa.select(entry.c.key).where(entry.c.guard.is_not(None))).scalars()
            }
            claimed = {
                key.partition(":")[2]
                for key in conn.execute(sa.select(claim.c.key).where(claim.c.ended_at.is_(None))).scalars()
            }
        refused = {one.row for one in done.rejected}
        assert claimed == names - refused
        assert listed(world.db, now) == names - refused - guarded
    with world.db.read() as conn:
        assert set(conn.execute(sa.select(batch.c.state)).scalars()) == {"done"}


def test_the_screening_engine_warns_of_the_real_lists_and_blocks_nobody(
    world: World, links: Path, tmp_path: Path
) -> None:
    for name, feed, _ in REAL:
        run(world.db, links / name, feed)
    engine = Engine.open(tmp_path / "engine", bytes(32), StoppedClock(NOON))
    engine.apply(sealed_changes(world.db, tmp_path, limit=100_000))
    assert engine.merge()
    conflicts = {row["domain"] for row in rows_of(links / "conflicts_blocklisted_but_popular.csv")}
    benign = {
        row["domain"]
        for name in ("benign_vn_domains_tranco_crux.csv", "benign_global_sample30k_tranco_crux.csv")
        for row in rows_of(links / name)
    }
    assert len(conflicts) == 165
    honest = [f"domain:{name}" for name in sorted(conflicts | benign)]
    found = {name: answer.verdict for name, answer in zip(honest, engine.screen(honest), strict=True)}
    assert set(found.values()) <= {Verdict.CLEAR, Verdict.WARN}, "never more than a warning"
    in_force = listed(world.db)
    warned = [key.partition(":")[2] for key, verdict in found.items() if verdict is Verdict.WARN]
    assert len(warned) < 20
    for name in warned:  # `www.` and other names below one that a list names and that is itself not popular
        assert name not in in_force
        assert any(name.endswith(f".{one}") for one in in_force), name
    rows = list(FEEDS["chongluadao"].read(links / "chongluadao_hosts.csv"))
    keys = [row.key for row in rows if row.raw.strip() not in conflicts]
    answers = engine.screen(keys)
    assert sum(answer.verdict is not Verdict.CLEAR for answer in answers) >= 0.95 * len(keys)
    assert Verdict.BLOCK not in {answer.verdict for answer in answers}


def test_the_history_file_lists_what_its_newest_day_lists(world: World, links: Path) -> None:
    history = rows_of(links / "hostsvn_threat_vn_history.csv")
    newest = {row["domain"] for row in history if row["in_latest_snapshot"] == "1"}
    run(world.db, links / "hostsvn_threat_vn_history.csv", "hostsvn")
    with world.db.read() as conn:
        claimed = set(conn.execute(sa.select(claim.c.key).where(claim.c.ended_at.is_(None))).scalars())
    assert {key.partition(":")[2] for key in claimed} == newest
