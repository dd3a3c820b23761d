"""What compiled code needs of memory itself: arrays at addresses."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from lachan.foundation.base.compiled import njit


@intrinsic
def _as_pointer(_context: Any, address: Any) -> Any:
    def generate(_compiler: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), generate


_pointer: Any = _as_pointer


@njit
def words_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint64)


@njit
def index_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint32)


@njit
def bytes_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint8)
