"""More than one face in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.person.face_tracks import tracks_of
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SecondFaceDetector:
    """``second_face``: two faces or more for ``min_s`` or longer. ``value`` is how long, in seconds; ``people`` the
    most faces at once. The label ``throughout`` says that it is so for nearly the whole recording, as when two talk.

    A picture on the wall counts as a face: what it means is for a person to say.
    """

    name: ClassVar[str] = "second_face"
    kinds: ClassVar[tuple[str, ...]] = ("second_face",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    min_s: float = 1.0
    bridge_s: float = 0.5
    """A face lost for so long is the same sight. Heuristic."""
    throughout_share: float = 0.9
    least_pictures: int = 2

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        tracks = tracks_of(timeline)
        clock, several = tracks.clock, tracks.count >= 2
        whole_s = clock.duration_s
        events = []
        for first, last in clock.runs_lasting(several, self.min_s, bridge_s=self.bridge_s):
            seen = int(several[first:last].sum())
            if seen < self.least_pictures:
                continue
            length = clock.seconds_of(first, last)
            evidence: dict[str, Scalar] = {
                "value": round(length, 3), "unit": "s", "threshold": self.min_s,
                "people": int(tracks.count[first:last].max()), "pictures": seen,
            }  # fmt: skip
            throughout = length >= self.throughout_share * whole_s
            labels, severity = (("throughout",), Severity.INFO) if throughout else ((), Severity.WARNING)
            confidence = round(min(1.0, 0.5 + 0.05 * seen) * seen / (last - first), 2)
            events.append(Event("second_face", clock.span(first, last), severity, confidence, evidence, labels))
        return tuple(events)


DETECTOR = SecondFaceDetector
