"""What rests on receivers' word alone: on whose, and past which institution that has not answered."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.engine import Connection

from lachan.foundation.protocol import intersect, total
from lachan.response import store, tables
from lachan.response.model import ENDED, HOLDING, Hold, HoldState, Hop
from lachan.response.rules.lawful import FIRST_STEP_BY_DECISION
from lachan.response.shapes import Message
from lachan.response.views.names import Names

Word = tuple[str, str]
"""Who tells, and who is silent."""
UNNAMED = ""
"""Who is silent, where the reader may not know it."""


def word_of(
    hop: Hop, hop_by: Callable[[str], Hop | None], hold_by: Callable[[str], Hold], names: Names
) -> Word | None:
    """On whose word these coins came here, and past which silent institution; None where all have answered.

    Of several the nearest: its own answer is the next to decide.
    """
    while hop.parent_id is not None and (parent := hop_by(hop.parent_id)) is not None:
        before = hold_by(parent.hold_id)
        if before.answer is None and before.state in {HoldState.REQUESTED, HoldState.ACKNOWLEDGED}:
            return names.institution(hop.institution), names.institution(before.institution)
        hop = parent
    return None


def resting_vnd(hold: Hold, hops: Iterable[Hop], word: Callable[[Hop], Word | None]) -> dict[Word, int]:
    """How much of a request, by whose word; `hops` are those that it serves."""
    found: dict[Word, int] = {}
    for hop in hops:
        coins = intersect(hop.spans, hold.held if hold.state in HOLDING else hold.asked)
        if coins and (said := word(hop)):
            found[said] = found.get(said, 0) + total(coins)
    return found


def rests(hold: Hold, found: Mapping[Word, int]) -> Message | None:
    """Why this is held or asked for past an institution that is silent, and what happens when it speaks."""
    if hold.state in ENDED or not found:
        return None
    is_held = hold.state in HOLDING
    # No machine lets go of what an authority decided on, or is about to.
    how = "decided" if hold.step >= FIRST_STEP_BY_DECISION else "held" if is_held else "asked"
    (by, silent), _ = max(found.items(), key=lambda one: (one[0][1] != UNNAMED, one[1]))
    part = "" if sum(found.values()) == total(hold.held if is_held else hold.asked) else "_part"
    said = {"by": by, "silent": silent or Message("web.say.rests_unnamed"), "amount_vnd": sum(found.values())}
    return Message(f"web.say.rests_{how}{part}", said)


def held_on_word_vnd(conn: Connection, trace_id: str, names: Names) -> int:
    """How much is held for a trace on receivers' word alone."""
    hops = {hop.id: hop for hop in store.hops(conn, trace_id=trace_id)}
    holds = {one.id: one for one in store.holds(conn, tables.hold.c.id.in_({hop.hold_id for hop in hops.values()}))}

    def word(hop: Hop) -> Word | None:
        return word_of(hop, hops.get, holds.__getitem__, names)

    found_vnd = 0
    for hold in holds.values():
        if hold.state in HOLDING:
            mine = (hop for hop in hops.values() if hop.hold_id == hold.id)
            found_vnd += sum(resting_vnd(hold, mine, word).values())
    return found_vnd
