"""Rows that a bulk command could not use: listed beside its output, or said on stderr where that is stdout."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from lachan.doors.cli.output import out
from lachan.foundation.base import Reason, translate
from lachan.foundation.documents.sheets import STANDARD, Row, row_writer


class Rejects:
    """`OUT.rejects.csv`, made when the first row comes; a list of an earlier run goes."""

    def __init__(self, target: Path | None) -> None:
        """`target`: the command's output; None where it has none."""
        beside = target is not None and target != STANDARD
        self.path = target.with_name(f"{target.name}.rejects.csv") if target is not None and beside else None
        self.count = 0
        self._stack = ExitStack()
        self._write: Any = None

    def __enter__(self) -> Self:
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add(
        self, number: int, reason: Reason, params: Mapping[str, Any], row: Mapping[str, Any], field: str = ""
    ) -> None:
        """One more row, with its number, the reason and what it held."""
        self.count += 1
        said = translate(f"reason.{reason.value}", out.language, **params)
        message = f"{field}: {said}" if field else said
        if self.path is None:
            out.complain(f"{number}: {reason.value} {message}")
            return
        self._write = self._write or self._stack.enter_context(row_writer(self.path))
        listed: Row = {"row": number, "reason": reason.value, "message": message}
        self._write(listed | dict(row))

    def line(self) -> list[str]:
        """Where they are listed, for a person; nothing where there are none."""
        if not self.count or self.path is None:
            return []
        return [translate("cli.rejects", out.language, file=self.path)]

    @property
    def listed(self) -> str | None:
        """The list's path, for a program."""
        return str(self.path) if self.count and self.path is not None else None
