"""Golden values of faces: what MediaPipe Tasks finds in single pictures of the real clips.

    apt-get install libegl1 libgles2
    python -m venv oracle && oracle/bin/pip install mediapipe==1.2.2 av
    PYTHONPATH=. oracle/bin/python tools/face_golden.py FACE_LANDMARKER.TASK CLIPS tests/golden/data/faces.npz

Runs in IMAGE mode, which smooths nothing, on the RGB of `tests.face_pictures`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from tests.face_pictures import golden_pictures

PX_STEPS, SHARE_STEPS = 100, 50_000
OUTSIDE_PX = 100
"""Coordinates are kept in hundredths px, from 100 px outside of the picture; expressions in steps of 1/50000."""


def main(bundle: Path, clips: Path, out: Path) -> None:
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(bundle)),
        running_mode=vision.RunningMode.IMAGE,
        num_faces=4,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    names, points, expressions, matrices = [], [], [], []
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for name, rgb in golden_pictures(clips):
            found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
            size = np.array([rgb.shape[1], rgb.shape[0]])
            for face, shapes, matrix in zip(
                found.face_landmarks, found.face_blendshapes, found.facial_transformation_matrixes, strict=True
            ):
                px = np.array([[p.x, p.y] for p in face]) * size + OUTSIDE_PX
                names.append(name)
                points.append(np.rint(px * PX_STEPS).astype(np.uint32))
                expressions.append(np.rint(np.array([s.score for s in shapes]) * SHARE_STEPS).astype(np.uint16))
                matrices.append(np.array(matrix, np.float32))
    np.savez_compressed(
        out,
        oracle=f"mediapipe {mp.__version__}, IMAGE mode",
        names=np.array(names),
        points=np.array(points),
        expressions=np.array(expressions),
        matrices=np.array(matrices),
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
