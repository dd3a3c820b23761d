"""Alerts as work for people: recorded once, looked at in time, signed by one and approved by another.

An alert is one sentence that an officer can sign and the transfers that show it. Nothing follows from it by itself.
"""

from lachan.monitoring.alerts import saying, views
from lachan.monitoring.alerts.actions import (
    approve,
    close,
    confirm,
    dismiss,
    end_suppression,
    give_back,
    propose,
    reject,
    suppress,
    suppress_kind,
    take,
)
from lachan.monitoring.alerts.erasing import forget_alerts
from lachan.monitoring.alerts.feedback import By, Precision, labels, precisions
from lachan.monitoring.alerts.finding import found_alerts, institution_of, sighting_id
from lachan.monitoring.alerts.lapsing import lapse, sweep_suppressions
from lachan.monitoring.alerts.model import (
    ALERT_NEXT,
    ENDED,
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
    "ENDED",
    "Alert",
    "AlertReason",
    "AlertState",
    "By",
    "FoundAlert",
    "Precision",
    "Recorded",
    "ShownTransfer",
    "Sighting",
    "Step",
    "Suppression",
    "approve",
    "close",
    "confirm",
    "dismiss",
    "end_suppression",
    "forget_alerts",
    "found_alerts",
    "give_back",
    "institution_of",
    "labels",
    "lapse",
    "precisions",
    "propose",
    "record_alerts",
    "reject",
    "saying",
    "sighting_id",
    "suppress",
    "suppress_kind",
    "sweep_suppressions",
    "take",
    "views",
]
