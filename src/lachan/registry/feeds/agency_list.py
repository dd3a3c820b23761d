"""An agency's own list, in the columns of `claims`. An edition is complete for its agency."""

from lachan.registry.feeds import claims
from lachan.registry.feeds.model import Feed

FEED = Feed("agency_list", claims.read)
