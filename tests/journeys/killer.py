"""Kills processes at random moments, and surely between a commit and its delivery: stop, look, then SIGKILL.

A process that is stopped (SIGSTOP) cannot go on between the look and the kill, so what was seen is what was lost.
"""

import json
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from lachan.doors.cli.demo.processes import InstanceProcesses
from lachan.sandbox import Sandbox

# What each process has committed and not yet delivered, when one of these finds a row.
UNDELIVERED = {
    "server": "SELECT 1 FROM job WHERE kind IN ('react', 'deliver') AND dead_at IS NULL LIMIT 1",
    "worker": "SELECT 1 FROM message m JOIN job j ON j.kind = 'deliver' AND CAST(j.payload AS TEXT) LIKE"
    " '%' || m.id || '%' WHERE m.delivered_at IS NULL AND m.acknowledged_at IS NULL AND m.closed_at IS NULL"
    " AND j.dead_at IS NULL LIMIT 1",
    "sealer": "SELECT 1 FROM fact WHERE sequence IS NULL LIMIT 1",
}


@dataclass
class Killer:
    """Kills `processes` and institutions of the `sandbox`; counts each kind of kill."""

    draw: random.Random
    processes: InstanceProcesses
    sandbox: Sandbox
    province: Path
    engine: sa.Engine
    kills: Counter[str] = field(default_factory=Counter)

    def between_commit_and_delivery(self, name: str, within_s: float) -> bool:
        """Kill one of ours at such a moment and start it again; False where none came in time."""
        committed = sa.text(UNDELIVERED[name])

        def undelivered() -> bool:
            with self.engine.connect() as conn:
                return conn.execute(committed).first() is not None

        return self._at_the_moment(
            name,
            undelivered,
            stop=lambda: self.processes.send(name, signal.SIGSTOP),
            go_on=lambda: self.processes.send(name, signal.SIGCONT),
            kill=lambda: self.processes.kill(name),
            start=lambda: self.processes.start(name),
            within_s=within_s,
        )

    def worker_between(self, within_s: float) -> bool:
        """Kill the worker when it has committed messages that it has not delivered.

        By chance that moment is not met on a busy machine. The worker is held still until somebody has reported,
        so that there is surely something to send; then the institutions are, and what it writes stays undelivered.
        """
        deadline = time.monotonic() + within_s
        before = self._count("SELECT count(*) FROM report")
        self.processes.send("worker", signal.SIGSTOP)
        reported = self._until(lambda: self._count("SELECT count(*) FROM report") > before, deadline)
        codes = [path.stem for path in self.province.glob("*.db")]
        for code in codes:
            self.sandbox.send_institution(code, signal.SIGSTOP)
        try:
            self.processes.send("worker", signal.SIGCONT)
            return reported and self.between_commit_and_delivery("worker", deadline - time.monotonic())
        finally:
            for code in codes:
                self.sandbox.send_institution(code, signal.SIGCONT)

    def _count(self, query: str) -> int:
        with self.engine.connect() as conn:
            return int(conn.execute(sa.text(query)).scalar_one())

    def _until(self, seen: Callable[[], bool], deadline: float) -> bool:
        """Wait until something is seen; False where it is not seen in time."""
        while not seen():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def institution_between(self, within_s: float) -> bool:
        """Kill an institution that has booked and kept its replies, and not yet told them.

        On a quick machine that moment is too short to be met by chance: the server is held still meanwhile, so
        that what is kept stays untold, and let go for a while when nothing comes.
        """
        codes = [path.stem for path in self.province.glob("*.db")]
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.processes.send("server", signal.SIGSTOP)
            try:
                found = self._untold(codes, within_s=3)
                if found is not None:
                    self.sandbox.kill_institution(found)
                    self.kills["institution between commit and delivery"] += 1
                    self.sandbox.start_institution(found)
                    return True
            finally:
                self.processes.send("server", signal.SIGCONT)
            time.sleep(self.draw.uniform(0.5, 1.5))
        return False

    def _untold(self, codes: list[str], within_s: float) -> str | None:
        """An institution with untold replies, the first that is seen."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for code in self.draw.sample(codes, len(codes)):
                if self._has_untold(code):
                    return code
            time.sleep(0.01)
        return None

    def anywhere(self) -> None:
        """Kill anything at any moment and start it again a little later."""
        name = self.draw.choice([*InstanceProcesses.NAMES, "institution"])
        if name == "institution":
            code = self.draw.choice([path.stem for path in self.province.glob("*.db")])
            self.sandbox.kill_institution(code)
            time.sleep(self.draw.uniform(0, 0.5))
            self.sandbox.start_institution(code)
        else:
            self.processes.kill(name)
            time.sleep(self.draw.uniform(0, 0.5))
            self.processes.start(name)
        self.kills[f"{name} anywhere"] += 1

    def _at_the_moment(
        self,
        name: str,
        seen: Callable[[], bool],
        *,
        stop: Callable[[], None],
        go_on: Callable[[], None],
        kill: Callable[[], None],
        start: Callable[[], None],
        within_s: float,
    ) -> bool:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            time.sleep(self.draw.uniform(0, 0.02))
            stop()
            if seen():
                kill()
                self.kills[f"{name} between commit and delivery"] += 1
                time.sleep(self.draw.uniform(0, 0.3))
                start()
                return True
            go_on()
        return False

    def _has_untold(self, code: str) -> bool:
        with sqlite3.connect(f"file:{self.province / f'{code}.db'}?mode=ro", uri=True, timeout=2) as conn:
            notes = conn.execute(
                "SELECT m.body FROM note m JOIN note r ON r.key = m.key AND r.kind = 'replies'"
                " WHERE m.kind = 'message'"
            ).fetchall()
        return any(not json.loads(body)["done"] for (body,) in notes)
