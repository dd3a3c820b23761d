"""Rows given in bulk are the rows that stand there, whatever is in them and however many they are."""

import pytest
import sqlalchemy as sa

from lachan.foundation.base import new_ids
from lachan.foundation.storage import Database
from lachan.registry.importing.bulk import Values, insert_rows
from lachan.registry.tables import relation_origin, tie

ODD = ("plain", "a\tb", "a\nb", "a\rb", "a\\b", "\\N", "", "ngân hàng", "'; --")


@pytest.mark.parametrize("count", [1, 2, 50, 1_049])
def test_rows_of_any_number_and_content(db: Database, count: int) -> None:
    rows: list[Values] = [("device", f"{number}", ODD[number % len(ODD)], number) for number in range(count)]
    with db.engine.begin() as conn:
        insert_rows(conn, tie, ("kind", "digest", "key", "seen_at"), rows)
        columns = (tie.c.kind, tie.c.digest, tie.c.key, sa.type_coerce(tie.c.seen_at, sa.BigInteger))
        assert sorted(map(tuple, conn.execute(sa.select(*columns)))) == sorted(rows)


def test_a_row_with_a_line_end_in_every_cell(db: Database) -> None:
    rows: list[Values] = [("a\n", "b\t", "c", "d\\"), ("a\n", "b\t", "c", "e")]
    with db.engine.begin() as conn:
        insert_rows(conn, relation_origin, ("origin", "key", "kind", "other"), rows)
        assert sorted(map(tuple, conn.execute(sa.select(relation_origin)))) == sorted(rows)


@pytest.mark.parametrize("count", [0, 1, 40_000])
def test_many_ids_are_distinct_and_rise(count: int) -> None:
    ids = new_ids(count)
    assert len(ids) == len(set(ids)) == count
    assert ids == sorted(ids)
    assert all(len(one) == 36 and one[14] == "7" and one[19] in "89ab" for one in ids)
