"""Why a document cannot be read as a plan."""

from lachan.foundation.base import Reason


class ReadingReason(Reason):
    """Refusals of `read_plan`; each is said in plain words in both languages."""

    EMPTY = "plan_file_empty"
    TOO_LARGE = "plan_file_too_large"
    UNPACKS_TOO_LARGE = "plan_file_unpacks_too_large"
    UNKNOWN_FILE = "plan_file_unknown"
    WRONG_EXTENSION = "plan_file_wrong_extension"
    NOT_UTF8 = "plan_text_not_utf8"
    OLD_WORD = "plan_word_too_old"
    ENCRYPTED = "plan_file_encrypted"
    DAMAGED = "plan_file_damaged"
    SCANNED = "plan_pages_scanned"
    NO_CLAUSES = "plan_without_clauses"
