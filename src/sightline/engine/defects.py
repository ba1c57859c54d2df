"""Errors nobody expected, told in a sentence."""

from __future__ import annotations

import traceback

from sightline.errors import Defect, MeasuringFailed, SetupError, SightlineError


def typed(error: Exception) -> SightlineError:
    """The error as one of ours: the machine refused, memory ran out, or else it is a bug."""
    match error:
        case SightlineError():
            return error
        case MemoryError():
            return MeasuringFailed("engine.no_memory")
        case OSError():
            about = f" ({error.filename})" if error.filename else ""
            return SetupError("engine.refused", why=f"{error.strerror or error}{about}")
        case _:
            return Defect("engine.defect", error=f"{type(error).__name__}: {error}", place=place_of(error))


def place_of(error: BaseException) -> str:
    """Where an exception was raised: ``file.py:line``, the innermost of our own files, for a bug report."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "sightline" in frame.filename] or list(frames)
    if not ours:
        return "?"
    return f"{ours[-1].filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{ours[-1].lineno}"
