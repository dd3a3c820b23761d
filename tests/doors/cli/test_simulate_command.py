"""`lachan simulate`: what it says, what it refuses, and with which exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lachan.doors.cli import simulate as command
from lachan.foundation.base import BadInput

SIMULATE = [sys.executable, "-m", "lachan.doors.cli"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SIMULATE, *words], capture_output=True, text=True, check=False)


def test_a_province_is_made_and_told_as_json(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = run("--json", "simulate", str(folder), "--people", "600", "--days", "3", "--seed", "9")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["people"], said["days"], said["seed"], said["start"]) == (600, 3, 9, "2026-01-05")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert said["rows"]["transfers"] == manifest["files"]["transfers.parquet"]["rows"] > 500
    assert (said["scams"], said["stolen_vnd"]) == (manifest["scams"], manifest["stolen_vnd"])


def test_a_person_reads_what_was_made_and_that_it_is_worse_than_life(tmp_path: Path) -> None:
    done = run("--language", "en", "simulate", str(tmp_path / "out"), "--people", "600", "--days", "2",
               "--start", "2026-02-16")  # fmt: skip
    assert done.returncode == 0
    assert "600 people, 2 days" in done.stdout
    assert "29 scams" in done.stdout
    assert "times as many victims as life" in done.stdout


@pytest.mark.parametrize(
    ("field", "people", "days", "seed", "start"),
    [
        ("people", 0, 3, 1, "2026-01-05"), ("people", -5, 3, 1, "2026-01-05"), ("days", 9, 0, 1, "2026-01-05"),
        ("seed", 9, 3, -1, "2026-01-05"), ("--start", 9, 3, 1, "tomorrow"), ("start", 9, 3, 1, "2035-01-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_bad_input(
    field: str, people: int, days: int, seed: int, start: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        command.run(tmp_path / "out", people, days, seed, start)
    assert refused.value.field == field
    assert not (tmp_path / "out").exists()


def test_bad_input_is_said_in_one_line(tmp_path: Path) -> None:
    done = run("--language", "en", "simulate", str(tmp_path / "out"), "--people", "0")
    assert done.returncode == 2
    assert done.stderr.strip() == "lachan: people: The number must lie between 1 and 5000000."


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = run("simulate", str(tmp_path))
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert (tmp_path / "thesis.txt").exists()
