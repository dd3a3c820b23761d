"""Sign in, sign out, language. The demo's links sign somebody in with one click."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    FormOf,
    Visit,
    VisitOf,
    first_page,
    go,
    here_only,
)
from lachan.foundation.access import (
    SIGN_INS_BY_ADDRESS,
    AccessReason,
    Opened,
    RateLimiter,
    Stage,
    begin_enrolment,
    change_password,
    current,
    finish_enrolment,
    open_demo_session,
    pass_second_factor,
    people,
    resets_to_tell,
    sign_in,
    sign_out,
)
from lachan.foundation.base import VIETNAM, InputReason, LachanError, Language, NotAllowed
from lachan.response.shapes import Field, Message, Notice, PasswordPage, RecoveryPage, SignInPage

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Onward = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/sign-in")
def sign_in_form(visit: VisitOf, onward: Onward = "") -> Response:
    """The first step."""
    if visit.signed is not None and visit.signed.actor is not None:
        return go(here_only(onward, first_page(visit.actor)))
    return visit.page("staff/sign_in.html", SignInPage(False, Field(), here_only(onward, "")))


@router.post("/sign-in")
def sign_in_first(visit: VisitOf, form: FormOf) -> Response:
    """Name and password."""
    limiter: RateLimiter = visit.request.app.state.limiter
    account, onward = form.text("account"), here_only(form.text("next"), "")
    allowance = limiter.take(SIGN_INS_BY_ADDRESS, visit.source, visit.wall_now)
    try:
        if not allowance.allowed:
            raise NotAllowed(InputReason.TOO_MANY_REQUESTS, seconds=allowance.retry_s)
        opened = sign_in(
            visit.services.db, visit.services.secret, account, form.text("password"), visit.source,
            demo=visit.services.settings.demo_sign_in, now=visit.now, wall_now=visit.wall_now,
        )  # fmt: skip
    except LachanError as error:
        page = SignInPage(False, Field(account), onward, Notice("error", sentence(error)))
        return visit.page("staff/sign_in.html", page, status=403)
    return _signed_in(visit, opened, onward)


@router.get("/sign-in/step")
def next_step(visit: VisitOf, onward: Onward = "") -> Response:
    """The step that a begun sign-in still needs."""
    if visit.signed is None:
        return go("/sign-in")
    stage = visit.signed.session.stage
    if stage is Stage.FULL:
        return go(here_only(onward, first_page(visit.actor)))
    if stage is Stage.PASSWORD:
        return visit.page(
            "staff/password.html", PasswordPage(Field(), Field(), here_only(onward, ""), _told(visit))
        )
    return _totp_page(visit, here_only(onward, ""))


@router.post("/sign-in/totp")
def second_step(visit: VisitOf, form: FormOf) -> Response:
    """The six digits; on first use they prove that the application knows the secret."""
    if visit.signed is None:
        return go("/sign-in")
    services, token, code = visit.services, visit.request.cookies[SESSION_COOKIE], form.text("totp")
    onward = here_only(form.text("next"), "")
    try:
        if visit.signed.session.stage is Stage.ENROLMENT:
            opened, codes = finish_enrolment(
                services.db, services.secret, token, code, visit.source, now=visit.now, wall_now=visit.wall_now
            )
            answer = visit.page("staff/recovery.html", RecoveryPage(codes, f"/sign-in/step?next={onward}"))
            visit.set_cookie(answer, SESSION_COOKIE, opened.token)
            return answer
        opened = pass_second_factor(
            services.db, services.secret, token, code, visit.source, now=visit.now, wall_now=visit.wall_now
        )
    except LachanError as error:
        return _totp_page(visit, onward, error)
    return _signed_in(visit, opened, onward)


@router.post("/sign-in/password")
def first_password(visit: VisitOf, form: FormOf) -> Response:
    """A first password is changed before anything else."""
    if visit.signed is None:
        return go("/sign-in")
    onward = here_only(form.text("next"), "")
    try:
        opened = change_password(
            visit.services.db, visit.services.secret, visit.request.cookies[SESSION_COOKIE], form.text("old"),
            form.text("password"), visit.source, now=visit.now, wall_now=visit.wall_now,
        )  # fmt: skip
    except LachanError as error:
        wrong = Field("", sentence(error))
        in_old = error.field == "old" or error.reason is AccessReason.WRONG_CREDENTIALS
        page = PasswordPage(wrong if in_old else Field(), Field() if in_old else wrong, onward, _told(visit))
        return visit.page("staff/password.html", page, status=422)
    return _signed_in(visit, opened, onward)


@router.get("/demo/{token}")
def demo_link(visit: VisitOf, token: str) -> Response:
    """Sign in by a link that the demo printed; only where the instance is a demo."""
    opened = open_demo_session(
        visit.services.db, visit.services.settings, visit.services.secret, token, now=visit.now,
        wall_now=visit.wall_now,
    )  # fmt: skip
    return _signed_in(visit, opened, "")


@router.post("/sign-out")
def leave(visit: VisitOf, form: FormOf) -> Response:
    """End the session."""
    sign_out(visit.services.db, visit.request.cookies.get(SESSION_COOKIE, ""), now=visit.now)
    answer = go("/sign-in")
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@router.get("/language/{code}")
def choose_language(visit: VisitOf, code: str, onward: Onward = "/") -> Response:
    """Go on in another language; remembered on this device."""
    answer = go(here_only(onward))
    if code in set(Language):
        answer.set_cookie(LANGUAGE_COOKIE, code, max_age=31_536_000, samesite="lax", path="/")
    return answer


def _signed_in(visit: Visit, opened: Opened, onward: str) -> RedirectResponse:
    """Set the cookie and go on: to the next step of the sign-in, the page that was asked for, or the first page."""
    if opened.session.stage is not Stage.FULL:
        answer = go(f"/sign-in/step?next={onward}" if onward else "/sign-in/step")
    else:
        with visit.services.db.read() as conn:
            signed = current(conn, opened.token, now=visit.now, wall_now=visit.wall_now)
        answer = go(onward or (first_page(signed.actor) if signed and signed.actor else "/"))
    visit.set_cookie(answer, SESSION_COOKIE, opened.token)
    return answer


def _totp_page(visit: Visit, onward: str, error: LachanError | None = None) -> Response:
    if visit.signed is None:
        return go("/sign-in")
    field = Field("", sentence(error) if error else None)
    secret = svg = None
    if visit.signed.session.stage is Stage.ENROLMENT:
        made = begin_enrolment(
            visit.services.db, visit.services.secret, visit.request.cookies[SESSION_COOKIE],
            visit.services.settings.instance_name, now=visit.now, wall_now=visit.wall_now,
        )  # fmt: skip
        secret, svg = made.secret, _qr(made.uri)
    page = SignInPage(True, field, onward, enrol_secret=secret, enrol_qr_svg=svg, told=_told(visit))
    return visit.page("staff/sign_in.html", page, status=403 if error else 200)


def _told(visit: Visit) -> tuple[Notice, ...]:
    """Who set the person's password or second factor anew: somebody who did not ask for it must learn of it."""
    if visit.signed is None:
        return ()
    with visit.services.db.read() as conn:
        names = {somebody.reference: somebody.name for somebody in people(conn)}
        resets = resets_to_tell(conn, visit.signed.person.id)
    return tuple(
        Notice(
            "warning",
            Message(
                f"web.sign_in.{one.kind.value}_was_reset",
                {
                    "at": (one.decided_at or one.asked_at).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y"),
                    "asked_by": names.get(one.asked_by, one.asked_by),
                    "decided_by": names.get(one.decided_by or "", one.decided_by or ""),
                },
            ),
        )
        for one in resets
    )


def _qr(text: str) -> str:
    import segno

    return str(segno.make(text, error="m").svg_inline(scale=4, border=2, svgclass=None, lineclass=None))
