"""The flow of one report's money, hop by hop, as facts; where it is drawn is the web door's matter."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Deadline, Message, State
from lachan.response.shapes.money import MoneyBar


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A place where the money is or was.

    `kind`: `victim`, `account`, `wallet`, or how a branch ended: `cash_out`, `card_payment`, `merchant`,
    `virtual_asset`, `cross_border`, `diluted`. `depth` 0 is the victim. `outcome` splits what arrived here
    by what became of it (money that moved on is not in it); `left` is what to say below, `right` the time,
    a countdown or a note.
    """

    key: str
    depth: int
    kind: str
    title: str | Message
    tail: str
    state: State
    received_vnd: int
    left: Message
    outcome: MoneyBar | None = None
    right: Message | datetime | Deadline | None = None
    href: str | None = None

    @property
    def is_end(self) -> bool:
        """Whether the branch ends here, outside any account."""
        return self.kind not in ("victim", "account", "wallet")


@dataclass(frozen=True, slots=True)
class FlowEdge:
    """Disputed money that went from one node to another. `pressing`: it may still be caught."""

    source: str
    target: str
    amount_vnd: int
    at: datetime
    pressing: bool = False


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A moment on the time axis: money that moved (`amount_vnd`), or an institution's answer (`state`)."""

    at: datetime
    amount_vnd: int | None = None
    state: State | None = None
    what: Message | None = None


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """Nodes by depth, edges, and the two rows of the time axis."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    marks: tuple[AxisMark, ...]
    reported_at: datetime
