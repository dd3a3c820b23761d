"""One small province for all tests of this folder: two weeks before Tết, with every form of fraud."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lachan.sandbox.people import Plan, simulate

PLAN = Plan(people=2_500, days=14, seed=5, start=date(2026, 2, 2))
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def made_province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province") / "out"
    simulate(folder, PLAN)
    return folder


@pytest.fixture(scope="session")
def ask(made_province: Path) -> Iterator[Ask]:
    """SQL over the files; `@name` is the file of that name."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for file in made_province.rglob("*.parquet"):
            name = file.relative_to(made_province).with_suffix("")
            connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{file}')")

        def answer(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(re.sub(r"@([a-z/]+)", r'"\1"', query)).fetchall()

        yield answer
