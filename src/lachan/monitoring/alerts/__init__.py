"""Alerts as work for people: recorded once, looked at in time, signed by one and approved by another.

An alert is one sentence that an officer can sign and the transfers that show it. Nothing follows from it by itself.
"""

from lachan.monitoring.alerts.finding import found_alerts, institution_of, sighting_id
from lachan.monitoring.alerts.model import (
    ALERT_NEXT,
    Alert,
    AlertReason,
    AlertState,
    FoundAlert,
    Recorded,
    ShownTransfer,
    Sighting,
    Step,
    Suppression,
)
from lachan.monitoring.alerts.recording import record_alerts

__all__ = [
    "ALERT_NEXT",
    "Alert",
    "AlertReason",
    "AlertState",
    "FoundAlert",
    "Recorded",
    "ShownTransfer",
    "Sighting",
    "Step",
    "Suppression",
    "found_alerts",
    "institution_of",
    "record_alerts",
    "sighting_id",
]
