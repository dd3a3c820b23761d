"""What a piece of evidence refers to: looked up when it is handed in, and again when it is shown as a link.

A reference is typed or pasted as people have it: a record's id, code or number, or the address of its page here.
What is not there, or not for the actor's agency to see, is refused alike: nobody learns from a refusal what others
have. A document that was issued outside the system is not looked up: it is named so that anybody finds it in the
archive, by number and symbol, day and issuer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities.views import page as activity_page
from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor, BadInput, LachanError, read_reference_code
from lachan.foundation.taxonomy import FieldType
from lachan.intake import report_by_code
from lachan.plans.measures.catalogue import MEASURES
from lachan.plans.outgoing import views as papers
from lachan.plans.outgoing.model import OutgoingDocument
from lachan.plans.outgoing.store import LISTED, document_from_row
from lachan.plans.outgoing.tables import outgoing_document
from lachan.plans.tasks.model import EvidenceKind, TaskReason
from lachan.response.tables import hold, trace

_ACTIVITIES = "/activities"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHA = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_NUMBER = re.compile(r"0*(\d{1,8})\s*/\s*(\S.*)")
_PAPER = re.compile(
    r"(?:số:?\s*)?([0-9]{1,8}(?:-[^\s/,;]{1,20})?\s*/\s*[^\s,;]{1,60})(?:[,;]|\s)\s*(?:ngày\s+|dated\s+)?"
    r"([0-9]{1,2})(?:/| tháng )([0-9]{1,2})(?:/| năm )((?:19|20)[0-9]{2})"
    r"(?:[,;]|\s)\s*(?:của\s+|of\s+)?(\S.{1,199})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pointed:
    """A record that evidence points to: how it is kept, what it is called, and where it is shown.

    `href` is empty for what is nowhere here. `activity`: the code of the kind of activity, where it is one.
    """

    reference: str
    label: str
    href: str
    activity: str = ""


def point(conn: Connection, actor: Actor, kind: EvidenceKind, reference: str, today: date) -> Pointed:
    """What a reference means for somebody on a day.

    Raises:
        BadInput: NO_SUCH_EVIDENCE, with what such a reference looks like, where it is not there or not for them to
            see; EVIDENCE_NO_ADDRESS for a link that leads nowhere.
    """
    found: Pointed | None
    try:
        found = _FIND[kind](conn, actor, reference.strip(), today)
    except LachanError as error:
        if error.reason is TaskReason.EVIDENCE_NO_ADDRESS:
            raise
        found = None
    if found is None:
        raise BadInput(TaskReason.NO_SUCH_EVIDENCE, field="reference", expected=EXPECTED[kind])
    return found


def pointed(
    conn: Connection, actor: Actor, kind: EvidenceKind, reference: str, today: date
) -> Pointed | None:  # fmt: skip
    """The same for a page: None where the viewer is not to see it, or it is gone."""
    try:
        return point(conn, actor, kind, reference, today)
    except BadInput:
        return None


def _activity(conn: Connection, actor: Actor, text: str, today: date) -> Pointed | None:
    found = _UUID.search(text.lower())
    if found is None:
        return None
    one = activity_page(conn, actor, found[0], today).activity
    if one.withdrawn_at is not None:
        return None
    return Pointed(
        one.id, date.fromisoformat(one.day).strftime("%d/%m/%Y"), f"{_ACTIVITIES}/{one.kind}/{one.id}", one.kind
    )


def _file(conn: Connection, actor: Actor, text: str, today: date) -> Pointed | None:
    """A file is kept with the activity whose evidence it is, and is seen by who may see that."""
    record, file = _UUID.search(text.lower()), _SHA.search(text.lower())
    if record is None or file is None:
        return None
    page = activity_page(conn, actor, record[0], today)
    kept = (
        each
        for field in page.kind.fields
        if field.type is FieldType.FILE
        for each in page.activity.values.get(field.code) or ()
    )
    name = next((each["name"] for each in kept if each["sha256"] == file[0]), None)
    if name is None or page.activity.withdrawn_at is not None:
        return None
    address = f"{_ACTIVITIES}/{page.activity.kind}/{page.activity.id}/files/{file[0]}"
    return Pointed(f"{page.activity.id}/{file[0]}", str(name), address)


def _document(conn: Connection, actor: Actor, text: str, today: date) -> Pointed | None:
    """A document of the register, by its number (`05/BC-CAT`, the newest of that number) or its id."""
    number, identified = _NUMBER.fullmatch(_path(text)), _UUID.search(text.lower())
    one: OutgoingDocument | None = None
    if number is not None:
        require(actor, Permission.DOCUMENT_READ)
        table = outgoing_document
        query = (
            sa.select(*LISTED)
            .where(
                table.c.agency_id == actor.agency_id, table.c.number == int(number[1]),
                sa.func.upper(table.c.symbol) == number[2].strip().upper(),
            )
            .order_by(table.c.made_at.desc(), table.c.id.desc())
        )  # fmt: skip
        row = conn.execute(query.limit(1)).first()
        one = document_from_row(row) if row is not None else None
    elif identified is not None:
        one = papers.document(conn, actor, today, identified[0])
    return Pointed(one.id, one.reference, f"/documents/{one.id}/file.pdf") if one is not None else None


def _paper(_conn: Connection, _actor: Actor, text: str, today: date) -> Pointed | None:
    """A document that lies in somebody's archive: `123/UBND-NC, 05/03/2026, UBND xã Sơn Lộ`."""
    written = _PAPER.fullmatch(" ".join(text.split()))
    if written is None:
        return None
    number, issuer = written[1].replace(" ", ""), written[5]
    try:
        day = date(int(written[4]), int(written[3]), int(written[2]))
    except ValueError:
        return None
    return Pointed(f"{number}, {day:%d/%m/%Y}, {issuer}", "", "") if day <= today else None


def _report(conn: Connection, actor: Actor, text: str, _today: date) -> Pointed | None:
    code = read_reference_code(_path(text).rsplit("/", 1)[-1])
    if code is None:
        return None
    one = report_by_code(conn, code)
    require(actor, Permission.REPORT_READ, one.agency_id)
    return Pointed(one.code, one.code, f"/desk/reports/{one.code}")


def _hold(conn: Connection, actor: Actor, text: str, _today: date) -> Pointed | None:
    found = _UUID.search(text.lower())
    if found is None:
        return None
    query = sa.select(hold.c.id, trace.c.code, trace.c.desk_id).join(trace, trace.c.id == hold.c.trace_id)
    row = conn.execute(query.where(hold.c.id == found[0])).first()
    if row is None:
        return None
    require(actor, Permission.REPORT_READ, row.desk_id)
    return Pointed(row.id, row.code, f"/trace/{row.code}")


def _link(_conn: Connection, _actor: Actor, text: str, _today: date) -> Pointed:
    """Nobody looks at the other end: it may be behind a sign-in, and a look would tell it who asks."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"https", "http"} and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        whole = False
    if not whole or any(c.isspace() for c in text):
        raise BadInput(TaskReason.EVIDENCE_NO_ADDRESS, field="reference", expected=EXPECTED[EvidenceKind.LINK])
    return Pointed(text, "", text)


def _measure(_conn: Connection, _actor: Actor, text: str, _today: date) -> Pointed | None:
    one = MEASURES.get(text)
    return Pointed(one.code, "", one.href) if one is not None else None


def _path(text: str) -> str:
    """Of an address here its path, of anything else the text itself."""
    return unquote(urlsplit(text).path) if text.startswith(("https://", "http://")) else text


_FIND: Mapping[EvidenceKind, Callable[[Connection, Actor, str, date], Pointed | None]] = {
    EvidenceKind.ACTIVITY: _activity, EvidenceKind.DOCUMENT: _document, EvidenceKind.PAPER: _paper,
    EvidenceKind.FILE: _file,
    EvidenceKind.REPORT: _report, EvidenceKind.HOLD: _hold, EvidenceKind.LINK: _link,
    EvidenceKind.MEASURE: _measure,
}  # fmt: skip
EXPECTED: Mapping[EvidenceKind, str] = {
    EvidenceKind.ACTIVITY: "/activities/atm_inspection/0193…",
    EvidenceKind.DOCUMENT: "05/BC-CAT",
    EvidenceKind.PAPER: "123/UBND-NC, 05/3/2026, UBND xã Sơn Lộ",
    EvidenceKind.FILE: "/activities/atm_inspection/0193…/files/9f86…",
    EvidenceKind.REPORT: "LC-7K2M-9QX4T",
    EvidenceKind.HOLD: "/trace/LC-7K2M-9QX4T/holds/0193…/request.pdf",
    EvidenceKind.LINK: "https://congan.caobang.gov.vn/tin/12",
    EvidenceKind.MEASURE: "holds_placed",
}
"""What a reference of each kind looks like, in no language."""
