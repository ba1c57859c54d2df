"""Use cases on a file without analysing it: what it says of itself, a cut, a proxy."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from sightline.clock import Span, Timecode, seconds_from_text
from sightline.engine.progress import Progress, ProgressCallback
from sightline.errors import CutImpossible
from sightline.facts import MediaFacts
from sightline.media.cut import CutResult, cut
from sightline.media.probe import probe
from sightline.media.proxy import proxy
from sightline.timeline.media_json import media_to_json


def probed(path: Path, *, sha256: bool = False) -> MediaFacts:
    """Facts of a file. Raises the input errors of `sightline.errors`."""
    return probe(path, hash_bytes=sha256)


def media_document(facts: MediaFacts) -> dict[str, Any]:
    """The facts as JSON; exact seconds and ratios as ``"n/d"``."""
    document: dict[str, Any] = {"schema": "sightline.media/1"} | media_to_json(facts)
    return document


def cut_file(path: Path, start: str, end: str, target: Path | None = None) -> CutResult:
    """Copies ``[start, end)`` out of a file, beside it unless ``target`` says otherwise.

    Times are ``12.5``, ``1:02.5``, ``1:02:03.25`` or timecode, which counts from the file's start timecode. Raises
    `ValueError` for a time that cannot be read, `CutImpossible` for one outside the file.
    """
    facts = probe(path)
    if _moment(end, facts) <= _moment(start, facts):
        raise CutImpossible("service.cut_backwards", start=start, end=end)
    span = Span(_moment(start, facts), _moment(end, facts))
    return cut(path, facts, span, target or _free_name(path, "cut", path.suffix))


def proxy_of(path: Path, target: Path | None = None, progress: ProgressCallback | None = None) -> Path:
    """Makes a browser proxy beside a file unless ``target`` says otherwise. Gives its path."""
    facts = probe(path)
    started = time.monotonic()
    total_s = float(facts.duration) if facts.duration is not None else None

    def tell(done_s: float) -> None:
        if progress is not None:
            progress(Progress("proxy", done_s, total_s, time.monotonic() - started))

    return proxy(path, facts, target or _free_name(path, "proxy", ".mp4"), progress=tell).path


def _moment(text: str, facts: MediaFacts) -> Fraction:
    if text.count(":") + text.count(";") < 3:
        return seconds_from_text(text) + (facts.start or 0)
    rate = facts.video.rate if facts.video is not None else None
    if rate is None:
        raise ValueError(f"timecode {text!r} needs a file with pictures at a known rate")
    timecode = Timecode.parse(text, rate)
    first = Timecode.parse(facts.start_timecode, rate).frames if facts.start_timecode else 0
    return (timecode.frames - first) / rate + (facts.start or 0)


def _free_name(path: Path, word: str, suffix: str) -> Path:
    """A name beside the file that is not taken."""
    names = (f"{path.stem}.{word}{n}{suffix}" for n in ("", *range(2, 10_000)))
    return next(place for name in names if not (place := path.with_name(name)).exists())
