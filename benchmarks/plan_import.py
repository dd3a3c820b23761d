"""How long does reading a plan take?  Published plans where they are found, made-up ones, in every kind of file.

Each import runs in a process of its own, from the start of Python to the last byte of JSON, as a person's does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.factories.plan_files import as_docx, as_html, as_pdf, write
from tests.plans.annotated import annotated

NAMES = ("lac-son", "song-van", "bac-lam", "tan-hai", "hon-ngoc")
KINDS: dict[str, Callable[[str], bytes]] = {"txt": str.encode, "docx": as_docx, "html": as_html, "pdf": as_pdf}


def plans() -> dict[str, str]:
    """Text by name."""
    found = {name: annotated(name).text for name in NAMES}
    folder = os.environ.get("LACHAN_TEST_DATA")
    if folder:
        for file in sorted(Path(folder, "plans").glob("*.txt")):
            found[file.stem] = file.read_text(encoding="utf-8")
    return found


def measure(path: Path) -> dict[str, float | int]:
    """Wall and processor seconds of one import, and what it found."""
    before = os.times()
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "lachan.doors.cli", "--json", "plan", "import", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    wall, after = time.perf_counter() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"tasks": len(json.loads(done.stdout)["tasks"]), "wall_s": round(wall, 3), "cpu_s": round(cpu, 3)}


def main() -> None:
    """One line of JSON for each plan and kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in plans().items():
            for kind, make in KINDS.items():
                path = write(Path(folder), f"plan.{kind}", make(text))
                best = min((measure(path) for _ in range(chosen.runs)), key=lambda told: told["wall_s"])
                print(json.dumps({"plan": name, "kind": kind, **best}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
