"""Where a list goes on: sealed in the address, because it names an identifier that stands masked on the page."""

from lachan.doors.web.visit import Visit
from lachan.foundation.base import NotReady

_PLACE = "registry_place"
_TEXT_MAX = 5_000


def sealed_place(visit: Visit, place: str) -> str:
    """A place for an address."""
    return visit.services.secret.seal(_PLACE, place)


def read_place(visit: Visit, text: str) -> str:
    """The place again; none where it is not one of ours, or was cut off: the first page."""
    try:
        return visit.services.secret.unseal(_PLACE, text[:_TEXT_MAX]) if text else ""
    except NotReady:
        return ""
