"""A kind's form: its fields drawn with what was typed and what is wrong, and read back; files are kept at once.

A file that was sent with a form that is refused for something else need not be sent again: a sealed note of it goes
along with the form.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy.engine import Connection
from starlette.datastructures import UploadFile

from lachan.activities import Fault, evidence, saying
from lachan.activities.reading import NO, YES
from lachan.doors.web.activities.common import Names
from lachan.doors.web.activities.shapes import FieldView, KeptFile
from lachan.doors.web.agency_search import AgencyBox, agency_box
from lachan.doors.web.visit import Form, Visit
from lachan.foundation.access import agency
from lachan.foundation.base import BadInput, LachanError, NotReady
from lachan.foundation.taxonomy import (
    ActivityField,
    FieldType,
    FileSort,
    communes_of,
    vietnam_date,
)
from lachan.response.shapes import Choice, Field, Message

_USE = "activity_file"
_ACCEPT = {
    FileSort.PHOTO: "image/jpeg,image/png,image/webp", FileSort.DOCUMENT: ".pdf,.docx,.xlsx",
    FileSort.SOUND: ".mp3,.m4a,.ogg,.wav",
}  # fmt: skip
_FILES_MOST = 6
# A small table has this many empty rows to fill in.
_BLANK_ROWS = 3


def given_of(visit: Visit, form: Form, fields: Iterable[ActivityField]) -> tuple[dict[str, Any], list[Fault]]:
    """What was typed, by field, and files that were refused."""
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in fields:
        if one.type is FieldType.CHOICES:
            given[one.code] = [each.code for each in one.choices if form.text(f"{one.code}.{each.code}")]
        elif one.type is FieldType.TABLE:
            given[one.code] = [
                {column.code: form.text(f"{one.code}.{row}.{column.code}") for column in one.columns}
                for row in range(one.max or 30)
                if any(f"{one.code}.{row}.{column.code}" in form.fields for column in one.columns)
            ]
        elif one.type is FieldType.FILE:
            given[one.code] = _files(visit, form, one, faults)
        else:
            given[one.code] = form.text(one.code)
    return given, faults


def views_of(
    visit: Visit, fields: Iterable[ActivityField], given: Mapping[str, Any], faults: Iterable[Fault]
) -> tuple[FieldView, ...]:  # fmt: skip
    """The fields as the form draws them."""
    wrong = {(fault.field, fault.row): fault for fault in faults}
    return tuple(_view(visit, one, one.code, given.get(one.code), wrong, None) for one in fields)


def typed_of(fields: Iterable[ActivityField], values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """What a record holds, as it would be typed: for a correction."""
    made: dict[str, Any] = {}
    for one in fields:
        value = values.get(one.code)
        if one.type is FieldType.TABLE:
            made[one.code] = [
                {column.code: saying.typed(column, row.get(column.code), names.agency) for column in one.columns}
                for row in value or []
            ]
        elif one.type in {FieldType.CHOICES, FieldType.FILE}:
            made[one.code] = value or []
        else:
            made[one.code] = saying.typed(one, value, names.agency)
    return made


def told(visit: Visit, fields: Iterable[ActivityField], given: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, field by field in words: for who cannot send it any more, or compares it."""
    return {one.code: _told(visit, one, given.get(one.code)) for one in fields}


def _told(visit: Visit, one: ActivityField, given: Any) -> str:
    if one.type is FieldType.TABLE:
        rows = (
            " · ".join(filter(None, (str(row.get(each.code) or "") for each in one.columns))) for row in given or ()
        )
        return "\n".join(filter(None, rows))
    if one.type is FieldType.FILE:
        return "\n".join(str(each["name"]) for each in given or ())
    chosen = [each.text for each in _choices(one, given, visit) if each.chosen]
    return ", ".join(chosen) if chosen or not isinstance(given, str) else given


def places(conn: Connection, visit: Visit) -> tuple[tuple[str, ...], AgencyBox]:
    """The communes of the viewer's province, and the agencies there are, to choose from while typing."""
    mine = agency(conn, visit.actor.agency_id).province_code if visit.actor.agency_id else None
    return tuple(one.name for one in communes_of(mine or "")), agency_box(conn, vietnam_date(visit.now))


def _view(
    visit: Visit, one: ActivityField, name: str, given: Any, wrong: Mapping[tuple[str, int | None], Fault],
    row: int | None,
) -> FieldView:  # fmt: skip
    code = name if row is None else f"{name.split('.')[0]}.{one.code}"
    fault = wrong.get((code, row))
    error = (
        Message("web.activities.as_it_is", {"text": saying.fault_text(fault, visit.language)}) if fault else None
    )
    unit = "đồng" if one.type is FieldType.MONEY else one.unit(visit.language)
    label = one.label(visit.language) + (f" ({unit})" if unit and unit != one.label(visit.language).lower() else "")
    value = given if isinstance(given, str) else ""
    rows: tuple[tuple[FieldView, ...], ...] = ()
    if one.columns:
        have = list(given or [])
        most = one.max or 30
        count = min(most, max(len(have) + 1, _BLANK_ROWS, one.min or 0))
        rows = tuple(
            tuple(
                _view(
                    visit, column, f"{one.code}.{at}.{column.code}",
                    have[at].get(column.code) if at < len(have) else None, wrong, at + 1,
                )
                for column in one.columns
            )
            for at in range(count)
        )  # fmt: skip
    return FieldView(
        name, one.type.value, label, one.hint(visit.language) or one.pattern_words(visit.language),
        one.required if row is None else one.required and row == 1, Field(value, error),
        _choices(one, given, visit), tuple(_note(visit, each) for each in given or ()) if one.accepts else (),
        ",".join(_ACCEPT[each] for each in one.accepts), _listed(one), rows,
    )  # fmt: skip


def _choices(one: ActivityField, given: Any, visit: Visit) -> tuple[Choice, ...]:
    chosen = given if isinstance(given, list) else [given]
    among = (YES, NO) if one.type is FieldType.YES_NO else one.choices
    return tuple(Choice(each.code, text=each.label(visit.language), chosen=each.code in chosen) for each in among)


def _listed(one: ActivityField) -> str:
    return {FieldType.COMMUNE: "communes", FieldType.AGENCY: "agencies"}.get(one.type, "")


def _note(visit: Visit, value: Mapping[str, Any]) -> KeptFile:
    return KeptFile(visit.services.secret.seal(_USE, orjson.dumps(dict(value)).decode()), str(value["name"]))


def _files(visit: Visit, form: Form, one: ActivityField, faults: list[Fault]) -> list[dict[str, Any]]:
    """Those kept before and still ticked, and those sent now."""
    found: list[dict[str, Any]] = []
    for sealed in form.fields.getlist(f"kept.{one.code}"):
        try:
            found.append(orjson.loads(visit.services.secret.unseal(_USE, str(sealed))))
        except NotReady:
            continue
    for sent in form.fields.getlist(one.code):
        if not isinstance(sent, UploadFile) or not sent.filename:
            continue
        try:
            if len(found) >= (one.max or _FILES_MOST):
                break
            content = sent.file.read()
            kept = evidence.keep(visit.services.settings.home, sent.filename, content, one.accepts)
            found.append(kept.as_value())
        except BadInput as error:
            faults.append(Fault(one.code, error.reason, error.params))
    return list({each["sha256"]: each for each in found}.values())


def faults_of(error: LachanError) -> tuple[Fault, ...]:
    """The faults of a refusal, each at its field."""
    return getattr(error, "faults", ()) or (Fault(error.field or "", error.reason, error.params),)
