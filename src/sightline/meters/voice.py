"""When somebody speaks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sightline.meters.meter import Parameter, Subject
from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import SpeechMeter
from sightline.meters.speech.voice_activity import WINDOW, VoiceActivity, model_file
from sightline.timeline.columns import Columns, Rows


class VoiceMeter(SpeechMeter):
    """A row is 32 ms of sound: ``speech``, the probability that somebody speaks in it, by the Silero detector.

    The model hears singing as speech now and then, and whispering as silence. The last row may be short; it is measured
    with silence after it.
    """

    id: ClassVar[str] = "voice"
    version: ClassVar[int] = 1

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        model_file()

    def begin(self) -> None:
        self._activity = VoiceActivity()
        self._rows = Rows({"speech": ("share", np.float32)})

    def hear(self, samples: Samples) -> None:
        self._add(self._activity.heard(samples))

    def finish(self) -> Columns:
        self._add(self._activity.rest())
        return self._rows.columns(self.id, self.time_base, self.end, self.notes())

    def _add(self, speech: Samples) -> None:
        first = len(self._rows)
        self._rows.extend(self.first_tick + np.arange(first, first + len(speech)) * WINDOW, speech=speech)


METER = VoiceMeter
