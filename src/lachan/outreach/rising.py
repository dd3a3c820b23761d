"""A rise in one form of report drafts a warning, with the figures behind it; people decide what becomes of it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, desk_of_province, require
from lachan.foundation.base import SYSTEM, Language, new_id, translate
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import (
    clock,
    end_of_day,
    modus_operandi,
    outreach_audiences,
    outreach_channel,
    scam_form,
    threshold,
    vietnam_date,
)
from lachan.foundation.trail import append
from lachan.intake import ReportStatus
from lachan.intake.tables import report
from lachan.outreach import rules, statistics, store
from lachan.outreach.actions import expire_items
from lachan.outreach.model import ItemDraft, ItemKind, Rise, Severity, Words
from lachan.outreach.stepping import begin

_WINDOW = timedelta(days=7)
_LASTS = timedelta(days=30)
# Told twice, or taken back: no report of its own.
_NOT_COUNTED = (ReportStatus.DUPLICATE.value, ReportStatus.WITHDRAWN.value)


def counts_by_form(conn: Connection, now: datetime) -> list[tuple[str, int, int]]:
    """Each form with its reports of the last 7 days and of the dated number of weeks before them."""
    begins = now - _WINDOW
    recent = sa.func.sum(sa.case((report.c.received_at > begins, 1), else_=0))
    query = (
        sa.select(report.c.scam_form, recent, sa.func.count())
        .where(
            report.c.received_at > begins - weeks_before(now) * _WINDOW, report.c.received_at <= now,
            report.c.scam_form.is_not(None), report.c.status.not_in(_NOT_COUNTED),
        )
        .group_by(report.c.scam_form)
        .order_by(report.c.scam_form)
    )  # fmt: skip
    return [(form, int(last), int(both) - int(last)) for form, last, both in conn.execute(query)]


def weeks_before(now: datetime) -> int:
    """How many earlier weeks say what is to be expected."""
    return threshold("rise_weeks", now).value


def rises(conn: Connection, now: datetime) -> list[Rise]:
    """The forms whose reports have risen, the least likely by chance first."""
    return rules.risen(counts_by_form(conn, now), weeks_before(now), now)


def look_for_rises(unit: Unit) -> int:
    """Draft a warning for each new rise, and end those that are over; returns how many were drafted.

    A rise lasts until its form is no longer clearly above what is expected, so that it is drafted once.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    living = store.living_rises(unit.conn)
    counts = counts_by_form(unit.conn, unit.now)
    weeks = weeks_before(unit.now)
    above = {form for form, recent, earlier in counts if rules.is_above(recent, earlier, weeks, unit.now)}
    for form in living.keys() - above:
        store.end_rise(unit.conn, living[form], unit.now)
        append(
            unit, "outreach.rise_ended", f"rise:{living[form]}", {"form": form},
            rows=[("outreach_rise", living[form])],
        )  # fmt: skip
    desk = desk_of_province(unit.conn, vietnam_date(unit.now))
    if desk is None:
        return 0
    found = [one for one in rules.risen(counts, weeks, unit.now) if one.scam_form not in living]
    return sum(_draft(unit, one, desk) for one in found)


def sweep(db: Database, now: datetime) -> int:
    """What time alone does: texts end, rises are drafted, a month that is over is counted; returns how many texts.

    Writes only where there is something to do.
    """
    with db.read() as conn:
        due = bool(store.due_items(conn, now))
        living = set(store.living_rises(conn))
        counts = counts_by_form(conn, now)
        weeks = weeks_before(now)
        month_over = statistics.is_due(conn, now)
    new = {one.scam_form for one in rules.risen(counts, weeks, now)} - living
    over = living - {form for form, recent, earlier in counts if rules.is_above(recent, earlier, weeks, now)}
    if not (due or new or over or month_over):
        return 0
    with db.unit(now, SYSTEM) as unit:
        statistics.close_months(unit)
        return expire_items(unit) + look_for_rises(unit)


def _draft(unit: Unit, found: Rise, desk: str) -> bool:
    rise_id = new_id()
    values = {"id": rise_id, "scam_form": found.scam_form, "item_id": "", "found_at": unit.now, "ended_at": None}
    if not store.begin_rise(unit.conn, values):
        return False
    made = begin(unit, _words_for(found, unit.now), desk, found)
    store.tie_rise(unit.conn, rise_id, made.id)
    append(
        unit, "outreach.rise_found", f"rise:{rise_id}",
        {
            "form": found.scam_form, "recent": found.recent, "earlier": found.earlier, "weeks": found.weeks,
            "one_in": found.one_in, "draft": made.code,
        },
        rows=[("outreach_rise", rise_id)],
    )  # fmt: skip
    return True


def _words_for(found: Rise, now: datetime) -> ItemDraft:
    """The library's own words about the form, and the figures; a person makes a warning of it."""
    longest = clock("public_warning_longest", now).deadline(now)
    lasts = min(end_of_day(vietnam_date(now + _LASTS)), longest)
    draft = ItemDraft(
        kind=ItemKind.WARNING, vi=_in(Language.VI, found, now), en=_in(Language.EN, found, now),
        audience=audience_of(found.scam_form, now), scam_form=found.scam_form, severity=Severity.SEVERE,
        expires_at=lasts,
    )  # fmt: skip
    rules.check_words(draft, outreach_channel(draft.channel, now))
    return draft


def _in(language: Language, found: Rise, now: datetime) -> Words:
    form, method = scam_form(found.scam_form, now), modus_operandi(found.scam_form, now)
    title = translate("outreach.rise_title", language, form=form.label(language))
    figures = translate("outreach.rise_text", language, count=found.recent)
    return Words(title, f"{method.label(language)} {figures}", method.signs(language), method.steps(language))


def audience_of(form: str, now: datetime) -> str:
    """Whom a form aims at first; everybody where it names nobody."""
    groups = scam_form(form, now).victim_groups
    if "anyone" in groups:
        return "everybody"
    others = [one for one in outreach_audiences(now) if one.code != "everybody"]
    return next((one.code for one in others if groups[0] in one.victim_groups), "everybody")
