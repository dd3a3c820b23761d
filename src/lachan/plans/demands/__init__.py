"""The 103 demands of the two source plans: where each is done, by whom, and what shows it."""

from lachan.plans.demands.catalogue import CAPABILITIES, DEMANDS, Demand, Standing, demand, suggest

__all__ = ["CAPABILITIES", "DEMANDS", "Demand", "Standing", "demand", "suggest"]
