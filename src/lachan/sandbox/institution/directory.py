"""Who keeps which account, and who holds it: what every institution can look up when money leaves for another."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from lachan.foundation.protocol import Payee
from lachan.sandbox.province import Province


@dataclass(frozen=True, slots=True)
class Directory:
    """`entries` are (institution, holder) by account key."""

    entries: Mapping[str, tuple[str, str]]

    def payee(self, account: str) -> Payee:
        """The account as the receiver of a debit."""
        institution, holder = self.entries[account]
        return Payee(institution=institution, account=account, name=holder)


def write_directory(file: Path, province: Province) -> None:
    """One file for all institutions of the province."""
    file.write_bytes(
        orjson.dumps({key: (account.institution, account.holder) for key, account in province.accounts.items()})
    )


def read_directory(file: Path) -> Directory:
    """Read `write_directory` again."""
    return Directory({key: (code, holder) for key, (code, holder) in orjson.loads(file.read_bytes()).items()})
