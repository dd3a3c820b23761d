"""Signed texts around sessions: form tokens against forged requests, and the demo's one-click links."""

import hmac
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from lachan.foundation.access.people import person
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.secret import InstanceSecret
from lachan.foundation.access.sessions import rules
from lachan.foundation.access.sessions.actions import open_session
from lachan.foundation.access.sessions.model import Opened, Stage
from lachan.foundation.base import Actor, ActorKind, NotAllowed
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database


def form_token(secret: InstanceSecret, binding: str) -> str:
    """The token that every form carries; `binding` is the session's id, or a stranger's cookie."""
    return secret.mark("form", binding)


def check_form_token(secret: InstanceSecret, binding: str, given: str) -> None:
    """Refuse FORM_EXPIRED when the form was not ours."""
    if not hmac.compare_digest(form_token(secret, binding).encode(), given.encode()):
        raise NotAllowed(AccessReason.FORM_EXPIRED)


def demo_link_token(settings: Settings, secret: InstanceSecret, person_id: str, *, wall_now: datetime) -> str:
    """The token of a link that signs somebody in with one click. Only in a demo."""
    if not settings.demo_sign_in:
        raise NotAllowed(AccessReason.DEMO_ONLY)
    until = int((wall_now + rules.DEMO_LINK).timestamp())
    text = _serializer(secret).dumps({"person": person_id, "until": until})
    return text if isinstance(text, str) else text.decode()


def open_demo_session(
    db: Database, settings: Settings, secret: InstanceSecret, link_token: str, *, now: datetime, wall_now: datetime
) -> Opened:
    """Sign in by a demo link. Refusals: DEMO_ONLY, LINK_EXPIRED."""
    if not settings.demo_sign_in:
        raise NotAllowed(AccessReason.DEMO_ONLY)
    try:
        content = _serializer(secret).loads(link_token)
        person_id, until = str(content["person"]), datetime.fromtimestamp(content["until"], UTC)
    except (BadSignature, KeyError, TypeError, ValueError):
        raise NotAllowed(AccessReason.LINK_EXPIRED) from None
    if wall_now >= until:
        raise NotAllowed(AccessReason.LINK_EXPIRED)
    with db.unit(now, Actor(ActorKind.PERSON, person_id)) as unit:
        return open_session(unit, person(unit.conn, person_id), Stage.FULL, wall_now, demo=True)


def _serializer(secret: InstanceSecret) -> URLSafeSerializer:
    return URLSafeSerializer(secret.derive("demo_link"), salt="demo_link")
