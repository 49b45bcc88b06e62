"""Array types of the kernels' signatures.

A read-only array type accepts writable arrays as well; declaring inputs read-only keeps one
specialisation for Arrow buffers (immutable) and for arrays of our own.
"""

from __future__ import annotations

from numba import types

U8_IN = types.Array(types.uint8, 1, "C", readonly=True)
I32_IN = types.Array(types.int32, 1, "C", readonly=True)
I64_IN = types.Array(types.int64, 1, "C", readonly=True)
U64_IN = types.Array(types.uint64, 1, "C", readonly=True)
F32_IN = types.Array(types.float32, 1, "C", readonly=True)
F64_IN = types.Array(types.float64, 1, "C", readonly=True)
I8_2D_IN = types.Array(types.int8, 2, "C", readonly=True)
I32_2D_IN = types.Array(types.int32, 2, "C", readonly=True)
U64_2D_IN = types.Array(types.uint64, 2, "C", readonly=True)
F32_2D_IN = types.Array(types.float32, 2, "C", readonly=True)
F64_2D_IN = types.Array(types.float64, 2, "C", readonly=True)

U8_OUT = types.Array(types.uint8, 1, "C")
I32_OUT = types.Array(types.int32, 1, "C")
I64_OUT = types.Array(types.int64, 1, "C")
U64_OUT = types.Array(types.uint64, 1, "C")
F64_OUT = types.Array(types.float64, 1, "C")
F32_OUT = types.Array(types.float32, 1, "C")
I8_2D_OUT = types.Array(types.int8, 2, "C")
F32_2D_OUT = types.Array(types.float32, 2, "C")
F64_2D_OUT = types.Array(types.float64, 2, "C")
I32_2D_OUT = types.Array(types.int32, 2, "C")
I64_2D_OUT = types.Array(types.int64, 2, "C")
U64_2D_OUT = types.Array(types.uint64, 2, "C")

U64 = types.uint64
I64 = types.int64
F64 = types.float64
BOOL = types.boolean
VOID = types.void
