"""MediaPipe Tasks, in a Python of its own: it is no part of the product.

``SIGHTLINE_ORACLE_PYTHON`` names that Python (`tools/face_golden.py` says how to make one). Without it what needs the
oracle is left out of the results.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.place import ROOT, WORK

MODELS = ROOT.parents[1] / "shared" / "models"
PYTHON = os.environ.get("SIGHTLINE_ORACLE_PYTHON")
START = r"""
import json, os, sys, time
import numpy as np
import mediapipe as mp
from mediapipe.tasks.python import BaseOptions, vision
landmarker = vision.FaceLandmarker.create_from_options(vision.FaceLandmarkerOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[1]), running_mode=vision.RunningMode.IMAGE, num_faces=4,
    output_face_blendshapes=True, output_facial_transformation_matrixes=True))
def look(rgb):
    return landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
"""
FACES = r"""
told = []
for rgb in np.load(sys.argv[2])["pictures"]:
    seen = look(np.ascontiguousarray(rgb))
    told.append([{"points": [[p.x, p.y] for p in face[:468]], "matrix": np.array(matrix).tolist()}
                 for face, matrix in zip(seen.face_landmarks, seen.facial_transformation_matrixes)])
print(json.dumps({"version": mp.__version__, "faces": told}))
landmarker.close()
"""


def asked(script: str, *arguments: str) -> Any:
    """What a script printed last, as JSON, in the oracle's Python; it begins where `START` ends."""
    assert PYTHON is not None
    command = [PYTHON, "-c", START + script, str(MODELS / "face_landmarker.task"), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def faces_of(pictures: Sequence[np.ndarray]) -> Any:
    """Faces the oracle finds in RGB pictures of one size: ``version`` and ``faces``, a list a picture."""
    WORK.mkdir(parents=True, exist_ok=True)
    path: Path = WORK / "oracle.npz"
    np.savez(path, pictures=np.stack(pictures))
    try:
        return asked(FACES, str(path))
    finally:
        path.unlink()
