"""The files of a province: readable, ordered, complete, the same for the same seed, the truth kept apart."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import islice, pairwise
from pathlib import Path

import duckdb
import pytest
from tests.sandbox.people.conftest import PLAN, Ask

from lachan.foundation.base import BadInput
from lachan.foundation.documents.sheets import read_rows
from lachan.foundation.identifiers import KINDS, identify, normalise, parse_key
from lachan.sandbox.people import Plan, SimulationReason, simulate

SMALL = Plan(people=500, days=3, seed=3, start=date(2026, 1, 5))


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    simulate(tmp_path / "a", SMALL)
    simulate(tmp_path / "b", SMALL)
    simulate(tmp_path / "c", Plan(SMALL.people, SMALL.days, SMALL.seed + 1, SMALL.start))
    first, second, other = (digests(tmp_path / name) for name in "abc")
    assert first == second
    assert {name for name in first if first[name] == other[name]} == {"README.md"}


def test_the_bytes_do_not_hang_on_the_process(tmp_path: Path) -> None:
    """Another process draws another seed for the hashes of texts, in whose order sets are walked."""
    for name in ("a", "b"):
        told = [sys.executable, "-m", "lachan.doors.cli", "simulate", str(tmp_path / name), "--people", "500",
                "--days", "3", "--seed", "3"]  # fmt: skip
        subprocess.run(told, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": str(ord(name))})
    simulate(tmp_path / "c", SMALL)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")


def test_a_folder_is_made_anew_and_strangers_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    simulate(folder, SMALL)
    before = digests(folder)
    (folder / "transfers.parquet").write_bytes(b"damaged")
    (folder / ".making").mkdir()
    simulate(folder, SMALL)
    assert digests(folder) == before
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        simulate(stranger, SMALL)
    assert refused.value.reason is SimulationReason.FOLDER_IN_USE
    assert [each.name for each in stranger.iterdir()] == ["note.txt"]


def test_the_manifest_speaks_of_what_is_there(made_province: Path) -> None:
    said = json.loads((made_province / "manifest.json").read_text(encoding="utf-8"))
    assert (said["people"], said["days"], said["seed"], said["start"]) == (2500, 14, 5, "2026-02-02")
    assert set(said["versions"]) == {"lachan", "numpy", "duckdb"}
    found = digests(made_province)
    del found["manifest.json"]
    assert {name: file["sha256"] for name, file in said["files"].items()} == found
    with duckdb.connect() as connection:
        for name, file in said["files"].items():
            if name.endswith(".parquet"):
                path = made_province / name
                counted = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()
                assert counted == [(file["rows"],)], name


def test_transfers_have_the_contract_of_tracing(made_province: Path, ask: Ask) -> None:
    rows = list(islice(read_rows(made_province / "transfers.parquet"), 300))
    assert all(isinstance(row, dict) for row in rows)
    first = rows[0]
    assert isinstance(first, dict)
    assert list(first) == ["id", "time", "payer", "payee", "amount", "kind", "sequence"]
    time = datetime.fromisoformat(str(first["time"]))
    assert time.tzinfo is not None
    assert time >= datetime(2026, 2, 1, 17, tzinfo=UTC)
    balances = next(iter(read_rows(made_province / "balances.parquet")))
    assert isinstance(balances, dict)
    assert list(balances) == ["account", "opening_vnd"]
    kinds = {row[0] for row in ask("SELECT DISTINCT kind FROM @transfers")}
    assert kinds == {"transfer", "cash_out", "card_payment", "merchant", "virtual_asset", "cross_border"}
    assert ask("SELECT count(*) FROM @transfers WHERE kind = 'transfer' AND payee IS NULL") == [(0,)]
    assert ask("SELECT count(*) FROM @transfers WHERE kind = 'cash_out' AND payee IS NOT NULL") == [(0,)]
    assert ask("SELECT count(*) FROM @transfers WHERE payer = payee OR amount <= 0 OR payer IS NULL") == [(0,)]


def test_times_are_in_order_and_within_the_days(ask: Ask) -> None:
    rows = ask("SELECT id, epoch_us(time), sequence FROM @transfers")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert all(one[1] <= two[1] and one[2] < two[2] for one, two in pairwise(rows))
    assert rows[0][1] >= PLAN.start_us
    assert rows[-1][1] < PLAN.end_us


def test_no_account_is_ever_below_nothing(ask: Ask) -> None:
    balance: dict[str, int] = dict(ask("SELECT account, opening_vnd FROM @balances"))
    assert len(balance) == ask("SELECT count(*) FROM @accounts")[0][0]
    before = sum(balance.values())
    gone = 0
    for payer, payee, amount in ask("SELECT payer, payee, amount FROM @transfers ORDER BY id"):
        balance[payer] -= amount
        assert balance[payer] >= 0
        if payee is None:
            gone += amount
        else:
            balance[payee] += amount
    assert sum(balance.values()) + gone == before
    assert gone > 0


def test_every_identifier_is_right_in_form_and_nobodys(ask: Ask) -> None:
    people = ask("SELECT citizen, born, sex FROM @people")
    for citizen, born, sex in people:
        found = normalise("citizen", citizen)
        assert found.value == citizen
        details = KINDS[found.kind].details(citizen)
        assert (details["birth_year"], details["sex"]) == (born, sex)
        assert citizen[6] == "9"
    assert len({row[0] for row in people}) == len(people)
    accounts = [row[0] for row in ask("SELECT account FROM @accounts")]
    assert len(set(accounts)) == len(accounts)
    for key in accounts:
        assert parse_key(key).key == key
        assert ":0000" in key or key.startswith("wallet:")
    phones = [row[0] for row in ask("SELECT phone FROM @sims")]
    assert len(set(phones)) == len(phones)
    assert all(normalise("phone", phone).value == phone and phone.startswith("+8459") for phone in phones)
    taxes = [row[0] for row in ask("SELECT tax_code FROM @companies")]
    assert len(set(taxes)) == len(taxes)
    assert all(normalise("company", tax).value == tax and tax.startswith("99") for tax in taxes)
    devices = {row[0] for row in ask("SELECT device FROM @devices")}
    assert all(normalise("imei", device).value == device and device.startswith("001010") for device in devices)
    for (url,) in ask("SELECT url FROM @links"):
        assert normalise("url", url).value == url
        assert ".example.com/" in url


def test_rows_point_to_rows(ask: Ask) -> None:
    lost = ask("SELECT count(*) FROM @transfers WHERE payer NOT IN (SELECT account FROM @accounts)")
    assert lost == [(0,)]
    assert ask("SELECT count(*) FROM @sims WHERE citizen NOT IN (SELECT citizen FROM @people)") == [(0,)]
    assert ask("SELECT count(*) FROM @devices WHERE account NOT IN (SELECT account FROM @accounts)") == [(0,)]
    assert ask("SELECT count(*) FROM @companies WHERE representative NOT IN (SELECT citizen FROM @people)") == [
        (0,)
    ]
    assert ask("SELECT count(*) FROM @accounts WHERE kind = 'person' "
               "AND holder NOT IN (SELECT citizen FROM @people)") == [(0,)]  # fmt: skip
    assert ask("SELECT count(*) FROM @accounts WHERE kind = 'company' "
               "AND holder NOT IN (SELECT tax_code FROM @companies)") == [(0,)]  # fmt: skip
    assert ask("SELECT count(*) FROM @people WHERE employer NOT IN (SELECT tax_code FROM @companies)") == [(0,)]


def test_the_truth_is_in_its_own_folder_only(made_province: Path) -> None:
    telling = {"label", "gang", "part", "hop", "role", "source", "loss"}
    with duckdb.connect() as connection:
        for file in made_province.glob("*.parquet"):
            said = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(file)]).description
            assert not telling & {column[0] for column in said}, file.name


def test_signals_stand_beside_every_transfer_and_tell_nothing_alone(ask: Ask) -> None:
    assert ask("SELECT count(*) FROM @transfers t FULL JOIN @signals s USING (id) "
               "WHERE t.id IS NULL OR s.id IS NULL") == [(0,)]  # fmt: skip
    own = ask("SELECT count(*) FROM @transfers t JOIN @signals s USING (id) JOIN @truth/transfers l USING (id) "
              "JOIN @devices d ON d.account = t.payer AND d.device = s.device WHERE l.label = 0")[0][0]  # fmt: skip
    assert ask("SELECT count(*) FROM @signals JOIN @truth/transfers l USING (id) "
               "WHERE device IS NOT NULL AND l.label = 0") == [(own,)]  # fmt: skip
    shares: dict[int, float] = dict(ask("SELECT l.label, avg((ip_country <> 'VN')::INTEGER) FROM @signals "
                      "JOIN @truth/transfers l USING (id) WHERE ip_country IS NOT NULL GROUP BY ALL"))  # fmt: skip
    assert 0.001 < shares[0] < 0.02
    assert 0.2 < shares[1] < 0.5
    assert ask("SELECT count(*) FROM @transfers JOIN @signals USING (id) "
               "WHERE kind IN ('cash_out', 'card_payment') AND device IS NOT NULL") == [(0,)]  # fmt: skip
    taken = ask("SELECT count(*) FROM @truth/crimes JOIN @signals USING (id) JOIN @truth/devices USING (device) "
                "WHERE part = 'theft'")  # fmt: skip
    assert taken[0][0] >= 3
    kinds = ask("SELECT DISTINCT payee_kind FROM @signals ORDER BY ALL")
    assert kinds == [("company",), ("person",), (None,)]


def test_messages_name_what_can_be_read_in_them(ask: Ask) -> None:
    said = ask("SELECT text FROM @messages m JOIN @truth/messages t USING (id) WHERE t.scam IS NOT NULL "
               "AND text LIKE '%0000%'")  # fmt: skip
    assert said
    known = {row[0] for row in ask("SELECT account FROM @accounts")}
    for (text,) in said:
        assert any(found.key in known for found in identify(text)), text
    assert ask("SELECT count(*) FROM @messages WHERE text LIKE '%{%'") == [(0,)]


@pytest.mark.parametrize(
    ("field", "plan"),
    [
        ("people", Plan(0, 3, 1, date(2026, 1, 5))), ("people", Plan(5_000_001, 3, 1, date(2026, 1, 5))),
        ("days", Plan(10, 0, 1, date(2026, 1, 5))), ("days", Plan(10, 367, 1, date(2026, 1, 5))),
        ("seed", Plan(10, 3, -1, date(2026, 1, 5))), ("start", Plan(10, 3, 1, date(2031, 1, 5))),
        ("start", Plan(10, 300, 1, date(2028, 6, 1))),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(
    field: str, plan: Plan, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        simulate(tmp_path / "out", plan)
    assert refused.value.field == field
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("people", [1, 2, 7, 40])
def test_the_smallest_provinces_have_no_crime_but_all_files(people: int, tmp_path: Path) -> None:
    made = simulate(tmp_path / "out", Plan(people, 2, 1, date(2026, 1, 5)))
    assert made.scams == 0
    assert made.rows["people"] == people
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 12
