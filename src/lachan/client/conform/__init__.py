"""Does an institution's end point keep the protocol? `lachan conform` names each rule that it breaks."""

from lachan.client.conform.model import Finding, Fixture, Outcome, Report, Rule
from lachan.client.conform.run import run_conformance
from lachan.client.conform.session import INSTANCE, Patience

__all__ = [
    "INSTANCE",
    "Finding",
    "Fixture",
    "Outcome",
    "Patience",
    "Report",
    "Rule",
    "run_conformance",
]
