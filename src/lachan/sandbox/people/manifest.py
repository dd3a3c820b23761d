"""What the folder says of itself: plan, versions, files with digests. No time of day: same plan, same bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from lachan.sandbox.people.figures import FILES, data_bytes
from lachan.sandbox.people.gangs import Book
from lachan.sandbox.people.model import Plan
from lachan.sandbox.people.writing import digest

MANIFEST = "manifest.json"
README = "README.md"
MADE_BY = "lachan simulate"
_LIBRARIES = ("lachan", "numpy", "duckdb")


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: rows by file, scams, losses; `crime_factor` says how far crime lies above life."""

    folder: Path
    rows: Mapping[str, int]
    scams: int
    reported: int
    stolen_vnd: int
    crime_factor: float


def is_ours(folder: Path) -> bool:
    """Whether an earlier run made the folder."""
    try:
        said = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("made_by") == MADE_BY


def write_manifest(folder: Path, plan: Plan, rows: Mapping[str, int], book: Book) -> Made:
    """README.md and manifest.json of a folder that is otherwise complete."""
    (folder / README).write_bytes(data_bytes(README))
    told = [scam for scam in book.scams if scam.losses]
    made = Made(
        folder=folder,
        rows=dict(rows),
        scams=len(told),
        reported=sum(scam.reported_us is not None for scam in told),
        stolen_vnd=sum(loss.amount_vnd for loss in book.losses),
        crime_factor=round(len(told) / book.expected_scams, 3) if book.expected_scams else 0.0,
    )
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    content: dict[str, Any] = {
        "made_by": MADE_BY,
        "people": plan.people,
        "days": plan.days,
        "seed": plan.seed,
        "start": plan.start.isoformat(),
        "versions": {name: version(name) for name in _LIBRARIES},
        "figures_sha256": hashlib.sha256(b"".join(map(data_bytes, FILES))).hexdigest(),
        "scams": made.scams,
        "reported": made.reported,
        "stolen_vnd": made.stolen_vnd,
        "expected_scams": round(book.expected_scams, 3),
        "crime_factor": made.crime_factor,
        "files": {
            str(file.relative_to(folder)): {
                "rows": rows.get(str(file.relative_to(folder).with_suffix(""))),
                "bytes": file.stat().st_size,
                "sha256": digest(file),
            }
            for file in files
        },
    }
    (folder / MANIFEST).write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return made
