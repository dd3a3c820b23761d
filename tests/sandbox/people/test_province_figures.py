"""Nothing is drawn from a number that stands in the code: it has a name, a unit, and a source or an excuse."""

import ast
from pathlib import Path

import pytest

import lachan.sandbox.people
from lachan.sandbox.people.figures import FILES, data, figures

FOLDER = Path(lachan.sandbox.people.__file__).parent
DRAWS = {"uniform", "normal", "lognormal", "lognormvariate", "gamma", "poisson", "randint", "choice"}
# The even chance; none and all. What they stand for needs no source.
PLAIN = (0, 0.5, 1)


def literals(node: ast.AST) -> list[float]:
    values = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return [value for value in values if isinstance(value, int | float) and value not in PLAIN]


def drawn_from_code(text: str) -> list[str]:
    """Shares written as numbers, and numbers handed to a draw."""
    found = []
    for node in ast.walk(ast.parse(text)):
        share = isinstance(node, ast.Constant) and type(node.value) is float and node.value not in PLAIN
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRAWS
        if share or (named and literals(node)):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_number_that_is_drawn_from_stands_in_the_code(file: Path) -> None:
    assert drawn_from_code(file.read_text(encoding="utf-8")) == []


def test_one_that_does_is_found() -> None:
    assert drawn_from_code("rare = draw.random() < 0.02") == ["0.02"]
    assert drawn_from_code("draw.randint(3, 9)") == ["draw.randint(3, 9)"]


def test_no_figure_stands_in_both_files() -> None:
    assert len(figures()) == sum(len(data(file)) for file in FILES)
    assert all(figures()[name].assumed for name in data("assumptions.yaml"))
