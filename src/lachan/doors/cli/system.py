"""init, serve, worker, check."""

import signal
import subprocess
import sys
import threading
from types import FrameType

from lachan.bootstrap import Services, build, initialise
from lachan.doors.cli.output import EXIT_NO, EXIT_NOT_READY, out
from lachan.foundation.base import BadInput, InputReason, NotReady, translate
from lachan.foundation.base.settings import Settings

# The interpreter's own default, 5 ms, is what a thread that comes back from the record waits for another that
# computes; under a trace's turn it comes back thirty times.
_SWITCH_S = 0.001


def init() -> None:
    """Make what the instance needs."""
    services = initialise(Settings())
    out.result(
        {"home": str(services.settings.home.resolve()), "public_key": services.seal_key.public_text},
        [translate("cli.ready", out.language, home=services.settings.home.resolve())],
    )


def serve(host: str, port: int, with_worker: bool) -> None:
    """Serve until stopped; the worker is a process of its own, so that pages stay quick."""
    import uvicorn

    from lachan.doors.api import create_app

    services = build(Settings())
    sys.setswitchinterval(_SWITCH_S)
    helper = None
    # The server hands SIGTERM on after it has ended; without this the worker would be left behind.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    services.screening.start()
    if with_worker:
        helper = subprocess.Popen([sys.executable, "-m", "lachan.doors.cli", "worker"])
    try:
        uvicorn.run(
            create_app(services), host=host, port=port, loop="uvloop", http="httptools", log_level="warning",
            proxy_headers=True, forwarded_allow_ips=services.settings.trusted_proxies, server_header=False,
            timeout_graceful_shutdown=2,  # live pages never end by themselves
        )  # fmt: skip
    finally:
        services.screening.stop()
        if helper is not None:
            helper.terminate()
            helper.wait()


def worker(only: str) -> None:
    """Work until stopped; what is being done is finished first."""
    from lachan.doors.worker import run_worker
    from lachan.doors.worker.loop import Part

    try:
        part = Part(only)
    except ValueError as error:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="--only", value=only) from error
    services = build(Settings())
    sys.setswitchinterval(_SWITCH_S)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    run_worker(services, part, stop)


def check() -> int:
    """0 ready, 1 something is wrong, 3 not initialised."""
    import sqlalchemy as sa

    from lachan.foundation.storage.jobs import job
    from lachan.foundation.trail import verify
    from lachan.foundation.trail.tables import fact

    try:
        services = build(Settings())
    except NotReady as error:
        out.result({"ready": False, "reason": error.reason}, [translate(f"reason.{error.reason}", out.language)])
        return EXIT_NOT_READY
    with services.db.read() as conn:
        waiting = conn.execute(
            sa.select(sa.func.count())
            .select_from(job)
            .where(job.c.dead_at.is_(None), job.c.due_at <= services.clock.now())
        ).scalar_one()
        dead = conn.execute(sa.select(sa.func.count()).where(job.c.dead_at.is_not(None))).scalar_one()
        unsealed = conn.execute(sa.select(sa.func.count()).where(fact.c.sequence.is_(None))).scalar_one()
        trail = verify(conn, [services.seal_key.public_text])
    stream, connected = _stream(services)
    good = trail.intact and dead == 0 and connected
    values = {
        "ready": True, "good": good, "jobs_due": waiting, "jobs_dead": dead, "facts": trail.facts,
        "facts_unsealed": unsealed, "trail_verified": trail.intact, "now": services.clock.now().isoformat(),
        **stream,
    }  # fmt: skip
    out.result(values, [f"{name}: {value}" for name, value in values.items()])
    return 0 if good else EXIT_NO


def _stream(services: Services) -> tuple[dict[str, object], bool]:
    """What the stream of transfers says of itself, and whether it can be asked."""
    from lachan.monitoring.stream import progress

    try:
        owners = progress(services.db, services.stream)
    except NotReady as error:
        return {"stream": error.reason.value}, False
    waiting = max((one["waiting"] for one in owners), default=services.stream.last())
    letters = sum(one["dead_letters"] for one in owners)
    return {"stream": "ready", "stream_waiting": waiting, "stream_dead_letters": letters}, True
