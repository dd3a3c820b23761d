"""Worked by hand: one small story, and what every rule must say of it."""

import pytest
from tests.factories.transfers import at, book

from lachan.foundation.base import BadInput
from lachan.tracing import CONSERVING, OpeningSource, Rule, Trace, TraceReason, compare, trace

# The mule M has 40 of his own. A victim's 100 arrives, then 60 of salary; he pays 90 to N, who draws 50 in cash.
STORY = """
    v   1  V>M  100
    s   2  S>M   60
    a   3  M>N   90
    c   4  N>ATM 50 cash_out
"""


def taints(found: Trace) -> dict[str, int]:
    return {each.account: each.taint_vnd for each in found.accounts}


@pytest.mark.parametrize(
    ("rule", "m", "n", "out"),
    [
        # LIFO: 90 = the 60 of salary and 30 of the victim's; of N's 90 the cash takes the newest: salary.
        (Rule.LIFO, 70, 30, 0),
        # FIFO: 90 = the 40 of his own and 50 of the victim's; the cash takes N's oldest 50: 40 and 10.
        (Rule.FIFO, 50, 40, 10),
        # Haircut: 90 · 100 / 200 = 45; then 50 · 45 / 90 = 25.
        (Rule.HAIRCUT, 55, 20, 25),
        # Taint-first: 90 of 90; 50 of 50.
        (Rule.TAINT_FIRST, 10, 40, 50),
        # Clean-first: 90 of the 100 clean.
        (Rule.CLEAN_FIRST, 100, 0, 0),
    ],
)
def test_the_same_story_by_each_rule(rule: Rule, m: int, n: int, out: int) -> None:
    found = trace(book(STORY), ["v"], rule=rule, openings={"M": 40})
    assert taints(found) == ({"M": m, "N": n} if rule is not Rule.CLEAN_FIRST else {"M": m})
    assert (found.out_of_reach_vnd, found.diluted_vnd, found.overlap_vnd) == (out, 0, 0)
    assert found.conserved is True
    assert found.disputed_vnd == 100


def test_what_is_said_of_an_account() -> None:
    found = trace(book(STORY), ["v"], openings={"M": 40})
    first, second = found.accounts
    assert (first.account, first.balance_vnd, first.by_loss, first.hops, first.first_at) == (
        "M", 110, {"v": 70}, 1, at(1),
    )  # fmt: skip
    assert (first.opening.amount_vnd, first.opening.source) == (40, OpeningSource.STATED)
    assert (second.account, second.balance_vnd, second.hops, second.first_at) == ("N", 40, 2, at(3))
    assert (second.opening.amount_vnd, second.opening.source) == (0, OpeningSource.IMPLIED)
    assert found.edges == 2


def test_an_account_that_passed_everything_on_is_listed_with_nothing() -> None:
    found = trace(book("v 1 V>M 100\n a 2 M>N 100"), ["v"])
    assert [(each.account, each.taint_vnd, each.by_loss) for each in found.accounts] == [
        ("N", 100, {"v": 100}), ("M", 0, {}),
    ]  # fmt: skip


def test_poison_and_bounded_tell_reach_only() -> None:
    found = trace(book(STORY), ["v"], rule=Rule.POISON, openings={"M": 40})
    assert taints(found) == {"M": 110, "N": 40}
    assert (found.out_of_reach_vnd, found.conserved) == (50, None)
    million = book(
        """
        v 1 V>M 100000000
        a 2 M>N  60000000
        b 3 M>O    900000
        c 4 N>P  10000000
        d 3000 M>Q 2000000
    """
    )
    found = trace(million, ["v"], rule=Rule.BOUNDED)
    # b is too small, d too late; what stands at most is what is there.
    assert taints(found) == {"N": 50_000_000, "M": 37_100_000, "P": 10_000_000}
    assert found.conserved is None
    assert found.edges == 3


def test_bounded_follows_five_hops() -> None:
    chain = book("\n".join(f"t{i} {i} A{i}>A{i + 1} 5000000" for i in range(8)))
    found = trace(chain, ["t0"], rule=Rule.BOUNDED)
    assert {each.account: each.hops for each in found.accounts} == {f"A{i}": i for i in range(1, 6)}


def test_losses_are_told_apart_and_the_second_victim_may_be_a_mule() -> None:
    # The second "victim" M disputes 70 of which LIFO finds 60 to be the first victim's: overlap.
    found = trace(book("o 0 B>M 30\n v 1 V>M 60\n w 2 M>N 70"), ["v", "w"])
    assert {each.account: each.by_loss for each in found.accounts} == {"N": {"v": 60, "w": 10}, "M": {}}
    assert found.overlap_vnd == 60
    assert found.losses["w"].overlap_vnd == 60
    assert found.conserved


def test_shares_of_losses_floor_then_largest_remainder_then_order() -> None:
    # B has 10 of u, 10 of v, 11 clean. 15 · 20 // 31 = 9 tainted: 4.5 each, the odd one is the first-named loss's.
    rows = book("u 1 U>B 10\n v 2 V>B 10\n s 3 S>B 11\n x 4 B>C 15")
    for order in (["u", "v"], ["v", "u"]):
        found = trace(rows, order, rule=Rule.HAIRCUT)
        there = next(each for each in found.accounts if each.account == "C")
        assert there.by_loss == {order[0]: 5, order[1]: 4}


def test_dust_under_the_floor_is_diluted_by_haircut_alone() -> None:
    rows = book("s 0 S>M 900\n v 1 V>M 100\n a 2 M>N 90\n b 3 M>O 300")
    found = trace(rows, ["v"], rule=Rule.HAIRCUT, floor_vnd=10)
    assert taints(found) == {"M": 61, "O": 30}  # 9 to N is dust; 300 · 91 // 910 = 30 is not
    assert found.diluted_vnd == 9
    assert found.conserved
    assert trace(rows, ["v"], rule=Rule.HAIRCUT).diluted_vnd == 0
    assert trace(rows, ["v"], floor_vnd=10_000).diluted_vnd == 0


@pytest.mark.parametrize("rule", CONSERVING)
def test_a_reversal_puts_back_exactly_what_was_taken(rule: Rule) -> None:
    before = "v 1 V>M 100\n s 2 S>M 60"
    after = "z 9 M>Z 70"
    plain = trace(book(f"{before}\n{after}"), ["v"], rule=rule, openings={"M": 40, "N": 5})
    undone = trace(
        book(f"{before}\n a 3 M>N 90\n y 4 Y>M 10 \n r 5 N>M 90 reverses=a\n q 6 M>Y 10 reverses=y\n{after}"),
        ["v"], rule=rule, openings={"M": 40, "N": 5},
    )  # fmt: skip
    assert {account: vnd for account, vnd in taints(undone).items() if account != "N"} == taints(plain)
    assert taints(undone).get("N", 0) == 0
    assert undone.conserved


def test_a_reversal_may_repeat_the_parties_and_bring_cash_back() -> None:
    rows = "v 1 V>M 100\n c 2 M>ATM 80 cash_out\n r 3 {} 80 cash_out reverses=c"
    for parties in ("M>ATM", "ATM>M"):
        found = trace(book(rows.format(parties)), ["v"])
        assert taints(found) == {"M": 100}
        assert found.out_of_reach_vnd == 0


def test_coins_that_are_gone_cannot_come_back() -> None:
    # N passed the victim's 100 on before he had to give 100 back: he pays it from other money of his.
    found = trace(book("v 1 V>M 100\n a 2 M>N 100\n b 3 N>O 100\n s 4 S>N 100\n r 5 N>M 100 reverses=a"), ["v"])
    assert taints(found) == {"M": 0, "N": 0, "O": 100}


def test_a_part_comes_back_as_if_less_had_been_paid() -> None:
    # LIFO took 60 of salary and 30 of the victim's; had he paid 80, it were 60 and 20.
    rows = "v 1 V>M 100\n s 2 S>M 60\n a 3 M>N 90\n r 4 N>M 10 reverses=a"
    assert taints(trace(book(rows), ["v"])) == {"M": 80, "N": 20}
    # FIFO, with 40 of his own: 40 and 50; of 80: 40 and 40.
    assert taints(trace(book(rows), ["v"], rule=Rule.FIFO, openings={"M": 40})) == {"M": 60, "N": 40}
    # Haircut: 45 of 90; of the 10 that come back, 5.
    assert taints(trace(book(rows), ["v"], rule=Rule.HAIRCUT, openings={"M": 40})) == {"M": 60, "N": 40}


def test_a_correction_takes_the_place_of_its_record() -> None:
    # The newest 20 are clean: who is paid first in the same minute gets them.
    rows = """
        v 1 V>M 100
        s 1 S>M  20
        a 2 M>N  40
        b 2 M>O  30
        k 2 M>N  70 learned=60 corrects=a
    """
    corrected = trace(book(rows), ["v"])
    assert taints(corrected) == {"N": 50, "O": 30, "M": 20}
    assert taints(trace(book(rows), ["v"], known_at=at(59))) == {"M": 50, "N": 20, "O": 30}
    # Whoever disputes the correction disputes the record.
    assert taints(trace(book(rows), ["k"])) == {"N": 70}


def test_a_correction_is_disputed_by_its_own_name_as_long_as_its_record_is_not_told() -> None:
    rows = book("v 1 V>M 100 learned=60\nk 1 V>M 90 learned=50 corrects=v\nm 1 V>M 80 learned=70 corrects=k")
    assert taints(trace(rows, ["k"], known_at=at(49))) == {}
    assert taints(trace(rows, ["k", "v"], known_at=at(59))) == {"M": 90}
    assert taints(trace(rows, ["k"], known_at=at(60))) == taints(trace(rows, ["v"], known_at=at(60))) == {"M": 90}
    assert taints(trace(rows, ["m"], known_at=at(60))) == {"M": 90}
    with pytest.raises(BadInput):
        trace(rows, ["k", "v"], known_at=at(60))


def test_the_last_word_counts_of_several_corrections() -> None:
    rows = """
        v 1 V>M 100
        l 1 V>M  80 learned=50 corrects=v
        k 1 V>M  70 learned=40 corrects=v
        m 1 V>M  60 learned=50 corrects=l
    """
    assert taints(trace(book(rows), ["v"])) == {"M": 60}
    assert taints(trace(book(rows), ["v"], known_at=at(45))) == {"M": 70}


def test_openings_stated_implied_and_in_conflict() -> None:
    rows = book("v 1 V>M 100\n a 2 M>N 250\n b 3 N>O 10")
    for stated, amount, source in (
        ({"M": 300}, 300, OpeningSource.STATED),
        ({"N": 1}, 150, OpeningSource.IMPLIED),
        ({"M": 20}, 150, OpeningSource.BALANCE_CONFLICT),
    ):
        found = trace(rows, ["v"], openings=stated)
        opening = next(each.opening for each in found.accounts if each.account == "M")
        assert (opening.amount_vnd, opening.source) == (amount, source)
    # What came later needs no opening yet.
    early = trace(rows, ["v"], as_of=at(1))
    assert early.accounts[0].opening.amount_vnd == 0


def test_sequence_comes_before_row() -> None:
    rows = "v 1 V>M 100 seq=2\n a 1 M>N 50 seq=3\n s 1 S>M 50 seq=1"
    assert taints(trace(book(rows), ["v"])) == {"M": 50, "N": 50}
    assert taints(trace(book(rows.replace("seq=3", "seq=0")), ["v"])) == {"M": 100}


def test_payments_to_oneself_change_nothing() -> None:
    rows = book("v 1 V>M 100\n x 2 M>M 1000\n a 3 M>N 30")
    found = trace(rows, ["v"], rule=Rule.HAIRCUT)
    assert taints(found) == {"M": 70, "N": 30}
    assert found.accounts[0].opening.amount_vnd == 0
    assert found.edges == 2


@pytest.mark.parametrize(
    ("disputed", "reason"),
    [
        (["v", "nothing"], TraceReason.UNKNOWN_DISPUTED),
        (["v", "v"], TraceReason.DISPUTED_TWICE),
        (["v", "k"], TraceReason.DISPUTED_TWICE),
        (["x"], TraceReason.DISPUTED_SELF_TRANSFER),
        (["r"], TraceReason.DISPUTED_REVERSAL),
    ],
)
def test_what_cannot_be_disputed(disputed: list[str], reason: TraceReason) -> None:
    rows = book("v 1 V>M 100\n k 1 V>M 90 corrects=v\n x 2 M>M 10\n a 3 M>N 10\n r 4 N>M 10 reverses=a")
    with pytest.raises(BadInput) as error:
        trace(rows, disputed)
    assert error.value.reason is reason


def test_what_was_not_known_yet_was_not_lost_yet() -> None:
    rows = book("v 5 V>M 100 learned=9\n w 6 W>M 10")
    found = trace(rows, ["v", "w"], as_of=at(4))
    assert (found.accounts, found.disputed_vnd, found.conserved) == ((), 0, True)
    assert trace(rows, ["v", "w"], known_at=at(8)).disputed_vnd == 10


def test_a_disputed_cash_payment_comes_home_when_it_is_undone() -> None:
    rows = "d 1 V>SHOP 100 card_payment"
    assert trace(book(rows), ["d"]).out_of_reach_vnd == 100
    found = trace(book(f"{rows}\n r 2 SHOP>V 100 reverses=d"), ["d"])
    assert taints(found) == {"V": 100}
    assert found.conserved


def test_rules_side_by_side_and_what_they_agree_on() -> None:
    found = compare(book(STORY), ["v"], openings={"M": 40})
    assert set(found.traces) == set(CONSERVING)
    rows = {each.account: each for each in found.accounts}
    assert (rows["M"].lowest_vnd, rows["M"].highest_vnd) == (10, 100)
    assert (rows["N"].lowest_vnd, rows["N"].highest_vnd) == (0, 40)
    assert rows["N"].by_rule[Rule.CLEAN_FIRST] == 0
    assert [each.account for each in found.accounts] == ["M", "N"]
