"""What else moved with an entry, and which others may be the same thing."""

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from lachan.doors.web.registry.shapes import AroundGroup, MergeRow, NeighbourRow
from lachan.doors.web.registry.words import Words
from lachan.foundation.access import Permission, may
from lachan.foundation.base import Actor
from lachan.registry import Entry, MergeState, RelationKind, views
from lachan.registry.views.relations import Group
from lachan.response.shapes import Action, Message

# A hub's next neighbours come so many at a time.
_EXPANDED = 30


def around_of(
    conn: Connection, actor: Actor, one: Entry, words: Words, kind: str, offset: int
) -> tuple[AroundGroup, ...]:
    """The neighbours, a few of each kind; of one kind from `offset` on, where somebody asked for more of it."""
    expand = RelationKind(kind) if kind in set(RelationKind) else None
    limit = _EXPANDED if expand else 8
    found = views.relations.around(
        conn, actor, one.key, words.now, limit_per_kind=limit, expand=expand, offset=max(0, min(offset, 100_000))
    )
    return tuple(_group(one, group, words) for group in found.groups)


def merges_of(conn: Connection, actor: Actor, one: Entry, words: Words) -> tuple[MergeRow, ...]:
    """What a person has said of this entry and another, and what nobody has looked at yet."""
    decides = may(actor, Permission.REGISTRY_DECIDE)
    rows = []
    for proposal in views.merges.of_key(conn, actor, one.key, words.now):
        other = proposal.twin if proposal.entry.id == one.id else proposal.entry
        act = Action(Message("web.registry.do_merge"), f"/registry/{one.id}/merge?other={other.id}", more=True)
        why = Message(f"registry.merge_{proposal.why.value}")
        rows.append(
            MergeRow(words.identified(other.key), f"/registry/{other.id}", why, None, act if decides else None)
        )
    for said in views.merges.merges_of(conn, actor, one.key):
        key = said.other if said.key == one.key else said.key
        act = Action(Message("web.registry.do_unmerge"), f"/registry/{one.id}/unmerge?merge={said.id}", more=True)
        undone = decides and said.state is MergeState.ACCEPTED
        rows.append(
            MergeRow(
                words.identified(key), _href(conn, actor, [key]), Message(f"registry.merge_{said.why.value}"),
                Message(f"registry.merge_state_{said.state.value}"), act if undone else None,
            )
        )  # fmt: skip
    return tuple(rows)


def _href(conn: Connection, actor: Actor, keys: Iterable[str]) -> str | None:
    for key in keys:
        return f"/registry/{views.entry_of_key(conn, actor, key).id}"
    return None


def _group(one: Entry, group: Group, words: Words) -> AroundGroup:
    capped = "_capped" if group.capped else ""
    on = f"/registry/{one.id}?kind={group.kind.value}&offset={group.next_offset}#around"
    return AroundGroup(
        Message(f"registry.relation_{group.kind.value}"),
        tuple(
            NeighbourRow(
                words.identified(near.key), f"/registry/{near.entry.id}" if near.entry else None, near.verdict,
                near.times,
            )
            for near in group.neighbours
        ),
        Message(f"registry.relation_more{capped}", {"count": group.more}) if group.next_offset else None,
        on if group.next_offset else None,
    )  # fmt: skip
