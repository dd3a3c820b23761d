"""trail verify, trail export."""

from pathlib import Path

from lachan.bootstrap import build, prepare
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import BadInput, InputReason, WallClock, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.trail import Head, Verification, export, rotate_key, verify, verify_export


def verify_command(file: Path | None, heads: list[str], keys: list[str]) -> int:
    """0 intact, 1 not; every finding names its place."""
    kept = [_head(text) for text in heads]
    if file is not None:
        try:
            with file.open("rb") as source:
                result = verify_export(source, kept, keys)
        except OSError as error:
            raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="NDJSON") from error
    else:
        services = build(Settings())
        with services.db.read() as conn:
            result = verify(conn, keys or [services.seal_key.public_text], kept)
    out.result(_values(result), _lines(result))
    return 0 if result.intact else EXIT_NO


def export_command(file: Path) -> None:
    """Write the sealed trail to a file."""
    services = build(Settings())
    with services.db.read() as conn, file.open("wb") as target:
        lines = export(conn, services.seal_key, services.settings.instance, target)
    out.result(
        {"lines": lines, "file": str(file)}, [translate("cli.exported", out.language, lines=lines, file=file)]
    )


def rotate_command(old_key_lost: bool, reason: str, old_key: str | None) -> None:
    """Make the next seal key and hand over to it; a running sealer goes on with it by itself."""
    if not old_key_lost and (reason or old_key):
        raise BadInput(InputReason.MISSING, field="--old-key-lost")
    settings = Settings()
    # Not `build`: where the key is lost there is none to start with.
    db = prepare(settings)
    made = rotate_key(
        db, settings.home / "keys", actor=OPERATOR, now=settings.effective_clock.now(),
        wall_now=WallClock().now(), lost_because=reason if old_key_lost else None, old_public=old_key,
    )  # fmt: skip
    out.result(
        {"old_key": made.old_key, "new_key": made.new_key, "lost_because": made.lost_because},
        [translate("cli.key_rotated", out.language, old=made.old_key, new=made.new_key)],
    )


def _head(text: str) -> Head:
    sequence, _, digest = text.partition(":")
    if not sequence.isascii() or not sequence.isdigit() or not digest:
        raise BadInput(InputReason.MALFORMED, field="--head", expected="SEQUENCE:HASH")
    return Head(int(sequence), digest)


def _values(result: Verification) -> dict[str, object]:
    return {
        "verified": result.intact,
        "facts": result.facts,
        "checkpoints": result.checkpoints,
        "unsealed": result.unsealed,
        "rows_checked": result.rows_checked,
        "head": {"sequence": result.head.sequence, "hash": result.head.hash} if result.head else None,
        "findings": [{"reason": f.reason, "place": f.place, "where": f.where} for f in result.findings],
    }


def _lines(result: Verification) -> list[str]:
    lines = [
        translate("cli.verified" if result.intact else "cli.not_verified", out.language,
                  facts=result.facts, checkpoints=result.checkpoints, rows=result.rows_checked),
    ]  # fmt: skip
    if result.head:
        lines.append(f"{result.head.sequence}:{result.head.hash}")
    lines += [f"{f.place} {f.where}: {translate(f'reason.{f.reason}', out.language)}" for f in result.findings]
    return lines
