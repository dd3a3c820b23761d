"""Machine code on disk is not used once anything that went into it has changed, also in another file."""

import ast
import dis
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

import lachan
from lachan.foundation.base.compiled import sources

ROOT = Path(lachan.__file__).parents[1]
ENTRY = """
from numba import types
from lachan.foundation.base.compiled import njit
from toy.helper import half
from toy.layout import SHIFT

@njit(types.int64(types.int64), cache=True)
def asked(number):
    return half(number) + SHIFT

print(asked(20), sum(asked.stats.cache_hits.values()))
"""
HELPER = """
from lachan.foundation.base.compiled import borrowing

@borrowing
def half(number):
    return number // {by}
"""


def test_a_change_in_a_file_that_is_only_inlined_is_noticed(tmp_path: Path) -> None:
    toy = tmp_path / "toy"
    toy.mkdir()
    written = {"__init__.py": "", "entry.py": ENTRY, "helper.py": HELPER.format(by=2), "layout.py": "SHIFT = 1"}

    def said(**changed: str) -> str:
        for name, text in (written | {f"{name}.py": text for name, text in changed.items()}).items():
            if not (toy / name).exists() or (toy / name).read_text() != text:
                (toy / name).write_text(text)
        written.update({f"{name}.py": text for name, text in changed.items()})
        command = [sys.executable, "-c", "import toy.entry"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert [said(), said()] == ["11 0", "11 1"]
    assert said(helper=HELPER.format(by=4)) == "6 0"
    assert said(layout="SHIFT = 100") == "105 0"


def kernels() -> Iterator[str]:
    for path in sorted((ROOT / "lachan").rglob("*.py")):
        if "cache=True" in (text := path.read_text(encoding="utf-8")) and path.name != "compiled.py":
            assert "lachan.foundation.base.compiled import" in text, f"{path} compiles and keeps what may be stale"
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def named_in(code: CodeType) -> set[str]:
    return {str(one.argval) for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")}


def went_into(module: str) -> set[str]:
    """Where all compiled functions stand that a module's compiled functions call, and the constants they use."""
    found, waiting = (
        set(),
        [one for one in vars(importlib.import_module(module)).values() if hasattr(one, "py_func")],
    )
    while waiting:
        function: FunctionType = waiting.pop().py_func
        if function.__module__.partition(".")[0] != "lachan":
            continue
        if (function.__module__, function.__qualname__) in found:
            continue
        found.add((function.__module__, function.__qualname__))
        imported = imports_of(function.__module__)
        for name in named_in(function.__code__):
            value: Any = function.__globals__.get(name)
            if hasattr(value, "py_func"):
                waiting.append(value)
            elif name in imported:
                found.add((imported[name], name))
    return {name for name, _ in found}


def imports_of(module: str) -> dict[str, str]:
    """From which module of ours each imported name comes."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    return {
        name.asname or name.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lachan")
        for name in node.names
    }


@pytest.mark.parametrize("module", list(kernels()))
def test_all_that_goes_into_a_kernel_is_looked_at(module: str) -> None:
    assert went_into(module) <= set(sources(module, ROOT))
