"""The flow of one trace's money as nodes, edges and moments; where it is drawn is the web door's matter."""

from collections import defaultdict
from datetime import datetime

from lachan.foundation.identifiers.kinds.account import parts
from lachan.response.model import HOLDING, HoldState, Hop
from lachan.response.shapes import AxisMark, Deadline, FlowEdge, FlowGraph, FlowNode, Message, MoneyBar, State
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import tail

VICTIM = "victim"


def flow_graph(record: Record) -> FlowGraph:
    """One node for each account at each depth, one for each way out of reach."""
    places: dict[str, list[Hop]] = defaultdict(list)
    place_of = {hop.id: _place(hop) for hop in record.hops}
    for hop in record.hops:
        if hop.spans:
            places[place_of[hop.id]].append(hop)
    nodes, edges = [_victim(record)], []
    for key, hops in places.items():
        nodes.append(_account(record, key, hops))
        edges += _incoming(record, key, hops, place_of)
        ends, lost = _ends(record, key, hops)
        nodes += ends
        edges += lost
    marks = tuple(AxisMark(edge.at, amount_vnd=edge.amount_vnd) for edge in edges)
    marks += tuple(
        AxisMark(hold.answered_at, state=State.HELD if hold.placed_at else State.NOTHING)
        for hold in record.holds.values()
        if hold.answered_at is not None
    )
    return FlowGraph(tuple(nodes), tuple(edges), marks, record.trace.opened_at)


def hop_state(record: Record, hops: list[Hop]) -> State:
    """What became of the money that reached one place."""
    holds = [record.holds[hop.hold_id] for hop in hops]
    if any(record.is_silent(hold) for hold in holds):
        return State.LATE
    amounts = {
        name: sum(getattr(hop.sum, f"{name}_vnd") for hop in hops)
        for name in ("held", "returned", "located", "moving")
    }
    received = sum(hop.sum.reported_vnd for hop in hops)
    if amounts["returned"]:
        return State.RETURNED
    if amounts["held"]:
        return State.HELD if amounts["held"] == received else State.PARTLY_HELD
    if any(hold.state in {HoldState.DRAFTED, HoldState.APPROVED} for hold in holds):
        return State.WAITING
    if amounts["moving"]:
        return State.MOVING
    return State.LOCATED if amounts["located"] else State.NOTHING


def _place(hop: Hop) -> str:
    return f"{hop.depth}:{hop.account}"


def _victim(record: Record) -> FlowNode:
    losses = [loss for loss in record.report.losses if loss.duplicate_of is None]
    total = sum(loss.amount_vnd for loss in losses)
    first = losses[0] if losses else None
    where = record.names.institution(first.payer_institution) if first and first.payer_institution else ""
    number = parts(first.payer_account.partition(":")[2])[1] if first and first.payer_account else ""
    return FlowNode(
        VICTIM, 0, "victim", Message("web.golden.victim"), f"{where} {tail(number) if number else ''}".strip(),
        State.NOTHING, total, Message("web.say.node_sent", {"sent_vnd": total}),
    )  # fmt: skip


def _account(record: Record, key: str, hops: list[Hop]) -> FlowNode:
    state = hop_state(record, hops)
    first = min(hops, key=lambda hop: hop.booked_at)
    outcome = MoneyBar(
        sum(hop.sum.held_vnd + hop.sum.returned_vnd + hop.sum.located_vnd + hop.sum.moving_vnd for hop in hops),
        held_vnd=sum(hop.sum.held_vnd for hop in hops),
        returned_vnd=sum(hop.sum.returned_vnd for hop in hops),
        located_vnd=sum(hop.sum.located_vnd for hop in hops),
        moving_vnd=sum(hop.sum.moving_vnd for hop in hops),
    )
    view = record.names.identifier(first.account, first.institution)
    return FlowNode(
        key, first.depth, view.kind, view.institution, view.tail, state,
        sum(hop.sum.reported_vnd for hop in hops), _left(outcome, state), outcome,
        _right(record, hops, first.booked_at), f"#hold-{first.hold_id}",
    )  # fmt: skip


def _left(outcome: MoneyBar, state: State) -> Message:
    if outcome.held_vnd or outcome.returned_vnd:
        return Message("web.say.node_held", {"held_vnd": outcome.saved_vnd})
    if state is State.LOCATED or (outcome.located_vnd and not outcome.moving_vnd):
        return Message("web.say.node_located", {"located_vnd": outcome.located_vnd})
    if outcome.moving_vnd:
        return Message("web.say.node_moving", {"moving_vnd": outcome.moving_vnd})
    return Message("web.say.node_empty")


def _right(record: Record, hops: list[Hop], booked_at: datetime) -> Message | datetime | Deadline:
    holds = [record.holds[hop.hold_id] for hop in hops]
    if any(record.unexplained_vnd(hold) for hold in holds if not record.is_waiting(hold)):
        return Message("web.say.node_asked_again")
    for hold in holds:
        if hold.state in {HoldState.DRAFTED, HoldState.APPROVED}:
            return Message("web.say.wait_approval")
        if record.is_waiting(hold):
            due = hold.ack_by if hold.state is HoldState.REQUESTED else hold.answer_by
            if due is not None:
                return Deadline(due, hold.requested_at or hold.drafted_at, 60)
        if hold.state is HoldState.REFUSED and hold.refusal not in {None, "no_balance"}:
            return Message("web.say.node_refused")
        if hold.end_reason and hold.state not in HOLDING:
            return Message(f"web.hold_state.{hold.state}")
    if any(hop.sum.held_vnd and record.rests_on(hop) for hop in hops):
        return Message("web.say.node_rests")
    return booked_at


def _incoming(record: Record, key: str, hops: list[Hop], place_of: dict[str, str]) -> list[FlowEdge]:
    by_source: dict[str, list[Hop]] = defaultdict(list)
    for hop in hops:
        by_source[place_of.get(hop.parent_id or "", VICTIM)].append(hop)
    return [
        FlowEdge(
            source, key, sum(hop.sum.reported_vnd for hop in mine), min(hop.booked_at for hop in mine),
            pressing=any(hop.sum.moving_vnd and record.is_waiting(record.holds[hop.hold_id]) for hop in mine),
        )
        for source, mine in by_source.items()
    ]  # fmt: skip


def _ends(record: Record, key: str, hops: list[Hop]) -> tuple[list[FlowNode], list[FlowEdge]]:
    lost: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for hop in hops:
        for end in record.settled[hop.id].ends:
            lost[end.kind].append((end.amount_vnd, end.booked_at or hop.booked_at))
        if hop.sum.diluted_vnd:
            lost["diluted"].append((hop.sum.diluted_vnd, hop.booked_at))
    nodes, edges = [], []
    for kind, amounts in lost.items():
        total, at = sum(amount for amount, _ in amounts), min(when for _, when in amounts)
        thin = kind == "diluted"
        state = State.DILUTED if thin else State.OUT_OF_REACH
        outcome = MoneyBar(total, diluted_vnd=total) if thin else MoneyBar(total, out_of_reach_vnd=total)
        left = Message("web.say.node_thin", {"diluted_vnd": total}) if thin else Message(
            "web.say.node_lost", {"lost_vnd": total}
        )  # fmt: skip
        name = f"{key}:{kind}"
        nodes.append(
            FlowNode(name, hops[0].depth + 1, kind, Message(f"web.say.end_{kind}"), "", state, total, left, outcome,
                     None if thin else at)
        )  # fmt: skip
        edges.append(FlowEdge(key, name, total, at))
    return nodes, edges
