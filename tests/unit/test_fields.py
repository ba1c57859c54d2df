"""Fields: scan classes, field order against the flag, telecine, combing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from moving_pictures import Luma, facts, grey, measured, panned, pictures, texture, timeline
from sightline.detectors.interlaced import InterlacedDetector, Scan
from sightline.detectors.telecine import TelecineDetector
from sightline.facts import FieldOrder
from sightline.meters.fields import FieldsMeter
from sightline.meters.meter import NotMeasurable
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Severity

WIDTH, HEIGHT = 320, 240
SCENE = texture(WIDTH, HEIGHT, grain_px=3)
COUNT = 50


def _frames(moments: Sequence[float]) -> list[Luma]:
    return list(panned(SCENE, WIDTH, HEIGHT, moments))


def _woven(top: Luma, bottom: Luma) -> Luma:
    woven = top.copy()
    woven[1::2] = bottom[1::2]
    return woven


def _interlaced(order: Scan, count: int = COUNT) -> list[Luma]:
    first, second = _frames(range(count)), _frames([n + 0.5 for n in range(count)])
    pairs = zip(first, second, strict=True)
    return [_woven(a, b) if order is Scan.TOP_FIRST else _woven(b, a) for a, b in pairs]


def _telecined(count: int = COUNT) -> list[Luma]:
    """2:3 pulldown, top field first."""
    film = _frames([1.25 * n for n in range(count)])
    pulled = []
    for a, b, c, d in zip(film[::4], film[1::4], film[2::4], film[3::4], strict=False):
        pulled += [_woven(a, a), _woven(b, b), _woven(b, c), _woven(c, d), _woven(d, d)]
    return pulled[:count]


def _fields(lumas: list[Luma]) -> Columns:
    return measured(FieldsMeter, facts(WIDTH, HEIGHT), pictures(map(grey, lumas)))


def _events(lumas: list[Luma], field_order: FieldOrder = FieldOrder.PROGRESSIVE) -> list[Event]:
    told = timeline(facts(WIDTH, HEIGHT, field_order=field_order), _fields(lumas))
    told = told.with_events(TelecineDetector().detect(told))
    return [*told.events, *InterlacedDetector().detect(told)]


@pytest.mark.parametrize("order", [Scan.TOP_FIRST, Scan.BOTTOM_FIRST])
def test_woven_fields_are_told_by_their_order(order: Scan) -> None:
    classes = InterlacedDetector().classes(_fields(_interlaced(order)))
    assert set(classes.tolist()) == {order}


def test_moving_whole_pictures_are_progressive() -> None:
    classes = InterlacedDetector().classes(_fields(_frames(range(COUNT))))
    assert set(classes[1:-1].tolist()) == {Scan.PROGRESSIVE}


def test_a_still_picture_is_undetermined_and_no_event() -> None:
    lumas = [SCENE[:HEIGHT, :WIDTH].copy() for _ in range(COUNT)]
    assert set(InterlacedDetector().classes(_fields(lumas)).tolist()) == {Scan.UNDETERMINED}
    assert _events(lumas) == []


def test_noise_on_a_still_picture_is_not_interlaced() -> None:
    random = np.random.default_rng(2)
    still = SCENE[:HEIGHT, :WIDTH].astype(float)
    noisy = [np.clip(still + random.normal(0, 5, still.shape), 0, 255).astype(np.uint8) for _ in range(COUNT)]
    assert _events(noisy) == []


@pytest.mark.parametrize(
    ("flagged", "label", "severity"),
    [
        (FieldOrder.TOP_FIRST, (), Severity.INFO),
        (FieldOrder.BOTTOM_FIRST, ("field_order_mismatch",), Severity.ERROR),
        (FieldOrder.PROGRESSIVE, ("flagged_progressive",), Severity.WARNING),
        (FieldOrder.UNKNOWN, ("unflagged",), Severity.WARNING),
    ],
)
def test_the_flag_decides_how_grave_interlacing_is(
    flagged: FieldOrder, label: tuple[str, ...], severity: Severity
) -> None:
    (event,) = _events(_interlaced(Scan.TOP_FIRST), flagged)
    assert (event.kind, event.labels, event.severity) == ("interlaced", label, severity)
    assert (event.span.start, event.span.end) == (0, 2)
    assert event.evidence["field_order"] == "tff"
    assert event.evidence["flagged_order"] == str(flagged)
    assert float(event.evidence["value"] or 0) > 0.9


def test_the_flags_of_the_pictures_outweigh_the_flag_of_the_stream() -> None:
    fields = _fields(_interlaced(Scan.TOP_FIRST))
    flags = [Column(name, "flag", np.ones(COUNT, np.int8)) for name in ("interlaced", "top_field_first")]
    clock = replace(fields, meter="pictures", columns=tuple(flags))
    told = timeline(facts(WIDTH, HEIGHT, field_order=FieldOrder.BOTTOM_FIRST), fields, clock)
    (event,) = InterlacedDetector().detect(told)
    assert event.evidence["flagged_order"] == "tff"
    assert event.severity is Severity.INFO


def test_whole_pictures_in_an_interlaced_stream_are_told() -> None:
    (event,) = _events(_frames(range(COUNT)), FieldOrder.TOP_FIRST)
    assert event.kind == "progressive_in_interlaced"
    assert (event.span.start, event.span.end) == (0, 2)


def test_an_interlaced_insert_has_its_own_span() -> None:
    lumas = [*_frames(range(40)), *_interlaced(Scan.BOTTOM_FIRST, 30), *_frames(range(40))]
    (event,) = [e for e in _events(lumas) if e.kind == "interlaced"]
    assert abs(event.span.start - Fraction(40, 25)) <= Fraction(1, 25)
    assert abs(event.span.end - Fraction(70, 25)) <= Fraction(1, 25)


def test_pulldown_is_telecine_and_not_interlaced() -> None:
    (event,) = _events(_telecined())
    assert event.kind == "telecine"
    assert event.evidence["cadence"] == "2:3"
    assert event.evidence["field_order"] == "tff"
    assert event.span.duration >= Fraction(8, 5)


def test_a_still_moment_does_not_break_telecine_in_two() -> None:
    pulled = _telecined(60)
    lumas = [*pulled[:30], *[pulled[29]] * 20, *pulled[30:]]
    (event,) = [e for e in _events(lumas) if e.kind == "telecine"]
    assert event.span.duration >= 3


def test_true_interlacing_is_no_telecine() -> None:
    assert [e.kind for e in _events(_interlaced(Scan.TOP_FIRST))] == ["interlaced"]


def test_a_single_woven_picture_in_whole_ones_is_combing() -> None:
    lumas = list(panned(SCENE, WIDTH, HEIGHT, range(COUNT), step_px=8))
    lumas[20] = _woven(*panned(SCENE, WIDTH, HEIGHT, [20, 20.5], step_px=8))
    found = [event for event in _events(lumas) if event.kind == "combing"]
    assert [(e.span.start, e.span.end) for e in found] == [(Fraction(20, 25), Fraction(21, 25))]


def test_ten_bits_are_classed_alike() -> None:
    lumas = [luma.astype(np.uint16) * 4 for luma in _interlaced(Scan.TOP_FIRST, 12)]
    fields = measured(FieldsMeter, facts(WIDTH, HEIGHT, bit_depth=10), pictures(map(grey, lumas), bit_depth=10))
    eight = _fields(_interlaced(Scan.TOP_FIRST, 12))
    np.testing.assert_allclose(fields["weave_on_even"], 4 * eight["weave_on_even"], rtol=1e-6)
    np.testing.assert_array_equal(fields["comb_share"], eight["comb_share"])


def test_rows_further_apart_than_they_are_long_give_the_same_sums() -> None:
    lumas = _interlaced(Scan.TOP_FIRST, 6)
    padded = []
    for n, luma in enumerate(lumas):
        wide = np.zeros((HEIGHT, WIDTH + 32 * (1 + n % 2)), np.uint8)
        wide[:, :WIDTH] = luma
        padded.append(wide[:, :WIDTH])
    plain, apart = _fields(lumas), _fields(padded)
    for column in plain.columns:
        np.testing.assert_array_equal(apart[column.name], column.values)


def test_a_picture_too_low_for_fields_is_refused() -> None:
    with pytest.raises(NotMeasurable, match="8 rows"):
        measured(FieldsMeter, facts(64, 8), [])


def test_one_picture_alone_says_nothing() -> None:
    fields = _fields(_frames([0]))
    assert InterlacedDetector().detect(timeline(facts(WIDTH, HEIGHT), fields)) == ()
