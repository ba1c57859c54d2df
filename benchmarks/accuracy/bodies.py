"""Pose and hands: known turns, shifts and sizes of a real person, and MediaPipe on the same pictures.

The pictures of a clip are turned about their middle, moved and scaled by known amounts; the tilt of the shoulders,
their middle and their width must follow. The truth is the change, not the value: nobody measured the shoulders.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.place import CLIPS, ROOT
from sightline.media.decode import Decoder
from sightline.media.picture import Picture
from sightline.media.probe import probe
from sightline.meters.body.hand_networks import HandNetworks
from sightline.meters.body.pose_networks import PoseNetworks
from sightline.meters.crops import Upright

BUNDLES = ROOT.parent / "build" / "body"
GOLDEN = ROOT.parent / "tests" / "golden" / "data" / "body.json"
CLIP = "signing_person.mkv"
TURNS_DEG, SHIFTS, SIZES = (-15, -10, -5, 5, 10, 15), (-0.1, -0.05, 0.05, 0.1), (0.8, 0.9, 1.1, 1.2)
LEFT, RIGHT = 11, 12


def run(*, quick: bool = False) -> dict[str, Any]:
    if not (BUNDLES / "pose_landmarker_lite.task").exists():
        raise SystemExit(f"the networks are not in {BUNDLES}: python -m tools.body_bundles {BUNDLES}")
    pose = PoseNetworks.load(BUNDLES / "pose_landmarker_lite.task")
    pictures = [picture for number, picture in _pictures(CLIP) if number % (54 if quick else 9) == 0]
    video = probe(CLIPS / CLIP).video
    assert video is not None
    upright = Upright(video)
    return {
        "clip": CLIP,
        "pictures": len(pictures),
        "turn_deg": _told(_errors(pose, upright, pictures, [(turn, 0.0, 1.0) for turn in TURNS_DEG], _tilt_error)),
        "shift_share_of_width": _told(
            _errors(pose, upright, pictures, [(0, shift, 1.0) for shift in SHIFTS], _shift_error)
        ),
        "size_ratio": _told(_errors(pose, upright, pictures, [(0, 0.0, size) for size in SIZES], _size_error)),
        "beside_mediapipe": _beside_mediapipe(pose),
    }


def _pictures(clip: str) -> Iterator[tuple[int, Picture]]:
    with Decoder(CLIPS / clip, probe(CLIPS / clip), pictures=True, sounds=(), packets=False) as decoder:
        yield from enumerate(item for item in decoder if isinstance(item, Picture))


def _changed(picture: Picture, turn_deg: float, shift: float, size: float) -> Picture:
    """Turned clockwise about the middle, moved to the right by a share of the width, scaled."""

    def change(plane: np.ndarray) -> np.ndarray:
        height, width = plane.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -turn_deg, size)
        matrix[0, 2] += shift * width
        made: np.ndarray = cv2.warpAffine(plane, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return made

    assert picture.u is not None
    assert picture.v is not None
    planes = change(picture.y), change(picture.u), change(picture.v)
    return Picture(planes, pts=picture.pts, duration=picture.duration, time_base=Fraction(1, 1000))


def _shoulders(pose: PoseNetworks, upright: Upright, picture: Picture) -> np.ndarray | None:
    box = pose.find(upright, picture)
    body = None if box is None else pose.look(upright, picture, box)
    return None if body is None else body.points[[LEFT, RIGHT]]


def _errors(
    pose: PoseNetworks, upright: Upright, pictures: list[Picture], changes: list[tuple[float, float, float]], error: Any
) -> list[float | None]:
    found: list[float | None] = []
    for picture in pictures:
        plain = _shoulders(pose, upright, picture)
        for change in changes:
            seen = _shoulders(pose, upright, _changed(picture, *change))
            found.append(None if plain is None or seen is None else error(plain, seen, change, upright))
    return found


def _tilt_error(plain: np.ndarray, seen: np.ndarray, change: tuple[float, float, float], _: Upright) -> float:
    def tilt(points: np.ndarray) -> float:
        across, down = points[0] - points[1]
        return math.degrees(math.atan2(down, across))

    return tilt(seen) - tilt(plain) - change[0]


def _shift_error(plain: np.ndarray, seen: np.ndarray, change: tuple[float, float, float], upright: Upright) -> float:
    return float((seen.mean(axis=0) - plain.mean(axis=0))[0] / upright.width_px - change[1])


def _size_error(plain: np.ndarray, seen: np.ndarray, change: tuple[float, float, float], _: Upright) -> float:
    def width(points: np.ndarray) -> float:
        return float(np.hypot(*(points[0] - points[1])))

    return width(seen) / width(plain) / change[2] - 1


def _told(errors: list[float | None]) -> dict[str, float | int]:
    found = np.array([error for error in errors if error is not None])
    return {
        "n": len(errors),
        "not_found": len(errors) - len(found),
        "mean_error": round(float(found.mean()), 4),
        "median_absolute_error": round(float(np.median(np.abs(found))), 4),
        "p95_absolute_error": round(float(np.percentile(np.abs(found), 95)), 4),
    }


def _beside_mediapipe(pose: PoseNetworks) -> dict[str, Any]:
    hands = HandNetworks.load(BUNDLES / "hand_landmarker.task")
    golden = json.loads(Path(GOLDEN).read_text())
    apart: list[float] = []
    seen, ours, theirs, hands_apart = 0, 0, 0, []
    for clip in dict.fromkeys(entry["clip"] for entry in golden["pictures"]):
        wanted = {entry["picture"]: entry for entry in golden["pictures"] if entry["clip"] == clip}
        video = probe(CLIPS / clip).video
        assert video is not None
        upright = Upright(video)
        size = np.array([upright.width_px, upright.height_px])
        for number, picture in _pictures(clip):
            if number not in wanted:
                continue
            seen += 1
            box = pose.find(upright, picture)
            body = None if box is None else pose.look(upright, picture, box)
            if body is not None and wanted[number]["pose"] is not None:
                truth = np.array(wanted[number]["pose"])[:, :2] * size
                apart.append(float(np.abs(body.points - truth).mean() / upright.width_px))
            found = hands.find(upright, picture)
            ours, theirs = ours + len(found), theirs + len(wanted[number]["hands"])
            for hand in found:
                near = [np.abs(hand.points - np.array(t["points"]) * size).mean() for t in wanted[number]["hands"]]
                if near:
                    hands_apart.append(float(min(near) / upright.width_px))
    return {
        "oracle": golden["oracle"],
        "pictures": seen,
        "pose_pictures": len(apart),
        "pose_mean_share_of_width": round(float(np.mean(apart)), 5),
        "pose_worst_share_of_width": round(float(np.max(apart)), 5),
        "hands_ours": ours,
        "hands_theirs": theirs,
        "hand_median_share_of_width": round(float(np.median(hands_apart)), 5),
    }
