"""Numbers that the compiled pass itself uses, the same for all typologies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.taxonomy import threshold
from lachan.monitoring.kernel import layout
from lachan.monitoring.model import Limits

_WALK_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """What is near a limit, small, quick, forgotten and asleep.

    `near_limit_vnd`: the largest transfer without a biometric check (dated, from the taxonomy); the band below it
    is a tenth wide. The others are assumed. `small_vnd`: the most that a transfer may be which only tries an
    account. `chain_us`: how soon a quick forward follows. `memory_us`: how long an acquaintance of payer and payee,
    or of payer and device, is remembered. `sleep_us`: what counts as sleep.
    """

    near_limit_vnd: int
    small_vnd: int = 20_000
    chain_us: int = timedelta(minutes=30) // timedelta(microseconds=1)
    memory_us: int = timedelta(days=90) // timedelta(microseconds=1)
    sleep_us: int = timedelta(days=30) // timedelta(microseconds=1)

    @classmethod
    def on(cls, day: date | datetime) -> "Constants":
        """The constants of that day."""
        return cls(near_limit_vnd=threshold("biometric_transfer", day).value)

    def as_array(self, limits: Limits, parts: int = layout.PARTS_ALL) -> NDArray[np.int64]:
        """As the compiled pass reads them. `parts`: what of a row is computed at all.

        Raises:
            ValueError: a limit that the pass has no room for, or a memory shorter than its longest window.
        """
        if not (1 <= limits.walk <= _WALK_MAX and limits.search >= 1 and self.memory_us > layout.US_7D):
            raise ValueError("limits: walk 1 to 64, search from 1, memory above seven days")
        made = np.zeros(layout.SETTING_WORDS, np.int64)
        made[layout.WALK], made[layout.SEARCH] = limits.walk, limits.search
        made[layout.SMALL_VND] = self.small_vnd
        made[layout.NEAR_LOW], made[layout.NEAR_HIGH] = self.near_limit_vnd * 9 // 10, self.near_limit_vnd
        made[layout.CHAIN_US], made[layout.MEMORY_US] = self.chain_us, self.memory_us
        made[layout.WAKE_US_MIN], made[layout.PARTS] = self.sleep_us, parts
        return made
