"""Patterns in the stream of transfers: what mules' and victims' accounts do, seen before anyone reports.

Each transfer is judged by what came before it, never by what came after. A score or an alert is for a person to
decide on: it lists nobody and holds nothing by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lachan.monitoring.features import FEATURES, Feature, Unit

if TYPE_CHECKING:
    from lachan.monitoring.columns import CELLS, Columns, unclear
    from lachan.monitoring.constants import Constants
    from lachan.monitoring.engine import Monitor
    from lachan.monitoring.evidence import in_words, sentence, spoken_of, worded
    from lachan.monitoring.files import FURTHER, scored_parts, scored_rows
    from lachan.monitoring.loading import kinds_of_alerts, typologies, typology_of
    from lachan.monitoring.model import (
        ASSUMED,
        Level,
        Limits,
        MonitoringReason,
        Parameter,
        Proof,
        Scored,
        Side,
        Typology,
    )

__all__ = [
    "ASSUMED",
    "CELLS",
    "FEATURES",
    "FURTHER",
    "Columns",
    "Constants",
    "Feature",
    "Level",
    "Limits",
    "Monitor",
    "MonitoringReason",
    "Parameter",
    "Proof",
    "Scored",
    "Side",
    "Typology",
    "Unit",
    "in_words",
    "kinds_of_alerts",
    "scored_parts",
    "scored_rows",
    "sentence",
    "spoken_of",
    "typologies",
    "typology_of",
    "unclear",
    "worded",
]
_HOMES = {
    "ASSUMED": "model", "CELLS": "columns", "unclear": "columns",
    "Columns": "columns", "Constants": "constants", "Level": "model", "Limits": "model", "Monitor": "engine",
    "MonitoringReason": "model", "Parameter": "model", "Proof": "model", "Scored": "model", "Typology": "model",
    "kinds_of_alerts": "loading", "typologies": "loading", "typology_of": "loading", "FURTHER": "files",
    "scored_parts": "files", "scored_rows": "files", "sentence": "evidence", "worded": "evidence",
    "in_words": "evidence", "spoken_of": "evidence", "Side": "model",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
