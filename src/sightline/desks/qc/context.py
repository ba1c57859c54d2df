"""Labels: what surrounds an event, so that a template can tell a defect from what an editor meant.

Pure: events in, the same events with labels out. A label says what is there and never judges; rules of a template do.
``docs/templates.md`` defines each label for those who write templates.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from sightline.clock import Span
from sightline.detectors.detector import span_of_rows
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

TOUCH_S = 0.1
"""What lies this close counts as touching: two pictures at 24 a second, one at 10. Detectors place an edge at the
first picture that is fully black, still or new, so neighbours may lie a picture or two apart; sound and pictures of
one file start and end up to a packet (some 20 to 40 ms) apart."""
COVERED_SHARE = 0.9
"""Of an event's time, to lie "in" another. Not all of it, because the edges of two detectors differ as above."""

HEAD, TAIL, SLATE = "head", "tail", "slate"
FADE_BETWEEN_SHOTS, END_CARD, WITH_BLACK, WITH_SILENCE = "fade_between_shots", "end_card", "with_black", "with_silence"
AT_CUT, BETWEEN_SHOTS, IN_FADE, IN_FLASHING = "at_cut", "between_shots", "in_fade", "in_flashing"
LABELS = (HEAD, TAIL, SLATE, FADE_BETWEEN_SHOTS, END_CARD, WITH_BLACK, WITH_SILENCE, AT_CUT, BETWEEN_SHOTS, IN_FADE,
          IN_FLASHING)  # fmt: skip

DETECTOR_LABELS = ("black", "beside_black", "whole_stream", "one_side_silent", "letterbox", "pillarbox", "windowbox",
                   "one_sided", "flagged_progressive", "unflagged", "field_order_mismatch", "ebu_bars", "smpte_ecr1",
                   "smpte_rp219", "test_pattern", "flash", "extended", "gap", "early", "variable_rate",
                   "repeated_time", "times_run_back", "truncated", "format_change", "unknown_time", "reserved_codes",
                   "cadence", "single", "short", "blank")  # fmt: skip
"""What detectors themselves label events with; rules may speak of these too."""

_PICTURE_KINDS = frozenset({"black", "freeze", "single_colour", "flash_frame", "bars", "flash_luminance", "flash_red",
                            "pattern", "duplicate_frames"})  # fmt: skip
_EDGE_KINDS = _PICTURE_KINDS | {"silence", "click", "dropout"}


class _Moments(NamedTuple):
    """Start and end in seconds; floats do where a tenth of a second decides."""

    start: float
    end: float

    @classmethod
    def of(cls, span: Span) -> _Moments:
        return cls(*span.seconds)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where events of some kinds lie, in order of their start, for asking fast."""

    starts: list[float]
    ends: list[float]
    reach: list[float]
    """The latest end so far, which rises even where events overlap."""

    @classmethod
    def of(cls, events: Iterable[Event]) -> _Places:
        spans = sorted(_Moments.of(event.span) for event in events)
        ends = [end for _, end in spans]
        return cls([start for start, _ in spans], ends, list(accumulate(ends, max)))

    def touch(self, at: _Moments) -> bool:
        """Whether one overlaps the time or lies within `TOUCH_S` of it."""
        before = bisect_right(self.starts, at.end + TOUCH_S)
        return before > 0 and self.reach[before - 1] >= at.start - TOUCH_S

    def start_at(self, moment: float) -> bool:
        """Whether one starts within `TOUCH_S` of a moment."""
        first = bisect_left(self.starts, moment - TOUCH_S)
        return first < len(self.starts) and self.starts[first] <= moment + TOUCH_S

    def cover(self, at: _Moments) -> bool:
        """Whether they take up `COVERED_SHARE` of the time. What two of them share counts once."""
        if not self.starts:
            return False
        start, shared = at.start, 0.0
        for i in range(bisect_right(self.reach, start), bisect_left(self.starts, at.end)):
            low, high = max(start, self.starts[i]), min(at.end, self.ends[i])
            if high > low:
                shared += high - low
                start = high
        return at.end > at.start and shared >= COVERED_SHARE * (at.end - at.start)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    pictures: _Moments
    whole: _Moments
    last_shot: _Moments | None
    of: Callable[[str], _Places]


def labelled(timeline: Timeline) -> tuple[Event, ...]:
    """The timeline's events, in the same order, with the labels that hold for them."""
    around = _surroundings(timeline)
    known = _EDGE_KINDS | _BY_KIND.keys()
    return tuple(
        event.labelled(*found) if event.kind in known and (found := tuple(_labels(event, around))) else event
        for event in timeline.events
    )


def _surroundings(timeline: Timeline) -> _Surroundings:
    by_kind: dict[str, list[Event]] = {}
    for event in timeline.events:
        by_kind.setdefault(event.kind, []).append(event)
    by_kind["mix"] = [*by_kind.get("fade", ()), *by_kind.get("dissolve", ())]
    by_kind["flashing"] = [*by_kind.get("flash_luminance", ()), *by_kind.get("flash_red", ())]
    by_kind["edit"] = [*by_kind.get("cut", ()), *by_kind["mix"], *by_kind.get("wipe", ())]
    # Silence of one channel alone is no silence of the programme.
    by_kind["silence"] = [e for e in by_kind.get("silence", ()) if e.evidence.get("channel") in (None, "all")]
    places: dict[str, _Places] = {}

    def of(kind: str) -> _Places:
        if kind not in places:
            places[kind] = _Places.of(by_kind.get(kind, ()))
        return places[kind]

    clock, whole = timeline.pictures, _Moments.of(timeline.span)
    pictures = _Moments.of(span_of_rows(clock, 0, len(clock))) if clock is not None and len(clock) else whole
    last = max((_Moments.of(shot.span) for shot in by_kind.get("shot", ())), default=None)
    return _Surroundings(pictures, whole, last, of)


def _labels(event: Event, around: _Surroundings) -> Iterable[str]:
    at = _Moments.of(event.span)
    if event.kind in _EDGE_KINDS:
        whole = around.pictures if event.kind in _PICTURE_KINDS else around.whole
        if at.start <= whole.start + TOUCH_S:
            yield HEAD
        if at.end >= whole.end - TOUCH_S:
            yield TAIL
    for label, holds in _BY_KIND.get(event.kind, {}).items():
        if holds(at, around):
            yield label


_Holds = Callable[[_Moments, _Surroundings], bool]


def _in(kind: str) -> _Holds:
    return lambda at, around: around.of(kind).cover(at)


def _beside(kind: str) -> _Holds:
    return lambda at, around: around.of(kind).touch(at)


def _is_end_card(at: _Moments, around: _Surroundings) -> bool:
    last = around.last_shot
    return last is not None and at.start >= last.start - TOUCH_S and at.end >= around.pictures.end - TOUCH_S


def _is_between_shots(at: _Moments, around: _Surroundings) -> bool:
    edits = around.of("edit")
    return edits.start_at(at.start) and edits.start_at(at.end)


_BY_KIND: Mapping[str, Mapping[str, _Holds]] = {
    "black": {FADE_BETWEEN_SHOTS: _beside("fade"), WITH_SILENCE: _in("silence"), SLATE: _in("bars")},
    "freeze": {END_CARD: _is_end_card, WITH_BLACK: _in("black"), WITH_SILENCE: _in("silence"), SLATE: _in("bars")},
    "single_colour": {
        BETWEEN_SHOTS: _is_between_shots,
        WITH_BLACK: _in("black"),
        IN_FADE: _in("mix"),
        IN_FLASHING: _in("flashing"),
        FADE_BETWEEN_SHOTS: _beside("fade"),
        SLATE: _in("bars"),
    },
    "silence": {WITH_BLACK: _in("black"), SLATE: _in("bars")},
    "flash_frame": {
        AT_CUT: _beside("cut"),
        WITH_BLACK: _in("black"),
        IN_FADE: _in("mix"),
        IN_FLASHING: _in("flashing"),
    },
    "flash_luminance": {IN_FADE: _in("mix")},
    "flash_red": {IN_FADE: _in("mix")},
    "duplicate_frames": {IN_FADE: _in("mix"), SLATE: _in("bars"), WITH_BLACK: _in("black")},
    "click": {AT_CUT: _beside("cut")},
    "dropout": {AT_CUT: _beside("cut")},
    "pattern": {SLATE: _in("bars")},
    "out_of_gamut": {SLATE: _in("bars")},
    "out_of_range": {SLATE: _in("bars")},
}
