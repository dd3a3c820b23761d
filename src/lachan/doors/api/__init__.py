"""The API door: JSON over HTTP, problems as RFC 9457."""

from lachan.doors.api.app import create_app

__all__ = ["create_app"]
