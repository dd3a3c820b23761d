"""The demands as data: read once, in their order, each with its home."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from lachan.foundation.base import Language


class Standing(StrEnum):
    """Whether a demand has a home. `HERE`: built; `WAITS`: its home is not built yet; `HOMELESS`: nobody's."""

    HERE = "here"
    WAITS = "waits"
    HOMELESS = "homeless"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand: its words, who leads it (the plans' own abbreviations), its home and its measures."""

    number: int
    vi: str
    en: str
    leads: tuple[str, ...]
    where: str
    home: str
    measures: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]

    def label(self, language: Language) -> str:
        """The name to show."""
        return self.vi if language is Language.VI else self.en

    @property
    def standing(self) -> Standing:
        """Whether the capability that it names is there."""
        return CAPABILITIES.get(self.home, Standing.HOMELESS)

    def speaks(self, text: str) -> bool:
        """Whether a clause in lower case uses one of its turns of phrase."""
        return any(all(part in text for part in parts) for parts in self.keys)


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("data", "demands.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def _demand(row: Mapping[str, Any]) -> Demand:
    keys = tuple(tuple(part.strip() for part in key.split("&")) for key in row["keys"])
    return Demand(
        row["number"], row["vi"], row["en"], tuple(row["leads"]), row["where"], row["home"],
        tuple(row["measures"]), keys,
    )  # fmt: skip


CAPABILITIES: Mapping[str, Standing] = {name: Standing(said) for name, said in _data()["capabilities"].items()}
DEMANDS: tuple[Demand, ...] = tuple(_demand(row) for row in _data()["demands"])


def demand(number: int) -> Demand:
    """The demand of that number; KeyError where there is none."""
    return _by_number()[number]


def suggest(text: str) -> tuple[int, ...]:
    """The demands whose turns of phrase a clause uses; a person decides."""
    said = " ".join(text.lower().split())
    return tuple(one.number for one in DEMANDS if one.speaks(said))


@cache
def _by_number() -> Mapping[int, Demand]:
    return {one.number: one for one in DEMANDS}
