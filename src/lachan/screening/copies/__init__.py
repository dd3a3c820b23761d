"""A bank's own copy of the list: who may hold one, under which key, and the files that leave the house."""

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
