"""Edits made of arrays: what is found, to the picture, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sightline.detectors.flash_frame import FlashFrameDetector
from sightline.detectors.shots import ShotDetector
from sightline.facts import MediaFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.meter import NotMeasurable, Subject
from sightline.meters.shots import ShotMeter
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Provenance, Timeline

WIDTH_PX, HEIGHT_PX = 192, 108
TIME_BASE = Fraction(1, 3000)
Image = npt.NDArray[Any]
"""Y, U, V x height x width, float."""


def scene(seed: int) -> Image:
    """A wide still landscape of soft blobs: 4 x the picture, so that cameras can move over it."""
    rng = np.random.default_rng(seed)
    planes = []
    for spread, base in ((190, 20), (70, 90), (70, 90)):
        coarse = rng.uniform(0, 1, (12, 20)).astype(np.float32)
        fine = rng.uniform(0, 1, (36, 60)).astype(np.float32)
        big = [cv2.resize(p, (4 * WIDTH_PX, 4 * HEIGHT_PX), interpolation=cv2.INTER_CUBIC) for p in (coarse, fine)]
        planes.append(base + spread * np.clip(0.7 * big[0] + 0.3 * big[1], 0, 1))
    return np.stack(planes)


def view(of: Image, x: float = 300, y: float = 150, zoom: float = 1.0, blur_px: int = 0) -> Image:
    """The picture at a place of a scene, given by its centre offset in pixels."""
    matrix = np.array([[zoom, 0, WIDTH_PX / 2 - zoom * (x + 96)], [0, zoom, HEIGHT_PX / 2 - zoom * (y + 54)]])
    planes = [cv2.warpAffine(p, matrix, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REFLECT) for p in of]
    return np.stack([cv2.blur(p, (blur_px, 1)) if blur_px > 1 else p for p in planes])


def moving(seed: int, count: int, speed_px: float = 0.4) -> list[Image]:
    of = scene(seed)
    return [view(of, 300 + speed_px * i) for i in range(count)]


def plain(luma: float, count: int = 1) -> list[Image]:
    return [np.stack([np.full((HEIGHT_PX, WIDTH_PX), v, np.float64) for v in (luma, 128, 128)])] * count


def mix(old: Sequence[Image], new: Sequence[Image]) -> list[Image]:
    count = len(old)
    return [a + (b - a) * (i + 1) / (count + 1) for i, (a, b) in enumerate(zip(old, new, strict=True))]


def measured(images: Sequence[Image], rate: Fraction = Fraction(25), ticks: Sequence[int] | None = None) -> Columns:
    ticks = ticks or [round(i / rate / TIME_BASE) for i in range(len(images))]
    subject = SimpleNamespace(video=SimpleNamespace(time_base=TIME_BASE, rate=None))
    meter = ShotMeter(cast(Subject, subject))
    meter.measure(PictureBatch(tuple(pictures(images, ticks))))
    return meter.columns()


def pictures(images: Sequence[Image], ticks: Sequence[int]) -> list[Picture]:
    rng = np.random.default_rng(7)
    made = []
    for image, tick, after in zip(images, ticks, [*ticks[1:], 2 * ticks[-1] - ticks[-2]], strict=True):
        noisy = np.clip(image + rng.normal(0, 1, image.shape), 0, 255).astype(np.uint8)
        made.append(Picture(tuple(noisy), pts=tick, duration=after - tick, time_base=TIME_BASE))
    return made


def events(columns: Columns) -> tuple[Event, ...]:
    clock = Columns("pictures", columns.time_base, columns.ticks, columns.end, ())
    media = cast(MediaFacts, SimpleNamespace(audios=()))
    timeline = Timeline(media, {"shots": columns, "pictures": clock}, Provenance("test", "now"))
    timeline = timeline.with_events(ShotDetector().detect(timeline))
    return timeline.with_events((*timeline.events, *FlashFrameDetector().detect(timeline))).events


def found(images: Sequence[Image], rate: Fraction = Fraction(25)) -> list[tuple[str, int | None, int | None]]:
    """Everything but shots: kind, first picture, first picture after."""
    return [(e.kind, e.start_frame, e.end_frame) for e in events(measured(images, rate)) if e.kind != "shot"]


@pytest.mark.parametrize("rate", [Fraction(25, 2), Fraction(24000, 1001), Fraction(25), Fraction(60)])
def test_a_cut_is_found_at_its_picture_at_any_rate(rate: Fraction) -> None:
    assert found(moving(1, 30) + moving(2, 30), rate) == [("cut", 30, 31)]


def test_a_cut_is_found_when_pictures_come_at_uneven_times() -> None:
    images = moving(1, 30) + moving(2, 30)
    ticks = np.cumsum(np.random.default_rng(3).choice([60, 120, 240], 60)).tolist()
    cuts = [e for e in events(measured(images, ticks=ticks)) if e.kind == "cut"]
    assert [(e.start_frame, e.span.start) for e in cuts] == [(30, ticks[30] * TIME_BASE)]


def test_a_cut_inside_a_letterbox_is_found() -> None:
    images = [i.copy() for i in moving(1, 30) + moving(2, 30)]
    for image in images:
        image[:, :, :64], image[:, :, -64:] = [[[16]], [[128]], [[128]]], [[[16]], [[128]], [[128]]]
    assert found(images) == [("cut", 30, 31)]


def test_a_still_has_one_shot_and_no_transition() -> None:
    (shot,) = events(measured(moving(1, 40, 0)))
    assert (shot.kind, shot.start_frame, shot.end_frame) == ("shot", 0, 40)
    assert (shot.evidence["starts_with"], shot.evidence["ends_with"]) == ("stream", "stream")


def test_shots_lie_between_transitions() -> None:
    images = moving(1, 30) + moving(2, 30)
    old, new = moving(2, 45)[30:], moving(3, 50)
    images += mix(old, new[:15]) + new[15:]
    shots = [
        (e.start_frame, e.end_frame, e.evidence["ends_with"]) for e in events(measured(images)) if e.kind == "shot"
    ]
    assert shots == [(0, 30, "cut"), (30, 60, "dissolve"), (75, 110, "stream")]


def test_a_shot_under_a_fifth_of_a_second_is_marked_and_kept() -> None:
    shots = [e for e in events(measured(moving(1, 30) + moving(2, 4) + moving(3, 30))) if e.kind == "shot"]
    assert [(e.start_frame, "short" in e.labels) for e in shots] == [(0, False), (30, True), (34, False)]


@pytest.mark.parametrize("length", [6, 12, 25])
def test_a_dissolve_spans_the_pictures_that_show_the_mix(length: int) -> None:
    old, new = moving(1, 30 + length), moving(2, 30 + length)
    ((kind, first, last),) = found(old[:30] + mix(old[30:], new[:length]) + new[length:])
    assert kind == "dissolve"
    assert first is not None
    assert last is not None
    assert abs(first - 30) <= 1
    assert abs(last - 30 - length) <= 1


@pytest.mark.parametrize("way", ["left", "right", "up", "down"])
def test_a_wipe_tells_where_its_edge_travels(way: str) -> None:
    old, new = moving(1, 42), moving(2, 42)
    mixed = []
    for i in range(12):
        image, share = old[30 + i].copy(), (i + 1) / 13
        across, down = round(share * WIDTH_PX), round(share * HEIGHT_PX)
        part = {
            "right": np.s_[:, :, :across],
            "left": np.s_[:, :, WIDTH_PX - across :],
            "down": np.s_[:, :down],
            "up": np.s_[:, HEIGHT_PX - down :],
        }[way]
        image[part] = new[i][part]
        mixed.append(image)
    (wipe,) = (e for e in events(measured(old[:30] + mixed + new[12:])) if e.kind != "shot")
    assert (wipe.kind, wipe.evidence["direction"]) == ("wipe", way)
    assert wipe.start_frame is not None
    assert abs(wipe.start_frame - 30) <= 2


@pytest.mark.parametrize(("luma", "colour"), [(16, "black"), (235, "white")])
def test_a_fade_through_a_colour_is_one_transition(luma: float, colour: str) -> None:
    old, new = moving(1, 40), moving(2, 40)
    images = old[:30] + mix(old[30:], plain(luma, 10)) + plain(luma, 6) + mix(plain(luma, 10), new[:10]) + new[10:]
    (fade,) = (e for e in events(measured(images)) if e.kind != "shot")
    assert (fade.kind, fade.evidence["direction"], fade.evidence["colour"]) == ("fade", "through", colour)
    assert (fade.start_frame, fade.end_frame) == (30, 56)


def test_fades_at_the_ends_tell_their_direction() -> None:
    body = moving(1, 60)
    images = plain(16, 8) + mix(plain(16, 12), body[:12]) + body[12:40] + mix(body[40:52], plain(16, 12)) + plain(16, 8)
    fades = [e for e in events(measured(images)) if e.kind != "shot"]
    assert [(e.kind, e.evidence["direction"]) for e in fades] == [("fade", "in"), ("fade", "out")]
    assert [(e.start_frame, e.end_frame) for e in fades] == [(8, 20), (48, 59)]


def test_a_cut_to_black_leaves_a_blank_shot() -> None:
    shots = [e for e in events(measured(moving(1, 30) + plain(16, 20) + moving(2, 30))) if e.kind == "shot"]
    assert [(e.start_frame, "blank" in e.labels) for e in shots] == [(0, False), (30, True), (50, False)]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_flash_is_no_cut_but_a_flash_frame(length: int) -> None:
    images = moving(1, 60)
    images[30 : 30 + length] = plain(235, length)
    assert found(images) == [("flash_frame", 30, 30 + length)]


def test_a_foreign_picture_in_a_shot_is_a_flash_frame() -> None:
    images = moving(1, 60)
    images[30] = moving(2, 1)[0]
    (event,) = (e for e in events(measured(images)) if e.kind != "shot")
    assert (event.kind, event.start_frame, event.evidence["sides_alike"]) == ("flash_frame", 30, True)
    assert event.evidence["colour"] == "picture"


def test_a_black_picture_left_between_two_shots_is_a_flash_frame() -> None:
    images = moving(1, 30) + plain(16) + moving(2, 30)
    flashes = [e for e in events(measured(images)) if e.kind == "flash_frame"]
    assert [(e.start_frame, e.end_frame, e.evidence["colour"]) for e in flashes] == [(30, 31, "black")]
    assert flashes[0].evidence["sides_alike"] is False


def test_a_punch_in_is_a_cut_within_the_scene() -> None:
    of = scene(1)
    images = [view(of)] * 30 + [view(of, zoom=1.33)] * 30
    (cut,) = (e for e in events(measured(images)) if e.kind != "shot")
    assert (cut.kind, cut.start_frame, cut.evidence["same_scene"]) == ("cut", 30, True)


def test_a_card_that_pops_up_is_no_cut() -> None:
    images = [i.copy() for i in moving(1, 60)]
    for image in images[20:40]:
        image[:, 60:100, 20:150] = [[[220]], [[90]], [[200]]]
    assert found(images) == []


def test_a_lamp_switched_on_is_no_cut() -> None:
    images = moving(1, 60)
    images[30:] = [np.stack([16 + (i[0] - 16) * 0.55, *i[1:]]) for i in images[30:]]
    assert "dissolve" not in {kind for kind, *_ in found(images)}


def test_a_shaking_camera_is_no_cut() -> None:
    of, rng = scene(1), np.random.default_rng(5)
    images = [view(of, 300 + rng.uniform(-6, 6), 150 + rng.uniform(-4, 4)) for _ in range(60)]
    assert found(images) == []


def test_a_whip_pan_is_no_cut() -> None:
    of = scene(1)
    path = 100 + 300 * np.clip((np.arange(60) - 25) / 9, 0, 1)
    images = [view(of, x, blur_px=int(b)) for x, b in zip(path, np.abs(np.diff(path, prepend=100)), strict=True)]
    assert found(images) == []


def test_a_fast_zoom_is_no_cut() -> None:
    of = scene(1)
    images = [view(of, zoom=1 + 0.3 * float(np.clip((i - 25) / 6, 0, 1))) for i in range(60)]
    assert found(images) == []


def test_somebody_walking_past_the_lens_is_no_transition() -> None:
    images = [i.copy() for i in moving(1, 70)]
    for i in range(25, 41):
        left = round(((i - 24) / 17 * 1.8 - 0.8) * WIDTH_PX)
        images[i][:, :, max(0, left) : max(0, left + int(0.8 * WIDTH_PX))] = [[[40]], [[120]], [[130]]]
    assert found(images) == []


def test_a_slow_pan_is_no_dissolve() -> None:
    assert found(moving(1, 120, 2.0)) == []


def test_nothing_measured_gives_nothing() -> None:
    assert events(measured(moving(1, 30)).between(0, 0)) == ()


def test_a_file_without_pictures_says_so() -> None:
    with pytest.raises(NotMeasurable, match="no pictures"):
        ShotMeter(cast(Subject, SimpleNamespace(video=None)))
