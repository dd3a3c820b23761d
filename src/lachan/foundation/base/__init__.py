"""Ids, clocks, money, errors, settings and languages: the words everything else is said in."""

from lachan.foundation.base.actor import PUBLIC, SYSTEM, Actor, ActorKind
from lachan.foundation.base.clock import VIETNAM, Clock, SimulatedClock, WallClock, clock_from_text
from lachan.foundation.base.errors import (
    BadInput,
    Conflict,
    InputReason,
    LachanError,
    NotAllowed,
    NotFound,
    NotReady,
    Reason,
)
from lachan.foundation.base.ids import new_id, new_ids, new_reference_code, new_secret, read_reference_code
from lachan.foundation.base.languages import LANGUAGES, Language, alphabetical, catalogue, translate
from lachan.foundation.base.money import (
    VND_MAX,
    format_vnd,
    parse_vnd,
    split_by_largest_remainder,
)

__all__ = [
    "LANGUAGES",
    "PUBLIC",
    "SYSTEM",
    "VIETNAM",
    "VND_MAX",
    "Actor",
    "ActorKind",
    "BadInput",
    "Clock",
    "Conflict",
    "InputReason",
    "LachanError",
    "Language",
    "NotAllowed",
    "NotFound",
    "NotReady",
    "Reason",
    "SimulatedClock",
    "WallClock",
    "alphabetical",
    "catalogue",
    "clock_from_text",
    "format_vnd",
    "new_id",
    "new_ids",
    "new_reference_code",
    "new_secret",
    "parse_vnd",
    "read_reference_code",
    "split_by_largest_remainder",
    "translate",
]
