"""How long does a command take to start?  `lachan --help`, beside a Python that does nothing."""

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "lachan --help": [sys.executable, "-m", "lachan.doors.cli", "--help"],
}


def seconds(command: list[str]) -> float:
    """From the start of the process to its end."""
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    rounds = options.parse_args().rounds
    for command in COMMANDS.values():
        seconds(command)  # from the disk
    took = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    middle = {name: statistics.median(one[name] for one in took) for name in COMMANDS}
    for name, found in middle.items():
        print(f"{name}: {found:.2f} s (median of {rounds}, at most {max(one[name] for one in took):.2f})")
    print(f"times a bare Python: {middle['lachan --help'] / middle['python']:.1f} (limit: 0.6 s)")


if __name__ == "__main__":
    main()
