"""Three agencies report for a half-year, through the doors: one late, one returned, gathered, issued, restated."""

import io
import json
import re
from decimal import Decimal
from pathlib import Path

import docx
import httpx
import pypdf
import pytest
from tests.factories import reporting
from tests.factories.desk_world import World, seeded_world, world_settings
from tests.factories.reported_world import PLAN, report_some
from tests.factories.server import free_port, serving
from tests.factories.whole_world import WholeWorld
from typer.testing import CliRunner

from lachan.bootstrap import build
from lachan.doors.api import create_app
from lachan.doors.cli.main import app
from lachan.doors.web.visit import SESSION_COOKIE
from lachan.plans.reporting import approve, enter_figure, restate, submit, views

pytestmark = pytest.mark.journey
RUN = CliRunner()


class Browser:
    """Somebody at a browser without script: fills in what a page offers, and presses."""

    def __init__(self, address: str, session: str) -> None:
        self.http = httpx.Client(
            base_url=address, cookies={SESSION_COOKIE: session}, timeout=60, follow_redirects=True,
            headers={"accept": "text/html", "origin": address},
        )  # fmt: skip
        self.page = ""

    def get(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page = answer.text
        return self.page

    def post(self, path: str, status: int = 200, **fields: str) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token is not None
        answer = self.http.post(path, data={"csrf_token": token[1], **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        self.page = answer.text
        return str(answer.url)


def test_a_half_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world: World = seeded_world(tmp_path / "home")
    world.services.db.close()
    port = free_port()
    settings = world_settings(tmp_path / "home", f"http://127.0.0.1:{port}")
    world.services = build(settings)
    made = report_some(world)
    whole = WholeWorld(world)
    with serving(create_app(world.services), port) as address:
        shift, head = (Browser(address, whole.session(name)) for name in ("shift", "head"))
        # The desk's own draft: two people save the same line, and nothing of either is lost.
        own = f"/periodic/{made['draft']}"
        shift.get(own)
        head.get(own)
        shift.post(f"{own}/save", text_results="Bản của ca trực", version_results="1")
        head.post(f"{own}/save", 409, text_results="Bản của trưởng bàn", version_results="1")
        assert "Bản của ca trực" in head.page
        assert "Bản của trưởng bàn" in head.page
        head.post(f"{own}/save", text_results="Bản chung", version_results="2", then="submit")
        assert "Đã nộp" in head.page
        # The gathered report: approved by another than who handed it in, and issued under the next number.
        gathered = f"/periodic/{made['gathered']}"
        assert "Sở Công Thương" in head.get(gathered)
        shift.get(gathered)
        shift.post(f"{gathered}/approve", 403)
        head.post(f"{gathered}/approve")
        signed = {
            "letters": "CAT-PV01", "behalf": "KT. Giám đốc", "position": "Phó Giám đốc", "archive": "PV01",
            "signatory": "Thượng tá Hoàng Thị Ẩn", "recipients": "Ủy ban nhân dân tỉnh\nBộ Công an",
        }  # fmt: skip
        # It has one number at a time.
        assert "Báo cáo đã có số văn bản" in head.get(gathered)
        head.post(f"{gathered}/issue", 409, **signed)
        head.post(f"/documents/{made['document']}/cancel", reasons="Cấp số trước khi duyệt")
        assert "Báo cáo đã có số văn bản" not in head.get(gathered)
        head.post(f"{gathered}/issue", 200, **signed)
        found = re.findall(r"/documents/[0-9a-f-]+/file\.(?:pdf|docx)", head.page)
        pdf, word = (head.http.get(path).content for path in found[-2:])
        said = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\u200b", "")
        assert "/BC-CAT-PV01" in said
        assert "KT. GIÁM ĐỐC" in said
        tables = [
            "|".join(cell.text for cell in row.cells)
            for table in docx.Document(io.BytesIO(word)).tables
            for row in table.rows
        ]
        assert "1|Sở Công Thương|0|0|0|14|0|0|0|–|0" in tables
        # The one that was late is restated: both versions stay, and the gathered one says that it is behind.
        with world.services.db.read() as conn:
            late = views.report(conn, world.actor("head"), world.now, made["late"])
        assert late.report.late
        sender = late.report.agency_id
        province = reporting.Province(world.services.db, world.desk_id, [sender])
        with world.services.db.unit(world.now, province.clerk(sender)) as unit:
            second = restate(unit, made["late"], "Đếm thiếu")
            enter_figure(unit, second.id, "reports_received", Decimal(20), "Sổ tiếp nhận")
            submit(unit, second.id)
        with world.services.db.unit(world.now, world.actor("head")) as unit:
            approve(unit, second.id)
        assert "tổng hợp lại" in head.get(gathered).lower()
        page = head.get(f"/periodic/{second.id}")
        assert "bản 1" in page
        assert ">20<" in page
        assert ">14<" in head.get(f"/periodic/{made['late']}")
        # Whoever is a bank's sees none of it.
        assert httpx.get(f"{address}{gathered}").status_code in {303, 401, 403}
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    answer = RUN.invoke(app, ["--json", "plan", "report", PLAN, "--period", made["past"]])
    told = json.loads(answer.stdout)
    assert {one["agency"]: one["state"] for one in told["agencies"]}["Sở Giáo dục và Đào tạo"] == "returned"
    assert told["report"]["state"] == "approved"
    for ending, first in (("docx", b"PK"), ("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")):
        target = tmp_path / f"report.{ending}"
        done = RUN.invoke(app, ["plan", "report", PLAN, "--period", made["past"], "--out", str(target)])
        assert done.exit_code == 0, done.output
        assert target.read_bytes().startswith(first)
