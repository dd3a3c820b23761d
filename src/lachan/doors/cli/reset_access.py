"""reset-access: a lost password or telephone where no second administrator could confirm."""

from lachan.bootstrap import build
from lachan.doors.cli.output import out
from lachan.foundation.access import (
    OPERATOR,
    ResetKind,
    hash_password,
    initial_password,
    people,
    reset_at_console,
)
from lachan.foundation.base import BadInput, InputReason, NotFound, translate
from lachan.foundation.base.settings import Settings


def reset_access(sign_in_name: str, password: bool, second_factor: bool) -> None:
    """Set anew what was asked for; the person is told at the next sign-in who did it."""
    if not (password or second_factor):
        raise BadInput(InputReason.MISSING, field="--password")
    services = build(Settings())
    made = initial_password() if password else None
    hashed = hash_password(made) if made else None
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        found = next((one for one in people(unit.conn) if one.sign_in_name == sign_in_name.strip().lower()), None)
        if found is None:
            raise NotFound(InputReason.NO_SUCH_RECORD, field="SIGN_IN_NAME")
        if password:
            reset_at_console(unit, found.id, ResetKind.PASSWORD, hashed)
        if second_factor:
            reset_at_console(unit, found.id, ResetKind.SECOND_FACTOR)
    name = found.sign_in_name
    lines = [translate("cli.administrator", out.language, sign_in=name, password=made)] if made else []
    if second_factor:
        lines.append(translate("cli.second_factor_reset", out.language, sign_in=name))
    out.result({"sign_in_name": name, "password": made, "second_factor_reset": second_factor}, lines)
