"""A real cluster of three NATS servers on loopback, each a process that can be killed and started again."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path


def server_program() -> str | None:
    """Where the server is, if its package is installed."""
    beside = Path(sys.executable).parent / "nats-server"
    return str(beside) if beside.exists() else shutil.which("nats-server")


class NatsCluster:
    """`size` servers; their files lie in `folder`."""

    def __init__(self, folder: Path, size: int = 3) -> None:
        self.folder = folder
        self.size = size
        self._ports = _free_ports(2 * size)
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(f"nats://127.0.0.1:{port}" for port in self._ports[: self.size])

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._running.values()]

    def start(self, number: int) -> None:
        """Start one server; it joins the others."""
        program = server_program()
        assert program is not None
        routes = [f"nats://127.0.0.1:{port}" for n, port in enumerate(self._ports[self.size :]) if n != number]
        command = [
            program, "-js", "-sd", str(self.folder / str(number)), "-n", f"n{number}", "-a", "127.0.0.1",
            "-p", str(self._ports[number]), "-l", str(self.folder / f"{number}.log"),
        ]  # fmt: skip
        if self.size > 1:
            command += [
                "-cluster_name", "test", "-cluster", f"nats://127.0.0.1:{self._ports[self.size + number]}",
                "-routes", ",".join(routes),
            ]  # fmt: skip
        self._running[number] = subprocess.Popen(command)

    def kill(self, number: int) -> None:
        """As when the machine goes."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def __enter__(self) -> "NatsCluster":
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in range(self.size):
            self.start(number)
        for port in self._ports[: self.size]:
            _listening(port)
        return self

    def __exit__(self, *_: object) -> None:
        for number in list(self._running):
            self.kill(number)


def _listening(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
