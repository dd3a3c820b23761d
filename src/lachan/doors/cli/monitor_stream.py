"""`lachan monitor stream …`: put a file onto the stream, judge it, and see how far it is."""

import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import translate

if TYPE_CHECKING:
    from lachan.bootstrap import Services

app = typer.Typer(no_args_is_help=True, help="Transfers as they come: publish, judge, see how far it is.")
_LISTED = 100


@app.command()
def publish(
    transfers: Annotated[
        Path, typer.Argument(help="id,time,payer,payee,amount…: CSV, NDJSON, Parquet, XLSX; -: NDJSON")
    ],
    key: Annotated[
        str, typer.Option(help="names the file: the same again adds nothing; default: its content")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Put a file's transfers onto the stream, in the order of time. 1 if rows could not be used."""
    from lachan.doors.cli.monitor import cells, list_rejected, readable
    from lachan.doors.cli.rejects import Rejects
    from lachan.foundation.documents.sheets import STANDARD
    from lachan.ledger import read_transfers
    from lachan.monitoring import FURTHER
    from lachan.monitoring.stream import messages_of

    services = _services()
    with readable(transfers) as path:
        found = read_transfers(path, strict=strict)
        name = key or _digest(path)
        further: Mapping[int, Mapping[str, Any]] = cells(path, set(FURTHER))
    source = services.stream
    sequences: list[int] = []
    for number, part in enumerate(_parts(messages_of(found.transfers, further, "file", services.clock.now()))):
        sequences += source.publish(part, f"file:{name}:{number}")
    with Rejects(STANDARD) as rejects:
        list_rejected(found.rejected, rejects)
    values = {
        "transfers": len(found.transfers), "messages": len(sequences), "sequence": max(sequences, default=0),
        "rejected": len(found.rejected),
    }  # fmt: skip
    out.result(values, [translate("streams.published", out.language, **values)])
    if found.rejected:
        raise typer.Exit(EXIT_NO)


@app.command()
def follow(
    until_caught_up: Annotated[bool, typer.Option("--until-caught-up", help="end when all is judged")] = False,
) -> None:
    """Judge the stream, as its owner or as a stand-by of the owner, until stopped."""
    from lachan.monitoring.stream import GRAPH, Processor

    services = _services()
    source = services.open_stream(GRAPH)
    processor = Processor(services.db, services.clock, source, services.stream_folder)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        if until_caught_up:
            processor.recover()
            while not stop.is_set() and processor.sequence < source.last():
                processor.step()
            processor.snapshot()
        else:
            processor.run(stop)
    finally:
        source.close()
    _say(services)


@app.command()
def state() -> None:
    """How far each owner of the stream has come, and what waits."""
    _say(_services())


@app.command("dead-letters")
def dead_letters() -> None:
    """What could not be judged, newest first, with its reason."""
    from lachan.monitoring.stream import dead_letters_of

    with _services().db.read() as conn:
        letters = dead_letters_of(conn, _LISTED)
    out.records([{**one, "at": one["at"].isoformat()} for one in letters])


def _services() -> "Services":
    # Not before it is needed: every command starts by reading this file.
    from lachan.bootstrap import build
    from lachan.foundation.base.settings import Settings

    return build(Settings())


def _say(services: "Services") -> None:
    from lachan.monitoring.stream import progress

    rows = progress(services.db, services.stream)
    lines = [translate("streams.state", out.language, **row) for row in rows]
    out.result({"owners": rows}, lines or [translate("streams.nobody", out.language)])


def _parts(messages: Iterator[bytes], size: int = 100) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    for message in messages:
        part.append(message)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
