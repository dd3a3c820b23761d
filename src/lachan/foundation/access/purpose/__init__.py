"""A purpose is asked and logged before personal data is shown; everything else is masked."""

from lachan.foundation.access.purpose.actions import grant_view
from lachan.foundation.access.purpose.model import Look, Purpose
from lachan.foundation.access.purpose.rules import mask_name, mask_text
from lachan.foundation.access.purpose.views import looks, may_see_personal, require_view

__all__ = [
    "Look", "Purpose", "grant_view", "looks", "mask_name", "mask_text", "may_see_personal", "require_view",
]  # fmt: skip
