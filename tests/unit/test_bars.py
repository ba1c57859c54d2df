"""Colour bars: found to the picture, whatever their levels; colourful pictures are not taken for them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from moving_pictures import Planes, facts, grey, measured, panned, pictures, texture, timeline
from sightline.detectors.bars import BarsDetector
from sightline.meters.bars import BarsMeter
from sightline.timeline.event import Event

WIDTH, HEIGHT = 384, 216
WHITE, YELLOW, CYAN, GREEN = (1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0)
MAGENTA, RED, BLUE, BLACK = (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)
EIGHT = (WHITE, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE, BLACK)
BT709, BT601 = (0.2126, 0.0722), (0.299, 0.114)


def _striped(
    colours: tuple[tuple[float, ...], ...],
    *,
    level: float = 0.75,
    matrix: tuple[float, float] = BT709,
    full_range: bool = False,
    across: bool = False,
) -> Planes:
    """Stripes of equal width, upright or lying."""
    red, green, blue = (level * np.array(c, float) for c in np.array(colours, float).T)
    luma = matrix[0] * red + (1 - sum(matrix)) * green + matrix[1] * blue
    chroma = (blue - luma) / (2 - 2 * matrix[1]), (red - luma) / (2 - 2 * matrix[0])
    scaled = [luma * 255, *(128 + c * 255 for c in chroma)] if full_range else (
        [16 + luma * 219, *(128 + c * 224 for c in chroma)]
    )  # fmt: skip
    position = np.arange(HEIGHT)[:, None] / HEIGHT if across else np.arange(WIDTH)[None, :] / WIDTH
    stripe = np.broadcast_to((position * len(colours)).astype(int), (HEIGHT, WIDTH))
    y, u, v = (np.clip(np.round(values), 0, 255).astype(np.uint8)[stripe] for values in scaled)
    return y, u, v


def _found(shown: list[Planes], *, full_range: bool = False) -> list[Event]:
    media = facts(WIDTH, HEIGHT, pictures=len(shown), full_range=full_range)
    return list(BarsDetector().detect(timeline(media, measured(BarsMeter, media, pictures(shown)))))


def test_bars_start_and_end_with_their_own_pictures() -> None:
    scene = [grey(luma) for luma in panned(texture(WIDTH, HEIGHT), WIDTH, HEIGHT, range(20))]
    (event,) = _found([*scene[:7], *[_striped(EIGHT)] * 9, *scene[7:]])
    assert (event.span.start, event.span.end) == (Fraction(7, 25), Fraction(16, 25))
    assert event.labels == ("ebu_bars",)
    assert float(event.evidence["value"] or 0) > 0.95


@pytest.mark.parametrize("level", [0.5, 0.75, 1.0])
@pytest.mark.parametrize("matrix", [BT709, BT601])
@pytest.mark.parametrize("full_range", [False, True])
def test_levels_matrix_and_range_do_not_matter(level: float, matrix: tuple[float, float], full_range: bool) -> None:
    shown = _striped(EIGHT, level=level, matrix=matrix, full_range=full_range)
    (event,) = _found([shown] * 2, full_range=full_range)
    assert float(event.evidence["value"] or 0) > 0.95
    assert event.evidence["chroma_gain"] == pytest.approx(level, abs=0.05)


def test_bars_of_four_to_three_between_black_sides_are_found() -> None:
    inner = WIDTH * 3 // 4
    edge = (WIDTH - inner) // 2
    framed = []
    for plane, black in zip(_striped(EIGHT), (16, 128, 128), strict=True):
        wide = np.full_like(plane, black)
        wide[:, edge : edge + inner] = plane[:, np.arange(inner) * WIDTH // inner]
        framed.append(wide)
    (event,) = _found([(framed[0], framed[1], framed[2])] * 3)
    assert event.labels == ("ebu_bars",)


def test_a_text_over_the_bars_does_not_hide_them() -> None:
    planes = [plane.copy() for plane in _striped(EIGHT)]
    for plane, code in zip(planes, (16, 128, 128), strict=True):
        plane[80:130, 100:290] = code
    (event,) = _found([(planes[0], planes[1], planes[2])] * 3)
    assert 0.7 < float(event.evidence["value"] or 0) < 0.97


def test_noise_does_not_hide_bars() -> None:
    random = np.random.default_rng(4)
    y, u, v = (np.clip(p + random.normal(0, 12, p.shape), 0, 255).astype(np.uint8) for p in _striped(EIGHT))
    assert len(_found([(y, u, v)] * 3)) == 1


@pytest.mark.parametrize(
    "colours",
    [
        (RED, WHITE, RED, WHITE, RED, WHITE, RED, WHITE),
        (BLACK, BLUE, RED, MAGENTA, GREEN, CYAN, YELLOW, WHITE),
        (BLUE, WHITE, RED),
        (RED, YELLOW, GREEN, CYAN, BLUE, MAGENTA, WHITE),
        (YELLOW, WHITE, GREEN, CYAN, RED, MAGENTA, BLACK, BLUE),
    ],
    ids=["red and white", "bars mirrored", "a flag", "a rainbow", "bars shuffled"],
)
def test_other_upright_stripes_are_no_bars(colours: tuple[tuple[float, ...], ...]) -> None:
    assert _found([_striped(colours)] * 2) == []


def test_bars_lying_down_are_no_bars() -> None:
    assert _found([_striped(EIGHT, across=True)] * 2) == []


def test_bars_in_grey_are_no_bars() -> None:
    y, _, _ = _striped(EIGHT)
    assert _found([grey(y)] * 2) == []


def test_random_colourful_stripes_are_no_bars() -> None:
    random = np.random.default_rng(11)
    shown = [
        _striped(tuple(tuple(random.integers(0, 2, 3).tolist()) for _ in range(int(random.integers(3, 12)))), level=1)
        for _ in range(300)
    ]
    assert _found(shown) == []
