"""Segments on disk: written once under another name, synced, renamed, and only then named by a manifest."""

import hashlib
import hmac
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import Conflict, NotReady
from lachan.foundation.base.mapped import file_of, map_file, sync_folder, write_file
from lachan.ledger.columns import NOWHERE
from lachan.ledger.edges import Edges
from lachan.ledger.model import LedgerReason
from lachan.ledger.segments.model import (
    Closed,
    Ids,
    Manifest,
    Reference,
    References,
    Segment,
    columns_from,
    id_arrays,
    reference_arrays,
)
from lachan.ledger.segments.references import segment_edges

FORMAT = 5
_LOCK = "LOCK"
_TYPES = {
    "booked_us": "<i8", "sequence": "<i8", "learned_us": "<i8", "payer": "<i4", "payee": "<i4", "amount_vnd": "<i8",
    "kind": "u1", "row": "<i8",
    "edges_out": "<i8", "edges_out_start": "<u4", "edges_in_start": "<u4", "edges_in_place": "<u4",
    "edges_heights": "<i8", "edges_lows": "<i8", "edges_paid": "<i8", "edges_block_keys": "<i8",
    "edges_block_outs": "<u4", "edges_block_most": "u1", "edges_hubs": "<i4",
    "edges_hub_blocks": "<i4", "edges_booked_low": "<u4", "edges_slabs": "<i4",
    "ids_text": "u1", "ids_ends": "<i8", "ids_marks": "<u4", "ids_order": "<i4",
    "about_place": "<i4", "about_undoes": "u1", "about_text": "u1", "about_ends": "<i8",
}  # fmt: skip


def write_segment(
    folder: Path,
    day: date,
    base: int,
    arrays: Mapping[str, NDArray[Any]],
    ids: Sequence[str],
    about: Sequence[Reference],
    accounts: int,
) -> Closed:
    """One day's transfers, in their order, as files; returns what a manifest says of them."""
    places = {one: place for place, one in enumerate(ids)} if about else {}
    edges = segment_edges(columns_from(arrays), about, lambda named: places.get(named, NOWHERE), accounts)
    everything = {
        **arrays,
        **{f"edges_{part}": array for part, array in edges.arrays.items()},
        **{f"ids_{name}": array for name, array in id_arrays(ids).items()},
        **{f"about_{name}": array for name, array in reference_arrays(about).items()},
    }
    name = f"segment-{day}-{secrets.token_hex(4)}"
    made = folder / f"new-{name}"
    made.mkdir()
    files = {each: write_file(made / each, everything[each].astype(kind).ravel()) for each, kind in _TYPES.items()}
    sync_folder(made)
    made.rename(folder / name)
    return Closed(day.isoformat(), name, base, len(ids), files)


def mapped(folder: Path, one: Closed) -> Segment:
    """The segment as arrays that are read as they are needed. NotReady where a file is gone or was cut."""
    found: dict[str, NDArray[Any]] = {}
    for name, kind in _TYPES.items():
        try:
            content = map_file(folder / one.name / name)
        except OSError as error:
            raise refused(f"{one.name}/{name}") from error
        if content.nbytes != one.files[name].bytes:
            raise refused(f"{one.name}/{name}")
        found[name] = content.view(kind)

    def of(start: str) -> dict[str, NDArray[Any]]:
        return {name.removeprefix(start): array for name, array in found.items() if name.startswith(start)}

    found["edges_out"] = found["edges_out"].reshape(-1, 2)
    columns = {name: array for name, array in found.items() if not name.startswith(("edges_", "ids_", "about_"))}
    return Segment(
        date.fromisoformat(one.day), one.base, columns_from(columns), Edges(**of("edges_")), Ids(**of("ids_")),
        References(**of("about_")),
    )  # fmt: skip


def opened(folder: Path, secret: bytes) -> tuple[Manifest, list[str], tuple[Segment, ...]]:
    """What CURRENT names: accounts and segments. NotReady as the functions below."""
    while True:
        manifest = current(folder, secret)
        try:
            accounts = stored_accounts(folder, manifest)
            return manifest, accounts, tuple(mapped(folder, one) for one in manifest.segments)
        except NotReady:
            if current(folder, secret) == manifest:
                raise
            # Another process has published meanwhile, and removed what is named no longer.


def current(folder: Path, secret: bytes) -> Manifest:
    """What CURRENT names, or the empty ledger. NotReady where it is torn, altered or another instance's."""
    while (name := _named(folder)) is not None:
        try:
            found = msgspec.json.decode((folder / name).read_bytes(), type=Manifest)
        except FileNotFoundError as error:
            if _named(folder) == name:
                raise refused(name) from error
            continue  # another process published meanwhile
        except (OSError, msgspec.MsgspecError) as error:
            raise refused(name) from error
        if found.format != FORMAT or not hmac.compare_digest(found.mac, _mac(found, secret)):
            raise refused(name)
        return found
    return Manifest(FORMAT, 0, "", (), ())


def _named(folder: Path) -> str | None:
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise refused("CURRENT") from error
    if not name.startswith("manifest-") or "/" in name:
        raise refused("CURRENT")
    return name


def stored_accounts(folder: Path, manifest: Manifest) -> list[str]:
    """The accounts in the order of their numbers. NotReady where a byte of them differs."""
    if not manifest.accounts_file:
        return []
    try:
        content = map_file(folder / manifest.accounts_file)
    except OSError as error:
        raise refused(manifest.accounts_file) from error
    end = 0
    for part in manifest.accounts:
        if file_of(content[end : end + part.bytes]) != part:
            raise refused(manifest.accounts_file)
        end += part.bytes
    return content[:end].tobytes().decode().split("\n")[:-1]


def publish(folder: Path, secret: bytes, manifest: Manifest) -> None:
    """Make this manifest the one that counts; only inside `only_writer`."""
    name = f"manifest-{manifest.number:09d}-{secrets.token_hex(4)}.json"
    signed = {**asdict(manifest), "mac": _mac(manifest, secret)}
    write_file(folder / name, np.frombuffer(msgspec.json.encode(signed), np.uint8))
    pointer = folder / "CURRENT.new"
    write_file(pointer, np.frombuffer(name.encode(), np.uint8))
    sync_folder(folder)
    pointer.rename(folder / "CURRENT")
    sync_folder(folder)
    # What an earlier crash left behind, and the manifest before.
    kept = {name, manifest.accounts_file, *(one.name for one in manifest.segments)}
    for old in folder.iterdir():
        if old.name.startswith(("new-", "segment-")) and old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)
        elif old.name.startswith(("manifest-", "accounts-")) and old.name not in kept:
            old.unlink(missing_ok=True)


def _mac(manifest: Manifest, secret: bytes) -> str:
    content = msgspec.json.encode({**asdict(manifest), "mac": ""}, order="sorted")
    return hmac.new(secret, content, hashlib.sha256).hexdigest()


def refused(name: str) -> NotReady:
    """What is wrong with the folder, by the name of the file."""
    return NotReady(LedgerReason.LEDGER_SEGMENT_REFUSED, file=name)


def throw_away(folder: Path) -> None:
    """Remove all that lies here, what names it first. Conflict where another process writes."""
    with only_writer(folder):
        (folder / "CURRENT").unlink(missing_ok=True)
        for one in folder.iterdir():
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            elif one.name != _LOCK:
                one.unlink(missing_ok=True)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """This process writes. Conflict where another one does."""
    with (folder / _LOCK).open("ab") as handle:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(LedgerReason.LEDGER_WRITTEN_MEANWHILE) from error
        yield
