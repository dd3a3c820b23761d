"""What institutions' answers confirmed as held in a stretch of time, whatever became of it since."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.storage import among
from lachan.foundation.trail.tables import fact
from lachan.response.tables import hold, trace

_PLACED = "hold.placed"


def placed_vnd(
    conn: Connection, begin: datetime, until: datetime, known_at: datetime, desk_ids: Sequence[str] | None = None
) -> int:  # fmt: skip
    """VND that answers confirmed from `begin` to before `until`, as known then; of some desks, or of all.

    Of each hold the most that was ever held counts, once: a top-up counts what it adds, on its own day, and what
    was let go and frozen again adds nothing. So the sums of periods that follow each other are that of the whole.
    """
    # What was placed by then, and last answered for no sooner than the beginning: nothing else can add.
    held = sa.select(hold.c.id).where(hold.c.placed_at < until, hold.c.answered_at >= begin)
    if desk_ids is not None:
        held = held.join(trace, trace.c.id == hold.c.trace_id).where(among(conn, trace.c.desk_id, desk_ids))
    subjects = [f"hold:{one}" for one in conn.execute(held).scalars()]
    # As text and then whole: an integer of JSON is one of 32 bits on PostgreSQL.
    amount = sa.cast(fact.c.data["held_vnd"].as_string(), sa.BigInteger)
    before = sa.func.coalesce(sa.func.max(sa.case((fact.c.happened_at < begin, amount))), 0)
    added = (
        sa.select((sa.func.max(amount) - before).label("vnd"))
        .where(
            among(conn, fact.c.subject, subjects), fact.c.kind == _PLACED, fact.c.happened_at < until,
            fact.c.learned_at <= known_at,
        )
        .group_by(fact.c.subject)
        .subquery()
    )  # fmt: skip
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.sum(added.c.vnd), 0))).scalar_one())
