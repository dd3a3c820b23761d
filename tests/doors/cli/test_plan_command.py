"""`lachan plan import`: the contract's JSON, a table for people, and plain refusals with exit code 2."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.plans.annotated import annotated

TASK = {"ref", "section", "lead", "coordinating", "text", "deadline", "recurrence"}
WHOLE = {
    "number", "issuer", "issued_on", "title", "supersedes", "implements", "tasks", "reports", "recipients",
    "signed_by", "warnings",
}  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lachan.doors.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_json_is_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "plan.txt"
    file.write_text(annotated("tan-hai").text, encoding="utf-8")
    done = run("--json", "--language", "en", "plan", "import", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    plan = json.loads(done.stdout)
    assert set(plan) == WHOLE
    assert all(set(task) == TASK for task in plan["tasks"])
    assert plan["issued_on"] == "2025-09-22"
    first = next(task for task in plan["tasks"] if task["ref"] == "III.1.1")
    assert first["section"] == "III. PHÂN CÔNG TRÁCH NHIỆM"
    assert first["coordinating"][0] == "Ngân hàng Nhà nước Khu vực 9"
    due = next(duty for duty in plan["reports"] if duty["period"] == "half_yearly")
    assert (due["due"], due["to"]) == ("06-14", "Công an tỉnh")
    assert set(due) == {"period", "due", "from", "to"}
    assert all(set(warned) == {"line", "key", "message"} for warned in plan["warnings"])
    assert any("name no lead" in warned["message"] for warned in plan["warnings"])


def test_a_person_sees_tasks_and_what_is_unsure(tmp_path: Path) -> None:
    file = tmp_path / "plan.md"
    file.write_text(annotated("bac-lam").text, encoding="utf-8")
    done = run("plan", "import", str(file))
    assert done.returncode == 0
    assert "60 nhiệm vụ, 3 chế độ báo cáo" in done.stdout
    assert "không nêu cơ quan chủ trì" in done.stdout


def test_the_keeper_is_named_as_people_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    assert run("init").returncode == 0
    file = tmp_path / "plan.txt"
    file.write_text(annotated("tan-hai").text, encoding="utf-8")
    done = run("--language", "en", "plan", "import", str(file), "--keep", "Sở Không Có")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No agency of the register is called" in done.stderr


def test_what_cannot_be_read_ends_with_2_and_a_plain_sentence(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Kính gửi ông bà", encoding="utf-8")
    done = run("plan", "import", str(letter))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Không thấy mục hay nhiệm vụ nào" in done.stderr
    missing = run("--json", "--language", "en", "plan", "import", str(tmp_path / "none.docx"))
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "cannot be opened" in missing.stderr
