"""How high the voice is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sightline.meters.seconds import Samples
from sightline.meters.speech.intensity import Intensity, loudest
from sightline.meters.speech.listening import HOP, SpeechMeter
from sightline.meters.speech.pitch_track import HIGHEST_HZ, LOWEST_HZ, PitchTrack
from sightline.timeline.columns import Column, Columns

QUIET_DB = 30.0
"""A row this much below the loudest is background, whatever its pitch: 3 % of the amplitude, as in Boersma (1993)."""


class PitchMeter(SpeechMeter):
    """A row is 10 ms of sound: ``f0``, the pitch in Hz from 65 to 400, NaN where the sound has none or is much quieter
    than the loudest; ``strength``, how well the sound repeats itself after that period, 0 to 1.

    Anything that sounds in that range has a pitch, music and hum too; rows in speech are those of the ``voice`` meter.
    """

    id: ClassVar[str] = "pitch"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        self._track, self._intensity = PitchTrack(), Intensity()
        self._found: list[tuple[Samples, Samples]] = []
        self._levels: list[Samples] = []

    def hear(self, samples: Samples) -> None:
        self._found.append(self._track.heard(samples))
        self._levels.append(self._intensity.heard(samples))

    def finish(self) -> Columns:
        self._found.append(self._track.rest())
        self._levels.append(self._intensity.rest())
        pitch, strength = (np.concatenate(values) for values in zip(*self._found, strict=True))
        levels = np.concatenate(self._levels)
        if len(levels):
            pitch[~(levels > loudest(levels) - QUIET_DB)] = np.nan
        ticks = self.first_tick + np.arange(len(pitch), dtype=np.int64) * HOP
        columns = Column("f0", "hz", pitch), Column("strength", "share", strength)
        notes = self.notes(lowest_hz=LOWEST_HZ, highest_hz=HIGHEST_HZ, quiet_db=QUIET_DB)
        return Columns(self.id, self.time_base, ticks, self.end, columns, notes)


METER = PitchMeter
