"""The reports that a plan demands: how often, until when, from whom and to whom."""

import re
from dataclasses import replace
from datetime import date

from lachan.plans.model import Recurrence, ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.letters import fold
from lachan.plans.reading.times import periods_in, recurrences

_PERIOD = {
    Recurrence.WEEKLY: ReportPeriod.WEEK,
    Recurrence.MONTHLY: ReportPeriod.MONTH,
    Recurrence.QUARTERLY: ReportPeriod.QUARTER,
    Recurrence.HALF_YEARLY: ReportPeriod.HALF_YEAR,
    Recurrence.YEARLY: ReportPeriod.YEAR,
    Recurrence.ON_REQUEST: ReportPeriod.ON_REQUEST,
}
_REPORTS = re.compile(r"báo cáo")
_SENT = (
    re.compile(r"gửi\s+(?:báo cáo\s+)?(?:về\s+|đến\s+|cho\s+)?"),
    re.compile(r"báo cáo(?:\s*,?\s*(?:kết quả|tình hình|đánh giá|thực hiện|định kỳ|tiến độ|đột xuất))*"
               r"\s+(?:về|gửi|cho|lên)\s+"),
    re.compile(r"(?:kết quả|thực hiện)\s+(?:về|gửi|cho)\s+"),
    re.compile(r"trước ngày\s+[\d/]+\)?\s+(?:về|gửi|cho)\s+"),
    re.compile(r"báo cáo\s+"),
)  # fmt: skip
# "… 06 tháng trước ngày 15/6; năm trước ngày 15/12": the second half of one list.
_GOES_ON = re.compile(r";\s*(?:0?6 tháng|sáu tháng|(?:0?1\s+|hằng |hàng )?năm|quý)\b[^;.]*")
_CUTOFF = re.compile(
    r"số liệu[^.;]{0,60}?từ ngày\s+(?P<d1>\d{1,2})(?:/|\s+tháng\s+)(?P<m1>\d{1,2})[^.;]{0,40}?đến (?:hết )?ngày\s+"
    r"(?P<d2>\d{1,2})(?:/|\s+tháng\s+)(?P<m2>\d{1,2})[^.;]{0,60}?báo cáo\s+(?P<period>0?6 tháng|sáu tháng|năm)"
)
_THROUGH = re.compile(r"\s*\(qua (?P<whom>[^)]*)\)")
# "… về Công an tỉnh, đồng thời gửi Sở Y tế": a further receiver of the same report.
_ALSO_TO = re.compile(
    r"(?:(?:\s*[,;])?\s*(?:và|đồng thời)\s+|\s*,\s*)(?:gửi\s+)?(?:báo cáo\s+)?(?:(?:về|đến|cho)\s+)?"
)
_DUE = re.compile(r"trước ngày\s+(?P<d>\d{1,2})\s*/\s*(?P<m>\d{1,2})(?!\d)")


def reports_in(text: str, lead: str | None, line: SourceLine) -> tuple[ReportDuty, ...]:
    """The periodic reports that a clause demands of `lead`; none where it demands work and not a report."""
    small = fold(text)
    if not _REPORTS.search(small):
        return ()
    at = small.find("định kỳ")
    sentence = _around(small, at if at >= 0 else _REPORTS.search(small).start())  # type: ignore[union-attr]
    told = text[sentence.start : sentence.stop]
    part = small[sentence.start : sentence.stop]
    if not _REPORTS.search(part):
        return ()
    every = recurrences(told)
    periods = [kind for kind in Recurrence if kind in _PERIOD and kind in every]
    if "đột xuất" in small and Recurrence.ON_REQUEST not in periods and Recurrence.ON_REQUEST in recurrences(text):
        periods.append(Recurrence.ON_REQUEST)
    receiver = _receiver(told, part)
    if not periods or receiver is None:
        return ()
    due = _dues(part)
    sender = _sender(told, part) or lead
    if sender is not None and lead is not None and sender in lead:
        sender = lead  # the part began in the middle of the list of those who lead
    return tuple(ReportDuty(_PERIOD[kind], due.get(kind), None, None, sender, receiver, line) for kind in periods)


def receivers_of(told: str | None) -> tuple[str, ...]:
    """The bodies that get a report, as the plan names them: "UBND tỉnh (qua Công an tỉnh), Sở Y tế" are three.

    Through whom it goes stands before whom it is for: there it is gathered.
    """
    text = told or ""
    small = fold(text)
    found: list[str] = []
    at: int | None = 0
    while at is not None:
        listed = list_at(text, at)
        names = [one.text for one in listed]
        end = listed[-1].end if listed else len(text)
        through = _THROUGH.match(small, end)
        if through is not None:
            inside = text[through.start("whom") : through.end("whom")]
            names[-1:-1] = [one.text for one in list_at(inside, 0)] or [inside.strip()]
            end = through.end()
        found += names
        following = _ALSO_TO.match(small, end)
        at = following.end() if following else None
    return tuple(dict.fromkeys(found)) or ((text,) if text else ())


def with_cutoffs(duties: list[ReportDuty], text: str) -> list[ReportDuty]:
    """The duties with what each report covers where the plan says so; else the calendar of reports knows."""
    said = _cutoffs_said(fold(text))
    found: list[ReportDuty] = []
    for duty in duties:
        first, last = said.get(duty.period, (None, None))
        found.append(replace(duty, covers_from=first, covers_to=last))
    return found


def _cutoffs_said(small: str) -> dict[ReportPeriod, tuple[tuple[int, int], tuple[int, int]]]:
    """Periods whose first and last day the plan states: "số liệu chốt từ ngày 15/12 … đến ngày 14/6"."""
    found: dict[ReportPeriod, tuple[tuple[int, int], tuple[int, int]]] = {}
    for hit in _CUTOFF.finditer(small):
        first, last = (int(hit["m1"]), int(hit["d1"])), (int(hit["m2"]), int(hit["d2"]))
        period = ReportPeriod.HALF_YEAR if hit["period"].endswith("tháng") else ReportPeriod.YEAR
        if _is_day(first) and _is_day(last):
            found[period] = (first, last)
    return found


def _is_day(day: tuple[int, int]) -> bool:
    try:
        date(2024, *day)
    except ValueError:
        return False
    return True


def _around(small: str, at: int) -> slice:
    """The part of the clause, between semicolons or sentences, in which `at` stands and a report is named."""
    begin = max(small.rfind(";", 0, at), small.rfind(". ", 0, at)) + 1
    end = at
    while True:
        stops = [found.start() for found in re.finditer(r";|\.\s|$", small[end:])]
        end += stops[0] if stops else 0
        if _REPORTS.search(small, begin, end) or end >= len(small):
            while more := _GOES_ON.match(small, end):
                end = more.end()
            return slice(begin, end)
        end += 1


def _receiver(text: str, small: str) -> str | None:
    for pattern in _SENT:
        for found in pattern.finditer(small):
            names = list_at(text, found.end())
            if not names:
                continue
            end = names[-1].end
            while True:
                through = _THROUGH.match(small, end)
                end = through.end() if through else end
                following = _ALSO_TO.match(small, end)
                more = list_at(text, following.end()) if following else []
                if not more:
                    break
                end = more[-1].end
            return " ".join(text[names[0].start : end].split()).replace(" ,", ",")
    return None


def _sender(text: str, small: str) -> str | None:
    """Whom the part itself names: at its beginning, or after a comma."""
    for begin in (0, *(found.end() for found in re.finditer(r",\s+", small))):
        skipped = begin + len(small[begin:]) - len(small[begin:].lstrip())
        names = list_at(text, skipped)
        if names and re.match(r"\s+(?!(?:để|theo|và|trong)\b)[^\W\d_]", small[names[-1].end :]):
            return text[names[0].start : names[-1].end]
        if begin and names:
            continue
    return None


def _dues(small: str) -> dict[Recurrence, tuple[int, int]]:
    """Month and day until which each period's report is due, where the day stands behind its period."""
    start = small.find("định kỳ")
    places = periods_in(small, start + len("định kỳ")) if start >= 0 else []
    for kind, pattern in (
        (Recurrence.HALF_YEARLY, r"\b0?6 tháng\b"),
        (Recurrence.YEARLY, r"(?:hằng|hàng|0?1) năm\b|(?:\bvà|[;,]|báo cáo)\s*năm\b"),
    ):
        places += [(kind, found.start(), found.end()) for found in re.finditer(pattern, small)]
    places.sort(key=lambda place: place[1])
    found: dict[Recurrence, tuple[int, int]] = {}
    for kind, _, end in places:
        following = [place for _, place, _ in places if place > end]
        hit = _DUE.search(small, end, min(following) if following else len(small))
        if hit is None or kind in found:
            continue
        if _is_day(day := (int(hit["m"]), int(hit["d"]))):  # others are warned about where the clause is read
            found[kind] = day
    return found
