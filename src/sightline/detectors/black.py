"""Black pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.detector import lasting_runs, span_of_rows
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Black:
    """Runs of black pictures, from one picture on, ``[first black, first that is not)``, to the end of the stream.

    What counts as a black *pixel* is the meter's ``black_pixel``.
    """

    name: ClassVar[str] = "black"
    kinds: ClassVar[tuple[str, ...]] = ("black",)
    needs: ClassVar[tuple[str, ...]] = ("levels",)
    after: ClassVar[tuple[str, ...]] = ()

    min_share: float = 0.98
    """Share of black pixels that makes a picture black (FFmpeg's blackdetect)."""
    min_duration_s: float = 0.0

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        levels = timeline.columns["levels"]
        shares = levels["black_share"]
        found = []
        for first, last in lasting_runs(levels, shares >= self.min_share, self.min_duration_s):
            span = span_of_rows(levels, first, last)
            least = float(shares[first:last].min())
            evidence: dict[str, Scalar] = {
                "value": least, "unit": "share", "threshold": self.min_share, "pictures": last - first,
                "mean_luma": float(levels["y_mean"][first:last].mean()), "at_end": last == len(levels),
            }  # fmt: skip
            # Half sure at the threshold, sure when every pixel is black.
            confidence = 0.5 + 0.5 * (least - self.min_share) / max(1 - self.min_share, 1e-9)
            found.append(Event("black", span, Severity.INFO, min(1.0, confidence), evidence))
        return tuple(found)


DETECTOR = Black
