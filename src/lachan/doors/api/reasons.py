"""Refusals that only HTTP knows. Each has a sentence in `languages/*/api.yaml`."""

from lachan.foundation.base import Reason


class ApiReason(Reason):
    """Why a request is refused before anybody looks at what it says."""

    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    MEDIA_TYPE = "media_type_not_taken"
    CONTENT_ENCODING = "content_encoding_not_taken"
    HEADER_TWICE = "header_twice"
    IF_MATCH_NEEDED = "if_match_needed"
    CHANGED_SINCE_READ = "changed_since_read"
    KEY_DIFFERS = "idempotency_key_differs"
    GRANT_TYPE = "grant_type_not_taken"
    RECORD_UNREACHABLE = "record_unreachable"
    OUR_MISTAKE = "our_mistake"
