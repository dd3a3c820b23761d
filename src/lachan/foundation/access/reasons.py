"""Why somebody may not do something, or may not sign in. Each has a sentence in `languages/*/access.yaml`."""

from lachan.foundation.base import Reason


class AccessReason(Reason):
    """Named refusals of access."""

    NOT_SIGNED_IN = "not_signed_in"
    NOT_PERMITTED = "not_permitted"
    OTHER_AGENCY = "other_agency"
    NO_AGENCY = "belongs_to_no_agency"
    SAME_PERSON = "maker_is_checker"
    PURPOSE_NEEDED = "purpose_needed"
    WRONG_CREDENTIALS = "wrong_credentials"
    LOCKED_OUT = "locked_out"
    WRONG_CODE = "wrong_code"
    CODE_USED = "code_used"
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 (a reason, not a password)
    SAME_PASSWORD = "same_password"  # noqa: S105
    FORM_EXPIRED = "form_expired"
    DEMO_ONLY = "demo_only"
    LINK_EXPIRED = "link_expired"
    NAME_TAKEN = "sign_in_name_taken"
    CODE_TAKEN = "institution_code_taken"
    AGENCY_ENDED = "agency_ended"
    NO_SUCH_AGENCY = "no_such_agency"
    SEVERAL_AGENCIES = "several_agencies"
    SUCCESSOR_CIRCLE = "successor_circle"
    ROLE_HELD = "role_already_held"
    WRONG_STATE = "step_not_possible"
    INVALID_CLIENT = "invalid_client"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TOKEN = "invalid_token"  # noqa: S105
    SECRET_MISSING = "instance_secret_missing"  # noqa: S105
    PERIOD_REVERSED = "period_reversed"
    SHIFT_OVERLAPS = "shift_overlaps"
    ADMINISTRATOR_AT_CONSOLE = "administrator_at_console"
    ONLY_ADMINISTRATOR = "only_administrator"
    CANNOT_APPROVE = "cannot_approve"
