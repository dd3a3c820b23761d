"""The envelope of edXML: what it carries, and that it says it is unverified."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from lxml import etree

from lachan.foundation.base import VIETNAM
from lachan.foundation.exchange.edxml import VERIFIED, Attachment, EdxmlMessage, Party, edxml

MESSAGE = EdxmlMessage(
    "000.00.04.H14,2026/06/03,01/BC-CAT", Party("H14.01", "Công an tỉnh Cao Bằng"),
    (Party("H14", "Ủy ban nhân dân tỉnh Cao Bằng"), Party("G01", "Bộ Công an")), "01", "BC-CAT", "Cao Bằng",
    date(2026, 6, 3), "Báo cáo", "Kết quả <6 tháng> & phương hướng", "KT.", "PHÓ GIÁM ĐỐC", "Nông Văn Dền",
    ("Ủy ban nhân dân tỉnh",), datetime(2026, 6, 3, 9, 0, tzinfo=VIETNAM),
    (Attachment("bao-cao.pdf", "Bản ký"), Attachment("bao-cao.docx", "Bản sửa được")),
)  # fmt: skip


def test_an_envelope_carries_the_document_and_says_it_is_unverified() -> None:
    made = etree.fromstring(edxml(MESSAGE))
    names = {"e": made.nsmap["edXML"]}

    def texts(path: str) -> list[str]:
        return [node.text or "" for node in made.findall(path, names)]

    assert texts(".//e:From/e:OrganId") == ["H14.01"]
    assert texts(".//e:To/e:OrganId") == ["H14", "G01"]
    assert texts(".//e:Code/*") == ["01", "BC-CAT"]
    assert texts(".//e:PromulgationDate") == ["03/06/2026"]
    assert texts(".//e:Subject") == ["Kết quả <6 tháng> & phương hướng"]
    assert texts(".//e:SignerInfo/*") == ["KT.", "PHÓ GIÁM ĐỐC", "Nông Văn Dền"]
    assert texts(".//e:Manifest/e:Reference/e:AttachmentName") == ["bao-cao.pdf", "bao-cao.docx"]
    assert not VERIFIED
    assert b"Unverified" in edxml(MESSAGE)


def test_what_xml_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="XML"):
        edxml(replace(MESSAGE, subject="a\x00b"))
