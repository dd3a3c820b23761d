"""A message is taken once on each store, also when two come at the same moment; a failed one may come again."""

import threading
import time
from datetime import timedelta

import pytest
from tests.conftest import NOON

from lachan.foundation.base import SYSTEM, Conflict, new_id
from lachan.foundation.protocol.received import Earlier, settle, take_once
from lachan.foundation.storage import Database

DAY = timedelta(days=1)
HASH = "ab" * 32


def take(db: Database, message_id: str, institution: str = "bank", content: str = HASH) -> Earlier | None:
    with db.unit(NOON, SYSTEM) as unit:
        earlier = take_once(unit, institution, message_id, content)
        if earlier is None:
            settle(unit, institution, message_id, "accepted", "sealed words", NOON + DAY)
        return earlier


def test_the_second_time_is_told_what_came_of_the_first(db: Database) -> None:
    message_id = new_id()
    assert take(db, message_id) is None
    assert take(db, message_id) == Earlier(NOON, "accepted", "sealed words")
    assert take(db, message_id, "another bank") is None
    with pytest.raises(Conflict):
        take(db, message_id, content="cd" * 32)


def test_words_are_forgotten_when_their_time_is_over_and_the_outcome_never(db: Database) -> None:
    message_id = new_id()
    take(db, message_id)
    with db.unit(NOON + DAY, SYSTEM) as unit:
        assert take_once(unit, "bank", message_id, HASH) == Earlier(NOON, "accepted", None)


def test_what_failed_was_not_taken(db: Database) -> None:
    message_id = new_id()

    def fail() -> None:
        with db.unit(NOON, SYSTEM) as unit:
            assert take_once(unit, "bank", message_id, HASH) is None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert take(db, message_id) is None


def test_two_at_the_same_moment_have_one_effect(db: Database) -> None:
    message_id, outcomes = new_id(), []

    def run() -> None:
        with db.unit(NOON, SYSTEM) as unit:
            earlier = take_once(unit, "bank", message_id, HASH)
            if earlier is None:
                time.sleep(0.05)  # the other one is at the door now
                settle(unit, "bank", message_id, "accepted", "sealed words", NOON + DAY)
            outcomes.append(earlier)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(None) == 1
    assert outcomes.count(Earlier(NOON, "accepted", "sealed words")) == 3
