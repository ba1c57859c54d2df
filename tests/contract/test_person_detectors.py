"""What every detector of a person keeps to. A new file in ``detectors/person/`` is tested by itself."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import math
import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.people import Take

from sightline.clock import Span
from sightline.detectors.detector import Detector, person_detectors
from sightline.text import Language, catalogue
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

NAMES = list(person_detectors())


def lively() -> Timeline:
    """A minute in which much happens, seen and heard."""
    take = Take.of(60, jitter=0.4)
    body = take.person().blink(2, 4.5, 7, 30).blink(33, closed_s=1.5).glance(10, 12, yaw=25).nod(15).shake(18)
    body.smile(20, 24).brows_up(26, 27).brows_down(28, 30).read(36, 44).look_down(45, 47).leave(50, 53)
    take.person(x=0.85, width=0.1, height=0.2).leave(0, 55)
    wrist = {"wrist_left_y": lambda t: np.where((t > 20) & (t < 22), -0.2 * np.abs(np.sin(9 * t)), 0.0)}
    take.with_(take.voice([(1, 30), (34, 55)]), take.hands([(5, 6, 0.5, 0.5)]), take.pose(**wrist))
    return take.timeline()


def bare(timeline: Timeline) -> Timeline:
    """No column of any meter."""
    return replace(timeline, columns={})


def empty(timeline: Timeline) -> Timeline:
    """Every meter, with no row."""
    return replace(timeline, columns={name: columns.between(-2, -1) for name, columns in timeline.columns.items()})


def unmeasured(timeline: Timeline) -> Timeline:
    """Every number is NaN, and nobody is there."""

    def blank(column: Column) -> Column:
        if column.name in ("face", "hand"):
            return replace(column, values=np.full_like(column.values, -1))
        return replace(column, values=np.full(len(column), np.nan, np.float32))

    columns = {
        name: replace(each, columns=tuple(blank(column) for column in each.columns))
        for name, each in timeline.columns.items()
    }
    return replace(timeline, columns=columns)


def present_but_unmeasured(timeline: Timeline) -> Timeline:
    """Boxes of faces without anything else, as of faces too small for landmarks."""
    box = {"face", "count", "found_by", "left", "top", "width", "height"}
    blind = unmeasured(timeline)
    faces = timeline.columns["faces"]
    kept = tuple(
        column if column.name in box else other
        for column, other in zip(faces.columns, blind.columns["faces"].columns, strict=True)
    )
    return replace(blind, columns=dict(blind.columns) | {"faces": replace(faces, columns=kept)})


def single(timeline: Timeline) -> Timeline:
    """One row of each."""

    def first(columns: Columns) -> Columns:
        return columns.between(int(columns.ticks[0]), int(columns.ticks[0]) + 1)

    return replace(timeline, columns={name: first(columns) for name, columns in timeline.columns.items()})


def ready(detector: Detector, timeline: Timeline) -> bool:
    return all(meter in timeline.columns for meter in detector.needs)


def with_earlier(timeline: Timeline, name: str) -> Timeline:
    """The timeline with the events this detector builds on."""
    for other in NAMES[: NAMES.index(name)]:
        detector = person_detectors()[other]()
        if ready(detector, timeline):
            timeline = replace(timeline, events=timeline.events + detector.detect(timeline))
    return timeline


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    detector = person_detectors()[name]
    assert importlib.import_module(f"sightline.detectors.person.{name}").DETECTOR is detector
    assert dataclasses.is_dataclass(detector)
    assert detector.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert detector.kinds
    assert detector.__doc__
    for field in dataclasses.fields(detector):
        value = getattr(detector(), field.name)
        assert isinstance(value, str | int | float | bool | Fraction) or dataclasses.is_dataclass(value), field.name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("made", [bare, empty, unmeasured, present_but_unmeasured, single])
def test_it_invents_nothing_where_nothing_was_measured(name: str, made: object) -> None:
    timeline = made(lively())  # type: ignore[operator]
    detector = person_detectors()[name]()
    if not ready(detector, timeline):
        return
    events = detector.detect(timeline)
    assert {event.kind for event in events} <= {"face_missing", "second_face", "framing"}
    if made is empty:
        assert events == ()
    refusal = getattr(detector, "refusal", None)
    if refusal is not None and made in (empty, unmeasured):
        assert refusal(timeline) is not None
        refusal(timeline).render(Language.KOREAN)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_pure_and_its_events_are_whole(name: str) -> None:
    timeline = with_earlier(lively(), name)
    detector = person_detectors()[name]()
    if not ready(detector, timeline):
        pytest.skip(f"{name} reads columns this take does not have")
    before = {meter: [c.values.copy() for c in columns.columns] for meter, columns in timeline.columns.items()}
    events, again = detector.detect(timeline), person_detectors()[name]().detect(with_earlier(lively(), name))
    assert events == again
    for meter, columns in timeline.columns.items():
        for kept, column in zip(before[meter], columns.columns, strict=True):
            np.testing.assert_array_equal(kept, column.values, err_msg="a detector changed what was measured")
    for event in events:
        assert event.kind in detector.kinds
        assert isinstance(event.span, Span)
        assert timeline.span.covers(event.span), event
        assert 0 <= event.confidence <= 1, event
        assert isinstance(event.confidence, float)
        json.dumps(dict(event.evidence), allow_nan=False)
        assert all(not isinstance(v, float) or math.isfinite(v) for v in event.evidence.values())
        assert not any(type(v).__module__ == "numpy" for v in event.evidence.values())


def moved(timeline: Timeline, by_s: int) -> Timeline:
    """The same recording, its clocks starting later."""

    def later(columns: Columns) -> Columns:
        by = round(by_s / columns.time_base)
        return replace(columns, ticks=columns.ticks + by, end=columns.end + by)

    return replace(timeline, columns={name: later(columns) for name, columns in timeline.columns.items()})


@pytest.mark.parametrize("name", NAMES)
def test_where_the_clock_starts_does_not_matter(name: str) -> None:
    """Browsers' recordings start anywhere, and a machine that is slow today must not find other things."""
    timeline, later = with_earlier(lively(), name), with_earlier(moved(lively(), 7200), name)
    detector = person_detectors()[name]()
    if not ready(detector, timeline):
        pytest.skip(f"{name} reads columns this take does not have")
    events, others = detector.detect(timeline), detector.detect(later)
    assert [(e.kind, e.labels, dict(e.evidence)) for e in events] == [
        (e.kind, e.labels, dict(e.evidence)) for e in others
    ]
    assert [other.span.start - event.span.start for event, other in zip(events, others, strict=True)] == [7200] * len(
        events
    )


def test_the_lively_minute_shows_what_was_planted() -> None:
    """So that the tests above are of something."""
    timeline = lively()
    kinds = {
        event.kind
        for detector in person_detectors().values()
        if ready(detector(), timeline)
        for event in detector().detect(timeline)
    }
    assert kinds >= {
        "blink", "eyes_closed", "gaze_away", "nod", "head_shake", "smile", "brow_raise", "brow_lower", "self_touch",
        "gesture", "face_missing", "second_face", "reading_like",
    }  # fmt: skip


def test_each_kind_has_one_detector() -> None:
    kinds = [kind for detector in person_detectors().values() for kind in detector.kinds]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) >= {
        "blink", "eyes_closed", "gaze_away", "nod", "head_shake", "smile", "brow_raise", "brow_lower", "self_touch",
        "gesture", "slouch", "lean", "shoulder_tilt", "framing", "face_missing", "second_face", "reading_like",
    }  # fmt: skip


VISUAL = {"faces", "pose", "hands"}


@pytest.mark.parametrize("name", [name for name in NAMES if VISUAL & set(person_detectors()[name].needs)])
def test_every_kind_label_and_piece_of_evidence_has_a_name_in_both_languages(name: str) -> None:
    timeline = with_earlier(lively(), name)
    detector = person_detectors()[name]()
    for language in Language:
        known = catalogue(language)
        assert {kind for kind in detector.kinds if f"person.kind.{kind}" not in known} == set()
        events = detector.detect(timeline) if ready(detector, timeline) else ()
        told = {f"person.evidence.{key}" for event in events for key in event.evidence}
        told -= {f"person.evidence.{key}" for key in ("value", "unit", "threshold")}
        assert told - set(known) == set()
        assert {f"person.label.{label}" for event in events for label in event.labels} - set(known) == set()


def test_nobody_is_accused() -> None:
    sources = "".join(inspect.getsource(importlib.import_module(f"sightline.detectors.person.{n}")) for n in NAMES)
    for language in Language:
        words = " ".join(text for key, text in catalogue(language).items() if key.startswith("person."))
        assert not re.search("cheat|fraud|dishonest|부정행위|속임", (sources + words).lower())
