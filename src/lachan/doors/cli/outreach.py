"""`lachan outreach`: reports that have risen, and how long a script is when it is read aloud."""

from pathlib import Path
from typing import Annotated

import typer

from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import BadInput, InputReason, NotFound, WallClock, translate

app = typer.Typer(no_args_is_help=True, help="Warnings and campaigns.")
_BYTES_MOST = 1_000_000


@app.command("rises")
def rises_command() -> None:
    """The forms of fraud whose reports have risen; 1 if there are any."""
    from lachan.bootstrap import build
    from lachan.foundation.base.settings import Settings
    from lachan.outreach import rises

    services = build(Settings())
    with services.db.read() as conn:
        found = rises(conn, services.clock.now())
    rows = [
        {
            "scam_form": one.scam_form, "recent": one.recent, "expected": round(one.expected, 1),
            "weeks": one.weeks, "one_in": one.one_in,
        }
        for one in found
    ]  # fmt: skip
    lines = [translate("cli.outreach.rise", out.language, **row) for row in rows]
    out.result({"rises": rows}, lines or [translate("cli.outreach.no_rise", out.language)])
    if rows:
        raise typer.Exit(EXIT_NO)


@app.command("measure")
def measure_command(
    channel: Annotated[str, typer.Argument(help="A channel's code: loudspeaker, radio, zalo …")],
    file: Annotated[Path, typer.Argument(help="The text, UTF-8.")],
) -> None:
    """How long a text is on a channel; 1 if it is too long."""
    from lachan.foundation.taxonomy import outreach_channel
    from lachan.outreach import Words, measured

    try:
        content = file.read_bytes()[: _BYTES_MOST + 1]
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="UTF-8") from None
    if len(content) > _BYTES_MOST:
        raise BadInput(InputReason.TOO_LARGE, field=str(file), limit="1 MB")
    try:
        row = outreach_channel(channel, WallClock().now())
    except NotFound:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="channel", value=channel[:40]) from None
    length = measured(Words(text=text), row)
    values = {
        "channel": channel, "unit": length.unit.value, "used": length.used, "most": length.most,
        "characters": length.characters, "syllables": length.syllables, "seconds": length.seconds,
        "fits": length.fits,
    }  # fmt: skip
    out.result(values, [translate(f"cli.outreach.length_{length.unit.value}", out.language, **values)])
    if not length.fits:
        raise typer.Exit(EXIT_NO)
