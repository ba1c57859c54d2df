"""Flashes by rule: the published IRIS clips row for row, what IRIS cannot see, and the limits of the rules themselves.

Every clip is made here from its description; nothing is decoded. `emulated` is a plain second implementation of the
published IRIS rules, written from their description and sharing no code with the meter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from sightline.detectors.flash_luminance import FlashLuminance
from sightline.detectors.flash_red import FlashRed
from sightline.facts import Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.flash import Flash
from sightline.meters.flash_iris import FlashIris
from sightline.meters.meter import Meter, Subject
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Provenance, Timeline

WIDTH_PX, HEIGHT_PX = 160, 90
Image = npt.NDArray[np.uint8]
"""R'G'B', full range, height x width x 3."""
RESULTS = ("pass", "pass with warning", "extended failure", "flash failure")


@dataclass(frozen=True, slots=True)
class Clip:
    """Pictures by rule. ``fails`` are the labels of the events the rules of ITU-R BT.1702 ask for."""

    name: str
    rate: Fraction
    images: tuple[Image, ...]
    fails: tuple[str, ...] = ()


def flat(*rgb: int) -> Image:
    picture = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[:] = rgb if len(rgb) == 3 else rgb * 3
    return picture


BLACK, WHITE, RED = flat(0), flat(255), flat(255, 0, 0)


def left(over: Image, share: float, under: Image) -> Image:
    picture = under.copy()
    picture[:, : round(WIDTH_PX * share)] = over[:, : round(WIDTH_PX * share)]
    return picture


def white_at(count: int, *starts: int, length: int = 3) -> tuple[Image, ...]:
    """Black, but white for ``length`` pictures from each start, counted from 1 as IRIS's tables do."""
    white = {n for start in starts for n in range(start, start + length)}
    return tuple(WHITE if n in white else BLACK for n in range(1, count + 1))


def in_turn(count: int, each: int, *states: Image) -> tuple[Image, ...]:
    return tuple(states[n // each % len(states)] for n in range(count))


def iris_clips() -> Iterator[Clip]:
    """Clips of IRIS's test suite (electronicarts/IRIS, test/Iris.Tests/data): the first three picture by picture from
    their published tables, the others from what is known of them (levels, length, greatest count)."""
    at_25 = Fraction(25)
    yield Clip("2Hz_5s", Fraction(5), white_at(25, 7, 9, 11, 13, 16, 18, 21, 23, length=1))
    twice = [n for base in (6, 30, 55, 80, 105, 130) for n in (base, base + 6)]
    yield Clip("2Hz_6s", at_25, white_at(149, *twice), ("extended",))
    thrice = [n for base in (6, 30, 55, 80, 105, 130) for n in (base, base + 6, base + 11)]
    yield Clip("3Hz_6s", at_25, white_at(149, *thrice), ("flash", "extended"))
    yield Clip("extended_long", at_25, white_at(200, *range(6, 200, 20), length=10))
    yield Clip("intermittent", at_25, white_at(200, 6, 26, 106, 126, length=10))
    # 166 and 200 cd/m²: too bright to count for IRIS, a contrast above 1/17 for ITU-R BT.1702-3.
    yield Clip("gray", at_25, in_turn(50, 3, flat(235), WHITE), ("flash",))
    ramp = [flat(round(n), 0, 0) for n in np.linspace(226, 253, 12)]
    yield Clip("gradual_red", at_25, (*ramp, *ramp[::-1]))


def blind_spots() -> Iterator[Clip]:
    """What whole-picture means cannot see, and what they see that is not there. 6.25 flashes a second."""
    rate, noise = Fraction(25), np.random.default_rng(0)
    halves = left(WHITE, 0.5, BLACK), left(BLACK, 0.5, WHITE)
    yield Clip("antiphase_halves", rate, in_turn(100, 2, *halves), ("flash",))
    dark, bright = flat(39), flat(149)  # relative luminance 0.02 and 0.30
    yield Clip("60_cd_m2_on_30_percent", rate, in_turn(100, 2, dark, left(bright, 0.3, dark)), ("flash",))
    grey = flat(100)
    noisy = tuple(
        np.clip(image + noise.integers(-1, 2, image.shape), 0, 255).astype(np.uint8)
        for image in in_turn(100, 2, grey, left(WHITE, 0.2, grey))
    )
    yield Clip("20_percent_in_noise", rate, noisy)


def limits() -> Iterator[Clip]:
    """Just within and just beyond each limit."""
    yield Clip("3_flashes_a_second", Fraction(24), in_turn(120, 4, BLACK, WHITE), ("extended",))
    yield Clip("4_flashes_a_second", Fraction(24), in_turn(72, 3, BLACK, WHITE), ("flash",))
    yield Clip("a_quarter_of_the_screen", Fraction(25), in_turn(75, 2, BLACK, left(WHITE, 0.25, BLACK)))
    yield Clip("26_percent_of_the_screen", Fraction(25), in_turn(75, 2, BLACK, left(WHITE, 0.2625, BLACK)), ("flash",))
    for luminance, fails in ((19, ()), (21, ("flash",))):
        state = flat(round(255 * (luminance / 200) ** (1 / 2.4)))
        yield Clip(f"{luminance}_cd_m2", Fraction(25), in_turn(75, 2, BLACK, state), fails)
    yield Clip("leading_edges_0.36_s", Fraction(25), in_turn(50, 1, *[WHITE] * 4, *[BLACK] * 5))
    yield Clip("red_of_equal_luma", Fraction(25), in_turn(75, 2, flat(54), RED), ("red flash",))
    yield Clip("60_pictures_a_second", Fraction(60), in_turn(180, 7, BLACK, WHITE), ("flash",))
    shots = [flat(*rgb) for rgb in np.random.default_rng(1).integers(0, 255, (15, 3)).tolist()]
    yield Clip("three_cuts_a_second", Fraction(24), in_turn(120, 8, *shots))


def run(quick: bool = False) -> dict[str, Any]:
    """Mismatching rows against the emulation, and verdicts beside what the rules ask for; ``quick``: of one clip."""
    compared = [*iris_clips(), *blind_spots()][: 1 if quick else None]
    iris = {}
    for clip in compared:
        ours, theirs = iris_rows(measure(FlashIris, clip)), emulated(clip.images, round(clip.rate))
        differ = sum(a != b for a, b in zip(ours, theirs, strict=True))
        iris[clip.name] = {
            "rows": len(ours),
            "mismatches": differ,
            "result": RESULTS[max(max(r[2], r[5]) for r in ours)],
        }
    rules = {}
    for clip in (*compared, *(() if quick else limits())):
        found = verdict(clip)
        rules[clip.name] = {"expected": list(clip.fails), "found": list(found), "right": found == clip.fails}
    return {
        "iris_rows": sum(c["rows"] for c in iris.values()),
        "iris_mismatches": sum(c["mismatches"] for c in iris.values()),
        "iris": iris,
        "rules_right": sum(c["right"] for c in rules.values()),
        "rules_of": len(rules),
        "rules": rules,
    }


def verdict(clip: Clip) -> tuple[str, ...]:
    """Labels of the events found with the default profile, in the order luminance, red."""
    timeline = Timeline(_media(clip.rate), {"flash": measure(Flash, clip)}, Provenance("", ""))
    plain = {event.labels[0] for event in FlashLuminance().detect(timeline)}
    red = {f"red {event.labels[0]}" for event in FlashRed().detect(timeline)}
    order: tuple[str, ...] = ("flash", "extended", "red flash", "red extended")
    return tuple(label for label in order if label in plain | red)


def measure(meter: type[Meter], clip: Clip) -> Columns:
    media = _media(clip.rate)
    running = meter(Subject(media, video=media.video))
    running.measure(PictureBatch(tuple(_pictures(clip))))
    return running.columns()


def iris_rows(columns: Columns) -> list[tuple[int, ...]]:
    names = [f"{what}_{name}" for what in ("lum", "red") for name in ("transitions", "extended", "result")]
    return list(zip(*(columns[name].tolist() for name in names), strict=True))


def emulated(images: Sequence[Image], second: int) -> list[tuple[int, ...]]:
    """Rows of transitions, extended count and result, for luminance and red, straight from the published rules."""
    levels = np.arange(256) / 255
    table = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    fields = []
    for image in images:
        r, g, b = np.moveaxis(table[_through_yuv(image)], -1, 0)
        total = r + g + b
        saturated = np.divide(r, total, out=np.zeros_like(r), where=total > 0) >= 0.8
        fields.append((0.2126 * r + 0.7152 * g + 0.0722 * b, np.where(saturated, np.maximum(r - g - b, 0) * 320, 0)))
    lum = _emulated_one([f[0] for f in fields], second, 0.1, 0.8)
    red = _emulated_one([f[1] for f in fields], second, 20.0, 321.0)
    return [a + b for a, b in zip(lum, red, strict=True)]


def _emulated_one(planes: list[Any], second: int, threshold: float, dark: float) -> list[tuple[int, ...]]:
    means = [float(p.mean()) for p in planes]
    rows: list[tuple[int, ...]] = [(0, 0, 0)]
    fired, run, near = [False], [0.0], [False]
    for n in range(1, len(planes)):
        step = means[n] - means[n - 1] if np.mean(planes[n] != planes[n - 1]) >= 0.25 else 0.0
        before = sum(run)
        same = (before <= 0 and step <= 0) or (before >= 0 and step >= 0)
        run = [*run[-(second - 1) :], step] if same and second > 1 else [step]
        now = sum(run)
        goes_on = ((before <= 0 and now <= 0) or (before >= 0 and now >= 0)) and abs(before) >= threshold
        fired.append(not goes_on and abs(now) >= threshold and min(means[n - 1 : n + 1]) < dark)
        count = sum(fired[-second:])
        near.append(4 <= count <= 6)
        extended = sum(near[-5 * second :])
        result = 3 if count > 6 else 0 if count < 4 else 2 if extended >= 4 * second else 1
        rows.append((count, extended, result))
    return rows


def _through_yuv(image: Image) -> npt.NDArray[np.uint8]:
    y, cb, cr = (plane.astype(np.float64) for plane in _yuv(image))
    red, blue = y + 1.5748 * (cr - 128), y + 1.8556 * (cb - 128)
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.floor(np.stack([red, green, blue], -1) + 0.5), 0, 255).astype(np.uint8)


def _yuv(image: Image) -> tuple[npt.NDArray[np.uint8], ...]:
    red, green, blue = np.moveaxis(image.astype(np.float64), -1, 0)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = luma, 128 + (blue - luma) / 1.8556, 128 + (red - luma) / 1.5748
    return tuple(np.clip(np.round(p), 0, 255).astype(np.uint8) for p in planes)


def _pictures(clip: Clip) -> Iterator[Picture]:
    for n, image in enumerate(clip.images):
        y, u, v = _yuv(image)
        yield Picture((y, u, v), pts=n, duration=1, time_base=1 / clip.rate)


def _media(rate: Fraction) -> MediaFacts:
    video = VideoFacts(
        index=0, codec="rawvideo", profile=None, level=None, width=WIDTH_PX, height=HEIGHT_PX, pixel_format="yuv444p",
        bit_depth=8, chroma=Chroma.C444, is_rgb=False, sample_aspect=Fraction(1), rotation_deg=0, time_base=1 / rate,
        average_rate=rate, nominal_rate=rate, frame_count=None, start=Fraction(0), duration=None, bit_rate_bps=None,
        field_order=FieldOrder.PROGRESSIVE, full_range=True, color_range="pc", color_primaries="bt709",
        color_transfer="bt709", color_matrix="bt709",
    )  # fmt: skip
    return MediaFacts("made", 0, None, "made", None, Fraction(0), None, (video,))


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
