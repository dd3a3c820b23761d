"""Write docs/reference/reasons.md: every named refusal, its sentence in both languages. Run after adding one."""

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

import lachan
from lachan.foundation.base import Language, Reason, catalogue

FILE = Path(__file__).parents[1] / "docs" / "reference" / "reasons.md"
HEAD = """# Reasons

Every refusal has a name that does not change, and a sentence in both languages. Over HTTP it is the `reason` of a
[problem](http.md#errors) (and the end of its `type`), on the command line the message; `{words}` are filled in.
This page is made by `scripts/reasons_table.py` from the code; a test compares the two.
"""


def families() -> list[type[Reason]]:
    """Every family of reasons, wherever it is defined; those of the foundation first."""
    for module in pkgutil.walk_packages(lachan.__path__, "lachan."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    pending, found = list(Reason.__subclasses__()), []
    while pending:
        family = pending.pop()
        pending.extend(family.__subclasses__())
        if family.__module__.startswith("lachan."):
            found.append(family)
    return sorted(found, key=lambda family: (".foundation." not in family.__module__, family.__module__))


def page() -> str:
    """The whole page."""
    vi, en = catalogue(Language.VI), catalogue(Language.EN)
    parts = [HEAD]
    for family in families():
        about = " ".join((family.__doc__ or "").split("\n\n")[0].split())
        parts.append(f"## {family.__name__}\n\n{about} (`{family.__module__}`)\n")
        rows = [f"| `{one.value}` | {_cell(vi, one)} | {_cell(en, one)} |" for one in family]
        parts.append("\n".join(["| Reason | Tiếng Việt | English |", "|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _cell(sentences: Mapping[str, str], one: Reason) -> str:
    return " ".join(sentences[f"reason.{one.value}"].split()).replace("|", "\\|")


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
