"""Where each page of the application is, who opens it, and what is done on it before it is looked at.

A route that shows a page and has no stop here fails `test_every_page_has_a_stop`.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import segno
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from tests.factories import models
from tests.factories.planned_world import clerk, head
from tests.factories.plans import POLICE
from tests.factories.suspects import MESSAGE
from tests.factories.whole_world import BANK, CONTROLLER, EMPTY_HEAD, WholeWorld

from lachan.foundation.access.sessions import Stage
from lachan.foundation.base import VIETNAM, WallClock
from lachan.foundation.identifiers import VietQR, write_vietqr
from lachan.foundation.trail import seal

Address = Callable[[WholeWorld], str]
Act = Callable[[Page, WholeWorld], None]


@dataclass(frozen=True)
class Stop:
    """One page. `who` signs in; empty is a stranger; `unfinished` still has that step of the sign-in to go."""

    name: str
    route: str
    address: Address
    who: str = ""
    act: Act | None = None
    unfinished: Stage | None = None
    status: int = 200


def at(address: str) -> Address:
    """A page whose address never changes."""
    return lambda _whole: address


def on(what: str, rest: str = "") -> Address:
    """A page of a trace."""
    return lambda w: f"/trace/{w.world.codes[what]}{rest}"


def of_file(what: str, rest: str = "") -> Address:
    """A report's file."""
    return lambda w: f"/desk/reports/{w.world.codes[what]}{rest}"


def listed(what: str, rest: str = "") -> Address:
    """An entry's page."""
    return lambda w: f"/registry/{w.listing(what)}{rest}"


def alerted(what: str, rest: str = "") -> Address:
    """An alert's page."""
    return lambda w: f"/alerts/{w.alerts[what]}{rest}"


def planned(rest: str = "", *, draft: bool = False) -> Address:
    """A page of a plan: the one in force, or the draft."""
    return lambda w: f"/plans/{w.planned.draft if draft else w.planned.plan}{rest}"


def _of_the_police(whole: WholeWorld) -> str:
    return f"/plans/tasks/{whole.planned.tasks['III.1.1', POLICE]}"


def told(what: str, rest: str = "", under: str = "/outreach/items") -> Address:
    """The page of a text or campaign."""
    return lambda w: f"{under}/{w.told.codes[what]}{rest}"


def about(what: str, name: str) -> Address:
    """The form of a decision about the newest request of a trace."""
    return lambda w: f"/trace/{w.world.codes[what]}/{name}?hold={w.world.hold_of(what).id}"


def press(selector: str) -> Act:
    """Press something and wait for the next page."""

    def act(page: Page, _whole: WholeWorld) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("load")

    return act


def _with_a_purpose(page: Page, whole: WholeWorld) -> None:
    services = whole.world.services
    seal(services.db, services.seal_key, now=whole.world.now, wall_now=WallClock().now())
    if page.locator("#exhibits button").count() == 0:
        page.locator('a[href^="/purpose"]').first.click()
        page.locator("input[name=purpose]").first.check()
        page.fill("input[name=case]", "vụ án 12/2026")
        page.locator("form.form-grid button.primary").click()
    page.locator("#exhibits button").click()
    expect(page.locator("#exhibits a").first).to_be_visible()


def _answer_too_much(page: Page, _whole: WholeWorld) -> None:
    page.evaluate("document.querySelector('input[name=held_vnd]').closest('form').noValidate = true")
    page.fill("input[name=held_vnd]", "999.000.000.000")
    page.locator("button[value=answer]").first.click()
    page.wait_for_load_state("load")


def _step_2(page: Page, _whole: WholeWorld) -> None:
    page.fill("#story", "Người lạ xưng là công an, dọa bắt, bắt tôi chuyển hết tiền vào “tài khoản an toàn”.")
    page.locator("input[name=situation]").first.check()
    page.locator(".thumb button[value=next]").click()
    expect(page.locator("#transfer_0_amount")).to_be_visible()


def _pasted(page: Page, whole: WholeWorld) -> None:
    _step_2(page, whole)
    page.locator("summary.read-from").first.click()
    page.fill("#paste", "TK 0711223344556 Vietcombank -50,000,000 VND luc 09:33 21/11/2026. ND: NGUYEN VAN A ck")
    page.locator("button[value=read]").click()
    expect(page.locator("#transfer_0_amount")).to_have_value("50.000.000")


def _step_3(page: Page, whole: WholeWorld) -> None:
    _step_2(page, whole)
    page.fill("#transfer_0_amount", "50000000")
    booked = (whole.world.now - timedelta(minutes=20)).astimezone(VIETNAM).replace(tzinfo=None)
    page.fill("#transfer_0_booked_at", booked.isoformat(timespec="seconds"))
    page.fill("#transfer_0_payee_account", "0711223344556")
    page.fill("#transfer_0_payee_bank", "Sông Hồng")
    page.locator(".thumb button[value=next]").click()
    expect(page.locator("#phone")).to_be_visible()


def _step_3_wrong(page: Page, whole: WholeWorld) -> None:
    _step_3(page, whole)
    page.locator(".thumb button[value=send]").click()
    expect(page.locator(".notice-error")).to_be_visible()


def _enrolled(page: Page, _whole: WholeWorld) -> None:
    secret = page.locator("code").first.inner_text().replace(" ", "")
    page.fill("#totp", pyotp.TOTP(secret).now())
    page.locator("form.form-grid button.primary").click()
    expect(page.locator("ul.pairs code")).to_have_count(10)


def _wrong_password(page: Page, _whole: WholeWorld) -> None:
    page.fill("#account", "officer")
    page.fill("#password", "sai mật khẩu")
    page.locator("form.form-grid button.primary").click()
    expect(page.locator(".notice-error")).to_be_visible()


def _new_client(page: Page, _whole: WholeWorld) -> None:
    page.locator("button:has-text('Đổi khóa bí mật'), button:has-text('New secret')").first.click()
    page.wait_for_load_state("load")


def _new_copy_key(page: Page, _whole: WholeWorld) -> None:
    page.locator("details.row-form summary").first.click()
    page.locator("form[action$='/key'] button").first.click()
    expect(page.locator(".notice-done code").first).to_be_visible()


def _models_to_decide(page: Page, whole: WholeWorld) -> None:
    world = whole.world
    in_service = models.model_in_service(world.services, world.people["head"])
    models.proposed_model(world.services)
    page.reload()
    expect(page.locator("td code", has_text=in_service)).to_be_visible()
    page.locator("details.row-form summary").first.click()


def _checked(text: str) -> Act:
    """Paste something and press the button."""

    def act(page: Page, _whole: WholeWorld) -> None:
        page.fill("#q", text)
        page.locator(".ask button").click()
        page.wait_for_load_state("load")

    return act


def _no_bank_chosen(page: Page, whole: WholeWorld) -> None:
    _checked("0711223344556")(page, whole)
    page.evaluate("document.querySelector('#again').noValidate = true")
    page.locator("#again .primary").click()
    expect(page.locator("#bank_0-error")).to_be_visible()


def _limited(page: Page, _whole: WholeWorld) -> None:
    numbers = "\n".join(f"0{place}1112222" for place in (86, *range(90, 99)))
    for _ in range(7):
        page.goto(page.url.split("/check")[0] + "/check")
        _checked(numbers)(page, _whole)
    expect(page.locator(".notice-caution")).to_be_visible()


def _pictured(kind: str, size: int) -> Act:
    """Send a picture: a VietQR code, one without a code, or bytes that are none."""

    def act(page: Page, _whole: WholeWorld) -> None:
        drawn = io.BytesIO()
        if kind == "QR":
            code = write_vietqr(VietQR("970436", "0381004644417", 500_000, "TIEN DIEN"))
            segno.make(code, error="m").save(drawn, kind="png", scale=6)
        elif kind:
            Image.new("RGB", (size, size), "white").save(drawn, kind)
        else:
            drawn.write(b"x" * (size + 1))
        file: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
        page.set_input_files("#picture", [file])
        page.locator(".ask button").click()
        page.wait_for_load_state("load")

    return act


HUGE = MESSAGE + " Chào bác." * 3_000


def _one_wrong(page: Page, _whole: WholeWorld) -> None:
    page.fill("#what", "không có số nào")
    page.locator("button:has-text('Ghi nhận')").first.click()
    expect(page.locator("#what-error")).to_be_visible()


def _dry_look(page: Page, _whole: WholeWorld) -> None:
    text = "key,reason,confidence\naccount:999001:55512345678,R3,80\nphone:12,R3,\ndomain:google.com,L1,70\n"
    page.set_input_files("#file", {"name": "thang-11.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.locator("button:has-text('Xem thử')").click()
    expect(page.locator("#h-look")).to_be_visible()


STRANGERS = (
    Stop("home", "/", at("/")),
    Stop("check", "/check", at("/check")),
    Stop("check-clear", "/check", at("/check"), act=_checked("gọi 0912 000 111")),
    Stop("check-warn", "/check", at("/check"), act=_checked("0381004644417 Vietcombank")),
    Stop("check-step-up", "/check", at("/check"), act=_checked("STK 0711223344556 VCB")),
    Stop("check-block", "/check", at("/check"), act=_checked("0987 654 321")),
    Stop("check-several", "/check", at("/check"), act=_checked(MESSAGE)),
    Stop("check-nothing", "/check", at("/check"), act=_checked("Chào bác, cháu là công an đây ạ.")),
    Stop("check-bank", "/check", at("/check"), act=_checked("Chuyển vào 0711223344556 nhé")),
    Stop("check-bank-missing", "/check", at("/check"), act=_no_bank_chosen),
    Stop("check-empty", "/check", at("/check"), act=_checked("")),
    Stop("check-huge", "/check", at("/check"), act=_checked(HUGE)),
    Stop("check-limited", "/check", at("/check"), act=_limited),
    Stop("check-no-code", "/check", at("/check"), act=_pictured("PNG", 40)),
    Stop("check-unreadable", "/check", at("/check"), act=_pictured("", 40)),
    Stop("check-picture", "/check", at("/check"), act=_pictured("QR", 0)),
    Stop("card", "/c/{token}", lambda w: f"/c/{w.card}"),
    Stop("card-gone", "/c/{token}", at("/c/unknown"), status=404),
    Stop("report-1", "/report", at("/report")),
    Stop("report-1-wrong", "/report", at("/report"), act=press(".thumb button[value=next]")),
    Stop("report-2", "/report", at("/report"), act=_step_2),
    Stop("report-2-pasted", "/report", at("/report"), act=_pasted),
    Stop("report-3", "/report", at("/report"), act=_step_3),
    Stop("report-3-wrong", "/report", at("/report"), act=_step_3_wrong),
    Stop("status", "/status", at("/status")),
    Stop("status-found", "/status", lambda w: f"/status?code={w.world.codes['chased']}"),
    Stop("status-mistyped", "/status", at("/status?code=LC-7K4Q-92M3A"), status=422),
    Stop("live", "/live/{secret}", lambda w: f"/live/{w.secrets['chased']}"),
    Stop("live-held", "/live/{secret}", lambda w: f"/live/{w.secrets['noticed']}"),
    Stop("live-referred", "/live/{secret}", lambda w: f"/live/{w.secrets['referred']}"),
    Stop("appeal", "/appeal", at("/appeal")),
    Stop("appeal-notice", "/appeal", lambda w: f"/appeal?notice={w.notices['noticed']}"),
    Stop(
        "appeal-wrong", "/appeal", lambda w: f"/appeal?notice={w.notices['noticed']}", act=press(".thumb .button")
    ),
    Stop("appeal-opened", "/appeal/{code}", lambda w: f"/appeal/{w.appeal}"),
    Stop("listing", "/listing", at("/listing")),
    Stop("listing-notice", "/listing", lambda w: f"/listing?notice={w.listing('again')}"),
    Stop(
        "listing-wrong", "/listing", lambda w: f"/listing?notice={w.listing('again')}", act=press(".thumb .button")
    ),
    Stop("listing-opened", "/listing/{code}", lambda w: f"/listing/{w.listing('appeal')}"),
    Stop("listing-decided", "/listing/{code}", lambda w: f"/listing/{w.listing('decided')}"),
    Stop("sign-in", "/sign-in", at("/sign-in?next=/desk")),
    Stop("sign-in-wrong", "/sign-in", at("/sign-in"), act=_wrong_password),
    Stop("sign-in-password", "/sign-in/step", at("/sign-in/step"), unfinished=Stage.PASSWORD),
    Stop("sign-in-enrol", "/sign-in/step", at("/sign-in/step"), unfinished=Stage.ENROLMENT),
    Stop("sign-in-recovery", "/sign-in/step", at("/sign-in/step"), act=_enrolled, unfinished=Stage.ENROLMENT),
    Stop("sign-in-totp", "/sign-in/step", at("/sign-in/step"), unfinished=Stage.SECOND_FACTOR),
    Stop("nowhere", "/problems/{reason}", at("/nowhere"), status=404),
    Stop("problem", "/problems/{reason}", at("/problems/missing")),
)

DESK = (
    Stop("desk", "/desk", at("/desk"), "shift"),
    Stop("desk-analysing", "/desk", at("/desk?tab=analysing"), "shift"),
    Stop("desk-narrowed", "/desk", at("/desk?tab=all&since=2026-01-01&having=held"), "shift"),
    Stop("desk-not-found", "/desk", at("/desk?q=0000000000"), "officer"),
    Stop("desk-empty", "/desk", at("/desk"), EMPTY_HEAD),
    Stop("take", "/desk/reports/new", at("/desk/reports/new"), "officer"),
    Stop("take-wrong", "/desk/reports/new", at("/desk/reports/new"), "officer", press("button[value=send]")),
    Stop("golden-hour", "/trace/{code}", on("hops"), "officer"),
    Stop("golden-hour-chased", "/trace/{code}", on("chased"), "shift"),
    Stop("golden-hour-approval", "/trace/{code}", on("approval"), "shift"),
    Stop("golden-hour-refused", "/trace/{code}", on("refused"), "officer"),
    Stop("golden-hour-gap", "/trace/{code}", on("gap"), "officer"),
    Stop("golden-hour-silent", "/trace/{code}", on("silent"), "officer"),
    Stop("golden-hour-telephone", "/trace/{code}", on("telephone"), "officer"),
    Stop("golden-hour-appealed", "/trace/{code}", on("appealed"), "head"),
    Stop("golden-hour-cancelled", "/trace/{code}", on("cancelled"), "leader"),
    Stop("money", "/trace/{code}/money", on("hops", "/money"), "officer"),
    Stop("money-shown", "/trace/{code}/money", on("gap", "/money"), "shift", _with_a_purpose),
    Stop("money-before", "/trace/{code}/money", on("hops", "/money?as_of=2020-01-01T00:00"), "officer"),
    Stop("money-mistyped", "/trace/{code}/money", on("hops", "/money?known_at=gestern"), "officer", status=422),
    Stop("extend", "/trace/{code}/{name}", on("hops", "/extend"), "shift"),
    Stop("extend-one", "/trace/{code}/{name}", about("noticed", "extend"), "shift"),
    Stop("convert", "/trace/{code}/{name}", on("held", "/convert"), "shift"),
    # Not the first thing to do there: this desk may only recommend.
    Stop("convert-wrong", "/trace/{code}/{name}", on("held", "/convert"), "shift", press("form .wide > button")),
    Stop("recommend", "/trace/{code}/{name}", on("hops", "/recommend"), "shift"),
    Stop("confirm", "/trace/{code}/{name}", on("hops", "/confirm"), "officer"),
    Stop("payer", "/trace/{code}/{name}", on("hops", "/payer"), "officer"),
    Stop("appeal-decide", "/trace/{code}/{name}", on("appealed", "/appeal"), "head"),
    Stop("release", "/trace/{code}/{name}", on("hops", "/release"), "shift"),
    Stop("cancel", "/trace/{code}/{name}", on("hops", "/cancel"), "shift"),
    Stop("raise", "/trace/{code}/{name}", about("refused", "raise"), "officer"),
    Stop("answer", "/trace/{code}/{name}", about("telephone", "answer"), "officer"),
    Stop("answer-wrong", "/trace/{code}/{name}", about("telephone", "answer"), "officer", press("form .primary")),
    Stop("task-telephone", "/trace/{code}/tasks/{task_id}", lambda w: on("telephone", f"/tasks/{w.telephone}")(w),
         "officer"),
    Stop("task", "/trace/{code}/tasks/{task_id}", lambda w: on("hops", f"/tasks/{w.other_task}")(w), "officer"),
    Stop("call", "/desk/calls/{task_id}", lambda w: f"/desk/calls/{w.call_task}", "officer"),
    Stop("call-wrong", "/desk/calls/{task_id}", lambda w: f"/desk/calls/{w.call_task}", "officer",
         press("form.form-grid button")),
    Stop("reports", "/desk/reports", at("/desk/reports"), "officer"),
    Stop("reports-empty", "/desk/reports", at("/desk/reports"), EMPTY_HEAD),
    Stop("report-file", "/desk/reports/{code}", of_file("hops"), "head"),
    Stop("report-close", "/desk/reports/{code}/{name}", of_file("hops", "/close"), "head"),
    Stop("analyse", "/trace/{code}/{name}", on("held", "/analyse"), "head"),
    Stop("approvals-none", "/approvals", at("/approvals"), EMPTY_HEAD),
    Stop("approval", "/approvals/{hold_id}", lambda w: f"/approvals/{w.world.hold_of('approval').id}", "shift"),
    Stop("approval-refused", "/approvals/{hold_id}", lambda w: f"/approvals/{w.world.hold_of('approval').id}",
         "shift", press("button[value=reject]")),
    Stop("approval-not-mine", "/approvals/{hold_id}", lambda w: f"/approvals/{w.world.hold_of('approval').id}",
         "officer"),
    Stop("approval-proposal", "/approvals/{hold_id}", lambda w: f"/approvals/{w.proposal}", "head"),
    Stop("refunds", "/refunds", at("/refunds"), "officer"),
    Stop("refunds-empty", "/refunds", at("/refunds"), EMPTY_HEAD),
    Stop("refund-pool", "/refunds/pool/{hold_id}", lambda w: f"/refunds/pool/{w.given('pool')}", "officer"),
    Stop("refund-pool-wrong", "/refunds/pool/{hold_id}", lambda w: f"/refunds/pool/{w.given('pool')}", "officer",
         press("form[method=post] button.primary")),
    Stop("refund-approve", "/refunds/{code}", lambda w: f"/refunds/{w.given('proposed')}", "shift"),
    Stop("refund-not-mine", "/refunds/{code}", lambda w: f"/refunds/{w.given('proposed')}", "officer"),
    Stop("refund-enter", "/refunds/{code}", lambda w: f"/refunds/{w.given('asked')}", "shift"),
    Stop("refund-paid", "/refunds/{code}", lambda w: f"/refunds/{w.given('paid')}", "leader"),
    Stop("purpose", "/purpose", lambda w: f"/purpose?trace={w.world.codes['chased']}", "officer"),
    Stop("figures", "/figures", at("/figures?period=week"), "leader"),
    Stop("figures-empty", "/figures", at("/figures"), EMPTY_HEAD),
    Stop("refusal", "/trace/{code}/{name}", on("hops", "/cancel"), "leader", status=403),
)  # fmt: skip

INSTITUTION = (
    Stop("inbox", "/inbox", at("/inbox"), f"bank.{BANK}"),
    Stop("inbox-empty", "/inbox", at("/inbox"), "bank.999088"),
    Stop("inbox-answer", "/inbox/{key}", lambda w: f"/inbox/{w.inbox_item('hold.requested')}", f"bank.{BANK}"),
    Stop("inbox-wrong", "/inbox/{key}", lambda w: f"/inbox/{w.inbox_item('hold.requested')}", f"bank.{BANK}",
         _answer_too_much),
    Stop("inbox-prepared", "/inbox/{key}", lambda w: f"/inbox/{w.prepared}", f"bank.{BANK}"),
    Stop("inbox-confirm", "/inbox/{key}", lambda w: f"/inbox/{w.prepared}", CONTROLLER),
    Stop("inbox-notice", "/inbox/{key}", lambda w: f"/inbox/{w.inbox_item('notice.serve')}", f"bank.{BANK}"),
    Stop("inbox-refund", "/inbox/{key}", lambda w: f"/inbox/{w.inbox_item('refund.requested')}", f"bank.{BANK}"),
    Stop("inbox-cancelled", "/inbox/{key}", lambda w: f"/inbox/{w.inbox_item('request.cancelled')}", CONTROLLER),
    Stop("inbox-transfer", "/inbox", at("/inbox"), "bank.999002"),
)  # fmt: skip

_ACT = "/registry/{entry_id}/{name}"
REGISTRY = (
    Stop("registry", "/registry", at("/registry"), "head"),
    Stop("registry-found", "/registry", at("/registry?q=song+hong+4417"), "officer"),
    Stop("registry-not-found", "/registry", at("/registry?q=zzzz"), "officer"),
    Stop("registry-all", "/registry", at("/registry?state=all"), "auditor"),
    Stop("merges", "/registry/merges", at("/registry/merges"), "head"),
    Stop("merges-read", "/registry/merges", at("/registry/merges"), "officer"),
    Stop("entry-waiting", "/registry/{entry_id}", listed("waiting"), "shift"),
    Stop("entry-waiting-own", "/registry/{entry_id}", listed("waiting"), "head"),
    Stop("entry-appealed", "/registry/{entry_id}", listed("appealed"), "head"),
    Stop("entry-withdrawn", "/registry/{entry_id}", listed("warned"), "officer"),
    Stop("entry-purpose", "/registry/{entry_id}/purpose", listed("waiting", "/purpose"), "officer"),
    Stop("listing-claim", _ACT, listed("warned", "/claim"), "officer"),
    Stop("listing-claim-wrong", _ACT, listed("warned", "/claim"), "officer", press("form.form-grid .primary")),
    Stop("listing-activate", _ACT, listed("waiting", "/activate"), "head"),
    Stop("listing-activate-wrong", _ACT, listed("waiting", "/activate"), "head", press("form.form-grid .primary")),
    Stop("listing-renew", _ACT, listed("warned", "/renew"), "shift"),
    Stop("listing-review", _ACT, listed("warned", "/review"), "shift"),
    Stop("listing-delist", _ACT, listed("warned", "/delist"), "shift"),
    Stop("listing-issue", _ACT, listed("warned", "/notice"), "shift"),
    Stop("listing-merge", _ACT, listed("warned", "/merge"), "shift"),
    Stop("listing-unmerge", _ACT, listed("warned", "/unmerge"), "shift"),
    Stop("listing-check", _ACT, listed("waiting", "/check"), "shift"),
    Stop("listing-withdraw", _ACT, lambda w: listed("warned", f"/withdraw?claim={w.listing('claim')}")(w), "shift"),
    Stop("listing-appeal", _ACT,
         lambda w: listed("appealed", f"/appeal?appeal={w.listing('appeal_id')}")(w), "head"),
    Stop("claims", "/registry/claims", at("/registry/claims"), f"bank.{BANK}"),
    Stop("claims-wrong", "/registry/claims", at("/registry/claims"), f"bank.{BANK}", _one_wrong),
    Stop("claims-look", "/registry/claims", at("/registry/claims"), "officer", _dry_look),
    Stop("export", "/registry/export", at("/registry/export"), "head"),
)  # fmt: skip


def _written_too_long(page: Page, _whole: WholeWorld) -> None:
    page.fill("#title", "Cảnh giác")
    page.fill("#text", "Bà con cúp máy ngay. " * 120)
    expect(page.locator("#meter .error")).to_be_visible()
    page.locator("form .primary").click()
    expect(page.locator("#text-error")).to_be_visible()


_TEXT = "/outreach/items/{code}"
OUTREACH = (
    Stop("texts", "/outreach", at("/outreach"), "head"),
    Stop("text-rise", _TEXT, told("rise"), "officer"),
    Stop("text-waiting", _TEXT, told("waiting"), "head"),
    Stop("text-reached", _TEXT, told("script"), "officer"),
    Stop("text-retracted", _TEXT, told("retracted"), f"bank.{BANK}"),
    Stop("text-new", "/outreach/new", at("/outreach/new?kind=piece&channel=loudspeaker&audience=elderly"),
         "officer", _written_too_long),
    Stop("text-edit", f"{_TEXT}/edit", told("draft", "/edit"), "officer"),
    Stop("text-print", f"{_TEXT}/print", told("poster", "/print"), "officer"),
    Stop("text-retract", f"{_TEXT}/{{name}}", told("public", "/retract"), "head", press("form.form-grid .primary")),
    Stop("text-reach", f"{_TEXT}/reach", told("script", "/reach"), "officer"),
    Stop("campaigns", "/outreach/campaigns", at("/outreach/campaigns"), "officer"),
    Stop("campaign", "/outreach/campaigns/{code}", told("campaign", under="/outreach/campaigns"), "officer"),
    Stop("methods-staff", "/outreach/methods", at("/outreach/methods?victim_groups=elderly"), "officer"),
    Stop("method-staff", "/outreach/methods/{form}", at("/outreach/methods/fake_police"), "leader"),
    Stop("warnings", "/warnings", at("/warnings")),
    Stop("warning", "/warnings/{code}", told("public", under="/warnings")),
    Stop("warning-retracted", "/warnings/{code}", told("retracted", under="/warnings")),
    Stop("methods", "/methods", at("/methods")),
    Stop("method", "/methods/{form}", at("/methods/fake_police")),
    Stop("statistics", "/statistics", at("/statistics")),
)  # fmt: skip

_ALERT = "/alerts/{alert_id}/{name}"
ALERTS = (
    Stop("alerts", "/alerts", at("/alerts"), "officer"),
    Stop("alerts-bank", "/alerts", at("/alerts?sort=amount"), f"bank.{BANK}"),
    Stop("alerts-ended", "/alerts", at("/alerts?state=ended"), "auditor"),
    Stop("alerts-none", "/alerts", at("/alerts?state=open&typology=night_burst"), "head"),
    Stop("typologies", "/alerts/typologies", at("/alerts/typologies"), "officer"),
    Stop("suppressions", "/alerts/suppressions", at("/alerts/suppressions"), "head"),
    Stop("suppressions-wrong", "/alerts/suppressions", at("/alerts/suppressions"), "head",
         press("form.form-grid button")),
    Stop("alert-open", "/alerts/{alert_id}", alerted("open"), f"bank.{BANK}"),
    Stop("alert-seen", "/alerts/{alert_id}", alerted("seen"), "officer"),
    Stop("alert-taken", "/alerts/{alert_id}", alerted("taken"), "officer"),
    Stop("alert-signed", "/alerts/{alert_id}", alerted("signed"), "officer"),
    Stop("alert-proposed", "/alerts/{alert_id}", alerted("proposed"), "head"),
    Stop("alert-proposed-own", "/alerts/{alert_id}", alerted("proposed"), "officer"),
    Stop("alert-approved", "/alerts/{alert_id}", alerted("approved"), "auditor"),
    Stop("alert-suppressed", "/alerts/{alert_id}", alerted("suppressed"), "officer"),
    Stop("alert-purpose", "/alerts/{alert_id}/purpose", alerted("open", "/purpose"), "officer"),
    Stop("alert-confirm", _ALERT, alerted("taken", "/confirm"), "officer"),
    Stop("alert-dismiss-wrong", _ALERT, alerted("taken", "/dismiss"), "officer", press("form.form-grid .primary")),
    Stop("alert-suppress", _ALERT, alerted("taken", "/suppress"), "officer"),
    Stop("alert-propose", _ALERT, alerted("signed", "/propose"), "officer"),
    Stop("alert-approve", _ALERT, alerted("proposed", "/approve"), "head"),
    Stop("alert-reject", _ALERT, alerted("proposed", "/reject"), "head"),
)  # fmt: skip

_REVIEW = "/plans/{plan_id}/review"
PLANS = (
    Stop("plans", "/plans", at("/plans"), "leader"),
    Stop("plans-mine", "/plans/mine", at("/plans/mine"), clerk(POLICE)),
    Stop("plans-tasks", "/plans/tasks", at("/plans/tasks?only=late"), "leader"),
    Stop("plans-dashboard", "/plans/dashboard", at("/plans/dashboard"), "leader"),
    Stop("plans-compare", "/plans/compare", at("/plans/compare"), "leader"),
    Stop("plans-reminders", "/plans/reminders", at("/plans/reminders"), clerk(POLICE)),
    Stop("plans-demands", "/plans/demands", at("/plans/demands"), "leader"),
    Stop("plans-directives", "/plans/directives", at("/plans/directives"), "leader"),
    Stop("plans-import", "/plans/import", at("/plans/import"), clerk(POLICE)),
    Stop("plan", "/plans/{plan_id}", planned(), "leader"),
    Stop("plan-matrix", "/plans/{plan_id}/matrix", planned("/matrix"), "leader"),
    Stop("plan-calendar", "/plans/{plan_id}/calendar", planned("/calendar"), clerk(POLICE)),
    Stop("plan-register", "/plans/{plan_id}/register", planned("/register"), clerk(POLICE)),
    Stop("plan-review", _REVIEW, planned("/review", draft=True), head(POLICE), press(".review li a:last-child")),
    Stop("plan-task", "/plans/tasks/{task_id}", _of_the_police, clerk(POLICE)),
)  # fmt: skip

_ROUND = "/periodic/rounds/{plan_id}/{key}"
PERIODIC = (
    Stop("periodic", "/periodic", at("/periodic"), "head"),
    Stop("periodic-round", _ROUND,
         lambda w: f"/periodic/rounds/{w.periodic['plan']}/{w.periodic['past']}", "head"),
    Stop("periodic-draft", "/periodic/{report_id}", lambda w: f"/periodic/{w.periodic['draft']}", "officer"),
    Stop("periodic-gathered", "/periodic/{report_id}", lambda w: f"/periodic/{w.periodic['gathered']}", "head"),
    Stop("documents", "/documents", at("/documents"), "head"),
    Stop("document-new", "/documents/new", at("/documents/new?kind=minutes"), "head"),
    Stop("document-draft", "/documents/drafts/{draft_id}",
         lambda w: f"/documents/drafts/{w.periodic['drafted']}", "officer"),
)  # fmt: skip

ADMINISTRATION = (
    Stop("admin-agencies", "/admin/agencies", at("/admin/agencies"), "admin"),
    Stop("admin-people", "/admin/people", at("/admin/people"), "admin"),
    Stop("admin-clients", "/admin/clients", at("/admin/clients"), "admin"),
    Stop("admin-clients-new", "/admin/clients", at("/admin/clients"), "admin", _new_client),
    Stop("admin-connections", "/admin/connections", at("/admin/connections"), "admin"),
    Stop("admin-connections-bank", "/admin/connections", at("/admin/connections"), CONTROLLER),
    Stop("admin-policies", "/admin/policies", at("/admin/policies"), "head"),
    Stop("admin-roster", "/admin/roster", at("/admin/roster"), "shift"),
    Stop("admin-clocks", "/admin/clocks", at("/admin/clocks"), "officer"),
    Stop("admin-dead-letters", "/admin/dead-letters", at("/admin/dead-letters"), "admin"),
    Stop("admin-trail", "/admin/trail", at("/admin/trail"), "auditor"),
    Stop("admin-breaches", "/admin/breaches", at("/admin/breaches"), "admin"),
    Stop("admin-subject-requests", "/admin/subject-requests", at("/admin/subject-requests"), "admin"),
    Stop(
        "admin-subject-records",
        "/admin/subject-requests/{key}/activities",
        lambda w: f"/admin/subject-requests/{w.request}/activities",
        "admin",
    ),
    Stop("admin-looks", "/admin/looks", at("/admin/looks"), "auditor"),
    Stop("admin-copies", "/admin/copies", at("/admin/copies"), "admin"),
    Stop("admin-copies-new", "/admin/copies", at("/admin/copies"), "admin", _new_copy_key),
    Stop("admin-lookups", "/admin/lookups", at("/admin/lookups"), "admin"),
    Stop("admin-models", "/admin/models", at("/admin/models"), "head", _models_to_decide),
)

_KIND, _ONE = "/activities/{kind}", "/activities/{kind}/{activity_id}"
_MONEY, _CASES = "/activities/budget_line", "/activities/official_violation"
ACTIVITIES = (
    Stop("activities", "/activities", at("/activities"), "officer"),
    Stop("activities-map", "/activities/map", at("/activities/map?kind=elderly_seminar&province=04"), "officer"),
    Stop("activities-named", "/activities/named", at("/activities/named"), "head"),
    Stop("activity-list", "/activities/{kind}", at(_MONEY), "officer"),
    Stop("activity-new", "/activities/{kind}/new", at("/activities/agreement/new"), "officer",
         press("button[value=send]")),
    Stop("activity-import", "/activities/{kind}/import", at(f"{_MONEY}/import"), "officer"),
    Stop("activity-file", f"{_KIND}/import/{{file_id}}", lambda w: f"{_MONEY}/import/{w.file}", "officer"),
    Stop("activity-kind-purpose", f"{_KIND}/purpose", at(f"{_CASES}/purpose"), "officer"),
    Stop("activity", _ONE, lambda w: f"{_MONEY}/{w.activity}", "officer"),
    Stop("activity-masked", _ONE, lambda w: f"{_CASES}/{w.case}", "officer"),
    Stop("activity-purpose", f"{_ONE}/purpose", lambda w: f"{_CASES}/{w.case}/purpose", "officer"),
    Stop("activity-correct", f"{_ONE}/correct", lambda w: f"{_MONEY}/{w.activity}/correct", "officer"),
    Stop("activity-stage", f"{_ONE}/stage/{{state}}",
         lambda w: f"{_MONEY}/{w.activity}/stage/allocated", "officer"),
)  # fmt: skip

# Looked at in English too: one of each kind of page.
IN_ENGLISH = (
    "home", "check", "check-several", "check-bank", "card", "report-1",
    "report-3-wrong", "live", "appeal-notice", "desk", "golden-hour", "answer",
    "money", "approval-proposal", "figures", "inbox-confirm", "admin-agencies", "registry", "entry-appealed",
    "claims", "listing-notice", "listing-activate", "alerts", "alert-open", "typologies", "suppressions",
    "activities", "activity", "plan", "plan-task", "plans-demands",
    "text-rise", "warning",
)  # fmt: skip
STOPS = (
    *STRANGERS, *DESK, *INSTITUTION, *REGISTRY, *ALERTS, *ACTIVITIES, *PLANS, *PERIODIC, *OUTREACH, *ADMINISTRATION,
)  # fmt: skip
# Routes that a browser opens and that show no page of their own.
NO_PAGE = {
    "/problems": "for programs", "/activities/{kind}/template.xlsx": "a file",
    "/activities/{kind}/export.xlsx": "a file", "/activities/{kind}/{activity_id}/files/{sha256}": "a file",
    "/feed.xml": "a feed",
    "/periodic/{report_id}/report.{form}": "a file", "/documents/{document_id}/file.{form}": "a file",
    "/documents/drafts/{draft_id}/draft.{form}": "a file",
    "/agencies/names": "options for a field",
    "/demo/{token}": "leads on", "/language/{code}": "leads on", "/trace": "leads on", "/admin": "leads on",
    "/desk/events": "a stream", "/trace/{code}/events": "a stream", "/inbox/events": "a stream",
    "/live/{secret}/events": "a stream", "/inbox/bulk/template.csv": "a file",
    "/registry/claims/template.csv": "a file", "/c/{token}/{language}.png": "a picture",
    "/inbox/{key}/request.pdf": "a file", "/inbox/{key}/request.pdf.sig": "a file",
    "/trace/{code}/holds/{hold_id}/request.pdf": "a file",
    "/trace/{code}/holds/{hold_id}/request.pdf.sig": "a file",
    "/trace/{code}/holds/{hold_id}/recommendation.pdf": "a file",
    "/trace/{code}/losses/{loss_id}/confirm.pdf": "a file",
    "/desk/calls/{task_id}/letter.pdf": "a file", "/desk/calls/{task_id}/letter.pdf.sig": "a file",
    "/trace/{code}/messages/{message_id}/letter.pdf": "a file",
    "/trace/{code}/messages/{message_id}/letter.pdf.sig": "a file",
    "/trace/{code}/money/exhibits/{exhibit}/exhibit.pdf": "a file",
    "/refunds/{code}/list.{ending}": "a file", "/refunds/{code}/letter.pdf": "a file",
    "/refunds/{code}/letter.pdf.sig": "a file",
    "/trace/{code}/holds/{hold_id}/call-sheet.pdf": "a file", "/admin/trail/export.ndjson": "a file",
    "/plans/{plan_id}/document": "a file",
}  # fmt: skip
