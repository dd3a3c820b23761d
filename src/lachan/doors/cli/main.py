"""All commands; each one's work stands in a file of its own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lachan.doors.cli import activities_commands, ledger_commands, monitor_alerts, tracing_commands
from lachan.doors.cli.monitor_stream import app as stream_app
from lachan.doors.cli.monitoring import app as monitor_app
from lachan.doors.cli.output import out
from lachan.doors.cli.outreach import app as outreach_app
from lachan.doors.cli.plan_commands import app as plan_app
from lachan.foundation.base import LachanError, Language

app = typer.Typer(
    name="lachan", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help starts in half the time
    help="Lá Chắn: from a victim's report to money held, in seconds.",
)  # fmt: skip
trail_app = typer.Typer(no_args_is_help=True, help="Verify or export the sealed trail.")
app.add_typer(trail_app, name="trail")
registry_app = typer.Typer(no_args_is_help=True, help="What is suspected: lists in and out, and one look-up.")
app.add_typer(registry_app, name="registry")
app.add_typer(ledger_commands.app, name="ledger")
app.add_typer(activities_commands.app, name="activities")
app.add_typer(plan_app, name="plan")
app.add_typer(monitor_app, name="monitor")
app.add_typer(outreach_app, name="outreach")
monitor_alerts.register(monitor_app)
tracing_commands.register(app)
monitor_app.add_typer(stream_app, name="stream")
copies_app = typer.Typer(no_args_is_help=True, help="Who may hold a copy of the list, and under which key.")
registry_app.add_typer(copies_app, name="copies")


@app.callback()
def options(
    json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout, nothing else")] = False,
    language: Annotated[Language, typer.Option("--language", help="language of messages")] = Language.VI,
) -> None:
    """Options of every command."""
    out.json = json
    out.language = language


@app.command()
def init() -> None:
    """Make folder, keys and tables; safe to repeat."""
    from lachan.doors.cli.system import init as run

    run()


@app.command()
def administrator(
    sign_in_name: Annotated[str, typer.Argument(help="for example lan.nguyen")],
    name: Annotated[str, typer.Argument(help="the person's name")],
    desk: Annotated[str | None, typer.Option(help="name of the province's desk, if it must be made")] = None,
) -> None:
    """Appoint an administrator at the machine's console; prints a first password once."""
    from lachan.doors.cli.administrator import administrator as run

    run(sign_in_name, name, desk)


@app.command("reset-access")
def reset_access(
    sign_in_name: Annotated[str, typer.Argument(help="for example lan.nguyen")],
    password: Annotated[bool, typer.Option("--password", help="a new first password, printed once")] = False,
    second_factor: Annotated[bool, typer.Option("--second-factor", help="the person enrols anew")] = False,
) -> None:
    """Set a lost password or second factor anew at the machine's console; recorded, and the person is told."""
    from lachan.doors.cli.reset_access import reset_access as run

    run(sign_in_name, password, second_factor)


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8040,
    with_worker: Annotated[bool, typer.Option(help="also run a worker in this process's care")] = True,
) -> None:
    """Serve API and pages, with a worker beside it."""
    from lachan.doors.cli.system import serve as run

    run(host, port, with_worker)


@app.command()
def worker(only: Annotated[str, typer.Option(help="all, jobs, registry, seal or stream")] = "all") -> None:
    """Run due jobs, deliveries and the sealer."""
    from lachan.doors.cli.system import worker as run

    run(only)


@app.command()
def check() -> None:
    """Report readiness, migrations, trail, queues and clocks."""
    from lachan.doors.cli.system import check as run

    raise typer.Exit(run())


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="file to write, encrypted")]) -> None:
    """Take an encrypted, consistent backup while the system runs."""
    from lachan.doors.cli.backup import backup as run

    run(file)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="a backup")],
    identity: Annotated[Path | None, typer.Option(help="the key that opens it; default: this home's")] = None,
) -> None:
    """Read a backup into a new, empty instance, then verify its trail."""
    from lachan.doors.cli.backup import restore as run

    raise typer.Exit(run(file, identity))


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="print the result and end")] = False,
    ledger: Annotated[Path | None, typer.Option(help="folder with AMLSim's nodes.csv, transactions.csv")] = None,
    seed: int = 1,
    first_step: Annotated[int | None, typer.Option(help="first step of the ledger to run")] = None,
    steps: Annotated[int | None, typer.Option(help="how many steps of the ledger to run")] = None,
    factor: Annotated[float | None, typer.Option(help="simulated seconds a second")] = None,
    port: Annotated[int, typer.Option(help="port of the pages; 0: any free one")] = 8040,
) -> None:
    """The golden hour on a sandbox province of twelve institutions."""
    from lachan.doors.cli.demo import run

    raise typer.Exit(
        run(
            headless=headless,
            ledger=ledger,
            seed=seed,
            first_step=first_step,
            steps=steps,
            factor=factor,
            port=port,
        )
    )


@app.command()
def identify(
    text: Annotated[str | None, typer.Argument(help="a text, or - for stdin")] = None,
    image: Annotated[Path | None, typer.Option(help="a picture with a QR code")] = None,
) -> None:
    """Read accounts, phones, links and other identifiers out of a text or picture."""
    from lachan.doors.cli.identify import run

    source = sys.stdin.read() if text == "-" or (text is None and image is None) else text
    out.records(run(source, image))


@app.command()
def screen(
    source: Annotated[Path, typer.Argument(metavar="IN", help="CSV, NDJSON, Parquet or XLSX; -: NDJSON on stdin")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="the same with verdict and reasons; -: stdout")],
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Give every row of a file its verdict: column key, or kind and value."""
    from lachan.doors.cli.screen import run

    raise typer.Exit(run(source, target, strict))


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="OUTDIR", help="an empty folder, or one made by this command")],
    people: Annotated[int, typer.Option(help="residents of the province")] = 10_000,
    days: Annotated[int, typer.Option(help="days of its life")] = 30,
    seed: Annotated[int, typer.Option(help="another seed, another province")] = 1,
    start: Annotated[str, typer.Option(help="the first day; Tết falls on 2026-02-17")] = "2026-01-05",
) -> None:
    """Make a province with people, money, scam gangs, and the whole truth about them, as Parquet files."""
    from lachan.doors.cli.simulate import run

    run(folder, people, days, seed, start)


@app.command()
def race(
    province: Annotated[int, typer.Option(help="residents of each of the provinces that are raced")] = 5_000,
    delay: Annotated[list[int] | None, typer.Option(help="minutes from payment to report; may repeat")] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="letters, hop_by_hop, bounded, …; may repeat")] = None,
    page: Annotated[Path | None, typer.Option(help="write the result as a page with plots, too")] = None,
) -> None:
    """Race ways of working against the same thefts: what share is held, and what it costs the innocent."""
    from lachan.doors.cli.race import run

    run(province, delay or [], strategy or [], page)


@app.command()
def conform(
    url: Annotated[str, typer.Argument(help="the webhook address of an institution's test environment")],
    code: Annotated[str, typer.Option(help="the institution's code, for example its BIN")],
    institution_key: Annotated[list[str] | None, typer.Option(help="its public key, whpk_…; may repeat")] = None,
    key_file: Annotated[Path | None, typer.Option(help="the kit's own key; made when missing")] = None,
    host: Annotated[str, typer.Option(help="address on which replies are awaited")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port on which replies are awaited; 0: any free one")] = 0,
) -> None:
    """Test an institution's end point against the open protocol; names every broken rule."""
    from lachan.doors.cli.conform import conform as run

    raise typer.Exit(run(url, code, institution_key or [], key_file, host, port))


@trail_app.command("verify")
def trail_verify(
    file: Annotated[Path | None, typer.Argument(help="an export; without it, this instance's trail")] = None,
    head: Annotated[list[str] | None, typer.Option(help="a head kept from earlier, SEQUENCE:HASH")] = None,
    key: Annotated[list[str] | None, typer.Option(help="a public seal key known from elsewhere")] = None,
) -> None:
    """Recompute the trail; name every changed, removed, inserted or reordered fact."""
    from lachan.doors.cli.trail import verify_command as run

    raise typer.Exit(run(file, head or [], key or []))


@trail_app.command("export")
def trail_export(file: Annotated[Path, typer.Argument(help="NDJSON file to write")]) -> None:
    """Write the sealed trail for a stranger to verify."""
    from lachan.doors.cli.trail import export_command as run

    run(file)


@registry_app.command("import")
def registry_import(
    file: Annotated[Path, typer.Argument(help="CSV, NDJSON, Parquet, XLSX or lines; -: NDJSON on stdin")],
    feed: Annotated[str, typer.Option(help="chongluadao, hostsvn, openphish, claims, bank_monthly, …")],
    agency: Annotated[str | None, typer.Option(help="code of the agency that claims, where rows name none")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Import a list: add, update, delist what is gone; the same file again changes nothing."""
    from lachan.doors.cli.registry import import_command as run

    raise typer.Exit(run(file, feed, agency, strict))


@registry_app.command("export")
def registry_export(
    file: Annotated[str, typer.Argument(help="CSV, NDJSON, Parquet or XLSX by ending; -: NDJSON to stdout")] = "-",
    purpose: Annotated[str, typer.Option(help="what for; it is recorded")] = "console",
) -> None:
    """Write every entry in force; purpose and count are recorded in the trail."""
    from lachan.doors.cli.registry import export_command as run

    run(file, purpose)


@registry_app.command("check")
def registry_check(
    key: Annotated[str, typer.Argument(help="KIND:VALUE, or what names one thing")],
) -> None:
    """The verdict about one identifier. 0: clear, 1: suspected."""
    from lachan.doors.cli.registry import check_command as run

    raise typer.Exit(run(key))


@copies_app.command("list")
def copies_list() -> None:
    """Every institution that holds, or held, a copy; never the keys themselves."""
    from lachan.doors.cli.copies import list_command as run

    run()


@copies_app.command("grant")
def copies_grant(
    code: Annotated[str, typer.Argument(help="the institution's code, for example its BIN")],
    contract: Annotated[str, typer.Option(help="the agreement it rests on; recorded")],
) -> None:
    """Let an institution hold a copy; prints its key once."""
    from lachan.doors.cli.copies import grant_command as run

    run(code, contract)


@copies_app.command("rotate")
def copies_rotate(code: Annotated[str, typer.Argument(help="the institution's code")]) -> None:
    """Give it another key, printed once; files are made under that alone from now on."""
    from lachan.doors.cli.copies import rotate_command as run

    run(code)


@copies_app.command("revoke")
def copies_revoke(
    code: Annotated[str, typer.Argument(help="the institution's code")],
    note: Annotated[str, typer.Option(help="why; recorded")],
) -> None:
    """Hand it nothing more; what it holds grows old within 26 hours."""
    from lachan.doors.cli.copies import revoke_command as run

    run(code, note)


@trail_app.command("rotate-key")
def trail_rotate_key(
    old_key_lost: Annotated[bool, typer.Option("--old-key-lost", help="the old key can sign nothing more")] = False,
    reason: Annotated[str, typer.Option(help="how it was lost; recorded")] = "",
    old_key: Annotated[str | None, typer.Option(help="the lost key's public half, if trail.pub is gone")] = None,
) -> None:
    """Hand the seal over to a new key; both sign the hand-over, and the trail verifies across it."""
    from lachan.doors.cli.trail import rotate_command as run

    run(old_key_lost, reason, old_key)


def main() -> None:
    """The console script: no traceback ever reaches a user."""
    try:
        app()
    except LachanError as error:
        sys.exit(out.fail(error))
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 a user can do nothing with a traceback; the log has the rest
        sys.exit(out.broken(error))
