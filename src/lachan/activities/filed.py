"""A long file of records is kept until a worker has taken it in, part by part; who sent it sees how far it is.

A worker that dies loses its lease; the next one goes on after the last part that was committed. What breaks again
and again stops; who sent it is told, and may start it again from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.activities import permits
from lachan.activities.importing import BYTES_MOST, ROWS_MOST, Progress, columns_of, import_grid
from lachan.activities.model import Refused, RefusedCell
from lachan.activities.saying import fault_text
from lachan.activities.tables import file
from lachan.foundation.access import Permission, actor_at, clean_text, require
from lachan.foundation.base import Actor, Conflict, InputReason, Language, NotFound, new_id
from lachan.foundation.documents.workbooks import Grid, read_grid
from lachan.foundation.storage import (
    Database,
    Job,
    JobReason,
    Unit,
    cancel,
    enqueue,
    finish,
    jobs_by_key,
    replay,
)
from lachan.foundation.taxonomy import ActivityKind, retention

FILE_JOB = "activity_file"
_NAME_MOST = 200
_PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Filed:
    """A file and how far it is; `refused` and `refused_rows` are said once it has `ended`.

    `broke`: it was interrupted, and is tried again by itself; `stopped`: it is not, until a person starts it again.
    """

    id: str
    kind: str
    name: str
    rows: int
    so_far: Progress
    refused_rows: int
    refused: tuple[RefusedCell, ...]
    failed: str
    taken_at: datetime
    ended_at: datetime | None
    broke: bool = False
    stopped: bool = False


def take_file(unit: Unit, kind: ActivityKind, name: str, content: bytes, grid: Grid) -> str:
    """Keep a file whose head was found good, for a worker to take in; returns its id.

    Raises:
        BadInput: as `import_grid`, for what is wrong with the file as a whole.
    """
    agency_id = unit.actor.agency_id or ""
    permits.require_record(unit.conn, unit.actor, kind, agency_id)
    columns_of(kind, grid)
    made = new_id()
    unit.conn.execute(
        sa.insert(file).values(
            id=made, kind=kind.code, agency_id=agency_id, taken_by=unit.actor.reference, taken_at=unit.now,
            name=clean_text(name[-_NAME_MOST:], "file"), content=content, rows=len(grid.rows) - 1, done=0,
            recorded=0, repeated=0, refused_rows=0, refused=[], failed="",
        )
    )  # fmt: skip
    enqueue(unit, FILE_JOB, {"file_id": made}, key=_key(made))
    return made


def file_of(conn: Connection, actor: Actor, kind_code: str, file_id: str) -> Filed:
    """How far a file is, for who sent it; NotFound for anybody else."""
    require(actor, Permission.ACTIVITY_RECORD)
    found = _files(conn, actor, kind_code, file.c.id == file_id)
    if not found:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="file")
    return found[0]


def unfinished_files(conn: Connection, actor: Actor, kind_code: str) -> list[Filed]:
    """What the actor sent of a kind and is not done, the newest first: for who left the page and comes back."""
    require(actor, Permission.ACTIVITY_RECORD)
    return _files(conn, actor, kind_code, file.c.ended_at.is_(None))


def start_again(unit: Unit, kind_code: str, file_id: str) -> bool:
    """Wake a file that stopped: it goes on after the last part that was recorded. False where it never stopped."""
    found = file_of(unit.conn, unit.actor, kind_code, file_id)
    work = jobs_by_key(unit.conn, [_key(found.id)]).get(_key(found.id))
    return found.stopped and work is not None and replay(unit, work.id)


def import_file(db: Database, now: Callable[[], datetime], job: Job, *, secret: bytes) -> None:
    """Take in the file of a job, as who sent it may do it now; the end of the job comes with the file's own end.

    Raises:
        LachanError: the person may no longer record this kind.
        Conflict: LEASE_LOST where another worker has taken it over.
    """
    with db.read() as conn:
        row = conn.execute(sa.select(file).where(file.c.id == job.payload["file_id"])).one()
        actor = actor_at(conn, row.taken_by.removeprefix(_PERSON), row.agency_id, now())
    if actor is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="person")
    begun = Progress(row.done, row.recorded, row.repeated)

    def settle(unit: Unit, so_far: Progress) -> None:
        nonlocal begun
        values = {"done": so_far.done, "recorded": so_far.recorded, "repeated": so_far.repeated}
        _step(unit, row.id, begun, values)
        begun = so_far

    grid = read_grid(row.name, row.content, rows_most=ROWS_MOST, bytes_most=BYTES_MOST)
    done = import_grid(db, actor, now, row.kind, grid, secret=secret, begun=begun, settle=settle)
    refused = [list(astuple(one)) for one in kept_cells(done.refused)]
    with db.unit(now(), actor) as unit:
        finish(unit, job)
        _step(
            unit, row.id, begun,
            {
                "rows": done.rows, "refused_rows": done.refused_rows, "refused": refused, "ended_at": unit.now,
                "content": None,
            },
        )  # fmt: skip


def fail(unit: Unit, job: Job, reason: str) -> None:
    """The file cannot be taken in: it says why, and its content goes."""
    finish(unit, job)
    values = {"failed": reason, "ended_at": unit.now, "content": None}
    unit.conn.execute(sa.update(file).where(file.c.id == job.payload["file_id"]).values(values))


def forget_imports(unit: Unit) -> int:
    """What was refused of a file, and that there was one, goes after its time; so does one that nobody woke again.

    Returns how many files.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    found = unit.conn.execute(sa.select(file.c.id, file.c.ended_at)).all()
    works = jobs_by_key(unit.conn, [_key(row.id) for row in found if row.ended_at is None])
    due = []
    for row in found:
        work = works.get(_key(row.id))
        since = row.ended_at or (work.dead_at if work else None)
        if since is not None and retention("retention_import_result", since).has_run_out(since, unit.now):
            due.append(row.id)
    for one in due:
        unit.conn.execute(sa.delete(file).where(file.c.id == one))
        cancel(unit, _key(one))
    return len(due)


def kept_cells(refused: Sequence[Refused]) -> tuple[RefusedCell, ...]:
    """What was refused, said in both languages."""
    return tuple(
        RefusedCell(
            one.line, one.column, one.head,
            {language.value: fault_text(one.fault, language) for language in Language}, one.text,
        )
        for one in refused
    )  # fmt: skip


def _files(conn: Connection, actor: Actor, kind_code: str, *where: sa.ColumnElement[bool]) -> list[Filed]:
    """Files of the actor's own, the newest first."""
    mine = (
        file.c.kind == kind_code, file.c.taken_by == actor.reference, file.c.agency_id == (actor.agency_id or ""),
    )  # fmt: skip
    columns = [one for one in file.c if one is not file.c.content]
    rows = conn.execute(sa.select(*columns).where(*mine, *where).order_by(file.c.id.desc())).all()
    works = jobs_by_key(conn, [_key(row.id) for row in rows if row.ended_at is None])
    made = []
    for row in rows:
        work = works.get(_key(row.id))
        stopped = work is not None and work.dead_at is not None
        made.append(
            Filed(
                row.id, row.kind, row.name, row.rows, Progress(row.done, row.recorded, row.repeated),
                row.refused_rows, tuple(RefusedCell(*one) for one in row.refused), row.failed, row.taken_at,
                row.ended_at, work is not None and work.broke and not stopped, stopped,
            )
        )  # fmt: skip
    return made


def _key(file_id: str) -> str:
    """What the work on a file is called in the table of jobs."""
    return f"{FILE_JOB}:{file_id}"


def _step(unit: Unit, file_id: str, begun: Progress, values: dict[str, Any]) -> None:
    """Write how far it is, unless another worker was there meanwhile."""
    where = (file.c.id == file_id, file.c.done == begun.done, file.c.ended_at.is_(None))
    if unit.conn.execute(sa.update(file).where(*where).values(values)).rowcount != 1:
        raise Conflict(JobReason.LEASE_LOST)
