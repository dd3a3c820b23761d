"""A sandbox province at work: twelve institution processes, the switch, and the victims who report.

Make it, register its institutions with a center, `start` it, and `wait` for the end of the story:

    sandbox = Sandbox(story, folder, clock)
    credentials = {one.code: register(one) for one in sandbox.registrations}
    sandbox.start(Center(url, instance, public_keys), credentials, progress)
    sandbox.wait()
    sandbox.stop()

`progress` is called from the sandbox's own threads.
"""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import orjson

from lachan.client import Client
from lachan.foundation.base import NotReady, Reason, SimulatedClock
from lachan.foundation.protocol import PublicKey, SigningKey
from lachan.sandbox.institution import InstitutionConfig, write_config
from lachan.sandbox.institution.app import WEBHOOK_PATH
from lachan.sandbox.institution.directory import write_directory
from lachan.sandbox.province import Institution, InstitutionKind, invented
from lachan.sandbox.reporting import ReportSent, send_reports
from lachan.sandbox.story import Story
from lachan.sandbox.story_clock import StoryClock
from lachan.sandbox.switch import RunBooked, keep_postings

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 8.0
_RESTART_S = 0.5


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
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._switch: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._clients: dict[str, Client] = {}
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
        for one in self.story.province.institutions:
            write_config(self._config_file(one.code), self._config(one, center, credentials[one.code]))
            self.start_institution(one.code)
            self._clients[one.code] = self._client(one.code, center, credentials[one.code])
        self._wait_until_healthy()
        self._start_switch(progress)
        self._thread(lambda: send_reports(self.story.reports, self._clients, self.clock, progress, self._stopping))

    def start_institution(self, code: str) -> None:
        """Start one institution's process, or start it again: it comes back with its book."""
        with (self._folder / f"{code}.log").open("ab") as log:
            self._processes[code] = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "lachan.sandbox.institution", "--config", str(self._config_file(code))],
                stdout=log,
                stderr=log,
            )

    def kill_institution(self, code: str) -> None:
        """SIGKILL one institution: what it promised must survive that."""
        process = self._processes[code]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the story: all released, all reported, the clock at its end. False on time-out."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(None if deadline is None else max(deadline - time.monotonic(), 0))
            if thread.is_alive():
                return False
        rest_s = max(self.clock.wall_s_until(self.story.length_us), 0)
        if deadline is not None:
            rest_s = min(rest_s, max(deadline - time.monotonic(), 0))
        self._stopping.wait(rest_s)
        return self.clock.now_us() >= self.story.length_us

    def ask(self, code: str, path: str) -> dict[str, Any]:
        """GET one of an institution's own pages: `/healthz`, `/holds`, `/correspondence`, `/book/ACCOUNT`."""
        answer = httpx.get(self.address(code) + path, timeout=10, trust_env=False)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def stop(self) -> None:
        """Stop everything that was started; the books stay in the folder."""
        self._stopping.set()
        processes = [*self._processes.values(), *([self._switch] if self._switch else [])]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        for process in processes:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join()
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
        for code, process in self._processes.items():
            while True:
                try:
                    self.ask(code, "/healthz")
                    break
                except httpx.HTTPError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        self.stop()
                        raise NotReady(
                            SandboxReason.INSTITUTION_DID_NOT_START, field=code, log=f"{code}.log"
                        ) from None
                    time.sleep(0.1)

    def _start_switch(self, progress: Progress) -> None:
        home = {key: account.institution for key, account in self.story.province.accounts.items()}
        keep_postings(self._folder / "postings.json", self.story.postings)
        config = {
            "clock": self.clock.clock.as_text(),
            "postings": str(self._folder / "postings.json"),
            "addresses": {code: self.address(code) for code in self._ports},
            "home": home,
        }
        (self._folder / "switch.json").write_bytes(orjson.dumps(config))
        self._thread(lambda: self._follow_switch(progress))

    def _spawn_switch(self) -> IO[bytes]:
        with (self._folder / "switch.log").open("ab") as log:
            self._switch = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "lachan.sandbox.switch", "--config", str(self._folder / "switch.json")],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        if self._switch.stdout is None:
            raise RuntimeError("a pipe was asked for")
        return self._switch.stdout

    def _follow_switch(self, progress: Progress) -> None:
        """Pass on what the switch says; a switch that was killed is started again and goes on where it stood."""
        last_run = 0
        while not self._stopping.is_set():
            with self._spawn_switch() as output:
                for line in output:
                    told = orjson.loads(line)
                    if told["run"] > last_run:
                        last_run = told["run"]
                        self.stopped_transfers.extend(told["failed"])
                        progress(RunBooked(last_run, told["runs"], told["through_us"], tuple(told["failed"])))
            if self._switch is not None and self._switch.wait() == 0:
                return
            self._stopping.wait(_RESTART_S)

    def _thread(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)


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
