"""Words become transfers: whatever the order in which they are learned, and every book keeps its own order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.ledger import UNKNOWN, Source, TransferFact
from lachan.ledger.facts import BalanceFact, known_transfers, openings

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
ACCOUNTS = tuple(f"account:99900{number}:0001" for number in range(1, 5))


def word(reference: str, seconds: int = 0, number: int = 0, **changes: object) -> TransferFact:
    """An institution's word about a debit of the first account, learned `number` minutes after the start."""
    fact = TransferFact(
        f"fact-{number:04}", Source.ANSWER, "hold:1", "999001", ACCOUNTS[0], reference,
        START + timedelta(seconds=seconds), None, ACCOUNTS[0], None, 100, None, None, False, False, None, 1, 0,
        None, None, START + timedelta(minutes=number), "trail",
    )  # fmt: skip
    return replace(fact, **changes)  # type: ignore[arg-type]


@st.composite
def lives(draw: st.DrawFn) -> list[TransferFact]:
    """Payments between four accounts as both banks book them, whose clocks differ."""
    clocks = {account: timedelta(seconds=draw(st.integers(0, 30))) for account in ACCOUNTS}
    pairs = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS))
    found: list[TransferFact] = []
    for number, (payer, payee) in enumerate(draw(st.lists(pairs, max_size=12))):
        if payer == payee:
            continue
        said = word(f"FT{number}", number, number, sequence=number)
        for account in (payer, payee):
            booked_at = said.booked_at + clocks[account]
            fact = replace(said, id=f"{said.id}{account}", about=account, told_by=account, booked_at=booked_at)
            debit = account == payer
            found.append(replace(fact, payer=payer if debit else None, payee=None if debit else payee))
    return found


@settings(max_examples=60)
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_of_learning_changes_nothing(facts: list[TransferFact], chance: object) -> None:
    shuffled = list(facts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert known_transfers(shuffled) == known_transfers(facts)


@settings(max_examples=60)
@given(lives())
def test_every_word_counts_once_and_each_book_keeps_its_order(facts: list[TransferFact]) -> None:
    known = known_transfers(facts)
    assert sorted(fact.id for one in known for fact in one.facts) == sorted(fact.id for fact in facts)
    assert len({one.transfer.id for one in known}) == len(known)
    times = [one.transfer.booked_at for one in known]
    assert times == sorted(times)
    # Clocks differ, but none runs backwards: no two books contradict each other.
    for account in ACCOUNTS:
        book = [fact.sequence for one in known for fact in one.facts if fact.about == account]
        assert book == sorted(book, key=lambda sequence: sequence or 0)


def test_two_books_meet_in_a_reference_and_one_reference_may_be_two_transfers() -> None:
    debit = word("FT1", about=ACCOUNTS[0])
    credit = word("FT1", 1, 1, about=ACCOUNTS[1], told_by="999002", payer=None, payee=ACCOUNTS[1])
    other = word("FT1", 2, 2, about=ACCOUNTS[3], told_by="999004", payer=ACCOUNTS[3], payee=ACCOUNTS[2])
    met, apart = known_transfers([debit, credit, other])
    assert (met.transfer.payer, met.transfer.payee, len(met.facts)) == (ACCOUNTS[0], ACCOUNTS[1], 2)
    assert (apart.transfer.payer, apart.transfer.payee) == (ACCOUNTS[3], ACCOUNTS[2])
    assert met.transfer.id != apart.transfer.id


def test_a_books_order_stands_against_another_banks_clock() -> None:
    """The credit is dated after the debit that passes it on; the payee's book has them in order."""
    paid = word("FT1", 5, about=ACCOUNTS[0], sequence=90)
    came = word("FT1", 0, 1, about=ACCOUNTS[1], told_by="999002", payer=None, payee=ACCOUNTS[1], sequence=1)
    onward = word("FT2", 1, 2, about=ACCOUNTS[1], told_by="999002", payer=ACCOUNTS[1], sequence=2)
    assert _ids([onward, paid, came]) == ["FT1", "FT2"]


def test_what_a_later_word_leaves_open_stays_and_what_it_takes_back_goes() -> None:
    named = word("FT1", payee=ACCOUNTS[1])
    silent = word("FT1", number=1)
    (known,) = known_transfers([named, silent])
    assert known.transfer.payee == ACCOUNTS[1]
    (lower,) = known_transfers([named, word("FT1", number=1, amount_vnd=60)])
    assert lower.transfer.amount_vnd == 60
    assert known_transfers([named, word("FT1", number=1, withdrawn=True)]) == ()
    assert _ids([named, word("FT1", number=1, withdrawn=True), word("FT1", number=2)]) == ["FT1"]


def test_money_that_comes_back_comes_from_who_had_it() -> None:
    debit = word("FT1")
    back = word("FT2", 9, 1, payer=None, payee=ACCOUNTS[0], reverses="FT1")
    first, second = known_transfers([debit, back])
    assert first.transfer.payee == f"{UNKNOWN}FT1"
    assert (second.transfer.payer, second.transfer.reverses) == (f"{UNKNOWN}FT1", "FT1")


def test_one_reversal_under_two_names_comes_back_once() -> None:
    """A bank's file and its answer name it each in its own way; two of one book are two."""
    paid = word("FT1", payee=ACCOUNTS[1])
    file = word(
        "FT1/RVSL/100", 9, 1, source=Source.FILE, about=None, payer=ACCOUNTS[1], payee=ACCOUNTS[0], reverses="FT1"
    )
    said = word("R9", 9, 2, payer=None, payee=ACCOUNTS[0], reverses="FT1")
    for told in ([paid, file, said], [paid, said, file]):
        first, back = known_transfers(told)
        assert (len(back.facts), back.transfer.reverses, back.transfer.amount_vnd) == (2, first.transfer.id, 100)
    debit = word("R9", 9, 3, about=ACCOUNTS[1], told_by="999002", payer=ACCOUNTS[1], payee=None)
    assert [len(one.facts) for one in known_transfers([paid, file, said, debit])] == [1, 3]
    again = replace(said, id="fact-0003", reference="R10")
    assert len(known_transfers([paid, said, again])) == 3
    assert len(known_transfers([paid, file, said, again])) == 3
    assert len(known_transfers([paid, file, replace(said, amount_vnd=60)])) == 3
    assert len(known_transfers([paid, file, replace(said, payee=ACCOUNTS[2])])) == 3


def test_a_stated_balance_counts_before_the_first_known_transfer() -> None:
    earlier = word("FT0", payee=ACCOUNTS[1])
    credit = word("FT1", 5, 1, payee=ACCOUNTS[1])
    said = BalanceFact(ACCOUNTS[1], "FT1", 250, "999002", "hold:2", None, START, "trail")
    assert openings([said], known_transfers([earlier, credit])) == {ACCOUNTS[1]: 150}
    assert openings([replace(said, amount_vnd=40)], known_transfers([earlier, credit])) == {ACCOUNTS[1]: 0}


def _ids(facts: Sequence[TransferFact]) -> list[str]:
    return [one.transfer.id for one in known_transfers(facts)]
