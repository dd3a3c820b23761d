"""The compiled pass against the plain definition, and what must hold of any stream."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitoring.slow_features import DAY, HOUR, SECOND, Plain, features

from lachan.foundation.base import BadInput
from lachan.monitoring import Columns, Constants, Limits, Monitor, typologies
from lachan.monitoring.columns import stacked
from lachan.monitoring.features import FEATURES

ON = date(2026, 3, 2)
CONSTANTS = Constants.on(ON)
WIDE = Limits(walk=64, search=1_000_000)
NAMES = [feature.name for feature in FEATURES]
BEGIN = 1_770_000_000 * SECOND
STEPS = st.sampled_from([
    0, 1, SECOND, 90 * SECOND, 600 * SECOND, 599 * SECOND, HOUR, 7 * HOUR, DAY, DAY - 1, 3 * DAY, 7 * DAY, 40 * DAY,
    95 * DAY,
])  # fmt: skip
AMOUNTS = st.sampled_from([1, 19_999, 20_000, 50_000, 9_000_000, 9_500_000, 10_000_000, 10_000_001, 400_000_000])
SIGN = st.sampled_from([-1, 0, 1])


QUICK = st.sampled_from([0, SECOND, 90 * SECOND, 601 * SECOND, HOUR])
ACCOUNTS = st.sampled_from([-1, 0, 1, 2, 3, 4])
KIND = st.sampled_from([0, 0, 0, 0, 1, 4])


@st.composite
def streams(draw: st.DrawFn, most: int = 36) -> list[Plain]:
    """Few accounts and many coincidences; in half of the streams all within hours, so that shapes come about."""
    steps = draw(st.sampled_from([STEPS, QUICK]))
    row = st.tuples(
        steps, ACCOUNTS, ACCOUNTS, AMOUNTS, KIND, st.integers(0, 9), st.integers(-1, 1),
        st.tuples(SIGN, SIGN, SIGN, SIGN, SIGN, SIGN),
    )  # fmt: skip
    now, made = BEGIN, []
    for step, payer, payee, amount, kind, inert, device, signs in draw(st.lists(row, min_size=8, max_size=most)):
        now += step
        made.append(Plain(now, payer, payee, amount, kind, inert == 0, device, signs))
    return made


def columns(rows: list[Plain]) -> Columns:
    return stacked(
        [(r.booked, r.payer, r.payee, r.amount, r.kind, int(r.inert)) for r in rows],
        [r.device for r in rows],
        [r.signs for r in rows],
    )


def monitor(limits: Limits = WIDE) -> Monitor:
    return Monitor(typologies(ON), CONSTANTS, limits, keep=True)


@settings(max_examples=150, deadline=None)
@given(streams())
def test_every_feature_is_what_its_definition_says(rows: list[Plain]) -> None:
    found = monitor().score(columns(rows)).features
    for number, wanted in enumerate(features(rows, CONSTANTS)):
        got = dict(zip(NAMES, found[number].tolist(), strict=True))
        assert got == wanted, number


@pytest.mark.parametrize("seed", range(12))
def test_shapes_are_counted_in_dense_streams(seed: int) -> None:
    """Five or nine accounts that pay one another all day: circles, scattering and gathering come about."""
    random = np.random.default_rng(seed)
    accounts, count = (5, 26) if seed % 2 else (9, 45)
    booked = BEGIN + np.cumsum(random.integers(0, HOUR, count))
    rows = [
        Plain(int(at), int(payer), int(payee), int(amount))
        for at, payer, payee, amount in zip(
            booked, random.integers(0, accounts, count), random.integers(0, accounts, count),
            random.choice([5_000_000, 9_500_000], count), strict=True,
        )
    ]  # fmt: skip
    found = monitor().score(columns(rows)).features
    for number, wanted in enumerate(features(rows, CONSTANTS)):
        assert dict(zip(NAMES, found[number].tolist(), strict=True)) == wanted, number
    for name in ("cycles_24h", "scatter_gather_24h", "payee_same_amount_24h", "payer_near_limit_24h"):
        assert found[:, NAMES.index(name)].max() > 1
    assert found[:, NAMES.index("cycle_length")].max() > 2


@pytest.mark.parametrize("seed", range(6))
def test_scattering_is_shown_by_what_was_counted(seed: int) -> None:
    """One source; for every account between, its newest credit from there and then its debit to the payee."""
    random = np.random.default_rng(seed)
    count = 120
    booked = BEGIN + np.cumsum(random.integers(0, HOUR // 4, count))
    rows = [
        Plain(int(at), int(payer), int(payee), 15_000_000)
        for at, payer, payee in zip(
            booked, random.integers(0, 14, count), random.integers(0, 14, count), strict=True
        )
    ]  # fmt: skip
    scored, shown = monitor().score(columns(rows)), 0
    for proof in scored.proofs:
        if proof.typology.code != "scatter_gather":
            continue
        payee = rows[proof.row].payee
        debits = {rows[one].payer: one for one in proof.transfers if rows[one].payee == payee}
        paid_in = [one for one in proof.transfers if rows[one].payee != payee]
        assert len({rows[one].payer for one in paid_in}) == 1
        assert {rows[one].payee: one < debits[rows[one].payee] for one in paid_in} == dict.fromkeys(debits, True)
        counted = scored.features[proof.row, NAMES.index("scatter_gather_24h")]
        assert len(debits) == min(counted, 6)  # twelve transfers are shown at most
        shown += 1
    assert shown > 10


@settings(max_examples=60, deadline=None)
@given(streams(), st.integers(0, 28))
def test_no_row_looks_ahead(rows: list[Plain], cut: int) -> None:
    """A prefix scored alone, and a stream that comes in two parts, give the same rows."""
    whole, parts = monitor(Limits()), monitor(Limits())
    all_at_once = whole.score(columns(rows))
    first = parts.score(columns(rows[:cut]))
    second = parts.score(columns(rows[cut:]))
    for name in ("scores", "alerts", "interdicts", "features"):
        joined = np.concatenate([getattr(first, name), getattr(second, name)])[: len(rows)]
        assert np.array_equal(getattr(all_at_once, name), joined), name
    assert [*all_at_once.proofs] == [*first.proofs, *second.proofs]


@settings(max_examples=40, deadline=None)
@given(streams(), st.permutations(range(5)))
def test_names_of_accounts_change_nothing(rows: list[Plain], names: list[int]) -> None:
    table = columns(rows)
    renamed = Columns(
        **{slot: getattr(table, slot) for slot in Columns.__slots__}
        | {
            side: np.array([names[n] if n >= 0 else n for n in getattr(table, side)], np.int32)
            for side in ("payer", "payee")
        }
    )
    one, other = monitor().score(table), monitor().score(renamed)
    assert np.array_equal(one.features, other.features)
    assert [*one.proofs] == [*other.proofs]


@settings(max_examples=60, deadline=None)
@given(streams(most=40))
def test_a_budget_only_ever_sees_less_and_says_so(rows: list[Plain]) -> None:
    narrow, wide = (monitor(limits).score(columns(rows)).features for limits in (Limits(walk=2, search=3), WIDE))
    at = {name: NAMES.index(name) for name in NAMES}
    searched = ["cycles_24h", "scatter_gather_24h", "payee_same_amount_24h", "payer_near_limit_24h"]
    for name in searched:
        assert np.all(narrow[:, at[name]] <= wide[:, at[name]])
    unhit = narrow[:, at["budget_hit"]] == 0
    assert np.array_equal(narrow[unhit], wide[unhit])


def test_a_full_circle_hits_a_small_budget() -> None:
    rows = [Plain(BEGIN + n * SECOND, n % 5, (n + 1) % 5, 1_000_000) for n in range(40)]
    assert monitor(Limits(search=3)).score(columns(rows)).features[:, NAMES.index("budget_hit")].max() > 0
    assert monitor(WIDE).score(columns(rows)).features[:, NAMES.index("budget_hit")].max() == 0


def test_rows_out_of_order_are_refused_and_nothing_is_taken() -> None:
    rows = [Plain(BEGIN, 0, 1, 5), Plain(BEGIN - 1, 1, 2, 5)]
    one = monitor()
    with pytest.raises(BadInput):
        one.score(columns(rows))
    assert one.rows == 0
    one.score(columns(rows[:1]))
    with pytest.raises(BadInput):
        one.score(columns(rows[1:]))
    assert one.rows == 1


def test_state_grows_and_forgets() -> None:
    """Long enough that rings and tables grow, edges expire and pairs are dropped; batches are as one stream."""
    random = np.random.default_rng(7)
    count = 60_000
    booked = BEGIN + np.cumsum(random.integers(0, 400 * SECOND, count))
    table = Columns.bare(
        booked, random.integers(-1, 900, count).astype(np.int32), random.integers(-1, 900, count).astype(np.int32),
        random.integers(1, 10**9, count),
    )  # fmt: skip
    whole, pieces = monitor(Limits()), monitor(Limits())
    at_once = whole.score(table)
    start = 0
    for size in random.integers(1, 700, 400):
        part = pieces.score(table.part(start, min(count, start + int(size))))
        for name in ("scores", "alerts", "features"):
            stretch = getattr(at_once, name)[start : start + len(part.scores)]
            assert np.array_equal(getattr(part, name)[: len(part.scores)], stretch)
        start += int(size)
    assert whole.state_bytes["pairs"] < 900 * 900 * 32 * 8


DAY_ONLY = (
    *(f"{s}_{w}_{m}_24h" for s in ("payer", "payee") for w in ("in", "out") for m in ("count", "sum")),
    *(f"{s}_fan_{w}_24h" for s in ("payer", "payee") for w in ("in", "out")),
    "cycles_24h",
)


@pytest.mark.parametrize("only", [DAY_ONLY, ["payer_out_sum_1h", "payee_fan_in_7d"], ["cycle_length"]])
def test_what_is_asked_for_alone_is_what_the_whole_pass_says(only: list[str]) -> None:
    """Long enough that pairs are dropped which no window needs any more."""
    random = np.random.default_rng(11)
    count = 20_000
    booked = BEGIN + np.cumsum(random.integers(0, 200 * SECOND, count))
    table = Columns.bare(
        booked, random.integers(-1, 120, count).astype(np.int32), random.integers(-1, 120, count).astype(np.int32),
        random.integers(1, 10**9, count),
    )  # fmt: skip
    whole = monitor(Limits()).score(table).features
    alone = Monitor((), CONSTANTS, keep=True, only=only)
    found = np.concatenate([alone.score(table.part(at, at + 500)).features for at in range(0, count, 500)])
    for name in only:
        assert np.array_equal(found[:, NAMES.index(name)], whole[:, NAMES.index(name)]), name


def test_accounts_that_come_later_make_the_tables_grow_and_nothing_else() -> None:
    rows = [
        Plain(BEGIN, 0, 1, 900, device=0), Plain(BEGIN + HOUR, 1, 2, 500, device=1),
        Plain(BEGIN + 40 * DAY, 1, 5000, 400, device=2), Plain(BEGIN + 41 * DAY, 5000, 2, 300, device=2),
        Plain(BEGIN + 80 * DAY, 5000, 9000, 200, device=0), Plain(BEGIN + 81 * DAY, 1, 9000, 100, device=1),
    ]  # fmt: skip
    one = monitor()
    resumed = monitor()
    for number, wanted in enumerate(features(rows, CONSTANTS)):
        row = columns(rows[number : number + 1])
        assert dict(zip(NAMES, one.score(row).features[0].tolist(), strict=True)) == wanted, number
        # And as a state that was written down and read again.
        resumed.resume({name: table.copy() for name, table in resumed.state().items()})
        assert dict(zip(NAMES, resumed.score(row).features[0].tolist(), strict=True)) == wanted, number
