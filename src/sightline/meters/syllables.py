"""Where syllables are, without knowing the words."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.meter import Parameter, Subject
from sightline.meters.seconds import Samples
from sightline.meters.speech.intensity import Intensity, loudest
from sightline.meters.speech.listening import HOP, SpeechMeter
from sightline.meters.speech.pitch_track import PitchTrack
from sightline.meters.speech.voice_activity import SPEECH, WINDOW, VoiceActivity, model_file
from sightline.timeline.columns import Column, Columns

DIP_DB = 2.0
"""How far loudness must fall between two nuclei."""
BELOW_LOUDEST_DB = 25.0
"""A peak this far below the loudest is no nucleus. Both numbers are those of De Jong and Wempe (2009)."""


class SyllablesMeter(SpeechMeter):
    """A row is a syllable's nucleus: ``level`` in dBFS of the 64 ms around it. The tick is that of its loudest 10 ms.

    Nuclei are peaks of loudness with a dip of 2 dB before them, voiced and in speech (after De Jong and Wempe, "Praat
    script to detect syllable nuclei and measure speech rate automatically", 2009). Neighbouring vowels without a dip
    count as one, so fast speech is undercounted.
    """

    id: ClassVar[str] = "syllables"
    version: ClassVar[int] = 1

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        model_file()

    def begin(self) -> None:
        self._track, self._intensity, self._activity = PitchTrack(), Intensity(), VoiceActivity()
        self._voiced: list[npt.NDArray[np.bool_]] = []
        self._levels: list[Samples] = []
        self._speech: list[Samples] = []

    def hear(self, samples: Samples) -> None:
        self._voiced.append(np.isfinite(self._track.heard(samples)[0]))
        self._levels.append(self._intensity.heard(samples))
        self._speech.append(self._activity.heard(samples))

    def finish(self) -> Columns:
        self._voiced.append(np.isfinite(self._track.rest()[0]))
        self._levels.append(self._intensity.rest())
        self._speech.append(self._activity.rest())
        levels = np.concatenate(self._levels)
        speech = np.concatenate(self._speech) >= SPEECH
        middles = np.arange(len(levels)) * HOP + HOP // 2
        in_speech = speech[np.minimum(middles // WINDOW, len(speech) - 1)] if len(speech) else np.zeros(0, bool)
        rows = nuclei(levels, np.concatenate(self._voiced), in_speech)
        ticks = self.first_tick + rows * HOP
        notes = self.notes(dip_db=DIP_DB, below_loudest_db=BELOW_LOUDEST_DB)
        return Columns(self.id, self.time_base, ticks, self.end, (Column("level", "dbfs", levels[rows]),), notes)


def nuclei(levels: Samples, voiced: npt.NDArray[np.bool_], in_speech: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Rows of the nuclei, given each row's level in dB, whether it is voiced, and whether somebody speaks in it."""
    heard = levels[in_speech & np.isfinite(levels)]
    if not len(heard):
        return np.zeros(0, np.int64)
    floor = loudest(heard) - BELOW_LOUDEST_DB
    hills = np.maximum(levels, floor - 2 * DIP_DB)
    found = [row for row in peaks(hills, DIP_DB) if levels[row] > floor and voiced[row] and in_speech[row]]
    return np.array(found, np.int64)


def peaks(levels: Samples, dip: float) -> list[int]:
    """Rows of local maxima, the highest between two falls of at least ``dip``."""
    found: list[int] = []
    top, low = 0, float(levels[0])
    climbing = True
    for row, level in enumerate(levels.tolist()):
        if climbing:
            if level > levels[top]:
                top = row
            elif level < levels[top] - dip:
                found.append(top)
                climbing, low = False, level
        elif level < low:
            low = level
        elif level > low + dip:
            climbing, top = True, row
    if climbing and levels[top] > low + dip:
        found.append(top)
    return found


METER = SyllablesMeter
