"""Least privilege: every route of the application, every actor, own and other agency, over real HTTP.

Let in is every answer that speaks about the request itself (also 409 and 422); not let in are 401, 403, 404 and the
way to the sign-in. Routes are read from the application: one without a row fails.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from tests.doors.route_table import ACTORS, PUBLIC, TABLE, Call, Row
from tests.factories.instance import (
    Instance,
    leave_without_a_desk,
    seeded,
    served,
    trace_a_report,
    wait_for_a_person,
)

from lachan.doors.web.visit import SESSION_COOKIE, STRANGER_COOKIE
from lachan.foundation.access import RateLimiter, Scope, current, demo_link_token, form_token, open_demo_session
from lachan.foundation.base import WallClock

DENIED = {401, 403, 404}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return seeded(Path(tmp_path_factory.mktemp("instance")))


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    with served(instance) as opened:
        trace_a_report(instance, opened)
        wait_for_a_person(instance, opened)
        leave_without_a_desk(instance, opened)
        yield opened


def test_every_route_has_a_row(instance: Instance) -> None:
    there = {
        (method, context.path)
        for context in iter_route_contexts(instance.app.routes)
        for method in (context.methods or {"GET"}) - {"HEAD"}
    }
    told = {(row.method, row.route) for row in TABLE}
    assert there - told == set(), "a route without a row: say in tests/doors/route_table.py who may use it"
    assert told - there == set(), "a row without a route"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_who_is_let_in(row: Row, instance: Instance, client: httpx.Client) -> None:
    wrong = []
    for actor in ACTORS:
        # All actors come from one address: what one of them used up is not the next one's.
        instance.app.state.limiter = RateLimiter()
        answer, text = send(instance, client, row, actor)
        assert answer.status_code < 500, f"{actor}: {answer.status_code} {text[:300]}"
        assert answer.status_code != 429, f"{actor}: too many requests says nothing about who may"
        to_sign_in = answer.headers.get("location", "").partition("?")[0] == "/sign-in"
        let_in = answer.status_code not in DENIED and (row.leads_to_sign_in or not to_sign_in)
        if let_in != (actor in row.allowed):
            wrong.append(f"{actor}: {'let in' if let_in else 'kept out'} with {answer.status_code}")
    assert wrong == []


def send(instance: Instance, client: httpx.Client, row: Row, actor: str) -> tuple[httpx.Response, str]:
    """One request as an actor; of a stream of events only the beginning is awaited."""
    call = row.call(instance, actor)
    headers, form = identity(instance, actor, call, fresh=row.leads_to_sign_in)
    content = None
    if call.message is not None:
        content = call.message.as_json()
        whose = actor.rpartition("@")[2] if actor.startswith("client:") else "own"
        signed = instance.signed(content, call.message.message_id, whose)
        headers = {**signed, "authorization": headers.get("authorization", "")} | headers
        headers = {name: value for name, value in headers.items() if value}
    path = "/static/favicon.svg" if row.route == "/static" else row.route.format(**call.path)
    request = client.build_request(
        row.method, path, params=dict(call.query) or None, data=form, content=content, headers=headers
    )
    answer = client.send(request, stream=True)
    client.cookies.clear()
    text = ""
    if "event-stream" not in answer.headers.get("content-type", ""):
        text = answer.read().decode("utf-8", "replace")
    answer.close()
    return answer, text


def identity(
    instance: Instance, actor: str, call: Call, *, fresh: bool
) -> tuple[dict[str, str], dict[str, str] | None]:
    """The headers by which an actor is known, and the form with the token that its own page would carry."""
    headers, form = dict(call.headers), dict(call.form) if call.form is not None else None
    if actor.startswith("client:"):
        scope, _, whose = actor.removeprefix("client:").partition("@")
        headers = instance.bearer(scope, whose) | headers
    binding = "a-stranger"
    cookie = f"{STRANGER_COOKIE}={binding}"
    if "@" in actor and not actor.startswith("client:"):
        role, _, whose = actor.partition("@")
        token = session_of(instance, whose, role, fresh=fresh)
        with instance.services.db.read() as conn:
            signed = current(conn, token, now=instance.services.clock.now(), wall_now=WallClock().now())
        assert signed is not None
        binding, cookie = signed.session.id, f"{SESSION_COOKIE}={token}"
    if not actor.startswith("client:") or form is not None:
        headers["cookie"] = cookie
    if form is not None:
        form["csrf_token"] = form_token(instance.services.secret, binding)
    return headers, form


def session_of(instance: Instance, whose: str, role: str, *, fresh: bool) -> str:
    """The session of a person; a fresh one where the route ends it."""
    if not fresh and (whose, role) in instance.sessions:
        return instance.sessions[whose, role]
    services, wall_now = instance.services, WallClock().now()
    link = demo_link_token(services.settings, services.secret, instance.people[whose, role], wall_now=wall_now)
    opened = open_demo_session(
        services.db, services.settings, services.secret, link, now=services.clock.now(), wall_now=wall_now
    )
    if not fresh:
        instance.sessions[whose, role] = opened.token
    return opened.token


def test_the_table_knows_everybody() -> None:
    assert PUBLIC in ACTORS
    assert len(ACTORS) == 1 + 2 * (6 + 2) + 2 * len(Scope)
