"""What happened, the newest first, each line with its number in the sealed trail."""

from collections.abc import Mapping
from typing import Any

from lachan.response.shapes import Message, State, StreamEvent
from lachan.response.views.golden_hour.load import Record

_STATES: Mapping[str, State] = {
    "hold.placed": State.HELD,
    "hold.not_placed": State.NOTHING,
    "hold.silent": State.LATE,
    "hold.escalated": State.LATE,
    "answer.refused": State.LATE,
    "hold.asked_again": State.MOVING,
    "receipts.asked": State.MOVING,
    "receipts.told": State.MOVING,
    "hold.released": State.NOTHING,
    "hold.lifted": State.NOTHING,
    "hold.excess": State.LATE,
    "hold.expired": State.NOTHING,
    "hold.voided": State.NOTHING,
    "hold.rejected": State.NOTHING,
    "loss.confirmed": State.HELD,
    "loss.denied": State.NOTHING,
    "loss.lapsed": State.LATE,
    "trace.cancelled": State.NOTHING,
    "report.withdrawn": State.NOTHING,
    "report.closed": State.NOTHING,
    "report.notice_overdue": State.LATE,
    "report.received": State.MOVING,
}


_AMOUNTS = (
    "asked_vnd", "held_vnd", "released_vnd", "lifted_vnd", "excess_vnd", "unexplained_vnd", "amount_vnd",
)  # fmt: skip


def stream(record: Record) -> tuple[StreamEvent, ...]:
    """The lines of the stream. Requests that a standing policy approved are told once, as sent."""
    return tuple(_event(record, row) for row in record.facts if _is_told(record, row))


def sealed_up_to(record: Record) -> int | None:
    """The highest sealed number among what is shown."""
    return max((row.sequence for row in record.facts if row.sequence is not None), default=None)


def _is_told(record: Record, row: Any) -> bool:
    if row.kind in {"hold.drafted", "hold.approved"}:
        hold = record.holds.get(row.subject.partition(":")[2])
        return hold is None or hold.policy_id is None
    if row.kind == "hold.excess" and not int(row.data["excess_vnd"]):
        return False
    if row.kind == "receipts.told" and not row.data["amount_vnd"]:
        return False
    return bool(row.kind != "hold.requested" or row.data.get("revision") == 1)


def _event(record: Record, row: Any) -> StreamEvent:
    subject, _, key = row.subject.partition(":")
    hold = record.holds.get(key) if subject == "hold" else None
    said: dict[str, object] = {"institution": record.names.institution(hold.institution if hold else None)}
    said |= {name: int(row.data[name]) for name in _AMOUNTS if name in row.data}
    if row.kind == "receipts.told":
        said |= {"by": record.names.institution(row.data["institution"]), "count": int(row.data["receipts"])}
    if row.kind == "receipts.asked":
        said["count"] = int(row.data["institutions"])
    if row.kind == "loss.confirmed" or row.kind == "loss.denied":
        said["institution"] = record.names.institution(row.data.get("by"))
    kind = str(row.kind).replace(".", "_")
    if row.kind == "hold.not_placed" and row.data.get("refusal") not in {None, "no_balance"}:
        kind, said["reason"] = "hold_refused", Message(f"web.say.refusal_{row.data['refusal']}")
    if row.kind == "answer.refused" and "lifted_vnd" in row.data:
        kind = "answer_refused_lifted"
    if row.kind == "trace.taken":
        said["officer"] = record.people.get(row.data["officer"], "–")
    if row.kind == "personal.viewed":
        said["purpose"] = Message(f"purpose.{row.purpose}")
    return StreamEvent(
        row.learned_at, _STATES.get(row.kind, State.WAITING), Message(f"web.fact.{kind}", said), row.sequence,
        f"#hold-{hold.id}" if hold else None,
    )  # fmt: skip
