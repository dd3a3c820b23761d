"""What was typed as the page's own shape: every field with its value and what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lachan.doors.web.report_form.fields import TRANSFER_FIELDS, TypedReport, TypedTransfer
from lachan.doors.web.report_form.parsing import Errors
from lachan.foundation.base import Language
from lachan.foundation.taxonomy import situations
from lachan.response.shapes import Choice, Field, Message, ReportForm, TransferDraft
from lachan.response.views.banks import Banks

_ROW = re.compile(r"transfer_(\d+)_(\w+)")
_CHECKED = 3  # the step that shows what was typed before, to be looked over
_REFERRED = Message("web.report.no_hold")


def report_form(
    typed: TypedReport,
    banks: Banks,
    now: datetime,
    language: Language,
    *,
    step: int = 1,
    draft: str = "",
    errors: Errors | None = None,
    action: str = "/report",
    saved: bool = False,
) -> ReportForm:
    """The form as it stands. Errors are said at their fields, and once more above, with the field's name."""
    wrong = errors or {}

    def field(name: str) -> Field:
        return Field(getattr(typed, name), wrong.get(name))

    transfers = tuple(
        TransferDraft(
            **{
                name: Field(getattr(row, name), wrong.get(f"transfer_{number}_{name}"))
                for name in TRANSFER_FIELDS
                if name != "read_from"
            },
            read_from=row.read_from,
        )
        for number, row in enumerate(
            _as_understood(typed.transfers, banks) if step == _CHECKED else typed.transfers
        )
    )
    return ReportForm(
        step=step,
        draft=draft,
        situations=tuple(
            Choice(
                one.code, text=one.label(language), note=None if one.hold else _REFERRED,
                chosen=one.code == typed.situation,
            )
            for one in situations(now)
        ),
        situation_error=wrong.get("situation"),
        story=field("story"),
        transfers=transfers,
        banks=banks.choices,
        paste=field("paste"),
        picture=Field("", wrong.get("picture")),
        name=field("name"),
        phone=field("phone"),
        province_place=field("place"),
        contacts=field("contacts"),
        consent=field("consent"),
        errors=tuple(_summary(name, what, len(typed.transfers)) for name, what in wrong.items()),
        saved=saved,
        action=action,
    )  # fmt: skip


def _as_understood(transfers: Sequence[TypedTransfer], banks: Banks) -> list[TypedTransfer]:
    """The transfers with their banks as the list calls them: who typed `vcb` sees which bank is meant."""
    return [
        replace(row, payee_bank=banks.name(code)) if (code := banks.code(row.payee_bank)) else row
        for row in transfers
    ]


def _summary(name: str, what: Message, rows: int) -> Message:
    # The label of the tick is a paragraph; its sentence names the matter itself.
    if name in {"", "consent"}:
        return what
    row = _ROW.fullmatch(name)
    label = Message(f"web.report.{row[2] if row else name}")
    if row and rows > 1:
        said = {"number": int(row[1]) + 1, "field": label, "what": what}
        return Message("web.report.wrong_in", said)
    return Message("web.report.wrong", {"field": label, "what": what})
