"""Documents: the words on the page against golden files, the same bytes for the same values, hostile text."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image
from tests.factories import letters

from lachan.foundation.base import BadInput, Language
from lachan.foundation.documents import (
    Capacity,
    Decision,
    DocumentReason,
    Signatory,
    render_call_sheet,
    render_hold_request,
    render_notice,
    render_release,
)
from lachan.foundation.documents import frame as frame_module
from lachan.foundation.documents.engine import Values, compiler
from lachan.foundation.taxonomy import hold_ladder, legal_bases

GOLDEN = Path(__file__).parents[2] / "golden" / "documents"
KINDS: dict[str, tuple[Callable[..., bytes], Callable[[], Any]]] = {
    "hold_request": (render_hold_request, letters.hold_request),
    "release": (render_release, letters.release),
    "notice": (render_notice, letters.notice),
    "call_sheet": (render_call_sheet, letters.call_sheet),
}
DECISION = Decision(
    "Cơ quan Cảnh sát điều tra Công an tỉnh Cao Bằng",
    "15/QĐ-CSĐT",
    "Đại tá Nông Văn Dền",
    "50.000.000 đồng tại tài khoản nêu dưới đây",
    date(2026, 3, 15),
)
HOSTILE = [
    '#eval("1+1") #panic("x") #read("/etc/passwd")',
    '"] #set page(width: 1pt) // /* ` $ x^2 $ *bold* _it_ @ref <label> = heading',
    r"\u{202e} \\ ~ -- ' \" {{ }} {amount} %s $(id)",
    '#import "@preview/evil:1.0.0": *',
    "x" * 300,
    "Ế" * 200,
    "名前 😀 Ω нет",
]


def words(pdf: bytes) -> str:
    """The text of all pages; line ends, break marks and runs of spaces do not count: they follow the paper."""
    pages = [
        " ".join(page.extract_text().replace("\u200b", "").split())
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
    ]
    return "\n--- page ---\n".join(pages)


def picture_of(template: str, values: Values, _made_on: date) -> bytes:
    """The first page as a printer at 200 dots an inch shows it."""
    return pictures_of(template, values)[0]


def pictures_of(template: str, values: Values) -> list[bytes]:
    made = compiler(template, values).compile(format="png", ppi=200)
    return [made] if isinstance(made, bytes) else made or []


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", KINDS)
def test_the_words_on_the_page(kind: str, language: Language) -> None:
    render, make = KINDS[kind]
    found = words(render(make(), language)).replace(" ", "\n") + "\n"
    golden = GOLDEN / f"{kind}.{language.value}.txt"
    if os.environ.get("LACHAN_UPDATE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_give_the_same_bytes(kind: str) -> None:
    render, make = KINDS[kind]
    assert render(make()) == render(make())


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_printed_as_text(kind: str, hostile: str) -> None:
    render, make = KINDS[kind]
    document = make()
    changed = replace(
        document,
        account=replace(document.account, holder=hostile, institution=hostile),
        heading=replace(
            document.heading,
            issuer=replace(document.heading.issuer, name=hostile),
            recipients=(hostile,),
            signatory=Signatory(hostile, hostile, Capacity.BY_ORDER, hostile),
        ),
    )
    pdf = render(changed)
    seen = words(pdf).replace("\n--- page ---\n", "")
    if hostile.isascii():
        assert hostile.replace(" ", "") in seen.replace(" ", "")
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_run_stays_inside_the_margins(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[bytes] = []
    monkeypatch.setattr(frame_module, "render", lambda name, values, _: pages.extend(pictures_of(name, values)))
    render, make = KINDS[kind]
    long = "W" * 300
    document = make()
    changed = replace(
        document,
        account=replace(document.account, holder=long, institution=long, number=long),
        heading=replace(
            document.heading,
            number=long,
            issuer=replace(document.heading.issuer, name=long, parent=long, place=long),
            recipients=(long,),
            signatory=Signatory(long, long, Capacity.BY_ORDER, long),
        ),
    )
    render(changed)
    dot = 25.4 / 200  # mm
    for page in (Image.open(io.BytesIO(picture)).convert("L") for picture in pages):
        left = page.crop((0, 0, int(28 / dot), page.height))
        right = page.crop((int(194 / dot), 0, *page.size))
        assert left.getextrema() == right.getextrema() == (255, 255)
    assert pages


def test_placeholders_in_names_are_not_filled() -> None:
    document = letters.call_sheet()
    sheet = replace(document, account=replace(document.account, holder="{code} {amount}"))
    assert "{code} {amount}" in words(render_call_sheet(sheet))


def test_invisible_and_reordering_characters_are_taken_out() -> None:
    document = letters.hold_request()
    letter = replace(document, account=replace(document.account, number="00\u202e71\u200b23\x00\n45"))
    assert "007123 45" in words(render_hold_request(letter))


def test_decomposed_vietnamese_is_composed() -> None:
    document = letters.hold_request()
    letter = replace(document, account=replace(document.account, holder="Nguye\u0302\u0303n Thi\u0323 \u1ebe"))
    assert "Nguyễn Thị Ế" in words(render_hold_request(letter))


@pytest.mark.parametrize(
    "text",
    [
        "Ngân hàng đã lập báo cáo giao dịch đáng ngờ",
        "giao dịch ĐÁNG  NGỜ",
        "A suspicious transaction report was filed",
        "STR 2026-15",
        "đã báo cáo Cục Phòng, chống rửa tiền",
        "đã báo cáo cho Ngân hàng Nhà nước",
    ],
)
def test_a_notice_never_reveals_a_suspicious_transaction_report(text: str) -> None:
    for change in ({"reason": text}, {"decided_by": text}, {"legal_basis": (text,)}):
        with pytest.raises(BadInput) as refusal:
            render_notice(replace(letters.notice(), **change))
        assert refusal.value.reason is DocumentReason.REVEALS_REPORT


def test_every_basis_of_the_ladder_may_stand_in_a_notice() -> None:
    on = date(2026, 11, 21)
    for step in hold_ladder(on):
        for language in Language:
            citations = tuple(basis.citation(language) for basis in legal_bases(on, step=step.step))
            notice = replace(letters.notice(), step=step.step, legal_basis=citations)
            assert citations[0][:12] in words(render_notice(notice, language))


def test_a_decision_and_a_review_date_are_printed() -> None:
    letter = replace(letters.hold_request(), step=3, decision=DECISION, expires_at=None, review_on=date(2026, 3, 9))
    seen = words(render_hold_request(letter))
    assert "Thực hiện Quyết định số 15/QĐ-CSĐT của" in seen
    assert "có hiệu lực đến hết ngày 15/3/2026" in seen
    assert "chậm nhất vào ngày 09/3/2026" in seen
    assert "không ghi thời hạn" in words(
        render_hold_request(replace(letter, decision=replace(DECISION, until=None)))
    )
    notice = replace(letters.notice(), expires_at=None, review_on=date(2026, 3, 9))
    assert "Ngày rà soát 09/3/2026" in words(render_notice(notice))


def test_what_cannot_stand_in_a_document_is_refused_by_name() -> None:
    hold, note, sheet = letters.hold_request(), letters.notice(), letters.call_sheet()
    for render, reason in (
        (partial(render_hold_request, replace(hold, amount_vnd=0)), DocumentReason.AMOUNT_NOT_POSITIVE),
        (partial(render_hold_request, replace(hold, step=3)), DocumentReason.DECISION_MISSING),
        (partial(render_hold_request, replace(hold, expires_at=None)), DocumentReason.END_MISSING),
        (partial(render_hold_request, replace(hold, legal_basis=())), DocumentReason.TEXT_MISSING),
        (partial(render_hold_request, replace(hold, requester=" \u200b ")), DocumentReason.TEXT_MISSING),
        (partial(render_hold_request, replace(hold, requester="a" * 2001)), DocumentReason.TEXT_TOO_LONG),
        (partial(render_notice, replace(note, expires_at=None)), DocumentReason.END_MISSING),
        (partial(render_notice, replace(note, appeal_url="http://x.vn")), DocumentReason.LINK_NOT_HTTPS),
        (partial(render_notice, replace(note, appeal_url="https://x.vn/ a")), DocumentReason.LINK_NOT_HTTPS),
        (partial(render_call_sheet, replace(sheet, legal_basis=())), DocumentReason.TEXT_MISSING),
        (partial(render_release, replace(letters.release(), released_vnd=-1)), DocumentReason.AMOUNT_NOT_POSITIVE),
    ):
        with pytest.raises(BadInput) as refusal:
            render()
        assert refusal.value.reason is reason


def test_the_code_at_the_foot_changes_with_the_content() -> None:
    hold = letters.hold_request()
    codes = {
        words(render_hold_request(letter)).split("Mã đối chiếu: ")[1][:14]
        for letter in (hold, replace(hold, amount_vnd=hold.amount_vnd + 1), replace(hold, revision=2))
    }
    assert len(codes) == 3


def test_the_qr_codes_can_be_read_from_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_module, "render", picture_of)
    picture = Image.open(io.BytesIO(render_notice(letters.notice())))
    texts = {code.text for code in zxingcpp.read_barcodes(picture)}
    assert letters.notice().appeal_url in texts
    url = letters.notice().heading.verification.url
    assert any(text.startswith(f"{url}#") and len(text) == len(url) + 15 for text in texts)
