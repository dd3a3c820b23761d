"""What was typed on a report's page: kept before anything else is done with the report, or shown again."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from fastapi import Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.periodic.one import Unsaved, show
from lachan.doors.web.refusals import sentence
from lachan.doors.web.visit import Form, Visit
from lachan.foundation.base import BadInput, Conflict, InputReason, LachanError, Language
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting import FormField, PeriodicReport, ReportReason, enter_figure, save_text, views
from lachan.plans.reporting.wording import field_label
from lachan.response.shapes import Field, Message, Notice


class Unkept(Exception):
    """Something that was typed is not kept: `page` is what its writer sees."""

    def __init__(self, page: Response) -> None:
        self.page = page
        super().__init__()


def carry_out(visit: Visit, report_id: str, form: Form, run: Callable[[set[str]], Response]) -> Response:
    """Do what a button asks for, once; refused, the page comes back with all that was typed and is not kept.

    `run` is given a set to which `keep_typed` adds the names of the fields that it has kept.
    """
    kept: set[str] = set()
    try:
        return visit.once(form, lambda: run(kept), as_typed=True)
    except Unkept as unkept:
        return unkept.page
    except LachanError as error:
        notice = Notice("error", sentence(error))
        return _back(visit, report_id, form, kept, {error.field or "": error}, notice, int(status_of(error)))


def keep_typed(visit: Visit, report_id: str, form: Form, kept: set[str], *, as_counted: str = "") -> None:
    """Keep the narratives and the figures typed by hand, each in a transaction of its own.

    `as_counted` names a figure whose empty field asks for the system's own count.

    Raises:
        Unkept: with the page, on which everything that is not kept still stands: what another saved meanwhile is
            beside it, a figure says what is wrong with it.
    """
    with visit.services.db.read() as conn:
        read = views.report(conn, visit.actor, visit.now, report_id).report
    fields = read.form
    if as_counted and as_counted not in {one.code for one in fields if one.kind is ReportFieldKind.FIGURE}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="figure", value=as_counted[:40])
    refused: dict[str, LachanError] = {}
    said: list[Message] = []
    for field in fields:
        names = _typed_names(form, field, as_counted)
        if not names:
            continue
        try:
            _keep(visit, report_id, form, field)
            kept.update(names)
        except LachanError as error:
            why = _meanwhile(read, field, form, error)
            refused[_place(why, field)] = why
            what = {"field": field_label(field, visit.language), "what": sentence(why)}
            said.append(Message("web.report.wrong", what))
    if not refused:
        return
    whole = {ReportReason.TEXT_CHANGED, ReportReason.NOT_IN_THIS_STATE}
    first = next((error for error in refused.values() if error.reason in whole), None)
    notice = Notice("error", sentence(first) if first else said[0])
    status = int(status_of(first or next(iter(refused.values()))))
    raise Unkept(_back(visit, report_id, form, kept, refused, notice, status))


def _typed_names(form: Form, field: FormField, as_counted: str) -> set[str]:
    """The names of a line's fields on the form, if there is something to keep in them."""
    code = field.code
    if field.kind is ReportFieldKind.NARRATIVE:
        there = isinstance(form.fields.get(f"text_{code}"), str) and _count(form, f"version_{code}") is not None
        return {f"text_{code}"} if there else set()
    if field.kind is not ReportFieldKind.FIGURE:
        return set()
    typed = form.text(f"value_{code}") or form.text(f"note_{code}")
    return {f"value_{code}", f"note_{code}"} if typed or code == as_counted else set()


def _keep(visit: Visit, report_id: str, form: Form, field: FormField) -> None:
    """Keep one narrative, or one figure."""
    code = field.code
    if field.kind is ReportFieldKind.NARRATIVE:
        with visit.services.db.unit(visit.now, visit.actor) as unit:
            save_text(unit, report_id, code, form.text(f"text_{code}"), _count(form, f"version_{code}") or 0)
        return
    value, note = form.text(f"value_{code}"), form.text(f"note_{code}")
    if note and not value:
        raise BadInput(InputReason.MISSING, field="value")
    number = typed_number(value, visit.language) if value else None
    with visit.services.db.unit(visit.now, visit.actor) as unit:
        enter_figure(unit, report_id, code, number, note, seen=_count(form, "seen"))


def _meanwhile(report: PeriodicReport, field: FormField, form: Form, error: LachanError) -> LachanError:
    """What is said of a figure that was refused: who only mends a slip must not write over another's unseen."""
    old, seen = report.figure(field.code), _count(form, "seen")
    if old is None or seen is None or old.entered <= seen or not isinstance(error, BadInput):
        return error
    return Conflict(ReportReason.FIGURE_CHANGED, field=field.code)


def _count(form: Form, name: str) -> int | None:
    typed = form.text(name)
    return int(typed) if re.fullmatch("[0-9]{1,9}", typed) else None


def _place(error: LachanError, field: FormField) -> str:
    """The name of the field at which a refusal is said."""
    if field.kind is ReportFieldKind.NARRATIVE:
        return f"text_{field.code}"
    return f"note_{field.code}" if error.field == "note" else f"value_{field.code}"


def _back(
    visit: Visit, report_id: str, form: Form, kept: set[str], refused: Mapping[str, LachanError], notice: Notice,
    status: int,
) -> Response:  # fmt: skip
    """The report's page with all that was typed and is not kept, each refusal at its field."""
    with visit.services.db.read() as conn:
        report = views.report(conn, visit.actor, visit.now, report_id).report
    typed = {name: Field(form.text(name)) for name in (*form.fields, *refused) if name and name not in kept}
    unsaved: dict[str, Unsaved] = {}
    for name, field in typed.items():
        error, code = refused.get(name), name.removeprefix("text_")
        if name == code:
            typed[name] = Field(field.value, sentence(error) if error else None)
        elif error is not None and error.reason is ReportReason.TEXT_CHANGED:
            text = report.text(code)
            unsaved[code] = Unsaved(field.value, text.version if text else 0, text.text if text else "")
        else:
            # Who has not seen what another may have saved meanwhile does not save over it.
            unsaved[code] = Unsaved(field.value, _count(form, f"version_{code}") or 0)
    return show(visit, report_id, unsaved=unsaved, fields=typed, notice=notice, status=status)


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
