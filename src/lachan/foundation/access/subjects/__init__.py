"""What people ask about their own data: access, correction, erasure, objection, each with its deadline."""

from lachan.foundation.access.subjects.actions import (
    confirm_identity,
    grant_subject_request,
    receive_subject_request,
    refuse_subject_request,
    withdraw_subject_request,
)
from lachan.foundation.access.subjects.model import SubjectRequest, SubjectRequestKind, SubjectRequestState
from lachan.foundation.access.subjects.views import subject_request_status, subject_requests

__all__ = [
    "SubjectRequest",
    "SubjectRequestKind",
    "SubjectRequestState",
    "confirm_identity",
    "grant_subject_request",
    "receive_subject_request",
    "refuse_subject_request",
    "subject_request_status",
    "subject_requests",
    "withdraw_subject_request",
]
