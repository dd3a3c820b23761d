"""The document's own slips: two dates for one directive, a day that no calendar has, a word meant otherwise."""

import re
from collections.abc import Iterable
from datetime import date

from lachan.foundation.taxonomy import known_directives
from lachan.plans.model import Warned
from lachan.plans.reading.frame import documents_in
from lachan.plans.reading.letters import fold
from lachan.plans.reading.parts import Paragraph

_DAY = re.compile(r"(?<![\d/])(\d{1,2})\s?([/.-])\s?(\d{1,2})(?:\s?\2\s?(\d{4}))?(?![\d/]|\s?%)")
_COUNTED = re.compile(r"\s+[^\W\d_]")
_DAY_WORDS = re.compile(r"ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s+năm\s+(\d{4}))?")
# As written, and as probably meant; seen in published plans.
_WORDS = (
    ("chủ thẻ tên miền", "chủ thể tên miền"),
    ("chủ thẻ dữ liệu", "chủ thể dữ liệu"),
    ("voiip", "VoIP"),
    ("chi đạo", "chỉ đạo"),
    ("lời kéo, dụ dỗ", "lôi kéo, dụ dỗ"),
    ("nhiệm vụ thể để", "nhiệm vụ cụ thể để"),
    ("phòng, ngừa", "phòng ngừa"),
)
# "CD-TTg" for "CĐ-TTg": a keyboard or a scanner without Đ.
_PLAIN_D = re.compile(r"(?<=/)(?P<kind>[CNQ])D(?=-)")
# A sentence that breaks off: no sentence ends with one of these.
_BREAKS_OFF = re.compile(
    r"(?<![^\W\d_])(?P<word>[^\W\d_]+ (?:của|và|hoặc|các|những|mọi|đối với|nhằm|bởi))\s*[.;](?=\s|/|$)"
)
# "…, đồng thời xử lý nghiêm.": what opens a statement of its own says what is done, and to nothing.
_HOW = (
    r"(?:nghiêm(?: (?:túc|minh|khắc))?|kịp thời|ngay|triệt để|dứt điểm|hiệu quả|thường xuyên|chủ động|tích cực|"
    r"tăng cường|tiếp tục|đẩy mạnh|chặt chẽ)"
)
_TO_SOMETHING = (
    r"(?:xử lý|ngăn chặn|phát hiện|kiểm tra|rà soát|xác minh|thu hồi|phong tỏa|giải quyết|khắc phục|chấn chỉnh|"
    r"hướng dẫn|đôn đốc|cung cấp|tiếp nhận|xây dựng|ban hành|hoàn thiện|bảo đảm|đảm bảo|nâng cao|triển khai|"
    r"thực hiện|quán triệt|theo dõi|giám sát|phòng ngừa|truy thu|điều tra)"
)
_DONE = rf"(?:{_HOW} )*{_TO_SOMETHING}(?: {_HOW})*"
_NO_OBJECT = re.compile(
    rf"\b(?P<said>(?:đồng thời|bên cạnh đó|mặt khác|ngoài ra|song song với đó)\s*,?\s*{_DONE}"
    rf"(?:(?:\s*,\s*|\s+và\s+){_DONE})*(?:\s+theo (?:đúng )?(?:quy định|thẩm quyền)(?: của pháp luật)?)?)"
    r"\s*[.;](?=\s|/|$)"
)
_TWICE = re.compile(r"\b(các|của|và|những|cho|được|với|trong|về)\s+\1\b")


def slips(paragraphs: Iterable[Paragraph]) -> list[Warned]:
    """What the document itself seems to get wrong, with the line; nothing is changed."""
    found: list[Warned] = []
    dated: dict[str, str] = {}
    for paragraph in paragraphs:
        small = fold(paragraph.line.text)
        found += _days(paragraph, small)
        for written, meant in _WORDS:
            if re.search(rf"\b{written}\b", small):
                found.append(Warned("slip", paragraph.line, (("written", written), ("meant", meant))))
        if twice := _TWICE.search(small):
            found.append(Warned("slip", paragraph.line, (("written", twice[0]), ("meant", twice[1]))))
        found += _unfinished(paragraph)
        for _, number, day, _ in documents_in(paragraph.text):
            if _PLAIN_D.search(number):
                meant = _PLAIN_D.sub(r"\g<kind>Đ", number)
                found.append(Warned("slip", paragraph.line, (("written", number), ("meant", meant))))
            if day:
                found += _directive(paragraph, number, day, dated)
    return found


def _unfinished(paragraph: Paragraph) -> list[Warned]:
    """Sentences that say of what they demand neither what nor whom: a word, or the rest of the line, is missing."""
    small = fold(paragraph.text)
    written = [hit["said"] for hit in _NO_OBJECT.finditer(small)]
    written += [hit["word"] for hit in _BREAKS_OFF.finditer(small)]
    return [Warned("no_object", paragraph.line, (("written", one),)) for one in dict.fromkeys(written)]


def _days(paragraph: Paragraph, small: str) -> list[Warned]:
    shown: dict[str, None] = {}
    for hit in _DAY.finditer(small):
        day, month, year = int(hit[1]), int(hit[3]), int(hit[4] or 2024)
        # "24/7" and "1.5" are no days; without a year only "ngày 31/02" is taken for one.
        if hit[4] is None and not re.search(r"(?:ngày|trước|đến)\s+$", small[: hit.start()]):
            continue
        if hit[4] is None and (hit[2] != "/" or _counted(small, hit)):
            continue
        if not _is_day(year, month, day):
            shown[hit[0]] = None
    for hit in _DAY_WORDS.finditer(small):
        if not _is_day(int(hit[3] or 2024), int(hit[2]), int(hit[1])):
            shown[hit[0]] = None
    return [Warned("impossible_day", paragraph.line, (("day", day),)) for day in shown]


def _counted(small: str, hit: re.Match[str]) -> bool:
    """Whether what looks like a day is so many of so many: "đến 14/14 thôn"."""
    return not small[: hit.start()].rstrip().endswith("ngày") and _COUNTED.match(small, hit.end()) is not None


def _directive(paragraph: Paragraph, number: str, day: str, dated: dict[str, str]) -> list[Warned]:
    key = fold(number).replace("đ", "d").upper()
    before = dated.setdefault(key, _normal(day))
    told = _normal(day)
    found: list[Warned] = []
    if before != told and before[-4:] == told[-4:]:
        found.append(Warned("two_dates", paragraph.line, (("number", number), ("one", before), ("other", told))))
    for row in known_directives():
        if fold(row.number).replace("đ", "d").upper() != key:
            continue
        seen = [other.strftime("%d/%m/%Y") for other in row.dates]
        others = [other for other in seen if other != told and other[-4:] == told[-4:]]
        if others:
            details = (("number", number), ("one", told), ("other", ", ".join(others)))
            found.append(Warned("known_by_other_date", paragraph.line, details))
    return found


def _normal(day: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", day)]
    return f"{numbers[0]:02d}/{numbers[1]:02d}/{numbers[2]:04d}"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
