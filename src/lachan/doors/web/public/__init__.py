"""Pages for everybody: report, follow, ask by code, object. One module a page."""

from lachan.doors.web.public import appeal, check, home, live, report, status

PAGES = (home, check, report, live, status, appeal)

__all__ = ["PAGES"]
