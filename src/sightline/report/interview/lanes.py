"""What is drawn on the time axis beneath the player: lanes of events and of curves, small enough to send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sightline.clock import Span
from sightline.detectors.person.face_tracks import tracks_of
from sightline.report.interview.curves import (
    Plot,
    Source,
    eyes_plot,
    gaze_plot,
    head_plot,
    loudness_plot,
    pitch_plot,
    posture_plot,
    smile_plot,
)
from sightline.report.interview.showing import (
    event_text,
    kind_title,
    label_title,
    voice_of,
    voice_title,
)
from sightline.report.lanes import HEIGHT
from sightline.report.page import Both, sentence
from sightline.text import Message
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

MOST_EVENTS = 12_000
"""Of one kind, in a lane; three hours of blinks are five thousand. The CSV has all."""
TICKS = 100
"""Events are drawn in hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Events of one kind in a lane."""

    id: str
    name: Both
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    texts: tuple[Both, ...]
    """What there is to say of an event, each text once."""
    text_of: tuple[int, ...]
    """The text of each event."""
    path: str
    """In hundredths of a second from the start of the media by ``HEIGHT``."""
    count: int
    """Of all, also those left out."""


@dataclass(frozen=True, slots=True)
class Lane:
    id: str
    name: Both
    kinds: tuple[Kind, ...]
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class Axis:
    """All lanes, and those there is nothing for with the reason where it is known."""

    lanes: tuple[Lane, ...]
    missing: tuple[tuple[Both, Message | None], ...]


@dataclass(frozen=True, slots=True)
class _Spec:
    id: str
    kinds: tuple[str, ...] = ()
    meters: tuple[str, ...] = ()
    """Without any of these measured, there is no lane, even an empty one."""
    plot: Callable[[Source], Plot | None] | None = None


def axis_of(timeline: Timeline) -> Axis:
    source = Source(timeline, tracks_of(timeline).main)
    made: list[Lane] = []
    missing: list[tuple[Both, Message | None]] = []
    for spec in _SPECS:
        name = sentence(f"interview_report.lane.{spec.id}")
        plot = spec.plot(source) if spec.plot else None
        kinds = _kinds(timeline, spec)
        if plot is not None or kinds or any(meter in timeline for meter in spec.meters):
            made.append(Lane(spec.id, name, kinds, plot))
        else:
            why = (timeline.not_measured.get(meter) for meter in spec.meters)
            missing.append((name, next((message for message in why if message is not None), None)))
    return Axis(tuple(made), tuple(missing))


def _kinds(timeline: Timeline, spec: _Spec) -> tuple[Kind, ...]:
    made: list[Kind] = []
    for kind in spec.kinds:
        variants: dict[str, list[Event]] = {}
        for event in timeline.events_of(kind):
            variants.setdefault(_variant(event), []).append(event)
        for variant, events in sorted(variants.items(), key=lambda item: (item[0] != "own", item[0])):
            made.append(_kind(kind, _variant_name(kind, variant), events, timeline.span))
    return tuple(made)


def _variant(event: Event) -> str:
    """What tells events of one kind apart in a lane: where a look went, whose voice a turn is."""
    if event.kind == "gaze_away":
        return next((label for label in ("off_screen", "screen") if label in event.labels), "")
    return voice_of(event) if event.kind == "speaker_turn" else ""


def _variant_name(kind: str, variant: str) -> Both:
    if not variant:
        return kind_title(kind)
    return voice_title(variant) if kind == "speaker_turn" else label_title(variant)


def _kind(kind: str, name: Both, events: Sequence[Event], whole: Span) -> Kind:
    inside = [e for e in events if e.span.start <= whole.end and e.span.end >= whole.start]
    kept = inside[:MOST_EVENTS]
    times = [(float(max(e.span.start, whole.start)), float(min(e.span.end, whole.end))) for e in kept]
    times = [(start, max(start, end)) for start, end in times]
    offset = float(whole.start)
    path = "".join(
        f"M{round((start - offset) * TICKS)} 0h{round((end - start) * TICKS)}v{HEIGHT}h-{round((end - start) * TICKS)}z"
        for start, end in times
    )
    starts, ends = (tuple(round(time[i], 3) for time in times) for i in (0, 1))
    known: dict[tuple[str, ...], int] = {}
    texts: list[Both] = []
    text_of: list[int] = []
    for event in kept:
        text = event_text(event)
        key = tuple(text.values())
        if key not in known:
            known[key] = len(texts)
            texts.append(text)
        text_of.append(known[key])
    return Kind(kind, name, starts, ends, tuple(texts), tuple(text_of), path, len(events))


_FACES = ("faces",)
_SPECS = (
    _Spec("speech", ("speech",), ("voice",)),
    _Spec("words", (), ("words",)),
    _Spec("pauses", ("pause",), ("voice", "words")),
    _Spec("fillers", ("filler",), ("words", "voice")),
    _Spec("turns", ("speaker_turn",), ("speakers",)),
    _Spec("gaze", ("gaze_away",), _FACES, gaze_plot),
    _Spec("eyes", ("blink", "eyes_closed"), _FACES, eyes_plot),
    _Spec("smile", ("smile",), _FACES, smile_plot),
    _Spec("brows", ("brow_raise", "brow_lower"), _FACES),
    _Spec("head", ("nod", "head_shake"), _FACES, head_plot),
    _Spec("posture", ("slouch", "lean", "shoulder_tilt"), ("pose",), posture_plot),
    _Spec("hands", ("gesture", "self_touch"), ("hands", "pose")),
    _Spec("loudness", (), ("loudness",), loudness_plot),
    _Spec("pitch", (), ("pitch",), pitch_plot),
    _Spec("picture", ("face_missing", "framing"), _FACES),
    _Spec("cues", ("second_face", "second_voice", "reading_like"), _FACES),
)
KINDS = frozenset(kind for spec in _SPECS for kind in spec.kinds)
"""Every kind of event some lane shows."""
