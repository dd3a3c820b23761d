"""The picture of a flow: nothing outside, nothing overlapping, widths by amount, the same every time."""

from datetime import timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.factories.pages import NOW, at
from tests.factories.pages_golden import flow_graph

from lachan.doors.web.drawing import EDGE_MAX, Drawing, draw_flow
from lachan.response.shapes import AxisMark, FlowEdge, FlowGraph, FlowNode, Message, MoneyBar, State


@st.composite
def graphs(draw: st.DrawFn) -> FlowGraph:
    nodes = [node("v", 0, 10)]
    edges = []
    for depth in range(1, draw(st.integers(1, 6)) + 1):
        above = [n for n in nodes if n.depth == depth - 1]
        for i in range(draw(st.integers(1, 6))):
            key = f"{depth}.{i}"
            sources = draw(st.lists(st.sampled_from(above), min_size=1, max_size=4, unique_by=lambda n: n.key))
            moment = NOW - timedelta(seconds=draw(st.integers(1, 500_000)))
            amounts = [draw(st.integers(1, 10**12)) for _ in sources]
            edges += [FlowEdge(s.key, key, a, moment) for s, a in zip(sources, amounts, strict=True)]
            nodes.append(node(key, depth, sum(amounts)))
    marks = tuple(AxisMark(e.at, amount_vnd=e.amount_vnd) for e in edges)
    return FlowGraph(tuple(nodes), tuple(edges), marks, NOW - timedelta(seconds=draw(st.integers(0, 600_000))))


def node(key: str, depth: int, received_vnd: int) -> FlowNode:
    held = MoneyBar(received_vnd // 3, held_vnd=received_vnd // 3)
    kind = "victim" if depth == 0 else "account"
    return FlowNode(key, depth, kind, key, "", State.PARTLY_HELD, received_vnd, Message("x"), held)


@given(graphs())
def test_boxes_keep_inside_and_apart(graph: FlowGraph) -> None:
    drawing = draw_flow(graph, NOW)
    assert len(drawing.boxes) == len(graph.nodes)
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.x + box.width <= drawing.width + 0.5
        assert box.y + box.height <= drawing.axis_y
        assert sum(width for _, _, width in box.foot) <= box.width + 0.5
    for one, other in combinations(drawing.boxes, 2):
        if one.x == other.x:
            assert one.y + one.height <= other.y + 0.2 or other.y + other.height <= one.y + 0.2


@given(graphs())
def test_widths_follow_amounts_and_every_label_ends_at_its_box(graph: FlowGraph) -> None:
    drawing = draw_flow(graph, NOW)
    assert len(drawing.ribbons) == len(graph.edges)
    ribbons = sorted(drawing.ribbons, key=lambda r: r.edge.amount_vnd)
    assert [r.width for r in ribbons] == sorted(r.width for r in ribbons)
    assert ribbons[-1].width == EDGE_MAX
    boxes = {box.node.key: box for box in drawing.boxes}
    for ribbon in ribbons:
        box = boxes[ribbon.edge.target]
        assert box.y <= ribbon.label_y - 4 <= box.y + box.height


@given(graphs())
def test_the_time_axis_is_ordered_and_not_crowded(graph: FlowGraph) -> None:
    drawing = draw_flow(graph, NOW)
    xs = [tick.x for tick in drawing.ticks]
    assert xs == sorted(xs)
    labelled = [tick.x for tick in drawing.ticks if tick.labelled]
    assert all(b - a > 38 for a, b in pairwise(labelled))
    for dot in drawing.dots:
        assert drawing.axis_left <= dot.x <= drawing.width


def test_the_same_graph_gives_the_same_picture_in_any_order() -> None:
    graph = flow_graph()
    turned = FlowGraph(graph.nodes[::-1], graph.edges[::-1], graph.marks, graph.reported_at)

    def places(drawing: Drawing) -> dict[str, tuple[float, float]]:
        return {box.node.key: (box.x, box.y) for box in drawing.boxes}

    assert places(draw_flow(graph, NOW)) == places(draw_flow(turned, NOW))


def test_a_new_answer_moves_no_box() -> None:
    graph = flow_graph()
    later = FlowGraph(
        graph.nodes,
        graph.edges,
        (*graph.marks, AxisMark(at("09:52:30"), state=State.HELD)),
        graph.reported_at,
    )
    assert draw_flow(graph, NOW).boxes == draw_flow(later, NOW).boxes


def test_long_after_the_last_event_the_axis_stands_still() -> None:
    drawing = draw_flow(flow_graph(), NOW + timedelta(days=2))
    assert drawing.now_x is None
    assert max(dot.x for dot in drawing.dots) > drawing.width / 2


def test_a_report_without_any_account_is_drawn() -> None:
    graph = FlowGraph((node("v", 0, 5),), (), (), at("09:41:07"))
    assert len(draw_flow(graph, NOW).boxes) == 1
