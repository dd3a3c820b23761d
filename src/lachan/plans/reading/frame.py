"""What stands around the clauses: number, date, issuer, title, what is carried out; recipients and signature."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lachan.plans.model import Warned
from lachan.plans.reading.bodies import list_at
from lachan.plans.reading.letters import fold, is_shouted
from lachan.plans.reading.marks import mark_of
from lachan.plans.reading.parts import SECTIONS, Paragraph, Rank

_NAME_OF_KIND = re.compile(r"(?:kế hoạch|phương án|chương trình hành động|đề án)\W*$")
_NUMBER = re.compile(r"số(?:\s*hiệu)?\s*[:.]?\s*(?P<n>[\dol]{1,5})\s*/\s*(?P<s>[\w&.\-–]+(?:/[\w&.\-]+)?)")
_BARE_NUMBER = re.compile(r"(?P<n>\d{1,5})\s*/\s*(?P<s>kh[-–][\w&.\-]+)")
_DATED = re.compile(r"ngày\s+(?P<d>[\dol]{1,2})\s+tháng\s+(?P<m>[\dol]{1,2})\s+năm\s+(?P<y>[\dol]{4})")
_ISSUED = re.compile(r"ngày ban hành\s*:?\s*(?P<d>\d{1,2})\s*[/-]\s*(?P<m>\d{1,2})\s*[/-]\s*(?P<y>\d{4})")
_PREAMBLE = re.compile(r"(?:thực hiện|căn cứ|triển khai|để|nhằm|tiếp tục|thi hành|theo|trên cơ sở)\b")
_ISSUES = re.compile(r"\s*(?:ban hành|xây dựng|triển khai|lập)\s+(?:bản\s+)?kế hoạch")
_ISSUER_WORD = re.compile(r"(?:ủy ban nhân dân|ubnd|chủ tịch (?:ủy ban|ubnd)|sở|công an|ban|ngân hàng|đài|hội"
                          r"|trường|văn phòng|cục|chi cục|thanh tra|tỉnh đoàn|liên đoàn)\b")  # fmt: skip
_DOCUMENT = re.compile(
    r"(?:(?P<kind>công điện|chỉ thị|nghị quyết|quyết định|kế hoạch|nghị định|thông tư|công văn|chương trình"
    r"|đề án|luật)"
    r"\s+)?số\s*:?\s*(?P<number>\d{1,5}\s*/\s*(?:\d{4}\s*/\s*)?[\w&\-]+(?:/[\w\-]+)?)"
    r"(?P<date>\s+ngày\s+\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4})?"
)
# What a plan was proposed or reported with is not what it carries out.
_PROPOSAL = re.compile(r"/(?:ttr|bc)\b")
_REPLACES = re.compile(r"(?:thay thế|bãi bỏ|hủy bỏ)\s+(?:cho\s+)?(?:các\s+)?(?=kế hoạch)")
_RECIPIENTS = re.compile(r"nơi nhận\s*:?")
_SIGNATURE = re.compile(
    r"(?:^|\s)(?P<sign>(?:(?:TM|KT|TL|TUQ|Q)\s?\.\s*(?=[A-ZĐỦỦ])|(?:PHÓ\s+)?(?:CHỦ TỊCH|GIÁM ĐỐC|CHÁNH|TRƯỞNG"
    r"|CỤC TRƯỞNG"
    r"|TỔNG GIÁM ĐỐC|BÍ THƯ)\b).*)$"
)
_SIGNED = re.compile(r"\W*(?:đã ký|ký tên|ký, ghi rõ họ tên).*")


@dataclass(frozen=True, slots=True)
class Frame:
    """A plan without its clauses; `body` are their paragraphs."""

    number: str | None
    issued_on: date | None
    issuer: str | None
    title: str | None
    implements: tuple[str, ...]
    supersedes: str | None
    recipients: tuple[str, ...]
    signed_by: str | None
    body: tuple[Paragraph, ...]
    warnings: tuple[Warned, ...]


def frame(paragraphs: Sequence[Paragraph]) -> Frame:
    """Take head and tail off."""
    start = _body_start(paragraphs)
    titled = _title_line(paragraphs[:start])
    head = list(paragraphs[: titled if titled is not None else start])
    between = list(paragraphs[(titled + 1 if titled is not None else start) : start])
    title, preamble = _title(between)
    tail_at = next((i for i in range(start, len(paragraphs)) if _RECIPIENTS.match(fold(paragraphs[i].text))), None)
    if tail_at is None:
        tail_at = next((i for i in range(start, len(paragraphs)) if _signs(paragraphs[i])), len(paragraphs))
    appendix = next((i for i in range(tail_at, len(paragraphs)) if _is_appendix(paragraphs[i])), len(paragraphs))
    body = tuple(paragraphs[start:tail_at]) + tuple(paragraphs[appendix:])
    recipients, signed_by = _tail(paragraphs[tail_at:appendix])
    preamble_text = " ".join(paragraph.text for paragraph in preamble)
    number, issued_on = _number(head), _issued_on(head)
    issuer = _fuller(_issuer(preamble), _header_issuer(head))
    warnings = [
        Warned(key, paragraphs[0].line if paragraphs else None)
        for key, value in (
            ("no_number", number), ("no_date", issued_on), ("no_issuer", issuer), ("no_title", title),
            ("no_signature", signed_by), ("no_recipients", recipients),
        )
        if not value
    ]  # fmt: skip
    return Frame(
        number, issued_on, issuer, title, _implements(preamble_text or title or ""), _supersedes(body), recipients,
        signed_by, body, tuple(warnings),
    )  # fmt: skip


def _body_start(paragraphs: Sequence[Paragraph]) -> int:
    """The first section; where there is none, the first item "1." after the title."""
    titled = _title_line(paragraphs) or 0
    item: int | None = None
    for place, paragraph in enumerate(paragraphs):
        if place <= titled:
            continue
        if paragraph.rows and item is None and place > titled + 1:
            return place
        mark = mark_of(paragraph.text, paragraph.heading)
        if mark is None:
            continue
        if mark.rank in SECTIONS and mark.order == 1:
            return place if item is None or item > place else item
        if item is None and mark.rank is Rank.NUMBER and mark.order == 1:
            item = place
    return len(paragraphs) if item is None else item


def _title_line(paragraphs: Sequence[Paragraph]) -> int | None:
    """Where "KẾ HOẠCH" stands alone: in capitals if anywhere, and before the first section."""
    alone = [i for i, paragraph in enumerate(paragraphs[:80]) if _NAME_OF_KIND.fullmatch(fold(paragraph.text))]
    shouted = [i for i in alone if is_shouted(paragraphs[i].text)]
    return next(iter(shouted or alone), None)


def _title(between: list[Paragraph]) -> tuple[str | None, list[Paragraph]]:
    """The title, and the paragraphs after it."""
    parts: list[str] = []
    for place, paragraph in enumerate(between):
        small = fold(paragraph.text)
        opening = bool(parts) and not is_shouted(paragraph.text) and bool(_PREAMBLE.match(small))
        if opening or len(paragraph.text) > 400 or _ISSUES.search(small) or paragraph.text.endswith(":"):
            return (" ".join(parts) or None), between[place:]
        parts.append(paragraph.text)
    return (" ".join(parts) or None), []


def _number(head: Sequence[Paragraph]) -> str | None:
    text = "\n".join(paragraph.text for paragraph in head)
    found = _NUMBER.search(fold(text)) or _BARE_NUMBER.search(fold(text))
    if found is None:
        return None
    digits = found["n"].replace("o", "0").replace("l", "1")
    return f"{digits}/{text[found.start('s') : found.end('s')].replace('–', '-').strip('.')}"


def _issued_on(head: Sequence[Paragraph]) -> date | None:
    small = fold(" ".join(paragraph.text for paragraph in head))
    for found in (*_DATED.finditer(small), *_ISSUED.finditer(small)):
        year, month, day = (int(found[name].replace("o", "0").replace("l", "1")) for name in ("y", "m", "d"))
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return None


def _issuer(preamble: Sequence[Paragraph]) -> str | None:
    """Who "ban hành Kế hoạch"."""
    for paragraph in preamble:
        text = re.sub(r"\s*\((?:UBND|sau đây[^)]*)\)", "", paragraph.text)
        small = fold(text)
        for found in _ISSUER_WORD.finditer(small):
            names = list_at(text, found.start())
            if len(names) == 1 and _ISSUES.match(small, names[0].end):
                return _written_out(names[0].text)
    return None


def _fuller(told: str | None, header: str | None) -> str | None:
    """ "Ủy ban nhân dân tỉnh ban hành Kế hoạch" leaves it to the header to say of which province."""
    if told is None or (header is not None and fold(header).startswith(f"{fold(told)} ")):
        return header
    return told


def _header_issuer(head: Sequence[Paragraph]) -> str | None:
    """The block at the top left: "ỦY BAN NHÂN DÂN" and, under it, whose."""
    for place, paragraph in enumerate(head):
        text = re.split(r"\s*(?:CỘNG HÒA|Cộng hòa|Độc lập)", paragraph.text)[0].strip()
        if not fold(text).startswith(("ủy ban nhân dân", "ubnd")):
            continue
        if fold(text) in {"ủy ban nhân dân", "ubnd"} and place + 1 < len(head):
            text += " " + re.split(r"\s*(?:CỘNG HÒA|Độc lập|Cộng hòa)", head[place + 1].text)[0].strip()
        words = text.split()
        small = [word if not word.isupper() else word.capitalize() for word in words]
        told = " ".join(small)
        told = re.sub(r"^(?:Ủy Ban Nhân Dân|Ubnd)", "Ủy ban nhân dân", told)
        return re.sub(r" (Tỉnh|Thành Phố|Huyện|Xã|Phường) ", lambda hit: hit[0].lower(), told)
    return None


def _written_out(name: str) -> str:
    return re.sub(r"^(?:UBND|Uỷ ban nhân dân)\b", "Ủy ban nhân dân", name)


def documents_in(text: str) -> list[tuple[str, str, str, int]]:
    """Documents named in a text: how it names them, number, date as written (or empty), and where."""
    found: list[tuple[str, str, str, int]] = []
    for hit in _DOCUMENT.finditer(fold(text)):
        number = re.sub(r"\s+", "", text[hit.start("number") : hit.end("number")])
        day = re.sub(r"^\s*ngày\s+", "", fold(text[hit.start("date") : hit.end("date")])) if hit["date"] else ""
        told = " ".join(text[hit.start() : hit.end()].split())
        found.append((told[:1].upper() + told[1:], number, day.replace(" ", ""), hit.start()))
    return found


def _implements(preamble: str) -> tuple[str, ...]:
    """The documents that the plan carries out, each once."""
    named: dict[str, str] = {}
    for told, number, day, _ in documents_in(preamble):
        if _PROPOSAL.search(fold(number)):
            continue
        known = named.get(number)
        if known is None or (day and "ngày" not in fold(known)):
            named[number] = told
    return tuple(named.values())


def _supersedes(body: Sequence[Paragraph]) -> str | None:
    for paragraph in body:
        small = fold(paragraph.text)
        found = _REPLACES.search(small)
        if found and (told := documents_in(paragraph.text[found.end() :])):
            return told[0][0]
    return None


def _signs(paragraph: Paragraph) -> bool:
    return is_shouted(paragraph.text) and bool(_SIGNATURE.match(paragraph.text))


def _is_appendix(paragraph: Paragraph) -> bool:
    return bool(re.match(r"phụ lục(?:\s+(?:số\s+)?[ivx\d]+)?\s*(?:[.:]|$)", fold(paragraph.text)))


def _tail(paragraphs: Sequence[Paragraph]) -> tuple[tuple[str, ...], str | None]:
    recipients: list[str] = []
    signatures: list[str] = []
    for paragraph in paragraphs:
        text = paragraph.text
        if opening := _RECIPIENTS.match(fold(text)):
            text = text[opening.end() :].strip()
        if signed := _SIGNATURE.search(text):
            signatures.append(signed["sign"])
            text = text[: signed.start()].strip()
        if not text or _SIGNED.fullmatch(fold(text)):
            continue
        if re.match(r"[-–+•*]", text):
            pieces = re.split(r"(?<=;)\s*(?=[-–+•]\s)", text)
            recipients += [piece.strip(" -–+•*;.") for piece in pieces if piece.strip(" -–+•*;.")]
        elif _is_person(text):
            signatures.append(text)
        elif signatures == [] and recipients and not is_shouted(text):
            recipients.append(text.strip(" ;."))
    person = next((told for told in reversed(signatures) if _is_person(told)), None)
    return tuple(recipients), person


def _is_person(text: str) -> bool:
    words = text.split()
    if re.search(r"[\d:;,./]", text) or not 2 <= len(words) <= 6:
        return False
    if _SIGNATURE.match(text) or fold(text).startswith(("ủy ban", "thiếu tướng", "đại tá", "phó", "chủ tịch")):
        return False
    return all(word[:1].isupper() for word in words)
