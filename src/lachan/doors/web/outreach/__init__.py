"""Staff pages of communication: what waits, one text and its editor, campaigns, the library of methods."""

from fastapi import APIRouter

from lachan.doors.web.outreach import campaigns, editor, library, listing, one, reach

router = APIRouter()
# Fixed addresses stand before those with a code in them.
for module in (listing, editor, campaigns, library, reach, one):
    router.include_router(module.router)

__all__ = ["router"]
