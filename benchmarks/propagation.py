"""How long from a claim that is committed on one server until its verdict holds everywhere?

Two server processes and a sealer on one record, and a bank's own copy that asks every tenth of a second. On
PostgreSQL each server has a home of its own, on SQLite they share one. The limit on one machine is what the parts
wait for on purpose: the sealer up to 0.2 s, a server's look at the feed up to 0.1 s, the copy's next question.
Wall time, from the receipt to the first answer that says so, asked every 5 ms.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.instance import free_port, new_instance, percentile, postgres, running
from lachan.bootstrap import Services
from lachan.client import LocalScreen, Screen
from lachan.foundation.access import OPERATOR, AgencyDraft, Scope, add_agency, issue_token, register_client
from lachan.foundation.base import Actor, ActorKind, WallClock, new_id
from lachan.foundation.protocol import ClaimSubmission, SigningKey, SubmittedClaim, sign
from lachan.foundation.protocol.connections import confirm_key, register_key
from lachan.screening.copies import grant_copy

CLAIMS = 60
BANK = "999001"
ASK_S = 0.005
COPY_ASKS_S = 0.1
PATIENCE_S = 30.0


@dataclass
class Bank:
    """An institution with everything it needs to claim, ask and hold a copy."""

    client_id: str
    secret: str
    signer: SigningKey
    copy_key: bytes


def bank_of(services: Services) -> Bank:
    """A bank of a new instance."""
    wall_now, signer = WallClock().now(), SigningKey.generate()
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        draft = AgencyDraft("credit_institution", f"Ngân hàng {BANK}", BANK, date(2025, 7, 1), codes=(BANK,))
        made = add_agency(unit, draft)
        since = wall_now - timedelta(minutes=5)
        key = register_key(unit, made.id, signer.public.as_text(), valid_from=since)
        unit.actor = Actor(ActorKind.SYSTEM, "second-operator", roles=OPERATOR.roles)
        confirm_key(unit, key.id)
        unit.actor = OPERATOR
        client, issued = register_client(unit, made.id, "core", tuple(Scope), wall_now=wall_now)
        granted = grant_copy(unit, services.secret, BANK, "benchmark")
    return Bank(client.id, issued.secret, signer, granted.key)


def measure(claims: int, database_url: str, folder: Path) -> dict[str, Any]:
    """Claims one after the other through the first server; how long until each place says so."""
    services = new_instance(folder / "home", database_url)
    bank = bank_of(services)
    homes = [services.settings.home, services.settings.home]
    if database_url:
        homes[1] = folder / "second"
        shutil.copytree(homes[0] / "keys", homes[1] / "keys")
    address = f"http://127.0.0.1:{free_port()}"
    of_second = services.settings.model_copy(update={"home": homes[1], "base_url": address})
    second = replace(services, settings=of_second)
    issued = issue_token(
        services.db, bank.client_id, bank.secret, now=services.clock.now(), wall_now=WallClock().now()
    )
    times: dict[str, list[float]] = {"first_server": [], "second_server": [], "local_screen": []}
    with ExitStack() as stack:
        stack.enter_context(running(services))
        stack.enter_context(running(second, workers=False))
        http = stack.enter_context(httpx.Client(base_url=services.settings.base_url))
        screens = {
            "first_server": stack.enter_context(Screen(services.settings.base_url, bank.client_id, bank.secret)),
            "second_server": stack.enter_context(Screen(address, bank.client_id, bank.secret)),
        }
        local = stack.enter_context(
            LocalScreen.open(
                folder / "list", address, bank.client_id, bank.secret, recipient=BANK, key=bank.copy_key,
                center_keys=[key.public for key in services.issuer_keys],
            )
        )  # fmt: skip
        local.refresh()
        stop = threading.Event()
        follower = threading.Thread(target=_follow, args=(local, stop))
        follower.start()
        try:
            for number in range(claims):
                phone = f"phone:+8491{number:07d}"
                committed = _claim(http, bank, issued.token, phone)
                asks: dict[str, Callable[[], bool]] = {
                    name: lambda one=one, phone=phone: one.screen([phone])[0].verdict == "warn"  # type: ignore[misc]
                    for name, one in screens.items()
                }
                asks["local_screen"] = lambda phone=phone: local.suspects([phone])[0]  # type: ignore[misc]
                waiting = [
                    threading.Thread(target=_until, args=(ask, committed, times[name]))
                    for name, ask in asks.items()
                ]
                for thread in waiting:
                    thread.start()
                for thread in waiting:
                    thread.join()
        finally:
            stop.set()
            follower.join()
    services.db.close()
    return {
        f"{name}_{label}_ms": percentile(values, share) * 1000
        for name, values in times.items()
        for label, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }


def _claim(http: httpx.Client, bank: Bank, token: str, phone: str) -> float:
    claims = (SubmittedClaim(key=phone, reason="T1"),)
    said = ClaimSubmission(message_id=new_id(), submitted_by="benchmark", claims=claims)
    body = said.as_json()
    headers = sign(said.message_id, WallClock().now(), body, bank.signer) | {
        "authorization": f"Bearer {token}", "content-type": "application/json", "idempotency-key": said.message_id,
    }  # fmt: skip
    http.post("/v1/registry/claims", content=body, headers=headers).raise_for_status()
    return time.perf_counter()


def _until(true: Callable[[], bool], since: float, into: list[float]) -> None:
    while time.perf_counter() - since < PATIENCE_S:
        if true():
            into.append(time.perf_counter() - since)
            return
        time.sleep(ASK_S)
    raise TimeoutError


def _follow(local: LocalScreen, stop: threading.Event) -> None:
    while not stop.wait(COPY_ASKS_S):
        local.refresh()


def main() -> None:
    """Measure on both stores."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--claims", type=int, default=CLAIMS)
    chosen = options.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, postgres(Path(name) / "server") as address:
        for store, url in (("sqlite", ""), ("postgresql", address)):
            made = measure(chosen.claims, url, Path(name) / store)
            result |= {f"{store}_{figure}": value for figure, value in made.items()}
    for figure, value in result.items():
        print(f"{figure:40} {value:10,.0f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
