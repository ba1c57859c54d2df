"""Golden values of pose and hands: what MediaPipe Tasks finds in single pictures of the real clips.

    python -m venv oracle && oracle/bin/pip install mediapipe==0.10.21 av
    python -m tools.body_bundles bundles
    oracle/bin/python tools/body_golden.py bundles CLIPS tests/golden/data/body.json

Runs in IMAGE mode, picture by picture, on RGB made by FFmpeg. The bundles get the metadata MediaPipe asks for: how
pixels are normalised, as its own graphs of these networks do it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path

import av
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer

NORMALISED = {
    "pose_detector.tflite": (127.5, 127.5),
    "pose_landmarks_detector.tflite": (0.0, 255.0),
    "hand_detector.tflite": (0.0, 255.0),
    "hand_landmarks_detector.tflite": (0.0, 255.0),
}
CLIPS = {"signing_person.mkv": range(0, 109, 9), "face_smiling_man.gif": range(0, 60, 20), "traffic.mp4": (0,)}


def with_metadata(bundle: Path, folder: Path) -> str:
    """The bundle with metadata, in ``folder``."""
    made = folder / bundle.name
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            mean, deviation = NORMALISED[name]
            writer = metadata_writer.MetadataWriter.create(bytearray(source.read(name)))
            writer.add_image_input([mean] * 3, [deviation] * 3)
            target.writestr(name, bytes(writer.populate()[0]))
    return str(made)


def main(bundles: Path, clips: Path, out: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        pose_at = with_metadata(bundles / "pose_landmarker_lite.task", Path(place))
        hands_at = with_metadata(bundles / "hand_landmarker.task", Path(place))
        pose = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=pose_at))
        )
        hands = vision.HandLandmarker.create_from_options(
            vision.HandLandmarkerOptions(base_options=BaseOptions(model_asset_path=hands_at), num_hands=2)
        )
        found = []
        for name, numbers in CLIPS.items():
            with av.open(str(clips / name)) as container:
                for number, frame in enumerate(container.decode(video=0)):
                    if number in numbers:
                        rgb = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
                        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
                        found.append({"clip": name, "picture": number, **seen(pose, hands, picture)})
    out.write_text(json.dumps({"oracle": f"mediapipe {mp.__version__}, IMAGE mode", "pictures": found}) + "\n")


def seen(pose: vision.PoseLandmarker, hands: vision.HandLandmarker, picture: mp.Image) -> dict[str, object]:
    body, palms = pose.detect(picture), hands.detect(picture)
    return {
        "pose": [[round(float(v), 4) for v in (p.x, p.y, p.visibility)] for p in body.pose_landmarks[0]]
        if body.pose_landmarks
        else None,
        "hands": [
            {
                "side": side[0].category_name,
                "score": round(float(side[0].score), 4),
                "points": [[round(float(p.x), 4), round(float(p.y), 4)] for p in points],
            }
            for side, points in zip(palms.handedness, palms.hand_landmarks, strict=True)
        ],
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
