"""What was typed on a report's page, kept before anything else is done with the report."""

import re
from decimal import Decimal

from fastapi import Response

from lachan.doors.web.periodic.one import show
from lachan.doors.web.refusals import sentence
from lachan.doors.web.visit import Form, Visit
from lachan.foundation.base import BadInput, InputReason, LachanError, Language
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting import ReportReason, enter_figure, save_text, views
from lachan.plans.reporting.wording import field_label
from lachan.response.shapes import Field, Message, Notice


def keep_typed(visit: Visit, report_id: str, form: Form, *, as_counted: str = "") -> Response | None:
    """Keep the narratives and the figures typed by hand, each in a transaction of its own.

    Where one cannot be kept the page comes back, with everything that was typed still on it: a narrative that
    another saved meanwhile stands beside theirs, a figure says what is wrong with it. `as_counted` names a figure
    whose empty field asks for the system's own count.
    """
    actor = visit.actor
    with visit.services.db.read() as conn:
        fields = views.report(conn, actor, visit.now, report_id).report.form
    lost: dict[str, tuple[str, LachanError]] = {}
    wrong: dict[str, Field] = {}
    said: list[Message] = []
    for field in fields:
        if field.kind is ReportFieldKind.NARRATIVE:
            if (unkept := _lost_text(visit, report_id, form, field.code)) is not None:
                lost[field.code] = unkept
                what = sentence(unkept[1])
                said.append(
                    Message("web.report.wrong", {"field": field_label(field, visit.language), "what": what})
                )
        elif field.kind is ReportFieldKind.FIGURE:
            refused = _refused_figure(visit, report_id, form, field.code, field.code == as_counted)
            wrong.update(refused)
            label = field_label(field, visit.language)
            said.extend(Message("web.report.wrong", {"field": label, "what": one.error}) for one in refused.values()
                        if one.error)  # fmt: skip
    if as_counted and as_counted not in {one.code for one in fields if one.kind is ReportFieldKind.FIGURE}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="figure", value=as_counted[:40])
    if not lost and not wrong:
        return None
    with visit.services.db.read() as conn:
        kept = views.report(conn, actor, visit.now, report_id).report
    changed = {code for code, (_, error) in lost.items() if error.reason is ReportReason.TEXT_CHANGED}
    theirs = {code: text.text if (text := kept.text(code)) else "" for code in changed}
    both = {code: (typed, theirs.get(code)) for code, (typed, _) in lost.items()}
    notice = Notice("error", Message(f"reason.{ReportReason.TEXT_CHANGED.value}") if changed else said[0])
    return show(visit, report_id, unsaved=both, fields=wrong, notice=notice, status=409 if changed else 422)


def _lost_text(visit: Visit, report_id: str, form: Form, code: str) -> tuple[str, LachanError] | None:
    """Keep one narrative; what was typed, and why not, if another saved it meanwhile or it cannot be kept so."""
    typed, version = form.fields.get(f"text_{code}"), form.text(f"version_{code}")
    if not isinstance(typed, str) or not version.isdigit():
        return None
    try:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            save_text(unit, report_id, code, form.text(f"text_{code}"), int(version))
    except LachanError as error:
        if error.reason is not ReportReason.TEXT_CHANGED and not isinstance(error, BadInput):
            raise
        return form.text(f"text_{code}"), error
    return None


def _refused_figure(visit: Visit, report_id: str, form: Form, code: str, as_counted: bool) -> dict[str, Field]:
    """Enter one figure, if one was typed; both its fields with what is wrong, if it cannot be."""
    value, note = form.text(f"value_{code}"), form.text(f"note_{code}")
    if not as_counted and not value and not note:
        return {}
    try:
        if not value and not as_counted:
            raise BadInput(InputReason.MISSING, field="value")
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            enter_figure(unit, report_id, code, typed_number(value, visit.language) if value else None, note)
    except BadInput as error:
        at_note = error.field == "note"
        return {
            f"value_{code}": Field(value, None if at_note else sentence(error)),
            f"note_{code}": Field(note, sentence(error) if at_note else None),
        }
    return {}


def typed_number(typed: str, language: Language) -> Decimal:
    """`1.250` and `12,5` as Vietnamese writes them, `1,250` and `12.5` as English does: what the page itself shows.

    What the one language means otherwise than the other is refused, not guessed.
    """
    thousands, decimals = (".", ",") if language is Language.VI else (",", ".")
    plain = typed.replace(" ", "").replace("\u00a0", "")
    whole, decimal = re.escape(thousands), re.escape(decimals)
    written = re.fullmatch(rf"-?([1-9][0-9]{{0,2}}({whole}[0-9]{{3}})+|[0-9]+)({decimal}[0-9]+)?", plain)
    if written is None or re.fullmatch(rf"-?[1-9][0-9]{{0,2}}{decimal}[0-9]{{3}}", plain):
        expected = f"1{thousands}250; 12{decimals}5"
        raise BadInput(InputReason.MALFORMED, field="value", expected=expected)
    return Decimal(plain.replace(thousands, "").replace(decimals, "."))
