"""The report in three steps. Earlier steps travel sealed in the form itself: nothing is kept before it is sent.

The draft's number makes the live page's secret, so the same report sent twice (a double click, a lost answer,
the back button) is received once and leads to the same page.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Response

from lachan.doors.web.public.forms import PublicForm, PublicFormOf
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.report_form import (
    Errors,
    TypedReport,
    TypedTransfer,
    as_fields,
    errors_of,
    errors_of_step,
    fill,
    parse_report,
    read_picture,
    report_form,
    settled,
    step_of,
    typed_report,
    with_paste_read,
    with_rows_changed,
)
from lachan.doors.web.visit import LANGUAGE_COOKIE, Form, Visit, VisitOf, go
from lachan.foundation.access import PICTURES_BY_ADDRESS, REPORTS_BY_ADDRESS, RateLimiter
from lachan.foundation.base import (
    PUBLIC,
    BadInput,
    Conflict,
    InputReason,
    LachanError,
    Language,
    NotAllowed,
    NotFound,
    NotReady,
    new_id,
)
from lachan.intake import Channel, ReportDraft, receive_report, report_by_secret
from lachan.response.shapes import Message
from lachan.response.views.banks import Banks, banks_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PICTURE_BYTES_MAX = 10 * 1024 * 1024
# Only this person's own browser keeps the page, so that "back" shows it again.
_KEPT = {"cache-control": "private, no-cache"}
_USE = "report_draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way through the steps."""

    id: str
    typed: TypedReport

    def sealed(self, visit: Visit) -> str:
        """The text that the form carries; nobody but this instance can read or make it."""
        content = orjson.dumps({"id": self.id, "fields": as_fields(replace(self.typed, paste=""))}).decode()
        return visit.services.secret.seal(_USE, content)


@router.get("/report")
def report(visit: VisitOf) -> Response:
    """The first step, empty; a browser that kept an unsent report fills it in again."""
    return _page(visit, Draft(new_id(), TypedReport()), 1, fresh=True)


@router.post("/report")
def report_step(visit: VisitOf, sent: PublicFormOf) -> Response:
    """One press of a button: on, back, read for me, another transfer, send."""
    step = int(sent.form.text("step")) if sent.form.text("step") in {"1", "2", "3"} else 1
    draft = _draft(visit, sent, step)
    action = sent.form.text("action")
    if sent.error:
        return _page(visit, draft, step, {"": sent.error}, status=403)
    if action.startswith("language_") and action.removeprefix("language_") in set(Language):
        return _in_language(visit, draft, step, Language(action.removeprefix("language_")))
    if action == "back":
        return _page(visit, draft, max(1, step - 1))
    if step == 2 and (changed := _change(visit, sent.form, draft, action)) is not None:
        return changed
    if action == "send":
        return _send(visit, draft)
    with visit.services.db.read() as conn:
        banks = banks_of(conn)
    errors = errors_of_step(draft.typed, banks, visit.now, step)
    if errors:
        return _page(visit, draft, step, errors, status=422, banks=banks)
    draft = Draft(draft.id, settled(draft.typed, visit.now))
    return _page(visit, draft, min(step + 1, 3), banks=banks, saved=True)


def _draft(visit: Visit, sent: PublicForm, step: int) -> Draft:
    """What earlier steps said, and what this step says now."""
    given = sent.fields
    try:
        content = orjson.loads(visit.services.secret.unseal(_USE, given.get("draft", "")))
        draft_id, earlier = str(content["id"]), dict(content["fields"])
    except (NotReady, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        draft_id, earlier = new_id(), {}
    kept = {name: value for name, value in earlier.items() if step_of(name) != step}
    fresh = {name: value for name, value in given.items() if step_of(name) == step}
    return Draft(draft_id, typed_report({**kept, **fresh}))


def _change(visit: Visit, form: Form, draft: Draft, action: str) -> Response | None:
    """Buttons of the second step that change its rows; None for the others."""
    if changed := with_rows_changed(draft.typed, action):
        return _page(visit, Draft(draft.id, changed), 2)
    # What was pasted but not yet read is read also when "next" is pressed; it is then looked at once more.
    if action == "read" or (action in {"next", "send"} and (draft.typed.paste or form.file("picture"))):
        return _read(visit, form, draft)
    return None


def _read(visit: Visit, form: Form, draft: Draft) -> Response:
    with visit.services.db.read() as conn:
        banks = banks_of(conn)
    errors: Errors = {}
    typed, picture = draft.typed, form.file("picture")
    if picture:
        try:
            found = _picture(visit, picture.file.read(PICTURE_BYTES_MAX + 1), banks)
            for row in found:
                typed = replace(typed, transfers=fill(typed.transfers, row))
            if not found:
                errors["picture"] = Message("web.report.no_code")
        except LachanError as error:
            errors["picture"] = sentence(error)
    if typed.paste or not picture:
        typed, wrong = with_paste_read(typed, banks)
        if wrong:
            errors["paste"] = wrong
    return _page(visit, Draft(draft.id, typed), 2, errors, status=422 if errors else 200, banks=banks)


def _picture(visit: Visit, content: bytes, banks: Banks) -> list[TypedTransfer]:
    if len(content) > PICTURE_BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, limit=f"{PICTURE_BYTES_MAX // 1024 // 1024} MB")
    limiter: RateLimiter = visit.request.app.state.limiter
    limiter.require(PICTURES_BY_ADDRESS, visit.source, visit.wall_now)
    return read_picture(content, banks)


def _send(visit: Visit, draft: Draft) -> Response:
    with visit.services.db.read() as conn:
        banks = banks_of(conn)
    parsed = parse_report(draft.typed, banks, visit.now, visit.language)
    if parsed.draft is None:
        step = min(step_of(name) for name in parsed.errors)
        errors = {name: what for name, what in parsed.errors.items() if step_of(name) == step}
        return _page(visit, draft, step, errors, status=422, banks=banks)
    secret = _secret(visit, draft)
    if _known(visit, secret):
        return go(f"/live/{secret}")
    try:
        limiter: RateLimiter = visit.request.app.state.limiter
        limiter.require(REPORTS_BY_ADDRESS, visit.source, visit.wall_now)
        _receive(visit, parsed.draft, secret)
    except NotAllowed as error:
        return _page(visit, draft, 3, {"": sentence(error)}, status=429, banks=banks)
    except BadInput as error:
        errors = errors_of(error)
        return _page(visit, draft, min(map(step_of, errors)), errors, status=422, banks=banks)
    return go(f"/live/{secret}")


def _receive(visit: Visit, draft: ReportDraft, secret: str) -> None:
    try:
        with visit.services.db.unit(visit.now, PUBLIC) as unit:
            try:
                report_by_secret(unit.conn, secret)
            except NotFound:
                receive_report(unit, draft, Channel.WEB, secret=secret)
    except sa.exc.IntegrityError as error:
        # The other press of a double click was faster; where it was something else, nothing was received.
        if not _known(visit, secret):
            raise Conflict(InputReason.CHANGED_MEANWHILE) from error


def _known(visit: Visit, secret: str) -> bool:
    try:
        with visit.services.db.read() as conn:
            report_by_secret(conn, secret)
    except NotFound:
        return False
    return True


def _secret(visit: Visit, draft: Draft) -> str:
    """192 bits that only this instance can make, the same for the same draft with the same words."""
    said = orjson.dumps(as_fields(draft.typed), option=orjson.OPT_SORT_KEYS)
    return visit.services.secret.mark("live_page", f"{draft.id}:{hashlib.sha256(said).hexdigest()}")[:48]


def _in_language(visit: Visit, draft: Draft, step: int, language: Language) -> Response:
    answer = _page(replace(visit, language=language), draft, step)
    answer.set_cookie(LANGUAGE_COOKIE, language.value, max_age=31_536_000, samesite="lax", path="/")
    return answer


def _page(
    visit: Visit,
    draft: Draft,
    step: int,
    errors: Mapping[str, Message] | None = None,
    *,
    status: int = 200,
    banks: Banks | None = None,
    saved: bool = False,
    fresh: bool = False,
) -> Response:
    if banks is None:
        with visit.services.db.read() as conn:
            banks = banks_of(conn)
    form = report_form(
        draft.typed, banks, visit.now, visit.language, step=step, draft=draft.sealed(visit),
        # Each step posts to an address of its own: "back" then goes to the step before.
        errors=dict(errors or {}), action=f"/report?step={step}", saved=saved or step > 1,
    )  # fmt: skip
    answer = visit.page("public/report.html", form, status=status, fresh=fresh)
    answer.headers.update(_KEPT)
    return answer
