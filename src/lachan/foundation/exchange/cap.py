"""The Common Alerting Protocol 1.2 (OASIS, ITU-T X.1303): a warning, or the end of one, as XML.

Standard: https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml import etree

from lachan.foundation.base import VIETNAM

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
# Spaces, commas and angle brackets divide references (3.2.1): a name is made without them.
_DIVIDERS = str.maketrans({" ": "-", ",": "-", "<": "-", "&": "-", ">": "-"})


class CapStatus(StrEnum):
    """Whether people shall act on it."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"


class CapSeverity(StrEnum):
    """How grave it is."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapInfo:
    """What is said in one language (`vi-VN`, `en`)."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    sender_name: str
    area: str
    web: str
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapAlert:
    """One message. With `cancels` (identifier and time of the alert) it ends that one, and `note` says why."""

    identifier: str
    sender: str
    sent: datetime
    status: CapStatus
    severity: CapSeverity
    expires: datetime | None
    infos: tuple[CapInfo, ...]
    cancels: tuple[str, datetime] | None = None
    note: str = ""


def write_cap(alert: CapAlert) -> bytes:
    """The message as UTF-8 XML that the standard's schema takes."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    sender = cap_name(alert.sender)
    _add(root, "identifier", cap_name(alert.identifier))
    _add(root, "sender", sender)
    _add(root, "sent", cap_time(alert.sent))
    _add(root, "status", alert.status.value)
    _add(root, "msgType", "Cancel" if alert.cancels else "Alert")
    _add(root, "scope", "Public")
    if alert.note:
        _add(root, "note", alert.note)
    if alert.cancels:
        identifier, sent = alert.cancels
        _add(root, "references", f"{sender},{cap_name(identifier)},{cap_time(sent)}")
    for info in alert.infos:
        _add_info(root, alert, info)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def cap_name(text: str) -> str:
    """An identifier or sender without what divides references."""
    return text.translate(_DIVIDERS)


def cap_time(at: datetime) -> str:
    """`2026-11-23T09:41:07+07:00`: seconds and a zone, as the standard wants it (3.3.2)."""
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def _add_info(root: etree._Element, alert: CapAlert, info: CapInfo) -> None:
    node = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    over = alert.cancels is not None
    for name, value in (
        ("language", info.language), ("category", "Security"), ("event", info.event),
        ("responseType", "AllClear" if over else "Avoid"), ("urgency", "Past" if over else "Expected"),
        ("severity", alert.severity.value), ("certainty", "Observed"), ("audience", info.audience),
        ("expires", cap_time(alert.expires) if alert.expires else ""), ("senderName", info.sender_name),
        ("headline", info.headline), ("description", info.description), ("instruction", info.instruction),
        ("web", info.web),
    ):  # fmt: skip
        if value:
            _add(node, name, value)
    area = etree.SubElement(node, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", info.area)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text
