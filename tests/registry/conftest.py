"""Fixtures of the registry's tests."""

import pytest
from tests.registry.world import World, build

from lachan.foundation.storage import Database


@pytest.fixture
def world(db: Database) -> World:
    """A record with agencies, on each store."""
    return build(db)
