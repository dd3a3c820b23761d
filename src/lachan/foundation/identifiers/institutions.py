"""Banks and wallets by BIN, SWIFT code, name, short name and nickname.

The bundled table is Vietnam's. A deployment or a sandbox adds its own with a YAML or JSON file:

    banks:
      - {bin: "999001", code: SHB1, short_name: Sông Hồng, name: Ngân hàng Sông Hồng, swift: SOHOVNVX,
         aliases: [song hong bank]}
    wallets:
      - {provider: lua, name: Ví Lúa, aliases: [vi lua]}

`load_institutions(path)` gives a new registry; `use_institutions(registry)` makes it the process's own,
once, at the start.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers.model import IdentifierReason
from lachan.foundation.identifiers.text import fold, squeeze

_BIN = re.compile(r"[0-9]{6}")
_SWIFT = re.compile(r"([A-Z]{6}[A-Z0-9]{2})(?:[A-Z0-9]{3})?")
_PREFIXES = ("nganhangtmcp", "nganhangtnhhmtv", "nganhang", "nhtmcp", "nh", "bank")


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank, or another institution that holds accounts with a NAPAS BIN. `aliases` are squeezed names."""

    bin: str
    code: str
    short_name: str
    name: str
    swift: str = ""
    aliases: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Everything it is called, squeezed."""
        own = (squeeze(self.code), squeeze(self.short_name), squeeze(self.name))
        return tuple(dict.fromkeys(name for name in (*own, *self.aliases) if len(name) > 1))


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet provider whose accounts are phone numbers."""

    provider: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Institutions:
    """An immutable registry of banks and wallets."""

    banks: tuple[Institution, ...]
    wallets: tuple[Wallet, ...]
    weak: frozenset[str] = frozenset()
    _by_bin: Mapping[str, Institution] = field(init=False, repr=False, compare=False)
    _by_name: Mapping[str, Institution] = field(init=False, repr=False, compare=False)
    _by_wallet: Mapping[str, Wallet] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, Institution] = {}
        # A bank's own code and short name win over another's nickname (BVB: Bản Việt, not Bảo Việt).
        for rank in range(3):
            for bank in self.banks:
                ranked = (
                    (squeeze(bank.code), squeeze(bank.short_name)),
                    bank.names(),
                    (squeeze(bank.swift),),
                )
                for name in ranked[rank]:
                    if name:
                        by_name.setdefault(name, bank)
        wallets = {alias: wallet for wallet in self.wallets for alias in (*wallet.aliases, wallet.provider)}
        object.__setattr__(self, "_by_bin", {bank.bin: bank for bank in self.banks})
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_wallet", wallets)

    def bank(self, text: str) -> Institution | None:
        """By BIN, SWIFT code, name, short name or nickname, with or without diacritics."""
        text = text.strip()
        if _BIN.fullmatch(text):
            return self._by_bin.get(text)
        if (swift := _SWIFT.fullmatch(text.upper())) and (found := self._by_name.get(swift[1].lower())):
            return found
        name = squeeze(text)
        for prefix in ("", *_PREFIXES):
            if name.startswith(prefix) and (found := self._by_name.get(name.removeprefix(prefix))):
                return found
        return self._by_name.get(name.removesuffix("bank")) if name.endswith("bank") else None

    def wallet(self, text: str) -> Wallet | None:
        """By provider code or name."""
        name = squeeze(text)
        return self._by_wallet.get(name) or self._by_wallet.get(name.removeprefix("vi"))

    def search(self, text: str) -> list[Institution]:
        """Banks whose names hold `text`, best first; without diacritics, for a list that is typed into."""
        wanted = squeeze(text)
        if not wanted:
            return list(self.banks)
        scored = []
        for order, bank in enumerate(self.banks):
            names = (*bank.names(), bank.bin, squeeze(bank.swift))
            hits = [name for name in names if wanted in name]
            if hits:
                rank = min(0 if name == wanted else 1 if name.startswith(wanted) else 2 for name in hits)
                scored.append((rank, order, bank))
        return [bank for _, _, bank in sorted(scored, key=lambda item: item[:2])]

    def mention_names(self) -> Mapping[str, Institution]:
        """Squeezed name → bank: what the reader of free text looks for."""
        return self._by_name

    def wallet_names(self) -> Mapping[str, Wallet]:
        """Squeezed name → wallet."""
        return self._by_wallet

    def extended(self, banks: Iterable[Institution], wallets: Iterable[Wallet] = ()) -> "Institutions":
        """A new registry with more institutions; a BIN, code or provider that is taken is refused."""
        added, more_wallets = tuple(banks), tuple(wallets)
        bins = set(self._by_bin)
        names = {squeeze(bank.code) for bank in self.banks}
        for bank in added:
            if bank.bin in bins or squeeze(bank.code) in names:
                raise BadInput(IdentifierReason.INSTITUTION_KNOWN, field="bin", value=bank.bin)
            bins.add(bank.bin)
            names.add(squeeze(bank.code))
        for wallet in more_wallets:
            if wallet.provider in self._by_wallet:
                raise BadInput(IdentifierReason.INSTITUTION_KNOWN, field="provider", value=wallet.provider)
        return Institutions(self.banks + added, self.wallets + more_wallets, self.weak)


def data_rows(name: str) -> list[dict[str, str]]:
    """A bundled CSV table."""
    text = resources.files("lachan.foundation.identifiers").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def data_patterns(name: str) -> dict[str, list[str]]:
    """A bundled YAML file of patterns by name."""
    text = resources.files("lachan.foundation.identifiers").joinpath("data", name).read_text(encoding="utf-8")
    patterns: dict[str, list[str]] = yaml.safe_load(text)
    return patterns


@cache
def bundled_institutions() -> Institutions:
    """Vietnam's banks and wallets, as bundled. Two rows with one BIN are one bank and its former name."""
    folder = resources.files("lachan.foundation.identifiers").joinpath("data")
    more = yaml.safe_load(folder.joinpath("institutions_more.yaml").read_text(encoding="utf-8"))
    nicknames: dict[str, list[str]] = more["aliases"]
    rows = [row for row in data_rows("banks.csv") if _BIN.fullmatch(row["bin"])]
    rows.sort(key=lambda row: (row["deprecated"] == "1", row["key"] == "dongabank"))
    banks: dict[str, Institution] = {}
    for row in rows:
        aliases = [squeeze(word) for word in (*row["keywords"].split(","), row["key"])]
        if row["bin"] in banks:
            successor = banks[row["bin"]]
            former = (*aliases, squeeze(row["code"]), squeeze(row["short_name"]), squeeze(row["name"]))
            banks[row["bin"]] = Institution(
                successor.bin, successor.code, successor.short_name, successor.name, successor.swift,
                tuple(dict.fromkeys((*successor.aliases, *filter(None, former)))),
            )  # fmt: skip
            continue
        aliases += nicknames.get(row["bin"], [])
        aliases += [squeeze(row["name"]).removeprefix(prefix) for prefix in _PREFIXES[:2]]
        banks[row["bin"]] = Institution(
            row["bin"], row["code"], row["short_name"], row["name"], row["swift"],
            tuple(dict.fromkeys(filter(None, aliases))),
        )  # fmt: skip
    ordered = sorted(banks.values(), key=lambda bank: fold(bank.short_name))
    wallets = tuple(_wallet(row) for row in more["wallets"])
    base = Institutions(tuple(ordered), wallets, frozenset(more["weak"]))
    return base.extended(_bank(row) for row in more["banks"])


def load_institutions(path: Path, *, base: Institutions | None = None) -> Institutions:
    """The bundled registry (or `base`) and the institutions of a YAML or JSON file; see the module's head."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=path.name, expected="YAML, JSON") from error
    if not isinstance(content, Mapping):
        raise BadInput(InputReason.UNREADABLE_FILE, field=path.name, expected="banks: […], wallets: […]")
    banks = [_bank(row) for row in content.get("banks") or ()]
    wallets = [_wallet(row) for row in content.get("wallets") or ()]
    return (base or bundled_institutions()).extended(banks, wallets)


def _text(row: object, name: str, *, default: str | None = None) -> str:
    value = row.get(name, default) if isinstance(row, Mapping) else None
    if value is None or not str(value).strip():
        if default is not None:
            return default
        raise BadInput(InputReason.MISSING, field=name)
    return str(value).strip()


def _aliases(row: object) -> tuple[str, ...]:
    words = row.get("aliases") if isinstance(row, Mapping) else None
    return tuple(dict.fromkeys(filter(None, (squeeze(str(word)) for word in words or ()))))


def _bank(row: object) -> Institution:
    bin_ = _text(row, "bin")
    if not _BIN.fullmatch(bin_):
        raise BadInput(InputReason.MALFORMED, field="bin", expected="999001")
    short_name = _text(row, "short_name")
    return Institution(
        bin_, _text(row, "code"), short_name, _text(row, "name", default=short_name),
        _text(row, "swift", default=""), _aliases(row),
    )  # fmt: skip


def _wallet(row: object) -> Wallet:
    provider = _text(row, "provider")
    return Wallet(provider, _text(row, "name"), _aliases(row))


_current: Institutions | None = None


def institutions() -> Institutions:
    """The process's registry: the bundled one unless `use_institutions` set another at the start."""
    return _current or bundled_institutions()


def use_institutions(registry: Institutions | None) -> None:
    """Set the process's registry once, at the start; None returns to the bundled one."""
    global _current
    _current = registry


def find_bank(name_or_bin_or_swift: str) -> Institution | None:
    """The bank of this BIN, SWIFT code, name, short name or nickname."""
    return institutions().bank(name_or_bin_or_swift)


def all_banks(search: str = "") -> list[Institution]:
    """All banks by short name, or those whose names hold `search`, best first."""
    return institutions().search(search)


def all_wallets() -> list[Wallet]:
    """All wallet providers."""
    return list(institutions().wallets)
