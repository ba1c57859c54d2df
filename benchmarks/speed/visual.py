"""``python -m benchmarks.speed.visual``: what looking at a person costs, in core-seconds per second of 720p video.

A talking head of 1280x720 at 25 pictures a second: decoding alone, with faces (15 a second), with faces and pose (5 a
second), and with hands as well. Core-seconds are the processor time of all threads, so that waiting for others on a
busy machine does not count. In turns, round after round; figures are medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.place import CLIPS, ROOT, WORK, write_result
from sightline.media.decode import Decoder
from sightline.media.encode import VideoFile
from sightline.media.picture import Picture
from sightline.media.probe import probe

SIZE_PX, RATE, SECONDS = (1280, 720), Fraction(25), 30
SOURCE = "face_smiling_man.gif"
MODELS = (ROOT.parents[1] / "shared" / "models", ROOT.parent / "build" / "body")
LANES = {
    "decode": [],
    "faces": ["faces"],
    "faces_and_pose": ["faces", "pose"],
    "faces_pose_hands": ["faces", "pose", "hands"],
}
AIM = 0.35
"""Core-seconds per second of video for faces and pose."""
CHILD = r"""
import json, resource, sys
from pathlib import Path
from sightline.engine.run import Request, measure
from sightline.media.decode import Decoder
from sightline.media.picture import Picture
from sightline.media.probe import probe
from tests.bodies import UncheckedShelf
path, models, meters = Path(sys.argv[1]), [Path(p) for p in sys.argv[2].split("|")], json.loads(sys.argv[3])
shelf = UncheckedShelf(tuple(models))
def run(path):
    if meters:
        timeline = measure(Request(path, {meter: {} for meter in meters}, 1, shelf=shelf))
        assert not timeline.not_measured, timeline.not_measured
    else:
        media = probe(path)
        with Decoder(path, media, pictures=True, sounds=(), packets=False) as decoder:
            for _ in decoder: pass
run(Path(sys.argv[4]))  # what is loaded once is not what a second of video costs
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = spent()
run(path)
print(json.dumps(spent() - before))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    clip, short = talking_head(SECONDS), talking_head(2)
    spent: dict[str, list[float]] = {name: [] for name in LANES}
    for _ in range(rounds):
        for name, meters in LANES.items():
            spent[name].append(_core_seconds(clip, short, meters) / SECONDS)
    print(write_result("speed", "visual", {"clip": _about(clip), "aim": AIM, "lanes": _told(spent)}))


def _told(spent: dict[str, list[float]]) -> dict[str, Any]:
    return {
        name: {"core_seconds_per_second": round(statistics.median(runs), 4), "runs": [round(r, 4) for r in runs]}
        for name, runs in spent.items()
    }


def _core_seconds(clip: Path, short: Path, meters: list[str]) -> float:

    command = [sys.executable, "-c", CHILD, str(clip), "|".join(map(str, MODELS)), json.dumps(meters), str(short)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT.parent)
    return float(json.loads(done.stdout.splitlines()[-1]))


def talking_head(seconds: int) -> Path:
    """The man of the real clip, there and back, enlarged; made once and kept."""
    path = WORK / f"talking-head-720p25-{seconds}s.mp4"
    if path.exists():
        return path
    WORK.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    with VideoFile(part, size_px=SIZE_PX, rate=RATE, options={"preset": "fast", "crf": "23", "g": "50"}) as file:
        pictures = _enlarged()
        for _ in range(seconds * int(RATE)):
            file.add_picture(*next(pictures))
    return part.replace(path)


def _enlarged() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    source, made = CLIPS / SOURCE, []
    width, height = SIZE_PX
    random = np.random.default_rng(2)
    with Decoder(source, probe(source), pictures=True, sounds=(), packets=False) as decoder:
        for item in decoder:
            if isinstance(item, Picture) and item.u is not None and item.v is not None:
                # The file's planes are full range.
                y = cv2.resize(item.y, SIZE_PX, interpolation=cv2.INTER_CUBIC).astype(np.float32) * 219 / 255 + 16
                y += random.standard_normal(y.shape).astype(np.float32)
                chroma = [
                    cv2.resize(p, (width // 2, height // 2), interpolation=cv2.INTER_AREA) for p in (item.u, item.v)
                ]
                made.append((np.clip(y, 16, 235).astype(np.uint8), *chroma))
    while True:
        for number in (*range(len(made)), *range(len(made) - 2, 0, -1)):
            yield made[number]
            yield made[number]


def _about(path: Path) -> dict[str, Any]:
    media = probe(path)
    assert media.video is not None
    return {
        "codec": media.video.codec,
        "size": f"{media.video.width}x{media.video.height}",
        "rate": str(media.video.rate),
        "seconds": float(media.duration or 0),
    }


if __name__ == "__main__":
    main()
