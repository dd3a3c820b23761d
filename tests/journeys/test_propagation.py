"""Two servers, two processes, one record: what one commits is in force on the other and in a bank's own copy.

How fast is a figure of `benchmarks/propagation.py`; here it only has to happen.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.doors.api.test_registry_api import submit
from tests.factories import spare
from tests.factories.instance import CODES, OWN, Instance, seeded
from tests.factories.server import free_port
from tests.journeys.test_main_job import fresh_url

from lachan.client import LocalScreen
from lachan.foundation.protocol import ClaimStatus, SubmittedClaim

# Generous: a busy machine is slow, a verdict that never comes is a failure.
PATIENCE_S = 20.0
START_S = 240.0
FIRST, SECOND = "phone:+84915000001", "phone:+84915000002"


@contextmanager
def process(home: Path, database_url: str, *command: str) -> Iterator[None]:
    """A process of the instance, ended with the block."""
    environment = {
        **os.environ, "LACHAN_HOME": str(home), "LACHAN_DATABASE_URL": database_url, "LACHAN_INSTANCE": "test",
    }  # fmt: skip
    environment.pop("LACHAN_CLOCK", None)
    running = subprocess.Popen([sys.executable, "-m", "lachan.doors.cli", *command], env=environment)
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(20)


@contextmanager
def node(home: Path, database_url: str) -> Iterator[httpx.Client]:
    """A server process that answers; what it was asked for first it has caught up with."""
    port = free_port()
    with (
        process(home, database_url, "serve", "--port", str(port), "--no-with-worker"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client,
    ):
        until(lambda: is_up(client), START_S)
        yield client


def is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
    """Wait until it is so, and say how long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < patience_s, "it never came"
        time.sleep(0.01)
    return time.monotonic() - started


@pytest.mark.journey
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_one_server_commits_holds_on_all(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = fresh_url(store, request, tmp_path)
    home = tmp_path / "home"
    instance = seeded(home, url)
    # On SQLite the processes share one home; on PostgreSQL each node has its own, with the same keys.
    homes = [home, home, home]
    if store == "postgresql":
        homes = [home, tmp_path / "second", tmp_path / "third"]
        for other in homes[1:]:
            shutil.copytree(home / "keys", other / "keys")
    key = spare.granted_copy(instance)
    with ExitStack() as running:
        running.enter_context(process(home, url, "worker", "--only", "seal"))
        one = running.enter_context(node(homes[0], url))
        two = running.enter_context(node(homes[1], url))
        client_id, secret = instance.clients[OWN, "all"]
        local = running.enter_context(
            LocalScreen.open(
                tmp_path / "list", str(two.base_url), client_id, secret, recipient=CODES[OWN], key=key.key,
                center_keys=[one_key.public for one_key in instance.services.issuer_keys],
            )
        )  # fmt: skip
        local.refresh()

        def everywhere(phone: str, verdict: str) -> dict[str, float]:
            def of_copy() -> bool:
                local.refresh()
                return local.screen([phone])[0].verdict == verdict

            return {
                "one": until(lambda: verdict_of(instance, one, phone) == verdict),
                "two": until(lambda: verdict_of(instance, two, phone) == verdict),
                "copy": until(of_copy),
            }

        say(instance, one, FIRST)
        print(store, "listed", everywhere(FIRST, "warn"))
        assert verdict_of(instance, one, SECOND) == verdict_of(instance, two, SECOND) == "clear"
        say(instance, two, FIRST, ClaimStatus.CLEARED)
        print(store, "cleared", everywhere(FIRST, "clear"))
        say(instance, two, SECOND)
        print(store, "listed by the other", everywhere(SECOND, "warn"))
        with node(homes[2], url) as late:
            assert verdict_of(instance, late, SECOND) == "warn"
            assert verdict_of(instance, late, FIRST) == "clear"
    instance.services.db.close()


def say(instance: Instance, at: httpx.Client, phone: str, status: ClaimStatus = ClaimStatus.SUSPECTED) -> None:
    """The bank's own word, through one server."""
    answer = submit(instance, at, SubmittedClaim(key=phone, reason="T1", status=status))
    assert answer.status_code == 201, answer.text


def verdict_of(instance: Instance, at: httpx.Client, phone: str) -> str:
    headers = instance.bearer("screen") | {"content-type": "text/plain"}
    answer = at.post("/v1/screen", content=phone, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["results"][0]["verdict"])
