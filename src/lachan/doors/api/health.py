"""Is it alive, is it ready, and how much does it do."""

import ipaddress
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from lachan.doors.api.describe import open_to_all
from lachan.doors.api.gate import Counts
from lachan.doors.api.identity import ServicesOf, caller_of, demand
from lachan.doors.api.reasons import ApiReason
from lachan.foundation.access import Permission
from lachan.foundation.base import NotReady, WallClock
from lachan.foundation.protocol.outbox import undelivered
from lachan.foundation.storage import waiting
from lachan.foundation.trail import last_checkpoint, unsealed_count

router = APIRouter(tags=["health"])
TEXT = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]


class MetricsResponse(Response):
    """Prometheus's text format."""

    media_type = TEXT


@router.get("/healthz", openapi_extra=open_to_all())
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", openapi_extra=open_to_all())
def readyz(services: ServicesOf) -> dict[str, str]:
    """The record answers too."""
    try:
        with services.db.read() as conn:
            conn.execute(sa.select(sa.literal(1)))
    except sa.exc.SQLAlchemyError as error:
        raise NotReady(ApiReason.RECORD_UNREACHABLE) from error
    return {"status": "ready"}


@router.get("/metrics", response_class=MetricsResponse, openapi_extra={"security": [{}, {"oauth2": ["figures"]}]})
def metrics(request: Request, services: ServicesOf) -> Response:
    """Gauges for Prometheus: what waits, what is dead, what is unsealed.

    For this machine itself, and for clients with the scope `figures`: who is slow is nobody else's business.
    """
    if not _is_local(request):
        demand(caller_of(request, services), Permission.FIGURES_READ)
    with services.db.read() as conn:
        jobs, dead = waiting(conn)
        unsealed, sealed = unsealed_count(conn), last_checkpoint(conn)
        deliveries = undelivered(conn)
    lines = _gauge("lachan_jobs_waiting", (({"kind": kind}, count) for kind, count in sorted(jobs.items())))
    lines += _gauge("lachan_jobs_dead", [({}, dead)])
    lines += _gauge("lachan_facts_unsealed", [({}, unsealed)])
    if sealed is not None:
        age_s = max(0.0, (WallClock().now() - sealed.sealed_at).total_seconds())
        lines += _gauge("lachan_seconds_since_checkpoint", [({}, round(age_s, 3))])
    lines += _gauge(
        "lachan_deliveries_waiting", (({"institution": code}, n) for code, n in sorted(deliveries.items()))
    )
    counts: Counts = request.app.state.counts
    lines += _series(
        "lachan_requests_total",
        "counter",
        (
            ({"method": method, "route": route, "status": str(status)}, count)
            for (method, route, status), count in sorted(counts.all().items())
        ),
    )
    return MetricsResponse("\n".join(lines) + "\n")


def _is_local(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _gauge(name: str, values: Iterable[tuple[Labels, float]]) -> list[str]:
    return _series(name, "gauge", values)


def _series(name: str, kind: str, values: Iterable[tuple[Labels, float]]) -> list[str]:
    lines = [f"# TYPE {name} {kind}"]
    for labels, value in values:
        shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{shown}}} {value}" if shown else f"{name} {value}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
