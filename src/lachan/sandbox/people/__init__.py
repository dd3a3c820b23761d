"""`lachan simulate`: a province with people, money and scam gangs, and the whole truth about them in files."""

from lachan.sandbox.people.manifest import Made
from lachan.sandbox.people.model import DAYS_MAX, PEOPLE_MAX, Plan, SimulationReason
from lachan.sandbox.people.run import Province, check_plan, found_province, ordered_days, simulate

__all__ = [
    "DAYS_MAX",
    "PEOPLE_MAX",
    "Made",
    "Plan",
    "Province",
    "SimulationReason",
    "check_plan",
    "found_province",
    "ordered_days",
    "simulate",
]
