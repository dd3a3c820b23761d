"""From lines to paragraphs: what a page broke is joined, what a page added is dropped."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lachan.plans.model import SourceLine
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.letters import fold, is_shouted, starts_small
from lachan.plans.reading.marks import mark_of
from lachan.plans.reading.parts import SECTIONS, Line, Mark, Paragraph, Rank

_PAGE = re.compile(
    r"\W*\d{1,3}\W*|\W*(?:trang|page|tr\.)\s*(?:số\s*)?\d+(?:\s*(?:/|of|trên)\s*\d+)?\W*|\d+\s*\|\s*(?:page|trang)"
    r"|[-_=*~.·…\s]{3,}"
    r"|(?:nguồn tra cứu|ký bởi|người ký|thời gian ký|ngày ký|email|ký số bởi)\s*:.*|(?:https?://|www\.)\S+"
)
_ALONE = re.compile(
    r"(?:kế hoạch|phương án|chương trình)$|số\s*:|nơi nhận|(?:tm|kt|tl|tuq|q)\s?\.|cộng hòa xã hội|độc lập\s*[-–]"
    r"|phụ lục(?:\s+(?:số\s+)?[ivx\d]+)?\W*$|\(\s?kèm theo|\(đã ký\)|ủy ban nhân dân$|chủ tịch$|phó chủ tịch$"
    r"|giám đốc$"
)
LABELLED = re.compile(
    r"\W{0,3}(?:(?:cơ quan|đơn vị|sở, ngành|ngành)\s+(?:được giao\s+)?(?:chủ trì|phối hợp|thực hiện"
    r"|chịu trách nhiệm)"
    r"|chủ trì(?: thực hiện)?|phối hợp(?: thực hiện)?|(?:thời gian|thời hạn|tiến độ|lộ trình)"
    r"(?:\s+(?:thực hiện|hoàn thành|triển khai))?|hoàn thành|sản phẩm(?: đầu ra)?|kết quả(?: đầu ra)?|kinh phí)\s*:"
)
CLOSING = re.compile(
    r"(?:trên đây là|(?:trong )?quá trình (?:triển khai|thực hiện|tổ chức)"
    r"|yêu cầu (?:các|thủ trưởng|giám đốc|lãnh đạo|chủ tịch|người đứng đầu).{0,160}"
    r"(?:nghiêm túc|khẩn trương|triển khai|thực hiện)"
    r"|căn cứ (?:nhiệm vụ|nội dung|kế hoạch|chức năng).{0,120}(?:yêu cầu|đề nghị) (?:các|thủ trưởng)"
    r"|(?:nhận được|đề nghị) .{0,80}(?:quan tâm|nghiêm túc)|(?:ủy ban nhân dân|ubnd) .{0,60}(?:yêu cầu"
    r"|đề nghị) các)"
)
_ENDED = re.compile(r"[.;:!?…]['\"”’)\]]*$")
# A line that ends so is not over, whatever the next one begins with.
_GOES_ON = re.compile(r"(?:,|\b(?:và|của|các|với|cho|về|tại|trong|từ|theo|hoặc|những|do|là))$")
# "không muộn hơn ngày / 26/3/2026", "hết quý / II năm 2026": the line broke before its number.
_NUMBER_MISSING = re.compile(r"\b(?:ngày|tháng|quý|số|khu vực)$")
_NUMBER_FIRST = re.compile(
    r"\d{1,4}\s?/|\d{1,2}\s+tháng\b|[IVX]{1,4}(?:\s?/|\s+năm\b)|\d{1,2}[.\-]\d{1,2}[.\-]\d{4}"
)
_YEAR_ENDS = re.compile(r"\b(?:19|20)\d\d$")
_YEAR = re.compile(r"[-–]\s*(?:19|20)\d\d\b")
_NUMBER_BROKEN = re.compile(r"\d\s?/$")
_WORDS_BELOW_HEADING = 25
# What follows a dash within a name.
_HALVES = ("thương binh", "truyền hình", "kiến trúc", "gia đình", "đầu tư", "thể thao", "kỹ thuật", "tự do")


@dataclass(slots=True)
class _Open:
    """The paragraph that is being joined."""

    text: str
    first: Line
    last: Line
    mark: Mark | None

    def closed(self) -> Paragraph:
        return Paragraph(self.text, SourceLine(self.first.number, self.text), self.first.heading)


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """The paragraphs and tables of a document, without page numbers and running headers."""
    noise = _running(lines)
    width = _width(lines)
    found: list[Paragraph] = []
    open_: _Open | None = None
    rows: list[Line] = []
    orders: dict[Rank, int] = {}
    gap = dropped = False
    for line in lines:
        if line.cells is not None:
            if open_ is not None:
                found.append(open_.closed())
                open_ = None
            rows.append(line)
            continue
        if not line.text:
            gap = True
            continue
        if not line.heading and (_PAGE.fullmatch(small := fold(line.text)) or _shape(small) in noise):
            dropped = True
            continue
        if rows:
            found.append(_table(rows))
            rows = []
        mark = mark_of(line.text, line.heading)
        if open_ is not None and _goes_on(open_, line, mark, width, gap and not dropped, orders):
            open_.text = _joined(open_.text, line.text)
            open_.last = line
        else:
            if open_ is not None:
                found.append(open_.closed())
            open_ = _Open(line.text, line, line, mark)
            if mark is not None:
                orders[mark.rank] = mark.order
        gap = dropped = False
    if open_ is not None:
        found.append(open_.closed())
    if rows:
        found.append(_table(rows))
    return found


def _joined(above: str, below: str) -> str:
    """Two lines as one: a hyphen goes, "21/" and "CT-TTg" come together again."""
    if above.endswith("-") and above[-2:-1].isalpha() and starts_small(below):
        return above[:-1] + below
    return above + below if _NUMBER_BROKEN.search(above) else f"{above} {below}"


def _table(rows: list[Line]) -> Paragraph:
    return Paragraph("", SourceLine(rows[0].number, " | ".join(rows[0].cells or ())), rows=tuple(rows))


def _goes_on(
    open_: _Open, line: Line, mark: Mark | None, width: int | None, gap: bool, orders: dict[Rank, int]
) -> bool:
    """Whether the line belongs to the paragraph above it."""
    small, above = fold(line.text), fold(open_.text)
    if line.heading or open_.first.heading or _ALONE.match(small) or _ALONE.match(above) or LABELLED.match(small):
        return False
    ended = bool(_ENDED.search(open_.text))
    if ended and CLOSING.match(small):
        return False
    if not gap and _NUMBER_MISSING.search(above) and _NUMBER_FIRST.match(line.text):
        return True
    full = width is not None and len(open_.last.text) + 1 + len(line.text.split(" ")[0]) > 0.86 * width
    shouted = is_shouted(line.text)
    if mark is not None and mark.rank is Rank.DASH and _YEAR_ENDS.search(open_.text) and _YEAR.match(line.text):
        return True  # "giai đoạn 2025 / - 2030"
    if mark is not None and mark.rank is Rank.IN_BRACKETS and full and not gap:
        return True  # "(1)" inside a sentence, where the line happened to end
    if mark is not None:
        # Only prose that a page broke can begin with what looks like a mark: "… Lao động / - Thương binh …".
        if not full or ended or gap or is_shouted(open_.text):
            return False
        if mark.order:
            return mark.order not in (1, orders.get(mark.rank, 0) + 1)
        rest = line.text[mark.width :]
        return starts_small(rest) or rest[:1].isdigit() or fold(rest).startswith(_HALVES)
    if open_.mark is not None and open_.mark.rank in SECTIONS:
        title = is_shouted(open_.text)
        if title:
            return shouted and not ended
    own_line = len(line.text) > _WORDS_BELOW_HEADING and not starts_small(line.text)
    one_line = open_.mark is not None and open_.first is open_.last
    if own_line and one_line and _is_addressee(open_.text[open_.mark.width if open_.mark else 0 :]):
        return False
    if not gap and full:
        return is_shouted(open_.text) == shouted or not ended
    return not ended and (starts_small(line.text) or (bool(_GOES_ON.search(above)) and not shouted))


def _is_addressee(text: str) -> bool:
    """Whether a numbered line is a heading that names bodies, to its end: what follows is their task."""
    names = list_at(told, 0) if (told := _asked(text)) else []
    return bool(names) and names[-1].known and not told[names[-1].end :].strip(" .:")


def _asked(text: str) -> str:
    found = re.match(r"(?:đề nghị|giao|trách nhiệm của|đối với)\s+", fold(text))
    return text[found.end() :] if found else text


def _width(lines: Iterable[Line]) -> int | None:
    """How long a full line is where paragraphs are broken by the page's width; None where they are not."""
    texts = [line.text for line in lines if line.text and line.cells is None]
    lengths = sorted(map(len, texts))
    if len(lengths) < 8 or lengths[-1] > 160:
        return None
    carried = sum(starts_small(text) and mark_of(text) is None for text in texts)
    return lengths[int(0.97 * (len(lengths) - 1))] if carried >= 0.08 * len(texts) else None


def _shape(small: str) -> str:
    return re.sub(r"\d+", "#", small)


def _running(lines: Sequence[Line]) -> frozenset[str]:
    """Lines that stand on page after page: short, unmarked, no end of a sentence, three times or more."""
    seen: Counter[str] = Counter()
    for line in lines:
        if line.cells is None and 8 <= len(line.text) <= 110 and mark_of(line.text) is None:
            small = fold(line.text)
            # "Cơ quan chủ trì: …" is said again and again, and meant.
            if not _ENDED.search(small) and ":" not in small and not _ALONE.match(small):
                seen[_shape(small)] += 1
    return frozenset(shape for shape, times in seen.items() if times >= 3)
