"""`python -m lachan.sandbox.nursery`: bears one process for each institution, having loaded the program once.

Twelve interpreters that each load everything take 15 s of processor; twelve forks of one take 2. Orders are
lines of JSON on standard input, `{"config": FILE, "log": FILE}`; each is answered by the new process's id on a
line. When the input ends, because the demo ended or was killed, all children are ended too.
"""

import os
import signal
import sys
import time
from pathlib import Path

import orjson

from lachan.sandbox.institution.__main__ import serve

_PATIENCE_S = 5.0


def main() -> None:
    """Bear until the orders end, then clear up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the demo, which ends the orders
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the kernel
    children: list[int] = []
    for line in sys.stdin.buffer:
        order = orjson.loads(line)
        child = os.fork()
        if child == 0:
            _live(Path(order["config"]), Path(order["log"]))
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    _end(children)


def is_alive(process_id: int) -> bool:
    """Whether a process of the nursery still runs."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def _live(config: Path, log: Path) -> None:
    """The child: its own output, its own signals, and never back into the parent's loop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    code = 1
    try:
        serve(config)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end(children: list[int]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    for how in (signal.SIGTERM, signal.SIGKILL):
        for child in filter(is_alive, children):
            os.kill(child, how)
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.02)


if __name__ == "__main__":
    main()
