"""What moved together: edges between identifiers, recorded once for each origin, and gone with it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.storage import Unit, insert_into
from lachan.foundation.trail import append
from lachan.registry import store
from lachan.registry.model import Claim, ClaimDraft, Edge, RelationKind
from lachan.registry.tables import payment, relation, relation_origin, tie

# Everything in one report belongs together pairwise; a report that names more than this names a list.
TOGETHER_MAX = 30
# A thing that many share (a rented device) ties the newest of them, not each with each.
TIED_MAX = 20
_TIES = (RelationKind.DEVICE, RelationKind.SUBSCRIBER, RelationKind.HOLDER, RelationKind.EVIDENCE)

_Row = tuple[str, str, str, str]


def relate(unit: Unit, edges: Iterable[Edge]) -> int:
    """Record these edges; an origin that has said the same before adds nothing. Returns how many were new.

    Who may is the caller's question: edges come with reports, answers, claims and merges, never by themselves.
    """
    wanted = sorted({_canonical(one) for one in edges if one.key != one.other})
    if not wanted:
        return 0
    new = sorted(set(wanted) - _known(unit.conn, sorted({row[0] for row in wanted})))
    if not new:
        return 0
    conn = unit.conn
    conn.execute(
        sa.insert(relation_origin),
        [{"origin": origin, "key": key, "kind": kind, "other": other} for origin, key, kind, other in new],
    )
    made = insert_into(conn.dialect.name, relation)
    upsert = made.on_conflict_do_update(
        index_elements=["key", "kind", "other"],
        set_={"times": relation.c.times + made.excluded.times, "seen_at": made.excluded.seen_at},
    )
    conn.execute(
        upsert,
        [
            {"key": key, "kind": kind, "other": other, "times": times, "seen_at": unit.now}
            for (key, kind, other), times in Counter(_both_ways(new)).items()
        ],
    )
    append(
        unit, "registry.related", "registry:relations",
        {"origins": len({row[0] for row in new}), "kinds": dict(Counter(kind for _, _, kind, _ in new))},
    )  # fmt: skip
    return len(new)


def forget_origins(unit: Unit, origins: Collection[str]) -> int:
    """What these reports, answers or claims said belongs together no longer stands, nor whom they say paid.

    Returns how many edges went.
    """
    if not origins:
        return 0
    conn = unit.conn
    listed = list(origins)
    conn.execute(
        sa.delete(payment).where(store.among(conn, payment.c.origin, listed), payment.c.message_id.is_(None))
    )
    gone: list[_Row] = sorted(_known(conn, listed))
    if not gone:
        return 0
    conn.execute(sa.delete(relation_origin).where(store.among(conn, relation_origin.c.origin, listed)))
    this = sa.and_(*(relation.c[name] == sa.bindparam(f"b_{name}") for name in ("key", "kind", "other")))
    rows = [{"b_key": key, "b_kind": kind, "b_other": other} for key, kind, other in _both_ways(gone)]
    conn.execute(sa.update(relation).where(this).values(times=relation.c.times - 1), rows)
    conn.execute(sa.delete(relation).where(this, relation.c.times <= 0), rows)
    append(unit, "registry.unrelated", "registry:relations", {"origins": len(listed), "edges": len(gone)})
    return len(gone)


def together(keys: Sequence[str], origin: str) -> list[Edge]:
    """Everything named in one report, each with each."""
    named = list(dict.fromkeys(keys))[:TOGETHER_MAX]
    return [
        Edge(RelationKind.REPORT, key, other, origin)
        for position, key in enumerate(named)
        for other in named[position + 1 :]
    ]


def tie_claims(unit: Unit, claims: Sequence[tuple[Claim, ClaimDraft]]) -> None:
    """Claims of one claimant that name the same device, subscriber, holder or paper relate their identifiers.

    What they name is kept as a digest only: whether it is the same can be told, what it is cannot.
    """
    edges: list[Edge] = []
    for made, draft in claims:
        said = (draft.device, draft.subscriber, draft.holder, made.evidence)
        for kind, value in zip(_TIES, said, strict=True):
            if value:
                edges += _tied(unit, kind, made, value)
    relate(unit, edges)


def _tied(unit: Unit, kind: RelationKind, made: Claim, value: str) -> list[Edge]:
    text = f"{made.claimant}\n{kind}\n{' '.join(value.split()).casefold()}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    conn = unit.conn
    same = (tie.c.kind == kind, tie.c.digest == digest)
    query = sa.select(tie.c.key).where(*same).order_by(tie.c.seen_at.desc()).limit(TIED_MAX + 1)
    others = list(conn.execute(query).scalars())
    written = insert_into(conn.dialect.name, tie).values(kind=kind, digest=digest, key=made.key, seen_at=unit.now)
    conn.execute(
        written.on_conflict_do_update(
            index_elements=["kind", "digest", "key"], set_={"seen_at": written.excluded.seen_at}
        )
    )
    if kind is RelationKind.EVIDENCE and len(others) > TIED_MAX:
        return []  # a form letter: what so many claims cite says nothing of any two of them
    return [Edge(kind, made.key, other, f"claim:{made.id}") for other in others[:TIED_MAX] if other != made.key]


def _canonical(one: Edge) -> _Row:
    key, kind, other = one.key, one.kind, one.other
    if kind is RelationKind.PAID_BY or (kind.mirrored is kind and other < key):
        key, kind, other = other, kind.mirrored, key
    return one.origin, key, kind.value, other


def _both_ways(rows: Iterable[_Row]) -> list[tuple[str, str, str]]:
    """Each edge from both its ends, sorted: two writers never wait for each other in a circle."""
    ends = []
    for _, key, kind, other in rows:
        ends += [(key, kind, other), (other, RelationKind(kind).mirrored.value, key)]
    return sorted(ends)


def _known(conn: Connection, origins: list[str]) -> set[_Row]:
    query = sa.select(relation_origin).where(store.among(conn, relation_origin.c.origin, origins))
    return {(row.origin, row.key, row.kind, row.other) for row in conn.execute(query)}
