"""Models beside the rules: trained, tested on what came later, registered and approved by a second person.

A model gives a probability and says what weighed most. It lists nobody and holds nothing by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lachan.monitoring.models.model import Card, Model, ModelReason, Span

if TYPE_CHECKING:
    from lachan.monitoring.models.backtest import later_rows, measured
    from lachan.monitoring.models.document import as_bytes, model_of, read_model, write_model
    from lachan.monitoring.models.examples import CONTRACT, Examples, Labels, data_hash, labels_of, make_examples
    from lachan.monitoring.models.forest import Forest, from_lightgbm
    from lachan.monitoring.models.training import train

__all__ = [
    "CONTRACT",
    "Card",
    "Examples",
    "Forest",
    "Labels",
    "Model",
    "ModelReason",
    "Span",
    "as_bytes",
    "data_hash",
    "from_lightgbm",
    "labels_of",
    "later_rows",
    "make_examples",
    "measured",
    "model_of",
    "read_model",
    "train",
    "write_model",
]
_HOMES = {
    "CONTRACT": "examples", "Examples": "examples", "Forest": "forest", "Labels": "examples",
    "as_bytes": "document", "data_hash": "examples", "make_examples": "examples",
    "from_lightgbm": "forest", "labels_of": "examples",
    "later_rows": "backtest", "measured": "backtest", "model_of": "document", "read_model": "document",
    "train": "training", "write_model": "document",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
