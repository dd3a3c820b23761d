"""The documents say what is true of the code: links lead somewhere, commands exist, lists are complete."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from lachan.doors.cli.main import app
from lachan.foundation.base import WallClock
from lachan.foundation.protocol import SigningKey
from lachan.foundation.taxonomy import suspicion_reasons

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
CALL = re.compile(r"(?:^|&& |`|/bin/|systemd-run .*)lachan (.+)", re.MULTILINE)
SNIPPET = re.compile(r"<!-- test: (\w+) -->\n```python\n(.*?)```", re.DOTALL)


SHELL = re.compile(r"<!-- test: first_verdict -->\n```sh\n(.*?)```", re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual hosts make them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_documented_commands_exist() -> None:
    """Each `lachan …` in code names a command, and only options that the command has."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    wrong = []
    for page in PAGES:
        for piece in CODE.findall(page.read_text(encoding="utf-8")):
            wrong += [
                f"{page.relative_to(ROOT)}: lachan {call}"
                for call in CALL.findall(piece)
                if not _is_command(root, re.split(r"[#|;`&)>]", call)[0].split())
            ]
    assert wrong == []


def _is_command(command: TyperGroup | TyperCommand, words: list[str]) -> bool:
    options = {"--help"}.union(*([*one.opts, *one.secondary_opts] for one in command.params))
    children = command.commands if isinstance(command, TyperGroup) else {}
    for position, word in enumerate(words):
        if word.startswith(("--", "[--")):
            if word.strip("[]").partition("=")[0] not in options:
                return False
        elif isinstance(child := children.get(word), TyperGroup | TyperCommand):
            return _is_command(child, words[position + 1 :])
        elif (
            children
            and re.fullmatch(r"[a-z]+", word)
            and not words[max(position - 1, 0)].lstrip("[").startswith("--")
        ):
            return False
    return True


def test_every_refusal_is_in_the_reference() -> None:
    made = script("reasons_table")
    assert made.FILE.read_text(encoding="utf-8") == made.page(), "run scripts/reasons_table.py"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    pending = [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.exists():
                pending.append(target)
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_the_first_hour_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that a newcomer is told to run at the console, on a fresh instance."""
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    subprocess.run([sys.executable, "-m", "lachan.doors.cli", "init"], check=True, capture_output=True)
    found = {name: code for page in PAGES for name, code in SNIPPET.findall(page.read_text(encoding="utf-8"))}
    program = tmp_path / "first_institution.py"
    program.write_text(found["first_institution"], encoding="utf-8")
    call = [sys.executable, str(program), SigningKey.generate().public.as_text()]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "client secret" in done.stdout
    # The first report needs a running server: the sandbox's own institutions report in the same way. The two that
    # screen run in tests/doors/api/test_screen_advice.py and tests/client/test_copy_over_http.py.
    assert set(found) == {"first_institution", "first_report", "screen", "local_screen"}
    (said,) = SHELL.findall((ROOT / "docs" / "start" / "README.md").read_text(encoding="utf-8"))
    lines = said.replace(".venv/bin/lachan", f"{sys.executable} -m lachan.doors.cli")
    ran = subprocess.run(["sh", "-e"], input=lines, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "suspected" in ran.stdout
    assert (tmp_path / "verdicts.csv").read_text(encoding="utf-8").splitlines() == [
        "kind,value,verdict,reasons", "phone,0912 345 678,clear,", "domain,dienluc-hotro.xyz,warn,L5",
    ]  # fmt: skip


def test_every_reason_stands_in_the_concepts() -> None:
    page = (ROOT / "docs" / "concepts" / "registry.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([A-Z][0-9]) \| (.+) \|$", page, re.MULTILINE))
    assert listed == {one.code: one.en for one in suspicion_reasons(WallClock().now())}
