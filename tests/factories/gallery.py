"""Every page of the web door with sample data: what the gallery draws and the browser tests check."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.factories import pages, pages_admin, pages_desk, pages_golden, pages_public, pages_staff

from lachan.doors.web.admin.common import SECTIONS
from lachan.doors.web.checking import CheckPage
from lachan.doors.web.leaders import AdviceRow
from lachan.doors.web.render import make_environment, page_context, render
from lachan.foundation.base import Language, WallClock
from lachan.response.shapes import Message, Viewer

ADVICE = (
    AdviceRow("Cẩn thận: đã có người báo", "warn_payer.a, 1", 1_000, 312, 284, 341),
    AdviceRow("Bạn có đang bị giục chuyển tiền không?", "warn_payer.b, 1", 1_000, 427, 397, 458),
)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What a refusal shows."""

    title: Message
    what: Message
    do: Message
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the gallery: template, viewer, and what makes its shape."""

    name: str
    template: str
    viewer: Viewer | None
    make: Callable[[], object]


def all_pages() -> tuple[Shown, ...]:
    """Every page, its empty states too."""
    officer, banker = pages.OFFICER, pages_public.BANKER
    empty_desk = replace(pages_desk.desk_page(), rows=(), approvals=(), institutions=(), roster=())
    empty_golden = replace(
        pages_golden.golden_hour_page(), holds=(), next_steps=(), asking=(), decisions=(), stream=()
    )
    empty_inbox = replace(pages_public.inbox_page(), items=(), form=None, proof=None, scores=(), must_not=())
    nowhere = ErrorPage(
        Message("web.error.title"), Message("reason.no_such_record"), Message("web.status.lost_link"), "/"
    )
    shown = [
        Shown("golden-hour", "golden_hour/page.html", officer, pages_golden.golden_hour_page),
        Shown("golden-hour-empty", "golden_hour/page.html", officer, lambda: empty_golden),
        Shown("desk", "desk/page.html", officer, pages_desk.desk_page),
        Shown("desk-empty", "desk/page.html", officer, lambda: empty_desk),
        Shown("take", "desk/take.html", officer, lambda: pages_public.report_form(2, wrong=True)),
        Shown("inbox", "inbox/page.html", banker, pages_public.inbox_page),
        Shown("inbox-empty", "inbox/page.html", banker, lambda: empty_inbox),
        Shown("approval", "staff/approval.html", officer, pages_staff.approval_page),
        Shown("figures", "staff/leaders.html", officer, pages_staff.leader_figures),
        Shown("purpose", "staff/purpose.html", officer, pages_staff.purpose_page),
        Shown("sign-in", "staff/sign_in.html", None, pages_staff.sign_in_page),
        Shown("sign-in-totp", "staff/sign_in.html", None, lambda: pages_staff.sign_in_page(totp=True)),
        Shown("home", "public/home.html", None, CheckPage),
        Shown("check", "public/check.html", None, CheckPage),
        Shown("report-1", "public/report.html", None, lambda: pages_public.report_form(1)),
        Shown("report-2", "public/report.html", None, lambda: pages_public.report_form(2)),
        Shown("report-2-wrong", "public/report.html", None, lambda: pages_public.report_form(2, wrong=True)),
        Shown("report-3", "public/report.html", None, lambda: pages_public.report_form(3, wrong=True)),
        Shown("live", "public/live.html", None, pages_public.live_page),
        Shown("status", "public/status.html", None, pages_public.status_page),
        Shown("appeal-start", "public/appeal.html", None, lambda: pages_public.appeal_page("start")),
        Shown("appeal-form", "public/appeal.html", None, lambda: pages_public.appeal_page("form")),
        Shown("appeal-opened", "public/appeal.html", None, lambda: pages_public.appeal_page("opened")),
        Shown("error", "public/error.html", None, lambda: nowhere),
    ]
    for name, page in pages_admin.admin_pages().items():
        shown.append(Shown(f"admin-{name}", f"admin/{name}.html", officer, lambda page=page: page))  # type: ignore[misc]
    return tuple(shown)


ENVIRONMENT = make_environment()


def draw(shown: Shown, language: Language = Language.VI) -> str:
    """The page as HTML."""
    context = page_context(
        language=language,
        viewer=shown.viewer,
        now=pages.NOW,
        clock=WallClock(),
        csrf="sample",
        here=f"/{shown.name}",
    )
    more = {
        "sections": tuple(SECTIONS),
        "listing": pages_staff.listing_figures(),
        "reads_registry": True,
        "advice": ADVICE,
        "warnings": (),
        "language": language,
    }
    return render(ENVIRONMENT, shown.template, context, page=shown.make(), **more)
