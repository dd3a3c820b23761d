"""The commands that follow money: trace, reach, rings; their work stands in files of their own."""

from pathlib import Path
from typing import Annotated

import typer

_FILES = "id,time,payer,payee,amount…: CSV, NDJSON, Parquet, XLSX; XML: ISO 20022"
_STREAM = "stream: what institutions sent of late"


def register(app: typer.Typer) -> None:
    """Add them."""
    app.command()(trace)
    app.command()(reach)
    app.command()(rings)


def trace(
    transfers: Annotated[Path, typer.Argument(help=f"{_FILES}; -: NDJSON; {_STREAM}")],
    disputed: Annotated[str, typer.Option(help="the disputed transfers' ids, with commas; each is one loss")],
    rule: Annotated[
        str, typer.Option(help="lifo, fifo, haircut, taint_first, clean_first, poison or bounded")
    ] = "lifo",
    balances: Annotated[Path | None, typer.Option(help="stated openings: account,opening_vnd")] = None,
    as_of: Annotated[str | None, typer.Option(help="count what was booked by then; ISO 8601 with offset")] = None,
    known_at: Annotated[str | None, typer.Option(help="count what was learned by then; the same")] = None,
    floor: Annotated[str | None, typer.Option(help="haircut: smaller tainted parts are diluted; VND")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="of the stream: say again what has changed, each second, until stopped")
    ] = False,
) -> None:
    """Where the disputed money is, by one rule, with the proof that it sums."""
    from lachan.doors.cli.trace import run

    raise typer.Exit(run(transfers, disputed, rule, balances, as_of, known_at, floor, follow=follow))


def reach(
    transfers: Annotated[Path, typer.Argument(help=f"{_FILES}; -: NDJSON; {_STREAM}")],
    disputed: Annotated[str, typer.Option(help="the disputed transfer's id: its payee is where the paths begin")],
    hours: Annotated[int, typer.Option(help="paths end that long after it")] = 48,
    hops: Annotated[int, typer.Option(help="the most transfers of a path")] = 10,
    least: Annotated[str, typer.Option(help="smaller transfers lead nowhere; VND")] = "1",
    most: Annotated[str | None, typer.Option(help="larger transfers lead nowhere; VND")] = None,
) -> None:
    """Whom the disputed money could have reached: every account, the fewest transfers to it, the earliest one."""
    from lachan.doors.cli.reach import run

    raise typer.Exit(run(transfers, disputed, hours, hops, least, most))


def rings(
    source: Annotated[Path, typer.Argument(metavar="TRANSFERS", help=f"{_FILES}; {_STREAM}")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="one row for each member, with what ties it; -: stdout")
    ],
    least: Annotated[str, typer.Option(help="smaller transfers tie nobody; VND")] = "1000000",
    partners: Annotated[
        int, typer.Option(help="who deals with more accounts than that ties nobody: shops, employers")
    ] = 50,
    members: Annotated[int, typer.Option(help="the smallest ring that is told")] = 3,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Accounts that hang together by their transfers, and what ties each of them."""
    from lachan.doors.cli.rings import run

    raise typer.Exit(run(source, target, least, partners, members, strict))
