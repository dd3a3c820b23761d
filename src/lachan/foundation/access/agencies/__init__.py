"""Bodies of the state and institutions, with the days they exist and who takes over their work."""

from lachan.foundation.access.agencies.actions import (
    add_agency,
    end_agency,
    rename_agency,
    set_codes,
    set_phone,
    set_place,
)
from lachan.foundation.access.agencies.model import Agency, AgencyDraft
from lachan.foundation.access.agencies.views import (
    agencies,
    agencies_like,
    agency,
    agency_by_code,
    agency_called,
    agency_id_by_code,
    agency_names,
    agency_on,
    desk_of_province,
    institution_for_account,
    unlike_names,
    works_for,
)

__all__ = [
    "Agency",
    "AgencyDraft",
    "add_agency",
    "agencies",
    "agencies_like",
    "agency",
    "agency_by_code",
    "agency_called",
    "agency_id_by_code",
    "agency_names",
    "agency_on",
    "desk_of_province",
    "end_agency",
    "institution_for_account",
    "rename_agency",
    "set_codes",
    "set_phone",
    "set_place",
    "unlike_names",
    "works_for",
]
