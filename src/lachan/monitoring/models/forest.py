"""A forest of decision trees as the compiled pass reads it: from LightGBM's own text, to a document and back.

LightGBM says a forest in text that keeps every bit of a threshold and of a leaf. Only numbers are compared: trees
with categories, linear leaves or zeros that count as missing are refused, as nobody here trains such.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput
from lachan.monitoring.kernel import forest as kernel
from lachan.monitoring.models.model import ModelReason

_DEFAULT_LEFT, _MISSING_SHIFT, _MISSING_MASK = 2, 2, 3
_MISSING_NONE, _MISSING_NAN = 0, 2
_TREES_MAX, _LEAVES_MAX = 10_000, 100_000
_KEYS = ("feature", "threshold", "left", "right", "missing", "leaf", "expected")


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. A child below zero is the leaf `-1 - child`; `missing` is how a missing value goes (the kernel's
    numbers); `expected` is the mean score of the training rows at each node."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    missing: tuple[int, ...]
    leaf: tuple[float, ...]
    expected: tuple[float, ...]


class Forest:
    """Trees as arrays. The raw score is the sum of one leaf of each, the log of the odds before calibration."""

    def __init__(self, trees: Sequence[Tree], features: int) -> None:
        """`features`: how many columns a row has.

        Raises:
            BadInput: `model_unreadable`, for trees that no row can be walked through.
        """
        self.trees = tuple(trees)
        self.features = features
        if not 0 < len(trees) <= _TREES_MAX or not 0 < features <= kernel.FEATURE_MASK:
            raise _unsound("forest")
        for number, tree in enumerate(self.trees):
            if not _sound(tree, features):
                raise _unsound(f"forest.{number}")
        nodes = np.concatenate([_words(tree) for tree in self.trees])
        self.words = np.ascontiguousarray(nodes[:, 1]).view(np.uint64)
        self.thresholds = np.ascontiguousarray(nodes[:, 0]).view(np.float64)
        sizes = np.array([2 * len(tree.feature) + 1 for tree in self.trees], np.int64)
        inner = np.array([len(tree.feature) for tree in self.trees], np.int64)
        self.starts: NDArray[np.uint64] = np.column_stack([np.cumsum(sizes) - sizes, inner]).astype(np.uint64)
        self.expected = np.concatenate([[*tree.expected, *tree.leaf] for tree in self.trees]).astype(np.float64)

    def raw(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """The raw score of each row of a table whose columns are the forest's features."""
        made = np.zeros(len(table), np.float64)
        places = np.arange(self.features, dtype=np.int64)
        rows = np.ascontiguousarray(table, np.float64)
        kernel.summed(self.words, self.thresholds, self.starts, places, rows, made)
        return made

    def credited(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much each feature moved each row's raw score, along the path it took (Saabas)."""
        rows = np.ascontiguousarray(table, np.float64)
        shares = np.zeros(rows.shape, np.float64)
        kernel.credited(self.words, self.thresholds, self.starts, self.expected, rows, shares)
        return shares

    def document(self) -> list[dict[str, list[Any]]]:
        """As JSON holds it."""
        return [{key: list(getattr(tree, key)) for key in _KEYS} for tree in self.trees]


def forest_of(document: object, features: int) -> Forest:
    """The forest of a document.

    Raises:
        BadInput: `model_unreadable`.
    """
    if not isinstance(document, list):
        raise _unsound("forest")
    trees = []
    for number, node in enumerate(document):
        if (
            not isinstance(node, dict)
            or set(node) != set(_KEYS)
            or not all(isinstance(node[k], list) for k in _KEYS)
        ):
            raise _unsound(f"forest.{number}")
        trees.append(Tree(**{key: tuple(node[key]) for key in _KEYS}))
    return Forest(trees, features)


def from_lightgbm(text: str, features: int) -> Forest:
    """The forest that LightGBM's text describes, of one class.

    Raises:
        ValueError: it holds something that is not supported here.
    """
    head, *blocks = text.split("\nTree=")
    if "num_tree_per_iteration=1\n" not in head or "average_output" in head:
        raise ValueError("one tree an iteration and their sum were expected")
    return Forest([_tree(_fields(block.split("\nend of trees")[0])) for block in blocks], features)


def _fields(block: str) -> Mapping[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _tree(fields: Mapping[str, str]) -> Tree:
    if int(fields["num_cat"]) or fields.get("is_linear", "0") != "0":
        raise ValueError("categories and linear leaves are not supported")
    leaf = tuple(float(word) for word in fields["leaf_value"].split())
    if int(fields["num_leaves"]) == 1:
        return Tree((), (), (), (), (), leaf, ())
    return Tree(
        feature=tuple(map(int, fields["split_feature"].split())),
        threshold=tuple(map(float, fields["threshold"].split())),
        left=tuple(map(int, fields["left_child"].split())),
        right=tuple(map(int, fields["right_child"].split())),
        missing=tuple(_missing(int(word)) for word in fields["decision_type"].split()),
        leaf=leaf,
        expected=tuple(map(float, fields["internal_value"].split())),
    )


def _missing(decision: int) -> int:
    kind = (decision >> _MISSING_SHIFT) & _MISSING_MASK
    if kind == _MISSING_NONE:
        return kernel.AS_ZERO
    if kind != _MISSING_NAN:
        raise ValueError("zeros that count as missing are not supported")
    return kernel.TO_LEFT if decision & _DEFAULT_LEFT else kernel.TO_RIGHT


def _sound(tree: Tree, features: int) -> bool:
    """Whether every walk ends at a leaf: numbers are numbers, and a child stands after its parent, each once."""
    nodes, leaves = len(tree.feature), len(tree.leaf)
    if leaves != nodes + 1 or leaves > _LEAVES_MAX:
        return False
    if any(len(getattr(tree, key)) != nodes for key in _KEYS if key != "leaf"):
        return False
    whole = (*tree.feature, *tree.left, *tree.right, *tree.missing)
    if any(type(one) is not int for one in whole):
        return False
    if any(type(one) not in (int, float) or not math.isfinite(one) for one in (*tree.leaf, *tree.expected)):
        return False
    if any(type(one) not in (int, float) or math.isnan(one) for one in tree.threshold):
        return False
    if any(not 0 <= one < features for one in tree.feature) or any(one not in range(3) for one in tree.missing):
        return False
    children = [(number, child) for number in range(nodes) for child in (tree.left[number], tree.right[number])]
    return all(child < 0 or child > number for number, child in children) and sorted(
        child for _, child in children
    ) == [*range(-leaves, 0), *range(1, nodes)] * (nodes > 0)


def _words(tree: Tree) -> NDArray[np.int64]:
    """Inner nodes, then leaves, which lead to themselves."""
    inner, leaves = len(tree.feature), len(tree.leaf)
    own = np.arange(inner, inner + leaves, dtype=np.int64)
    children = [np.array(side, np.int64) for side in (tree.left, tree.right)]
    left, right = (np.concatenate([np.where(one < 0, inner - 1 - one, one), own]) for one in children)
    nothing = np.zeros(leaves, np.int64)
    made = np.empty((inner + leaves, 2), np.int64)
    made[:, 0] = np.array([*tree.threshold, *tree.leaf], np.float64).view(np.int64)
    made[:, 1] = (
        np.concatenate([np.array(tree.feature, np.int64), nothing])
        | (left << kernel.LEFT_SHIFT)
        | (right << kernel.RIGHT_SHIFT)
        | (np.concatenate([np.array(tree.missing, np.int64), nothing]) << kernel.MISSING_SHIFT)
    )
    return made


def _unsound(field: str) -> BadInput:
    return BadInput(ModelReason.UNREADABLE, field=field)
