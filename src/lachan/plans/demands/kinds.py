"""Which kinds of activity serve which demand: each kind's own file says so (`taxonomy/data/activities/`)."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

_FOLDER = "activities"


@cache
def kinds_by_demand() -> Mapping[int, tuple[str, ...]]:
    """Codes of kinds by demand; empty where this build has no activities."""
    folder = resources.files("lachan.foundation.taxonomy").joinpath("data", _FOLDER)
    found: dict[int, list[str]] = defaultdict(list)
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".yaml"):
                _gather(yaml.safe_load(file.read_text(encoding="utf-8")), found)
    return {number: tuple(codes) for number, codes in found.items()}


def _gather(said: object, into: dict[int, list[str]]) -> None:
    if isinstance(said, Mapping) and isinstance(said.get("demands"), list):
        for number in said["demands"]:
            # `D67` and 67 are the same demand.
            into[int(str(number).lstrip("Dd"))].append(str(said.get("code", "")))
