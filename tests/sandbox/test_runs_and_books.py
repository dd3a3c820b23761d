"""Runs and books: booking all debits of a run before its credits changes nothing that anyone could see."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.replay import RecordedHold, Row, replay

from lachan.foundation.base import Conflict, NotFound, SimulatedClock
from lachan.foundation.protocol.coins import Span, newest, whole
from lachan.sandbox.book import Book
from lachan.sandbox.institution import Counter
from lachan.sandbox.ledger import raised_openings
from lachan.sandbox.postings import Posting, cut_into_runs
from lachan.sandbox.story_clock import StoryClock

START = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
CLOCK = StoryClock(SimulatedClock(START, 1.0, START))
NAMES = ("a", "b", "c", "d", "e")

moves = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), st.sampled_from(NAMES)), st.integers(1, 900)).filter(
        lambda m: m[0] != m[1]
    ),
    max_size=40,
)


def postings_of(movements: list[tuple[str, str | None, int]]) -> list[Posting]:
    return [
        Posting(str(number), payer, payee, amount_vnd, number * 1000)
        for number, (payer, payee, amount_vnd) in enumerate(movements, start=1)
    ]


@given(moves, st.integers(1_000, 50_000))
def test_a_run_never_pays_from_what_it_was_paid(
    movements: list[tuple[str, str | None, int]], longest_us: int
) -> None:
    postings = postings_of(movements)
    runs = list(cut_into_runs(postings, longest_us=longest_us))
    assert [posting for run in runs for posting in run] == postings
    for run in runs:
        assert run[-1].at_us - run[0].at_us < longest_us
        for place, posting in enumerate(run):
            assert posting.payer not in {earlier.payee for earlier in run[:place]}


@given(moves, st.data())
def test_runs_with_holds_between_them_equal_a_sequential_replay(
    movements: list[tuple[str, str | None, int]], data: st.DataObject
) -> None:
    """Openings leave some payers short on purpose, so that failures are compared too."""
    postings = postings_of(movements)
    raised = raised_openings(dict.fromkeys(NAMES, 0), movements)
    openings = {name: max(vnd - data.draw(st.integers(0, 300)), 0) for name, vnd in raised.items()}
    book = Book(openings, CLOCK)
    failed: list[str] = []
    holds: list[RecordedHold] = []
    placed: dict[str, int] = {}
    runs = list(cut_into_runs(postings, longest_us=10_000))
    for number, run in enumerate(runs, start=1):
        book.debit(number, run)
        failed.extend(book.mark.failed)
        arriving = [p for p in run if p.payee is not None and p.id not in book.mark.failed]
        next_us = runs[number][0].at_us if number < len(runs) else None
        book.credit(number, arriving, run[-1].at_us, next_us)
        for credit in data.draw(st.lists(st.sampled_from(run), max_size=2)):
            if credit not in arriving or credit.payee is None:
                continue
            coins = whole(credit.amount_vnd)
            free = book.flow(credit.payee, credit.id, coins).remaining
            wanted = newest(free, book.page(credit.payee).available_vnd)
            if not wanted:
                continue
            name = f"hold-{len(holds)}"
            made = book.hold(name, credit.payee, credit.id, wanted, 0)
            holds.append(RecordedHold(made.at_us, made.sequence, name, credit.payee, credit.id))
            placed[name] = made.amount_vnd
            assert run[-1].at_us < made.at_us
            assert next_us is None or made.at_us < next_us
    world = replay(openings, [Row(p.at_us, p.id, p.payer, p.payee, p.amount_vnd) for p in postings], holds)
    assert world.held == placed
    assert world.failed == failed
    for name in NAMES:
        page = book.page(name)
        assert page.available_vnd == world.balance(name) >= 0
        assert [entry.sequence for entry in page.entries] == list(range(1, len(page.entries) + 1))
        keys = [(entry.at_us, entry.sequence) for entry in page.entries]
        assert keys == sorted(keys)


def test_nothing_is_held_or_freed_while_a_run_is_half_booked() -> None:
    book = Book({"a": 100, "b": 0}, CLOCK)
    book.debit(1, [Posting("1", "a", "b", 60, 10)])
    book.credit(1, [Posting("1", "a", "b", 60, 10)], 10, 2_000)
    book.debit(2, [Posting("2", "b", "a", 20, 2_000)])
    with pytest.raises(Conflict):
        book.hold("h", "b", "1", (Span(20, 40),), 0)
    with pytest.raises(Conflict):
        book.debit(3, [])
    with pytest.raises(Conflict):
        book.credit(3, [], 9_000, None)


def test_only_free_coins_are_held_and_exactly_frozen_ones_freed() -> None:
    book = Book({"a": 100, "b": 0}, CLOCK)
    book.debit(1, [Posting("1", "a", "b", 60, 10)])
    book.credit(1, [Posting("1", "a", "b", 60, 10)], 10, None)
    book.hold("h", "b", "1", (Span(0, 40),), 500)
    assert book.page("b").available_vnd == 20
    with pytest.raises(Conflict):
        book.hold("h2", "b", "1", (Span(30, 30),), 500)
    with pytest.raises(NotFound):
        book.flow("b", "9", whole(1))
    book.release("r", "b", "1", (Span(0, 15),), 500)
    assert book.page("b").held_vnd == 25
    assert book.flow("b", "1", whole(60)).frozen == (Span(15, 25),)


def test_a_restarted_counter_has_its_book_and_answers_repeated_calls_as_before(tmp_path: Path) -> None:
    first = Counter(tmp_path / "book.db", {"a": 100, "b": 0}, CLOCK)
    run = [Posting("1", "a", "b", 60, 10), Posting("2", "a", "b", 70, 11)]
    assert first.debit(1, run) == ("2",)
    first.close()
    second = Counter(tmp_path / "book.db", {"a": 100, "b": 0}, CLOCK)
    assert second.book.mark.open
    assert second.debit(1, run) == ("2",)
    second.credit(1, run[:1], 11, 5_000)
    second.credit(1, run[:1], 11, 5_000)
    with second.store.transaction():
        second.hold("h", "b", "1", (Span(0, 60),))
    second.close()
    third = Counter(tmp_path / "book.db", {}, CLOCK)
    assert third.debit(1, run) == ("2",)
    assert (third.book.page("a").balance_vnd, third.book.page("b").available_vnd) == (40, 0)
    assert third.book.page("b").entries == second.book.page("b").entries
    third.close()
