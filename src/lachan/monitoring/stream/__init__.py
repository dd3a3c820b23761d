"""Monitoring while transfers stream in: judged in the stream's order, recorded once, resumed after any failure.

On one machine the stream stands in the record; grown, on NATS JetStream, which chooses who judges and replaces
whoever fails. What a node is depends on the messages alone, so that it can be rebuilt anywhere.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lachan.monitoring.stream.model import (
    TRANSFERS_MAX,
    DeadLetter,
    Message,
    Source,
    Standing,
    StreamReason,
)

if TYPE_CHECKING:
    from lachan.monitoring.stream.actions import SENT_MAX, Sent, erase_judged, look_through, send_transfers
    from lachan.monitoring.stream.columns import StreamColumns, forget_columns
    from lachan.monitoring.stream.jetstream import JetStream, Servers
    from lachan.monitoring.stream.local import LocalStream
    from lachan.monitoring.stream.message import messages_of, rows_in
    from lachan.monitoring.stream.node import Judged, Node
    from lachan.monitoring.stream.processor import GRAPH, Processor
    from lachan.monitoring.stream.snapshot import Snapshots
    from lachan.monitoring.stream.views import dead_letters_of, progress

__all__ = [
    "GRAPH",
    "SENT_MAX",
    "TRANSFERS_MAX",
    "DeadLetter",
    "JetStream",
    "Judged",
    "LocalStream",
    "Message",
    "Node",
    "Processor",
    "Sent",
    "Servers",
    "Snapshots",
    "Source",
    "Standing",
    "StreamColumns",
    "StreamReason",
    "dead_letters_of",
    "erase_judged",
    "forget_columns",
    "look_through",
    "messages_of",
    "progress",
    "rows_in",
    "send_transfers",
]
_HOMES = {
    "GRAPH": "processor", "JetStream": "jetstream", "Judged": "node", "LocalStream": "local", "Node": "node",
    "Processor": "processor", "StreamColumns": "columns",
    "forget_columns": "columns", "Servers": "jetstream", "Snapshots": "snapshot", "messages_of": "message",
    "rows_in": "message", "SENT_MAX": "actions", "Sent": "actions", "send_transfers": "actions",
    "erase_judged": "actions", "look_through": "actions", "dead_letters_of": "views", "progress": "views",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
