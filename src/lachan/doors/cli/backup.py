"""backup, restore."""

from pathlib import Path

from lachan.bootstrap import build, prepare
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import translate
from lachan.foundation.base.settings import FILES, Settings
from lachan.foundation.storage.backup import IDENTITY, restore_backup, take_backup
from lachan.foundation.trail import append, verify


def backup(file: Path) -> None:
    """Take a backup and record that it was taken."""
    from lachan.foundation.base import SYSTEM

    services = build(Settings())
    counts = take_backup(
        services.db, services.keys_folder, services.settings.home / FILES, file, now=services.clock.now()
    )
    rows = sum(counts.values())
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        append(unit, "backup.taken", "instance", {"rows": rows, "bytes": file.stat().st_size})
    out.result(
        {"file": str(file), "rows": rows, "tables": counts, "bytes": file.stat().st_size},
        [translate("cli.backed_up", out.language, rows=rows, file=file)],
    )


def restore(file: Path, identity: Path | None) -> int:
    """Restore into an empty home; 0 if the restored trail verifies."""
    settings = Settings()
    db = prepare(settings)
    keys = settings.home / "keys"
    counts = restore_backup(db, keys, settings.home / FILES, file, identity or keys / IDENTITY)
    db.close()
    services = build(settings)
    with services.db.read() as conn:
        result = verify(conn, [services.seal_key.public_text])
    rows = sum(counts.values())
    out.result(
        {"file": str(file), "rows": rows, "trail_verified": result.intact, "facts": result.facts},
        [
            translate("cli.restored", out.language, rows=rows, file=file),
            translate(f"demo.{'intact' if result.intact else 'broken'}", out.language),
        ],
    )
    return 0 if result.intact else EXIT_NO
