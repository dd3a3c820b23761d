"""Building an instance from its settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lachan.bootstrap import build, initialise
from lachan.foundation.base import BadInput
from lachan.foundation.base.settings import Settings
from lachan.foundation.identifiers import find_bank, use_institutions


@pytest.fixture(autouse=True)
def _bundled_institutions_afterwards() -> Iterator[None]:
    yield
    use_institutions(None)


def test_a_file_adds_institutions(tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("banks:\n- {bin: '999001', code: SHB1, short_name: Sông Hồng}\n", encoding="utf-8")
    assert find_bank("999001") is None
    initialise(Settings(home=tmp_path / "home", institutions_file=str(more)))
    found = find_bank("song hong")
    assert found is not None
    assert found.bin == "999001"


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    initialise(settings)
    with pytest.raises(BadInput):
        build(Settings(home=settings.home, institutions_file=str(tmp_path / "missing.yaml")))
