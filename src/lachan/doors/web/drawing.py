"""Where the flow of money is drawn: pure geometry from a `FlowGraph`, in pixels at a width of 1000.

The same graph always gives the same picture, so a new answer moves nothing that it does not concern.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lachan.foundation.base import VIETNAM
from lachan.response.shapes import AxisMark, FlowEdge, FlowGraph, FlowNode, State

WIDTH = 1000
VICTIM_WIDTH, NODE_WIDTH = 128, 190
NODE_HEIGHT, VICTIM_HEIGHT = 45, 62
ROW_GAP, TOP, LABEL_ROW = 6, 22, 15
GAP_MIN, GAP_MAX = 100, 190
EDGE_MAX, EDGE_MIN = 34.0, 1.5
AXIS_LEFT, AXIS_ABOVE, AXIS_BELOW = 74, 22, 34
TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 10080)


@dataclass(frozen=True, slots=True)
class Box:
    """A drawn node; `foot` holds (state, x, width) of what became of the money."""

    node: FlowNode
    x: float
    y: float
    width: float
    height: float
    foot: tuple[tuple[State, float, float], ...]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A drawn edge and the end of its label. `tone`: `pressing`, `located`, `diluted`, `plain`."""

    edge: FlowEdge
    tone: str
    path: str
    width: float
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading: the hop, and when its money arrived."""

    depth: int
    x: float
    count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of the time axis; unlabelled where a label would collide."""

    x: float
    at: datetime
    labelled: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark on the time axis."""

    x: float
    radius: float
    mark: AxisMark


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs, and nothing it must compute."""

    width: int
    height: int
    axis_y: float
    axis_left: float
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    reported_x: float
    now_x: float | None
    now_labelled: bool


def draw_flow(graph: FlowGraph, now: datetime) -> Drawing:
    """Lay out nodes by hop, edges by amount, and the time axis from the first transfer to now."""
    columns = _columns(graph)
    deepest = max(len(columns) - 1, 1)
    gap = min(GAP_MAX, max(GAP_MIN, (WIDTH - VICTIM_WIDTH - NODE_WIDTH * deepest) / deepest))
    width = max(WIDTH, round(VICTIM_WIDTH + deepest * (gap + NODE_WIDTH)))
    incoming: dict[str, int] = {}
    for edge in graph.edges:
        incoming[edge.target] = incoming.get(edge.target, 0) + 1
    heights = {n.key: _height(n, incoming.get(n.key, 0)) for n in graph.nodes}
    tall = max([sum(heights[n.key] + ROW_GAP for n in column) for column in columns] + [2 * NODE_HEIGHT])
    boxes: dict[str, Box] = {}
    for depth, column in enumerate(columns):
        x = 0.0 if depth == 0 else VICTIM_WIDTH + gap + (depth - 1) * (gap + NODE_WIDTH)
        spare = (tall - sum(heights[n.key] for n in column)) / max(len(column), 1)
        y = TOP + spare / 2
        for node in column:
            node_width = VICTIM_WIDTH if depth == 0 else NODE_WIDTH
            boxes[node.key] = Box(node, x, round(y, 1), node_width, heights[node.key], _foot(node, node_width))
            y += heights[node.key] + spare
    axis_y = TOP + tall + AXIS_ABOVE
    start, end = _range(graph, now)
    ticks, dots, reported_x, now_x, now_labelled = _axis(graph, now, start, end, width)
    return Drawing(
        width=width,
        height=round(axis_y + AXIS_BELOW),
        axis_y=axis_y,
        axis_left=AXIS_LEFT,
        boxes=tuple(boxes.values()),
        ribbons=tuple(_ribbons(graph.edges, boxes)),
        columns=tuple(_headings(columns, boxes, graph.edges)),
        ticks=ticks,
        dots=dots,
        reported_x=reported_x,
        now_x=now_x,
        now_labelled=now_labelled,
    )


def _columns(graph: FlowGraph) -> list[list[FlowNode]]:
    # Each column is ordered by where its money comes from, then by amount: few crossings, and stable.
    deepest = max((n.depth for n in graph.nodes), default=0)
    columns: list[list[FlowNode]] = [[] for _ in range(deepest + 1)]
    for node in graph.nodes:
        columns[node.depth].append(node)
    place: dict[str, float] = {}
    for column in columns:
        parents = {
            n.key: [(place[e.source], e.amount_vnd) for e in graph.edges if e.target == n.key and e.source in place]
            for n in column
        }

        def rank(node: FlowNode, parents: dict[str, list[tuple[float, int]]] = parents) -> tuple[bool, float, int]:
            found = parents[node.key]
            mean = sum(p * a for p, a in found) / max(sum(a for _, a in found), 1) if found else 0.0
            return (node.kind == "diluted", mean, -node.received_vnd)

        column.sort(key=rank)
        for i, node in enumerate(column):
            place[node.key] = (i + 0.5) / len(column)
    return columns


def _height(node: FlowNode, incoming: int) -> float:
    return max(VICTIM_HEIGHT if node.depth == 0 else NODE_HEIGHT, incoming * LABEL_ROW)


def _foot(node: FlowNode, width: float) -> tuple[tuple[State, float, float], ...]:
    if node.outcome is None or node.received_vnd <= 0:
        return ()
    parts: list[tuple[State, float, float]] = []
    x = 0.0
    for part in node.outcome.parts:
        wide = width * part.amount_vnd / node.received_vnd
        if wide:
            parts.append((part.state, round(x, 1), round(wide, 1)))
        x += wide
    return tuple(parts)


def _ribbons(edges: Sequence[FlowEdge], boxes: dict[str, Box]) -> list[Ribbon]:
    drawn = [e for e in edges if e.source in boxes and e.target in boxes]
    scale = EDGE_MAX / max([*(e.amount_vnd for e in drawn), 1])
    thick = {id(e): max(EDGE_MIN, e.amount_vnd * scale) for e in drawn}
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for box in boxes.values():
        middle = box.y + box.height / 2
        leaving = sorted((e for e in drawn if e.source == box.node.key), key=lambda e: boxes[e.target].y)
        _stack(leaving, [thick[id(e)] for e in leaving], middle, box.height, starts)
        coming = sorted((e for e in drawn if e.target == box.node.key), key=lambda e: boxes[e.source].y)
        _stack(coming, [max(thick[id(e)], LABEL_ROW + 2) for e in coming], middle, box.height, ends)
    ribbons = []
    for edge in drawn:
        x0 = boxes[edge.source].x + boxes[edge.source].width
        x1, y0, y1 = boxes[edge.target].x, starts[id(edge)], ends[id(edge)]
        bend = (x1 - x0) * 0.5
        path = f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        ribbons.append(
            Ribbon(
                edge,
                _tone(edge, boxes[edge.target].node),
                path,
                round(thick[id(edge)], 1),
                round(x1 - 7, 1),
                round(y1 + 4, 1),
            )
        )
    return ribbons


def _tone(edge: FlowEdge, target: FlowNode) -> str:
    if edge.pressing:
        return "pressing"
    return target.state.value if target.state in (State.LOCATED, State.DILUTED) else "plain"


def _stack(
    edges: Sequence[FlowEdge], room: Sequence[float], middle: float, height: float, into: dict[int, float]
) -> None:
    # Side by side around the middle; pressed together when the box is lower than what meets it.
    whole = sum(room)
    squeeze = min(1.0, (height - 2) / whole) if whole else 1.0
    y = middle - whole * squeeze / 2
    for edge, wide in zip(edges, room, strict=True):
        into[id(edge)] = y + wide * squeeze / 2
        y += wide * squeeze


def _headings(
    columns: Sequence[Sequence[FlowNode]], boxes: dict[str, Box], edges: Sequence[FlowEdge]
) -> list[Column]:
    found = []
    for depth, column in enumerate(columns):
        keys = {n.key for n in column}
        times = [e.at for e in edges if e.target in keys]
        if column:
            x = boxes[column[0].key].x
            found.append(Column(depth, x, len(column), min(times, default=None), max(times, default=None)))
    return found


def _range(graph: FlowGraph, now: datetime) -> tuple[datetime, datetime]:
    # Long after the last event the axis stops following the clock, or all events would lie in one corner.
    times = [m.at for m in graph.marks] + [graph.reported_at]
    first = min(times).astimezone(VIETNAM).replace(second=0, microsecond=0)
    last = max(times)
    end = min(now, last + max(timedelta(minutes=2), (last - first) * 0.3))
    return first, max(end, first + timedelta(minutes=2))


def _axis(
    graph: FlowGraph, now: datetime, start: datetime, end: datetime, width: int
) -> tuple[tuple[Tick, ...], tuple[Dot, ...], float, float | None, bool]:
    right = width - 28

    def x_of(at: datetime) -> float:
        return round(AXIS_LEFT + (right - AXIS_LEFT) * ((at - start) / (end - start)), 1)

    minutes = (end - start).total_seconds() / 60
    step = next((m for m in TICK_MINUTES if minutes / m <= 11), TICK_MINUTES[-1])
    reported_x = x_of(graph.reported_at)
    now_x = x_of(now) if now <= end else None
    now_labelled = now_x is not None and now_x - reported_x > 150
    taken = [(reported_x - 78, reported_x + 78)]
    if now_labelled and now_x is not None:
        taken.append((now_x - 118, width + 50))
    ticks, at = [], start
    while at <= end:
        x = x_of(at)
        ticks.append(Tick(x, at, not any(low < x < high for low, high in taken)))
        at += timedelta(minutes=step)
    largest = max((m.amount_vnd or 0 for m in graph.marks), default=0) or 1
    dots = tuple(
        Dot(x_of(m.at), round(2 + 4 * ((m.amount_vnd or 0) / largest) ** 0.5, 1), m)
        for m in graph.marks
        if start <= m.at <= end
    )
    return tuple(ticks), dots, reported_x, now_x, now_labelled
