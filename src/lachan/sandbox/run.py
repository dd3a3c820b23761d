"""A sandbox province at work: twelve institution processes, the switch, and the victims who report.

Make it, register its institutions with a center, `start` it, and `wait` for the end of the story:

    sandbox = Sandbox(story, folder, clock)
    credentials = {one.code: register(one) for one in sandbox.registrations}
    sandbox.start(Center(url, instance, public_keys), credentials, progress)
    sandbox.wait()
    sandbox.stop()

`progress` is called from the sandbox's own threads.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Any

import httpx

from lachan.client import Client
from lachan.foundation.base import NotReady, Reason, SimulatedClock
from lachan.foundation.protocol import PublicKey, SigningKey
from lachan.sandbox.institution import InstitutionConfig, write_config
from lachan.sandbox.institution.app import WEBHOOK_PATH
from lachan.sandbox.institution.directory import write_directory
from lachan.sandbox.processes import Nursery, SwitchProcess
from lachan.sandbox.province import Institution, InstitutionKind, invented
from lachan.sandbox.reporting import ReportSent, send_reports
from lachan.sandbox.story import Story
from lachan.sandbox.story_clock import StoryClock
from lachan.sandbox.switch import RunBooked, keep_postings, write_switch_config

# Only for one that hangs: one that died is noticed at once, and a busy machine takes its time.
_START_TIMEOUT_S = 180.0


class SandboxReason(Reason):
    """Why the province cannot run."""

    INSTITUTION_DID_NOT_START = "institution_did_not_start"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a center must know of an institution; `webhook_url` is None where it fetches from its inbox."""

    code: str
    name: str
    short_name: str
    kind: InstitutionKind
    temper: str
    webhook_url: str | None
    public_key: str


@dataclass(frozen=True, slots=True)
class Credential:
    """What the center gave an institution to sign in with."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Center:
    """Where the center is, its instance code, and the keys (`whpk_…`) with which it signs."""

    url: str
    instance: str
    public_keys: tuple[str, ...]


Progress = Callable[[RunBooked | ReportSent], None]


class Sandbox:
    """One story, played in real processes; `folder` keeps their books and logs."""

    def __init__(self, story: Story, folder: Path, clock: SimulatedClock) -> None:
        self.story = story
        self.clock = StoryClock(clock)
        self._folder = folder
        self._ports = dict(zip((one.code for one in story.province.institutions), _free_ports(12), strict=True))
        self._keys = {one.code: SigningKey.generate() for one in story.province.institutions}
        self._nursery: Nursery | None = None
        self._switch: SwitchProcess | None = None
        self._reporter: threading.Thread | None = None
        self._stopping = threading.Event()
        self._clients: dict[str, Client] = {}
        self._booked_us = -1
        self.stopped_transfers: list[str] = []

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """What to register with the center before the start."""
        return tuple(self._registration(one) for one in self.story.province.institutions)

    def address(self, code: str) -> str:
        """Where an institution listens."""
        return f"http://127.0.0.1:{self._ports[code]}"

    def start(self, center: Center, credentials: Mapping[str, Credential], progress: Progress) -> None:
        """Start the institutions, wait until each is healthy, then release the ledger and send the reports.

        Raises `NotReady` where an institution does not come up; its log lies in the folder.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write_directory(self._folder / "directory.json", self.story.province)
        self._nursery = Nursery(self._folder)
        for one in self.story.province.institutions:
            write_config(self._config_file(one.code), self._config(one, center, credentials[one.code]))
            self.start_institution(one.code)
            self._clients[one.code] = self._client(one.code, center, credentials[one.code])
        self._wait_until_healthy()
        self._start_switch(progress)
        self._reporter = threading.Thread(target=self._send_reports, args=(progress,), daemon=True)
        self._reporter.start()

    def start_institution(self, code: str) -> None:
        """Start one institution's process, or start it again: it comes back with its book."""
        if self._nursery is not None:
            self._nursery.start(code, self._config_file(code))

    def kill_institution(self, code: str) -> None:
        """SIGKILL one institution: what it promised must survive that."""
        if self._nursery is not None:
            self._nursery.kill(code)

    def send_institution(self, code: str, number: Signals) -> None:
        """Send one institution a signal, to stop it for a moment and let it go on."""
        if self._nursery is not None:
            self._nursery.send(code, number)

    def kill_switch(self) -> None:
        """SIGKILL the switch; it is started again by itself and goes on where it stood."""
        if self._switch is not None:
            self._switch.kill()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the story: all released, all reported, the clock at its end. False on time-out."""
        deadline = time.monotonic() + (1e9 if timeout_s is None else timeout_s)
        if self._switch is None or not self._switch.wait(_rest_s(deadline)):
            return False
        if self._reporter is None:
            return False
        self._reporter.join(_rest_s(deadline))
        self._stopping.wait(min(max(self.clock.wall_s_until(self.story.length_us), 0), _rest_s(deadline)))
        return not self._reporter.is_alive() and self.clock.now_us() >= self.story.length_us

    def ask(self, code: str, path: str) -> dict[str, Any]:
        """GET one of an institution's own pages: `/healthz`, `/holds`, `/correspondence`, `/book/ACCOUNT`."""
        answer = httpx.get(self.address(code) + path, timeout=10, trust_env=False)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def stop(self) -> None:
        """Stop everything that was started; the books stay in the folder."""
        self._stopping.set()
        if self._switch is not None:
            self._switch.stop()
        if self._nursery is not None:
            self._nursery.stop()
        if self._reporter is not None:
            self._reporter.join()
        for client in self._clients.values():
            client.close()

    def _registration(self, one: Institution) -> Registration:
        return Registration(
            code=one.code,
            name=one.name,
            short_name=one.short_name,
            kind=one.kind,
            temper=one.temper.name,
            webhook_url=None if one.temper.polls_s is not None else self.address(one.code) + WEBHOOK_PATH,
            public_key=self._keys[one.code].public.as_text(),
        )

    def _config_file(self, code: str) -> Path:
        return self._folder / f"{code}.json"

    def _config(self, one: Institution, center: Center, credential: Credential) -> InstitutionConfig:
        accounts = self.story.province.accounts
        return InstitutionConfig(
            code=one.code,
            name=one.name,
            temper=one.temper.name,
            seed=self.story.seed,
            clock=self.clock.clock.as_text(),
            port=self._ports[one.code],
            book_file=str(self._folder / f"{one.code}.db"),
            openings={k: v for k, v in self.story.openings.items() if accounts[k].institution == one.code},
            center_url=center.url,
            center_instance=center.instance,
            center_public_keys=center.public_keys,
            client_id=credential.client_id,
            client_secret=credential.client_secret,
            signing_key=self._keys[one.code].as_text(),
            directory_file=str(self._folder / "directory.json"),
            decided_by=f"{invented()['staff']}, {one.short_name}",
        )

    def _client(self, code: str, center: Center, credential: Credential) -> Client:
        return Client(
            center.url,
            credential.client_id,
            credential.client_secret,
            self._keys[code],
            center_keys=[PublicKey.from_text(key) for key in center.public_keys],
            clock=self.clock.clock,
            attempts=1,
        )

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        for code in self._ports:
            while True:
                try:
                    self.ask(code, "/healthz")
                    break
                except httpx.HTTPError:
                    alive = self._nursery is not None and self._nursery.is_alive(code)
                    if not alive or time.monotonic() > deadline:
                        self.stop()
                        raise NotReady(
                            SandboxReason.INSTITUTION_DID_NOT_START, field=code, log=f"{code}.log"
                        ) from None
                    time.sleep(0.05)

    def _start_switch(self, progress: Progress) -> None:
        def booked(run: RunBooked) -> None:
            self._booked_us = run.through_us
            self.stopped_transfers.extend(run.failed)
            progress(run)

        config = self._folder / "switch.json"
        keep_postings(self._folder / "postings.json", self.story.postings)
        write_switch_config(
            config,
            clock=self.clock.clock.as_text(),
            postings=str(self._folder / "postings.json"),
            addresses={code: self.address(code) for code in self._ports},
            home={key: account.institution for key, account in self.story.province.accounts.items()},
        )
        self._switch = SwitchProcess(config, self._folder / "switch.log", booked)

    def _send_reports(self, progress: Progress) -> None:
        send_reports(
            self.story.reports,
            self.story.postings[-1].at_us,
            self._clients,
            self.clock,
            lambda: self._booked_us,
            progress,
            self._stopping,
        )


def _rest_s(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.0)


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on now; all are found before any is used."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
