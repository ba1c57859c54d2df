"""Scan classes, active area and bars against FFmpeg's idet, cropdetect and pattern sources."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from moving_pictures import measured, timeline
from sightline.detectors.bars import BarsDetector
from sightline.detectors.interlaced import InterlacedDetector, Scan
from sightline.detectors.telecine import TelecineDetector
from sightline.facts import MediaFacts
from sightline.media.decode import Decoder
from sightline.media.picture import Picture
from sightline.media.probe import probe
from sightline.meters.active_area import ActiveAreaMeter
from sightline.meters.bars import BarsMeter
from sightline.meters.fields import FieldsMeter
from sightline.meters.meter import Meter
from sightline.timeline.columns import Columns

ZOOM = "mandelbrot=s=320x240:r=60:start_scale=1:end_pts=120,trim=duration=2"
CLASS = {"undetermined": Scan.UNDETERMINED, "progressive": Scan.PROGRESSIVE, "tff": Scan.TOP_FIRST,
         "bff": Scan.BOTTOM_FIRST}  # fmt: skip


def _ffmpeg(*arguments: str) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _clip(path: Path, source: str, pixel_format: str = "yuv420p") -> Path:
    _ffmpeg("-f", "lavfi", "-i", f"{source},format={pixel_format}", "-c:v", "ffv1", str(path))
    return path


def _printed(path: Path, filters: str, key: str) -> list[str]:
    text = _ffmpeg("-i", str(path), "-vf", f"{filters},metadata=mode=print:file=-", "-f", "null", "-")
    return re.findall(rf"{re.escape(key)}=(\S+)", text)


def _columns(path: Path, meter: type[Meter]) -> tuple[MediaFacts, Columns]:
    media = probe(path)
    with Decoder(path, media, sounds=(), packets=False) as decoder:
        return media, measured(meter, media, (item for item in decoder if isinstance(item, Picture)))


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("progressive", "fps=30"),
        ("progressive_noise", "fps=30,noise=alls=6:allf=t:all_seed=1"),
        ("top_first", "tinterlace=interleave_top"),
        ("top_first_noise", "tinterlace=interleave_top,noise=alls=6:allf=t:all_seed=1"),
        ("bottom_first", "tinterlace=interleave_bottom"),
        ("telecine", "fps=24,telecine=pattern=23"),
        ("telecine_bottom", "fps=24,telecine=first_field=bottom:pattern=23"),
    ],
)
def test_every_picture_has_the_class_that_idet_gives_it(name: str, filters: str, tmp_path: Path) -> None:
    path = _clip(tmp_path / f"{name}.mkv", f"{ZOOM},{filters}")
    _, fields = _columns(path, FieldsMeter)
    expected = _printed(path, "extractplanes=y,idet", "lavfi.idet.single.current_frame")
    assert [Scan(c) for c in InterlacedDetector().classes(fields)] == [CLASS[word] for word in expected]


@pytest.mark.parametrize(("first", "order"), [("top", "tff"), ("bottom", "bff")])
def test_pulldown_made_by_ffmpeg_is_telecine_over_its_whole_length(first: str, order: str, tmp_path: Path) -> None:
    path = _clip(tmp_path / "film.mkv", f"{ZOOM},fps=24,telecine=first_field={first}:pattern=23")
    media, fields = _columns(path, FieldsMeter)
    (event,) = TelecineDetector().detect(timeline(media, fields))
    assert event.evidence["field_order"] == order
    assert event.span.duration > 1.6


@pytest.mark.parametrize("box", [(0, 46, 640, 268), (80, 0, 480, 360), (84, 46, 472, 268)])
def test_content_edges_are_those_of_cropdetect(box: tuple[int, int, int, int], tmp_path: Path) -> None:
    left, top, width, height = box
    source = f"testsrc2=s={width}x{height}:d=1:r=10,pad=640:360:{left}:{top}"
    path = _clip(tmp_path / "boxed.mkv", source)
    _, area = _columns(path, ActiveAreaMeter)
    edges = [_printed(path, "cropdetect=round=2:skip=0:reset=1", f"lavfi.cropdetect.{e}")[-1] for e in
             ("x1", "y1", "x2", "y2")]  # fmt: skip
    x1, y1, x2, y2 = map(int, edges)
    assert {(x1, y1, x2 + 1, y2 + 1)} == set(
        zip(*(area[side].tolist() for side in ("left", "top", "right", "bottom")), strict=True)
    )
    assert (x1, y1, x2 + 1, y2 + 1) == (left, top, left + width, top + height)


SOURCES = [
    ("smptebars", "smpte_ecr1"),
    ("smptehdbars", "smpte_rp219"),
    ("pal75bars", "ebu_bars"),
    ("pal100bars", "ebu_bars"),
    ("testsrc", "test_pattern"),
    ("testsrc2", "test_pattern"),
]


@pytest.mark.parametrize("size", ["640x360", "320x240", "352x288"])
@pytest.mark.parametrize(("source", "pattern"), SOURCES)
def test_patterns_made_by_ffmpeg_are_recognised(source: str, pattern: str, size: str, tmp_path: Path) -> None:
    path = _clip(tmp_path / "bars.mkv", f"{source}=s={size}:r=25:d=0.2", "yuv422p10le")
    media, bars = _columns(path, BarsMeter)
    (event,) = BarsDetector().detect(timeline(media, bars))
    assert event.labels == (pattern,)
    assert (event.span.start, event.span.duration) == (0, bars.start_of(len(bars)))


@pytest.mark.parametrize("source", ["rgbtestsrc", "yuvtestsrc", "colorspectrum", "mandelbrot", "cellauto", "gradients"])
def test_other_synthetic_pictures_are_no_bars(source: str, tmp_path: Path) -> None:
    path = _clip(tmp_path / "other.mkv", f"{source}=s=320x240,trim=end_frame=10")
    media, bars = _columns(path, BarsMeter)
    assert BarsDetector().detect(timeline(media, bars)) == ()


@pytest.mark.parametrize("name", ["big_buck_bunny_60s.mp4", "traffic.mp4", "signing_person.mkv"])
def test_real_clips_are_progressive_without_bars_of_any_kind(name: str, shared_media: Path) -> None:
    from sightline.detectors.letterbox import LetterboxDetector

    media = probe(shared_media / name)
    running = {meter.id: meter for meter in (FieldsMeter, BarsMeter, ActiveAreaMeter)}
    shown: list[Picture] = []
    with Decoder(shared_media / name, media, sounds=(), packets=False) as decoder:
        for item in decoder:
            if isinstance(item, Picture):
                shown.append(item)
            if len(shown) == 200:
                break
        told = timeline(media, *(measured(meter, media, shown) for meter in running.values()))
    found = [*InterlacedDetector().detect(told), *BarsDetector().detect(told), *LetterboxDetector().detect(told)]
    assert [event.kind for event in found] == []
    assert np.isfinite(told.columns["fields"]["comb_share"][1:]).all()
