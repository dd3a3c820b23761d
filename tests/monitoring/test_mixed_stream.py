"""All patterns planted in one stream of ordinary payments: each is found, and no two typologies say the same."""

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pytest
from tests.monitoring.example_tables import BEGIN, columns_of, rows_of

from lachan.monitoring import Columns, Constants, Monitor, Scored, Typology, typologies
from lachan.monitoring.kernel.layout import SIGNS
from lachan.sandbox.people import Plan, found_province, ordered_days

ON = date(2026, 3, 2)
ALL = typologies(ON)
COPIES = 3
OVERLAP_MAX = 0.9


def ordinary(count: int, days: int) -> list[dict[str, object]]:
    """Salaries, shopping and gifts among people and shops; nothing of it is meant to look suspicious."""
    random = np.random.default_rng(11)
    made: list[dict[str, object]] = []
    for number in range(count):
        # By day; each pays a few familiar payees.
        at = BEGIN + timedelta(days=int(random.integers(0, days)), minutes=int(random.integers(-120, 720)))
        payer = int(random.integers(0, 300))
        shop = random.random() < 0.6
        payee = f"shop{random.integers(0, 20)}" if shop else f"p{(payer * 7 + int(random.integers(1, 5))) % 300}"
        amount = int(random.lognormal(12.2, 0.9)) // 1000 * 1000 + 1000
        made.append({
            "at": at, "payer": f"p{payer}", "payee": payee, "amount": amount,
            "kind": "merchant" if shop else "transfer", "number": number,
        })  # fmt: skip
    return made


def mixed() -> tuple[Scored, dict[str, list[int]], list[dict[str, object]]]:
    """What was found, where each typology's planted last rows stand, and the rows."""
    rows: list[dict[str, object]] = ordinary(6_000, 130)
    for one in ALL:
        for kind, tables in (("fires", one.fires), ("quiet", one.quiet)):
            for number, table in enumerate(tables):
                for copy in range(COPIES):
                    planted = rows_of(table, f"{one.code}.{kind}{number}.{copy}.", BEGIN + timedelta(days=copy))
                    if kind == "fires":
                        planted[-1]["planted"] = one.code
                    rows += planted
    rows.sort(key=lambda row: str(row["at"]))
    found = Monitor(ALL, Constants.on(ON)).score(columns_of(rows))
    places: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if "planted" in row:
            places.setdefault(str(row["planted"]), []).append(number)
    return found, places, rows


FOUND, PLACES, ROWS = mixed()


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_each_is_found_where_it_was_planted(one: Typology) -> None:
    bit = ALL.index(one)
    code = one.code
    assert len(PLACES[code]) == COPIES * len(one.fires)
    for place in PLACES[code]:
        assert FOUND.alerts[place] >> np.uint64(bit) & np.uint64(1), ROWS[place]


def test_no_two_typologies_say_the_same() -> None:
    """Of the smaller of two alert sets, at most nine tenths lie in the other."""
    rows = {one.code: {proof.row for proof in FOUND.proofs if proof.typology == one} for one in ALL}
    too_alike = {
        (a, b): len(rows[a] & rows[b]) / min(len(rows[a]), len(rows[b]))
        for a, b in combinations(rows, 2)
        if len(rows[a] & rows[b]) > OVERLAP_MAX * min(len(rows[a]), len(rows[b]))
    }
    assert too_alike == {}


def test_nor_do_they_in_a_province() -> None:
    """Where the same accounts show several of them, as gangs' do: no two names for one set of transfers."""
    plan = Plan(6_000, 30, 22, date(2026, 1, 5))
    province = found_province(plan)
    ledger, _ = ordered_days(province)
    firm = np.append(province.holdings.account_firm, [one.firm >= 0 for one in province.book.accounts])
    columns = Columns.bare(
        ledger.time_us, ledger.payer.astype(np.int32), ledger.payee.astype(np.int32), ledger.amount_vnd,
        ledger.kind.astype(np.uint8),
    )  # fmt: skip
    columns.signs[:, SIGNS.index("payer_company")] = firm[ledger.payer]
    columns.signs[:, SIGNS.index("payee_company")] = firm[ledger.payee] & (ledger.payee >= 0)
    rows: dict[str, set[int]] = {}
    for proof in Monitor(ALL, Constants.on(ON)).score(columns).proofs:
        rows.setdefault(proof.typology.code, set()).add(proof.row)
    often = [code for code, found in rows.items() if len(found) >= 10]
    assert len(often) >= 10
    for a, b in combinations(often, 2):
        assert len(rows[a] & rows[b]) <= OVERLAP_MAX * min(len(rows[a]), len(rows[b])), (a, b)


def test_ordinary_payments_are_mostly_left_alone() -> None:
    alerted = {proof.row for proof in FOUND.proofs}
    ordinary_rows = [number for number, row in enumerate(ROWS) if "number" in row]
    assert len(alerted & set(ordinary_rows)) <= len(ordinary_rows) // 500


def test_the_score_is_that_of_its_alerts() -> None:
    """One minus the product of what each leaves; an interdict weighs more than an alert."""
    assert FOUND.scores.max() <= 1.0
    for row in range(len(FOUND.scores)):
        if not FOUND.alerts[row]:
            assert FOUND.scores[row] == 0.0
    innocent: dict[int, float] = {}
    for proof in FOUND.proofs:
        one = proof.typology
        weight = one.interdict_weight if proof.level.value == "interdict" else one.alert_weight
        innocent[proof.row] = innocent.get(proof.row, 1.0) * (1.0 - weight)
    for row, left in innocent.items():
        assert FOUND.scores[row] == 1.0 - left
    assert set(FOUND.interdicts & ~FOUND.alerts) == {np.uint64(0)}
