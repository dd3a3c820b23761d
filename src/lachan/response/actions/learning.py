"""What each answer teaches: how fast this institution is, how much still lay there. Counted as it comes.

Nothing reads history: an answer adds to a few rows; the page reads these few hundred rows at most once a minute.
What is old fades: where a subject has many observations, all of its counts are halved.
"""

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from lachan.foundation.protocol import Answer, PartKind, total
from lachan.response import tables
from lachan.response.actions.work import Work
from lachan.response.model import Hold
from lachan.response.rules.asking import road_of
from lachan.response.rules.tasks import SILENT, TELEPHONE
from lachan.tracing.next import Counts, Increment, Road, answer_seen, left_seen

_FRESH = timedelta(minutes=1)
# An institution that lets its clocks pass counts as if it had taken a day, until it answers after all.
_SILENT_MIN = 1_440.0
# More than so many observations of a subject are halved: an institution that changes is known to within weeks, and
# nobody's answers of long ago, true or false, outweigh those of today.
SEEN_MOST = 400
_READ: WeakKeyDictionary[Engine, tuple[datetime, Counts]] = WeakKeyDictionary()


def learnt(conn: Connection, now: datetime) -> Counts:
    """What was learnt so far, at most a minute old."""
    read = _READ.get(conn.engine)
    if read is None or not timedelta(0) <= now - read[0] < _FRESH:
        rows = conn.execute(sa.select(tables.learnt))
        read = _READ[conn.engine] = (now, Counts(Increment(*row) for row in rows))
    return read[1]


def learn_silence(work: Work, hold: Hold) -> None:
    """The institution has let the clock of a first answer pass."""
    if hold.answer is None and hold.institution is not None and hold.requested_at is not None:
        _add(work.unit.conn, answer_seen(hold.institution, hold.requested_at, _SILENT_MIN))


def learn_from_answer(work: Work, hold: Hold, answer: Answer, *, by_telephone: bool) -> None:
    """A request's first answer. Who had to be telephoned has not answered by itself: that stays a silence."""
    asked_at, institution = hold.requested_at, hold.institution
    if asked_at is None or institution is None:
        return
    now, found = work.unit.now, list[Increment]()
    silent = was_silent(work.unit.conn, hold)
    if not by_telephone:
        minutes = max(0.0, (now - asked_at).total_seconds() / 60)
        found += answer_seen(institution, asked_at, minutes)
        if silent:
            found += answer_seen(institution, asked_at, _SILENT_MIN, seen=-1)
    elif not silent:
        found += answer_seen(institution, asked_at, _SILENT_MIN)
    if answer.refusal is None or answer.refusal == "no_balance":
        there_vnd = answer.held_vnd + sum(p.amount_vnd for p in answer.parts if p.kind is PartKind.REMAINS)
        age_min = ((answer.placed_at or now) - hold.booked_at).total_seconds() / 60
        found += left_seen(_road(work, hold), total(hold.asked), age_min, there_vnd)
    _add(work.unit.conn, found)


def _road(work: Work, hold: Hold) -> Road:
    if work.loss(hold.loss_id).reference == hold.reference:
        return Road.FIRST
    hop = next(iter(work.hops(hold_id=hold.id)), None)
    if hop is None or hop.parent_id is None:
        return Road.WHOLE
    return road_of(hop, work.hold(work.hop(hop.parent_id).hold_id))


def was_silent(conn: Connection, hold: Hold) -> bool:
    """Whether somebody was told to telephone about this request before."""
    key = f"{TELEPHONE}:{SILENT}:{hold.id}:0"
    return conn.execute(sa.select(tables.task.c.id).where(tables.task.c.key == key)).first() is not None


def _add(conn: Connection, increments: list[Increment] | tuple[Increment, ...]) -> None:
    """Add to the rows, in one statement; who changes traces is alone (`wait_turn`)."""
    summed: dict[tuple[str, int], tuple[int, int]] = {}
    for subject, step, seen, permille in increments:
        before = summed.get((subject, step), (0, 0))
        summed[subject, step] = (before[0] + seen, before[1] + permille)
    if not summed:
        return
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    made = insert(tables.learnt).values(
        [
            {"subject": subject, "step": step, "seen": seen, "permille": permille}
            for (subject, step), (seen, permille) in sorted(summed.items())
        ]
    )
    conn.execute(
        made.on_conflict_do_update(
            index_elements=["subject", "step"],
            set_={
                "seen": tables.learnt.c.seen + made.excluded.seen,
                "permille": tables.learnt.c.permille + made.excluded.permille,
            },
        )
    )
    _fade(conn, {subject for subject, _ in summed})


def _fade(conn: Connection, subjects: set[str]) -> None:
    """Halve what has been observed often; shares stay as they are."""
    cells = tables.learnt.c
    often = (
        sa.select(cells.subject)
        .where(cells.subject.in_(sorted(subjects)))
        .group_by(cells.subject)
        .having(sa.func.sum(cells.seen) > SEEN_MOST)
    )
    if full := list(conn.execute(often).scalars()):
        half = (cells.seen + 1) // 2  # what was seen once stays
        conn.execute(
            sa.update(tables.learnt)
            .where(cells.subject.in_(full), cells.seen > 0)
            .values(seen=half, permille=cells.permille * half // cells.seen)
        )
