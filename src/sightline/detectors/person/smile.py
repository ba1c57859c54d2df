"""Smiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.baselines import speaking_at
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.detectors.person.smoothing import held
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SmileDetector:
    """``smile``: the corners of the main person's mouth (``mouthSmileLeft`` and ``Right``) rise over that person's
    rest. ``value`` is how far at most, as a share of the full range; ``mean`` over the smile.

    What can be seen, not what is felt. The rest is the lower tenth of the recording, and never over ``most_rest``:
    somebody who smiles throughout shows no rest. One or two pictures make no smile, however clear they are.
    """

    name: ClassVar[str] = "smile"
    kinds: ClassVar[tuple[str, ...]] = ("smile",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    onset: float = 0.25
    """Over the rest. All of these are heuristic."""
    offset: float = 0.15
    most_rest: float = 0.15
    min_s: float = 0.4
    bridge_s: float = 0.2
    """A word spoken in between does not end a smile."""
    least_pictures: int = 3

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        signal, rest = main.mean_of("mouthSmileLeft", "mouthSmileRight"), self.rest(main)
        smiling, speaking = held(signal - rest, self.onset, self.offset), speaking_at(timeline, main.clock)
        return tuple(
            self._event(main, signal - rest, rest, (first, last), None if speaking is None else bool(speaking[first]))
            for first, last in main.clock.runs_lasting(smiling, self.min_s, bridge_s=self.bridge_s)
            if smiling[first:last].sum() >= self.least_pictures
        )

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why smiles cannot be told in this recording; None when they can."""
        least_rate_hz = (self.least_pictures - 1) / self.min_s
        return face_refusal(timeline, "mouthSmileLeft", least_rate_hz=least_rate_hz)

    def rest(self, main: Track) -> float:
        """mouthSmile of this person's mouth at rest."""
        signal = main.mean_of("mouthSmileLeft", "mouthSmileRight")
        return min(self.most_rest, float(np.percentile(signal[np.isfinite(signal)], 10)))

    def _event(
        self, main: Track, over: npt.NDArray[np.float64], rest: float, rows: tuple[int, int], speaking: bool | None
    ) -> Event:
        part = over[slice(*rows)]
        part = part[np.isfinite(part)]
        evidence: dict[str, Scalar] = {
            "value": round(float(part.max()), 3), "unit": "share", "threshold": self.onset, "baseline": round(rest, 3),
            "mean": round(float(part.mean()), 3), "pictures": len(part), "speaking": speaking, "face": main.index,
        }  # fmt: skip
        confidence = min(1.0, 0.5 + (float(part.max()) - self.onset))
        return Event("smile", main.clock.span(*rows), Severity.INFO, round(confidence, 2), evidence)


DETECTOR = SmileDetector
