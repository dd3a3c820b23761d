"""Answers by file: several lines for each request, one for each term of its sum. Bad lines are named, one by one.

Columns: request, kind (`held`, `remains`, `moved_on`, …, or `refused`), amount_vnd, reference, bank, account,
reason (of a refusal), note, asked_vnd (to read, not to fill in). Spreadsheets of this country write `;` between
columns; `,` and tab are read too.
"""

import base64
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lachan.foundation.base import BadInput, InputReason, LachanError, Language, new_id, parse_vnd, translate
from lachan.foundation.documents.sheets import harmless
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Part,
    PartKind,
    Refusal,
    check_answer,
    newest,
    subtract,
    total,
    union,
)
from lachan.response.actions.requests import request_message
from lachan.response.shapes import Message, Reject
from lachan.response.views.banks import Banks
from lachan.response.views.inbox import ASKS, Waiting, awaits_second, kept_of, payee_finder

COLUMNS = ("request", "kind", "amount_vnd", "reference", "bank", "account", "reason", "note", "asked_vnd")
LINES_MAX = 5_000
BYTES_MAX = 2 * 1024 * 1024
HELD, REFUSED = "held", "refused"

Row = tuple[int, Mapping[str, str]]
Ready = tuple[str, Answer]


def template(items: Iterable[Waiting]) -> str:
    """The file to fill in, a line for each request that waits; its first mark tells Excel that it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in items:
        if one.type in ASKS and one.hold is not None and not awaits_second(one):
            writer.writerow([one.hold.id, HELD, "", "", "", "", "", "", total(one.hold.asked)])
    return "\ufeff" + out.getvalue()


def read_bulk(
    content: bytes, items: Sequence[Waiting], banks: Banks, decided_by: str, now: datetime
) -> tuple[tuple[Reject, ...], list[Ready]]:
    """The answers that add up, and every line that does not, with its reason."""
    rows = _rows(content)
    open_holds = {one.hold.id: one for one in items if one.type in ASKS and one.hold is not None}
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[1]["request"], []).append(row)
    rejects: list[Reject] = []
    ready: list[Ready] = []
    for request_id, lines in grouped.items():
        one = open_holds.get(request_id)
        number = lines[0][0]
        try:
            if one is None:
                raise BadInput(AnswerReason.WRONG_REQUEST)
            ready.append((one.letter.id, _answer(one, lines, banks, decided_by, now)))
        except _LineError as error:
            rejects.append(_reject(error.number, request_id, error.why))
        except LachanError as error:
            rejects.append(_reject(number, request_id, error))
    return tuple(sorted(rejects, key=lambda one: one.line)), ready


def rejects_href(rejects: Sequence[Reject], language: Language) -> str | None:
    """The rejects as a file to download; nothing is kept of it here."""
    if not rejects:
        return None
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("line", "request", "reason"))
    for one in rejects:
        writer.writerow((one.line, harmless(one.what), translate(one.reason.key, language, **one.reason.params)))
    coded = base64.b64encode(("\ufeff" + out.getvalue()).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{coded}"


class _LineError(Exception):
    """What is wrong in one line."""

    def __init__(self, number: int, why: LachanError) -> None:
        self.number, self.why = number, why
        super().__init__(str(why))


def _rows(content: bytes) -> list[Row]:
    if len(content) > BYTES_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="file", limit=f"{BYTES_MAX // 1024 // 1024} MB")
    try:
        text = content.decode("utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(";,\t", key=first.count)
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(InputReason.UNREADABLE_FILE, field="file") from None
    if not lines or [cell.strip().lower() for cell in lines[0]][:3] != list(COLUMNS[:3]):
        raise BadInput(InputReason.UNREADABLE_FILE, field="file")
    heading = [cell.strip().lower() for cell in lines[0]]
    filled = [(number, row) for number, row in enumerate(lines[1:], 2) if any(cell.strip() for cell in row)]
    if not filled or len(filled) > LINES_MAX:
        raise BadInput(InputReason.TOO_LARGE if filled else InputReason.MISSING, field="file", limit=LINES_MAX)
    blank = dict.fromkeys(COLUMNS, "")
    return [
        (number, blank | dict(zip(heading, (cell.strip() for cell in row), strict=False))) for number, row in filled
    ]


def _answer(one: Waiting, lines: list[Row], banks: Banks, decided_by: str, now: datetime) -> Answer:
    hold = one.hold
    if hold is None:
        raise BadInput(AnswerReason.WRONG_REQUEST)
    request = request_message(hold, one.code)
    held_vnd, refusal = 0, ""
    parts: list[Part] = []
    notes: list[str] = []
    for number, row in lines:
        try:
            if row["kind"] == REFUSED:
                refusal = Refusal(row["reason"] or Refusal.OTHER.value)
            elif row["kind"] == HELD:
                held_vnd += 0 if row["amount_vnd"].strip("0") == "" else parse_vnd(row["amount_vnd"])
            elif part := _part(row, banks):
                parts.append(part)
        except LachanError as error:
            raise _LineError(number, error) from error
        except ValueError as error:
            raise _LineError(number, BadInput(InputReason.UNKNOWN_VALUE, value=row["reason"][:40])) from error
        if row["note"]:
            notes.append(row["note"])
    rest_vnd = request.amount_vnd - held_vnd - sum(part.amount_vnd for part in parts)
    if rest_vnd > 0:
        parts.append(Part(kind=PartKind.UNEXPLAINED, amount_vnd=rest_vnd))
    if not held_vnd and not refusal:
        raise BadInput(InputReason.MISSING, field="reason")
    kept = kept_of(hold)
    before = newest(kept.spans, held_vnd)
    held = union(before, newest(subtract(request.spans, kept.spans), held_vnd - total(before))) if before else ()
    there_vnd = held_vnd + sum(part.amount_vnd for part in parts if part.kind is PartKind.REMAINS)
    answer = Answer(
        message_id=new_id(), request_id=request.id, request_revision=request.revision,
        revision=hold.answer_revision + 1, held_vnd=held_vnd, held_spans=held,
        refusal=Refusal(refusal) if refusal and not held_vnd else None, parts=tuple(parts),
        available_vnd=there_vnd, placed_at=(kept.placed_at or now) if held_vnd else None, decided_by=decided_by,
        note=" ".join(notes)[:1_000] or None,
    )  # fmt: skip
    reasons = check_answer(
        request, answer, institution=request.institution, now=now, last_revision=hold.answer_revision
    )  # fmt: skip
    if reasons:
        raise BadInput(reasons[0])
    return answer


def _part(row: Mapping[str, str], banks: Banks) -> Part | None:
    if row["kind"] not in set(PartKind):
        raise BadInput(InputReason.UNKNOWN_VALUE, value=row["kind"][:40])
    kind = PartKind(row["kind"])
    if kind is PartKind.UNEXPLAINED:
        return None
    payee = payee_finder(banks)(row["bank"], row["account"]) if kind is PartKind.MOVED_ON else None
    reference = row["reference"] or None if kind.left_the_account else None
    if kind.left_the_account and reference is None:
        raise BadInput(AnswerReason.REFERENCE_MISSING)
    try:
        return Part(kind=kind, amount_vnd=parse_vnd(row["amount_vnd"]), reference=reference, payee=payee)
    except ValueError:
        raise BadInput(InputReason.MALFORMED, expected="FT26325001234") from None


def _reject(number: int, what: str, error: LachanError) -> Reject:
    return Reject(number, what[:80], Message(f"reason.{error.reason.value}", error.params))
