"""What the demo writes for each institution before it starts it: one JSON file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from lachan.foundation.base import BadInput, InputReason


@dataclass(frozen=True, slots=True)
class InstitutionConfig:
    """Everything one institution's process needs to know.

    `clock` is the shared text of `LACHAN_CLOCK`. `openings` is used when the book's file is new.
    `directory_file` names the receivers of debits. `center_url` is empty where the institution only keeps its
    book and speaks with nobody; keys are written `whsk_…` and `whpk_…`.
    """

    code: str
    name: str
    temper: str
    seed: int
    clock: str
    port: int
    book_file: str
    openings: Mapping[str, int]
    center_url: str = ""
    center_instance: str = ""
    directory_file: str = ""
    decided_by: str = ""
    client_id: str = ""
    client_secret: str = ""
    signing_key: str = ""
    center_public_keys: tuple[str, ...] = ()


def write_config(file: Path, config: InstitutionConfig) -> None:
    """Write the file, readable by its owner only, because it holds the institution's secrets."""
    file.touch(mode=0o600)
    file.write_bytes(orjson.dumps(asdict(config)))


def read_config(file: Path) -> InstitutionConfig:
    """Read the file; `BadInput` where it is not one."""
    try:
        fields: dict[str, Any] = orjson.loads(file.read_bytes())
        fields["center_public_keys"] = tuple(fields["center_public_keys"])
        return InstitutionConfig(**fields)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(
            InputReason.UNREADABLE_FILE, field="config", file=file.name, expected="an institution's JSON"
        ) from error
