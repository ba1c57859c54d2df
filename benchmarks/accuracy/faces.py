"""Faces: beside MediaPipe on the same pictures, through a turn of the head, turned, moved and scaled by known amounts,
and made small on real backgrounds.

Truth of a change is the change itself: nobody measured the heads. Blinks and glances of known size are in `blinks`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
from tests.face_pictures import SMILING, TURNING, Rgb, clip_pictures, golden_pictures
from tests.faces import measured, picture_of, planes_of, video_of

from benchmarks.accuracy import oracle
from benchmarks.place import CLIPS, ROOT
from sightline.meters.crops import Upright
from sightline.meters.face.networks import FaceNetworks
from sightline.timeline.columns import Columns
from sightline.weights.shelf import Shelf

GOLDEN = ROOT.parent / "tests" / "golden" / "data" / "faces.npz"
OUTSIDE_PX, PX_STEPS, SHARE_STEPS = 100, 100, 50_000
WIDTHS = (0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.12)
SCENE_PX = (1280, 720)
BACKGROUNDS = ("traffic.mp4", "big_buck_bunny_60s.mp4")
TURNS_DEG, SHIFTS, SIZES = (-30, -20, -10, 10, 20, 30), (-0.2, -0.1, 0.1, 0.2), (0.7, 0.85, 1.2, 1.4)
BLINKING = 0.2
"""A picture is left out of the sweep when ``eyeBlink`` of an eye is this much above the person's median."""
SEED = 4


def run(*, quick: bool = False) -> dict[str, Any]:
    shelf = Shelf((oracle.MODELS,))
    return {
        "beside_mediapipe": _beside_mediapipe(FaceNetworks.load(shelf.file("face_landmarker"))),
        "sweep": _sweep(shelf),
        "known_changes": _known_changes(shelf, every=20 if quick else 4),
        "small_faces": _small_faces(shelf, each=2 if quick else 40),
    }


def _beside_mediapipe(networks: FaceNetworks) -> dict[str, Any]:
    """From planes, as the meter reads them; the oracle had RGB."""
    kept = np.load(GOLDEN)
    truths = {str(name): number for number, name in enumerate(kept["names"])}
    means, mosts, shapes, angles = [], [], [], []
    for name, rgb in golden_pictures(CLIPS):
        if not name.startswith(("turning", "smiling")):
            continue
        number = truths[name]
        upright, picture = Upright(video_of(rgb.shape[1], rgb.shape[0])), picture_of(planes_of(rgb))
        face = networks.look(upright, picture, networks.find(upright, picture)[0])
        assert face is not None
        points = kept["points"][number] / PX_STEPS - OUTSIDE_PX
        apart = np.hypot(*(face.points[:, :2] - points).T) / np.ptp(points[:468, 0])
        head = networks.canonical.head(face.points, upright.width_px, upright.height_px)
        assert head is not None
        means.append(float(apart.mean()))
        mosts.append(float(apart.max()))
        differences = np.abs(networks.expressions_of(face) - kept["expressions"][number] / SHARE_STEPS)
        shapes.append(float(differences.max()))
        angles.append(_between_deg(head.rotation, kept["matrices"][number][:3, :3].astype(np.float64)))
    return {
        "oracle": str(kept["oracle"]),
        "pictures": len(means),
        "points_mean_share_of_face": _spread(means),
        "points_worst_share_of_face": _spread(mosts),
        "expressions_worst_of_52": _spread(shapes),
        "head_angle_deg": _spread(angles),
    }


def _between_deg(one: np.ndarray, other: np.ndarray) -> float:
    other = other / np.cbrt(np.linalg.det(other))
    return math.degrees(2 * math.asin(min(1.0, float(np.linalg.norm(one - other)) / math.sqrt(8))))


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 4),
        "p95": round(float(np.percentile(values, 95)), 4),
        "worst": round(float(np.max(values)), 4),
    }


def _seen(pictures: list[Rgb], shelf: Shelf, step: int = 1, **parameters: bool) -> Columns:
    made = [picture_of(planes_of(rgb), step * number) for number, rgb in enumerate(pictures)]
    height, width = made[0].y.shape
    return measured(made, video_of(width, height), shelf, **parameters)


def _sweep(shelf: Shelf) -> dict[str, Any]:
    """Openness of open eyes while the head turns, over that of a frontal face (within 10 degrees)."""
    columns = _seen(clip_pictures(CLIPS, TURNING), shelf)
    blink = np.maximum(columns["eyeBlinkLeft"], columns["eyeBlinkRight"])
    kept = blink < np.median(blink) + BLINKING
    yaw = columns["yaw"][kept]
    told: dict[str, Any] = {
        "clip": TURNING, "pictures": int(kept.sum()), "left_out_as_blinking": int((~kept).sum()),
        "yaw_from_deg": round(float(yaw.min()), 1), "yaw_to_deg": round(float(yaw.max()), 1),
    }  # fmt: skip
    both = (columns["eye_left"] + columns["eye_right"]) / 2
    for name, values in (("mean_of_both", both), ("left", columns["eye_left"]), ("right", columns["eye_right"])):
        share = values[kept] / np.median(values[kept & (np.abs(columns["yaw"]) < 10)])
        told[name] = {"least": round(float(share.min()), 3), "most": round(float(share.max()), 3)}
    return told


@dataclass(frozen=True, slots=True)
class _Change:
    """About the middle of the face: degrees clockwise, a share of the width to the right, a factor."""

    turn_deg: float = 0.0
    shift: float = 0.0
    size: float = 1.0

    def of(self, rgb: Rgb, middle: tuple[float, float]) -> Rgb:
        height, width = rgb.shape[:2]
        matrix = cv2.getRotationMatrix2D(middle, -self.turn_deg, self.size)
        matrix[0, 2] += self.shift * width
        made = cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(made, np.uint8)


def _known_changes(shelf: Shelf, every: int) -> dict[str, Any]:
    pictures = [rgb for name in (SMILING, TURNING) for rgb in clip_pictures(CLIPS, name)[::every]]
    plain = _seen(pictures, shelf)
    assert len(plain) == len(pictures)
    middle_x, middle_y = plain["left"] + plain["width"] / 2, plain["top"] + plain["height"] / 2
    told: dict[str, Any] = {"pictures": len(pictures)}

    def seen(change: _Change) -> Columns:
        middles = zip(middle_x * 480, middle_y * 270, strict=True)
        return _seen(
            [change.of(rgb, (float(x), float(y))) for rgb, (x, y) in zip(pictures, middles, strict=True)], shelf
        )

    turns = {turn: seen(_Change(turn_deg=turn)) for turn in TURNS_DEG}
    told["roll_deg"] = _errors([(found["roll"] - plain["roll"]) - turn for turn, found in turns.items()])
    for name in ("yaw", "pitch", "eye_left", "eye_right", "gaze_h"):
        told[f"{name}_change_when_rolled"] = _errors([found[name] - plain[name] for found in turns.values()])
    shifts = {shift: seen(_Change(shift=shift)) for shift in SHIFTS}
    told["place_share_of_width"] = _errors(
        [found["left"] + found["width"] / 2 - middle_x - shift for shift, found in shifts.items()]
    )
    sizes = {size: seen(_Change(size=size)) for size in SIZES}
    told["width_ratio"] = _errors([found["width"] / plain["width"] / size - 1 for size, found in sizes.items()])
    told["distance_ratio"] = _errors([plain["z_cm"] / found["z_cm"] / size - 1 for size, found in sizes.items()])
    mirrored = _seen([np.ascontiguousarray(rgb[:, ::-1]) for rgb in pictures], shelf)
    for name in ("yaw", "roll", "gaze_h", "gaze_yaw"):
        told[f"{name}_plus_mirrored_deg"] = _errors([plain[name] + mirrored[name]])
    for name in ("pitch", "gaze_v"):
        told[f"{name}_less_mirrored_deg"] = _errors([plain[name] - mirrored[name]])
    if oracle.PYTHON is not None:
        told["mediapipe_when_rolled"] = _rolled_oracle(pictures, middle_x * 480, middle_y * 270)
    return told


def _rolled_oracle(pictures: list[Rgb], x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    def angles(turn: float) -> np.ndarray:
        change = _Change(turn_deg=turn)
        faces = oracle.faces_of(
            [change.of(rgb, (float(a), float(b))) for rgb, a, b in zip(pictures, x, y, strict=True)]
        )
        rows = [np.array(found[0]["matrix"]) if found else np.full((4, 4), np.nan) for found in faces["faces"]]
        return np.array([(math.degrees(math.atan2(m[0, 2], m[2, 2])), math.degrees(math.asin(m[1, 2]))) for m in rows])

    plain = angles(0.0)
    changes = [angles(turn) - plain for turn in TURNS_DEG]
    return {
        "yaw_change": _errors([change[:, 0] for change in changes]),
        "pitch_change": _errors([change[:, 1] for change in changes]),
    }


def _errors(parts: list[np.ndarray]) -> dict[str, float | int]:
    errors = np.concatenate(parts)
    found = errors[np.isfinite(errors)]
    return {
        "n": len(errors),
        "not_found": len(errors) - len(found),
        "mean": round(float(found.mean()), 4),
        "median_absolute": round(float(np.median(np.abs(found))), 4),
        "p95_absolute": round(float(np.percentile(np.abs(found), 95)), 4),
    }


@dataclass(frozen=True, slots=True)
class _Scene:
    """A picture with a face put into it."""

    rgb: Rgb
    x: float
    """Middle of the face, px."""
    y: float
    width_px: float


def _small_faces(shelf: Shelf, each: int) -> dict[str, Any]:
    """How many faces of a known width are found, by whom. Width: from the left to the right edge of the mesh."""
    random = np.random.default_rng(SEED)
    backgrounds = _backgrounds()
    people = _people(shelf)
    rows, oracle_version = [], None
    for width in WIDTHS:
        scenes = [
            _scene(people[n % len(people)], backgrounds[n % len(backgrounds)], width, random) for n in range(each)
        ]
        pictures = [scene.rgb for scene in scenes]
        # Pictures a second apart, so that YuNet looks at each.
        ours = [_found(scenes, _seen(pictures, shelf, step=15, small_faces=small)) for small in (False, True)]
        row: dict[str, Any] = {"width_share": width, "n": each}
        row |= {"short_range": _share(ours[0]), "with_yunet": _share(ours[1])}
        if oracle.PYTHON is not None:
            told = oracle.faces_of(pictures)
            oracle_version = told["version"]
            row["mediapipe"] = _share(_found_by_oracle(scenes, told["faces"]))
        rows.append(row)
    empty = _seen(backgrounds, shelf, step=15, small_faces=True)
    return {
        "picture": f"{SCENE_PX[0]}x{SCENE_PX[1]}",
        "mediapipe": oracle_version or "not measured: SIGHTLINE_ORACLE_PYTHON is not set",
        "rows": rows,
        "pictures_without_a_face": len(backgrounds),
        "faces_seen_in_them": int((empty["face"] >= 0).sum()),
    }


def _share(found: list[bool]) -> float:
    return round(sum(found) / len(found), 3)


def _backgrounds() -> list[Rgb]:
    found: list[Rgb] = []
    for name in BACKGROUNDS:
        with av.open(str(CLIPS / name)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number % 60 == 30 and len(found) < 24:
                    found.append(cv2.resize(frame.to_ndarray(format="rgb24"), SCENE_PX, interpolation=cv2.INTER_CUBIC))
    return [np.asarray(rgb, np.uint8) for rgb in found]


def _people(shelf: Shelf) -> list[tuple[Rgb, tuple[float, float, float]]]:
    """Pictures of people, and their faces' middle and width in pixels."""
    found = []
    for name, numbers in ((SMILING, range(0, 62, 6)), (TURNING, range(7, 23, 2))):
        pictures = [clip_pictures(CLIPS, name)[number] for number in numbers]
        columns = _seen(pictures, shelf)
        x = (columns["left"] + columns["width"] / 2) * 480
        y = (columns["top"] + columns["height"] / 2) * 270
        faces = zip(x.tolist(), y.tolist(), (columns["width"] * 480).tolist(), strict=True)
        found += list(zip(pictures, faces, strict=True))
    random = np.random.default_rng(SEED)
    return [found[number] for number in random.permutation(len(found))]


def _scene(person: tuple[Rgb, tuple[float, float, float]], background: Rgb, share: float, random: Any) -> _Scene:
    """Head and shoulders, with a soft edge, somewhere in the background."""
    rgb, (x, y, face_px) = person
    width, height = SCENE_PX
    wanted = share * width
    scale = wanted / face_px
    at_x = float(random.uniform(1.2 * wanted, width - 1.2 * wanted))
    at_y = float(random.uniform(1.5 * wanted, height - 1.8 * wanted))
    matrix = np.array([[scale, 0, at_x - scale * x], [0, scale, at_y - scale * y]])
    reduced = cv2.GaussianBlur(rgb, (0, 0), max(0.01, 0.4 / scale)) if scale < 1 else rgb
    put = cv2.warpAffine(reduced, matrix, SCENE_PX, flags=cv2.INTER_CUBIC).astype(np.float32)
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(
        mask, (round(at_x), round(at_y + 0.1 * wanted)), (round(wanted), round(1.3 * wanted)), 0, 0, 360, 1.0, -1
    )
    mask = cv2.GaussianBlur(mask, (0, 0), 0.08 * wanted)[..., None]
    inside = cv2.warpAffine(np.ones(rgb.shape[:2], np.float32), matrix, SCENE_PX)[..., None]
    made = background + mask * inside * (put - background)
    return _Scene(np.clip(np.rint(made), 0, 255).astype(np.uint8), at_x, at_y, wanted)


def _found(scenes: list[_Scene], columns: Columns) -> list[bool]:
    x = (columns["left"] + columns["width"] / 2) * SCENE_PX[0]
    y = (columns["top"] + columns["height"] / 2) * SCENE_PX[1]
    picture = columns.ticks // 15
    return [
        bool((np.hypot(x - scene.x, y - scene.y)[picture == number] < scene.width_px / 2).any())
        for number, scene in enumerate(scenes)
    ]


def _found_by_oracle(scenes: list[_Scene], faces: Any) -> list[bool]:
    def near(scene: _Scene, face: Any) -> bool:
        points = np.array(face["points"]) * SCENE_PX
        x, y = (points.min(axis=0) + points.max(axis=0)) / 2
        return math.hypot(x - scene.x, y - scene.y) < scene.width_px / 2

    return [any(near(scene, face) for face in seen) for scene, seen in zip(scenes, faces, strict=True)]
