"""Who leads and who takes part: the heading's addressee, or whom the clause itself names."""

import re
from dataclasses import dataclass

from lachan.plans.reading.bodies import Name, list_at
from lachan.plans.reading.letters import fold, is_shouted

_ASKED = re.compile(
    r"(?:(?:kính\s+)?(?:đề nghị|mời)|giao(?:\s+cho)?|yêu cầu|phân công|ủy quyền cho|trách nhiệm của"
    r"|nhiệm vụ của|đối với"
    r"|về phía)"
    r"\s*:?\s*"
)
_LEADS = re.compile(r"\s*(?:(?:là|làm)\s+(?:cơ quan|đơn vị|đầu mối)\s*,?\s*)?chủ trì\b")
_WITH = re.compile(
    r"phối hợp(?:\s*,)?(?:\s+(?:chặt chẽ|thường xuyên|kịp thời|hiệu quả|liên ngành|chủ động|tích cực|đồng bộ|tốt))*"
    r"(?:\s+(?:cùng với|với|cùng))?\s+"
)
# As in "… (Sở Y tế chủ trì, UBND cấp xã phối hợp)".
_TAKES_PART = re.compile(r"\s+(?:tham gia )?phối hợp\s*(?=[).;]|$)")
# As in "Công an xã chủ trì, các thôn phối hợp rà soát".
_BESIDE = re.compile(r"chủ trì\s*[,;]?\s*(?:và\s+)?")
_JOINS_IN = re.compile(r"\s+(?:cùng\s+)?(?:tham gia\s+)?(?:phối hợp|tham gia)\b")
# As in "… Trách nhiệm thực hiện: Phòng Kinh tế." at the end of a clause.
_TOLD_BY = re.compile(
    r"(?:[.;(]\s*|\n)(?:trách nhiệm(?: thực hiện| chính)?|(?:cơ quan|đơn vị) (?:chủ trì|thực hiện|phụ trách)"
    r"|chủ trì|phụ trách)\s*:\s*"
)
_GIVEN = re.compile(r"(?:[.;,]\s+|\()giao(?:\s+cho)?\s+")
_DONE_BY = re.compile(r"\bdo\s+")
_DOES = re.compile(r"\s+(?:trực tiếp\s+)?(?:thực hiện|đảm nhiệm|phụ trách|tổ chức|tiến hành|chịu trách nhiệm)\b")
_ABOUT = re.compile(r"[^:.;]{3,60}:\s+")
# Before the subject of a clause: "Căn cứ Kế hoạch này, các cơ quan …", "Định kỳ hằng quý, …".
_OPENING = re.compile(
    r"(?:căn cứ|trên cơ sở|định kỳ|hằng|hàng|theo|khi|sau khi|trước khi|trong|tại|vào|từ ngày|nếu|đối với)\b"
)
_PREDICATE = re.compile(r"\s+(?!(?:và|của|về|trong|với|hoặc|bị|để)\b)[^\W\d_]")
_LABELS = re.compile(
    r"(?:^|(?<=[.;,\n(])\s*)[-–+*\s]*(?P<what>(?:(?:cơ quan|đơn vị)\s+(?:được giao\s+)?)?(?:chủ trì|phối hợp"
    r"|thực hiện)"
    r"(?:\s+thực hiện)?|thời gian(?:\s+\w+\s+\w+)?|thời hạn(?:\s+\w+\s+\w+)?|tiến độ(?:\s+\w+\s+\w+)?|hoàn thành|"
    r"sản phẩm(?:\s+đầu ra)?|kết quả(?:\s+đầu ra)?|kinh phí)\s*:\s*"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who leads, who coordinates; None and empty where nobody is named. `unsure`: the words allow another lead."""

    lead: str | None
    coordinating: tuple[str, ...]
    unsure: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """What lines such as "Cơ quan chủ trì: …" and "Thời gian: …" say."""

    lead: str | None
    coordinating: tuple[str, ...]
    time: str


def addressee(text: str) -> str | None:
    """Whom a heading addresses: "Đề nghị Ngân hàng Nhà nước Khu vực 1" → the bank. None: it is about a matter."""
    at = found.end() if (found := _ASKED.match(fold(text))) else 0
    names = list_at(text, at)
    if (
        found
        and found[0].startswith("đối với")
        and re.match(r"(?!các |những |mọi )", text[at:])
        and text[at : at + 1].islower()
    ):
        return None  # "Đối với tổ công nghệ số cộng đồng:" says for whom something is done
    if not names or re.sub(r"\s*(?:\([^)]*\))?[\s.:;]*", "", text[names[-1].end :]):
        return None
    if is_shouted(text) and not all(name.known for name in names):
        return None  # in capitals "TỔ CHỨC THỰC HIỆN" looks like a name
    return text[at : names[-1].end]


def duty_of(text: str, heading: str | None) -> Duty:
    """Lead and coordinators of a clause under a heading that addresses `heading`."""
    small = fold(text)
    found, unsure = _chu_tri(text, small, heading)
    lead = found or _told_by(text, small) or _subject(text, small, heading) or heading
    return Duty(lead, coordinators(text), unsure)


def coordinators(text: str) -> tuple[str, ...]:
    """Every body with which the clause asks somebody to work together, once each."""
    small = fold(text)
    names: dict[str, str] = {}
    for found in _WITH.finditer(small):
        if re.search(r"(?:kiến nghị|cơ chế|quy chế)\s*$", small[: found.start()]):
            continue
        for name in list_at(text, found.end()):
            names.setdefault(fold(name.text), name.text)
    for found in _TAKES_PART.finditer(small):
        for name in _names_before(text, small, found.start()):
            names.setdefault(fold(name.text), name.text)
    for found in _BESIDE.finditer(small):
        beside = list_at(text, found.end())
        if beside and _JOINS_IN.match(small, beside[-1].end):
            for name in beside:
                names.setdefault(fold(name.text), name.text)
    return tuple(names.values())


def labels_of(text: str) -> Labels | None:
    """What a line of labels says; None where it has none."""
    marks = list(_LABELS.finditer(fold(text)))
    if not marks or marks[0].start() > 1:
        return None
    lead: str | None = None
    others: tuple[str, ...] = ()
    times: list[str] = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)].strip(" .;,)\n")
        what = mark["what"]
        if "phối hợp" in what:
            others = split_names(value)
        elif "chủ trì" in what or (what.endswith("thực hiện") and not what.startswith(("thời", "tiến"))):
            lead = value or None
        elif what.startswith(("thời", "tiến", "hoàn thành")):
            times.append(value)
    return Labels(lead, others, "; ".join(times))


def split_names(value: str) -> tuple[str, ...]:
    """The names in a cell or behind a label; what is no name of a body stays as it is written."""
    parts: list[str] = []
    for piece in re.split(r"[;\n]+", value):
        piece = piece.strip(" .,-–+")
        if not piece:
            continue
        names = list_at(piece, 0)
        whole = bool(names) and not piece[names[-1].end :].strip(" .,")
        parts += [name.text for name in names] if whole else [piece]
    return tuple(parts)


def _chu_tri(text: str, small: str, heading: str | None) -> tuple[str | None, str | None]:
    """Whom the clause names before "chủ trì"; second, whom it names in a way that may mean another thing."""
    for found in re.finditer(r"\bchủ trì\b", small):
        names = _list_before(text, small, found.start())
        if not names:
            continue
        told = text[names[0].start : names[-1].end]
        if heading is not None and small[: names[0].start].endswith("do "):
            return None, told  # "tham gia đoàn kiểm tra do Công an tỉnh chủ trì"
        return told, None
    return None, None


def _list_before(text: str, small: str, at: int) -> list[Name]:
    """The list of names that ends just before `at`."""
    begin = max(small.rfind(stop, 0, at) for stop in (".", ";", ":")) + 1
    for word in re.compile(r"(?<![^\W_])[^\W_]").finditer(small, begin, at):
        names = list_at(text, word.start())
        if names and (tail := _LEADS.match(small, names[-1].end)) and tail.end() == at + len("chủ trì"):
            return names
    return []


def _names_before(text: str, small: str, at: int) -> list[Name]:
    """The list of names that ends at `at`, from the last stop on."""
    begin = max(small.rfind(stop, 0, at) for stop in (".", ";", ":", "(", "chủ trì")) + 1
    for word in re.compile(r"(?<![^\W_])[^\W_]").finditer(small, begin, at):
        names = list_at(text, word.start())
        if names and names[-1].end == at:
            return names
    return []


def _told_by(text: str, small: str) -> str | None:
    """Whom "Trách nhiệm: …" names at the end of a clause."""
    for found in _TOLD_BY.finditer(small):
        names = list_at(text, found.end())
        if names and re.match(r"\s*(?:[.;,)/]|$)", text[names[-1].end :]):
            return text[names[0].start : names[-1].end]
    return None


def _subject(text: str, small: str, heading: str | None) -> str | None:
    """Whom the sentence is about, where no heading says it; under a heading only "Văn phòng Sở: …" counts."""
    asked = _ASKED.match(small)
    at = asked.end() if asked else 0
    names = list_at(text, at)
    if names:
        told = text[at : names[-1].end]
        rest = text[names[-1].end :]
        if re.match(r"\s*:\s*\S", rest) and not asked:
            return told
        if heading is None and (_PREDICATE.match(fold(rest)) or (rest.startswith((":", ",")) and asked)):
            return told
        return None
    if heading is not None:
        return None
    # "Chế độ báo cáo: định kỳ hằng quý, các đơn vị …": what it is about, then the sentence.
    about = _ABOUT.match(small)
    return _opened(text, small, 0) or (_opened(text, small, about.end()) if about else None) or _given(text, small)


def _opened(text: str, small: str, at: int) -> str | None:
    """The subject at `at`, or behind the words that open its sentence and their comma."""
    places = [at] if at else []
    if _OPENING.match(small, at):
        stop = re.compile(r"[.;]\s|$").search(small, at)
        places += [comma.end() for comma in re.compile(r",\s+").finditer(small, at, stop.start() if stop else at)]
    for begin in places:
        names = list_at(text, begin)
        if names and _PREDICATE.match(fold(text[names[-1].end :])):
            return text[names[0].start : names[-1].end]
    return None


def _given(text: str, small: str) -> str | None:
    """To whom the second half of a sentence gives the work: "…; giao Công an xã …", "… do Công an xã thực hiện"."""
    for found in _DONE_BY.finditer(small):
        names = list_at(text, found.end())
        if names and _DOES.match(small, names[-1].end):
            return text[names[0].start : names[-1].end]
    for found in _GIVEN.finditer(small):
        names = list_at(text, found.end())
        if names and _PREDICATE.match(fold(text[names[-1].end :])):
            return text[names[0].start : names[-1].end]
    return None
