"""One lane of a run: one decoder, read once, its pictures and sound handed to measuring threads.

    decoder ──► picture channel ──► thread: every picture meter, one picture after another
            └─► sound channel   ──► thread: every sound meter, resampled once for each rate asked for
            └─► packet meters, in the decoding thread (they only note numbers)

Channels are bounded, so decoding waits for the slowest. All picture meters share one thread because they share reduced
planes and the processor's cache; more cores are used by FFmpeg's own threads and by more lanes.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Generic, TypeVar

import cv2

from sightline.engine.faults import FAULTS, fault_columns
from sightline.engine.plan import WHOLE, Segment, Task
from sightline.engine.progress import Cancel, Reporter
from sightline.engine.sound import SoundForms
from sightline.facts import MediaFacts
from sightline.media.decode import Decoder
from sightline.media.picture import DecodeFault, PacketBatch, PacketFacts, Picture, PictureBatch, SoundBlock
from sightline.media.source import Place
from sightline.meters.meter import Meter, PacketNeeds, PictureNeeds, SoundNeeds
from sightline.meters.planes import PictureClock
from sightline.text import Message
from sightline.timeline.columns import Columns

_log = logging.getLogger(__name__)

IN_FLIGHT_BYTES = 48 << 20
"""Decoded pictures waiting to be measured; FFmpeg's threads hold as many again."""
SOUND_IN_FLIGHT = 32
PACKETS_A_BATCH = 256
FAR = 1 << 62
"""A tick beyond any media."""

T = TypeVar("T")


class Channel(Generic[T]):
    """A bounded queue from one thread to another that either side can close.

    Python's own queue cannot tell the other side that this side is gone, which is what makes pipelines hang.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._items: deque[T] = deque()
        self._lock = threading.Lock()
        self._filled, self._room = threading.Condition(self._lock), threading.Condition(self._lock)
        self._closed = False
        self.dropped = False
        """Whether what came was left out; the items taken are then not all there were."""

    def put(self, item: T) -> bool:
        """Waits for room. False: nobody will take it any more."""
        with self._lock:
            if len(self._items) >= self.limit:
                # Until half of it is free: waking for every single place costs more than the place is worth.
                self._room.wait_for(lambda: self._closed or len(self._items) <= self.limit // 2)
            if self._closed:
                return False
            self._items.append(item)
            if len(self._items) == 1:
                self._filled.notify()
            return True

    def close(self) -> None:
        """No more items. Those inside can still be taken."""
        with self._lock:
            self._closed = True
            self._filled.notify_all()
            self._room.notify_all()

    def drop(self) -> None:
        """No more items, and those inside are forgotten."""
        with self._lock:
            self._items.clear()
            self._closed = self.dropped = True
            self._filled.notify_all()
            self._room.notify_all()

    def __iter__(self) -> Channel[T]:
        return self

    def __next__(self) -> T:
        with self._lock:
            if not self._items:
                self._filled.wait_for(lambda: self._closed or self._items)
            if not self._items:
                raise StopIteration
            item = self._items.popleft()
            if len(self._items) == self.limit // 2:
                self._room.notify()
            return item


@dataclass(slots=True)
class LaneResult:
    """What one lane measured."""

    columns: dict[str, Columns] = field(default_factory=dict)
    """By task, and the faults of the decode."""
    failed: dict[str, Message] = field(default_factory=dict)
    pictures_decoded: int = 0
    """Warm-up pictures of segments included."""
    decoded: bool = True
    """False: all of it was kept from an earlier run."""


class _Running:
    """A task's meter at work. One that raises is left out from there on; the others go on."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.meter: Meter = task.start()
        self.failure: Message | None = None
        needs = task.meter.needs
        self._rate = needs.rate_hz if isinstance(needs, PictureNeeds) else None
        self._slot: int | None = None
        video = task.subject.video
        self._clock = PictureClock(video) if video is not None and self._rate is not None else None
        """Of every picture, also those left out: the last row ends with the last of them."""

    def feed(self, batch: PictureBatch | SoundBlock | PacketBatch) -> None:
        if self.failure is None:
            try:
                self.meter.measure(batch)
            except Exception as error:  # noqa: BLE001  (the edge of a meter: it is named and left out)
                self.fail(error)

    def feed_pictures(self, batch: PictureBatch) -> None:
        if self._rate is None or self._clock is None:
            self.feed(batch)
            return
        for picture in batch:
            self._clock.tick(picture)
        kept = tuple(picture for picture in batch if self._first_in_slot(picture.start, self._rate))
        if kept:
            self.feed(PictureBatch(kept))

    def finish(self, result: LaneResult) -> None:
        if self.failure is None:
            try:
                columns = self.meter.columns()
            except Exception as error:  # noqa: BLE001  (the edge of a meter: it is named and left out)
                self.fail(error)
            else:
                end = columns.end if self._clock is None else self._clock.end
                result.columns[self.task.name] = replace(columns, end=end)
        if self.failure is not None:
            result.failed[self.task.name] = self.failure
        # Its rows would be kept beside the columns made of them until the last meter is done.
        del self.meter

    def fail(self, error: Exception) -> None:
        """Leaves it out from here on."""
        _log.exception("the meter %s broke off and is left out", self.task.name)
        self.failure = Message.of("engine.meter_failed", error=f"{type(error).__name__}: {error}")

    def _first_in_slot(self, start: Fraction, rate: Fraction) -> bool:
        slot = (start * rate).__floor__()
        if self._slot is None or slot > self._slot:
            self._slot = slot
            return True
        return False


@dataclass(frozen=True, slots=True)
class Lane:
    """What to decode and what to measure of it."""

    number: int
    place: Place
    media: MediaFacts
    tasks: tuple[Task, ...]
    segment: Segment
    threads: int | None = None
    """Decoding threads; None lets FFmpeg use all cores."""

    def run(self, reporter: Reporter, cancel: Cancel) -> LaneResult:
        """Decodes once and measures. Raises `Cancelled`, and what `Decoder` raises."""
        running = [_Running(task) for task in self.tasks]
        pictures = [r for r in running if isinstance(r.task.meter.needs, PictureNeeds)]
        sounds = [r for r in running if isinstance(r.task.meter.needs, SoundNeeds)]
        packets = [r for r in running if isinstance(r.task.meter.needs, PacketNeeds)]
        result = LaneResult()
        video = self.media.video
        frame_bytes = video.width * video.height * (2 if video.bit_depth > 8 else 1) * 2 if video is not None else 1
        picture_channel = Channel[Picture](min(16, max(2, IN_FLIGHT_BYTES // max(1, frame_bytes))))
        sound_channel = Channel[SoundBlock](SOUND_IN_FLIGHT)
        forms = SoundForms(sounds)
        workers: list[_Worker[Any]] = [
            _Worker("pictures", picture_channel, lambda p: _measure_picture(pictures, p)),
            _Worker("sound", sound_channel, forms.feed, forms.flush),
        ]
        try:
            faults = self._decode(result, picture_channel, sound_channel, pictures, sounds, packets, reporter, cancel)
        except BaseException:
            picture_channel.drop()
            sound_channel.drop()
            raise
        finally:
            for worker in workers:
                worker.finish()
        for worker in workers:
            worker.reraise()
        for one in running:
            # A meter that runs a model may have seconds of work left for its last rows.
            cancel.check()
            one.finish(result)
        self._trim(result, faults)
        return result

    def _decode(
        self,
        result: LaneResult,
        picture_channel: Channel[Picture],
        sound_channel: Channel[SoundBlock],
        pictures: Sequence[_Running],
        sounds: Sequence[_Running],
        packets: Sequence[_Running],
        reporter: Reporter,
        cancel: Cancel,
    ) -> list[DecodeFault]:
        segment = self.segment
        span = None if segment == WHOLE else (_tick(segment.warm_up, -FAR), _tick(segment.end, FAR))
        streams = {r.task.subject.audio.index for r in sounds if r.task.subject.audio is not None}
        noted: list[PacketFacts] = []
        first = self._start
        with Decoder(
            self.place, self.media, pictures=bool(pictures), sounds=tuple(sorted(streams)), packets=bool(packets),
            span=span, threads=self.threads,
        ) as decoder:  # fmt: skip
            for item in decoder:
                cancel.check()
                match item:
                    case Picture():
                        first = item.start if first is None else first
                        going = picture_channel.put(item)
                        reporter.advance(self.number, max(0.0, float(item.start - first)))
                    case SoundBlock():
                        going = sound_channel.put(item)
                        if not pictures:
                            reporter.advance(self.number, item.start_sample / item.rate_hz)
                    case _:
                        going = True
                        noted.append(item)
                        if len(noted) >= PACKETS_A_BATCH:
                            _measure_packets(packets, noted)
                if not going:
                    break
            _measure_packets(packets, noted)
            result.pictures_decoded = decoder.pictures_decoded
            return list(decoder.faults)

    @property
    def _start(self) -> Fraction | None:
        """Second of the media's clock at which the segment starts, after its warm-up."""
        video, start = self.media.video, self.segment.start
        return start * video.time_base if video is not None and start is not None else None

    def _trim(self, result: LaneResult, faults: Sequence[DecodeFault]) -> None:
        """Leaves out what was only measured to warm up."""
        low, high = _tick(self.segment.start, -FAR), _tick(self.segment.end, FAR)
        if self.segment != WHOLE:
            result.columns = {name: columns.between(low, high) for name, columns in result.columns.items()}
            faults = [f for f in faults if f.pts is None or low <= f.pts < high]
        result.columns[FAULTS] = fault_columns(self.media, faults)


class _Worker(Generic[T]):
    """A thread that measures what comes through a channel."""

    def __init__(
        self, name: str, channel: Channel[T], measure: Callable[[T], None], end: Callable[[], None] = lambda: None
    ) -> None:
        self._channel, self._measure, self._end = channel, measure, end
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"sightline-{name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        # OpenCV would start a thread a core for every call; the cores belong to the decoder.
        cv2.setNumThreads(1)
        try:
            for item in self._channel:
                self._measure(item)
            if not self._channel.dropped:
                self._end()
        except BaseException as error:  # noqa: BLE001  (handed to the lane, which raises it)
            self._error = error
            self._channel.drop()

    def finish(self) -> None:
        self._channel.close()
        self._thread.join()

    def reraise(self) -> None:
        if self._error is not None:
            raise self._error


def _tick(tick: int | None, otherwise: int) -> int:
    return otherwise if tick is None else tick


def _measure_picture(running: Iterable[_Running], picture: Picture) -> None:
    batch = PictureBatch((picture,))
    for one in running:
        one.feed_pictures(batch)


def _measure_packets(running: Iterable[_Running], noted: list[PacketFacts]) -> None:
    if noted:
        batch = PacketBatch(tuple(noted))
        for one in running:
            one.feed(batch)
        noted.clear()
