"""What the province is drawn from: `data/figures.yaml` and `assumptions.yaml`, each with source or excuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

FILES = ("figures.yaml", "assumptions.yaml")
_P90 = NormalDist().inv_cdf(9 / 10)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `source` names who published it; where nobody did, `assumed` holds and `why` says why so."""

    value: Any
    unit: str
    source: str = ""
    assumed: bool = False
    why: str = ""


@cache
def figures() -> Mapping[str, Figure]:
    """All figures by name."""
    return {name: Figure(**row) for file in FILES for name, row in data(file).items()}


def data(name: str) -> Any:
    """A YAML file of `data/`."""
    return yaml.safe_load(data_bytes(name))


def data_bytes(name: str) -> bytes:
    """A file of `data/` as it is."""
    return resources.files("lachan.sandbox.people").joinpath("data", name).read_bytes()


def number(name: str) -> float:
    """A figure that is one number."""
    return float(figures()[name].value)


def pair(name: str, part: str = "") -> tuple[float, float]:
    """A figure that is a range, or the part of it that is one."""
    value = figures()[name].value
    low, high = value[part] if part else value
    return float(low), float(high)


def whole(name: str, part: str = "") -> tuple[int, int]:
    """A figure that is a range of whole numbers, or the part of it that is one; both ends are in it."""
    low, high = pair(name, part)
    return int(low), int(high)


def table(name: str, part: str = "") -> Mapping[Any, Any]:
    """A figure that is a table, or a table within it."""
    value = figures()[name].value
    found: Mapping[Any, Any] = value[part] if part else value
    return found


def lognormal(low_high: tuple[float, float]) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm, where `low_high` are the 10th and 90th percentile."""
    low, high = np.log(low_high)
    return float(low + high) / 2, float(high - low) / 2 / _P90


def shares(weights: Mapping[Any, Any]) -> NDArray[np.float64]:
    """Weights as shares of one."""
    values = np.array(list(weights.values()), dtype=np.float64)
    found: NDArray[np.float64] = values / values.sum()
    return found


def draw_amounts(draw: np.random.Generator, name: str, count: int) -> NDArray[np.int64]:
    """Amounts of a kind of payment, as people write them: whole thousands, large ones rounder."""
    mean, spread = lognormal(pair("amounts_vnd", name))
    return round_vnd(draw.lognormal(mean, spread, count))


def round_vnd(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Down to 1,000 VND; from 1 million to 10,000; from 10 million to 100,000. Never less than 1,000."""
    whole = amounts.astype(np.int64)
    step = np.where(whole >= 10_000_000, 100_000, np.where(whole >= 1_000_000, 10_000, 1_000))
    found: NDArray[np.int64] = np.maximum(whole // step * step, 1_000)
    return found
