"""What every detector keeps to. A new file in ``detectors/`` is tested by itself."""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sightline.clock import Span
from sightline.detectors.detector import Detector, detectors
from sightline.engine.run import Request, measure
from sightline.meters.meter import meters
from sightline.text import Language, catalogue
from sightline.timeline.timeline import Timeline


@pytest.fixture(scope="module")
def measured(sample: Path) -> Timeline:
    """The demo's programme, with something for most detectors to find."""
    return measure(Request(sample, {name: {} for name in meters()}, 1))


def found(timeline: Timeline, name: str) -> Timeline:
    """The timeline with the events of a detector and those it builds on."""
    wanted = [name]
    for needed in wanted:
        wanted += [after for after in detectors()[needed].after if after not in wanted]
    for each in (each for each in detectors() if each in wanted):
        timeline = replace(timeline, events=timeline.events + detectors()[each]().detect(timeline))
    return timeline


@pytest.mark.parametrize("name", list(detectors()))
def test_a_detector_says_what_it_is(name: str) -> None:
    detector = detectors()[name]
    module = importlib.import_module(f"sightline.detectors.{name}")
    assert module.DETECTOR is detector
    assert dataclasses.is_dataclass(detector)
    assert detector.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert detector.kinds
    assert set(detector.needs) <= set(meters()) | {"faults"}
    assert set(detector.after) <= set(detectors())
    assert detector.__doc__


@pytest.mark.parametrize("name", list(detectors()))
def test_every_kind_has_a_name_in_both_languages(name: str) -> None:
    for kind in detectors()[name].kinds:
        for language in Language:
            assert f"report.kind.{kind}" in catalogue(language)


@pytest.mark.parametrize("name", list(detectors()))
def test_a_detector_is_pure_and_its_events_are_whole(name: str, measured: Timeline) -> None:
    if not all(meter in measured.columns for meter in detectors()[name].needs):
        pytest.skip(f"{name} reads columns this programme does not have")
    before = {meter: [c.values.copy() for c in columns.columns] for meter, columns in measured.columns.items()}
    first, again = found(measured, name), found(measured, name)
    assert first.events == again.events
    for meter, columns in measured.columns.items():
        for kept, column in zip(before[meter], columns.columns, strict=True):
            np.testing.assert_array_equal(kept, column.values, err_msg="a detector changed what was measured")
    whole = measured.span.grown(Fraction(1, 10))
    for event in (e for e in first.events if e.kind in detectors()[name].kinds):
        assert isinstance(event.span, Span)
        assert whole.covers(event.span), f"{event} lies outside the media"
        assert 0 <= event.confidence <= 1
        json.dumps(dict(event.evidence), allow_nan=False)
        assert all(not isinstance(v, float) or math.isfinite(v) for v in event.evidence.values())
        assert all(isinstance(v, str | int | float | bool | None) for v in event.evidence.values())
        assert not any(type(v).__module__ == "numpy" for v in event.evidence.values())


@pytest.mark.parametrize("name", list(detectors()))
def test_a_detector_finds_nothing_where_nothing_was_measured(name: str, measured: Timeline) -> None:
    detector: Detector = detectors()[name]()
    if not all(meter in measured.columns for meter in detector.needs):
        pytest.skip(f"{name} reads columns this programme does not have")
    none = {meter: columns.between(-1, -1) for meter, columns in measured.columns.items()}
    assert detector.detect(replace(measured, columns=none, events=())) == ()


@pytest.mark.parametrize("name", list(detectors()))
def test_thresholds_are_fields_a_template_can_set(name: str) -> None:
    for field in dataclasses.fields(detectors()[name]):  # type: ignore[arg-type]
        assert field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        value = getattr(detectors()[name](), field.name)
        assert isinstance(value, str | int | float | bool | Fraction) or dataclasses.is_dataclass(value), field.name


def test_each_kind_has_one_detector() -> None:
    kinds = [kind for detector in detectors().values() for kind in detector.kinds]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) >= {
        "black", "freeze", "single_colour", "flash_frame", "silence", "clipping", "out_of_phase", "flash_luminance",
        "flash_red", "pattern", "shot", "cut", "dissolve", "fade", "wipe", "letterbox", "interlaced", "bars",
        "out_of_range", "out_of_gamut", "duplicate_frames", "timestamp_gap", "decode_error",
    }  # fmt: skip
