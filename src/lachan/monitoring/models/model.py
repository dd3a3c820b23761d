"""A model: a forest, what it was trained on, how well it did, and what turns its score into a probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import Reason
from lachan.monitoring.features import NUMBER

if TYPE_CHECKING:
    from lachan.monitoring.models.forest import Forest

FORMAT = "lachan-model-1"
ALERT_CODE, ALERT_REASON = "model", "R8"
"""What a model's own alerts are called where typologies have their codes, and as what suspicion they are listed."""


class ModelReason(Reason):
    """Why a model is not trained, not read, or not used."""

    UNREADABLE = "model_unreadable"
    FEATURES_MISSING = "model_features_missing"
    FEATURES_CHANGED = "model_features_changed"
    TRAINER_MISSING = "model_trainer_missing"
    LABEL_REPEATED = "label_repeated"
    TOO_FEW_LABELS = "model_too_few_labels"
    LABEL_IS_A_COLUMN = "label_is_a_column"
    LABEL_IS_ORDER = "label_is_order"
    LABEL_IS_THE_ACCOUNT = "label_is_the_account"
    NO_LATER_ROWS = "model_no_later_rows"
    ALREADY_REGISTERED = "model_already_registered"
    NOT_AWAITING = "model_not_awaiting_approval"
    NOT_IN_USE = "model_not_in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the stream: from its first to its last transfer, how many, and how many with the label."""

    first: datetime
    last: datetime
    rows: int
    positives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What must be known of a model before somebody lets it score.

    `data_hash`: SHA-256 over both files. `trained`, `calibrated`, `tested` follow each other in time. `metrics` are
    of `tested`. `typologies`: the fingerprint of the typologies and of the features' order it was trained beside.
    """

    made_at: datetime
    data_hash: str
    labels: str
    typologies: str
    seed: int
    trainer: str
    parameters: Mapping[str, Any]
    trained: Span
    calibrated: Span
    tested: Span
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`features` in the forest's order: names of the kernel's, or else columns of the file.

    The probability is 1 / (1 + exp(-(slope · raw + intercept))), as Platt fitted it to the calibrated span.
    `alert`: the raw score from which so many alerts a day as `card.metrics` says would have been given there.
    `baseline`: edges and shares of each feature while it was trained, from which drift is told.
    """

    id: str
    features: tuple[str, ...]
    forest: "Forest"
    slope: float
    intercept: float
    alert: float
    baseline: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    card: Card

    @property
    def further(self) -> tuple[str, ...]:
        """Its features that the kernel does not make: columns that the file must have."""
        return tuple(name for name in self.features if name not in NUMBER)

    def probability(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """The calibrated probability of raw scores."""
        # Beyond ±700 the exponential of a double ends; the probability is 0 or 1 long before.
        logit = np.clip(self.slope * raw + self.intercept, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), np.float64)

    def gathered(self, features: NDArray[np.int64], further: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows in the forest's order, from the kernel's features and the file's further columns."""
        return gathered(self.features, features, further)


def gathered(
    names: tuple[str, ...], features: NDArray[np.int64], further: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The named columns of both tables, in the order of the names; `further` has its own in that order."""
    made = np.empty((len(features), len(names)), np.float64)
    own = iter(range(further.shape[1]))
    for place, name in enumerate(names):
        made[:, place] = features[:, NUMBER[name]] if name in NUMBER else further[:, next(own)]
    return made
