"""What is known of a transfer at its own instant: the names that typologies and models use, in the kernel's order.

Every value is a whole number. Windows are exact and open at their beginning: at `t` the window of an hour holds
what was booked after `t - 1 h` up to and including this transfer itself, never anything later.
"""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """In what a feature is counted."""

    VND = "vnd"
    COUNT = "count"
    SECONDS = "seconds"
    PERMILLE = "permille"
    FLAG = "flag"
    KIND = "kind"
    HOUR = "hour"
    SEARCHES = "searches"


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about a transfer; `-1` where it is not known, if its unit is seconds, permille or flag."""

    name: str
    unit: Unit


WINDOWS = ("10m", "1h", "24h", "7d")
WINDOW_US = (600_000_000, 3_600_000_000, 86_400_000_000, 604_800_000_000)
KINDS = ("transfer", "cash_out", "card_payment", "merchant", "virtual_asset", "cross_border")
"""The kinds of transfer in the order of their numbers, as the ledger has them."""


def _of_side(side: str) -> list[Feature]:
    made = [
        Feature(f"{side}_{way}_{measure}_{window}", Unit.COUNT if measure == "count" else Unit.VND)
        for way, measure in (("out", "count"), ("out", "sum"), ("in", "count"), ("in", "sum"))
        for window in WINDOWS
    ]
    made += [Feature(f"{side}_fan_{way}_{window}", Unit.COUNT) for window in ("24h", "7d") for way in ("in", "out")]
    return [
        *made,
        Feature(f"{side}_known_s", Unit.SECONDS),  # since the account was first seen; 0: this is its first transfer
        Feature(f"{side}_idle_s", Unit.SECONDS),  # since its transfer before this one
        Feature(f"{side}_balance_vnd", Unit.VND),  # after this one; the opening is the least that keeps it ≥ 0
        Feature(f"{side}_active_hours_24h", Unit.COUNT),  # clock hours of the last 24 with a transfer
        Feature(f"{side}_company", Unit.FLAG),
        Feature(f"{side}_suspect", Unit.FLAG),
    ]


FEATURES: tuple[Feature, ...] = (
    Feature("amount_vnd", Unit.VND),
    Feature("kind", Unit.KIND),
    Feature("hour", Unit.HOUR),  # of the day in Việt Nam
    Feature("history_s", Unit.SECONDS),  # since the stream's first transfer
    *_of_side("payer"),
    *_of_side("payee"),
    Feature("new_payee", Unit.FLAG),  # the payer has not paid this payee within the memory of pairs
    Feature("pair_known_s", Unit.SECONDS),  # since the first payment of this acquaintance
    Feature("pair_count_24h", Unit.COUNT),
    Feature("payer_since_in_s", Unit.SECONDS),  # since its last credit, of at most seven days ago
    Feature("payer_passed_permille_10m", Unit.PERMILLE),  # what left, of what came in
    Feature("payer_passed_permille_1h", Unit.PERMILLE),
    Feature("payer_passed_permille_24h", Unit.PERMILLE),
    Feature("payer_left_permille_24h", Unit.PERMILLE),  # the balance, of what came in
    Feature("payer_wake_gap_s", Unit.SECONDS),  # how long it had slept before it last woke; 0: it never slept
    Feature("payer_awake_s", Unit.SECONDS),  # since then
    Feature("payer_largest_permille", Unit.PERMILLE),  # this amount, of the largest it ever paid before
    Feature("payer_small_out_24h", Unit.COUNT),
    Feature("payee_small_in_24h", Unit.COUNT),
    Feature("payer_near_limit_24h", Unit.COUNT),  # transfers just below the limit, if this is one
    Feature("payee_same_amount_24h", Unit.COUNT),  # credits of this very amount from others, with this one
    Feature("payee_suspect_in_7d", Unit.COUNT),
    Feature("chain_depth", Unit.COUNT),  # transfers of a chain of quick forwards that ends here
    Feature("device_accounts_7d", Unit.COUNT),  # payers that used this device
    Feature("payer_device_age_s", Unit.SECONDS),  # since the payer's device changed; -1: it did not
    Feature("ip_foreign", Unit.FLAG),
    Feature("biometrics_changed", Unit.FLAG),
    Feature(
        "cycles_24h", Unit.COUNT
    ),  # ways in which money came round to this payer from this payee, ≤ 6 transfers
    Feature("cycle_length", Unit.COUNT),  # of the shortest; 0: none
    Feature("scatter_gather_24h", Unit.COUNT),  # accounts through which one source reached this payee
    Feature("budget_hit", Unit.SEARCHES),  # which were cut short, a bit for each of `SEARCHES`
)
NUMBER: dict[str, int] = {feature.name: number for number, feature in enumerate(FEATURES)}
SEARCHES = {
    "cycles": ("cycles_24h", "cycle_length"),
    "scatter_gather": ("scatter_gather_24h",),
    "walks": ("payee_same_amount_24h", "payer_near_limit_24h"),
}
"""The searches, in the order of their bits, and what each finds."""
