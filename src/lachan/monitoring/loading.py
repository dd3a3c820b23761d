"""Reads the typologies: one file each, every key checked, so that a mistake is found when the file is read."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from lachan.foundation.base import InputReason, Language, NotFound, catalogue
from lachan.foundation.taxonomy import suspicion_reason, threshold, vietnam_date
from lachan.monitoring.features import KINDS, NUMBER, WINDOWS
from lachan.monitoring.kernel.layout import COMPARE, SHOWN_BY
from lachan.monitoring.model import Parameter, Side, Test, Typology
from lachan.monitoring.models.model import ALERT_CODE, ALERT_REASON

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = ("vi", "en", "explain_vi", "explain_en", "sentence_vi", "sentence_en")
_KEYS = {
    "code",
    *_TEXTS,
    "about",
    "suspect",
    "reason",
    "score",
    "parameters",
    "when",
    "shown_by",
    "within",
    "fires",
    "quiet",
}
_SOURCES_MAX = 2
_BUILT_IN = {0, 1}


def typologies(on: date | datetime) -> tuple[Typology, ...]:
    """Every typology, in the order of their codes, with the legal thresholds of that day.

    Raises:
        ValueError: a file does not say what a typology needs; the message names file and key.
    """
    return _typologies(vietnam_date(on))


def typology_of(code: str, on: date | datetime) -> Typology:
    """The typology of that code. NotFound `no_such_record` where there is none, or none any more."""
    for one in kinds_of_alerts(on):
        if one.code == code:
            return one
    raise NotFound(InputReason.NO_SUCH_RECORD, field="typology")


def kinds_of_alerts(on: date | datetime) -> tuple[Typology, ...]:
    """What an alert can be of: the typologies, and at the end a model, which is spoken of like one.

    A model has no condition that could be read; it speaks of the payee, or of the payer where that is no account.
    """
    return (*typologies(on), _model(vietnam_date(on)))


@cache
def _model(on: date) -> Typology:
    texts = {
        key: catalogue(Language(key[-2:]))[f"monitoring.model_alert.{key.rpartition('_')[0] or 'name'}"]
        for key in _TEXTS
    }
    return Typology(
        code=ALERT_CODE, **texts, about=Side.PAYEE, suspect=Side.PAYEE,
        reason=suspicion_reason(ALERT_REASON, on).code, alert_weight=0.0, interdict_weight=0.0, parameters=(),
        clauses=(), shown_by=(), within="", fires=(), quiet=(),
    )  # fmt: skip


@cache
def _typologies(on: date) -> tuple[Typology, ...]:
    files = resources.files("lachan.monitoring").joinpath("typologies").iterdir()
    texts = sorted((file.name, file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".yaml"))
    return tuple(typology(text, name.removesuffix(".yaml"), on) for name, text in texts)


def typology(text: str, code: str, on: date) -> Typology:
    """The typology that a file's text describes; `code` must be its own.

    Raises:
        ValueError: as `typologies` says.
    """
    node = yaml.load(text, Loader=_LOADER)  # noqa: S506 (a safe loader, in C)
    if not isinstance(node, dict) or set(node) != _KEYS or node["code"] != code:
        raise ValueError(f"{code}: keys differ: {sorted(set(node or ()) ^ _KEYS)}")
    if any(not isinstance(node[key], str) or not node[key].strip() for key in _TEXTS):
        raise ValueError(f"{code}: a text is missing")
    shown_by, within = tuple(node["shown_by"]), node["within"]
    if not set(shown_by) <= set(SHOWN_BY) or len(shown_by) > _SOURCES_MAX or within not in WINDOWS:
        raise ValueError(f"{code}: shown_by has at most {_SOURCES_MAX} of {SHOWN_BY}, within one of {WINDOWS}")
    score = node["score"]
    alert, interdict = float(score["alert"]), float(score.get("interdict", 0.0))
    if not (0.0 < alert < 1.0 and (interdict == 0.0 or alert <= interdict < 1.0)):
        raise ValueError(f"{code}: scores lie between 0 and 1, the interdict's is not the lower one")
    parameters = {name: _parameter(name, body, code, on) for name, body in node["parameters"].items()}
    clauses = tuple(_clause(item, parameters, code) for item in node["when"])
    used = {name for item in node["when"] for test in item.get("any", [item]) for name in (test.get("value"),)}
    if not clauses or not set(parameters) <= used:
        raise ValueError(f"{code}: no condition, or a parameter that none uses: {sorted(set(parameters) - used)}")
    return Typology(
        code=code, **{key: " ".join(node[key].split()) for key in _TEXTS},
        about=Side(node["about"]), suspect=Side(node["suspect"]),
        reason=suspicion_reason(node["reason"], on).code, alert_weight=alert, interdict_weight=interdict,
        parameters=tuple(parameters.values()), clauses=clauses, shown_by=shown_by, within=within,
        fires=tuple(node["fires"]), quiet=tuple(node["quiet"]),
    )  # fmt: skip


def _parameter(name: str, body: Mapping[str, Any], code: str, on: date) -> Parameter:
    if "threshold" in body:
        return _of_the_law(name, body, code, on)
    if not {"alert", "source"} <= set(body) <= {"alert", "interdict", "source"}:
        raise ValueError(f"{code}.{name}: alert, interdict and source, or a threshold, were expected")
    alert, interdict = body["alert"], body.get("interdict", body["alert"])
    if type(alert) is not int or type(interdict) is not int or not body["source"]:
        raise ValueError(f"{code}.{name}: whole numbers and a source were expected")
    return Parameter(
        name=name, alert=alert, interdict=interdict, source=body["source"], interdict_source=body["source"]
    )


def _of_the_law(name: str, body: Mapping[str, Any], code: str, on: date) -> Parameter:
    """A dated threshold; where an interdict asks for more than the law speaks of, that has a source of its own."""
    row = threshold(body["threshold"], on)
    if set(body) not in ({"threshold"}, {"threshold", "interdict", "source"}):
        raise ValueError(f"{code}.{name}: a threshold, and an interdict with its source, were expected")
    interdict, source = body.get("interdict", row.value), body.get("source", row.source)
    if type(interdict) is not int or not source:
        raise ValueError(f"{code}.{name}: a whole number and a source were expected")
    return Parameter(name=name, alert=row.value, interdict=interdict, source=row.source, interdict_source=source)


def _clause(item: Mapping[str, Any], parameters: Mapping[str, Parameter], code: str) -> tuple[Test, ...]:
    return tuple(_test(test, parameters, code) for test in (item["any"] if set(item) == {"any"} else [item]))


def _test(node: Mapping[str, Any], parameters: Mapping[str, Parameter], code: str) -> Test:
    if set(node) != {"feature", "op", "value"} or node["feature"] not in NUMBER or node["op"] not in COMPARE:
        raise ValueError(f"{code}: not a test: {dict(node)}")
    value = node["value"]
    if value in parameters:
        return Test(node["feature"], node["op"], parameters[value].alert, parameters[value].interdict, value)
    if node["feature"] == "kind" and value in KINDS:
        value = KINDS.index(value)
    # Numbers of substance are parameters, with their source; only yes and no, none and one, need none.
    elif type(value) is not int or value not in _BUILT_IN:
        raise ValueError(f"{code}: {value} is no parameter")
    return Test(node["feature"], node["op"], value, value)
