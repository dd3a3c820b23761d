"""registry copies: who holds a copy of the list, and under which key."""

from rich.console import Console
from rich.table import Table

from lachan.bootstrap import Services, build
from lachan.doors.cli.output import out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import VIETNAM, translate
from lachan.foundation.base.settings import Settings
from lachan.screening.copies import CopyKey, GrantedKey, copy_keys, grant_copy, revoke_copy, rotate_copy

_COLUMNS = ("recipient", "key_id", "contract", "made", "taken", "state")


def list_command() -> None:
    """Every key that was ever granted; never the keys themselves."""
    services = build(Settings())
    with services.db.read() as conn:
        keys = copy_keys(conn)
    if out.json:
        out.result([_values(key) for key in keys], [])
    elif not keys:
        out.say(translate("cli.copy_none", out.language))
    else:
        table = Table(*(translate(f"cli.copy_{column}", out.language) for column in _COLUMNS))
        for key in keys:
            table.add_row(*_row(key))
        Console().print(table)


def grant_command(code: str, contract: str) -> None:
    """Let an institution hold a copy; prints its key once."""
    services = build(Settings())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        granted = grant_copy(unit, services.secret, code, contract)
    _show(services, granted)


def rotate_command(code: str) -> None:
    """Another key under the same agreement; prints it once."""
    services = build(Settings())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        granted = rotate_copy(unit, services.secret, code)
    _show(services, granted)


def revoke_command(code: str, note: str) -> None:
    """Hand an institution nothing more."""
    services = build(Settings())
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        ended = revoke_copy(unit, code, note)
    said = {"recipient": ended.recipient, "key_id": ended.key_id}
    out.result(said, [translate("cli.copy_revoked", out.language, **said)])


def _show(services: Services, granted: GrantedKey) -> None:
    said = {"recipient": granted.recipient, "key": granted.key.hex(), "key_id": granted.key_id}
    centers = [key.public.as_text() for key in services.issuer_keys]
    out.result(
        said | {"center_keys": centers},
        [
            translate("cli.copy_key", out.language, **said),
            *(translate("cli.copy_center_key", out.language, key=key) for key in centers),
        ],
    )


def _values(key: CopyKey) -> dict[str, object]:
    return {
        "recipient": key.recipient, "key_id": key.key_id, "contract": key.contract,
        "made_at": key.made_at.isoformat(), "made_by": key.made_by,
        "taken_number": key.taken_number, "taken_at": key.taken_at.isoformat() if key.taken_at else None,
        "state": key.end.value if key.end else "living",
        "ended_at": key.ended_at.isoformat() if key.ended_at else None, "ended_by": key.ended_by, "note": key.note,
    }  # fmt: skip


def _row(key: CopyKey) -> list[str]:
    taken = f"{key.taken_number} · {_time(key)}" if key.taken_at else "–"
    state = translate(f"cli.copy_state_{key.end.value if key.end else 'living'}", out.language)
    made = f"{key.made_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    return [key.recipient, key.key_id, key.contract, made, taken, state]


def _time(key: CopyKey) -> str:
    return f"{key.taken_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if key.taken_at else ""
