"""How each form of fraud runs: the taxonomy's words joined with `data/forms.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random
from typing import Any

from lachan.foundation.taxonomy import scam_forms
from lachan.sandbox.people.figures import data, lognormal

_TAKEOVER = {"card_data", "remote_control"}
_COERCION = {"online_kidnapping", "fake_police"}


@dataclass(frozen=True, slots=True)
class Script:
    """One form: where its victims are met, who they are, how it runs, what is written to them."""

    code: str
    channels: tuple[str, ...]
    groups: tuple[str, ...]
    situation: str
    weight: float
    loss: float
    slug: str
    text: str
    groom_minutes: tuple[float, float]
    payments: tuple[int, int]
    gap_minutes: tuple[float, float]
    realise_minutes: tuple[float, float]


@cache
def scripts(on: date) -> tuple[Script, ...]:
    """Every form of the taxonomy on that day, the 24 published ones first."""
    told = data("forms.yaml")
    found = []
    for form in scam_forms(on):
        row: Mapping[str, Any] = told["forms"][form.code]
        pace = told["paces"][row["pace"]]
        found.append(
            Script(
                code=form.code, channels=form.channels, groups=form.victim_groups,
                situation=_situation(form.code, form.payouts), weight=row["weight"], loss=row["loss"],
                slug=row["slug"], text=row["text"], groom_minutes=tuple(pace["groom_minutes"]),
                payments=tuple(pace["payments"]), gap_minutes=tuple(pace["gap_minutes"]),
                realise_minutes=tuple(pace["realise_minutes"]),
            )
        )  # fmt: skip
    return tuple(found)


def _situation(code: str, payouts: tuple[str, ...]) -> str:
    if code in _COERCION:
        return "coercion"
    return "account_takeover" if _TAKEOVER & set(payouts) and "bank_transfer" not in payouts else "scam"


def drawn(draw: Random, low_high: tuple[float, float]) -> float:
    """A lognormal number whose 10th and 90th percentile are given."""
    mean, spread = lognormal(low_high)
    return draw.lognormvariate(mean, spread)


def pick(draw: Random, weights: Mapping[Any, float]) -> Any:
    """One key by weight."""
    return draw.choices(list(weights), weights=list(weights.values()))[0]
