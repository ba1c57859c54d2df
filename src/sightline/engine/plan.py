"""What must be measured, and how the video is cut into segments that are measured side by side."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sightline.engine.cache import meter_key
from sightline.errors import WeightsError, WeightsMissing, WeightsRefused
from sightline.facts import AudioFacts, MediaFacts, VideoFacts
from sightline.meters.meter import (
    Meter,
    NotMeasurable,
    PacketNeeds,
    Parameter,
    PictureNeeds,
    SoundNeeds,
    Subject,
    meters,
)
from sightline.text import Message
from sightline.weights.shelf import EMPTY, Shelf

MIN_SEGMENT_S = Fraction(20)
"""Shorter segments cost more in opening and lookback than they give."""
CORES_A_LANE = 4
"""FFmpeg's own frame threads use this many cores well; more lanes than cores/4 only compete."""


@dataclass(frozen=True, slots=True)
class Task:
    """One meter to be run over one stream."""

    meter: type[Meter]
    subject: Subject
    parameters: Mapping[str, Parameter]
    name: str
    """Name of its columns: the id, with ``@stream`` for every audio stream after the first."""

    @property
    def key(self) -> str:
        """Names the measurement in the cache; other weights are another measurement."""
        stream = self.subject.video or self.subject.audio
        weights = {f"weights:{model}": self.subject.shelf.identity(model) for model in self.models}
        return meter_key(self.meter, stream.index if stream is not None else -1, {**self.parameters, **weights})

    @property
    def models(self) -> tuple[str, ...]:
        models = getattr(self.meter, "models", None)
        return models(**self.parameters) if models is not None else ()

    def start(self) -> Meter:
        return self.meter(self.subject, **self.parameters)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to be measured of one media."""

    tasks: tuple[Task, ...] = ()
    not_measured: Mapping[str, Message] = field(default_factory=dict)

    def of(self, needs: type[Any]) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if isinstance(task.meter.needs, needs))


def plan(media: MediaFacts, wanted: Mapping[str, Mapping[str, Parameter]], shelf: Shelf = EMPTY) -> Plan:
    """A task for every wanted meter and stream; why not, for those this media cannot give.

    Raises `KeyError` for a meter nobody wrote.
    """
    tasks: list[Task] = []
    not_measured: dict[str, Message] = {}
    for meter_id, parameters in wanted.items():
        meter = meters()[meter_id]
        subjects = [replace(subject, shelf=shelf) for subject in _subjects(meter, media)]
        if not subjects:
            kind = "picture" if isinstance(meter.needs, PictureNeeds) else "sound"
            not_measured[meter_id] = Message.of(f"engine.no_{kind}")
        for position, subject in enumerate(subjects):
            name = meter_id if position == 0 or subject.audio is None else f"{meter_id}@{subject.audio.index}"
            task = Task(meter, subject, dict(parameters), name)
            hindrance = _hindrance(task, shelf)
            if hindrance is None:
                tasks.append(task)
            else:
                not_measured[name] = hindrance
    return Plan(tuple(tasks), not_measured)


def _hindrance(task: Task, shelf: Shelf) -> Message | None:
    """Why a task cannot run. It is read by whoever gets the report, so it names no folder of this machine."""
    try:
        for model in task.models:
            try:
                shelf.require(model)
            except WeightsMissing:
                return Message.of("engine.weights_missing", model=model)
            except WeightsRefused:
                return Message.of("engine.weights_refused", model=model)
        task.start()
    except (NotMeasurable, WeightsError) as refusal:
        return refusal.message
    return None


def _subjects(meter: type[Meter], media: MediaFacts) -> Sequence[Subject]:
    match meter.needs:
        case PictureNeeds():
            video: VideoFacts | None = media.video
            return [Subject(media, video=video)] if video is not None else []
        case SoundNeeds():
            audios: tuple[AudioFacts, ...] = media.audios
            return [Subject(media, audio=audio) for audio in audios]
        case PacketNeeds():
            return [Subject(media)]


@dataclass(frozen=True, slots=True)
class Segment:
    """Pictures from ``start`` up to ``end``, in ticks of the video stream; measuring begins at ``warm_up``."""

    warm_up: int | None
    start: int | None
    """None: from the first picture there is."""
    end: int | None
    """None: to the last."""


WHOLE = Segment(None, None, None)


def lane_count(workers: int | None, cores: int | None = None) -> int:
    """How many segments to measure side by side: as asked, else one for every four cores."""
    if workers is not None:
        return max(1, workers)
    return max(1, (cores or os.cpu_count() or 1) // CORES_A_LANE)


def segments(lanes: int, keyframes: Sequence[int], video: VideoFacts, tasks: Sequence[Task]) -> tuple[Segment, ...]:
    """Segments of about equal length that start at keyframes (``keyframes``: their ticks, rising).

    Fewer segments come back when keyframes are rare or the video is short.
    """
    if lanes < 2 or len(keyframes) < 2:
        return (WHOLE,)
    first, length = keyframes[0], keyframes[-1] - keyframes[0]
    lanes = min(lanes, max(1, int(length * video.time_base / MIN_SEGMENT_S)))
    aims = [first + length * i // lanes for i in range(1, lanes)]
    starts = sorted({keyframes[bisect_right(keyframes, aim) - 1] for aim in aims} - {first})
    edges: list[int | None] = [None, *starts, None]
    return tuple(
        Segment(None if start is None else _warm_up(start, keyframes, video, tasks), start, end)
        for start, end in pairwise(edges)
    )


def _warm_up(start: int, keyframes: Sequence[int], video: VideoFacts, tasks: Sequence[Task]) -> int:
    """Where measuring must begin so that rows from ``start`` on are as in a whole run."""
    rate = video.rate or Fraction(25)
    longest = Fraction(0)
    for task in tasks:
        needs = task.meter.needs
        if isinstance(needs, PictureNeeds):
            # One more, so that the picture before the first kept one is picked by the same rule as in a whole run.
            step = 1 / needs.rate_hz if needs.rate_hz is not None else 1 / rate
            longest = max(longest, needs.lookback_s + (needs.lookback_pictures + 1) * step)
    warm_up = start - int(longest / video.time_base) - 1
    if video.average_rate != video.nominal_rate:
        # Variable frame rate: seconds do not count pictures, but the keyframe before does.
        warm_up = min(warm_up, keyframes[max(0, bisect_left(keyframes, start) - 1)])
    return warm_up
