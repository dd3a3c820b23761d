"""Where the transfers of an alert are drawn: who paid left, the account in the middle, who was paid right. Pure."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lachan.monitoring.alerts import ShownTransfer

WIDTH, BOX_WIDTH, BOX_HEIGHT = 760, 196, 40
ROW, TOP = 52, 8
_MOST = 6
_THICK, _THIN = 18.0, 1.5


@dataclass(frozen=True, slots=True)
class FlowBox:
    """An account of the picture; `middle`: the alert's own."""

    text: str
    x: float
    y: float
    middle: bool


@dataclass(frozen=True, slots=True)
class FlowLine:
    """Money between two of them: its way, its width, and where its sum stands."""

    path: str
    width: float
    amount_vnd: int
    count: int
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture. `left_out`: transfers that do not touch the account, or more parties than there is room for."""

    width: int
    height: int
    boxes: tuple[FlowBox, ...]
    lines: tuple[FlowLine, ...]
    left_out: int


def flow_of(account: str, shown: Sequence[ShownTransfer], name: Callable[[str], str]) -> Flow | None:
    """The picture of what went in and out of an account; None where nothing did.

    The largest parties of each side; the same transfers always give the same picture.
    """
    sides: tuple[dict[str, list[int]], dict[str, list[int]]] = (defaultdict(list), defaultdict(list))
    for one in shown:
        if one.payee == account and one.payer != account:
            sides[0][one.payer].append(one.amount_vnd)
        elif one.payer == account and one.payee != account:
            sides[1][one.payee].append(one.amount_vnd)
    if not any(sides):
        return None
    kept = [sorted(side.items(), key=lambda item: (-sum(item[1]), item[0]))[:_MOST] for side in sides]
    rows = max(len(side) for side in kept)
    height = 2 * TOP + rows * ROW - (ROW - BOX_HEIGHT)
    centre = FlowBox(name(account), (WIDTH - BOX_WIDTH) / 2, (height - BOX_HEIGHT) / 2, middle=True)
    scale = _THICK / max(sum(amounts) for side in kept for _, amounts in side)
    boxes, lines = [centre], []
    for at, side in enumerate(kept):
        x = 0.0 if at == 0 else float(WIDTH - BOX_WIDTH)
        first = (height - (len(side) * ROW - (ROW - BOX_HEIGHT))) / 2
        for row, (party, amounts) in enumerate(side):
            box = FlowBox(name(party), x, first + row * ROW, middle=False)
            boxes.append(box)
            lines.append(_line(box, centre, amounts, scale, comes=at == 0))
    drawn = sum(len(amounts) for side in kept for _, amounts in side)
    return Flow(WIDTH, round(height), tuple(boxes), tuple(lines), len(shown) - drawn)


def _line(box: FlowBox, centre: FlowBox, amounts: list[int], scale: float, *, comes: bool) -> FlowLine:
    outer, inner = box.y + BOX_HEIGHT / 2, centre.y + BOX_HEIGHT / 2
    start, end = (box, centre) if comes else (centre, box)
    y0, y1 = (outer, inner) if comes else (inner, outer)
    x0, x1 = start.x + BOX_WIDTH, end.x
    bend = (x1 - x0) / 2
    path = f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    # The sum stands at the outer end, where lines lie apart.
    label_x = x0 + 6 if comes else x1 - 6
    return FlowLine(
        path, round(max(_THIN, sum(amounts) * scale), 1), sum(amounts), len(amounts), label_x, outer - 3
    )  # fmt: skip
