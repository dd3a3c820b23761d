"""A whole province into a folder, day by day."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lachan.foundation.base import BadInput
from lachan.sandbox.people.balances import Balances
from lachan.sandbox.people.calendar import check_calendar
from lachan.sandbox.people.firms import found_firms
from lachan.sandbox.people.gangs import Book, run_gangs
from lachan.sandbox.people.holdings import hand_out
from lachan.sandbox.people.keys import Keys
from lachan.sandbox.people.life import Life, open_town
from lachan.sandbox.people.manifest import MANIFEST, Made, is_ours, write_manifest
from lachan.sandbox.people.model import (
    DAY_US,
    DAYS_MAX,
    PEOPLE_MAX,
    Firms,
    Flags,
    Holdings,
    Ints,
    People,
    Plan,
    Progress,
    SimulationReason,
    Transfers,
)
from lachan.sandbox.people.output import (
    TRANSFER_SELECT,
    transfer_columns,
    write_companies,
    write_contacts,
    write_holdings,
    write_people,
)
from lachan.sandbox.people.population import settle
from lachan.sandbox.people.signals import SELECT as SIGNALS_SELECT
from lachan.sandbox.people.signals import Signals
from lachan.sandbox.people.truth import write_chains, write_labels, write_scams
from lachan.sandbox.people.writing import Files

_MAKING = ".making"
_SEED_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Province:
    """All that there is before the first day, and what the gangs will do."""

    plan: Plan
    people: People
    firms: Firms
    holdings: Holdings
    book: Book
    keys: Keys
    life: Life


def simulate(folder: Path, plan: Plan, progress: Progress = lambda _step, _done, _all: None) -> Made:
    """Write the province to `folder`: made anew where an earlier one of ours stands there.

    The same plan gives the same bytes with the same versions of this program and its libraries.
    """
    check_plan(plan)
    making = claim(folder)
    files = Files(making)
    try:
        progress("people", 0, plan.days)
        province = found_province(plan)
        write_province(files, province, progress)
        made = write_manifest(making, plan, files.rows, province.book)
    finally:
        files.close()
    _publish(making, folder)
    return replace(made, folder=folder)


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be simulated; BadInput names the number."""
    for field, value, least, most in (
        ("people", plan.people, 1, PEOPLE_MAX), ("days", plan.days, 1, DAYS_MAX), ("seed", plan.seed, 0, _SEED_MAX),
    ):  # fmt: skip
        if not least <= value <= most:
            raise BadInput(SimulationReason.NUMBER_OUT_OF_RANGE, field=field, least=least, most=most)
    check_calendar(plan)


def claim(folder: Path) -> Path:
    """An empty folder inside `folder` to work in. BadInput where the folder holds what we did not make."""
    if folder.exists() and (not folder.is_dir() or not is_ours(folder)):
        others = not folder.is_dir() or any(each.name != _MAKING for each in folder.iterdir())
        if others:
            raise BadInput(SimulationReason.FOLDER_IN_USE, field=str(folder))
    making = folder / _MAKING
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(parents=True)
    except OSError as error:
        raise BadInput(SimulationReason.FOLDER_IN_USE, field=str(folder)) from error
    return making


def found_province(plan: Plan) -> Province:
    """People, firms, accounts, and all that the gangs do in the plan's days."""
    firms = found_firms(plan)
    people = settle(plan, firms)
    firms = replace(firms, representative=_representatives(plan, people, firms))
    holdings = hand_out(plan, people, firms)
    town = open_town(plan, people, firms, holdings)
    book = run_gangs(plan, people, firms, holdings, town)
    keys = Keys(plan, people, firms, holdings, book)
    return Province(plan, people, firms, holdings, book, keys, Life(plan, town))


def write_province(files: Files, province: Province, progress: Progress) -> None:
    """All files but the manifest."""
    plan, book, keys = province.plan, province.book, province.keys
    write_people(files, province.people, keys)
    write_holdings(files, province.holdings, book, keys)
    write_companies(files, province.firms, province.holdings, book, keys)
    balances = Balances(len(keys.accounts))
    ids = _write_days(files, province, balances, progress)
    progress("truth", plan.days, plan.days)
    files.write("balances", {"account": keys.accounts, "opening_vnd": balances.openings(plan, _firms(province))})
    write_scams(files, book, ids, keys)
    write_contacts(files, book, keys)
    write_chains(files, book, ids, keys, files.rows["transfers"])
    write_labels(files, book, province.firms, province.holdings, keys)


def _write_days(files: Files, province: Province, balances: Balances, progress: Progress) -> Ints:
    """transfers and signals.parquet; gives the id of each of the gangs' transfers."""
    plan, crimes = province.plan, province.book.columns()
    signals = Signals(plan, province.holdings, province.book, province.keys)
    ids = np.zeros(len(crimes), dtype=np.int64)
    first = 1
    for number in range(plan.days):
        progress("transfers", number, plan.days)
        day = _ordered(province, crimes, number)
        balances.book(day)
        files.part("transfers", number, transfer_columns(day, first, province.keys), TRANSFER_SELECT)
        files.part("signals", number, signals.columns(number, day, first), SIGNALS_SELECT)
        crime = np.flatnonzero(day.crime >= 0)
        ids[day.crime[crime]] = first + crime
        first += len(day)
    files.join("transfers", plan.days)
    files.join("signals", plan.days)
    return ids


def ordered_days(province: Province) -> tuple[Transfers, Ints]:
    """Every transfer in order, and the opening of each account: what the files would hold, in memory."""
    crimes, balances = province.book.columns(), Balances(len(province.keys.accounts))
    days = []
    for number in range(province.plan.days):
        days.append(_ordered(province, crimes, number))
        balances.book(days[-1])
    return Transfers.joined(days), balances.openings(province.plan, _firms(province))


def _ordered(province: Province, crimes: Transfers, number: int) -> Transfers:
    start_us = province.plan.start_us + number * DAY_US
    today = (crimes.time_us >= start_us) & (crimes.time_us < start_us + DAY_US)
    day = Transfers.joined([province.life.day(number), crimes.take(today)])
    return day.take(np.argsort(day.time_us, kind="stable"))


def _firms(province: Province) -> Flags:
    added = np.array([row.firm >= 0 for row in province.book.accounts], dtype=np.bool_)
    return np.concatenate([province.holdings.account_firm, added])


def _representatives(plan: Plan, people: People, firms: Firms) -> Ints:
    draw = plan.draw("representatives")
    grown = np.flatnonzero(plan.start.year - people.born >= 24)
    if not len(grown):
        grown = np.arange(len(people))
    return grown[draw.integers(0, len(grown), len(firms.tax_number))]


def _publish(making: Path, folder: Path) -> None:
    """Put the new files in the place of the old; the manifest comes last: it never speaks of what is not there."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder / "truth", ignore_errors=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    for name in sorted((each.name for each in making.iterdir()), key=lambda name: name == MANIFEST):
        (making / name).replace(folder / name)
    making.rmdir()
