"""Agencies: bodies of the state and institutions, each with its time of existence and its successor."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AgencyDraft:
    """What is needed to record an agency. `kind` is a code of the taxonomy; `codes` are BINs or provider names.

    `place` is its seat as letters name it before the date: the province or city, for a commune's body the commune.
    `phone` is answered at any hour: what the desk calls when no message reaches an institution.
    """

    kind: str
    name: str
    short_name: str
    valid_from: date
    valid_to: date | None = None
    parent_id: str | None = None
    province_code: str | None = None
    commune_code: str | None = None
    codes: tuple[str, ...] = ()
    place: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Agency:
    """One body. `valid_to` is its last day; its work passes to `successor_id` on the day after."""

    id: str
    kind: str
    name: str
    short_name: str
    parent_id: str | None
    province_code: str | None
    commune_code: str | None
    valid_from: date
    valid_to: date | None
    successor_id: str | None
    codes: tuple[str, ...]
    place: str
    phone: str

    def exists_on(self, day: date) -> bool:
        """Whether the body exists on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
