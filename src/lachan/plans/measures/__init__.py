"""What the work shows of itself: named figures of the record, each with the records behind it."""

from lachan.plans.measures.catalogue import MEASURES, Measure, Unit
from lachan.plans.measures.views import Shown, of_period, shown_by, value_of

__all__ = ["MEASURES", "Measure", "Shown", "Unit", "of_period", "shown_by", "value_of"]
