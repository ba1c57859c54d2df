"""Sightline: video analysis that decodes once, measures once and judges any time.

    import sightline

    analysis = sightline.analyze("clip.mp4", desk="qc")
    analysis.verdict                          # "pass", "warn" or "fail"
    analysis.events("black")                  # what was found, with evidence
    analysis.signal("loudness.momentary")     # numbers on a clock: .numpy(), .arrow()
    analysis.judge(template="netflix")        # judged again, without the video
    analysis.save("clip.sightline")           # and sightline.open("clip.sightline")

    client = sightline.Client("http://127.0.0.1:8000", token="sl_…")   # a service elsewhere
    client.analyze("clip.mp4").verdict

Errors are drawn in `sightline.errors`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sightline.version import VERSION

if TYPE_CHECKING:
    from sightline.client import Client as Client
    from sightline.service.analysis import Analysis as Analysis
    from sightline.service.analysis import analyze as analyze
    from sightline.service.analysis import open_analysis as open  # noqa: A004  (sightline.open reads like tarfile.open)

__version__ = VERSION

_PUBLIC = {
    "Analysis": ("sightline.service.analysis", "Analysis"),
    "Client": ("sightline.client", "Client"),
    "analyze": ("sightline.service.analysis", "analyze"),
    "open": ("sightline.service.analysis", "open_analysis"),
}

__all__ = ["Analysis", "Client", "analyze", "open"]


def __getattr__(name: str) -> Any:
    # Importing any module of the package runs this file first: it must not load the engine to read a version number.
    if name in _PUBLIC:
        module, attribute = _PUBLIC[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'sightline' has no attribute {name!r}")
