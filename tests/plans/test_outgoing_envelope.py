"""An issued document goes out in the envelope of the state's exchange, and says that nobody has validated it."""

from dataclasses import replace
from datetime import datetime

import pytest
from lxml import etree

from lachan.foundation.access import OPERATOR, AccessReason, set_codes
from lachan.foundation.base import VIETNAM, Conflict, NotAllowed
from lachan.foundation.storage import Database
from lachan.plans.outgoing import OutgoingReason, cancel, envelope, file_name, issue
from tests.factories import papers, reporting

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=VIETNAM)


def test_the_envelope_says_what_the_document_says(db: Database) -> None:
    province = reporting.build(db, 1)
    with db.unit(NOW, OPERATOR) as unit:
        set_codes(unit, province.police, ("h14.05",))
    police = province.clerk(province.police)
    with db.unit(NOW, police) as unit:
        made = issue(unit, replace(papers.letter(), number=None, issued_on=None))
    with db.read() as conn:
        said = envelope(conn, police, NOW.date(), made.id)
        root = etree.fromstring(said)
        names = {"e": root.nsmap["edXML"]}
        with pytest.raises(NotAllowed) as refused:
            envelope(conn, province.clerk(province.senders[0]), NOW.date(), made.id)
    assert refused.value.reason is AccessReason.OTHER_AGENCY

    def texts(path: str) -> list[str]:
        return [node.text or "" for node in root.findall(path, names)]

    assert texts(".//e:From/e:OrganId") == ["H14.05"]
    assert texts(".//e:Code/*") == [f"{made.number:02d}", made.symbol]
    assert texts(".//e:PromulgationDate") == ["03/06/2026"]
    assert texts(".//e:Subject") == [made.abstract]
    assert texts(".//e:To/e:OrganName") == list(papers.letter().addressees or papers.letter().recipients)
    assert texts(".//e:AttachmentName") == [file_name(made, "pdf"), file_name(made, "docx")]
    assert b"Unverified" in said


def test_what_was_taken_back_is_sent_to_nobody(db: Database) -> None:
    province = reporting.build(db, 1)
    police = province.clerk(province.police)
    with db.unit(NOW, police) as unit:
        made = issue(unit, replace(papers.report(), number=None, issued_on=None))
        cancel(unit, made.id, "ghi sai số liệu")
    with db.read() as conn, pytest.raises(Conflict) as refused:
        envelope(conn, police, NOW.date(), made.id)
    assert refused.value.reason is OutgoingReason.ALREADY_CANCELLED
