"""The interbank switch: releases the ledger's transfers in their order, run by run, to all institutions.

A run is told twice: each payer's institution its debits, which it books or refuses for want of cover; then
each payee's institution the credits of those that were booked. Every call may be repeated without effect, so
the switch simply repeats one that was not answered; a killed institution, or a killed switch, loses nothing.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from lachan.foundation.base import SimulatedClock, clock_from_text
from lachan.sandbox.line import Line
from lachan.sandbox.postings import Posting, cut_into_runs
from lachan.sandbox.story_clock import StoryClock

LONGEST_RUN_US = 20_000_000


@dataclass(frozen=True, slots=True)
class RunBooked:
    """Told after each run: its number, the instant it reaches, and the transfers that found no cover."""

    run: int
    runs: int
    through_us: int
    failed: tuple[str, ...]


class Switch:
    """Books `postings` with the institutions at `addresses` (by code); `home` tells each account's institution."""

    def __init__(
        self,
        postings: Sequence[Posting],
        addresses: Mapping[str, str],
        home: Mapping[str, str],
        clock: StoryClock,
        *,
        longest_run_us: int = LONGEST_RUN_US,
    ) -> None:
        self._runs = list(cut_into_runs(postings, longest_us=longest_run_us))
        self._addresses = addresses
        self._home = home
        self._clock = clock

    async def release_all(self, booked: Callable[[RunBooked], None]) -> None:
        """Release every run when the story's clock reaches its first transfer; goes on where it once stopped.

        A run is booked at its beginning, so the book is never behind the clock; whoever holds between runs
        speaks of it only when the clock has reached the hold.
        """
        lines = {code: Line(address) for code, address in self._addresses.items()}
        try:
            marks = await asyncio.gather(*(line.call("GET", "/switch/mark") for line in lines.values()))
            # The furthest institution's run is told again to all: those that have it answer as they did.
            furthest = max(int(mark["run"]) for mark in marks)
            for number in range(max(furthest, 1), len(self._runs) + 1):
                run = self._runs[number - 1]
                while (wait_s := self._clock.wall_s_until(run[0].at_us)) > 0:
                    await asyncio.sleep(wait_s)
                failed = await self._book(lines, number, run)
                booked(RunBooked(number, len(self._runs), run[-1].at_us, failed))
        finally:
            for line in lines.values():
                line.close()

    async def _book(self, lines: Mapping[str, Line], number: int, run: Sequence[Posting]) -> tuple[str, ...]:
        debits = self._by_institution(run, lambda posting: posting.payer)
        answers = await asyncio.gather(
            *(
                lines[code].call("POST", "/switch/debits", _body(run=number, postings=_rows(postings)))
                for code, postings in debits.items()
            )
        )
        failed = {identity for answer in answers for identity in answer["failed"]}
        arriving = self._by_institution(
            [p for p in run if p.id not in failed and p.payee is not None], lambda posting: posting.payee or ""
        )
        through_us = run[-1].at_us
        next_us = self._runs[number][0].at_us if number < len(self._runs) else None
        await asyncio.gather(
            *(
                line.call(
                    "POST",
                    "/switch/credits",
                    _body(
                        run=number,
                        through_us=through_us,
                        next_us=next_us,
                        postings=_rows(arriving.get(code, [])),
                    ),
                )
                for code, line in lines.items()
            )
        )
        return tuple(posting.id for posting in run if posting.id in failed)

    def _by_institution(
        self, postings: Iterable[Posting], account: Callable[[Posting], str]
    ) -> dict[str, list[Posting]]:
        parts: dict[str, list[Posting]] = {}
        for posting in postings:
            parts.setdefault(self._home[account(posting)], []).append(posting)
        return parts


def _body(**fields: object) -> bytes:
    return orjson.dumps(fields)


def _rows(postings: Iterable[Posting]) -> list[list[Any]]:
    return [[p.id, p.payer, p.payee, p.amount_vnd, p.at_us] for p in postings]


def keep_postings(file: Path, postings: Iterable[Posting]) -> None:
    """Write postings for a switch process."""
    file.write_bytes(orjson.dumps(_rows(postings)))


def write_switch_config(
    file: Path, *, clock: str, postings: str, addresses: Mapping[str, str], home: Mapping[str, str]
) -> None:
    """Write what a switch process needs: the shared clock's text, the postings' file, who is where."""
    file.write_bytes(orjson.dumps({"clock": clock, "postings": postings, "addresses": addresses, "home": home}))


def read_postings(file: Path) -> list[Posting]:
    """Read `keep_postings` again."""
    return [Posting(*row) for row in orjson.loads(file.read_bytes())]


def _say(line: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def main(arguments: Sequence[str]) -> None:
    """`python -m lachan.sandbox.switch --config FILE`: a line of JSON for each run that is booked."""
    config = orjson.loads(Path(arguments[arguments.index("--config") + 1]).read_bytes())
    clock = clock_from_text(config["clock"])
    if not isinstance(clock, SimulatedClock):
        raise SystemExit("the switch needs a simulated clock")
    switch = Switch(read_postings(Path(config["postings"])), config["addresses"], config["home"], StoryClock(clock))

    def booked(run: RunBooked) -> None:
        _say(
            {
                "run": run.run,
                "runs": run.runs,
                "through_us": run.through_us,
                "failed": run.failed,
                "cpu_s": round(time.process_time(), 3),
            }
        )

    asyncio.run(switch.release_all(booked))


if __name__ == "__main__":
    main(sys.argv)
