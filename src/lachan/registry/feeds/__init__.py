"""Feeds in files, one module each: a new feed is a new file and a line here."""

from collections.abc import Mapping

from lachan.registry.feeds import agency_list, bank_monthly, chongluadao, claims, hostsvn, openphish, telecom
from lachan.registry.feeds.model import Feed, Refusal, Row

FEEDS: Mapping[str, Feed] = {
    module.FEED.name: module.FEED
    for module in (chongluadao, hostsvn, openphish, claims, bank_monthly, telecom, agency_list)
}

__all__ = ["FEEDS", "Feed", "Refusal", "Row"]
