"""What hot compiled code needs of its compiler: to ask for memory before it is read, to count no references, and to
be made anew when any file that went into it has changed.

Imported by kernels only, never by the package: who does not compile shall not load a compiler.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import config
from numba.core.caching import InTreeCacheLocator, UserProvidedCacheLocator, UserWideCacheLocator
from numba.extending import intrinsic

_IMPORTED = re.compile(r"^from ([\w.]+) import (\([^)]*\)|[^(\n]+)$", re.MULTILINE)
_CONSTANT = re.compile(r"\b_?[A-Z][A-Z0-9_]+\b")
_COMPILED = ("njit", "borrowing", "intrinsic")


def sources(module: str, root: Path) -> dict[str, Path]:
    """The module's file and those of its package whose code or constants are compiled into what it compiles.

    By name: the modules from which a module among them imports compiled functions or constants.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path, text = _file(name, root)
        if name in found or path is None:
            continue
        found[name] = path
        for whence, names in _IMPORTED.findall(text):
            if whence.partition(".")[0] != module.partition(".")[0]:
                continue
            inlined = any(word in _file(whence, root)[1] for word in _COMPILED)
            if inlined or _CONSTANT.search(names):
                waiting.append(whence)
            waiting += [f"{whence}.{one}" for one in re.findall(r"\b[a-z]\w+", names)]  # a module, if it is one
    return found


@cache
def _file(module: str, root: Path) -> tuple[Path | None, str]:
    path = root / module.replace(".", "/")
    for one in (path.with_suffix(".py"), path / "__init__.py"):
        if one.is_file():
            return one, one.read_text(encoding="utf-8")
    return None, ""


@cache
def _stamp(module: str, root: Path) -> str:
    made = hashlib.sha256()
    for _, path in sorted(sources(module, root).items()):
        made.update(path.read_bytes())
    return made.hexdigest()


class _Whole:
    """Machine code on disk is as fresh as all that was compiled into it, not as its own file alone.

    numba looks at the file of the function, and would go on with a changed helper's former code.
    """

    def __init__(self, py_func: Any, py_file: str) -> None:
        super().__init__(py_func, py_file)  # type: ignore[call-arg]
        self._module: str = py_func.__module__
        self._root = Path(py_file).parents[self._module.count(".")]

    def get_source_stamp(self) -> Any:
        return super().get_source_stamp(), _stamp(self._module, self._root)  # type: ignore[misc]


class Given(_Whole, UserProvidedCacheLocator):
    """In the folder that NUMBA_CACHE_DIR names."""


class Beside(_Whole, InTreeCacheLocator):
    """Beside the code."""


class Apart(_Whole, UserWideCacheLocator):
    """In the user's cache, where nothing can be written beside the code."""


_PLACES = ",".join(f"{__name__}.{one.__name__}" for one in (Given, Beside, Apart))
setattr(config, "CACHE_LOCATOR_CLASSES", _PLACES)  # noqa: B010 numba reads its settings' names from a table
njit: Any = numba.njit
"""numba's own; from here, so that no kernel's machine code is looked up before it is known how."""

UNCOUNTED: dict[str, Any] = {"_nrt": False}
"""For `njit` of what makes no array: references to those it is given need not be counted at every call within.

With a graph of fourteen arrays the counting took a third of a trace's time.
"""
borrowing: Any = njit(**UNCOUNTED, forceinline=True)
"""For functions that only use arrays which their caller holds: they may slice, but neither make nor return one.

Otherwise every call of one compiled function by another counts a reference to each array up and down again,
atomically: in the monitoring pass that was nearly half of all its time.
"""


@intrinsic
def _ask_for(_context: Any, words: Any, position: Any) -> Any:
    whole = ir.IntType(32)

    def generate(compiler: Any, builder: Any, _signature: Any, args: Any) -> Any:
        array = compiler.make_array(words)(compiler, builder, args[0])
        place = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(8).as_pointer())
        pointer = ir.IntType(8).as_pointer()
        shape = ir.FunctionType(ir.VoidType(), [pointer, whole, whole, whole])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], shape)
        builder.call(prefetch, [place, whole(0), whole(3), whole(1)])
        return compiler.get_dummy_value()

    return types.void(words, position), generate


prefetch: Any = _ask_for
"""`prefetch(array, position)` asks for one element of a contiguous array, counted as if it were flat (int64).

A position outside of the array is no error and asks for nothing of use.
"""
