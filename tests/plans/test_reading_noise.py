"""What a scanner, a mail program or a printer adds never becomes a task, and nothing makes the reader fall over."""

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lachan.foundation.base import BadInput
from lachan.plans.model import PlanDraft
from lachan.plans.reading import ReadingReason, read_plan
from tests.factories.plan_files import as_docx, as_html, as_pdf
from tests.plans.annotated import annotated

PLANS = ("lac-son", "song-van", "bac-lam", "tan-hai", "hon-ngoc")
WAYS = ("blank", "crlf", "nbsp", "pages", "header", "bold", "spaces", "feeds", "decomposed", "merged", "tones")
TONES = {"òa": "oà", "óa": "oá", "ủy": "uỷ", "hóa": "hoá", "tòa": "toà", "khỏe": "khoẻ"}


def noisy(text: str, way: str, chance: random.Random) -> str:
    lines = text.split("\n")
    if way == "blank":
        return "\n".join(line + "\n" * chance.choice((0, 0, 1, 3)) for line in lines)
    if way == "crlf":
        return "\r\n".join(lines)
    if way == "nbsp":
        return "\n".join(_between(line, "\u00a0", chance) for line in lines)
    if way in {"pages", "header"}:
        for count, place in enumerate(sorted(chance.sample(range(30, len(lines)), 6), reverse=True)):
            if not lines[place].startswith("|"):
                added = f"- {count + 2} -" if way == "pages" else f"Kế hoạch phòng ngừa của tỉnh  {count}"
                lines[place:place] = ["", added, ""]
        return "\n".join(lines)
    if way == "bold":
        return "\n".join(
            f"**{line}**" if line and "*" not in line and line[0] not in "|#" and chance.random() < 0.2 else line
            for line in lines
        )
    if way == "spaces":
        return "\n".join(f"  {line}   " if line and chance.random() < 0.5 else line for line in lines)
    if way == "feeds":
        return "\n".join(f"\f{line}" if line[:1].isdigit() and chance.random() < 0.2 else line for line in lines)
    if way == "decomposed":
        return unicodedata.normalize("NFD", text)
    if way == "tones":
        for new, old in TONES.items():
            text = text.replace(new + " ", old + " ")
        return text
    return "\n".join(_merged(lines, chance))


def _between(line: str, space: str, chance: random.Random) -> str:
    return "".join(space if letter == " " and chance.random() < 0.3 else letter for letter in line)


def _merged(lines: list[str], chance: random.Random) -> list[str]:
    """Two neighbours of one list on one line, as a bad conversion leaves them."""
    found: list[str] = []
    for line in lines:
        pair = (found[-1][:2] if found else "", line[:2])
        mergeable = pair in (("a)", "b)"), ("b)", "c)"), ("- ", "- "))
        if found and mergeable and found[-1].endswith((".", ";")) and chance.random() < 0.3 and line[3:4].isupper():
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PLANS), st.lists(st.sampled_from(WAYS), min_size=1, max_size=3), st.integers(0, 9_999))
def test_noise_neither_makes_nor_hides_a_task(name: str, ways: list[str], seed: int) -> None:
    plan, chance = annotated(name), random.Random(seed)
    text = plan.text
    for way in ways:
        text = noisy(text, way, chance)
    draft = read_plan(text.encode(), "plan.txt")
    clean = read_plan(plan.text.encode(), "plan.txt")
    assert [task.ref for task in draft.tasks] == [task.ref for task in clean.tasks]
    assert [task.deadline for task in draft.tasks] == [task.deadline for task in clean.tasks]


PIECES = (
    "KẾ HOẠCH", "I. NHIỆM VỤ", "II. TỔ CHỨC THỰC HIỆN", "1. Công an tỉnh", "1.1. ", "a) ", "+ ", "(i) ", "Chương I",
    "- Chủ trì, phối hợp với ", "PHẦN THỨ HAI", "PHỤ LỤC", "| 1 | Nhiệm vụ | Chủ trì |", "trong tháng 13/2025",
    "định kỳ 06 tháng (trước ngày 05/6) báo cáo về", "trước ngày 31/02/2025", "Số: 1/KH-UBND", "Nơi nhận:",
    "ngày 99 tháng 99 năm 9999", "TM. ỦY BAN NHÂN DÂN", "các ", "và ", "quý IV/0000", "trong năm 0000", "Sở ", "#",
    ", ", "**", "\t", "(", "CHƯƠNG X",
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12), st.just("\n")), max_size=40))
def test_any_text_is_read_or_refused_by_name(pieces: list[str]) -> None:
    data = "".join(pieces).encode("utf-8", "surrogatepass")
    first, again = outcome(data, "plan.txt"), outcome(data, "plan.txt")
    assert first == again


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(("p.txt", "p.docx", "p.pdf", "p.html", "p", "p.doc", "-")))
def test_any_bytes_are_read_or_refused_by_name(data: bytes, name: str) -> None:
    outcome(data, name)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from((b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xd0\xcf\x11\xe0", b"<?xml version='1.0'?>")),
    st.binary(max_size=200),
)
def test_what_only_begins_like_a_file_is_refused(start: bytes, rest: bytes) -> None:
    outcome(start + rest, "")


@pytest.mark.parametrize(("name", "make"), [("p.docx", as_docx), ("p.pdf", as_pdf), ("p.html", as_html)])
def test_a_file_with_bytes_changed_is_read_or_refused(name: str, make: type) -> None:
    data = bytearray(make(annotated("bac-lam").text[:1500]))
    chance = random.Random(7)
    for _ in range(25):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 5, 40))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        outcome(bytes(broken[: chance.choice((len(broken), len(broken) // 2))]), name)


def outcome(data: bytes, name: str) -> PlanDraft | str:
    try:
        return read_plan(data, name)
    except BadInput as error:
        if not isinstance(error.reason, ReadingReason):
            raise
        return error.reason.value
