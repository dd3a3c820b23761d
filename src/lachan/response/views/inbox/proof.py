"""Why a request may be trusted, how the institution does against its promise, and what must not be done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency
from lachan.foundation.base import VIETNAM
from lachan.foundation.protocol import EventType, total
from lachan.foundation.protocol.connections import keys_valid
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail.tables import fact
from lachan.response import tables
from lachan.response.rules.tasks import SILENT
from lachan.response.shapes import Message, Proof, Score, State
from lachan.response.views.figures import speed_of
from lachan.response.views.inbox.items import ASKS, Waiting

PERIOD = timedelta(days=30)
SCORED_MAX = 2_000
ON_TIME_PROMISE_PERMILLE = 950
_H = tables.hold


def proof_of(
    conn: Connection, one: Waiting, institution: Agency, *, issuer: str, key_text: str, wall_now: datetime
) -> Proof:
    """The message's own marks, and whether it is what this instance sent. `key_text` is the signing key."""
    envelope, letter = one.envelope, one.letter
    sealed = None
    for row in conn.execute(
        sa.select(fact.c.sequence, fact.c.data).where(
            fact.c.subject == letter.subject, fact.c.kind.in_(("hold.requested", "hold.asked_again"))
        )
    ):
        if row.data.get("message") == letter.id:
            sealed = row.sequence
    resent = None
    if one.hold is not None:
        resent = conn.execute(
            sa.select(sa.func.min(tables.task.c.opened_at)).where(
                tables.task.c.hold_id == one.hold.id, tables.task.c.reason == SILENT
            )
        ).scalar()
    keys = len(keys_valid(conn, institution.id, wall_now))
    return Proof(
        valid=envelope.message_id == letter.id and envelope.issuer.instance == issuer,
        says=Message(
            "web.inbox_item.proof",
            {"agency": envelope.issuer.name, "key": f"{key_text[:14]}…", "count": keys},
        ),
        message_id=letter.id,
        sent_at=letter.created_at,
        resent_at=resent,
        sealed=sealed,
    )  # fmt: skip


def scores(conn: Connection, codes: Sequence[str], now: datetime) -> tuple[Score, ...]:
    """Median acknowledgement and answer, and the share in time, over the last 30 days."""
    rows = conn.execute(
        sa.select(_H.c.requested_at, _H.c.acknowledged_at, _H.c.answered_at, _H.c.answer_by)
        .where(_H.c.institution.in_(codes), _H.c.requested_at >= now - PERIOD)
        .order_by(_H.c.requested_at.desc())
        .limit(SCORED_MAX)
    ).all()
    answered = [row for row in rows if row.answered_at is not None]
    if not answered:
        return ()
    ack_s = [(row.acknowledged_at - row.requested_at).total_seconds() for row in rows if row.acknowledged_at]
    answer_s = [(row.answered_at - row.requested_at).total_seconds() for row in answered]
    # An unanswered request counts against the institution only once its time is over.
    due = [row for row in rows if row.answered_at is not None or (row.answer_by and row.answer_by < now)]
    good = sum(1 for row in answered if row.answer_by is None or row.answered_at <= row.answer_by)
    share = good * 1000 // len(due)
    return (
        _time_score("web.say.score_ack", ack_s, "hop_acknowledgement", now),
        _time_score("web.say.score_answer", answer_s, "hop_answer", now),
        Score(
            Message("web.say.score_on_time"), Message("web.say.score_share", {"good": good, "all": len(due)}),
            share, ON_TIME_PROMISE_PERMILLE, State.HELD if share >= ON_TIME_PROMISE_PERMILLE else State.LOCATED,
        ),
    )  # fmt: skip


def must_not(one: Waiting, now: datetime) -> tuple[Message, ...]:
    """What the request forbids: warning the holder too soon, and holding more than was asked."""
    if one.hold is None or one.type not in ASKS | {EventType.HOLD_EXTENDED, EventType.HOLD_CONVERTED}:
        return ()
    latest = one.hold.notice_by or clock("notice_served_latest", now).deadline(one.hold.placed_at or now)
    return (
        Message("web.say.not_tell", {"at": latest, "day": latest.astimezone(VIETNAM).strftime("%d/%m/%Y")}),
        Message("web.say.not_more", {"limit_vnd": total(one.hold.asked)}),
    )


def _time_score(label: str, seconds: list[float], code: str, now: datetime) -> Score:
    median = speed_of(seconds).median_s or 0
    promise = int(clock(code, now).duration.total_seconds())
    time = f"{median // 60:02}:{median % 60:02}"
    # Twice the promise fills the track.
    return Score(
        Message(label), Message("web.say.score_time", {"time": time}), min(1000, median * 500 // promise), 500,
        State.HELD if median <= promise else State.LOCATED,
    )  # fmt: skip
