"""No face in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.person.face_tracks import tracks_of
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class FaceMissingDetector:
    """``face_missing``: nobody's face is found for ``min_s`` or longer. ``value`` is how long, in seconds. The label
    ``throughout`` says that there is none in the whole recording.

    Says that no face was found, not that nobody was there: a hand, a mask, darkness or a turned head hide faces.
    """

    name: ClassVar[str] = "face_missing"
    kinds: ClassVar[tuple[str, ...]] = ("face_missing",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    min_s: float = 1.0
    least_pictures: int = 2
    """A single picture may be an error of the detector, however long it stands."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        tracks = tracks_of(timeline)
        clock, empty = tracks.clock, tracks.count == 0
        labels = ("throughout",) if empty.all() else ()
        return tuple(
            Event(
                "face_missing",
                clock.span(first, last),
                Severity.WARNING,
                min(1.0, 0.5 + 0.1 * (last - first)),
                {"value": round(clock.seconds_of(first, last), 3), "unit": "s", "threshold": self.min_s,
                 "pictures": last - first},
                labels,
            )
            for first, last in clock.runs_lasting(empty, self.min_s)
            if last - first >= self.least_pictures or labels
        )  # fmt: skip


DETECTOR = FaceMissingDetector
