"""Who may hold money, on what basis, until when."""

from datetime import date, datetime

from lachan.foundation.base import BadInput, NotFound
from lachan.foundation.taxonomy.clocks import clock
from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import HoldStep, LegalBasis, TaxonomyReason


def hold_ladder(on: date | datetime) -> tuple[HoldStep, ...]:
    """The steps in force on that day, weakest first."""
    return tuple(sorted(current(load("hold_ladder", HoldStep), on), key=lambda row: row.step))


def hold_step(step: int, on: date | datetime) -> HoldStep:
    """One step of the ladder as it stands on that day.

    Raises:
        NotFound: `taxonomy_code_unknown`.
    """
    for row in hold_ladder(on):
        if row.step == step:
            return row
    raise NotFound(TaxonomyReason.CODE_UNKNOWN, field="step", code=str(step))


def legal_basis(code: str, on: date | datetime) -> LegalBasis:
    """The legal basis of that code, if it is in force on that day.

    Raises:
        NotFound: `taxonomy_code_unknown` or `taxonomy_not_in_force`.
    """
    return find(load("legal_bases", LegalBasis), code, on)


def legal_bases(on: date | datetime, *, step: int | None = None) -> tuple[LegalBasis, ...]:
    """The legal bases in force on that day; with `step`, only those on which such a hold may rest."""
    rows = current(load("legal_bases", LegalBasis), on)
    return rows if step is None else tuple(row for row in rows if step in row.steps)


def hold_expires_at(step: int, basis: str, placed_at: datetime) -> datetime | None:
    """When a hold ends by itself: the step's expiry or the basis's own limit, whichever is earlier.

    None for steps 3–4, which end by their term or their issuer's act.

    Raises:
        BadInput: `legal_basis_not_for_step`.
        NotFound: the step or the basis is unknown or not in force on that day.
    """
    row = hold_step(step, placed_at)
    _supported(step, basis, placed_at)
    if row.expiry_clock is None:
        return None
    expiry = clock(row.expiry_clock, placed_at).deadline(placed_at)
    limit = hold_limit_at(step, basis, placed_at)
    return expiry if limit is None else min(expiry, limit)


def hold_limit_at(step: int, basis: str, placed_at: datetime) -> datetime | None:
    """The instant that no extension passes: the basis's own limit; None where it sets none.

    Raises:
        BadInput: `legal_basis_not_for_step`.
        NotFound: the basis is unknown or not in force on that day.
    """
    limit_clock = _supported(step, basis, placed_at).limit_clock
    return None if limit_clock is None else clock(limit_clock, placed_at).deadline(placed_at)


def _supported(step: int, basis: str, on: datetime) -> LegalBasis:
    row = legal_basis(basis, on)
    if step not in row.steps:
        raise BadInput(TaxonomyReason.BASIS_NOT_FOR_STEP, field="legal_basis", basis=basis, step=step)
    return row
