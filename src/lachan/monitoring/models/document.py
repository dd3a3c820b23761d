"""A model as a file: one JSON document, read value by value. Nothing in it is ever executed."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from lachan.foundation.base import BadInput, InputReason
from lachan.monitoring.features import FEATURES, NUMBER
from lachan.monitoring.models.forest import forest_of
from lachan.monitoring.models.model import FORMAT, Card, Model, ModelReason, Span

_SIZE_MAX = 256 * 2**20
_KEYS = {"format", "features", "kernel_features", "forest", "slope", "intercept", "alert", "baseline", "card"}
_SPAN_KEYS = {"first", "last", "rows", "positives"}


def write_model(model: Model, path: Path) -> None:
    """Put the model into a file, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(as_bytes(model))
        part.replace(path)
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected="JSON") from error
    finally:
        part.unlink(missing_ok=True)


def as_bytes(model: Model) -> bytes:
    """The document; the same model gives the same bytes."""
    card = asdict(model.card)
    return orjson.dumps({
        "format": FORMAT,
        "card": card,
        "features": list(model.features),
        "kernel_features": [one.name for one in FEATURES],
        "slope": model.slope,
        "intercept": model.intercept,
        "alert": model.alert,
        "baseline": [[list(edges), list(shares)] for edges, shares in model.baseline],
        "forest": model.forest.document(),
    })  # fmt: skip


def digest(content: bytes) -> str:
    """A document's name: the first 16 digits of its SHA-256."""
    return sha256(content).hexdigest()[:16]


def read_model(path: Path) -> Model:
    """The model of a file.

    Raises:
        BadInput: `unreadable_file`, `model_unreadable` with the place, or `model_features_changed` where it was
            trained on features that this version does not make.
    """
    try:
        if path.stat().st_size > _SIZE_MAX:
            raise BadInput(ModelReason.UNREADABLE, field=str(path))
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(path), expected="JSON") from error
    return model_of(content, str(path))


def model_of(content: bytes, field: str = "model") -> Model:
    """The model of a document's bytes; its id is their digest. Refuses as `read_model` does."""
    try:
        node = orjson.loads(content)
        if not isinstance(node, dict) or node.get("format") != FORMAT or set(node) != _KEYS:
            raise BadInput(ModelReason.UNREADABLE, field=field)
        made, names = frozenset(_texts(node["kernel_features"])), _texts(node["features"])
        # A feature of the kernel that is gone would be taken for a column of the file, and a column whose name the
        # kernel uses by now for its feature: either would score nonsense.
        if any((name in made) != (name in NUMBER) for name in names):
            raise BadInput(ModelReason.FEATURES_CHANGED, field=field)
        baseline = tuple((_floats(edges), _floats(shares)) for edges, shares in node["baseline"])
        if len(baseline) != len(names) or any(len(shares) != len(edges) + 2 for edges, shares in baseline):
            raise BadInput(ModelReason.UNREADABLE, field=f"{field}: baseline")
        slope, intercept, alert = _floats([node[key] for key in ("slope", "intercept", "alert")])
        return Model(
            id=digest(content), features=names, forest=forest_of(node["forest"], len(names)),
            slope=slope, intercept=intercept, alert=alert, baseline=baseline, card=_card(node["card"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadInput(ModelReason.UNREADABLE, field=field) from error


def _card(node: Mapping[str, Any]) -> Card:
    texts = {name: node[name] for name in ("data_hash", "labels", "typologies", "trainer")}
    if not all(isinstance(one, str) for one in texts.values()) or type(node["seed"]) is not int:
        raise ValueError("card")
    if not isinstance(node["parameters"], dict) or not isinstance(node["metrics"], dict):
        raise ValueError("card")
    return Card(
        made_at=_instant(node["made_at"]), seed=node["seed"], parameters=node["parameters"],
        metrics=node["metrics"], **texts, trained=_span(node["trained"]), calibrated=_span(node["calibrated"]),
        tested=_span(node["tested"]),
    )  # fmt: skip


def _span(node: Mapping[str, Any]) -> Span:
    if set(node) != _SPAN_KEYS or type(node["rows"]) is not int or type(node["positives"]) is not int:
        raise ValueError("span")
    return Span(
        first=_instant(node["first"]), last=_instant(node["last"]), rows=node["rows"], positives=node["positives"]
    )


def _instant(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    if made.tzinfo is None:
        raise ValueError("an instant without its offset")
    return made


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one for one in values):
        raise ValueError("names")
    if len(set(values)) != len(values):
        raise ValueError("a name twice")
    return tuple(values)


def _floats(values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or any(
        type(one) not in (int, float) or not math.isfinite(one) for one in values
    ):
        raise ValueError("numbers")
    return tuple(float(one) for one in values)
