"""Loops over pixels and samples as machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """The same function, compiled at its first call for the types it is given; it runs without the interpreter's lock.

    Machine code is kept beside the source, or else in the user's cache folder (``NUMBA_CACHE_DIR`` names another).
    Where neither can be written, as in a read-only installation, every process compiles anew: some seconds more.
    What it calls and every constant it uses belong in the same file: only a change of that file makes kept code void.
    """
    try:
        return cast(_F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder to write to
        return cast(_F, numba.njit(nogil=True)(function))
