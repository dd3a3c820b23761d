"""Record, rename and end agencies."""

from dataclasses import replace
from datetime import date

from lachan.foundation.access.agencies import rules, store, views
from lachan.foundation.access.agencies.model import Agency, AgencyDraft
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.permissions import Permission, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append


def add_agency(unit: Unit, draft: AgencyDraft, *, agency_id: str | None = None) -> Agency:
    """Record an agency; `agency_id` is given where several instances must name it alike."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    checked = rules.check_draft(draft)
    if checked.parent_id is not None:
        views.agency(unit.conn, checked.parent_id)
    made = agency_id or new_id()
    if store.find(unit.conn, made) is not None:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="agency_id")
    _check_codes_free(unit, made, checked.codes)
    store.insert(unit.conn, made, checked)
    _record(unit, "agency.added", made, {"kind": checked.kind, "codes": list(checked.codes)}, checked.codes)
    return views.agency(unit.conn, made)


def rename_agency(unit: Unit, agency_id: str, name: str, short_name: str) -> Agency:
    """Correct the name of an agency; a new body is a new agency with a successor link."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    before = views.agency(unit.conn, agency_id)
    made = replace(before, name=clean_text(name, "name"), short_name=clean_text(short_name, "short_name", limit=60))
    store.update(unit.conn, agency_id, name=made.name, short_name=made.short_name)
    _record(unit, "agency.renamed", agency_id, {"from": before.name, "to": made.name})
    return made


def set_place(unit: Unit, agency_id: str, place: str) -> Agency:
    """Where the agency sits, as its letters say; empty takes it back."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    before = views.agency(unit.conn, agency_id)
    made = replace(before, place=rules.clean_place(place))
    store.update(unit.conn, agency_id, place=made.place)
    _record(unit, "agency.moved", agency_id, {"from": before.place, "to": made.place})
    return made


def set_phone(unit: Unit, agency_id: str, phone: str) -> Agency:
    """The telephone that is answered at any hour; empty takes it back."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    before = views.agency(unit.conn, agency_id)
    made = replace(before, phone=rules.clean_phone(phone))
    store.update(unit.conn, agency_id, phone=made.phone)
    _record(unit, "agency.phone_set", agency_id, {"from": before.phone, "to": made.phone})
    return made


def set_codes(unit: Unit, agency_id: str, codes: tuple[str, ...]) -> Agency:
    """Give an institution its BINs and provider names; a code belongs to one institution."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    before = views.agency(unit.conn, agency_id)
    cleaned = tuple(sorted({rules.clean_code(code) for code in codes}))
    _check_codes_free(unit, agency_id, cleaned)
    store.replace_codes(unit.conn, agency_id, cleaned)
    data: dict[str, object] = {"from": list(before.codes), "to": list(cleaned)}
    _record(unit, "agency.codes_set", agency_id, data, (*before.codes, *cleaned))
    return replace(before, codes=cleaned)


def end_agency(unit: Unit, agency_id: str, last_day: date, successor_id: str | None) -> Agency:
    """Record that a body ends with `last_day` and who takes over its work."""
    require(unit.actor, Permission.AGENCY_MANAGE)
    before = views.agency(unit.conn, agency_id)
    if last_day < before.valid_from:
        raise BadInput(AccessReason.PERIOD_REVERSED, field="last_day")
    if successor_id is not None:
        successor = views.agency(unit.conn, successor_id)
        rules.check_successor(agency_id, successor, lambda i: store.find(unit.conn, i))
    store.update(unit.conn, agency_id, valid_to=last_day.isoformat(), successor_id=successor_id)
    _record(unit, "agency.ended", agency_id, {"last_day": last_day.isoformat(), "successor": successor_id})
    return replace(before, valid_to=last_day, successor_id=successor_id)


def _check_codes_free(unit: Unit, agency_id: str, codes: tuple[str, ...]) -> None:
    for code in codes:
        if store.id_by_code(unit.conn, code) not in {None, agency_id}:
            raise Conflict(AccessReason.CODE_TAKEN, field="codes", code=code)


def _record(unit: Unit, kind: str, agency_id: str, data: dict[str, object], codes: tuple[str, ...] = ()) -> None:
    # The codes' own rows are sealed too: whoever moves a BIN to another body moves other people's money requests.
    rows = [("agency", agency_id), *(("agency_code", code) for code in codes)]
    append(unit, kind, f"agency:{agency_id}", data, rows=rows)
