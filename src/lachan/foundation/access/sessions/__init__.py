"""Sign-in and sessions of people: passwords, second factor, lock-out, form tokens, demo links."""

from lachan.foundation.access.sessions.actions import (
    begin_enrolment,
    change_password,
    choose_agency,
    finish_enrolment,
    pass_second_factor,
    reset_password,
    reset_second_factor,
    revoke_sessions,
    sign_in,
    sign_out,
    touch,
)
from lachan.foundation.access.sessions.links import (
    check_form_token,
    demo_link_token,
    form_token,
    open_demo_session,
)
from lachan.foundation.access.sessions.model import Opened, Session, SignedIn, Stage
from lachan.foundation.access.sessions.views import current, last_seen

__all__ = [
    "Opened",
    "Session",
    "SignedIn",
    "Stage",
    "begin_enrolment",
    "change_password",
    "check_form_token",
    "choose_agency",
    "current",
    "demo_link_token",
    "finish_enrolment",
    "form_token",
    "last_seen",
    "open_demo_session",
    "pass_second_factor",
    "reset_password",
    "reset_second_factor",
    "revoke_sessions",
    "sign_in",
    "sign_out",
    "touch",
]
