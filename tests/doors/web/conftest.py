"""One seeded desk is made for the run; each test gets its own copy and its own real server."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.factories.desk_world import World, seeded_world, world_settings
from tests.factories.server import free_port, serving

from lachan.bootstrap import build
from lachan.doors.api import create_app

expect.set_options(timeout=30_000)  # four processes share two cores: what appears by itself may take a while


@pytest.fixture(scope="session")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = seeded_world(tmp_path_factory.mktemp("desk") / "home")
    made.services.db.close()
    return made


@pytest.fixture
def world(made_world: World, tmp_path: Path) -> Iterator[World]:
    shutil.copytree(made_world.services.settings.home, tmp_path / "home")
    address = f"http://127.0.0.1:{free_port()}"
    settings = world_settings(tmp_path / "home", address)
    copied = replace(
        made_world, services=build(settings), people=dict(made_world.people), codes=dict(made_world.codes)
    )
    yield copied
    copied.services.db.close()


@pytest.fixture
def served(world: World) -> Iterator[str]:
    with serving(create_app(world.services), int(world.services.settings.base_url.rpartition(":")[2])) as address:
        yield address


@pytest.fixture
def client(served: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served, headers={"accept": "text/html"}, timeout=30) as made:
        yield made
