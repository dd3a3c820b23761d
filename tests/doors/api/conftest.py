"""One instance behind one server for all tests of a module: they leave each other's reports alone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.factories.instance import Instance, seeded, served, trace_a_report


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return seeded(Path(tmp_path_factory.mktemp("instance")))


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    with served(instance) as opened:
        trace_a_report(instance, opened)
        yield opened
