"""How well a face could be seen, picture by picture. Ramps between a bad and a good value; all limits are heuristic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Track, Tracks, is_slower, tracks_of
from sightline.text import Message
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TURNED_DEG = 35.0
"""From here on the far eye is small and partly hidden."""
SIZE_PX = (40.0, 100.0)
"""Width of the face: at 100 px an eye is about 20 px wide, at 40 px eight. Landmarks of smaller faces come out of
noise: on real faces of 20 px the head seems to nod all the time."""
DARK, BRIGHT = (0.08, 0.20), (0.97, 0.90)
"""Mean luma of the face's box."""
SHARPNESS = (1.0, 5.0)
"""Variance of the Laplacian of the face at 256 px. Clear faces of 65 px measure 5 to 9, those of 20 px about 2."""


@dataclass(frozen=True, eq=False)
class FaceQuality:
    """Each from 0 (useless) to 1 (good), a row per picture, NaN where the face was not measured."""

    size: Floats
    pose: Floats
    light: Floats
    sharpness: Floats
    turned: Mask
    """Head turned by more than `TURNED_DEG`."""

    @property
    def overall(self) -> Floats:
        """The worst of the four: a sharp picture in the dark is a dark picture."""
        return np.asarray(np.minimum.reduce([self.size, self.pose, self.light, self.sharpness]))


def quality_of(tracks: Tracks, track: Track) -> FaceQuality:
    yaw = np.abs(track["yaw"])
    width_px = track["width"] * tracks.width_px
    unknown = np.where(np.isfinite(yaw), 1.0, np.nan)
    luma = track["luma"]
    with np.errstate(invalid="ignore"):
        turned = yaw > TURNED_DEG
    return FaceQuality(
        size=_ramp(width_px, *SIZE_PX) if tracks.width_px else unknown,
        pose=_ramp(yaw, TURNED_DEG + 20, TURNED_DEG - 10),
        light=np.minimum(_ramp(luma, *DARK), _ramp(luma, *BRIGHT)),
        sharpness=_ramp(track["sharpness"], *SHARPNESS),
        turned=turned,
    )


def _ramp(values: Floats, bad: float, good: float) -> Floats:
    return np.asarray(np.clip((values - bad) / (good - bad), 0.0, 1.0))


def face_refusal(timeline: Timeline, *signals: str, least_rate_hz: float = 0.0) -> Message | None:
    """Why eyes, mouth or head of the main person cannot be judged: no face has such signals, it is too small, or there
    are too few pictures a second. None when they can."""
    tracks = tracks_of(timeline)
    main = tracks.main
    if main is None or not any(np.isfinite(main[signal]).any() for signal in signals):
        return Message.of("person.refused.no_face")
    width_px = float(np.median(main["width"][main.measured])) * tracks.width_px if main.measured.any() else 0.0
    if tracks.width_px and width_px < SIZE_PX[0]:
        return Message.of("person.refused.small", seen=round(width_px), needed=round(SIZE_PX[0]))
    if is_slower(main.frame_rate_seen, least_rate_hz):
        return Message.of("person.refused.rate", seen=round(main.frame_rate_seen, 1), needed=round(least_rate_hz, 1))
    return None
