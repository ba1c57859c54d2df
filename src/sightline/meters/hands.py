"""Where a person's hands and fingers are."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np

from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.body.hand_networks import POINTS, HandNetworks
from sightline.meters.crops import Upright
from sightline.meters.meter import NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows
from sightline.weights.sessions import Lease, lease

MODEL = "hand_landmarker"
MOST_HANDS = 4
_FIELDS = (
    {"hand": ("index", np.int8), "is_right": ("flag", np.int8), "score": ("share", np.float32)}
    | {f"x{number}": ("share", np.float32) for number in range(POINTS)}
    | {f"y{number}": ("share", np.float32) for number in range(POINTS)}
)


class HandsMeter:
    """Five times a second, a row a hand, the surest first: ``is_right`` (the person's own right hand), ``score``, and
    21 points as shares of the displayed width and height: 0 the wrist, 4, 8, 12, 16, 20 the tips, thumb first.

    A picture without hands has one row with ``hand`` -1.
    """

    id: ClassVar[str] = "hands"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(rate_hz=Fraction(5))

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
        self._lease: Lease[HandNetworks] | None = None

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        if self._lease is None:
            self._lease = lease(self._shelf, MODEL, HandNetworks.load)
        for picture in batch:
            self._measure(self._lease.session, picture)

    def columns(self) -> Columns:
        if self._lease is not None:
            self._lease.close()
        notes = {"width_px": round(self._upright.width_px), "height_px": round(self._upright.height_px)}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _measure(self, networks: HandNetworks, picture: Picture) -> None:
        tick = self._clock.tick(picture)
        found = networks.find(self._upright, picture, MOST_HANDS)
        for number, hand in enumerate(found):
            x, y = (hand.points / [self._upright.width_px, self._upright.height_px]).T.tolist()
            self._rows.append(tick, number, hand.is_right, hand.score, *x, *y)
        if not found:
            self._rows.append(tick, -1, -1, *[float("nan")] * (len(_FIELDS) - 2))


METER = HandsMeter
