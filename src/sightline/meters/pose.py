"""Where a person's head, shoulders, arms and hips are."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np

from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.body.pose_networks import Body, PoseNetworks
from sightline.meters.crops import Box, Upright
from sightline.meters.meter import NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows
from sightline.weights.sessions import Lease, lease

MODEL = "pose_landmarker_lite"
POINTS = {
    "nose": 0, "eye_left": 2, "eye_right": 5, "ear_left": 7, "ear_right": 8, "mouth_left": 9, "mouth_right": 10,
    "shoulder_left": 11, "shoulder_right": 12, "elbow_left": 13, "elbow_right": 14, "wrist_left": 15,
    "wrist_right": 16, "hip_left": 23, "hip_right": 24,
}  # fmt: skip
"""Numbers of the points kept, of the 33 there are; left and right are the person's own."""
_FIELDS = {"score": ("share", np.float32)} | {
    f"{name}_{part}": ("share", np.float32) for name in POINTS for part in ("x", "y", "visibility")
}
_CHOSEN = list(POINTS.values())


class PoseMeter:
    """Five times a second, of the most prominent person: ``score`` and for each of `POINTS` ``x``, ``y`` (shares of the
    displayed width and height, from the left and from the top) and ``visibility``. NaN where nobody is.

    The person is looked for anew in the first picture of every second of media time and followed from there, so that
    what was seen more than a second ago changes nothing.
    """

    id: ClassVar[str] = "pose"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(rate_hz=Fraction(5), lookback_s=Fraction(1))

    @staticmethod
    def models(**_: Parameter) -> tuple[str, ...]:
        return (MODEL,)

    def __init__(self, subject: Subject, **_: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("body.no_video")
        self._upright = Upright(subject.video)
        self._clock = PictureClock(subject.video)
        self._rows = Rows(_FIELDS)
        self._shelf = subject.shelf
        self._lease: Lease[PoseNetworks] | None = None
        self._second: int | None = None
        self._box: Box | None = None

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        if self._lease is None:
            self._lease = lease(self._shelf, MODEL, PoseNetworks.load)
        for picture in batch:
            body = self._seen(self._lease.session, picture)
            self._rows.append(self._clock.tick(picture), *self._values(body))

    def columns(self) -> Columns:
        if self._lease is not None:
            self._lease.close()
        notes = {"width_px": round(self._upright.width_px), "height_px": round(self._upright.height_px)}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _seen(self, networks: PoseNetworks, picture: Picture) -> Body | None:
        second = picture.start.__floor__()
        if self._box is None or second != self._second:
            self._box = networks.find(self._upright, picture)
        self._second = second
        body = None if self._box is None else networks.look(self._upright, picture, self._box)
        self._box = None if body is None else body.box
        return body

    def _values(self, body: Body | None) -> list[float]:
        if body is None:
            return [float("nan")] * len(_FIELDS)
        placed = body.points[_CHOSEN] / [self._upright.width_px, self._upright.height_px]
        return [body.score, *np.column_stack([placed, body.visibility[_CHOSEN]]).ravel().tolist()]


METER = PoseMeter
