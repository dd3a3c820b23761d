"""What monitoring speaks of: typologies with their parameters and conditions, and what a row was found to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import Language, Reason
from lachan.monitoring.kernel import layout

ASSUMED = "assumed"
"""The source of a number that nobody has published."""


class MonitoringReason(Reason):
    """Why transfers cannot be scored."""

    NOT_IN_TIME_ORDER = "transfers_not_in_time_order"


class Level(StrEnum):
    """How strong a sign is: to be looked at, or to be stopped before the money moves; either by a person."""

    ALERT = "alert"
    INTERDICT = "interdict"


class Side(StrEnum):
    """One of the two accounts of a transfer."""

    PAYER = "payer"
    PAYEE = "payee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number of a typology: its value for an alert and for an interdict, and where each comes from.

    A source is a mark of the taxonomy ([S23], [H], …), or `assumed`: chosen by this project, to be set from an
    institution's own history.
    """

    name: str
    alert: int
    interdict: int
    source: str
    interdict_source: str


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of a feature with a value: for an alert, and for an interdict. `parameter` names the value."""

    feature: str
    compare: str
    alert: int
    interdict: int
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typology:
    """A pattern of transfers that criminals' accounts show, as one reviewable file.

    `clauses`: all of them must hold; a clause holds when any of its tests does. `reason` is the suspicion reason
    that an approved alert becomes. `about` is whose account behaves so, `suspect` against whom that speaks: the
    payee, where the payer is rather a victim or not the one who pays. `alert_weight` and `interdict_weight` are its
    share of the score; where the latter is 0 it never interdicts. `shown_by` names the transfers that show it,
    `within` how far back they go.
    """

    code: str
    vi: str
    en: str
    explain_vi: str
    explain_en: str
    sentence_vi: str
    sentence_en: str
    about: Side
    suspect: Side
    reason: str
    alert_weight: float
    interdict_weight: float
    parameters: tuple[Parameter, ...]
    clauses: tuple[tuple[Test, ...], ...]
    shown_by: tuple[str, ...]
    within: str
    fires: tuple[str, ...]
    quiet: tuple[str, ...]

    def label(self, language: Language) -> str:
        """The name to show."""
        return self.vi if language is Language.VI else self.en

    def explanation(self, language: Language) -> str:
        """What it is, in plain words."""
        return self.explain_vi if language is Language.VI else self.explain_en

    def sentence(self, language: Language) -> str:
        """The sentence that an officer signs, with features in braces."""
        return self.sentence_vi if language is Language.VI else self.sentence_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much work a row may cost: of each account's list `walk` transfers (≤ 64), of a search `search` steps."""

    walk: int = 32
    search: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A typology that fired: the transfers that show it, by their number in the stream from 0, oldest first.

    `features` is the row's whole set, in their order, from which the sentence is made.
    """

    row: int
    typology: Typology
    level: Level
    transfers: tuple[int, ...]
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What was found about consecutive rows: bit n of `alerts` and `interdicts` is the n-th typology.

    With a model `scores` are its probabilities and `raw` the log odds before calibration; else `raw` is nothing.
    `proof_lines` and `told` are the evidence as the compiled pass writes it; `proofs` reads it. `cut_short`: in how
    many rows a search reached its limits.
    """

    typologies: tuple[Typology, ...]
    scores: NDArray[np.float64]
    raw: NDArray[np.float64]
    alerts: NDArray[np.uint64]
    interdicts: NDArray[np.uint64]
    features: NDArray[np.int64]
    proof_lines: NDArray[np.int64]
    told: NDArray[np.int64]
    cut_short: int

    @property
    def proofs(self) -> Iterator[Proof]:
        """The evidence, in the order of rows and typologies."""
        for line in self.proof_lines:
            shown = line[layout.PROOF_SERIALS : layout.PROOF_SERIALS + line[layout.PROOF_COUNT]].tolist()
            yield Proof(
                row=int(line[layout.PROOF_ROW]),
                typology=self.typologies[line[layout.PROOF_TYPOLOGY]],
                level=Level.INTERDICT if line[layout.PROOF_LEVEL] > 1 else Level.ALERT,
                transfers=tuple(sorted({serial - 1 for serial in shown})),
                features=tuple(self.told[line[layout.PROOF_TOLD]].tolist()),
            )
