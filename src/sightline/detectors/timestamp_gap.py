"""Timestamps that leave gaps, come too close, repeat, run backwards, or follow no constant rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.detector import runs
from sightline.facts import AudioFacts, VideoFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TimestampGapDetector:
    """``timestamp_gap``, labelled by what is wrong:

    ``gap`` and ``early``: the next picture (or sound packet) comes more than ``min_frames`` later or earlier than the
    usual step says; ``variable_rate``: so many pictures do that there is no usual step, told in one event;
    ``repeated_time``: two pictures claim the same time; ``times_run_back``: decoding times do not rise.

    Steps that only differ by the rounding of a coarse time base (33 and 34 ms in Matroska) are none of these.
    """

    name: ClassVar[str] = "timestamp_gap"
    kinds: ClassVar[tuple[str, ...]] = ("timestamp_gap",)
    needs: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[tuple[str, ...]] = ()

    min_frames: float = 0.5
    """Half a frame: beyond it a picture has slipped to another place in a constant-rate timeline."""
    variable_share: float = 0.1
    """Share of odd steps above which a stream is called variable-rate, not broken; our choice."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        events: list[Event] = []
        pictures, video = timeline.pictures, timeline.media.video
        if pictures is not None and video is not None:
            events += self._of_pictures(pictures, video)
        packets = timeline.columns.get("packets")
        if packets is not None:
            if video is not None:
                events += self._of_video_packets(_Packets.of(packets, video))
            for audio in timeline.media.audios:
                events += self._of_sound_packets(_Packets.of(packets, audio))
        return tuple(events)

    def _of_pictures(self, pictures: Columns, video: VideoFacts) -> list[Event]:
        steps = np.diff(pictures.ticks)
        if len(steps) < 2:
            return []
        usual = _usual(steps)
        late = steps / usual - 1
        odd = (np.abs(late) > self.min_frames) & (np.abs(steps - usual) > _rounding(video))
        if np.mean(odd) > self.variable_share:
            return [self._variable(pictures, steps, late, odd)]
        found = []
        for row in np.flatnonzero(odd).tolist():
            start, end = pictures.start_of(row), pictures.start_of(row + 1)
            if late[row] > 0:
                start += usual * pictures.time_base
            found.append(self._event("gap" if late[row] > 0 else "early", Span(start, end), float(late[row]), video))
        return found

    def _variable(
        self, pictures: Columns, steps: Ints, late: npt.NDArray[np.float64], odd: npt.NDArray[np.bool_]
    ) -> Event:
        base = float(pictures.time_base)
        evidence: dict[str, Scalar] = {
            "value": round(float(np.abs(late).max()), 3), "unit": "frames", "threshold": self.min_frames,
            "odd_steps": int(odd.sum()), "odd_share": round(float(odd.mean()), 4),
            "shortest_s": round(int(steps.min()) * base, 6), "longest_s": round(int(steps.max()) * base, 6),
        }  # fmt: skip
        span = Span(pictures.start_of(0), pictures.start_of(len(pictures)))
        return Event("timestamp_gap", span, Severity.WARNING, 1.0, evidence, ("variable_rate",))

    def _of_video_packets(self, packets: _Packets) -> Iterator[Event]:
        yield from self._backward(packets)
        # Stable, because that is quick where packets are nearly in order.
        times = np.sort(packets.pts[packets.shown & packets.has_pts], kind="stable")
        ticks, counts = np.unique(times[1:][times[1:] == times[:-1]], return_counts=True)
        for tick, count in zip(ticks.tolist(), (counts + 1).tolist(), strict=True):
            at = tick * packets.time_base
            yield self._event("repeated_time", Span(at, at), float(count - 1), packets.stream)

    def _backward(self, packets: _Packets) -> Iterator[Event]:
        dts = packets.dts[packets.has_dts]
        if len(dts) < 2:
            return
        steps = np.diff(dts)
        usual = max(1, _usual(steps))
        for first, last in runs(steps <= 0):
            low, high = int(dts[first : last + 1].min()), int(dts[first : last + 1].max())
            back = float(-steps[first:last].min() / usual)
            span = Span(low * packets.time_base, high * packets.time_base)
            yield self._event("times_run_back", span, back, packets.stream)

    def _of_sound_packets(self, packets: _Packets) -> Iterator[Event]:
        yield from self._backward(packets)
        use = packets.shown & packets.has_pts & (packets.duration > 0)
        pts, duration = packets.pts[use], packets.duration[use]
        if len(pts) < 2:
            return
        late = pts[1:] - (pts[:-1] + duration[:-1])
        # A tick is the rounding of the container's time base.
        odd = np.abs(late) > self.min_frames * duration[:-1] + 1
        for row in np.flatnonzero(odd).tolist():
            expected, came = sorted((int(pts[row] + duration[row]), int(pts[row + 1])))
            span = Span(expected * packets.time_base, came * packets.time_base)
            label = "gap" if late[row] > 0 else "early"
            yield self._event(label, span, float(late[row] / duration[row]), packets.stream)

    def _event(self, label: str, span: Span, frames: float, stream: VideoFacts | AudioFacts) -> Event:
        evidence: dict[str, Scalar] = {
            "value": round(frames, 3), "unit": "frames", "threshold": self.min_frames,
            "stream": stream.index, "length_s": round(float(span.duration), 6),
        }  # fmt: skip
        severity = Severity.WARNING if label == "early" else Severity.ERROR
        return Event("timestamp_gap", span, severity, 1.0, evidence, (label,))


@dataclass(frozen=True, slots=True)
class _Packets:
    """The packets of one stream, in the order of the file."""

    stream: VideoFacts | AudioFacts
    pts: Ints
    dts: Ints
    duration: Ints
    has_pts: npt.NDArray[np.bool_]
    has_dts: npt.NDArray[np.bool_]
    shown: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, packets: Columns, stream: VideoFacts | AudioFacts) -> _Packets:
        rows = np.flatnonzero(packets["stream"] == stream.index)
        none = int(packets.notes["no_time"])
        pts, dts = packets["pts"][rows], packets["dts"][rows]
        return cls(
            stream,
            pts,
            dts,
            packets["duration"][rows],
            pts != none,
            dts != none,
            ~packets["discard"][rows].astype(bool),
        )

    @property
    def time_base(self) -> Fraction:
        return self.stream.time_base


def _usual(steps: Ints) -> int:
    """The median step, without sorting where all are the same."""
    least, largest = int(steps.min()), int(steps.max())
    return least if least == largest else int(np.median(steps))


def _rounding(video: VideoFacts) -> int:
    """Ticks by which a step may be off only because the time base cannot express the rate."""
    if video.nominal_rate is None:
        return 1
    return 0 if (1 / (video.nominal_rate * video.time_base)).denominator == 1 else 1


DETECTOR = TimestampGapDetector
