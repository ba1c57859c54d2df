"""Black, freeze and silence against FFmpeg's filters, to the picture and the sample, on clips whose truth is known.

Lossless clips are made here with planted runs; FFmpeg's detectors are run by its own program on the same files. Where
the two differ, the planted truth says who is right. Black and freeze are in pictures, silence in samples.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np

from sightline.desks.qc import desk as qc
from sightline.desks.qc.template import load_template
from sightline.engine.run import Request, measure
from sightline.media.encode import VideoFile

SIZE_PX = (160, 96)
SOUND_RATE_HZ = 48_000
PICTURES = 250
RATES = (Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(50))

Runs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with runs of pictures ``[first, last)`` planted in it."""

    place: str
    rate: Fraction
    black: tuple[tuple[int, int], ...] = ()
    still: tuple[tuple[int, int], ...] = ()
    silent: tuple[tuple[int, int], ...] = ()
    pixel_format: str = "yuv420p"


def clips() -> Iterator[Clip]:
    for rate in RATES:
        second = round(rate)
        middle, end = (60, 60 + 2 * second + 1), (PICTURES - 2 * second - 3, PICTURES)
        yield Clip("in the middle", rate, black=(middle,), silent=(middle,))
        yield Clip("at the start", rate, black=((0, 2 * second + 1),), silent=((0, 2 * second + 1),))
        yield Clip("at the end", rate, black=(end,), silent=(end,))
        yield Clip("in the middle", rate, still=((40, 40 + 3 * second),))
        yield Clip("at the end", rate, still=(end,))
    yield Clip("in the middle", Fraction(25), black=((60, 130),), still=((150, 220),), pixel_format="yuv420p10le")
    yield Clip("at the end", Fraction(25), black=((180, PICTURES),), pixel_format="yuv420p10le")


def run(quick: bool = False) -> dict[str, Any]:
    """Every planted run of two seconds or more beside what each found, in picture numbers; ``quick``: of one clip."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number, clip in enumerate([*clips()][: 1 if quick else None]):
            path = make(clip, Path(folder) / f"{number}.nut")
            ours, theirs = sightline_runs(path), ffmpeg_runs(path, clip.rate)
            truth = {
                "black": list(clip.black),
                "freeze": _stills(clip),
                "silence": [(_sample(a, clip.rate), _sample(b, clip.rate)) for a, b in clip.silent],
            }
            for kind, planted in truth.items():
                if planted or ours[kind] or theirs[kind]:
                    rows.append(
                        {
                            "place": clip.place, "rate": f"{float(clip.rate):.5g}", "format": clip.pixel_format,
                            "kind": kind, "planted": planted, "ours": ours[kind], "ffmpeg": theirs[kind],
                            "right": ours[kind] == planted, "ffmpeg_right": theirs[kind] == planted,
                        }
                    )  # fmt: skip
    return {
        "rows": rows,
        "right": sum(r["right"] for r in rows),
        "right_ffmpeg": sum(r["ffmpeg_right"] for r in rows),
        "count": len(rows),
        "ffmpeg_version": imageio_ffmpeg.get_ffmpeg_version(),
    }


def _stills(clip: Clip) -> Runs:
    """Still runs: those planted, and black, which stands still too (FFmpeg does not tell them apart either)."""
    return sorted((*clip.still, *clip.black))


def make(clip: Clip, path: Path) -> Path:
    """Writes the clip as FFV1 and PCM."""
    deep = clip.pixel_format.endswith("10le")
    dtype, scale = (np.uint16, 4) if deep else (np.uint8, 1)
    random = np.random.default_rng(5)
    scene = np.kron(random.random((40, 50)) * 150 + 50, np.ones((8, 8)))
    width, height = SIZE_PX
    chroma = np.full((height // 2, width // 2), 128 * scale, dtype)
    with VideoFile(
        path, size_px=SIZE_PX, rate=clip.rate, codec="ffv1", pixel_format=clip.pixel_format,
        sound_rate_hz=SOUND_RATE_HZ, sound_codec="pcm_s16le",
    ) as file:  # fmt: skip
        done = 0
        for n in range(PICTURES):
            held = next((first for first, last in clip.still if first <= n < last), n)
            y = scene[held % 100 : held % 100 + height, held % 120 : held % 120 + width]
            if any(first <= n < last for first, last in clip.black):
                y = np.full((height, width), 16.0)
            file.add_picture((y * scale).astype(dtype), chroma, chroma)
            upto = round((n + 1) / clip.rate * SOUND_RATE_HZ)
            time_s = np.arange(done, upto) / SOUND_RATE_HZ
            # A cosine starts and ends away from zero, so that the edges of silence are where they were planted.
            loud = 0.0 if any(first <= n < last for first, last in clip.silent) else 0.25
            # Square, so that no sample of the tone itself is below the silence threshold.
            tone = loud * np.sign(np.cos(2 * np.pi * 500 * time_s) + 1e-9)
            file.add_sound(np.stack([tone, tone]).astype(np.float32))
            done = upto
    return path


def sightline_runs(path: Path) -> dict[str, Runs]:
    """Runs of two seconds or more by kind, as picture or sample numbers."""
    template = load_template("default")
    timeline = measure(Request(path, {meter: {} for meter in sorted(qc.needed_meters(template))}, 1))
    found: dict[str, Runs] = {"black": [], "freeze": [], "silence": []}
    for event in qc.detect(timeline, template).events:
        joint = event.kind != "silence" or event.evidence.get("channel") in (None, "all")
        if event.kind == "silence" and event.span.duration >= 2 and joint:
            found["silence"].append((int(event.span.start * SOUND_RATE_HZ), int(event.span.end * SOUND_RATE_HZ)))
        elif event.kind in found and event.span.duration >= 2:
            found[event.kind].append((event.start_frame or 0, event.end_frame or 0))
    return found


def ffmpeg_runs(path: Path, rate: Fraction) -> dict[str, Runs]:
    """What `blackdetect`, `freezedetect` and `silencedetect` print, at their defaults, as picture numbers."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", str(path),
        "-vf", "blackdetect,freezedetect", "-af", "silencedetect", "-f", "null", "-",
    ]  # fmt: skip
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found: dict[str, Runs] = {"black": [], "freeze": [], "silence": []}
    for start, end in re.findall(r"black_start:([\d.]+) black_end:([\d.]+)", text):
        found["black"].append((_picture(start, rate), _picture(end, rate)))
    for kind, name, unit in (("freeze", "lavfi.freezedetect.freeze", rate), ("silence", "silence", SOUND_RATE_HZ)):
        starts = re.findall(rf"{name}_start: ([\d.-]+)", text)
        ends = re.findall(rf"{name}_end: ([\d.]+)", text)
        # A run without an end is what the filter leaves at the end of a file: -1 stands for it.
        for position, start in enumerate(starts):
            end = round(float(ends[position]) * unit) if position < len(ends) else -1
            found[kind].append((round(float(start) * unit), end))
    return found


def _sample(picture: int, rate: Fraction) -> int:
    """The sample that was current when a picture began, as `make` cut the sound."""
    return round(picture / rate * SOUND_RATE_HZ)


def _picture(seconds: str, rate: Fraction) -> int:
    return round(float(seconds) * rate)
