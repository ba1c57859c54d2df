"""What the API says of what an analysis measured and found."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel

from sightline.api.analysis_views import EventView
from sightline.service.comparing import Comparison
from sightline.service.curves import SignalInfo
from sightline.service.sheets import Layout, Sprite
from sightline.service.tellings import Shots, Speech
from sightline.service.vocabulary import label_of
from sightline.text import LANGUAGES, Language, Message


class SignalView(BaseModel):
    name: str
    unit: str
    rows: int
    meter: str
    label: dict[Language, str]
    range: tuple[float, float] | None
    """Least and greatest of its finite values; null where it has none."""

    @classmethod
    def of(cls, info: SignalInfo) -> SignalView:
        known = info.least is not None and info.greatest is not None
        return cls(
            name=info.name,
            unit=info.unit,
            rows=info.rows,
            meter=info.meter,
            label=dict(label_of(info.name)),
            range=(info.least, info.greatest) if known else None,  # type: ignore[arg-type]
        )


class SignalsView(BaseModel):
    items: list[SignalView]


class CurveView(BaseModel):
    """A signal made small: least and greatest value of neighbouring rows; null where nothing was measured."""

    name: str
    unit: str
    rows: int
    time_s: list[float | None]
    min: list[float | None]
    max: list[float | None]


class CurvesView(BaseModel):
    items: list[CurveView]
    """In the order they were asked for."""


class SpriteView(BaseModel):
    """Pictures that stand for a video, side by side in ``sprite.jpg``; the n-th from the left, then down, was on screen
    at ``times_s[n]``."""

    tile_width: int
    tile_height: int
    columns: int
    rows: int
    times_s: list[float]

    @classmethod
    def of(cls, sprite: Sprite) -> SpriteView:
        return cls.model_validate(asdict(sprite))


class ThumbView(BaseModel):
    time_s: float
    reason: Literal["period", "change"]
    """Kept because it was time for one, or because the picture changed abruptly."""


class ThumbsView(BaseModel):
    """Every kept picture, side by side in sheets of JPEG: picture n is on sheet ``n // per_sheet``."""

    tile_width: int
    tile_height: int
    columns: int
    per_sheet: int
    sheets: int
    items: list[ThumbView]

    @classmethod
    def of(cls, layout: Layout) -> ThumbsView:
        return cls.model_validate(asdict(layout))


class ShotView(BaseModel):
    start_s: float
    end_s: float
    start: str
    """Exact seconds, ``n/d``."""
    end: str
    start_frame: int | None
    end_frame: int | None
    """The first picture after."""
    ends_with: Literal["cut", "dissolve", "fade", "wipe", "end"]


class ShotsView(BaseModel):
    items: list[ShotView]
    """In order of time. Between two of them lie the pictures of a transition that takes time."""
    reason: dict[Language, str] | None
    """Why shots were not measured."""

    @classmethod
    def of(cls, shots: Shots) -> ShotsView:
        return cls(items=[ShotView.model_validate(asdict(shot)) for shot in shots.items], reason=_told(shots.reason))


class SaidView(BaseModel):
    text: str
    start_s: float
    end_s: float
    speaker: str | None
    """``0`` is the main person."""
    probability: float | None
    """How likely the recogniser held it, 0 to 1."""
    is_filler: bool


class SpeechView(BaseModel):
    language: str | None
    """ISO 639-1."""
    items: list[SaidView]
    reason: dict[Language, str] | None
    """Why nothing was listened to."""

    @classmethod
    def of(cls, speech: Speech) -> SpeechView:
        items = [SaidView.model_validate(asdict(word)) for word in speech.items]
        return cls(language=speech.language, items=items, reason=_told(speech.reason))


class ComparedCheckView(BaseModel):
    """A check of either; null where that one has no such check."""

    id: str
    a: str | None
    """Its state."""
    b: str | None
    a_value: str | int | float | bool | None
    b_value: str | int | float | bool | None
    unit: str | None


class ComparedScoreView(BaseModel):
    id: str
    a: float | None
    b: float | None


class ComparedEventsView(BaseModel):
    """Events of one kind that overlap are the same."""

    only_a: list[EventView]
    """In order of time; of more than `limit` the gravest."""
    only_b: list[EventView]
    only_a_count: int
    """How many there are, with those that are left out."""
    only_b_count: int
    both: int
    """How many of the first one's the second found as well."""


class ComparisonView(BaseModel):
    a: str
    b: str
    checks: list[ComparedCheckView]
    scores: list[ComparedScoreView]
    events: ComparedEventsView

    @classmethod
    def of(cls, found: Comparison) -> ComparisonView:
        return cls(
            a=found.a,
            b=found.b,
            checks=[ComparedCheckView.model_validate(asdict(check)) for check in found.checks],
            scores=[ComparedScoreView.model_validate(asdict(score)) for score in found.scores],
            events=ComparedEventsView(
                only_a=[EventView.model_validate(event) for event in found.only_a],
                only_b=[EventView.model_validate(event) for event in found.only_b],
                only_a_count=found.only_a_count,
                only_b_count=found.only_b_count,
                both=found.both,
            ),
        )


def _told(message: Message | None) -> dict[Language, str] | None:
    return None if message is None else {language: message.render(language) for language in LANGUAGES}
