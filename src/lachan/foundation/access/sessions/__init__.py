"""Sign-in and sessions of people: passwords, second factor, lock-out, form tokens, demo links."""

from lachan.foundation.access.sessions.actions import (
    begin_enrolment,
    change_password,
    choose_agency,
    finish_enrolment,
    pass_second_factor,
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
from lachan.foundation.access.sessions.resets import (
    Reset,
    ResetKind,
    ask_reset,
    confirm_reset,
    refuse_reset,
    reset_at_console,
    resets_to_tell,
    waiting_resets,
)
from lachan.foundation.access.sessions.views import current, last_seen

__all__ = [
    "Opened",
    "Reset",
    "ResetKind",
    "Session",
    "SignedIn",
    "Stage",
    "ask_reset",
    "begin_enrolment",
    "change_password",
    "check_form_token",
    "choose_agency",
    "confirm_reset",
    "current",
    "demo_link_token",
    "finish_enrolment",
    "form_token",
    "last_seen",
    "open_demo_session",
    "pass_second_factor",
    "refuse_reset",
    "reset_at_console",
    "resets_to_tell",
    "revoke_sessions",
    "sign_in",
    "sign_out",
    "touch",
    "waiting_resets",
]
