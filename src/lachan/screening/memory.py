"""What compiled code needs of memory itself: arrays at addresses, and words asked for before they are read."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray


@intrinsic
def _as_pointer(_context: Any, address: Any) -> Any:
    def generate(_compiler: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), generate


_pointer: Any = _as_pointer


@intrinsic
def _ask_for(_context: Any, words: Any, position: Any) -> Any:
    whole = ir.IntType(32)

    def generate(compiler: Any, builder: Any, _signature: Any, args: Any) -> Any:
        array = compiler.make_array(words)(compiler, builder, args[0])
        place = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(8).as_pointer())
        pointer = ir.IntType(8).as_pointer()
        shape = ir.FunctionType(ir.VoidType(), [pointer, whole, whole, whole])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], shape)
        builder.call(prefetch, [place, whole(0), whole(3), whole(1)])
        return compiler.get_dummy_value()

    return types.void(words, position), generate


prefetch: Any = _ask_for


@njit
def words_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint64)


@njit
def index_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint32)


@njit
def bytes_at(places, number):  # type: ignore[no-untyped-def]
    return carray(_pointer(places[number]), (np.intp(places[number + 1]),), np.uint8)
