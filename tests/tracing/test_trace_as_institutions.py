"""LIFO over a whole ledger says of one account what its institution answers by the protocol's arithmetic."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.transfers import at, book

from lachan.foundation.protocol.coins import Direction, Movement, flow, total, whole
from lachan.tracing import trace

# (what the account does, how much); the 100 that are disputed arrive first.
MOVES = st.lists(st.tuples(st.sampled_from(["in", "out", "undo"]), st.integers(1, 80)), max_size=14)


@settings(max_examples=100, deadline=None)
@given(moves=MOVES)
def test_the_engine_agrees_with_the_protocol(moves: list[tuple[str, int]]) -> None:
    lines = ["v 0 V>M 100"]
    movements = [Movement("v", at(0), 0, Direction.CREDIT, 100)]
    open_debits: dict[str, int] = {}
    for n, (what, amount) in enumerate(moves, 1):
        name = f"m{n}"
        if what == "undo" and open_debits:
            debit = list(open_debits)[amount % len(open_debits)]
            amount = open_debits.pop(debit)
            lines.append(f"{name} {n} P{debit}>M {amount} reverses={debit}")
            movements.append(Movement(name, at(n), 0, Direction.CREDIT, amount, reverses=debit))
        elif what == "in":
            lines.append(f"{name} {n} S>M {amount}")
            movements.append(Movement(name, at(n), 0, Direction.CREDIT, amount))
        else:
            lines.append(f"{name} {n} M>P{name} {amount}")
            movements.append(Movement(name, at(n), 0, Direction.DEBIT, amount))
            open_debits[name] = amount
    said = flow("v", whole(100), movements)
    expected = {f"P{debit}": total(spans) for debit, spans in said.out.items()}
    expected["M"] = total(said.remaining)
    found = trace(book("\n".join(lines)), ["v"])
    assert {each.account: each.taint_vnd for each in found.accounts if each.taint_vnd} == {
        account: vnd for account, vnd in expected.items() if vnd
    }
