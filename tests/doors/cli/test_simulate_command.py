"""`lachan simulate`: what it says, what it refuses, and with which exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
    ("words", "said"),
    [
        (["--people", "0"], "people: The number must lie between 1 and 5000000"),
        (["--people", "-5"], "people: The number must lie between 1 and 5000000"),
        (["--days", "0"], "days: The number must lie between 1 and 366"),
        (["--seed", "-1"], "seed: The number must lie between 0"),
        (["--start", "tomorrow"], "--start: "),
        (["--start", "2035-01-01"], "start: The calendar of public holidays covers"),
    ],
)
def test_what_cannot_be_made_is_bad_input(words: list[str], said: str, tmp_path: Path) -> None:
    done = run("--language", "en", "simulate", str(tmp_path / "out"), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = run("simulate", str(tmp_path))
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert (tmp_path / "thesis.txt").exists()
    assert run("simulate", str(tmp_path / "thesis.txt")).returncode == 2
