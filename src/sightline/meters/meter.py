"""What a meter is. Each meter stands in a file of its own beside this one and names its class ``METER``.

A new file is found by itself: nothing has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar, Protocol, runtime_checkable

import sightline.meters
from sightline.facts import AudioFacts, MediaFacts, VideoFacts
from sightline.media.picture import PacketBatch, PictureBatch, SoundBlock
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.weights.shelf import EMPTY, Shelf

Parameter = str | int | float | bool


@dataclass(frozen=True, slots=True)
class PictureNeeds:
    """Pictures of the main video stream.

    With ``rate_hz`` the meter gets at most that many a second: the first at or after each multiple of ``1/rate_hz``,
    counted from second 0 of the media's clock, so that every segment picks the same ones.
    """

    rate_hz: Fraction | None = None
    """None: every picture."""
    lookback_s: Fraction = Fraction(0)
    """What happened longer ago cannot change a row. A segment is measured from this much earlier, and those rows are
    dropped."""
    lookback_pictures: int = 0
    """The same in pictures; the longer of both counts."""


@dataclass(frozen=True, slots=True)
class SoundNeeds:
    """Every sample of every audio stream, one instance of the meter a stream. Sound is never cut into segments: it is
    cheap, and filters remember.

    With ``rate_hz`` the stream comes resampled, with ``mono`` its channels averaged into one; two meters that want the
    same get the same blocks, made once.
    """

    rate_hz: int | None = None
    """None: the stream's own."""
    mono: bool = False


@dataclass(frozen=True, slots=True)
class PacketNeeds:
    """Every packet of the container, in the order of the file, before decoding."""


Needs = PictureNeeds | SoundNeeds | PacketNeeds


@dataclass(frozen=True, slots=True)
class Subject:
    """What a meter is about to measure: the media and, for pictures and sound, the stream."""

    media: MediaFacts
    video: VideoFacts | None = None
    audio: AudioFacts | None = None
    shelf: Shelf = EMPTY
    """Where the weights of models are found."""


class NotMeasurable(Exception):
    """Raised by a meter's constructor: it cannot measure this subject, and why. Stops nothing else."""

    def __init__(self, key: str, /, **fields: object) -> None:
        self.message = Message.of(key, **fields)
        super().__init__(str(self.message))


@runtime_checkable
class Meter(Protocol):
    """Turns pictures, sound or packets into columns.

    An instance measures one stream (or one segment of it) and is used by one thread at a time. ``parameters`` change
    numbers, so they are part of the cache key; so is ``version``, raised whenever a number could change.
    """

    id: ClassVar[str]
    version: ClassVar[int]
    needs: ClassVar[Needs]

    def __init__(self, subject: Subject, **parameters: Parameter) -> None: ...

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None: ...

    def columns(self) -> Columns:
        """Everything measured so far. Called once, after the last batch. ``Columns.meter`` is the plain id."""
        ...


@runtime_checkable
class ModelMeter(Meter, Protocol):
    """A meter that runs models. It is planned where all of them are on the shelf; their checksums are part of the
    cache key. The constructor opens none: a session is taken when the first picture or sound comes."""

    @staticmethod
    def models(**parameters: Parameter) -> tuple[str, ...]:
        """Ids of the models it needs with these parameters."""
        ...


@cache
def meters() -> Mapping[str, type[Meter]]:
    """Every meter by id, found in the files of this folder."""
    found: dict[str, type[Meter]] = {}
    for module in pkgutil.iter_modules(sightline.meters.__path__):
        meter = getattr(importlib.import_module(f"sightline.meters.{module.name}"), "METER", None)
        if meter is not None:
            found[meter.id] = meter
    return dict(sorted(found.items()))
