"""What a race is made of: the ways of working, the reports they get, the answers of banks, and the result."""

from dataclasses import dataclass
from enum import StrEnum

from lachan.foundation.base import Reason

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


class RaceReason(Reason):
    """Why a race is not run."""

    DELAY_OUT_OF_RANGE = "race_delay_out_of_range"
    UNKNOWN_STRATEGY = "race_unknown_strategy"
    NO_FOLDER_FOR_PAGE = "race_no_folder_for_page"


class Strategy(StrEnum):
    """A way of working, by its name on the command line."""

    LETTERS = "letters"
    HOP_BY_HOP = "hop_by_hop"
    BOUNDED = "bounded"
    FREEZE_ALL = "freeze_all"
    OURS_NO_OPTIMISER = "ours_no_optimiser"
    OURS_NO_RECEIPTS = "ours_no_receipts"
    OURS = "ours"
    # No way of working: what could be held at most. It stands beside them to compare with.
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Report:
    """All that a victim can say: this transfer, to this account, so much, at that time. `loss` is its number."""

    loss: int
    account: int
    amount_vnd: int
    booked_us: int
    reported_us: int


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests like each one of the race reach the same institution, and the same officers, with it."""

    institutions: int = 1
    officers: int = 1


@dataclass(frozen=True, slots=True)
class Onward:
    """A transfer that left an account, as a bank tells it: to whom, how much, when, its number.

    `of_it_vnd` of the amount were the money that was asked for, where the bank was asked for some.
    """

    account: int
    amount_vnd: int
    booked_us: int
    number: int = 0
    of_it_vnd: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One loss at the end of a race, in VND: `held_vnd` of `lost_vnd` was held.

    `confirmed`: the payer's institution has said in time that the transfer was made.
    """

    scam: int
    lost_vnd: int
    held_vnd: int
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Lap:
    """One strategy at one delay in one province."""

    outcomes: tuple[Outcome, ...]
    requests: int
    innocent_vnd_hours: int


@dataclass(frozen=True, slots=True)
class Spread:
    """95 % intervals of what a row says beside the share held: provinces, of one alone its victims, drawn anew."""

    returned_share: tuple[float, float]
    innocent_vnd_hours: tuple[int, int]
    requests: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RaceRow:
    """One strategy at one delay over all provinces; `low` to `high` is the 95 % interval of `held_share`.

    Of losses reported early, `delay_min` is the longest delay among them. Harm and requests are sums over the
    provinces.
    """

    strategy: Strategy
    delay_min: int
    held_share: float
    returned_share: float
    innocent_vnd_hours: int
    requests: int
    low: float
    high: float
    spread: Spread


@dataclass(frozen=True, slots=True)
class Gain:
    """How much more one way of working holds than another of the same losses, in shares of what was lost.

    `low` to `high` is the 95 % interval of the difference, by the same draws for both.
    """

    strategy: Strategy
    over: Strategy
    delay_min: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RaceResult:
    """Rows by strategy and delay; `early` are those of losses reported within ten minutes, where asked for."""

    rows: tuple[RaceRow, ...]
    gains: tuple[Gain, ...] = ()
    early: tuple[RaceRow, ...] = ()
    early_gain: Gain | None = None
