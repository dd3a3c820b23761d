"""Lists of millions come in: incremental, resumable, one fact a chunk with the Merkle root of its claims."""

from lachan.registry.importing.model import ImportResult, Progress, Rejected
from lachan.registry.importing.run import import_file, preview_file

__all__ = ["ImportResult", "Progress", "Rejected", "import_file", "preview_file"]
