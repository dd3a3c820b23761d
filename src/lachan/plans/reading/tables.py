"""Tables of tasks: which column is the work, who leads, who takes part, and until when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lachan.plans.reading.letters import fold
from lachan.plans.reading.marks import mark_of
from lachan.plans.reading.parts import Line, Rank

_COLUMNS = (
    ("with", re.compile(r"phối hợp|tham gia")),
    ("lead", re.compile(r"chủ trì|(?:cơ quan|đơn vị|phòng|trách nhiệm)\s*(?:được giao\s*)?"
                        r"(?:thực hiện|chịu trách nhiệm)"
                        r"|phân công|đầu mối|người phụ trách|cơ quan$|đơn vị$")),
    ("time", re.compile(r"thời gian|thời hạn|tiến độ|hoàn thành|lộ trình|kỳ hạn")),
    ("number", re.compile(r"^(?:s?tt|số tt|số thứ tự|no\.?|#)$")),
    ("work", re.compile(r"nhiệm vụ|nội dung|công việc|hoạt động|giải pháp|chỉ tiêu|mô hình|đề án|việc")),
    ("product", re.compile(r"sản phẩm|kết quả|ghi chú|căn cứ|kinh phí|nguồn|đầu ra")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that is a task. `group`: the number of the group that it stands in."""

    group: str
    number: str
    work: str
    lead: str
    coordinating: str
    time: str
    line: Line


def task_rows(rows: Sequence[Line]) -> list[TableRow] | None:
    """The tasks of a table; None where it is no table of tasks. Rows that only head a group are none."""
    columns, start = _columns(rows)
    if "work" not in columns or "lead" not in columns:
        return None
    heading = fold((rows[start - 1].cells or ())[columns["work"]])
    found: list[TableRow] = []
    place = ""
    for line in rows[start:]:
        cells = line.cells or ()

        def cell(what: str, cells: tuple[str, ...] = cells) -> str:
            place = columns.get(what)
            return cells[place].strip() if place is not None and place < len(cells) else ""

        work, number = cell("work"), cell("number").strip(" .)")
        if not work or fold(work) == heading:
            continue
        filled = {text for text in cells if text.strip()}
        # A heading within the table: one cell across all columns, or nothing beside the words.
        across = len(filled - {cell("number")}) == 1
        group = across or (not cell("lead") and not cell("time") and not cell("with"))
        if group and (across or len(filled) <= 2 or re.fullmatch(r"[A-ZĐIVX]+", number)):
            named = mark_of(work)
            place = number or (named.label if named is not None else "")
            continue
        mark = mark_of(work)
        if mark is not None and mark.rank is not Rank.LETTER:
            number, work = number or mark.label, work[mark.width :]
        found.append(TableRow(place, number, work.strip(), cell("lead"), cell("with"), cell("time"), line))
    return found


def is_task_table(rows: Sequence[Line]) -> bool:
    """Whether the columns say so; other tables may be a letterhead laid out as a table."""
    return bool(_columns(rows)[0])


def _columns(rows: Sequence[Line]) -> tuple[dict[str, int], int]:
    """Which column holds what, by the first row that names them; and where the rows begin."""
    for place, line in enumerate(rows[:4]):
        columns: dict[str, int] = {}
        for column, text in enumerate(line.cells or ()):
            small = fold(text).strip(" .:")
            if len(small) > 60:
                continue
            what = next((name for name, pattern in _COLUMNS if pattern.search(small)), None)
            if what is not None:
                columns.setdefault(what, column)
        if "work" in columns and "lead" in columns:
            return columns, place + 1
    return {}, 0
