"""administrator: who sits at the console appoints the first one, or a new one when all others are locked out."""

from lachan.bootstrap import build
from lachan.doors.cli.output import out
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Role,
    add_agency,
    add_person,
    agencies,
    grant_role,
    hash_password,
    initial_password,
)
from lachan.foundation.base import VIETNAM, translate
from lachan.foundation.base.settings import Settings

SHORT_NAME_MAX = 60


def administrator(sign_in_name: str, name: str, desk_name: str | None) -> None:
    """Record the person and print a first password, once; the province's desk is made where there is none."""
    services = build(Settings())
    now, password = services.clock.now(), initial_password()
    password_hash = hash_password(password)
    with services.db.unit(now, OPERATOR) as unit:
        desk = next(iter(agencies(unit.conn, "province_desk")), None)
        made = desk is None
        if desk is None:
            called = desk_name or services.settings.instance_name
            today = now.astimezone(VIETNAM).date()
            desk = add_agency(unit, AgencyDraft("province_desk", called, called[:SHORT_NAME_MAX], today))
        person = add_person(unit, PersonDraft(name, sign_in_name), password_hash=password_hash)
        grant_role(unit, person.id, desk.id, Role.ADMINISTRATOR)
    lines = [translate("cli.administrator", out.language, sign_in=person.sign_in_name, password=password)]
    if made:
        lines.append(translate("cli.desk_made", out.language, desk=desk.name))
    out.result({"sign_in_name": person.sign_in_name, "password": password, "desk": desk.name, "made": made}, lines)
