"""The monitor: state of every account seen, and a score for each transfer from it and what came before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput
from lachan.monitoring.columns import Columns
from lachan.monitoring.constants import Constants
from lachan.monitoring.features import NUMBER
from lachan.monitoring.kernel import layout, run
from lachan.monitoring.model import Limits, MonitoringReason, Scored, Typology
from lachan.monitoring.models.model import ModelReason
from lachan.monitoring.program import compiled, parts_of

if TYPE_CHECKING:
    from lachan.monitoring.models import Model

_BATCH = 16_384
_BATCH_MODEL = 1_024
_PROOFS = 2_048
_LINE = 64  # bytes of the cache
_STATE = ("accounts", "gaps", "devices", "pairs", "edges", "control")


class Monitor:
    """One stream's state. Rows come in time order; what was answered about a row never changes by later ones."""

    def __init__(
        self,
        typologies: Sequence[Typology],
        constants: Constants,
        limits: Limits | None = None,
        *,
        model: "Model | None" = None,
        keep: bool = False,
        only: Iterable[str] | None = None,
    ) -> None:
        """`model`: its probability is then the score. `keep`: hand out every row's features too.

        `only`: the features that are wanted; what others need is left out, and so is their work. Typologies and
        models need them all.
        """
        self._limits, self._only = limits or Limits(), only
        self.judge_by(typologies, constants, model, keep=keep)
        self._accounts = _empty(1024, layout.ACCOUNT_WORDS)
        self._gaps = np.zeros(1024, np.int32)
        self._devices = np.zeros(64, np.int32)
        self._pairs = _empty(4096, layout.PAIR_WORDS)
        self._edges = _empty(4096, layout.EDGE_WORDS)
        self._control = np.zeros(layout.CONTROL_WORDS, np.int64)
        self._control[layout.NEXT_SERIAL] = 1
        self._control[layout.TAIL : layout.TAIL + layout.WINDOW_COUNT] = 1

    def judge_by(
        self, typologies: Sequence[Typology], constants: Constants, model: "Model | None", *, keep: bool
    ) -> None:
        """By what the next rows are judged: another day's thresholds, another model. What is known stays."""
        self.typologies = tuple(typologies)
        self.model = model
        self._program = compiled(self.typologies)
        whole = self._only is None or bool(self.typologies) or model is not None
        parts = layout.PARTS_ALL if whole else parts_of(self._only or ())
        self._settings = constants.as_array(self._limits, parts)
        self._keep = keep
        self._rows = np.zeros((_BATCH_MODEL if model else 1, layout.FEATURE_COUNT), np.int64)
        self._forest = _Grown.of(model)
        lines = max(_PROOFS, len(self.typologies))
        self._proofs = np.zeros((lines, layout.PROOF_WORDS), np.int64)
        self._told = np.zeros((lines, layout.FEATURE_COUNT), np.int64)
        # Who asks for no acquaintance needs the pairs of the windows only.
        windows = layout.US_7D if parts & 1 << layout.D7 else layout.US_24H
        self._memory_us = constants.memory_us if parts & layout.PART_HABITS else windows

    @property
    def rows(self) -> int:
        """How many rows have been taken."""
        return int(self._control[layout.NEXT_SERIAL]) - 1

    @property
    def state_bytes(self) -> dict[str, int]:
        """Memory held for accounts, pairs and edges."""
        return {"accounts": self._accounts.nbytes, "pairs": self._pairs.nbytes, "edges": self._edges.nbytes}

    @property
    def now_us(self) -> int:
        """When the newest row was booked; 0 before the first."""
        return int(self._control[layout.NOW_US])

    @property
    def remembered(self) -> int:
        """The number of the oldest row that evidence can still name."""
        return int(self._control[layout.TAIL + layout.D7]) - 1

    def state(self) -> dict[str, NDArray[Any]]:
        """All that is known of the stream so far, as arrays by name. They are the monitor's own: copy, or write."""
        return {name: getattr(self, f"_{name}") for name in _STATE}

    def resume(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` gave. The arrays become the monitor's own."""
        for name in _STATE:
            table = state[name]
            if table.ndim == 2:  # as a file gave it, it may lie anywhere
                table = _empty(*table.shape)
                table[:] = state[name]
            setattr(self, f"_{name}", table)

    def score(self, columns: Columns, further: NDArray[np.float64] | None = None) -> Scored:
        """Take the next rows. `further`: a column for each of the model's further features, NaN where not known.

        Raises:
            BadInput: `transfers_not_in_time_order`, or `model_features_missing`; nothing has been taken then.
        """
        wanted = len(self.model.further) if self.model else 0
        more = np.empty((len(columns), 0)) if further is None else np.ascontiguousarray(further, np.float64)
        if more.shape != (len(columns), wanted):
            raise BadInput(
                ModelReason.FEATURES_MISSING, expected=", ".join(self.model.further if self.model else ())
            )
        in_order, accounts, devices = run.extent(
            columns.booked_us, columns.payer, columns.payee, columns.device, self._control[layout.NOW_US]
        )
        if not in_order:
            raise BadInput(MonitoringReason.NOT_IN_TIME_ORDER, field="booked_at")
        self._make_numbers(accounts, devices)
        made = _Made(self.typologies, self.rows, len(columns), self._keep)
        # With a forest the rows' features stay in the cache until it has read them.
        batch = _BATCH_MODEL if self.model else _BATCH
        for start in range(0, len(columns), batch):
            stop = min(len(columns), start + batch)
            self._make_room(stop - start)
            self._take(columns, more, start, stop, made)
        if self.model:
            made.scores = self.model.probability(made.raw)
            # What moves no new money is not judged.
            idle = (columns.inert != 0) | (columns.payer == columns.payee)
            made.scores[idle], made.raw[idle] = 0.0, -np.inf
        return made.scored()

    def _take(self, columns: Columns, further: NDArray[np.float64], start: int, stop: int, made: "_Made") -> None:
        written = np.zeros(3, np.int64)
        program, forest = self._program, self._forest
        while start < stop:
            start = run.run(
                self._accounts, self._accounts.view(np.int32), self._gaps, self._pairs, self._pairs.view(np.int32),
                self._edges, self._edges.view(np.int32), self._devices, self._control,
                columns.booked_us, columns.payer, columns.payee, columns.amount_vnd, columns.kind, columns.inert,
                columns.device, columns.signs,
                self._settings, program.tests, program.values, program.typologies, program.weights,
                forest.words, forest.thresholds, forest.starts, forest.places, further[start:], start, stop,
                made.features[start:] if self._keep else self._rows, made.alerts[start:],
                made.interdicts[start:], made.scores[start:], made.raw[start:], self._proofs, self._told, written,
            )  # fmt: skip
            made.take(self._proofs[: written[0]], self._told[: written[1]])
            made.cut_short += int(written[2])

    def _make_numbers(self, accounts: int, devices: int) -> None:
        """Tables that have a row for each of so many accounts and devices."""
        if accounts > len(self._accounts):
            table = _empty(max(accounts, 2 * len(self._accounts)), layout.ACCOUNT_WORDS)
            table[: len(self._accounts)] = self._accounts
            self._accounts, self._gaps = table, _longer(self._gaps, len(table))
        self._devices = _longer(self._devices, devices)

    def _make_room(self, rows: int) -> None:
        """Room for the edges and pairs of so many rows, so that the compiled pass never asks for memory."""
        control = self._control
        live = int(control[layout.NEXT_SERIAL] - control[layout.TAIL + layout.D7])
        if live + rows >= len(self._edges):
            edges = _empty(_power_above(live + rows), layout.EDGE_WORDS)
            run.move_edges(
                self._edges, edges, int(control[layout.TAIL + layout.D7]), int(control[layout.NEXT_SERIAL])
            )
            self._edges = edges
        # A row makes at most two pairs; a table more than half full is slow.
        if 2 * (int(control[layout.PAIRS_USED]) + 2 * rows) > len(self._pairs):
            self._move_pairs(2 * rows)

    def _move_pairs(self, more: int) -> None:
        control = self._control
        forgotten = int(control[layout.NOW_US]) - self._memory_us
        remembered = int(
            np.count_nonzero((self._pairs[:, 0] != 0) & (self._pairs[:, layout.PAIR_LAST] >= forgotten))
        )
        pairs = _empty(_power_above(5 * (remembered + more) // 2), layout.PAIR_WORDS)
        control[layout.PAIRS_USED] = run.move_pairs(self._pairs, pairs, forgotten)
        self._pairs = pairs


@dataclass(frozen=True, slots=True)
class _Grown:
    """A model's forest as the pass takes it; without a model it has no trees."""

    words: NDArray[np.uint64]
    thresholds: NDArray[np.float64]
    starts: NDArray[np.uint64]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, model: "Model | None") -> "_Grown":
        if model is None:
            return cls(np.zeros(0, np.uint64), np.zeros(0), np.zeros((0, 2), np.uint64), np.zeros(0, np.int64))
        own = {name: layout.FEATURE_COUNT + number for number, name in enumerate(model.further)}
        places = np.array([NUMBER.get(name, own.get(name, 0)) for name in model.features], np.int64)
        return cls(model.forest.words, model.forest.thresholds, model.forest.starts, places)


class _Made:
    """What is being written of one call."""

    def __init__(self, typologies: tuple[Typology, ...], before: int, count: int, keep: bool) -> None:
        self._typologies = typologies
        self._before = before
        self.scores = np.zeros(count, np.float64)
        self.alerts = np.zeros(count, np.uint64)
        self.interdicts = np.zeros(count, np.uint64)
        self.raw = np.zeros(count, np.float64)
        self.features = np.zeros((count if keep else 0, layout.FEATURE_COUNT), np.int64)
        self._proofs: list[NDArray[np.int64]] = [np.zeros((0, layout.PROOF_WORDS), np.int64)]
        self._told: list[NDArray[np.int64]] = [np.zeros((0, layout.FEATURE_COUNT), np.int64)]
        self._told_count = 0
        self.cut_short = 0

    def take(self, proofs: NDArray[np.int64], told: NDArray[np.int64]) -> None:
        """Keep what the pass has written into the buffers."""
        if len(proofs):
            kept = proofs.copy()
            kept[:, layout.PROOF_ROW] += self._before
            kept[:, layout.PROOF_TOLD] += self._told_count
            self._proofs.append(kept)
            self._told.append(told.copy())
            self._told_count += len(told)

    def scored(self) -> Scored:
        """All of it."""
        return Scored(
            typologies=self._typologies, scores=self.scores, alerts=self.alerts, interdicts=self.interdicts,
            raw=self.raw, features=self.features,
            proof_lines=np.concatenate(self._proofs), told=np.concatenate(self._told), cut_short=self.cut_short,
        )  # fmt: skip


def _power_above(count: int) -> int:
    return 1 << max(12, count.bit_length())


def _empty(rows: int, words: int) -> NDArray[np.int64]:
    """A table of zeros that begins where a line of the cache does, so that rows lie across as few as they can."""
    room = np.zeros(rows * words + _LINE // 8, np.int64)
    skipped = -room.ctypes.data % _LINE // 8
    return room[skipped : skipped + rows * words].reshape(rows, words)


def _longer(table: NDArray[Any], count: int) -> NDArray[Any]:
    """The same table with at least so many rows, the new ones empty."""
    if count <= len(table):
        return table
    grown = np.zeros((max(count, 2 * len(table)), *table.shape[1:]), table.dtype)
    grown[: len(table)] = table
    return grown
