"""The fast way and the careful way say the same, whatever the file holds; order and numbers hang on keys alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import careless_rows, sound_transfers, written

from lachan.foundation.documents.sheets import Row
from lachan.ledger import (
    KINDS,
    OUTSIDE,
    Columns,
    Transfer,
    columns_of,
    edges_of,
    load_columns,
    read_transfers,
    row_of,
)
from lachan.ledger.columns import microseconds
from lachan.ledger.edges import ROW_BITS

quiet = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def same(left: Columns, right: Columns) -> None:
    for name, array in left.arrays.items():
        other = right.arrays[name]
        assert (name, array.dtype, array.tolist()) == (name, other.dtype, other.tolist())
    assert list(left.accounts) == list(right.accounts)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".ndjson"])
@quiet
@given(rows=careless_rows)
def test_both_ways_of_reading_agree(ending: str, rows: list[Row], tmp_path: Path) -> None:
    path = written(tmp_path / f"file{ending}", rows)
    read, loaded = read_transfers(path), load_columns(path, with_ids=True)
    same(loaded.columns, columns_of(read.transfers))
    assert list(loaded.columns.ids) == list(columns_of(read.transfers).ids)
    assert loaded.rejected == read.rejected


@quiet
@given(transfers=sound_transfers())
def test_columns_say_what_the_transfers_say(transfers: list[Transfer]) -> None:
    columns = columns_of(transfers)
    ordered = sorted(transfers, key=lambda one: one.order)
    assert list(columns.ids) == [one.id for one in ordered]
    for place, one in enumerate(ordered):
        assert columns.account(one.payer) == columns.payer[place]
        assert columns.account(one.payee) == columns.payee[place]
        assert (columns.payee[place] == -1) == (one.payee == OUTSIDE)
        assert KINDS[columns.kind[place]] is one.kind
        assert columns.amount_vnd[place] == one.amount_vnd
        assert columns.booked_us[place] == microseconds(one.booked_at)
        assert columns.learned_us[place] == microseconds(one.learned_at or one.booked_at)
        for array, name in ((columns.reverses, one.reverses), (columns.corrects, one.corrects)):
            assert (columns.ids[array[place]] if array[place] >= 0 else None) == name


@quiet
@given(data=st.data())
def test_rows_that_say_their_sequence_may_stand_in_any_order(data: st.DataObject, tmp_path: Path) -> None:
    transfers = data.draw(sound_transfers(with_sequence=True))
    shuffled = data.draw(st.permutations([row_of(one) for one in transfers]))
    found = load_columns(written(tmp_path / "file.parquet", shuffled), with_ids=True).columns
    expected = columns_of(transfers)
    for name in set(expected.arrays) - {"row"}:
        assert found.arrays[name].tolist() == expected.arrays[name].tolist()
    assert list(found.ids) == list(expected.ids)


@quiet
@given(transfers=sound_transfers())
def test_edges_are_each_payers_transfers_in_order_of_time(transfers: list[Transfer]) -> None:
    # Reversals are turned to bring money back: see the traces' tests.
    columns = columns_of([replace(one, reverses=None) for one in transfers])
    edges = edges_of(columns)
    moving = columns.payer != columns.payee
    assert len(edges) == np.count_nonzero(moving)
    for account in range(len(columns.accounts)):
        rows = edges.out[edges.out_start[account] : edges.out_start[account + 1], 0] >> ROW_BITS
        assert rows.tolist() == np.flatnonzero(moving & (columns.payer == account)).tolist()
        into = edges.in_place[edges.in_start[account] : edges.in_start[account + 1]]
        inside = moving & (columns.payee == account) & (columns.kind == 0)
        assert (edges.out[into, 0] >> ROW_BITS).tolist() == np.flatnonzero(inside).tolist()
    rows = edges.out[:, 0] >> ROW_BITS
    assert np.abs(edges.out[:, 1]).tolist() == columns.amount_vnd[rows].tolist()
    assert (edges.out[:, 1] > 0).all()
    if len(columns):
        assert edges.booked_us(rows).tolist() == columns.booked_us[rows].tolist()


def test_arrays_that_engines_share_cannot_be_written_to() -> None:
    columns = columns_of([])
    arrays: list[Any] = [*columns.arrays.values(), *edges_of(columns).arrays.values()]
    assert not any(array.flags.writeable for array in arrays)


TYPED = """
    SELECT i AS id, make_timestamptz(1763787600000000 + i * 1000 - (i % 3) * 5000) AS time,
        'A' || (i * 7919 % 5000) AS payer, CASE WHEN i % 10 = 0 THEN NULL ELSE 'B' || (i * 31 % 700) END AS payee,
        (i % 1000 + 1)::DOUBLE AS amount, CASE WHEN i % 10 = 0 THEN 'cash_out' END AS kind,
        CASE WHEN i % 4 = 0 THEN i END AS sequence, NULL::TIMESTAMPTZ AS learned,
        CASE WHEN i % 10000 = 9999 THEN (i - 5)::VARCHAR END AS reverses
    FROM range(60000) rows (i)
"""


def test_a_large_file_of_typed_columns_in_several_pieces(tmp_path: Path) -> None:
    """More than one row group, read by several threads: numbers of rows must still be those of the file."""
    path = tmp_path / "typed.parquet"
    duckdb.execute(f"COPY ({TYPED}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 10240)")
    read, loaded = read_transfers(path), load_columns(path)
    assert len(read.transfers) == 60_000
    same(loaded.columns, columns_of(read.transfers))
    assert np.count_nonzero(loaded.columns.reverses >= 0) == 6
    assert loaded.columns.ids == ()


def test_a_large_csv_with_a_few_odd_rows(tmp_path: Path) -> None:
    path = tmp_path / "typed.csv"
    duckdb.execute(
        f"COPY (SELECT * REPLACE (time::VARCHAR AS time) FROM ({TYPED}) LIMIT 12000) TO '{path}' (HEADER)"
    )
    text = path.read_text().replace("+00,A", "+00:00,A").splitlines()
    text[3_000] = text[3_000].replace("+00:00", "")
    text[4_000] = ""
    text[5_000] = text[4_900]
    path.write_text("\n".join(text) + "\n")
    read, loaded = read_transfers(path), load_columns(path)
    assert [one.row for one in read.rejected] == [3_000, 4_999]
    same(loaded.columns, columns_of(read.transfers))
    assert loaded.rejected == read.rejected
