"""Active area and letterbox: edges to the pixel, and nothing mistaken for bars."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from moving_pictures import Luma, facts, grey, measured, panned, pictures, texture, timeline
from sightline.clock import Span
from sightline.detectors.letterbox import LetterboxDetector
from sightline.meters.active_area import ActiveAreaMeter
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Severity

WIDTH, HEIGHT = 320, 180
SCENE = texture(WIDTH, HEIGHT)


def _scene(count: int) -> list[Luma]:
    return list(panned(SCENE, WIDTH, HEIGHT, range(count)))


def _boxed(luma: Luma, left: int = 0, top: int = 0, right: int = WIDTH, bottom: int = HEIGHT) -> Luma:
    """The picture inside ``[left, right)`` and ``[top, bottom)``, black around it."""
    boxed = np.full_like(luma, 16)
    boxed[top:bottom, left:right] = luma[top:bottom, left:right]
    return boxed


def _area(lumas: list[Luma]) -> Columns:
    media = facts(WIDTH, HEIGHT, pictures=len(lumas))
    return measured(ActiveAreaMeter, media, pictures(map(grey, lumas)))


def _events(lumas: list[Luma], kind: str = "letterbox") -> list[Event]:
    media = facts(WIDTH, HEIGHT, pictures=len(lumas))
    found = LetterboxDetector().detect(timeline(media, _area(lumas)))
    return [event for event in found if event.kind == kind]


def _box(event: Event) -> tuple[object, ...]:
    return tuple(event.evidence[side] for side in ("left", "top", "right", "bottom"))


@pytest.mark.parametrize(
    ("box", "bars"),
    [
        ((0, 23, 320, 157), "letterbox"),
        ((0, 22, 320, 159), "letterbox"),
        ((40, 0, 280, 180), "pillarbox"),
        ((41, 23, 277, 156), "windowbox"),
    ],
)
def test_bars_are_found_to_the_pixel(box: tuple[int, int, int, int], bars: str) -> None:
    (event,) = _events([_boxed(luma, *box) for luma in _scene(50)])
    assert _box(event) == box
    assert event.labels == (bars,)
    assert (event.span.start, event.span.end) == (0, 2)
    assert event.evidence["aspect"] == pytest.approx((box[2] - box[0]) / (box[3] - box[1]), abs=1e-3)


def test_ten_bits_give_the_same_edges() -> None:
    lumas = [_boxed(luma, 0, 23, WIDTH, 157).astype(np.uint16) * 4 for luma in _scene(30)]
    media = facts(WIDTH, HEIGHT, bit_depth=10)
    area = measured(ActiveAreaMeter, media, pictures(map(grey, lumas), bit_depth=10))
    assert set(area["top"].tolist()) == set(area["wide_top"].tolist()) == {23}
    assert set(area["bottom"].tolist()) == {157}


def test_a_full_picture_has_no_bars() -> None:
    assert _events(_scene(50)) == []


def test_a_bar_on_one_side_only_is_labelled() -> None:
    (event,) = _events([_boxed(luma, top=30) for luma in _scene(50)])
    assert event.labels == ("letterbox", "one_sided")
    assert event.confidence < 0.9


def _night(luma: Luma, n: int) -> Luma:
    """A black sky over a skyline that is no straight line."""
    skyline = 60 + 25 * np.sin((np.arange(WIDTH) + 2 * n) / 17) + 10 * np.sin((np.arange(WIDTH) + 2 * n) / 5)
    return np.where(np.arange(HEIGHT)[:, None] < skyline[None, :], 16, luma).astype(np.uint8)


def test_a_night_scene_makes_no_letterbox() -> None:
    assert _events([_night(luma, n) for n, luma in enumerate(_scene(75))]) == []


def test_a_scene_too_dark_to_tell_keeps_the_bars() -> None:
    bright = [_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(50)]
    dark = [np.full_like(luma, 18) for luma in _scene(100)]
    (event,) = _events(bright + dark + bright)
    assert _box(event) == (0, 23, 320, 157)
    assert (event.span.start, event.span.end) == (0, 8)


def test_a_bar_first_seen_late_reaches_back_to_where_nothing_spoke_against_it() -> None:
    lumas = [_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(100)]
    for luma in lumas[:40]:
        luma[:90] = np.where(np.arange(WIDTH)[None, :] < 60, luma[:90], 16)
    (event,) = _events(lumas)
    assert _box(event) == (0, 23, 320, 157)
    assert (event.span.start, event.span.end) == (0, 4)


def test_a_long_black_end_does_not_belong_to_the_bars() -> None:
    bright = [_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(50)]
    black = [np.full_like(luma, 16) for luma in _scene(100)]
    found = _events(bright + black)
    assert [event.span.start for event in found] == [0]
    assert found[0].span.end <= Fraction(9, 4)
    assert _events(bright + black, "area_change") == []


def _subtitled(luma: Luma) -> Luma:
    """Letters inside the lower bar: upright strokes, 60 % of the width."""
    written = luma.copy()
    for x in range(64, 256, 6):
        written[163:173, x : x + 3] = 235
    return written


def test_a_subtitle_in_the_bar_does_not_take_it_away() -> None:
    bars = [_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(150)]
    lumas = [_subtitled(luma) if 40 <= n < 100 else luma for n, luma in enumerate(bars)]
    (event,) = _events(lumas)
    assert _box(event) == (0, 23, 320, 157)
    assert (event.span.start, event.span.end) == (0, 6)
    assert _area(lumas)["bottom"].max() == 173


def test_noise_in_the_bars_does_not_matter() -> None:
    random = np.random.default_rng(5)
    lumas = [
        np.clip(_boxed(luma, 0, 23, WIDTH, 157) + random.normal(0, 4, luma.shape), 0, 255).astype(np.uint8)
        for luma in _scene(50)
    ]
    (event,) = _events(lumas)
    assert _box(event) == (0, 23, 320, 157)


def test_a_title_on_black_is_no_windowbox() -> None:
    title = np.full((HEIGHT, WIDTH), 16, np.uint8)
    for row in range(40, 140, 20):
        for x in range(50, 270, 6):
            title[row : row + 10, x : x + 3] = 235
    assert _events([title.copy() for _ in range(75)]) == []


def test_the_active_area_changes_at_the_picture_of_the_cut() -> None:
    other = texture(WIDTH, HEIGHT, seed=2, low=120, high=235)
    full = list(panned(other, WIDTH, HEIGHT, range(63)))
    lumas = [*full, *(_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(71)), *full]
    (bars,) = _events(lumas)
    assert (bars.span.start, bars.span.end) == (Fraction(63, 25), Fraction(134, 25))
    starts, ends = _events(lumas, "area_change")
    assert (starts.span.start, ends.span.start) == (bars.span.start, bars.span.end)
    assert (starts.evidence["top_before"], starts.evidence["top_after"]) == (0, 23)


def test_a_change_from_wide_to_wider_bars_is_two_stretches() -> None:
    lumas = [_boxed(luma, 0, 10, WIDTH, 170) for luma in _scene(75)]
    lumas += [_boxed(luma, 0, 30, WIDTH, 150) for luma in _scene(75)]
    assert [_box(event) for event in _events(lumas)] == [(0, 10, 320, 170), (0, 30, 320, 150)]
    assert len(_events(lumas, "area_change")) == 1


def _one_white(lumas: list[Luma]) -> list[Luma]:
    lumas[33] = np.full_like(lumas[33], 235)
    return lumas


def _one_black(lumas: list[Luma]) -> list[Luma]:
    lumas[33] = np.full_like(lumas[33], 16)
    return lumas


@pytest.mark.parametrize("spoil", [_one_white, _one_black])
def test_a_single_odd_picture_does_not_break_the_bars_in_two(spoil: Callable[[list[Luma]], list[Luma]]) -> None:
    (event,) = _events(spoil([_boxed(luma, 0, 23, WIDTH, 157) for luma in _scene(75)]))
    assert (event.span.start, event.span.end) == (0, 3)


def test_the_black_bar_of_a_test_pattern_is_no_pillarbox() -> None:
    pattern = np.repeat(np.array([180, 160, 130, 110, 80, 60, 30, 16], np.uint8), WIDTH // 8)
    lumas = [*[np.broadcast_to(pattern, (HEIGHT, WIDTH)).copy()] * 50, *_scene(50)]
    media = facts(WIDTH, HEIGHT, pictures=len(lumas))
    bars = Event("bars", Span(Fraction(0), Fraction(2)), Severity.WARNING, 1.0)
    area = _area(lumas)
    assert LetterboxDetector().detect(timeline(media, area, events=(bars,))) == ()
    assert len(LetterboxDetector().detect(timeline(media, area))) == 2


def test_nothing_but_black_says_nothing() -> None:
    area = _area([np.full((HEIGHT, WIDTH), 16, np.uint8)] * 30)
    assert set(area["left"].tolist()) == {-1}
    assert LetterboxDetector().detect(timeline(facts(WIDTH, HEIGHT), area)) == ()
