"""One invented institution as a process of its own: a balance book, a temper, and the open protocol's client."""

from lachan.sandbox.institution.config import InstitutionConfig, read_config, write_config
from lachan.sandbox.institution.counter import Counter

__all__ = ["Counter", "InstitutionConfig", "read_config", "write_config"]
