"""The function behind `lachan identify`."""

import io
import json
from pathlib import Path

import pytest
import segno

from lachan.doors.cli.identify import run
from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import VietQR, write_vietqr


def test_one_object_for_each_identifier() -> None:
    text = "Chuyển vào STK 1023456789 Vietcombank, zalo 0912 345 678"
    lines = run(text, None)
    assert [line["key"] for line in lines] == ["account:970436:1023456789", "social:zalo:+84912345678"]
    assert list(lines[0]) == ["kind", "value", "key", "text", "start", "end", "details"]
    assert text[15:25] == lines[0]["text"] == "1023456789"
    assert json.loads(json.dumps(lines)) == lines


def test_a_picture(tmp_path: Path) -> None:
    payload = write_vietqr(VietQR("970422", "0868123456", 1000))
    buffer = io.BytesIO()
    segno.make(payload).save(buffer, kind="png", scale=5)
    path = tmp_path / "qr.png"
    path.write_bytes(buffer.getvalue())
    (line,) = run(None, path)
    assert line["key"] == "account:970422:0868123456"
    assert (line["text"], line["start"], line["end"]) == (payload, 0, 0)


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        run(None, None)
    with pytest.raises(BadInput):
        run(None, tmp_path / "khong-co.png")
