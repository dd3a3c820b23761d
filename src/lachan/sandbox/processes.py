"""The processes of a province: the nursery's children, and the switch, which is started again if it dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import orjson

from lachan.sandbox.nursery import is_alive
from lachan.sandbox.switch import RunBooked

_STOP_TIMEOUT_S = 8.0
_RESTART_S = 0.5


class Nursery:
    """Starts and ends institution processes; `folder` takes their logs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process_ids: dict[str, int] = {}
        with (folder / "nursery.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lachan.sandbox.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def start(self, code: str, config: Path) -> None:
        """Bear one institution; one that was killed is born again."""
        order = {"config": str(config), "log": str(self._folder / f"{code}.log")}
        asked, told = _pipe(self._process.stdin), _pipe(self._process.stdout)
        asked.write(orjson.dumps(order) + b"\n")
        asked.flush()
        self._process_ids[code] = int(told.readline())

    def is_alive(self, code: str) -> bool:
        """Whether the institution's process runs."""
        return code in self._process_ids and is_alive(self._process_ids[code])

    def send(self, code: str, number: signal.Signals) -> None:
        """Send one institution a signal, to stop it for a moment and let it go on."""
        os.kill(self._process_ids[code], number)

    def kill(self, code: str) -> None:
        """SIGKILL, and wait until it is gone."""
        os.kill(self._process_ids[code], signal.SIGKILL)
        while self.is_alive(code):
            time.sleep(0.005)

    def stop(self) -> None:
        """End all that live."""
        _pipe(self._process.stdin).close()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()


class SwitchProcess:
    """The switch in a process of its own; goes on where it stood if it is killed."""

    def __init__(self, config: Path, log: Path, booked: Callable[[RunBooked], None]) -> None:
        self._config = config
        self._log = log
        self._booked = booked
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until everything is released; False on time-out."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def kill(self) -> None:
        """SIGKILL; it will be started again."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End it for good."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()

    def _follow(self) -> None:
        last_run = 0
        while not self._stopping.is_set():
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 (our own module)
                    [sys.executable, "-m", "lachan.sandbox.switch", "--config", str(self._config)],
                    stdout=subprocess.PIPE,
                    stderr=log,
                )
            with _pipe(self._process.stdout) as output:
                for line in output:
                    told = orjson.loads(line)
                    if told["run"] > last_run:  # a switch that starts again tells its last run again
                        last_run = told["run"]
                        self._booked(RunBooked(last_run, told["runs"], told["through_us"], tuple(told["failed"])))
            if self._process.wait() == 0:
                return
            self._stopping.wait(_RESTART_S)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("a pipe was asked for")
    return pipe
