"""From a file to a plan that can be kept: the draft, the document with its lines, and how its names are read."""

import importlib
from dataclasses import dataclass

from lachan.foundation.base import NotReady
from lachan.plans.kept.model import Document, PlanReason
from lachan.plans.kept.parties import Resolve
from lachan.plans.model import PlanDraft


@dataclass(frozen=True, slots=True)
class Found:
    """What was read in a file."""

    draft: PlanDraft
    document: Document
    resolve: Resolve


def read(content: bytes, name: str, media_type: str) -> Found:
    """Read a plan; what cannot be read is refused by the reader in its own words.

    Raises:
        NotReady: NO_READER where this build reads no documents.
    """
    try:
        reading = importlib.import_module("lachan.plans.reading")
    except ImportError as error:
        raise NotReady(PlanReason.NO_READER) from error
    draft: PlanDraft = reading.read_plan(content, name)
    return Found(draft, Document(name, media_type or "application/octet-stream", content), reading.resolve)
