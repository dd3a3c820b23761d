"""Whatever a ledger learns, and however it comes in: what is followed is what the exact rules say of all of it."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.transfers import at, book
from tests.tracing.ledgers import Case, cases

from lachan.foundation.base import BadInput
from lachan.ledger import Segments
from lachan.tracing import COMPILED, Following, Rule, trace

SECRET = b"k" * 32


@settings(max_examples=150, deadline=None)
@given(
    case=st.one_of(cases(reversals=False, most=24), cases(most=20)), rule=st.sampled_from(list(COMPILED)),
    data=st.data(),
)  # fmt: skip
def test_it_is_the_exact_answer_after_each_fact(case: Case, rule: Rule, data: st.DataObject) -> None:
    # Facts of a stream: their order is when they were booked, then when they came.
    rows = [replace(one, sequence=None) for one in case.rows]
    for disputed in case.disputed:
        first = next(place for place, one in enumerate(rows) if one.id == disputed) + 1
        with TemporaryDirectory() as folder:
            ledger = Segments(Path(folder), SECRET)
            ledger.add(rows[:first])
            following = Following(ledger, disputed, rule, case.openings)
            known = first
            while known < len(rows):
                assert following.trace == trace(rows[:known], [disputed], rule=rule, openings=case.openings)
                new = rows[known : known + data.draw(st.integers(1, 4))]
                ledger.add(new)
                following.learn(new)
                known += len(new)
            assert following.trace == trace(rows, [disputed], rule=rule, openings=case.openings)


def test_a_reversal_may_be_told_before_the_payment_that_it_undoes(tmp_path: Path) -> None:
    rows = book("v 1 V>M 100\na 3 M>N 90\nx 4 P>N 50")
    back = replace(rows[1], id="r", booked_at=at(5), payer="N", payee="M", reverses="a", row=9)
    ledger = Segments(tmp_path, SECRET)
    ledger.add([rows[0], rows[2], back])
    following = Following(ledger, "v", Rule.LIFO, {})
    ledger.add([rows[1]])
    assert following.learn([rows[1]]) == trace([*rows, back], ["v"])
    # A plain payment would have brought back what came last, and that was not the victim's.
    assert {one.account: one.taint_vnd for one in following.trace.accounts} == {"M": 100, "N": 0}


def test_a_new_fact_costs_a_part_of_the_trace(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    rows = book("v 1 V>M 100\na 3 M>N 90\nc 4 N>ATM 50 cash_out\nd 5 N>NEW 40")
    ledger.add(rows[:2])
    following = Following(ledger, "v", Rule.LIFO, {"M": 5})
    for one in rows[2:]:
        ledger.add([one])
        following.learn([one])
    assert following.retraced == 2
    assert following.trace == trace(rows, ["v"], openings={"M": 5})
    corrected = replace(rows[1], id="k", corrects="a", amount_vnd=95, row=9)
    ledger.add([corrected])
    assert following.learn([corrected]) == trace([*rows, corrected], ["v"], openings={"M": 5})
    assert following.retraced == 2


def test_sums_that_grow_beyond_64_bits_are_told_exactly(tmp_path: Path) -> None:
    # With one more day of such amounts compiled sums would have turned negative.
    ledger = Segments(tmp_path, SECRET)
    rows = book("v 1 V>M 1000000000000000\na 3 M>N 90")
    ledger.add(rows)
    following = Following(ledger, "v", Rule.LIFO, {})
    for part in range(4):
        new = [
            replace(rows[0], id=f"x{part}-{number}", booked_at=at(4 + part), row=9) for number in range(3_000)
        ]  # fmt: skip
        ledger.add(new)
        found = following.learn(new)
    account = next(one for one in found.accounts if one.account == "M")
    assert account.balance_vnd == 12_001 * 10**15 - 90
    assert following.retraced == 1


def test_what_cannot_be_disputed_is_refused(tmp_path: Path) -> None:
    ledger = Segments(tmp_path, SECRET)
    ledger.add(book("v 1 V>M 100\nx 2 M>M 5"))
    for name in ("nobody", "x"):
        with pytest.raises(BadInput):
            Following(ledger, name, Rule.LIFO, {})
