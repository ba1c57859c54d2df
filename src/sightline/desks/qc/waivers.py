"""Waivers: findings that somebody has accepted, kept in a YAML file beside the programme.

    waivers:
      - check: V1
        start: "00:00:58"          # or 12.5, or the file's own timecode 10:00:58:00; both left out: all of it
        end: "00:01:03"
        sha256: 9f86d0…            # of the media, optional: a new version of the file is not covered
        expires: 2027-01-31        # optional, the last day it holds
        who: Kim Minji
        why: agreed pause before the second act

A waiver covers an event that lies wholly inside its range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sightline.clock import Span, Timecode, seconds_from_text
from sightline.desks.qc.check import checks
from sightline.errors import TemplateInvalid
from sightline.facts import MediaFacts
from sightline.timeline.event import Event

MAX_BYTES = 1_000_000
_Said = Annotated[str, Field(min_length=1, max_length=2000)]


class Refusal(StrEnum):
    """Why a waiver did not apply; the word stands in the check's details."""

    CONTENT_DIFFERS = "content_differs"
    CONTENT_UNKNOWN = "content_unknown"
    """The waiver names a content and the media's hash was not counted."""
    EXPIRED = "expired"
    OUTSIDE = "outside"
    """Its range covers none of what was found."""
    NO_TIMECODE = "no_timecode"
    """It speaks timecode, and this file has no rate to count it with."""


@dataclass(frozen=True, slots=True)
class WaiverEntry:
    """One entry of a waiver file."""

    check: str
    who: str
    why: str
    start: str | None = None
    end: str | None = None
    """As written, a time or a timecode; None: to the end."""
    sha256: str | None = None
    expires: date | None = None

    def span_in(self, media: MediaFacts) -> Span | Refusal | None:
        """The range on the media's clock; None when the entry has none."""
        if self.start is None and self.end is None:
            return None
        try:
            start = Fraction(-(10**9)) if self.start is None else _moment(self.start, media)
            end = Fraction(10**9) if self.end is None else _moment(self.end, media)
            return Span(start, end)
        except ValueError:
            return Refusal.NO_TIMECODE

    def refusal(self, media: MediaFacts, today: date) -> Refusal | None:
        """Why it does not hold for this media on this day, or None when it does."""
        if self.expires is not None and today > self.expires:
            return Refusal.EXPIRED
        if self.sha256 is not None:
            if media.sha256 is None:
                return Refusal.CONTENT_UNKNOWN
            if self.sha256.lower() != media.sha256.lower():
                return Refusal.CONTENT_DIFFERS
        span = self.span_in(media)
        return span if isinstance(span, Refusal) else None

    def covers(self, event: Event, media: MediaFacts) -> bool:
        span = self.span_in(media)
        return span is None or (isinstance(span, Span) and span.covers(event.span))


def load_waivers(path: Path) -> tuple[WaiverEntry, ...]:
    """The entries of a waiver file. Raises `TemplateInvalid` naming the entry and the key."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise TemplateInvalid("qc.template_no_file", file=str(path))
        # Every scalar stays text: YAML 1.1 would read the timecode 10:00:00:00 as a number to the base of sixty.
        plain = yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506  (a safe loader)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateInvalid("qc.template_no_file", file=str(path)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise TemplateInvalid("qc.waivers_not_yaml", file=path.name, problem=str(error)) from None
    return waivers_from(plain, path.name)


def waivers_from(plain: Any, name: str = "waivers") -> tuple[WaiverEntry, ...]:
    """The entries of what a waiver file says, as plain values. Raises `TemplateInvalid` as `load_waivers`."""
    try:
        file = _File.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "waivers"
        raise TemplateInvalid("qc.waiver_value", file=name, key=key, problem=first["msg"]) from None
    return tuple(_entry(name, number, row) for number, row in enumerate(file.waivers))


def uncovered(
    entries: Sequence[WaiverEntry], events: Sequence[Event], media: MediaFacts
) -> tuple[tuple[Event, ...], tuple[WaiverEntry, ...]]:
    """The events no entry covers, and the entries that cover something."""
    left = tuple(event for event in events if not any(entry.covers(event, media) for entry in entries))
    used = tuple(entry for entry in entries if any(entry.covers(event, media) for event in events))
    return left, used


class _TextLoader(yaml.SafeLoader):
    """Builds nothing but texts, lists and tables, and refuses aliases, which can make a small file huge."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed here")
        return super().compose_node(parent, index)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    check: _Said
    who: _Said
    why: _Said
    start: str | None = None
    end: str | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")] | None = None
    expires: date | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    waivers: list[_Row]


def _entry(file: str, number: int, row: _Row) -> WaiverEntry:
    key = f"waivers.{number}"
    if row.check not in checks():
        raise TemplateInvalid("qc.template_unknown_key", file=file, key=f"{key}.{row.check}",
                              allowed=", ".join(checks()), hint="–")  # fmt: skip
    for name, text in (("start", row.start), ("end", row.end)):
        if text is not None and not _is_timecode(text):
            try:
                seconds_from_text(text)
            except ValueError as error:
                raise TemplateInvalid("qc.waiver_value", file=file, key=f"{key}.{name}", problem=str(error)) from None
    entry = WaiverEntry(row.check, row.who, row.why, row.start, row.end, row.sha256, row.expires)
    if row.start and row.end and not (_is_timecode(row.start) or _is_timecode(row.end)):
        start, end = seconds_from_text(row.start), seconds_from_text(row.end)
        if end < start:
            raise TemplateInvalid("qc.waiver_value", file=file, key=f"{key}.end", problem=f"{row.end} < {row.start}")
    return entry


def _is_timecode(text: str) -> bool:
    return text.count(":") + text.count(";") == 3


def _moment(text: str, media: MediaFacts) -> Fraction:
    """Seconds on the media's clock. Timecode counts from the file's start timecode, which its first picture bears."""
    if not _is_timecode(text):
        return seconds_from_text(text)
    video = media.video
    if video is None or video.rate is None:
        raise ValueError("no frame rate to count timecode with")
    base = media.start_timecode or video.start_timecode
    first = Timecode.parse(base, video.rate).frames if base else 0
    return (Timecode.parse(text, video.rate).frames - first) / video.rate + (video.start or Fraction(0))
