"""Play the story: an instance of its own, twelve institutions, the ledger against the clock."""

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from lachan.bootstrap import Services, initialise
from lachan.doors.cli.demo.processes import InstanceProcesses, start_seconds
from lachan.doors.cli.demo.result import result
from lachan.doors.cli.demo.stage import Stage, set_stage
from lachan.doors.cli.output import out
from lachan.foundation.access import demo_link_token
from lachan.foundation.base import VIETNAM, SimulatedClock, WallClock, format_vnd, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol.outbox import DELIVER
from lachan.foundation.storage import jobs_waiting
from lachan.reactions import REACT, REGISTER
from lachan.sandbox.ledger import bundled_ledger_folder, read_ledger
from lachan.sandbox.reporting import ReportSent
from lachan.sandbox.run import Center, Sandbox
from lachan.sandbox.story import Story, tell_story
from lachan.sandbox.switch import RunBooked

# Making the tables and keys, and a little to spare; then server, two workers, sealer, switch, the nursery,
# and what it costs to bear twelve institutions there.
SET_UP_S = 5.0
PROCESSES = 8
HEADLESS_WALL_S = 130.0
WATCHED_WALL_S = 600.0
# Simulated time after the ledger's last step in which slow institutions still answer.
LAST_ANSWERS_S = 420.0
# Real seconds: how long nothing may be due before the story has ended, and how long that is waited for.
QUIET_WALL_S = 1.5
CATCH_UP_WALL_S = 90.0
_SIGN_IN = {
    "officer": "duty_officer",
    "shift": "shift_head",
    "head": "desk_head",
    "leader": "leader",
    "bank": "institution_officer",
    "bank2": "institution_controller",
    "admin": "administrator",
    "auditor": "auditor",
}


def run(
    *,
    headless: bool,
    ledger: Path | None,
    seed: int,
    first_step: int | None,
    steps: int | None,
    factor: float | None,
    port: int,
) -> int:
    """Play the story; 0 when the sums close and the trail verifies."""
    read = read_ledger(ledger or bundled_ledger_folder(), first_step=first_step, steps=steps)
    story = tell_story(read, seed=seed)
    seconds = story.length_us / 1e6
    speed = factor or max(
        1.0, round((seconds + LAST_ANSWERS_S) / (HEADLESS_WALL_S if headless else WATCHED_WALL_S))
    )
    warm_up_s = SET_UP_S + start_seconds(PROCESSES)
    wall_epoch = WallClock().now() + timedelta(seconds=warm_up_s)
    clock = SimulatedClock(_nine_o_clock(wall_epoch), speed, wall_epoch)
    _introduce(story, ledger, speed, seconds, warm_up_s)
    with tempfile.TemporaryDirectory(prefix="lachan-demo-") as folder:
        return _play(story, Path(folder), clock, headless=headless, port=port)


def _play(story: Story, folder: Path, clock: SimulatedClock, *, headless: bool, port: int) -> int:
    port = port if not headless and _is_free(port) else _free_port()
    settings = _settings(folder, clock, port)
    sandbox = Sandbox(story, folder / "province", clock)
    services = initialise(settings)
    stage = set_stage(services, sandbox.registrations, out.language)
    out.say(translate("demo.starting", out.language))
    with _kept(folder), InstanceProcesses(settings, port, folder):
        center = Center(
            settings.base_url, settings.instance, tuple(k.public.as_text() for k in services.issuer_keys)
        )
        try:
            sandbox.start(center, stage.credentials, lambda event: _progress(event, clock))
            if not headless:
                _invite(services, stage)
            sandbox.wait()
            _wait_for_last_answers(services, clock, story)
            _tell_result(services)
            if not headless:
                out.say(translate("demo.running", out.language))
                threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            sandbox.stop()
    figures = result(services)
    services.db.close()
    closes = figures["reported_vnd"] == sum(
        figures[f"{part}_vnd"] for part in ("held", "returned", "located", "moving", "out_of_reach", "diluted")
    )
    if out.json:
        out.result(figures, [])
    return 0 if closes and figures["trail_verified"] else 1


def _settings(folder: Path, clock: SimulatedClock, port: int) -> Settings:
    home = folder / "home"
    return Settings(
        home=home,
        clock=clock.as_text(),
        base_url=f"http://127.0.0.1:{port}",
        instance="son-ha",
        instance_name=translate("demo.desk", out.language),
        allow_private_targets=True,
        demo_sign_in=True,
    )


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Where `LACHAN_DEMO_KEEP` names a folder, all state and logs are copied there at the end."""
    try:
        yield
    finally:
        if keep := os.environ.get("LACHAN_DEMO_KEEP"):
            shutil.copytree(folder, keep, dirs_exist_ok=True)


def _wait_for_last_answers(services: Services, clock: SimulatedClock, story: Story) -> None:
    """The slow institutions finish what was asked; whoever stays silent stays in `moving`.

    Where the machine is too busy to keep up with the clock, the end waits for what is due.
    """
    end = clock.starts_at + timedelta(microseconds=story.length_us, seconds=LAST_ANSWERS_S)
    while clock.now() < end:
        time.sleep(0.2)
    latest = time.monotonic() + CATCH_UP_WALL_S
    quiet_since = time.monotonic()
    while time.monotonic() < latest and time.monotonic() - quiet_since < QUIET_WALL_S:
        with services.db.read() as conn:
            if jobs_waiting(conn, (REACT, REGISTER, DELIVER)):
                quiet_since = time.monotonic()
        time.sleep(0.2)


def _introduce(story: Story, ledger: Path | None, speed: float, seconds: float, warm_up_s: float) -> None:
    say = out.say
    say(
        translate(
            "demo.story", out.language, losses=story.losses, ledger=ledger.name if ledger else "AMLSim",
            transfers=len(story.postings), accounts=len(story.province.accounts),
            dropped=story.self_transfers_dropped,
        )
    )  # fmt: skip
    say(translate("demo.invented", out.language, cash_outs=len(story.cash_outs), deep=len(story.deep)))
    length = round((seconds + LAST_ANSWERS_S) / speed + warm_up_s)
    say(translate("demo.factor", out.language, factor=f"{speed:g}", seconds=length))


def _progress(event: RunBooked | ReportSent, clock: SimulatedClock) -> None:
    local = clock.now().astimezone(VIETNAM).strftime("%H:%M:%S")
    if isinstance(event, ReportSent):
        amount = format_vnd(sum(transfer.amount_vnd for transfer in event.report.transfers))
        out.say(
            translate(
                "demo.reported", out.language, time=local, code=event.code or event.refused,
                victim=event.report.victim.holder, amount=amount,
            )
        )  # fmt: skip
    elif event.failed:
        out.say(translate("demo.stopped", out.language, time=local, count=len(event.failed)))


def _invite(services: Services, stage: Stage) -> None:
    base = services.settings.base_url
    out.say(translate("demo.open", out.language, url=base))
    for sign_in, role in _SIGN_IN.items():
        token = demo_link_token(
            services.settings, services.secret, stage.people[sign_in], wall_now=WallClock().now()
        )
        out.say(
            translate(
                "demo.sign_in",
                out.language,
                role=translate(f"role.{role}", out.language),
                url=f"{base}/demo/{token}",
            )
        )


def _tell_result(services: Services) -> None:
    figures = result(services)
    reported, first_s = figures["reported_vnd"], figures["first_hold_seconds"]
    out.say(
        translate(
            "demo.result", out.language, reported=format_vnd(reported), held=format_vnd(figures["held_vnd"]),
            share=figures["held_vnd"] * 100 // max(reported, 1), first="–" if first_s is None else first_s,
            depth=figures["max_depth"], institutions=figures["institutions"],
        )
    )  # fmt: skip
    trail = "demo.intact" if figures["trail_verified"] else "demo.broken"
    out.say(translate("demo.sums", out.language, trail=translate(trail, out.language)))


def _nine_o_clock(wall: datetime) -> datetime:
    return wall.astimezone(VIETNAM).replace(hour=9, minute=0, second=0, microsecond=0)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return port != 0 and probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
