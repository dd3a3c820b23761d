"""Pages for everybody: report, follow, ask by code, object. One module a page."""

from lachan.doors.web.public import appeal, check, home, listing, live, report, status, warnings

PAGES = (home, check, report, live, status, appeal, listing, warnings)

__all__ = ["PAGES"]
