"""The curves beneath the player: what was measured over time, in few enough points to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.person.face_tracks import Track
from sightline.report.lanes import HEIGHT, Curve, Mark, curve_of, envelope
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

MOST_BINS = 2000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Source:
    """What curves are drawn of."""

    timeline: Timeline
    track: Track | None

    @property
    def span(self) -> Span:
        return self.timeline.span


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves that share an axis."""

    unit: str
    bins: int
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    gaps: str = ""
    """Path over the bins in which nothing could be measured."""


def _bins(columns: Columns) -> int:
    return max(1, min(MOST_BINS, len(columns)))


def _plot(
    columns: Columns | None,
    span: Span,
    names: Mapping[str, str],
    axis: tuple[str, float, float],
    at: Sequence[float],
    *,
    gaps: bool = False,
    style: str = "line",
) -> Plot | None:
    """``names``: catalogue name of each column; ``axis``: unit, lowest and highest value shown; ``at``: where lines
    are ruled."""
    if columns is None or not len(columns) or any(name not in columns for name in names):
        return None
    unit, low, high = axis
    bins = _bins(columns)
    found = {name: envelope(columns, name, span, bins) for name in names}
    if all(np.isnan(each.mean).all() for each in found.values()):
        return None
    curves = tuple(
        curve_of(f"interview_report.curve.{label}", style, found[name], low, high) for name, label in names.items()
    )
    marks = tuple(Mark(round((1 - (value - low) / (high - low)) * HEIGHT, 2), value) for value in at)
    unknown = np.all([np.isnan(each.mean) for each in found.values()], axis=0)
    return Plot(unit, bins, curves, marks, _rows_path(unknown) if gaps else "")


def _rows_path(mask: npt.NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))).tolist()
    return "".join(
        f"M{first} 0h{last - first}v{HEIGHT}h-{last - first}z"
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    )


def _face(source: Source, units: str, **made: Floats) -> Columns | None:
    track = source.track
    if track is None:
        return None
    columns = tuple(Column(name, units, values) for name, values in made.items())
    return Columns("faces", track.clock.time_base, track.clock.ticks, track.clock.end, columns)


def _of_face(source: Source, *names: str) -> bool:
    return source.track is not None and all(name in source.track for name in names)


def _angles(columns: Columns | None, span: Span, names: Mapping[str, str]) -> Plot | None:
    """Degrees around 0, on an axis that holds them: 35 either way, or 65 or 95 for somebody who turns away."""
    if columns is None:
        return None
    known = np.concatenate([columns[name][np.isfinite(columns[name])] for name in names])
    most = float(np.percentile(np.abs(known), 99.5)) if len(known) else 0.0
    bound, ruled = next(((b, r) for b, r in ((35.0, 20.0), (65.0, 40.0)) if most <= b), (95.0, 60.0))
    return _plot(columns, span, names, ("deg", -bound, bound), (-ruled, 0.0, ruled), gaps=True)


def gaze_plot(source: Source) -> Plot | None:
    if source.track is None or not _of_face(source, "gaze_yaw", "gaze_pitch"):
        return None
    columns = _face(source, "deg", yaw=source.track["gaze_yaw"], pitch=source.track["gaze_pitch"])
    return _angles(columns, source.span, {"yaw": "gaze_yaw", "pitch": "gaze_pitch"})


def eyes_plot(source: Source) -> Plot | None:
    if source.track is None or not _of_face(source, "eye_left", "eye_right"):
        return None
    openness = source.track.mean_of("eye_left", "eye_right")
    known = openness[np.isfinite(openness)]
    most = max(0.4, float(np.percentile(known, 99.5)) * 1.1) if len(known) else 0.4
    columns = _face(source, "ratio", openness=openness)
    at = (0.0, 0.2, 0.4)
    # The lowest in each bin: a mean over seconds would hide every blink.
    return _plot(columns, source.span, {"openness": "openness"}, ("ratio", 0.0, most), at, gaps=True, style="low")


def smile_plot(source: Source) -> Plot | None:
    if source.track is None or not _of_face(source, "mouthSmileLeft", "mouthSmileRight"):
        return None
    columns = _face(source, "share", smile=source.track.mean_of("mouthSmileLeft", "mouthSmileRight"))
    return _plot(columns, source.span, {"smile": "smile"}, ("share", 0.0, 1.0), (0.0, 0.5, 1.0), gaps=True)


def head_plot(source: Source) -> Plot | None:
    track = source.track
    if track is None or not _of_face(source, "yaw", "pitch", "roll"):
        return None
    columns = _face(source, "deg", yaw=track["yaw"], pitch=track["pitch"], roll=track["roll"])
    return _angles(columns, source.span, {"yaw": "yaw", "pitch": "pitch_angle", "roll": "roll"})


def posture_plot(source: Source) -> Plot | None:
    columns = source.timeline.columns.get("pose")
    names = ("shoulder_left_x", "shoulder_left_y", "shoulder_right_x", "shoulder_right_y")
    if columns is None or any(name not in columns for name in names):
        return None
    left_x, left_y, right_x, right_y = (np.asarray(columns[name], np.float64) for name in names)
    ratio = float(columns.notes.get("height_px", 1)) / float(columns.notes.get("width_px", 1) or 1)
    tilt = np.degrees(np.arctan2((left_y - right_y) * ratio, np.abs(left_x - right_x)))
    made = Columns("pose", columns.time_base, columns.ticks, columns.end, (Column("tilt", "deg", tilt),))
    return _plot(made, source.span, {"tilt": "shoulder_tilt"}, ("deg", -15.0, 15.0), (-10.0, 0.0, 10.0), gaps=True)


def loudness_plot(source: Source) -> Plot | None:
    columns = source.timeline.columns.get("loudness")
    axis, at = ("lufs", -55.0, 0.0), (-10.0, -23.0, -40.0)
    return _plot(columns, source.span, {"momentary": "loudness"}, axis, at, style="band")


def pitch_plot(source: Source) -> Plot | None:
    columns = source.timeline.columns.get("pitch")
    if columns is None or "f0" not in columns:
        return None
    known = np.asarray(columns["f0"], np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return None
    low, high = (float(np.percentile(known, share)) for share in (1, 99))
    low, high = np.floor(low * 0.85 / 50) * 50, np.ceil(high * 1.1 / 50) * 50
    at = (low, (low + high) / 2, high)
    return _plot(columns, source.span, {"f0": "pitch"}, ("hz", low, high), at)
