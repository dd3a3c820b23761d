"""API clients: secrets that overlap, tokens that end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.foundation.access.conftest import BANK

from lachan.foundation.access import (
    OPERATOR,
    AccessReason,
    Client,
    IssuedSecret,
    IssuedToken,
    Role,
    Scope,
    actor_for_token,
    clients,
    issue_token,
    register_client,
    revoke_client,
    revoke_token,
    rotate_secret,
)
from lachan.foundation.access.clients.actions import SECRET_OVERLAP, TOKEN_LIFE
from lachan.foundation.access.clients.tables import client_secret, client_token
from lachan.foundation.base import Actor, ActorKind, BadInput, Conflict, NotAllowed, NotFound
from lachan.foundation.storage import Database

SECOND = timedelta(seconds=1)


def register(db: Database, *scopes: Scope) -> tuple[Client, IssuedSecret]:
    with db.unit(NOON, OPERATOR) as unit:
        return register_client(unit, BANK, "core banking", scopes or (Scope.INBOX, Scope.ANSWER), wall_now=NOON)


def token(db: Database, issued: IssuedSecret, scope: str = "", after: timedelta = timedelta()) -> IssuedToken:
    return issue_token(db, issued.client_id, issued.secret, scope, now=NOON, wall_now=NOON + after)


def actor(db: Database, text: str, after: timedelta = timedelta()) -> Actor | None:
    with db.read() as conn:
        return actor_for_token(conn, text, NOON + after)


def test_a_token_is_an_actor_for_an_hour(world: Database) -> None:
    made, secret = register(world)
    given = token(world, secret)
    assert (given.scope, given.expires_in_s) == ("answer inbox", 3600)
    expected = Actor(ActorKind.CLIENT, made.id, BANK, frozenset({"inbox", "answer"}), "core banking")
    assert actor(world, given.token, TOKEN_LIFE - SECOND) == expected
    assert actor(world, given.token, TOKEN_LIFE) is None
    assert actor(world, given.token + "x") is None
    assert actor(world, "") is None


def test_scopes_are_asked_for_and_never_exceed_what_was_given(world: Database) -> None:
    _, secret = register(world)
    one = token(world, secret, "inbox")
    found = actor(world, one.token)
    assert found is not None
    assert found.roles == {"inbox"}
    for scope in ("report", "inbox report", "administrator", "INBOX"):
        with pytest.raises(BadInput) as refused:
            token(world, secret, scope)
        assert refused.value.reason is AccessReason.INVALID_SCOPE


def test_an_unknown_a_closed_and_a_wrong_client_are_refused_alike(world: Database) -> None:
    made, secret = register(world)
    tried = [("nobody", secret.secret), (made.id, "wrong"), (made.id, "")]
    for client_id, text in tried:
        with pytest.raises(NotAllowed) as refused:
            issue_token(world, client_id, text, now=NOON, wall_now=NOON)
        assert refused.value.reason is AccessReason.INVALID_CLIENT
    given = token(world, secret)
    with world.unit(NOON, OPERATOR) as unit:
        revoke_client(unit, made.id, wall_now=NOON)
    assert actor(world, given.token) is None
    with pytest.raises(NotAllowed) as refused:
        token(world, secret)
    assert refused.value.reason is AccessReason.INVALID_CLIENT
    with world.unit(NOON, OPERATOR) as unit, pytest.raises(Conflict):
        rotate_secret(unit, made.id, wall_now=NOON)


def test_the_old_secret_works_on_while_the_new_one_is_brought_out(world: Database) -> None:
    made, old = register(world)
    with world.unit(NOON, OPERATOR) as unit:
        new = rotate_secret(unit, made.id, wall_now=NOON)
    assert token(world, new)
    assert token(world, old, after=SECRET_OVERLAP - SECOND)
    with pytest.raises(NotAllowed):
        token(world, old, after=SECRET_OVERLAP)
    assert token(world, new, after=SECRET_OVERLAP)
    with world.unit(NOON, OPERATOR) as unit, pytest.raises(NotFound):
        rotate_secret(unit, "nobody", wall_now=NOON)


def test_rotating_often_never_prolongs_an_old_secret(world: Database) -> None:
    made, old = register(world)
    for day in (0, 3):
        with world.unit(NOON, OPERATOR) as unit:
            rotate_secret(unit, made.id, wall_now=NOON + timedelta(days=day))
    with pytest.raises(NotAllowed):
        token(world, old, after=SECRET_OVERLAP)


def test_tokens_can_be_given_back(world: Database) -> None:
    _, secret = register(world)
    given = token(world, secret)
    revoke_token(world, given.token, now=NOON)
    revoke_token(world, given.token, now=NOON)
    assert actor(world, given.token) is None


def test_the_record_holds_no_secret_and_no_token(world: Database) -> None:
    _, secret = register(world)
    given = token(world, secret)
    with world.read() as conn:
        rows = [*conn.execute(sa.select(client_secret)), *conn.execute(sa.select(client_token))]
    assert rows
    assert not any(text in str(row) for row in rows for text in (secret.secret, given.token))
    assert secret.secret not in repr(secret)
    assert given.token not in repr(given)


def test_only_administrators_register_clients(world: Database, hire: Callable[..., Actor]) -> None:
    controller = hire("mai", Role.INSTITUTION_CONTROLLER, agency_id=BANK)
    with world.unit(NOON, controller) as unit, pytest.raises(NotAllowed):
        register_client(unit, BANK, "x", (Scope.INBOX,), wall_now=NOON)
    with world.unit(NOON, OPERATOR) as unit, pytest.raises(BadInput):
        register_client(unit, BANK, "x", (), wall_now=NOON)
    with world.read() as conn:
        assert clients(conn) == []
