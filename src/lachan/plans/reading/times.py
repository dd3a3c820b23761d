"""Deadlines and recurrence: "trước ngày 15/01/2025", "trong quý IV/2025", "hằng quý", "sau khi có hướng dẫn"."""

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from lachan.foundation.base import NotReady
from lachan.foundation.taxonomy import add_working_days
from lachan.plans.model import Recurrence
from lachan.plans.reading.letters import fold

_DIGITS = str.maketrans({"o": "0", "l": "1"})
_DAY = (
    r"(?P<d>[\dol]{1,2})\s?[/.\-]\s?(?P<m>[\dol]{1,2})(?:\s?[/.\-]\s?(?P<y>[\dol]{4}))?(?![\d/])"
    r"|(?P<d2>\d{1,2})\s+tháng\s+(?P<m2>\d{1,2})(?:\s*(?:năm\s+|[/-]\s*)(?P<y2>\d{4}))?"
)
_CUE = (
    r"(?:trước(?:\s+hết)?|(?:chậm|muộn|trễ) nhất(?:\s+(?:là|vào|đến|trước))?|hạn cuối(?:\s+là)?"
    r"|không (?:muộn hơn|chậm hơn|trễ hơn|quá|chậm quá)|vào|trong(?=\s+ngày\s)"
    r"|đến hết|đến|kết thúc(?:\s+(?:vào|trước))?|hoàn thành(?:\s+(?:vào|trước|trong|xong trước))?"
    r"|(?:thời )?hạn(?:\s+(?:là|hoàn thành))?|xong(?:\s+(?:vào|trước|trong))?|từ nay đến)\s*:?\s*(?:hết\s+)?"
    r"(?:\d{1,2}\s*(?:giờ|h|g)\s*(?:\d{1,2}(?:\s*phút)?)?,?\s*)?(?:ngày\s+)?"
)
_DEADLINE = re.compile(rf"(?P<cue>{_CUE})(?:{_DAY})")
# "trước ngày 05/6" leaves the 4th as the last day; "trước hết ngày" and "trước cuối tháng" leave the day itself.
_BEFORE = re.compile(r"trước\s*:?\s*(?:ngày\s*)?$")
_BEFORE_FITS = 12
_ANY_DAY = re.compile(rf"(?<![\d/])(?:ngày\s+)?(?:{_DAY})")
_BY = r"(?:trong|vào|hết|cuối|xong|hoàn thành|đến|trước|[,;:(]|^)\s*(?:trong|hết|cuối|vào)?\s*"
_MONTH = re.compile(
    _BY + r"(?:các\s+)?tháng\s+(?:cao điểm\s+)?(?:\d{1,2}\s*(?:[-–,]|đến|và)\s*(?:tháng\s+)?){0,4}"
    r"(?P<m>\d{1,2})\s*(?:[/-]|năm)\s*(?P<y>\d{4})"
)
_QUARTER = re.compile(
    _BY + r"quý\s+(?:(?:i{1,3}|iv|[1-4])\s*(?:[-–,]|đến|và)\s*(?:quý\s+)?)?(?P<q>i{1,3}|iv|[1-4])\s*(?:[/-]"
    r"|năm)\s*(?P<y>\d{4})"
)
_HALF = re.compile(_BY + r"(?P<h>0?6|sáu|0?9|chín) tháng (?P<which>đầu|cuối) năm\s+(?P<y>\d{4})")
_PART_OF_MONTH = re.compile(
    r"(?P<part>nửa đầu|thượng tuần|trung tuần|tuần (?:đầu|thứ nhất|thứ hai|thứ ba))\s+(?:của\s+)?tháng\s+"
    r"(?P<m>\d{1,2})\s*(?:[/-]|năm)\s*(?P<y>\d{4})"
)
_LAST_OF_PART = {"nửa đầu": 15, "thượng tuần": 10, "trung tuần": 20, "tuần thứ hai": 14, "tuần thứ ba": 21}
_WEEK_DAYS = 7
# "trong vòng 10 ngày kể từ ngày ban hành Kế hoạch này": counted from the plan's own date, and from no other day.
_COUNTED = re.compile(
    r"(?:trong(?:\s+(?:vòng|thời hạn|thời gian))?|sau|chậm nhất(?:\s+(?:là|sau))?"
    r"|thời hạn)\s*:?\s+(?P<n>\d{1,3})\s+"
    r"(?P<unit>ngày làm việc|ngày|tuần|tháng)\s*,?\s*(?:kể\s+)?(?:từ|sau)\s+(?:khi\s+|ngày\s+)?"
    r"(?:(?:ban hành|ký ban hành|ký|phát hành)(?:\s+kế hoạch(?:\s+này)?)?(?=\s*(?:[.,;)/]|$))"
    r"|kế hoạch(?:\s+này)?\s+(?:được\s+)?(?:ban hành|ký|phát hành|có hiệu lực))"
)
_RANGE = re.compile(rf"\s*(?:[-–]|đến)\s*(?:hết\s+)?(?:ngày\s+)?(?:{_DAY})")
_YEAR = re.compile(r"(?:trong|hết|cuối|xong|hoàn thành(?: trong)?|^)\s*(?:trong\s+)?năm\s+(?P<y>\d{4})(?!\s*[-–])")
# "trong tháng 9", "hết quý III": a time that somebody meant, and whose year is not said. "06 tháng" is a length.
_YEARLESS_CUE = r"(?:trong|vào|hết|cuối|xong|hoàn thành|đến|trước)\s+(?:trong\s+|hết\s+|cuối\s+|vào\s+)?"
_YEARLESS = (
    r"(?P<shown>tháng\s+(?:1[0-2]|0?[1-9])|quý\s+(?:i{1,3}|iv|[1-4]))(?![^\W_])"
    r"(?!\s*(?:[/–-]|,\s*(?:tháng\s+|quý\s+)?(?:\d|[iv]+\b)|(?:và|đến)\s+(?:tháng|quý|\d|[iv]+\b)|năm\b"
    r"|(?:hằng|hàng|mỗi)\b))"
)
_YEARLESS_SAID = re.compile(rf"\b{_YEARLESS_CUE}{_YEARLESS}")
_YEARLESS_BARE = re.compile(rf"(?:^|\b{_YEARLESS_CUE}|[;(]\s*){_YEARLESS}")
# The date of a document is no deadline: "Chỉ thị số 21/CT-TTg ngày 25/5/2020 của …".
_DOCUMENT = re.compile(
    r"(?:số\s*:?\s*)?\d{1,5}\s*/(?:\d{4}/)?[\w&.\-]+(?:/[\w&.\-]+)*\s+ngày\s+\d{1,2}\s*[/-]\s*\d{1,2}\s*[/-]\s*\d{4}"
    r"|ngày\s+\d{1,2}/\d{1,2}/\d{4}\s+của"
)
_MONTH_DAYS = 31
_AGAIN = re.compile(r"\s*(?:hằng|hàng|mỗi)\s+(?:năm|quý|tháng|tuần)")

_EVERY = r"(?:hằng|hàng|mỗi)"
# What is counted by the week or the year: "02 tin, bài/tuần". Money and people are not.
_PIECE = r"(?:lần|đợt|buổi|cuộc|kỳ|tin|bài|bản tin|phóng sự|chuyên đề|lớp|hội nghị|phiên|video)"
_WEEK = re.compile(rf"{_EVERY}\s+tuần|một tuần một lần|\b{_PIECE}\s*/\s*tuần")
_MONTHLY = re.compile(rf"{_EVERY}\s+tháng|một tháng một lần|\b{_PIECE}\s*/\s*tháng")
_QUARTERLY = re.compile(
    rf"{_EVERY}\s+quý|một quý một lần|\b{_PIECE}\s*/\s*quý|(?:0?4|bốn) (?:lần|đợt|kỳ)\s*(?:/|một|mỗi"
    rf"|trong)\s*năm\b|(?:0?3|ba) tháng\s*(?:/|một)\s*lần|\bquý một lần|tháng cuối (?:của )?(?:mỗi )?quý"
)
_HALF_YEARLY = re.compile(
    r"(?:0?6|sáu) tháng(?: đầu năm)?\s*\(?\s*trước ngày"
    r"|sơ kết (?:0?6|sáu) tháng(?! (?:đầu|cuối) năm \d)"
    r"|(?:0?6|sáu) tháng (?:một|1|01)\s+lần|(?:mỗi|hằng|hàng|một) năm (?:hai|02|2) lần|(?:hằng|hàng|mỗi) (?:0?6"
    r"|sáu) tháng"
    r"|(?:0?6|sáu) tháng\s*/\s*lần|(?:0?2|hai) (?:lần|đợt|kỳ)\s*(?:/|một|mỗi|trong)\s*năm\b(?!\s*\d)|(?:quý"
    r"|tháng)\s*,\s*0?6 tháng|(?<!\d)0?6 tháng(?:\s*\([^)]*\))?\s*(?:,|và)\s*"
    r"(?:(?:hằng|hàng|0?1|một)\s+)?năm\b"
)
_YEARLY = re.compile(
    rf"\bnăm\s*\(?\s*trước ngày"
    rf"|\btổng kết (?:cuối )?năm\b(?!\s*(?:\d|học))"
    rf"|{_EVERY}\s+năm(?!\s+(?:hai|02|2|ba|03|3)\s+lần)|(?:một|0?1) năm (?:một|0?1)\s+lần"
    rf"|(?<![24] )(?<!hai )(?<!bốn )\b{_PIECE}\s*/\s*năm"
)
_ALWAYS = re.compile(r"(?<!chi )thường xuyên|liên tục|(?:hằng|hàng|mỗi) ngày")
_REQUEST = re.compile(
    r"khi (?:có|được|nhận được) (?:văn bản )?(?:yêu cầu|đề nghị)|(?:báo cáo|hoặc|và|,)\s+đột xuất"
    r"|theo yêu cầu (?:của|đột xuất)"
)
_GUIDANCE = re.compile(
    r"(?:sau )?khi (?:có|nhận được) (?:các |văn bản |ý kiến )?(?:hướng dẫn|chỉ đạo)"
    r"|sau khi (?:bộ|chính phủ|thủ tướng|trung ương|cấp có thẩm quyền|ngân hàng nhà nước)[^.;,]{0,60}?"
    r"(?:triển khai|hướng dẫn|ban hành)"
)
_REGULAR = re.compile(r"định kỳ")
_PERIODS = {
    Recurrence.WEEKLY: re.compile(r"\btuần\b"),
    Recurrence.MONTHLY: re.compile(r"(?<!\d )\btháng\b(?!\s*\d)"),
    Recurrence.QUARTERLY: re.compile(r"\bquý\b(?!\s*(?:[ivx]+|\d)\b)"),
    Recurrence.HALF_YEARLY: re.compile(r"\b(?:0?6|sáu) tháng\b"),
    Recurrence.YEARLY: re.compile(r"(?:\b(?:0?1|một)\s+)?\bnăm\b(?!\s*\d)"),
}
# Money that is spent every year is not work that is due every year.
_BUDGET = re.compile(r"(?:dự toán|ngân sách|kinh phí)[^.;]{0,40}?(?:hằng|hàng) năm")


@dataclass(frozen=True, slots=True)
class Times:
    """What a clause says about when. `impossible`, `yearless`: dates that are none, or lack a year, as written.

    `before`: the deadline itself is too late ("trước ngày 15/01/2025").
    """

    deadline: date | None
    recurrence: tuple[Recurrence, ...]
    impossible: tuple[str, ...] = ()
    yearless: tuple[str, ...] = ()
    several: bool = False
    before: bool = False


def times_of(text: str, *, told: str = "", issued_on: date | None = None) -> Times:
    """When a clause is due and how often; `told` is what a column or a line "Thời gian: …" says beside it.

    `issued_on`: the plan's own date, from which "trong vòng 10 ngày kể từ ngày ban hành" counts.
    """
    found = _Found()
    small = _DOCUMENT.sub(lambda hit: " " * len(hit[0]), fold(text))
    found.read(small, bare=False)
    if told:
        found.read(fold(told), bare=True)
    if issued_on is not None:
        found.days += [(day, False) for day in _counted(f"{small}\n{fold(told)}", issued_on)]
    every = recurrences(text) | recurrences(told)
    recurrence = tuple(kind for kind in Recurrence if kind in every)
    yearless = () if recurrence else tuple(found.yearless)
    days = list(dict.fromkeys(day for day, _ in found.days))
    day, before = found.days[0] if found.days else (None, False)
    return Times(day, recurrence, tuple(found.impossible), yearless, len(days) > 1, before)


class _Found:
    """Days by which something must be done, in the order of the text; with each, whether it is too late itself."""

    def __init__(self) -> None:
        self.days: list[tuple[date, bool]] = []
        self.impossible: list[str] = []
        self.yearless: list[str] = []

    def read(self, small: str, *, bare: bool) -> None:
        hits: list[tuple[int, date, bool]] = []
        pattern = _ANY_DAY if bare else _DEADLINE
        days: list[tuple[int, date, bool]] = []
        for found in pattern.finditer(small):
            shown = found[0][len(found["cue"]) :].strip() if not bare else found[0]
            if _AGAIN.match(small, found.end()):
                continue
            later = _RANGE.match(small, found.end()) if not (found["y"] or found["y2"]) else None
            if later is not None and (later["y"] or later["y2"]):
                continue  # "15/3 - 15/5/2026": the year stands behind the end
            day = self._day(found, shown)
            if day is not None:
                cue = small[: found.start()].rstrip()[-_BEFORE_FITS:] if bare else found["cue"]
                days.append((found.start(), day, _is_before(cue)))
        if bare and days:
            days = days[-1:]  # "Từ 01/12/2025 đến 28/02/2026": the end
        hits += days
        for found in _MONTH.finditer(small):
            month = int(found["m"])
            if 1 <= month <= 12:
                hits.append((found.start(), *_within(found, month, month)))
            else:
                self.impossible.append(found[0].strip())
        for found in _QUARTER.finditer(small):
            quarter = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(found["q"]) or int(found["q"])
            hits.append((found.start(), *_within(found, 3 * quarter - 2, 3 * quarter)))
        for found in _HALF.finditer(small):
            months = 9 if found["h"].endswith(("9", "chín")) else 6
            last = months if found["which"] == "đầu" else 12
            hits.append((found.start(), _end_of_month(int(found["y"]), last), False))
        for found in _PART_OF_MONTH.finditer(small):
            last = _LAST_OF_PART.get(found["part"], _WEEK_DAYS)
            if 1 <= int(found["m"]) <= 12 and int(found["y"]):
                hits.append((found.start(), date(int(found["y"]), int(found["m"]), last), False))
        if not hits:
            said = (_YEARLESS_BARE if bare else _YEARLESS_SAID).finditer(small)
            self.yearless += [one["shown"] for one in said]
            hits += [(found.start(), date(int(found["y"]), 12, 31), False) for found in _YEAR.finditer(small)
                     if int(found["y"]) > 1900]  # fmt: skip
        self.days += [(day, before) for _, day, before in sorted(hits)]

    def _day(self, found: re.Match[str], shown: str) -> date | None:
        numbers = [(found[name] or found[f"{name}2"] or "").translate(_DIGITS) for name in ("d", "m", "y")]
        if not numbers[2]:
            if int(numbers[0]) <= _MONTH_DAYS and 1 <= int(numbers[1]) <= 12:
                self.yearless.append(shown)
            return None
        try:
            return date(int(numbers[2]), int(numbers[1]), int(numbers[0]))
        except ValueError:
            self.impossible.append(shown)
            return None


def recurrences(text: str) -> frozenset[Recurrence]:
    """How often, and on what, the work of a clause is due."""
    small = _BUDGET.sub("", fold(text))
    found: set[Recurrence] = set()
    for kind, pattern in (
        (Recurrence.WEEKLY, _WEEK),
        (Recurrence.MONTHLY, _MONTHLY),
        (Recurrence.QUARTERLY, _QUARTERLY),
        (Recurrence.HALF_YEARLY, _HALF_YEARLY),
        (Recurrence.YEARLY, _YEARLY),
        (Recurrence.CONTINUOUS, _ALWAYS),
        (Recurrence.ON_REQUEST, _REQUEST),
        (Recurrence.AFTER_GUIDANCE, _GUIDANCE),
    ):
        if pattern.search(small):
            found.add(kind)
    for start in _REGULAR.finditer(small):
        found |= {kind for kind, _, _ in periods_in(small, start.end())}
    return frozenset(found)


def periods_in(small: str, at: int) -> list[tuple[Recurrence, int, int]]:
    """The periods listed after "định kỳ", with where each stands; a list ends where its verb begins."""
    end = re.compile(r"báo cáo|gửi|tổ chức|tổng hợp|[.]\s|;|(?<=\))\s*,\s*(?=các\b)|$").search(small, at)
    stop = min(end.start() if end else len(small), at + 160)
    listed = re.sub(
        r"\([^)]*\)?|trước ngày\s+\S+|của tháng cuối quý", lambda hit: " " * len(hit[0]), small[at:stop]
    )
    found: list[tuple[Recurrence, int, int]] = []
    for kind, pattern in _PERIODS.items():
        for hit in pattern.finditer(listed):
            inside_half = kind is Recurrence.MONTHLY and re.search(r"(?:0?6|sáu|0?9|chín) $", listed[: hit.start()])
            if not inside_half:
                found.append((kind, at + hit.start(), at + hit.end()))
    return sorted(found, key=lambda item: item[1])


def _counted(small: str, issued_on: date) -> list[date]:
    """The days to which a clause counts from the day of the plan."""
    found: list[date] = []
    for hit in _COUNTED.finditer(small):
        count = int(hit["n"])
        if hit["unit"] == "ngày làm việc":
            with suppress(NotReady):  # a year whose holidays are not known yet: no guess
                found.append(add_working_days(issued_on, count))
        elif hit["unit"] == "tháng":
            years, month = divmod(issued_on.month - 1 + count, 12)
            last = calendar.monthrange(issued_on.year + years, month + 1)[1]
            found.append(date(issued_on.year + years, month + 1, min(issued_on.day, last)))
        else:
            found.append(issued_on + timedelta(days=count * (_WEEK_DAYS if hit["unit"] == "tuần" else 1)))
    return found


def _within(found: re.Match[str], first: int, last: int) -> tuple[date, bool]:
    """The last day of the months `first` to `last`; "trước tháng 3" leaves none of March."""
    year = int(found["y"])
    if _is_before(found[0].partition("tháng" if first == last else "quý")[0]):
        return date(max(year, 1), first, 1), True
    return _end_of_month(year, last), False


def _is_before(cue: str) -> bool:
    """Whether what follows a cue is itself too late: "trước ngày", and not "trước hết ngày"."""
    return _BEFORE.search(cue) is not None


def _end_of_month(year: int, month: int) -> date:
    return date(max(year, 1), month, calendar.monthrange(max(year, 1), month)[1])
