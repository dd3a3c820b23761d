"""The ceiling: what lies in any account at the instant of the report is held. No way of working can know where.

It is no strategy and sits at no desk: the referee does it, so that readers see how much there was to save.
"""

from lachan.race.model import Report
from lachan.race.strategies import Hears
from lachan.race.world import World


def ceiling(world: World) -> Hears:
    """Hold everything at once, everywhere."""

    def hear(report: Report) -> None:
        world.hold_everywhere(report.loss)

    return hear
