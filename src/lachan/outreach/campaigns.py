"""Campaigns: for whom, by which channels, from when to when; and what each use of a text reached."""

from typing import Any

from lachan.foundation.access import AccessReason, Permission, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, new_id, new_reference_code
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.taxonomy import (
    outreach_audience,
    outreach_channel,
    reach_source,
    scam_form,
    vietnam_date,
)
from lachan.foundation.trail import append
from lachan.outreach import store
from lachan.outreach.actions import known
from lachan.outreach.model import SHOWN, Campaign, CampaignDraft, OutreachReason, Reach, ReachDraft
from lachan.outreach.stepping import check_version
from lachan.outreach.tables import campaign, reach

_PEOPLE_MOST = 110_000_000
_TIMES_MOST = 100_000
_SECONDS_MOST = 86_400


def open_campaign(unit: Unit, draft: CampaignDraft) -> Campaign:
    """Begin a campaign of the actor's own agency."""
    require(unit.actor, Permission.OUTREACH_WRITE)
    if unit.actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY, permission=Permission.OUTREACH_WRITE.value)
    values = _checked(unit, draft)
    row = add_row(
        unit.conn, campaign,
        {
            "id": new_id(), "code": new_reference_code("CD"), "agency_id": unit.actor.agency_id,
            "made_by": unit.actor.reference, "made_at": unit.now, "version": 1, **values,
        },
    )  # fmt: skip
    return _noted(unit, store.campaign_from_row(row), "outreach.campaign_opened")


def change_campaign(unit: Unit, code: str, draft: CampaignDraft, version: int | None = None) -> Campaign:
    """Another plan for a campaign that goes on. Pieces that exist stay, whether they are planned or not."""
    kept = _mine(unit, code)
    check_version(kept, version)
    row = change_row(unit.conn, campaign, kept.id, {**_checked(unit, draft), "version": kept.version + 1})
    return _noted(unit, store.campaign_from_row(row), "outreach.campaign_changed")


def close_campaign(unit: Unit, code: str) -> Campaign:
    """The campaign is over: no new pieces. What is public stays public, and uses are still recorded."""
    kept = _mine(unit, code)
    row = change_row(unit.conn, campaign, kept.id, {"closed_at": unit.now, "version": kept.version + 1})
    return _noted(unit, store.campaign_from_row(row), "outreach.campaign_closed")


def record_reach(unit: Unit, code: str, draft: ReachDraft, corrects: str | None = None) -> Reach:
    """Record one use of a published text, by any agency that used it. `corrects`: the own record that was wrong.

    Sums count each use once: a corrected record stays in sight and out of the sums.
    """
    require(unit.actor, Permission.OUTREACH_REACH)
    kept = store.item_by_code(unit.conn, code, lock=True)
    if kept.state not in SHOWN or kept.published_at is None:
        raise Conflict(OutreachReason.NOT_PUBLISHED)
    airs = outreach_channel(kept.channel, unit.now).airs
    _check_reach(unit, draft, airs)
    # People type minutes.
    if draft.used_at < kept.published_at.replace(second=0, microsecond=0):
        raise BadInput(InputReason.TOO_OLD, field="used_at", limit=kept.published_at.isoformat())
    reach_id = new_id()
    rows = [("outreach_reach", reach_id)]
    if corrects is not None:
        earlier = next((one for one in store.reaches_of(unit.conn, [kept.id]) if one.id == corrects), None)
        if earlier is None or earlier.corrected_by is not None or earlier.agency_id != unit.actor.agency_id:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="corrects", value="")
        change_row(unit.conn, reach, earlier.id, {"corrected_by": reach_id})
        rows.append(("outreach_reach", earlier.id))
    row = add_row(
        unit.conn, reach,
        {
            "id": reach_id, "item_id": kept.id, "agency_id": unit.actor.agency_id, "used_at": draft.used_at,
            "people": draft.people, "source": draft.source,
            "stated_by": clean_text(draft.stated_by, "stated_by"),
            "evidence": clean_text(draft.evidence, "evidence", at_least=0, limit=500), "times": draft.times,
            "seconds": draft.seconds if airs else None,
            "place": clean_text(draft.place, "place", at_least=0), "made_by": unit.actor.reference,
            "made_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "outreach.reached", f"outreach:{kept.id}",
        {
            "code": kept.code, "channel": kept.channel, "audience": kept.audience, "campaign": kept.campaign_id,
            "people": draft.people, "times": draft.times, "seconds": draft.seconds, "source": draft.source,
            "corrects": corrects,
        },
        rows=rows, happened_at=draft.used_at,
    )  # fmt: skip
    return store.reach_from_row(row)


def _check_reach(unit: Unit, draft: ReachDraft, airs: bool) -> None:
    known("source", draft.source, lambda: reach_source(draft.source, unit.now))
    if draft.used_at > unit.now:
        raise BadInput(InputReason.IN_THE_FUTURE, field="used_at")
    for name, value, least, most in (
        ("people", draft.people, 0, _PEOPLE_MOST), ("times", draft.times, 1, _TIMES_MOST),
        ("seconds", draft.seconds if draft.seconds is not None else 1, 1, _SECONDS_MOST),
    ):  # fmt: skip
        if value < least:
            raise BadInput(InputReason.NOT_POSITIVE, field=name)
        if value > most:
            raise BadInput(InputReason.TOO_LARGE, field=name, limit=most)
    if airs and draft.seconds is None:
        raise BadInput(InputReason.MISSING, field="seconds")


def _mine(unit: Unit, code: str) -> Campaign:
    kept = store.campaign_by_code(unit.conn, code, lock=True)
    require(unit.actor, Permission.OUTREACH_WRITE, kept.agency_id)
    if kept.closed_at is not None:
        raise Conflict(OutreachReason.CAMPAIGN_CLOSED)
    return kept


def _checked(unit: Unit, draft: CampaignDraft) -> dict[str, Any]:
    if draft.ends_on < draft.starts_on or draft.ends_on < vietnam_date(unit.now):
        raise BadInput(OutreachReason.CAMPAIGN_ENDS_FIRST, field="ends_on")
    if not draft.cells:
        raise BadInput(InputReason.MISSING, field="cells")
    for audience, channel in draft.cells:
        known("cells", audience, lambda audience=audience: outreach_audience(audience, unit.now))  # type: ignore[misc]
        known("cells", channel, lambda channel=channel: outreach_channel(channel, unit.now))  # type: ignore[misc]
    if (form := draft.scam_form) is not None:
        known("scam_form", form, lambda: scam_form(form, unit.now))
    return {
        "title": clean_text(draft.title, "title"), "aim": clean_text(draft.aim, "aim", limit=2_000),
        "scam_form": draft.scam_form, "starts_on": draft.starts_on.isoformat(),
        "ends_on": draft.ends_on.isoformat(),
        "cells": sorted(map(list, set(draft.cells))),
    }  # fmt: skip


def _noted(unit: Unit, one: Campaign, fact: str) -> Campaign:
    append(
        unit, fact, f"campaign:{one.id}",
        {
            "code": one.code, "form": one.scam_form, "starts_on": one.starts_on.isoformat(),
            "ends_on": one.ends_on.isoformat(), "cells": [list(cell) for cell in one.cells],
        },
        rows=[("outreach_campaign", one.id)],
    )  # fmt: skip
    return one
