"""What is sent in: the programme of the speed benchmark, every copy with bytes of its own.

The same pictures and sound under another SHA-256, so that nothing is answered from the measurement cache.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from benchmarks.speed.clip import programme

LONG_PX, LONG_S = (1280, 720), 60
"""What keeps the workers busy."""
SHORT_PX, SHORT_S = (640, 360), 6
"""What the users send in themselves."""
TINY_PX, TINY_S = (320, 180), 1
"""What dispatch is measured with."""


def long_clip() -> Path:
    return programme(LONG_PX, LONG_S)


def short_clip() -> Path:
    return programme(SHORT_PX, SHORT_S)


def tiny_clip() -> Path:
    return programme(TINY_PX, TINY_S)


def free_box() -> bytes:
    """A box at the end of an MP4 that every reader passes over, never the same twice."""
    noise = secrets.token_bytes(16)
    return (8 + len(noise)).to_bytes(4, "big") + b"free" + noise


def distinct(clip: Path, to: Path) -> Path:
    to.write_bytes(clip.read_bytes() + free_box())
    return to
