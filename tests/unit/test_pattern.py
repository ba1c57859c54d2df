"""Regular patterns: which are found, which pictures are none, how long they may stay."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from flash_pictures import TICKS_PER_S, columns_of, events_of, media
from sightline.detectors.pattern import Pattern as PatternDetector
from sightline.media.decode import Decoder
from sightline.media.picture import Picture, PictureBatch
from sightline.media.probe import probe
from sightline.meters.display import display_of
from sightline.meters.meter import Subject
from sightline.meters.pattern import Pattern, covered

WIDTH_PX, HEIGHT_PX = 480, 270
Y, X = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float64)
SHARED = Path(__file__).parents[2].parent / "shared"
Signal = npt.NDArray[np.float64]


def area(signal: Signal) -> float:
    video = media().video
    assert video is not None
    return covered(codes(signal), display_of(video, 8).luminance)[0]


def codes(signal: Signal) -> npt.NDArray[np.uint8]:
    return np.clip(np.round(16 + 219 * signal), 0, 255).astype(np.uint8)


def bars(phase: Signal) -> Signal:
    """Square bars, a pair for each unit of phase."""
    return (np.sin(2 * np.pi * phase) > 0).astype(np.float64)


@pytest.mark.parametrize("pairs", [6, 8, 12, 24, 48, 96])
def test_more_than_five_pairs_across_are_a_pattern(pairs: int) -> None:
    assert area(bars(pairs * (X + 0.5) / WIDTH_PX)) > 0.95
    assert area(0.5 + 0.5 * np.sin(2 * np.pi * pairs * X / WIDTH_PX)) > 0.85


@pytest.mark.parametrize("pairs", [2, 5])
def test_five_pairs_are_none(pairs: int) -> None:
    assert area(bars(pairs * (X + 0.5) / WIDTH_PX)) == 0
    assert area(bars(pairs * (Y + 0.5) / HEIGHT_PX)) == 0
    assert area(0.5 + 0.5 * np.sin(2 * np.pi * pairs * X / WIDTH_PX)) == 0


@pytest.mark.parametrize("degrees", [0, 15, 30, 45, 60, 75, 90])
def test_bars_in_any_direction_are_a_pattern(degrees: int) -> None:
    angle = np.radians(degrees)
    assert area(bars((X * np.cos(angle) + Y * np.sin(angle)) / 20)) > 0.95


def test_rings_rays_spirals_and_checks_are_patterns() -> None:
    radius, angle = np.hypot(X - 240, Y - 135), np.arctan2(Y - 135, X - 240) / (2 * np.pi)
    for shape in (bars(radius / 12), bars(radius / 25), bars(24 * angle), bars(40 * angle), bars(radius / 20 + angle)):
        assert area(shape) > 0.25
    assert area(np.abs(bars(X / 40) - bars(Y / 40))) > 0.95


def test_the_area_is_that_of_the_bars() -> None:
    for share in (0.2, 0.3, 0.6):
        picture = np.full((HEIGHT_PX, WIDTH_PX), 0.3)
        picture[:, : round(WIDTH_PX * share)] = bars((X + 0.5) / 8)[:, : round(WIDTH_PX * share)]
        assert area(picture) == pytest.approx(share, abs=0.02)


def test_bars_too_alike_to_discern_are_no_pattern() -> None:
    # 50 and 59 cd/m², and 50 and 76.
    assert area(0.56 + 0.04 * bars(X / 20)) == 0
    assert area(0.56 + 0.11 * bars(X / 20)) > 0.95


@pytest.mark.parametrize("blur_px", [0, 1, 2, 4, 8, 16])
def test_noise_is_no_pattern(blur_px: int) -> None:
    noise = np.random.default_rng(blur_px).random((HEIGHT_PX, WIDTH_PX))
    if blur_px:
        noise = cv2.GaussianBlur(noise, (0, 0), blur_px)
        noise = np.clip(0.5 + 0.25 * (noise - noise.mean()) / noise.std(), 0, 1)
    assert area(noise) < 0.1


def test_grass_is_no_pattern() -> None:
    rng, picture = np.random.default_rng(0), np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    for _ in range(2500):
        x, y, lean, length = *rng.integers(0, (WIDTH_PX, HEIGHT_PX)), rng.normal(0, 0.35), rng.integers(10, 50)
        tip = int(x + length * np.sin(lean)), int(y - length * np.cos(lean))
        cv2.line(picture, (int(x), int(y)), tip, int(rng.integers(50, 230)), int(rng.integers(1, 3)))
    assert area(picture / 255) < 0.05


@pytest.mark.parametrize(("size", "pitch_px"), [(0.4, 12), (0.6, 20), (1.0, 32)])
def test_a_page_of_text_is_no_pattern(size: float, pitch_px: int) -> None:
    rng, page = np.random.default_rng(0), np.full((HEIGHT_PX, WIDTH_PX), 255, np.uint8)
    words = ["photosensitive", "screen", "the", "of", "bars", "light", "dark", "a", "pattern", "flash", "in", "every"]
    for y in range(pitch_px, HEIGHT_PX, pitch_px):
        line = " ".join(rng.choice(words, 14))
        cv2.putText(page, line, (5, y), cv2.FONT_HERSHEY_SIMPLEX, size, 0, 1, cv2.LINE_AA)
    assert area(page / 255) < 0.1


def clip(shown_s: float, still_s: float = 2.0) -> list[Picture]:
    """Grey, bars for some seconds, grey; sampled eight times a second as the meter asks for."""
    made = []
    for n in range(round(8 * (2 * still_s + shown_s))):
        on = still_s <= n / 8 < still_s + shown_s
        luma = codes(bars(X / 24) if on else np.full(X.shape, 0.5))
        tick = n * TICKS_PER_S // 8
        made.append(
            Picture((luma, None, None), pts=tick, duration=TICKS_PER_S // 8, time_base=Fraction(1, TICKS_PER_S))
        )
    return made


def test_a_pattern_shown_longer_than_half_a_second_is_an_event() -> None:
    (event,) = events_of(PatternDetector(), columns_of(Pattern, clip(1.0)))
    assert (event.span.start, event.span.end) == (2, 3)
    assert event.evidence["pairs"] == 20
    assert event.evidence["contrast_cd_m2"] == pytest.approx(200, abs=1)


def test_a_pattern_shown_for_half_a_second_is_none() -> None:
    assert events_of(PatternDetector(), columns_of(Pattern, clip(0.5))) == ()


@pytest.mark.parametrize("name", ["big_buck_bunny_60s.mp4", "traffic.mp4", "signing_person.mkv"])
def test_filmed_and_animated_pictures_hold_no_pattern(name: str) -> None:
    path = SHARED / "media" / name
    if not path.exists():
        pytest.skip(f"no real clip {name} beside the checkout")
    about = probe(path)
    meter, slot = Pattern(Subject(about, video=about.video)), -1
    with Decoder(path, about, sounds=()) as decoder:
        for item in decoder:
            if isinstance(item, Picture) and int(item.start) != slot:
                slot = int(item.start)
                meter.measure(PictureBatch((item,)))
    assert meter.columns()["area"].max() < 0.1
