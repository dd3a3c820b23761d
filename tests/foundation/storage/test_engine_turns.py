"""SQLite's writers take turns: one that comes again at once does not keep the others out."""

import threading
import time
from pathlib import Path

from tests.conftest import NOON

from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database


def test_a_writer_that_comes_again_at_once_stands_behind_who_waited(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'turns.db'}")
    stop, written, overtaken = threading.Event(), 0, []

    def greedy() -> None:
        nonlocal written
        while not stop.is_set():
            with db.unit(NOON, SYSTEM):
                time.sleep(0.002)
            written += 1

    thread = threading.Thread(target=greedy)
    thread.start()
    for _ in range(60):
        before = written
        with db.unit(NOON, SYSTEM):
            overtaken.append(written - before)
        time.sleep(0.003)
    stop.set()
    thread.join()
    assert max(overtaken) <= 4, overtaken
    db.close()
