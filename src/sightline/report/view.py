"""What the HTML report shows, prepared: every text in both languages, every time as a share of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from sightline.clock import Span, clock_text
from sightline.desks.judgement import CheckResult, State
from sightline.facts import MediaFacts
from sightline.report.findings import Finding, findings
from sightline.report.framing import Framing, framing_or_none
from sightline.report.page import Both, both
from sightline.report.report import Report
from sightline.report.showing import evidence_text, kind_name, label_name
from sightline.report.thumbs import Thumb, Thumbs
from sightline.text import LANGUAGES, Language, words

STRUCTURE = ("shot", "cut", "dissolve", "fade", "wipe")
"""How the film is made: shown as a lane and a count, not row by row."""
MOST_ROWS = 600
"""Findings shown in full. The CSV has all."""
MOST_THUMB_BYTES = 1_700_000
"""JPEG bytes in one report; text of base64 makes them a third larger."""
STRIP_THUMBS = 16


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as shown."""

    finding: Finding
    name: Both
    tone: str
    """``fail``, ``warn``, ``waived``, ``error``, ``warning`` or ``info``: how it is coloured."""
    left: float
    """Start as a share of the media, 0 to 1."""
    right: float
    start_text: str
    end_text: str
    timecode: str | None
    value: Both
    threshold: Both
    evidence: tuple[tuple[Both, Both], ...]
    labels: tuple[Both, ...]
    thumb: Thumb | None
    thumb_inside: bool
    """Whether the thumbnail was taken during the finding."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Events of one kind on the time axis."""

    kind: str
    name: Both
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The film strip: shots, and thumbnails at even distances."""

    shots: tuple[tuple[float, float], ...]
    thumbs: tuple[tuple[float, Thumb], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything the page needs besides the report itself."""

    span: Span
    rows: tuple[Row, ...]
    hidden: int
    """Findings left out of the table."""
    lanes: tuple[Lane, ...]
    strip: Strip
    structure: tuple[tuple[Both, int], ...]
    groups: tuple[tuple[str, tuple[CheckResult, ...]], ...]
    counts: tuple[tuple[State, int], ...]
    facts: tuple[tuple[str, Both], ...]
    thumbs: tuple[Thumb, ...]
    """Each picture used, once."""
    framing: Framing | None


def view_of(report: Report) -> View:
    span = report.timeline.span
    shown = [f for f in findings(report.timeline, report.judgement) if f.event.kind not in STRUCTURE or f.checks]
    gravest = sorted(shown, key=lambda f: (not f.is_open, f.number))[:MOST_ROWS]
    framing = framing_or_none(report)
    pictures = Thumbs(report.timeline)
    budget = _Budget(MOST_THUMB_BYTES)
    strip = _strip(report, pictures, span, budget)
    ordered = sorted(gravest, key=lambda f: f.number)
    kept = {f.number: budget.keep(pictures.for_finding(f.event.span)) for f in gravest}
    rows = tuple(_row(f, span, framing, kept[f.number]) for f in ordered)
    return View(
        span=span,
        rows=rows,
        hidden=len(shown) - len(rows),
        lanes=_lanes(rows),
        strip=strip,
        structure=_structure(report),
        groups=_groups(report),
        counts=_counts(report),
        facts=tuple(_facts(report.timeline.media)),
        thumbs=budget.kept,
        framing=framing,
    )


def share_of(moment: Fraction, span: Span) -> float:
    """Where a moment lies in a span, 0 to 1."""
    if not span.duration:
        return 0.0
    return round(min(1.0, max(0.0, float((moment - span.start) / span.duration))), 6)


def tone_of(finding: Finding) -> str:
    if not finding.is_open:
        return "info"
    return finding.event.severity.value if finding.state is None else finding.state.value


class _Budget:
    """Keeps pictures, each once, until there are too many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._kept: dict[int, Thumb] = {}

    @property
    def kept(self) -> tuple[Thumb, ...]:
        return tuple(self._kept.values())

    def keep(self, thumb: Thumb | None) -> Thumb | None:
        if thumb is None or thumb.row in self._kept:
            return thumb
        if len(thumb.jpeg) > self._left:
            return None
        self._left -= len(thumb.jpeg)
        self._kept[thumb.row] = thumb
        return thumb


def _row(finding: Finding, span: Span, framing: Framing | None, thumb: Thumb | None) -> Row:
    event = finding.event
    told = {language: evidence_text(event, language) for language in LANGUAGES}
    count = len(told[Language.ENGLISH][2])
    return Row(
        finding=finding,
        name=both(lambda language: kind_name(event.kind, language)),
        tone=tone_of(finding),
        left=share_of(event.span.start, span),
        right=share_of(event.span.end, span),
        start_text=clock_text(event.span.start),
        end_text=clock_text(event.span.end),
        timecode=framing.timecode(framing.frames_of(event)[0]) if framing and event.start_frame is not None else None,
        value=both(lambda language: told[language][0]),
        threshold=both(lambda language: told[language][1]),
        evidence=tuple(
            ({ln: told[ln][2][i][0] for ln in LANGUAGES}, {ln: told[ln][2][i][1] for ln in LANGUAGES})
            for i in range(count)
        ),
        labels=tuple(both(lambda language, name=label: label_name(name, language)) for label in event.labels),  # type: ignore[misc]
        thumb=thumb,
        thumb_inside=thumb is not None and thumb.time in event.span,
    )


def _lanes(rows: tuple[Row, ...]) -> tuple[Lane, ...]:
    by_kind = sorted(rows, key=lambda row: row.finding.event.kind)
    return tuple(
        Lane(kind, members[0].name, members)
        for kind, group in groupby(by_kind, lambda row: row.finding.event.kind)
        for members in (tuple(group),)
    )


def _strip(report: Report, pictures: Thumbs, span: Span, budget: _Budget) -> Strip:
    shots = tuple(
        (share_of(shot.span.start, span), share_of(shot.span.end, span)) for shot in report.timeline.events_of("shot")
    )
    thumbs: dict[int, tuple[float, Thumb]] = {}
    if len(pictures) and span.duration:
        for slot in range(STRIP_THUMBS):
            wanted = span.start + span.duration * Fraction(2 * slot + 1, 2 * STRIP_THUMBS)
            thumb = budget.keep(pictures.nearest(wanted))
            if thumb is not None:
                thumbs.setdefault(thumb.row, (slot / STRIP_THUMBS, thumb))
    return Strip(shots, tuple(thumbs.values()))


def _structure(report: Report) -> tuple[tuple[Both, int], ...]:
    counted = Counter(event.kind for event in report.timeline.events if event.kind in STRUCTURE)
    return tuple(
        (both(lambda language, kind=kind: kind_name(kind, language)), counted[kind])  # type: ignore[misc]
        for kind in STRUCTURE
        if counted[kind]
    )


def _groups(report: Report) -> tuple[tuple[str, tuple[CheckResult, ...]], ...]:
    order = ("file", "video", "flash", "audio")
    names = [*order, *sorted({check.group for check in report.judgement.checks} - set(order))]
    grouped = ((name, tuple(c for c in report.judgement.checks if c.group == name)) for name in names)
    return tuple((name, checks) for name, checks in grouped if checks)


def _counts(report: Report) -> tuple[tuple[State, int], ...]:
    order = (State.FAIL, State.WARN, State.PASS, State.WAIVED, State.NOT_EVALUATED, State.NOT_APPLICABLE)
    counted = Counter(check.state for check in report.judgement.checks)
    return tuple((state, counted[state]) for state in order if counted[state])


def _facts(media: MediaFacts) -> Iterator[tuple[str, Both]]:
    """Catalogue name and text of what the container says."""

    def same(text: str) -> Both:
        return both(lambda _: text)

    yield "container", same(media.container.split(",")[0])
    if media.duration is not None:
        yield "duration", same(clock_text(media.duration))
    video = media.video
    if video is not None:
        rate = f"{float(video.rate):.6g} fps" if video.rate else ""
        yield "picture", same(f"{video.width}×{video.height}" + (f", {rate}" if rate else ""))
        codec = " ".join(part for part in (video.codec, video.profile) if part)
        yield "video_codec", same(f"{codec}, {video.bit_depth} bit {video.chroma.value}")
        tags = [tag or "?" for tag in (video.color_primaries, video.color_transfer, video.color_matrix)]
        scope = "report.full_range" if video.full_range else "report.limited_range"
        yield "colour", both(lambda language: f"{' / '.join(tags)}, {words(scope, language)}")
        yield "scan", both(lambda language: words(f"report.scan.{video.field_order.value}", language))
    for audio in media.audios:
        depth = f", {audio.bit_depth} bit" if audio.bit_depth else ""
        yield "sound", same(f"{audio.codec}, {audio.sample_rate_hz / 1000:g} kHz, {audio.layout}{depth}")
    timecode = media.start_timecode or (video.start_timecode if video else None)
    if timecode:
        yield "timecode", same(timecode)
    if media.bit_rate_bps:
        yield "bit_rate", same(f"{media.bit_rate_bps / 1e6:.2f} Mbit/s")
    yield "size", same(_size_text(media.size_bytes))


def _size_text(size_bytes: int) -> str:
    size, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.3g} {unit}" if size < 1000 and unit != "B" else f"{size:.0f} {unit}"
