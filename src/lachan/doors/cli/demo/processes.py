"""Server, worker and sealer of one instance, each a process of its own, as in a real installation."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from lachan.foundation.base.settings import Settings

# Only for one that hangs: one that died is noticed at once, and a busy machine takes its time.
_START_TIMEOUT_S = 180.0
_STOP_TIMEOUT_S = 20.0


class InstanceProcesses:
    """The processes by name: `server`, `worker`, `registry`, `sealer`. Each can be killed and started again.

    Logs lie in `folder`. Entering starts them all and waits until the server answers; leaving stops them.
    """

    NAMES = ("server", "worker", "registry", "sealer")

    def __init__(self, settings: Settings, port: int, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._commands = {
            "server": ["serve", "--port", str(port), "--no-with-worker"],
            "worker": ["worker", "--only", "jobs"],
            "registry": ["worker", "--only", "registry"],
            "sealer": ["worker", "--only", "seal"],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for name in self.NAMES:
                self.start(name)
            self.wait_until_served()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str) -> None:
        """Start one process, or start it again after it was killed."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", "lachan.doors.cli", *self._commands[name]],
                env=self._environment(),
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """SIGKILL one process: what was acknowledged must survive that."""
        self._running[name].kill()
        self._running[name].wait()

    def send(self, name: str, number: signal.Signals) -> None:
        """Send one process a signal, to stop it for a moment and let it go on."""
        self._running[name].send_signal(number)

    def wait_until_served(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                httpx.get(f"{self._settings.base_url}/healthz", timeout=2, trust_env=False).raise_for_status()
                return
            except httpx.HTTPError:
                if time.monotonic() > deadline or self._running["server"].poll() is not None:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Ask all to end, and see to it that they do."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _environment(self) -> dict[str, str]:
        settings = self._settings
        return {
            **os.environ,
            "LACHAN_HOME": str(settings.home),
            "LACHAN_CLOCK": settings.clock,
            "LACHAN_BASE_URL": settings.base_url,
            "LACHAN_INSTANCE": settings.instance,
            "LACHAN_INSTANCE_NAME": settings.instance_name,
            "LACHAN_ALLOW_PRIVATE_TARGETS": "1" if settings.allow_private_targets else "0",
            "LACHAN_DEMO_SIGN_IN": "1" if settings.demo_sign_in else "0",
            "LACHAN_DATABASE_URL": settings.database_url,
        }


def start_seconds(processes: int) -> float:
    """How long so many of our processes take to start on this machine, as busy as it is now: measured."""
    begin = time.monotonic()
    probes = [subprocess.Popen([sys.executable, "-c", "import lachan.sandbox.institution.app"]) for _ in range(2)]
    for probe in probes:
        probe.wait()
    return (time.monotonic() - begin) * processes / len(probes)
