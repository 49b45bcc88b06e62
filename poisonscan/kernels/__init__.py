"""All numba code: arrays in, arrays out, nothing of ours imported, no Python strings.

Every kernel is compiled eagerly for exactly one signature (`tests/kernels/test_signatures.py`
counts them), cached on disk, and releases the GIL. Inputs are declared read-only, so that Arrow
buffers, memory maps and fresh arrays share the one specialisation.
"""

from poisonscan.kernels.cachefolder import choose_cache_folder, forget_stale_kernels

choose_cache_folder()  # before any kernel is defined
forget_stale_kernels()
