"""The whole page from one record."""

from lachan.foundation.access import Permission, may
from lachan.response.shapes import GoldenHourPage
from lachan.response.views.bars import bar_of
from lachan.response.views.golden_hour.graph import flow_graph
from lachan.response.views.golden_hour.header import header
from lachan.response.views.golden_hour.holds import hold_rows, resting
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.golden_hour.steps import asking, decisions, next_steps
from lachan.response.views.golden_hour.stream import sealed_up_to, stream


def golden_hour_page(record: Record) -> GoldenHourPage:
    """Everything on the page; each part is also sent alone when it changes."""
    return GoldenHourPage(
        header=header(record),
        bar=bar_of(record.trace.sum),
        losses=len([loss for loss in record.report.losses if loss.duplicate_of is None]),
        graph=flow_graph(record),
        holds=hold_rows(record),
        next_steps=next_steps(record),
        asking=asking(record),
        decisions=decisions(record),
        stream=stream(record),
        sealed=sealed_up_to(record),
        events_href=f"/trace/{record.trace.code}/events",
        money_href=_money_href(record),
        rests=resting(record),
    )


def _money_href(record: Record) -> str | None:
    allowed = may(record.actor, Permission.REPORT_READ_PERSONAL, record.trace.desk_id)
    return f"/trace/{record.trace.code}/money" if allowed else None
