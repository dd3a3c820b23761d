"""The public check: paste anything, hear a plain verdict. What was typed stands in no address and is not kept."""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Response

from lachan.doors.api.identity import address_of
from lachan.doors.web.checking import (
    CardPage,
    CheckPage,
    Incoming,
    Question,
    answer_page,
    card_page,
    card_picture,
    open_card,
    question_of,
    seal_card,
)
from lachan.doors.web.public.forms import PublicFormOf
from lachan.doors.web.public.report import PICTURE_BYTES_MAX, Draft
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.report_form import TypedReport, TypedTransfer
from lachan.doors.web.visit import LANGUAGE_COOKIE, Form, Visit, VisitOf
from lachan.foundation.access import (
    CHECKS_BY_ADDRESS,
    CHECKS_BY_BROWSER,
    PICTURES_BY_ADDRESS,
    STATUS_BY_ADDRESS,
    RateLimiter,
)
from lachan.foundation.base import BadInput, InputReason, LachanError, Language, NotAllowed, NotFound, new_id
from lachan.foundation.identifiers import Found, Kind, caption, details, parse_key
from lachan.registry import Verdict
from lachan.response.shapes import Field, Message
from lachan.response.views.banks import Banks, banks_of
from lachan.screening import Asker
from lachan.screening.lookup import LETTERS_A_LOOK_UP, Looked, advise_on, ask, look_up

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# Only this person's own browser keeps the answer, so that "back" from the report shows it again.
_KEPT = {"cache-control": "private, no-cache"}
_LANGUAGE = "language_"
# Long enough for the servers of one chat program; what was taken off is soon shown no more.
_KEPT_PICTURE = {"cache-control": "public, max-age=300"}
# Drawing one costs as much as opening this many cards.
_PICTURE_COST = 40
_CONTACTS = frozenset({Kind.PHONE, Kind.URL, Kind.DOMAIN, Kind.SOCIAL, Kind.EMAIL, Kind.SENDER, Kind.APP})


@router.get("/check")
def check(visit: VisitOf) -> Response:
    """The box. A `?q=` is not read: what people ask about belongs into no log."""
    return visit.page("public/check.html", CheckPage())


@router.post("/check")
def answer(visit: VisitOf, sent: PublicFormOf) -> Response:
    """The answer to a paste. An old form is answered too: nothing is changed by it."""
    incoming = Incoming.of(sent.fields)
    chosen = sent.form.text("action").removeprefix(_LANGUAGE)
    if chosen in set(Language):
        visit = replace(visit, language=Language(chosen))
    made = _answer(visit, incoming, sent.form)
    if chosen in set(Language):
        made.set_cookie(LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="lax", path="/")
    return made


@router.get("/c/{token}")
def card(visit: VisitOf, token: str) -> Response:
    """A warning that somebody sent on: as it stands now, or nothing."""
    page = _card(visit, token, visit.language)
    if page.row is None:
        return visit.page("public/card.html", page, status=404)
    return visit.page("public/card.html", page)


@router.get("/c/{token}/{language}.png")
def picture(visit: VisitOf, token: str, language: Language) -> Response:
    """The same as a picture, which chat programs show beside the address."""
    page = _card(visit, token, language)
    if page.row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="card")
    _take(visit, _PICTURE_COST - 1)
    site = urlsplit(visit.services.settings.base_url).netloc
    return Response(card_picture(page, site, language), media_type="image/png", headers=_KEPT_PICTURE)


def _take(visit: Visit, cost: int) -> None:
    limiter: RateLimiter = visit.request.app.state.limiter
    limiter.require(STATUS_BY_ADDRESS, address_of(visit.request), visit.wall_now, cost=cost)


def _card(visit: Visit, token: str, language: Language) -> CardPage:
    """What a card says now; without a row where it says nothing any more."""
    _take(visit, 1)
    try:
        sent = open_card(visit.services.secret, token, visit.now)
    except NotFound:
        return CardPage(None)
    known = parse_key(sent.key)
    found = Found(known.kind, known.value, "", 0, 0, details(sent.key))
    looked = _look(visit, Question.about(ask(found)))[0]
    with visit.services.db.read() as conn:
        page = card_page(looked, banks_of(conn), visit.now)
    if page.row is None:
        return page
    advice = advise_on((looked,), language, visit.now)
    address = f"{visit.services.settings.base_url}/c/{token}"
    return replace(
        page, title=advice.title, steps=advice.steps, address=address, picture=f"{address}/{language}.png"
    )  # fmt: skip


def _answer(visit: Visit, incoming: Incoming, form: Form) -> Response:
    with visit.services.db.read() as conn:
        banks = banks_of(conn)
    try:
        incoming = _with_picture(visit, incoming, form)
    except NotAllowed as error:
        return _later(visit, incoming, error)
    except LachanError as error:
        incoming = replace(incoming, picture_error=sentence(error))
    if incoming.picture_error is not None:
        return _again(visit, incoming, picture=incoming.picture_error)
    if not incoming.text:
        return _again(visit, incoming, q=Message("web.check.nothing_pasted"))
    try:
        _count_letters(visit, incoming.text)
        question = question_of(incoming, banks)
        _count(visit, question)
    except NotAllowed as error:
        return _later(visit, incoming, error)
    looked = _look(visit, question)
    page = answer_page(incoming, question, looked, banks, visit.now)
    advice = advise_on(looked if page.rows else (), visit.language, visit.now)
    gravest = looked[0] if looked and looked[0].verdict is not Verdict.CLEAR else None
    page = replace(
        page, title=advice.title, text=advice.text, steps=advice.steps, note=advice.note or "",
        report=_draft(visit, question, looked, banks),
        share=_share(visit, gravest) if gravest else "",
    )  # fmt: skip
    made = visit.page("public/check.html", page)
    made.headers.update(_KEPT)
    return made


def _with_picture(visit: Visit, incoming: Incoming, form: Form) -> Incoming:
    picture = form.file("picture")
    if picture is None:
        return incoming
    content = picture.file.read(PICTURE_BYTES_MAX + 1)
    if len(content) > PICTURE_BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, limit=f"{PICTURE_BYTES_MAX // 1024 // 1024} MB")
    limiter: RateLimiter = visit.request.app.state.limiter
    limiter.require(PICTURES_BY_ADDRESS, address_of(visit.request), visit.wall_now)
    return incoming.with_picture(content)


def _count_letters(visit: Visit, text: str) -> None:
    """A long text costs before it is read: reading is what costs us."""
    if cost := len(text) // LETTERS_A_LOOK_UP:
        limiter: RateLimiter = visit.request.app.state.limiter
        limiter.require(CHECKS_BY_ADDRESS, address_of(visit.request), visit.wall_now, cost=cost)


def _count(visit: Visit, question: Question) -> None:
    """Each identifier counts, for this browser and for everybody behind the same address; walks are watched for."""
    limiter: RateLimiter = visit.request.app.state.limiter
    address, cost = address_of(visit.request), max(1, len(question.asked))
    if not visit.new_binding:
        limiter.require(CHECKS_BY_BROWSER, visit.binding, visit.wall_now, cost=cost)
    limiter.require(CHECKS_BY_ADDRESS, address, visit.wall_now, cost=cost)
    for one in question.asked:
        visit.services.screening.watch.require(Asker.PUBLIC, address, one.key, visit.wall_now)


def _look(visit: Visit, question: Question) -> list[Looked]:
    return look_up(visit.services.screening.engine, visit.services.db.read, question.asked, visit.now)


def _draft(visit: Visit, question: Question, looked: list[Looked], banks: Banks) -> str:
    """What a report about this would begin with, the gravest account first."""
    accounts = [one.asked for one in looked if one.asked.kind in (Kind.ACCOUNT, Kind.WALLET)][:1]
    rows = []
    for one in accounts:
        holder, _, number = one.key.partition(":")[2].rpartition(":")
        rows.append(TypedTransfer(payee_account=number, payee_bank=banks.name(holder) if holder else ""))
    contacts = [caption(one.key) for one in question.asked if one.kind in _CONTACTS]
    typed = TypedReport(contacts="\n".join(contacts), transfers=tuple(rows) or (TypedTransfer(),))
    return Draft(new_id(), typed).sealed(visit)


def _share(visit: Visit, looked: Looked) -> str:
    token = seal_card(visit.services.secret, looked.asked.key, visit.now)
    return f"{visit.services.settings.base_url}/c/{token}" if token else ""


def _again(
    visit: Visit, incoming: Incoming, *, q: Message | None = None, picture: Message | None = None
) -> Response:
    return visit.page(
        "public/check.html", CheckPage(q=Field(incoming.text, q), picture=Field(error=picture)), status=422
    )


def _later(visit: Visit, incoming: Incoming, error: NotAllowed) -> Response:
    """Too much was asked: when to come back, and everything typed still there."""
    seconds = int(str(error.params.get("seconds", 60)))
    unit, count = ("minutes", -(-seconds // 60)) if seconds > 90 else ("seconds", seconds)
    wait = Message(f"web.check.{unit}", {"count": count})
    page = CheckPage(q=Field(incoming.text), error=Message("web.check.later", {"wait": wait}))
    made = visit.page("public/check.html", page, status=HTTPStatus.TOO_MANY_REQUESTS)
    made.headers["retry-after"] = str(seconds)
    return made
