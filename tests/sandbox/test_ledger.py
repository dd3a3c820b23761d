"""Reading a published ledger: exact money, row numbers as ids, and no guessing about bad files."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.base import BadInput, InputReason
from lachan.sandbox.ledger import bundled_ledger_folder, raised_openings, read_ledger

NODES = "nodeid,isFraud,init_balance,fraudStep\n0,0,100.00,-1\n1,1,50.5,7\n2,0,0,-1\n"
ROWS = "sourceNodeId,targetNodeId,value,time\n0,1,147.8,1\n1,1,5.00,1\n1,2,2.52,3\n2,0,0.00004,3\n"


def folder_with(tmp_path: Path, nodes: str = NODES, rows: str = ROWS) -> Path:
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "transactions.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def test_rows_keep_their_numbers_and_exact_amounts(tmp_path: Path) -> None:
    ledger = read_ledger(folder_with(tmp_path))
    assert [(row.id, row.amount_vnd) for row in ledger.rows] == [(1, 3_695_000), (3, 63_000), (4, 1)]
    assert ledger.self_transfers_dropped == 1
    assert (ledger.first_step, ledger.steps) == (1, 3)
    assert ledger.nodes[1].stated_vnd == 1_262_500
    assert ledger.nodes[1].fraud


def test_a_slice_is_cut_by_steps_and_keeps_the_numbers(tmp_path: Path) -> None:
    ledger = read_ledger(folder_with(tmp_path), first_step=2, steps=10)
    assert [row.id for row in ledger.rows] == [3, 4]
    assert (ledger.first_step, ledger.steps, ledger.self_transfers_dropped) == (2, 2, 0)


def test_rows_out_of_time_order_are_put_in_order(tmp_path: Path) -> None:
    rows = "sourceNodeId,targetNodeId,value,time\n0,1,1,9\n1,2,1,3\n0,2,1,3\n"
    assert [row.id for row in read_ledger(folder_with(tmp_path, rows=rows)).rows] == [2, 3, 1]


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "\ufeff" + NODES.replace("\n", "\r\n"), ROWS.replace("\n", "\r\n"))
    assert len(read_ledger(folder).rows) == 3


@pytest.mark.parametrize(
    ("nodes", "rows", "reason", "field", "line"),
    [
        (NODES.replace("isFraud", "fraud"), ROWS, InputReason.MISSING, "isFraud", 1),
        (NODES + "1,0,3,-1\n", ROWS, InputReason.MALFORMED, "nodeid", 5),
        (NODES + "x,0,3,-1\n", ROWS, InputReason.MALFORMED, "nodeid", 5),
        (NODES + "5,2,3,-1\n", ROWS, InputReason.MALFORMED, "isFraud", 5),
        (NODES + "5,0,-3,-1\n", ROWS, InputReason.MALFORMED, "init_balance", 5),
        (NODES + "5,0\n", ROWS, InputReason.MALFORMED, "nodeid", 5),
        (NODES, "", InputReason.MISSING, "sourceNodeId", 1),
        (NODES, "sourceNodeId,targetNodeId,value,time\n", InputReason.MISSING, "time", 2),
        (NODES, ROWS + "0,1,1,2,9\n", InputReason.MALFORMED, "sourceNodeId", 6),
        (NODES, ROWS + "0,77,1,2\n", InputReason.UNKNOWN_VALUE, "targetNodeId", 6),
        (NODES, ROWS + "٣,1,1,2\n", InputReason.MALFORMED, "sourceNodeId", 6),
        (NODES, ROWS + "0,1,0,2\n", InputReason.MALFORMED, "value", 6),
        (NODES, ROWS + "0,1,-5,2\n", InputReason.MALFORMED, "value", 6),
        (NODES, ROWS + "0,1,NaN,2\n", InputReason.MALFORMED, "value", 6),
        (NODES, ROWS + "0,1,1e40,2\n", InputReason.MALFORMED, "value", 6),
        (NODES, ROWS + "0,1,hai,2\n", InputReason.MALFORMED, "value", 6),
        (NODES, ROWS + "0,1,5,1.5\n", InputReason.MALFORMED, "time", 6),
        (NODES, ROWS + '0,1,"5,2\n', InputReason.UNREADABLE_FILE, "ledger", None),
    ],
)
def test_a_bad_file_is_refused_by_file_line_and_field(
    tmp_path: Path, nodes: str, rows: str, reason: InputReason, field: str, line: int | None
) -> None:
    with pytest.raises(BadInput) as refused:
        read_ledger(folder_with(tmp_path, nodes, rows))
    assert refused.value.reason is reason
    assert refused.value.field == field
    assert refused.value.params["file"] in ("nodes.csv", "transactions.csv")
    assert refused.value.params.get("line") == line
    assert refused.value.params["expected"]


def test_missing_or_binary_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_ledger(tmp_path)
    assert refused.value.reason is InputReason.UNREADABLE_FILE
    folder_with(tmp_path)
    (tmp_path / "nodes.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BadInput) as refused:
        read_ledger(tmp_path)
    assert refused.value.reason is InputReason.UNREADABLE_FILE


def test_a_slice_behind_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_ledger(folder_with(tmp_path), first_step=4)
    assert refused.value.field == "first_step"


def test_the_bundled_slice_is_sixty_steps_with_their_own_row_numbers() -> None:
    ledger = read_ledger(bundled_ledger_folder())
    assert (ledger.first_step, ledger.steps) == (1, 60)
    assert len(ledger.rows) == 42_386
    assert ledger.self_transfers_dropped == 9
    assert ledger.rows[0].id == 1
    assert sum(file.stat().st_size for file in bundled_ledger_folder().iterdir()) < 2_500_000


accounts = st.integers(0, 5)
moves = st.lists(
    st.tuples(accounts, st.one_of(st.none(), accounts), st.integers(1, 1000)).filter(lambda m: m[0] != m[1]),
    max_size=60,
)


@given(st.dictionaries(accounts, st.integers(0, 1500)), moves)
def test_openings_are_raised_by_exactly_the_shortfall(
    stated: dict[int, int], movements: list[tuple[int, int | None, int]]
) -> None:
    raised = raised_openings(stated, movements)
    balance = defaultdict(int, raised)
    lowest = dict(raised)
    for payer, payee, amount_vnd in movements:
        balance[payer] -= amount_vnd
        lowest[payer] = min(lowest[payer], balance[payer])
        if payee is not None:
            balance[payee] += amount_vnd
    for account, opening_vnd in raised.items():
        assert lowest[account] >= 0
        assert opening_vnd >= stated.get(account, 0)
        if opening_vnd > stated.get(account, 0):
            assert lowest[account] == 0  # one less would not have been enough


@given(st.decimals(min_value="0.01", max_value="100000", places=2))
def test_amounts_are_exact_whatever_the_decimals(tmp_path_factory: pytest.TempPathFactory, value: Decimal) -> None:
    rows = f"sourceNodeId,targetNodeId,value,time\n0,1,{value},1\n"
    folder = folder_with(tmp_path_factory.mktemp("ledger"), rows=rows)
    assert read_ledger(folder).rows[0].amount_vnd == int(value * 100) * 250
