"""The race's own figures; those of the province stand with the province."""

from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import Any

import numpy as np
import yaml

_P90 = NormalDist().inv_cdf(0.9)


@cache
def all_figures() -> dict[str, dict[str, Any]]:
    """Each figure with value, unit, and source or excuse."""
    text = resources.files("lachan.race").joinpath("data", "figures.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def figure(name: str) -> Any:
    """The value of a figure."""
    return all_figures()[name]["value"]


def lognormal(low_high: tuple[float, float]) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm, where `low_high` are the 10th and 90th percentile."""
    low, high = np.log(low_high)
    return float(low + high) / 2, float(high - low) / 2 / _P90
