"""Scores from which shots and transitions are judged, on the picture clock.

A row speaks of what ends at its picture, so no row needs a later one. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.meter import NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.meters.shot_change import Change, ChangeMeasure
from sightline.meters.shot_past import Past
from sightline.meters.shot_ramps import Ramp, ramps
from sightline.meters.shot_tone import tone
from sightline.meters.shot_wipe import look_at_wipe
from sightline.timeline.columns import Columns, Rows

LOOKED_AT_CODES = 3.0
"""Below this change to the previous picture (RMS) nothing can have been cut, and the optical flow is left out."""
LOOKED_AT_SCORE = 12.0
"""Below this score of a dissolve or a wipe its sides are not compared: slow camera moves stay below."""
RETURN_PICTURES, RETURN_S = 3, 0.125
"""A flash is looked for over this many pictures or this long, whichever is more."""
RETURN_SHARE = 0.4
"""The sides of a flash are closer to each other than this share of the step that ends it."""

WORTH_A_FLOW = 0.5
"""A wipe replaces and covers at least this much before its sides are compared along the flow; a step leaves at least
this much unexplained before it is compared at any exposure."""

_FIELDS: Mapping[str, tuple[str, npt.DTypeLike]] = {
    "change": ("code", np.float32),
    "luma": ("code", np.float32),
    "level": ("code", np.float32),
    "contrast": ("code", np.float32),
    "unexplained": ("share", np.float32),
    "unexplained_cells": ("share", np.float32),
    "changed_cells": ("share", np.float32),
    "zoom": ("share", np.float32),
    "motion": ("share", np.float32),
    "return_pictures": ("count", np.int16),
    "return_share": ("share", np.float32),
    "dissolve": ("code", np.float32),
    "dissolve_pictures": ("count", np.int16),
    "dissolve_unexplained": ("share", np.float32),
    "dissolve_cells": ("share", np.float32),
    "dissolve_covered": ("share", np.float32),
    "wipe": ("code", np.float32),
    "wipe_pictures": ("count", np.int16),
    "wipe_replaced": ("share", np.float32),
    "wipe_covered": ("share", np.float32),
    "wipe_unexplained": ("share", np.float32),
    "wipe_way": ("class", np.int8),
}


class ShotMeter:
    """Change, return, dissolve and wipe scores of every picture; NaN where nothing had to be looked at."""

    id: ClassVar[str] = "shots"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(lookback_s=Fraction(2), lookback_pictures=8)

    def __init__(self, subject: Subject, **_: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("shots.no_video")
        self._clock = PictureClock(subject.video)
        self._rows = Rows(_FIELDS)
        self._past = Past(self._clock.time_base)
        self._change = ChangeMeasure()

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            self._measure(picture)

    def columns(self) -> Columns:
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end)

    def _measure(self, picture: Picture) -> None:
        past = self._past
        past.add(picture.small, picture.pts)
        change = past.distance(0, 1) if len(past) > 1 else 0.0
        dissolve, wipe = ramps(past)
        self._rows.append(
            self._clock.tick(picture),
            change,
            *tone(past.small(0)),
            *self._steps(change),
            *self._return(change),
            *self._dissolve(dissolve),
            *self._wipe(wipe),
        )

    def _steps(self, change: float) -> tuple[float, ...]:
        if change < LOOKED_AT_CODES:
            return (float("nan"),) * 5
        old, new = self._past.small(1), self._past.small(0)
        found = self._change.between(old, new)
        if found.unexplained >= WORTH_A_FLOW:  # a lamp switched on is no cut
            found = self._change.between(old, new, any_exposure=True)
        return found.unexplained, found.unexplained_cells, found.changed_cells, found.zoom, found.motion

    def _return(self, change: float) -> tuple[int, float]:
        """How many pictures ago it looked like now, if a different picture stood in between."""
        past = self._past
        if change < LOOKED_AT_CODES:
            return 0, float("nan")
        for gap in range(1, len(past) - 1):
            if gap > RETURN_PICTURES and past.age_s(gap) > RETURN_S:
                break
            share = past.distance(0, gap + 1) / change
            if share < RETURN_SHARE and past.distance(gap, gap + 1) > change / 2:
                return gap, share
        return 0, float("nan")

    def _dissolve(self, ramp: Ramp) -> tuple[float, int, float, float, float]:
        if ramp.score < LOOKED_AT_SCORE:
            return ramp.score, ramp.pictures, float("nan"), float("nan"), float("nan")
        found = self._sides(ramp)
        return ramp.score, ramp.pictures, found.unexplained, found.unexplained_cells, found.changed_cells

    def _wipe(self, ramp: Ramp) -> tuple[float, int, float, float, float, int]:
        if ramp.score < LOOKED_AT_SCORE:
            return ramp.score, ramp.pictures, float("nan"), float("nan"), float("nan"), 0
        found = look_at_wipe(self._past, ramp.pictures)
        unexplained = float("nan")
        if found.replaced_once >= WORTH_A_FLOW and found.covered >= WORTH_A_FLOW:
            unexplained = self._sides(ramp).unexplained
        return ramp.score, ramp.pictures, found.replaced_once, found.covered, unexplained, int(found.way)

    def _sides(self, ramp: Ramp) -> Change:
        past = self._past
        apart = past.distance(0, ramp.pictures)
        return self._change.between(past.small(ramp.pictures), past.small(0), any_exposure=True, apart=apart)


METER = ShotMeter
