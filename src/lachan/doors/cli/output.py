"""What the command line prints, and how it ends: one table from error to exit code."""

import os
import sys
import traceback
from typing import Any

import orjson

from lachan.foundation.base import (
    BadInput,
    Conflict,
    LachanError,
    Language,
    NotAllowed,
    NotFound,
    NotReady,
    translate,
)

EXIT_NO = 1
EXIT_BAD_INPUT = 2
EXIT_NOT_READY = 3
_EXITS: dict[type[LachanError], int] = {
    BadInput: EXIT_BAD_INPUT,
    NotAllowed: EXIT_NO,
    NotFound: EXIT_NO,
    Conflict: EXIT_NO,
    NotReady: EXIT_NOT_READY,
}


class Output:
    """Human text by default; with `--json` one document on stdout and nothing else."""

    def __init__(self) -> None:
        self.json = False
        self.language = Language.VI

    def say(self, text: str) -> None:
        """A line for a person: stdout, or stderr when stdout belongs to a program."""
        print(text, file=sys.stderr if self.json else sys.stdout, flush=True)

    def complain(self, text: str) -> None:
        """A line for a person while stdout belongs to the data."""
        print(text, file=sys.stderr, flush=True)

    def result(self, value: Any, lines: list[str]) -> None:
        """The result: as JSON, or as the given lines."""
        if self.json:
            sys.stdout.write(orjson.dumps(value).decode() + "\n")
        else:
            print("\n".join(lines))

    def records(self, values: list[Any]) -> None:
        """One JSON document a line, in either mode: for pipes."""
        for value in values:
            sys.stdout.write(orjson.dumps(value).decode() + "\n")

    def broken(self, error: Exception) -> int:
        """Say that the program itself is at fault, in one line; with LACHAN_TRACEBACK set, where."""
        if os.environ.get("LACHAN_TRACEBACK"):
            traceback.print_exc()
        first = next(iter(str(error).splitlines()), "")
        kind = type(error).__name__
        print(f"lachan: {translate('cli.broken', self.language, kind=kind, first=first)}", file=sys.stderr)
        return EXIT_NOT_READY

    def fail(self, error: LachanError) -> int:
        """Say what was wrong, with field and expectation; returns the exit code."""
        sentence = translate(f"reason.{error.reason.value}", self.language, **error.params)
        where = f"{error.field}: " if error.field else ""
        more = "".join(f" [{name}: {value}]" for name, value in error.params.items() if f"{value}" not in sentence)
        print(f"lachan: {where}{sentence}{more}", file=sys.stderr)
        return next(code for kind, code in _EXITS.items() if isinstance(error, kind))


out = Output()
