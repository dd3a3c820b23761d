"""A report as a person types it: form fields → `ReportDraft`, or an error at each field.

Plain functions without a server: the public form and the officer's "take a call" use the same ones.

    banks = banks_of(conn)
    typed = typed_report(fields)
    parsed = parse_report(typed, banks, now, language)
    if parsed.draft is None: page = report_form(typed, banks, errors=parsed.errors, …)
"""

from lachan.doors.web.report_form.amounts import parse_amount
from lachan.doors.web.report_form.fields import (
    AREA_MAX,
    FIELDS,
    TypedReport,
    TypedTransfer,
    as_fields,
    tidy,
    typed_report,
)
from lachan.doors.web.report_form.filling import (
    fill,
    read_message,
    read_picture,
    with_paste_read,
    with_rows_changed,
)
from lachan.doors.web.report_form.moments import parse_moment
from lachan.doors.web.report_form.page import report_form
from lachan.doors.web.report_form.parsing import (
    STEPS,
    Errors,
    Parsed,
    errors_of,
    errors_of_step,
    parse_report,
    settled,
    step_of,
)

__all__ = [
    "AREA_MAX",
    "FIELDS",
    "STEPS",
    "Errors",
    "Parsed",
    "TypedReport",
    "TypedTransfer",
    "as_fields",
    "errors_of",
    "errors_of_step",
    "fill",
    "parse_amount",
    "parse_moment",
    "parse_report",
    "read_message",
    "read_picture",
    "report_form",
    "settled",
    "step_of",
    "tidy",
    "typed_report",
    "with_paste_read",
    "with_rows_changed",
]
