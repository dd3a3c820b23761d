"""A bank's own copy of the list: who may hold one, under which key, and the files that leave the house.

What is asked for is loaded then, as in `lachan.screening`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lachan.screening.copies.actions import grant_copy, revoke_copy, rotate_copy
    from lachan.screening.copies.model import CopyFile, CopyGrantReason, CopyKey, GrantedKey
    from lachan.screening.copies.publisher import Copies, Maker
    from lachan.screening.copies.views import copy_keys

__all__ = [
    "Copies",
    "CopyFile",
    "CopyGrantReason",
    "CopyKey",
    "GrantedKey",
    "Maker",
    "copy_keys",
    "grant_copy",
    "revoke_copy",
    "rotate_copy",
]
_HOMES = {
    "Copies": "publisher", "CopyFile": "model", "CopyGrantReason": "model", "CopyKey": "model",
    "GrantedKey": "model", "Maker": "publisher", "copy_keys": "views", "grant_copy": "actions",
    "revoke_copy": "actions", "rotate_copy": "actions",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
