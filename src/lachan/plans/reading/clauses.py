"""From the tree to the tasks: every leaf that demands something, with lead, coordinators, deadline, recurrence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lachan.plans.model import Recurrence, ReportDuty, SourceLine, TaskDraft, Warned
from lachan.plans.reading.duties import addressee, duty_of, labels_of, split_names
from lachan.plans.reading.joining import LABELLED
from lachan.plans.reading.letters import fold
from lachan.plans.reading.parts import SECTIONS, Node, Rank
from lachan.plans.reading.periodic import reports_in
from lachan.plans.reading.tables import TableRow, task_rows
from lachan.plans.reading.times import Times, times_of

_AIM = re.compile(
    r"(?:mục đích|mục tiêu|(?:các |một số )?chỉ tiêu|quan điểm|tình hình|đánh giá|thực trạng|căn cứ|phạm vi"
    r"|đối tượng|cơ sở|sự cần thiết|bối cảnh"
    r"|đặc điểm|kết quả (?:đạt được|thực hiện năm)|tồn tại|thời gian (?:thực hiện|triển khai|cao điểm)$"
    r"|thời gian, địa điểm)"
)
_DEMANDING = re.compile(
    r"yêu cầu|nhiệm vụ|giải pháp|trách nhiệm|nội dung|tổ chức thực hiện|phân công|biện pháp|tham mưu"
)
_PURE_AIM = re.compile(r"(?:nhằm|góp phần|qua đó|mục đích|mục tiêu)\b")
_STATEMENT = re.compile(r"kế hoạch này (?:thay thế|có hiệu lực|bãi bỏ)|kế hoạch .{0,60}hết hiệu lực")
# "định kỳ tổng hợp …", and how often is not said.
_UNTOLD = re.compile(r"(?:^|[.;:,]\s*)định kỳ\b")
_PERIODIC = frozenset(
    {Recurrence.WEEKLY, Recurrence.MONTHLY, Recurrence.QUARTERLY, Recurrence.HALF_YEARLY, Recurrence.YEARLY}
)
_PASSED_ON = re.compile(r"(?:yêu cầu|đề nghị|chỉ đạo|hướng dẫn|vận động)\b")
_ENDED = re.compile(r"[.;:!?…]['\"”’)\]]*$")
_SENTENCE_MIN = 60
_HEADING_MAX = 160
_LABEL_MAX = 40


@dataclass(frozen=True, slots=True)
class _Above:
    """What a clause inherits from the lines above it."""

    path: tuple[str, ...] = ()
    section: str = ""
    addressee: str | None = None
    coordinating: tuple[str, ...] = ()
    told: str = ""
    aim: bool = False


class Clauses:
    """Collects tasks, report duties and warnings while walking down the tree."""

    def __init__(self, issued_on: date | None) -> None:
        self.issued_on = issued_on
        self.tasks: list[TaskDraft] = []
        self.reports: list[ReportDuty] = []
        self.warnings: list[Warned] = []
        self.headings: dict[str, str] = {}

    def walk(self, root: Node) -> None:
        """Everything under the plan's own title."""
        above = _Above()
        for child in root.children:
            self._node(child, above)
        self._tables(root, above)
        self._without_lead()

    def _node(self, node: Node, above: _Above) -> None:
        mark = node.mark
        if mark is None:
            return
        is_section = mark.rank in SECTIONS
        path = (*above.path, node.label)
        title, own = self._title(node, is_section)
        here = replace(above, path=path, aim=self._aims(title or _label(own), above))
        if is_section:
            here = replace(here, section=f"{'.'.join(path)}. {title}" if title else ".".join(path))
            self.headings[".".join(path)] = title
        labelled = [child for child in node.children if _is_label(child, is_section)]
        words = own
        own, here = self._labels(words, labelled, here)
        if words and not own and not title and not node.children and not is_section:
            own = words  # nothing but the label: it is what the clause itself demands
        named = addressee(title) if title else None
        if named is not None and above.addressee is not None and _PASSED_ON.match(fold(title)):
            named = None  # "Yêu cầu các ngân hàng:" under the State Bank: the bank still leads
        if named is not None:
            here = replace(here, addressee=named, coordinating=())
        children = [child for child in node.children if child not in labelled]
        if children or node.tables:
            self._intro(node, title, own, named, here, children)
        elif own:
            demanding = [text for text in own if not _STATEMENT.match(fold(text))]
            if demanding:
                self._leaf(node, "\n".join(demanding), here)
        elif title and not is_section and named is None:
            self._leaf(node, title, here)
        elif not node.tables and not here.aim:
            self._warn("empty_place", node.line, place=".".join(path))
        self._tables(node, here)

    def _title(self, node: Node, is_section: bool) -> tuple[str, list[str]]:
        """The heading of a place, and its own paragraphs below it."""
        if not node.paragraphs:
            return "", []
        first, rest = node.paragraphs[0], node.paragraphs[1:]
        if is_section:
            if node.label.startswith("PL"):
                return " ".join(node.paragraphs), []
            # "V. KINH PHÍ: Ngân sách tỉnh bảo đảm …" says both on one line.
            head, colon, more = first.partition(":")
            if colon and len(more) > _SENTENCE_MIN and head.isupper():
                return head, [more.strip(), *rest]
            return first, rest
        prose = [paragraph for paragraph in rest if not LABELLED.match(fold(paragraph))]
        names = addressee(first) is not None
        is_heading = names or not _ENDED.search(first)
        if (prose or node.children or names) and is_heading and len(first) <= _HEADING_MAX:
            return first, rest
        return "", node.paragraphs

    def _aims(self, title: str, above: _Above) -> bool:
        """Whether a heading announces aims and no work; one that demands ends the aims of the heading above."""
        small = fold(title)[:120]
        if _AIM.match(small):
            return not _DEMANDING.search(small.split(":")[0])
        return above.aim and not (_DEMANDING.match(small))

    def _labels(self, own: list[str], labelled: list[Node], here: _Above) -> tuple[list[str], _Above]:
        """Take lines such as "Cơ quan chủ trì: …" out of the words, and pass on what they say."""
        kept: list[str] = []
        for text in [*own, *(child.text for child in labelled)]:
            labels = labels_of(text) if LABELLED.match(fold(text)) else None
            if labels is None:
                kept.append(text)
                continue
            here = replace(
                here,
                addressee=labels.lead or here.addressee,
                coordinating=here.coordinating + labels.coordinating,
                told=f"{here.told}\n{labels.time}".strip() if labels.time else here.told,
            )
        return kept, here

    def _intro(
        self, node: Node, title: str, own: list[str], named: str | None, here: _Above, children: list[Node]
    ) -> None:
        """A line that only introduces its children; what it says of all of them goes on to them."""
        is_section = node.mark is not None and node.mark.rank in SECTIONS
        if own or not is_section:
            words = "\n".join(own) or title
            if _ENDED.search(words) and not words.rstrip().endswith(":"):
                if len(words) >= _SENTENCE_MIN and not here.aim:
                    self._warn("words_above_clauses", node.line, place=".".join(here.path))
            elif words.rstrip().endswith(":") and named is None:
                duty = duty_of(words.rstrip(" :"), here.addressee)
                lead = duty.lead or addressee(words)
                told = f"{here.told}\n{words}" if _has_time(words) else here.told
                here = replace(
                    here, addressee=lead, coordinating=here.coordinating + duty.coordinating, told=told.strip()
                )
        for child in children:
            self._node(child, here)

    def _leaf(self, node: Node, text: str, here: _Above) -> None:
        small = fold(text)
        if here.aim or _PURE_AIM.match(small) or _STATEMENT.match(small):
            return
        if text.rstrip().endswith(":"):
            self._warn("introduces_nothing", node.line, place=".".join(here.path))
        self._task(text, here, node.line)

    def _task(self, text: str, here: _Above, line: SourceLine) -> None:
        ref = ".".join(here.path)
        duty = duty_of(text, here.addressee)
        if duty.unsure is not None:
            self._warn("other_lead_named", line, place=ref, name=duty.unsure)
        times = times_of(text, told=here.told, issued_on=self.issued_on)
        if _UNTOLD.search(fold(text)) and not _PERIODIC & set(times.recurrence):
            self._warn("period_not_said", line, place=ref)
        self._warn_times(times, line, ref)
        lead = duty.lead
        coordinating = tuple(dict.fromkeys((*here.coordinating, *duty.coordinating)))
        self.tasks.append(
            TaskDraft(
                ref, here.section, text, lead, coordinating, times.deadline, times.recurrence, line, times.before
            )
        )
        self.reports += reports_in(text, lead, line)

    def _warn_times(self, times: Times, line: SourceLine, ref: str) -> None:
        for shown in times.yearless:
            self._warn("deadline_without_year", line, place=ref, day=shown)
        if times.several:
            self._warn("several_deadlines", line, place=ref)
        if times.deadline is not None and self.issued_on is not None and times.deadline < self.issued_on:
            self._warn("deadline_before_plan", line, place=ref, day=times.deadline.strftime("%d/%m/%Y"))

    def _tables(self, node: Node, here: _Above) -> None:
        taken = {child.label for child in node.children}
        for table in node.tables:
            rows = task_rows(table)
            line = SourceLine(table[0].number, " | ".join(table[0].cells or ()))
            if rows is None:
                if not here.aim:
                    self._warn("table_not_read", line)
                continue
            labels = _row_labels(rows, taken)
            taken.update(".".join(label) for label in labels)
            for row, label in zip(rows, labels, strict=True):
                self._row(row, replace(here, path=(*here.path, *label)))

    def _row(self, row: TableRow, here: _Above) -> None:
        line = SourceLine(row.line.number, " | ".join(row.line.cells or ()))
        times = times_of(row.work, told=row.time, issued_on=self.issued_on)
        ref = ".".join(here.path)
        self._warn_times(times, line, ref)
        lead = " ".join(row.lead.split()) or here.addressee
        if not row.lead and here.addressee is None:
            self._warn("row_without_lead", line, place=ref)
        coordinating = split_names(row.coordinating)
        self.tasks.append(
            TaskDraft(
                ref,
                here.section,
                row.work,
                lead,
                coordinating,
                times.deadline,
                times.recurrence,
                line,
                times.before,
            )
        )

    def _without_lead(self) -> None:
        """One warning for each section whose clauses name nobody: a person says who leads."""
        sections: dict[str, list[TaskDraft]] = {}
        for task in self.tasks:
            if task.lead is None:
                sections.setdefault(task.section, []).append(task)
        for tasks in sections.values():
            refs = ", ".join(task.ref for task in tasks)
            self._warn("no_lead", tasks[0].line, count=str(len(tasks)), places=refs)

    def _warn(self, key: str, line: SourceLine | None, **details: str) -> None:
        self.warnings.append(Warned(key, line, tuple(details.items())))


def _is_label(child: Node, in_section: bool) -> bool:
    """Whether a line says something of the place above it; "3. Kinh phí: …" in a section is a clause of its own."""
    numbered = child.mark is not None and Rank.NUMBER <= child.mark.rank <= Rank.NUMBER_4
    return LABELLED.match(fold(child.text)) is not None and not (in_section and numbered)


def _row_labels(rows: Sequence[TableRow], taken: set[str]) -> list[tuple[str, ...]]:
    """The place of each row in its reference: its number, with its group's where each group counts from one."""
    for labels in ([(row.number,) for row in rows], [(row.group, row.number) for row in rows]):
        joined = [".".join(label) for label in labels]
        if all(map(all, labels)) and len(set(joined)) == len(joined) and not taken & set(joined):
            return list(labels)
    return [(str(count),) for count in range(len(taken) + 1, len(taken) + 1 + len(rows))]


def _label(own: list[str]) -> str:
    """ "Phạm vi, đối tượng: …" says before its colon what it is about."""
    head, colon, _ = own[0].partition(":") if own else ("", "", "")
    return head if colon and len(head) <= _LABEL_MAX else ""


def _has_time(words: str) -> bool:
    times = times_of(words)
    return times.deadline is not None or any(kind is not Recurrence.ON_REQUEST for kind in times.recurrence)
