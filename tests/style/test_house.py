"""Style is a test: length of files, both languages, documented commands and settings, nothing of one machine."""

import importlib
import re
import subprocess
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest
import yaml

import lachan.bootstrap
import lachan.doors.api
import lachan.sandbox.run
from lachan.foundation.base import Language, catalogue, translate
from lachan.foundation.base.errors import all_reasons
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import differences

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LINES_MAX = 400
# Longer for a reason, which stands here.
LONGER: dict[str, str] = {}
# Sentences whose count is a limit of the data, or has gone past one: never 1.
NEVER_ONE = {
    "reason.label_is_the_account", "reason.model_too_few_labels", "reason.outreach_spoken_too_long",
    "reason.outreach_text_too_long", "reason.outreach_title_too_long", "web.call.several",
    "web.outreach.expected", "web.plans.compare_about", "web.warnings.hidden", "web.warnings.statistics_about",
}  # fmt: skip


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_is_read_in_one_sitting(file: Path) -> None:
    if "migrations/versions" in str(file) or str(file.relative_to(ROOT)) in LONGER:
        return
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


def test_both_languages_say_everything() -> None:
    vi, en = catalogue(Language.VI), catalogue(Language.EN)
    assert set(vi) == set(en)
    placeholder = re.compile(r"\{(\w+)\}")
    for key, sentence in vi.items():
        assert set(placeholder.findall(sentence)) == set(placeholder.findall(en[key])), key
        assert sentence.strip(), key
        assert en[key].strip(), key


def test_one_thing_is_not_said_as_several() -> None:
    """“1 days late”: whatever the English counts has a sentence for one, too."""
    several = re.compile(r"\{count\} (?:[\w-]+ )?(?!is\b|this\b|less\b)\w+s\b")
    en = catalogue(Language.EN)
    found = {key for key, sentence in en.items() if several.search(sentence)}
    assert len(found) > 40
    assert {key for key in found if f"{key}_one" not in en} - NEVER_ONE == set()
    assert translate("web.plans.days_late", Language.EN, count=1) == "1 day late"
    assert translate("web.plans.days_late", Language.EN, count="1") == "1 day late"
    assert translate("web.plans.days_late", Language.EN, count=11) == "11 days late"


def test_every_refusal_has_a_sentence_and_its_own_name() -> None:
    reasons = list(all_reasons())
    missing = [r.value for r in reasons if f"reason.{r.value}" not in catalogue(Language.VI)]
    assert missing == []
    # One name may be said by several capabilities only if it means the same: it is then the same sentence.
    assert len(reasons) > 100


def test_the_vietnamese_is_written_with_its_marks() -> None:
    """A catalogue typed in a hurry without diacritics is unreadable at 2 a.m."""
    marked = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
    long_ones = [s for s in catalogue(Language.VI).values() if len(s.split()) >= 6]
    unmarked = [s for s in long_ones if not marked.search(s)]
    assert unmarked == []


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    app = importlib.import_module("lachan.doors.cli.main").app
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    for group in app.registered_groups:
        children = group.typer_instance.registered_commands if group.typer_instance else []
        names += [f"{group.name} {child.name}" for child in children]
    assert len(names) > 8
    assert [name for name in names if f"`lachan {name}" not in text] == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "operate" / "settings.md").read_text(encoding="utf-8")
    assert [n for n in Settings.model_fields if f"`LACHAN_{n.upper()}`" not in text] == []


def test_nothing_names_one_machine_or_an_unfinished_thing() -> None:
    paths = re.compile(r"(^|[^\w.])/(work|farm)/")
    unfinished = re.compile(r"NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b")
    found = []
    for file in tracked():
        if file.suffix not in {".py", ".md", ".toml", ".yaml", ".html", ".js", ".css", ""} or not file.is_file():
            continue
        if file == Path(__file__) or "vendor" in file.parts or "assets" in file.parts or file.name == "LICENSE":
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        found += [f"{file.relative_to(ROOT)}: {m.group(0)}" for m in paths.finditer(text)]
        found += [f"{file.relative_to(ROOT)}: {m.group(0)}" for m in unfinished.finditer(text)]
    assert found == []


def test_bundled_data_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name in ("banks.csv", "AMLSim", "htmx", "Be Vietnam Pro", "Inter"):
        assert name in notice


class _OnceLoader(yaml.CSafeLoader):
    """A key that stands twice in one place is an error: YAML would let the last one win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(set(names)) == len(names), f"{node.start_mark}: {sorted(names)}"
        return super().construct_mapping(node, deep)


def test_yaml_files_are_read_as_they_are_written() -> None:
    for file in (ROOT / "src").rglob("*.yaml"):
        assert yaml.load(file.read_text(encoding="utf-8"), Loader=_OnceLoader) is not None, file


def test_the_migrations_make_the_tables_of_the_code(db: Database) -> None:
    assert lachan.bootstrap.OUTBOX_KINDS
    assert differences(db) == []
