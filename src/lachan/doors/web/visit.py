"""Who looks at a page, in which language and at what time: what every page route is given."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment
from starlette.datastructures import FormData, UploadFile

from lachan.bootstrap import Services
from lachan.doors.api.problems import language_of
from lachan.doors.web.once import Once
from lachan.doors.web.render import page_context, render
from lachan.foundation.access import (
    HEARD_BY,
    AccessReason,
    Permission,
    SignedIn,
    Stage,
    agency,
    check_form_token,
    count_alarms,
    current,
    form_token,
    may,
    reaches_all,
    require,
    touch,
)
from lachan.foundation.base import (
    Actor,
    BadInput,
    InputReason,
    Language,
    NotAllowed,
    WallClock,
    catalogue,
    new_secret,
)
from lachan.foundation.base.clock import Clock
from lachan.outreach.views import waiting as waiting_texts
from lachan.response.shapes import Message, Notice, Viewer, ViewerLink
from lachan.response.views.approvals import count_waiting
from lachan.response.views.queue import Sight

Answer = TypeVar("Answer", bound=Response)
SESSION_COOKIE = "lachan_session"
STRANGER_COOKIE = "lachan_form"
LANGUAGE_COOKIE = "lang"
# No keyboard types them, PostgreSQL refuses NUL, and messages carry none; new line and tab are text.
_CONTROL = dict.fromkeys([*(code for code in range(0x20) if chr(code) not in "\n\r\t"), 0x7F])
FORM_BYTES_MAX = 12 * 1024 * 1024
_ADMIN = (
    Permission.AGENCY_MANAGE, Permission.TRAIL_VERIFY, Permission.AUDIT_READ, Permission.POLICY_SIGN,
    Permission.ROSTER_MANAGE, Permission.DATASUBJECT_MANAGE, Permission.KEY_REGISTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page: who, in which language, at which domain instant `now`."""

    request: Request
    services: Services
    environment: Environment
    language: Language
    now: datetime
    wall_now: datetime
    signed: SignedIn | None
    viewer: Viewer | None
    binding: str
    new_binding: bool

    @property
    def actor(self) -> Actor:
        """Who acts; refuses a stranger and a sign-in that is not complete."""
        if self.signed is None:
            raise NotAllowed(AccessReason.NOT_SIGNED_IN)
        if self.signed.actor is None:
            unfinished = self.signed.session.stage is not Stage.FULL
            raise NotAllowed(AccessReason.SECOND_FACTOR_NEEDED if unfinished else AccessReason.NOT_PERMITTED)
        return self.signed.actor

    @property
    def clock(self) -> Clock:
        """The domain clock."""
        return self.services.clock

    @property
    def source(self) -> str:
        """The address the request came from, as the trusted proxy says."""
        return self.request.client.host if self.request.client else "unknown"

    def require(self, permission: Permission) -> Actor:
        """The actor, if it may."""
        require(self.actor, permission)
        return self.actor

    def sight(self, permission: Permission = Permission.REPORT_READ) -> Sight:
        """Whose traces this person may see: the own desk's, or all."""
        actor = self.require(permission)
        if reaches_all(actor, permission):
            return Sight(None)
        if actor.agency_id is None:
            # Sight(None) is everybody's work: who belongs nowhere sees none of it.
            raise NotAllowed(AccessReason.NO_AGENCY)
        return Sight(actor.agency_id)

    def context(self) -> dict[str, object]:
        """What every template may use."""
        path = self.request.url.path
        query = self.request.url.query
        return page_context(
            language=self.language, viewer=self.viewer, now=self.now, clock=self.services.clock,
            csrf=form_token(self.services.secret, self.binding), here=f"{path}?{query}" if query else path,
            notice=self._done(), hotline=self.services.settings.duty_phone,
        )  # fmt: skip

    def page(self, template: str, page: object, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page as the answer."""
        html = render(self.environment, template, self.context(), page=page, **values)
        answer = HTMLResponse(html, status, {"content-language": self.language.value})
        if self.new_binding:
            self.set_cookie(answer, STRANGER_COOKIE, self.binding)
        return answer

    def set_cookie(self, answer: HTMLResponse | RedirectResponse, name: str, value: str) -> None:
        """A cookie that scripts cannot read and other sites cannot send along with a form."""
        secure = self.services.settings.base_url.startswith("https:")
        answer.set_cookie(name, value, httponly=True, secure=secure, samesite="lax", path="/")

    def once(self, form: "Form", do: Callable[[], Answer], *, as_typed: bool = False) -> Answer:
        """Carry a form out once, however often it is sent.

        `as_typed`: sent again with other words or by another button, from a page that was gone back to, it is
        another form.
        """
        kept: Once = self.request.app.state.once
        token = form.text("once")
        if token and as_typed:
            said = [self.request.url.path, *(f"{name}={value}" for name, value in form.fields.multi_items())]
            token += hashlib.sha256("\0".join(said).encode()).hexdigest()
        return kept.run(f"{self.binding}:{token}" if token else "", do)

    def _done(self) -> Notice | None:
        key = f"web.done.{self.request.query_params.get('done', '')}"
        return Notice("done", Message(key)) if key in catalogue(Language.VI) else None


def visit_of(request: Request) -> Visit:
    """Who is behind a request; an ended session is a stranger again."""
    services: Services = request.app.state.services
    now, wall_now = services.clock.now(), WallClock().now()
    with services.db.read() as conn:
        token = request.cookies.get(SESSION_COOKIE, "")
        signed = current(conn, token, now=now, wall_now=wall_now)
        viewer = None
        if signed is not None and signed.actor is not None:
            waiting = None
            if may(signed.actor, Permission.HOLD_APPROVE):
                waiting = count_waiting(conn, Sight(signed.actor.agency_id))
            ringing = 0
            if any(may(signed.actor, permission) for permission in HEARD_BY.values()):
                ringing = count_alarms(conn, signed.actor)
            viewer = _viewer(
                signed.actor,
                agency(conn, signed.session.agency_id).short_name,
                waiting,
                ringing,
                waiting_texts(conn, signed.actor),
            )
    if signed is not None:
        touch(services.db, signed.session, now=now, wall_now=wall_now)
    stranger = request.cookies.get(STRANGER_COOKIE, "")
    binding = signed.session.id if signed else stranger or new_secret(16)
    visit = Visit(
        request, services, request.app.state.environment, _language(request, signed), now, wall_now, signed, viewer,
        binding, new_binding=signed is None and not stranger,
    )  # fmt: skip
    request.state.visit = visit
    return visit


VisitOf = Annotated[Visit, Depends(visit_of)]


@dataclass(frozen=True, slots=True)
class Form:
    """A checked form: what was typed, and the files."""

    fields: FormData

    def text(self, name: str) -> str:
        """What was typed, without spaces around it or control characters; empty where the field is missing."""
        value = self.fields.get(name, "")
        return value.translate(_CONTROL).strip() if isinstance(value, str) else ""

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file, if one was chosen."""
        value = self.fields.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def needed(self, name: str) -> str:
        """What was typed; refuses an empty field."""
        value = self.text(name)
        if not value:
            raise BadInput(InputReason.MISSING, field=name)
        return value


async def form_of(request: Request, visit: VisitOf) -> Form:
    """The form, once its token proves that our own page made it. Every unsafe page route asks for this."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise BadInput(InputReason.UNREADABLE_REQUEST)
    if int(length) > FORM_BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, limit=f"{FORM_BYTES_MAX // 1024 // 1024} MB")
    form = Form(await request.form(max_files=10, max_fields=500, max_part_size=FORM_BYTES_MAX))
    if visit.new_binding:
        raise NotAllowed(AccessReason.FORM_EXPIRED)
    check_form_token(visit.services.secret, visit.binding, form.text("csrf_token"))
    return form


FormOf = Annotated[Form, Depends(form_of)]


def here_only(address: str, otherwise: str = "/") -> str:
    """An address to go on to, if it lies on this site; anything else would make us a stepping stone."""
    parts = urlsplit(address)
    inside = (
        not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    )
    return address if inside and "\\" not in address and address.isprintable() else otherwise


def go(address: str) -> RedirectResponse:
    """Go on to a page after a form."""
    return RedirectResponse(address, 303)


def first_page(actor: Actor) -> str:
    """Where somebody starts to work."""
    roads: Iterable[tuple[Permission, str]] = (
        (Permission.AGENCY_MANAGE, "/admin"), (Permission.HOLD_REQUEST, "/desk"), (Permission.INBOX_READ, "/inbox"),
        (Permission.AUDIT_READ, "/admin/trail"), (Permission.FIGURES_READ, "/figures"),
        (Permission.PLAN_READ, "/plans/mine"),
        (Permission.PERIODIC_READ, "/periodic"),
    )  # fmt: skip
    return next((address for permission, address in roads if may(actor, permission)), "/")


def _viewer(actor: Actor, agency_name: str, waiting: int | None, ringing: int, drafts: int) -> Viewer:
    links = []
    if may(actor, Permission.HOLD_REQUEST) or may(actor, Permission.REPORT_READ):
        links += [ViewerLink("desk", "/desk"), ViewerLink("golden_hour", "/trace")]
    if may(actor, Permission.REPORT_READ):
        links.append(ViewerLink("reports", "/desk/reports"))
    if waiting is not None:
        links.append(ViewerLink("approvals", "/approvals", waiting))
    if may(actor, Permission.REPORT_READ):
        links.append(ViewerLink("refunds", "/refunds"))
    if may(actor, Permission.INBOX_READ):
        links.append(ViewerLink("inbox", "/inbox"))
    if may(actor, Permission.REGISTRY_READ):
        links.append(ViewerLink("registry", "/registry"))
    elif may(actor, Permission.REGISTRY_CLAIM):
        links.append(ViewerLink("registry", "/registry/claims"))
    if may(actor, Permission.ALERT_READ):
        links.append(ViewerLink("alerts", "/alerts"))
    work = _plan_links(actor, drafts)
    if links and len(work) > 1:
        # What plans demand is one entry of a bar that has others; its own pages stand in a second row.
        links.append(ViewerLink("plans", work[0].href, sum(link.count or 0 for link in work) or None))
    else:
        links, work = [*links, *work], []
    if may(actor, Permission.FIGURES_READ) and not may(actor, Permission.INBOX_READ):
        links.append(ViewerLink("figures", "/figures"))
    if any(may(actor, permission) for permission in _ADMIN):
        links.append(ViewerLink("admin", "/admin", ringing or None))
    search = "/desk" if may(actor, Permission.REPORT_READ) else None
    return Viewer(agency_name, actor.name, tuple(links), search, tuple(work))


def _plan_links(actor: Actor, drafts: int) -> list[ViewerLink]:
    """The pages about what plans demand."""
    work = []
    if may(actor, Permission.PLAN_READ):
        work.append(ViewerLink("plans", "/plans" if reaches_all(actor, Permission.PLAN_READ) else "/plans/mine"))
    if may(actor, Permission.ACTIVITY_READ):
        work.append(ViewerLink("activities", "/activities"))
    if may(actor, Permission.PERIODIC_READ):
        work.append(ViewerLink("periodic", "/periodic"))
    if may(actor, Permission.OUTREACH_READ):
        work.append(ViewerLink("outreach", "/outreach", drafts or None))
    return work


def _language(request: Request, signed: SignedIn | None) -> Language:
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in set(Language):
        return Language(chosen)
    return signed.person.language if signed else language_of(request)
