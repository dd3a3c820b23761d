"""The golden hour: everything one trace's live page shows."""

from lachan.response.views.golden_hour.load import Record, load, trace_by_code, trace_version
from lachan.response.views.golden_hour.page import golden_hour_page

__all__ = ["Record", "golden_hour_page", "load", "trace_by_code", "trace_version"]
