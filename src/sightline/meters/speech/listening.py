"""What meters of speech build on: one channel at 16 kHz, in whole seconds."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from sightline.meters.meter import SoundNeeds
from sightline.meters.seconds import Samples, SoundMeter

RATE_HZ = 16_000
"""What speech models are trained on. It holds sound up to 8 kHz."""
HOP = 160
"""10 ms: a row of pitch and of intensity."""


class SpeechMeter(SoundMeter):
    """A `SoundMeter` that hears the mean of all channels at 16 kHz; the clock ticks 16 000 times a second."""

    needs: ClassVar[SoundNeeds] = SoundNeeds(RATE_HZ, mono=True)

    def second(self, samples: Samples) -> None:
        self.hear(samples[0])

    @abstractmethod
    def hear(self, samples: Samples) -> None:
        """The next ``(16000,)`` samples, fewer when ``self.is_last``; the array is reused."""
