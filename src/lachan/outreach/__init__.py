"""What people are told: warnings, campaigns, lessons, airtime; written by one person, approved by another.

A rise in one form of report drafts a warning. Nothing is public before a second person has approved its very words,
and what is taken back is taken back in the open.
"""

from lachan.outreach import public, statistics, views
from lachan.outreach.actions import (
    approve_item,
    change_item,
    draft_item,
    drop_item,
    expire_items,
    publish_item,
    retract_item,
    return_item,
    submit_item,
)
from lachan.outreach.campaigns import change_campaign, close_campaign, open_campaign, record_reach
from lachan.outreach.model import (
    ITEM_NEXT,
    SHOWN,
    Campaign,
    CampaignDraft,
    Item,
    ItemDraft,
    ItemKind,
    ItemState,
    ItemStep,
    OutreachReason,
    Reach,
    ReachDraft,
    Rise,
    Severity,
    Words,
)
from lachan.outreach.rising import look_for_rises, rises, sweep
from lachan.outreach.rules import Length, measured, syllables

__all__ = [
    "ITEM_NEXT",
    "SHOWN",
    "Campaign",
    "CampaignDraft",
    "Item",
    "ItemDraft",
    "ItemKind",
    "ItemState",
    "ItemStep",
    "Length",
    "OutreachReason",
    "Reach",
    "ReachDraft",
    "Rise",
    "Severity",
    "Words",
    "approve_item",
    "change_campaign",
    "change_item",
    "close_campaign",
    "draft_item",
    "drop_item",
    "expire_items",
    "look_for_rises",
    "measured",
    "open_campaign",
    "public",
    "publish_item",
    "record_reach",
    "retract_item",
    "return_item",
    "rises",
    "statistics",
    "submit_item",
    "sweep",
    "syllables",
    "views",
]
