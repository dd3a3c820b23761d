"""What hot compiled code needs of its compiler: to ask for memory before it is read, and to count no references."""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

borrowing: Any = njit(_nrt=False, forceinline=True)  # type: ignore[call-overload]
"""For functions that only use arrays which their caller holds: they may slice, but neither make nor return one.

Otherwise every call of one compiled function by another counts a reference to each array up and down again,
atomically: in the monitoring pass that was nearly half of all its time.
"""


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
"""`prefetch(array, position)` asks for one element of a contiguous array, counted as if it were flat (int64).

A position outside of the array is no error and asks for nothing of use.
"""
