"""``python -m benchmarks.speed.faces``: ``faces`` beside MediaPipe Tasks (mode ``IMAGE``), per picture, on one core.

The same pictures of a talking head at three sizes, in turns, each side in a process of its own that may use one core
only. Times are processor time from the decoded picture on: the oracle takes RGB, so that converting to it belongs to
what it costs; how much that is stands beside it. Ours does more on top: gaze, openness of the eyes, light, sharpness.
Ratios are of the medians of each round, then the median of the rounds. ``SIGHTLINE_ORACLE_PYTHON`` names a Python with
MediaPipe (`tools/face_golden.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tests.face_pictures import SMILING, clip_pictures

from benchmarks.accuracy import oracle
from benchmarks.place import CLIPS, ROOT, WORK, write_result
from sightline.media.encode import VideoFile

SIZES_PX = ((640, 360), (1280, 720), (1920, 1080))
PICTURES, RATE = 60, Fraction(15)
OURS = r"""
import json, sys, time
import cv2, numpy as np
from pathlib import Path
from sightline.media.decode import Decoder
from sightline.media.picture import Picture, PictureBatch
from sightline.media.probe import probe
from sightline.meters.faces import FaceMeter
from sightline.meters.meter import Subject
from sightline.weights.shelf import Shelf
cv2.setNumThreads(1)
path = Path(sys.argv[1])
media, shelf = probe(path), Shelf((Path(sys.argv[2]),))
with Decoder(path, media, packets=False) as decoder:
    pictures = [item for item in decoder if isinstance(item, Picture)]
def run(small):
    meter, spent = FaceMeter(Subject(media, video=media.video, shelf=shelf), small_faces=small), []
    for picture in pictures:
        before = time.process_time()
        meter.measure(PictureBatch((picture,)))
        spent.append(time.process_time() - before)
    columns = meter.columns()
    assert (columns["face"] == 0).mean() > 0.9
    return spent
run(True)
print(json.dumps({"faces": np.median(run(False)), "with_small_faces_mean": np.mean(run(True))}))
"""
THEIRS = r"""
import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation
with av.open(sys.argv[2]) as container:
    frames = list(container.decode(video=0))
def run():
    converting, looking = [], []
    for frame in frames:
        before = time.process_time()
        rgb = frame.to_ndarray(format="rgb24")
        between = time.process_time()
        seen = look(rgb)
        looking.append(time.process_time() - between)
        converting.append(between - before)
        assert len(seen.face_landmarks) == 1
    return np.median(converting), np.median(looking)
run()
converting, looking = run()
print(json.dumps({"rgb": converting, "look": looking, "version": mp.__version__}))
landmarker.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if oracle.PYTHON is None:
        raise SystemExit("SIGHTLINE_ORACLE_PYTHON does not name a Python with MediaPipe")
    # Children inherit it: one core for either side, the same one.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    told = {f"{width}x{height}": _beside(_talking_head((width, height)), rounds) for width, height in SIZES_PX}
    print(write_result("speed", "faces", {"pictures": PICTURES, "rounds": rounds, "sizes": told}))


def _beside(clip: Path, rounds: int) -> dict[str, Any]:
    ours, theirs = [], []
    for _ in range(rounds):
        command = [sys.executable, "-c", OURS, str(clip), str(oracle.MODELS)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT.parent)
        ours.append(json.loads(done.stdout.splitlines()[-1]))
        theirs.append(oracle.asked(THEIRS, str(clip)))
    pairs = list(zip(ours, theirs, strict=True))
    return {
        "mediapipe": theirs[0]["version"],
        "faces_ms": _ms(one["faces"] for one in ours),
        "faces_with_yunet_mean_ms": _ms(one["with_small_faces_mean"] for one in ours),
        "mediapipe_ms": _ms(one["look"] for one in theirs),
        "mediapipe_rgb_ms": _ms(one["rgb"] for one in theirs),
        "times_faster": _median((b["rgb"] + b["look"]) / a["faces"] for a, b in pairs),
        "times_faster_without_rgb": _median(b["look"] / a["faces"] for a, b in pairs),
        "runs_times_faster": [round((b["rgb"] + b["look"]) / a["faces"], 3) for a, b in pairs],
    }


def _ms(seconds: Any) -> float:
    return _median(1000 * value for value in seconds)


def _median(values: Any) -> float:
    return round(statistics.median(values), 3)


def _talking_head(size_px: tuple[int, int]) -> Path:
    """The man of the real clip, enlarged; made once and kept."""
    width, height = size_px
    path = WORK / f"talking-head-{width}x{height}.mp4"
    if path.exists():
        return path
    WORK.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    with VideoFile(part, size_px=size_px, rate=RATE, options={"preset": "fast", "crf": "20"}) as file:
        for rgb in clip_pictures(CLIPS, SMILING)[:PICTURES]:
            large = cv2.resize(rgb, size_px, interpolation=cv2.INTER_CUBIC)
            stored = cv2.cvtColor(large, cv2.COLOR_RGB2YUV_I420).reshape(-1)
            edges = np.cumsum([width * height, width * height // 4])
            y, u, v = np.split(stored, edges)
            chroma = (u.reshape(height // 2, width // 2), v.reshape(height // 2, width // 2))
            file.add_picture(y.reshape(height, width), *chroma)
    return part.replace(path)


if __name__ == "__main__":
    main()
