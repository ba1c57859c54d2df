"""Figures of what measuring people costs, for docs/performance.md."""

from __future__ import annotations

from typing import Any

from sightline.text import Language
from tools.documents.markdown import bullets, number, table
from tools.documents.results import measured_by

NOT_MEASURED = "\nnot measured yet\n"
FASTER_AIM = 1.5
LANES = {
    "decode": "decoding alone",
    "faces": "with faces, 15 a second",
    "faces_and_pose": "with faces and pose, 5 a second",
    "faces_pose_hands": "with faces, pose and hands",
}


def visual(found: dict[str, Any], _language: Language) -> str:
    """The lanes of the pictures, and whether the aim was reached."""
    if not found:
        return NOT_MEASURED
    lanes, clip = found["lanes"], found["clip"]
    rows = [
        (title, number(lanes[name]["core_seconds_per_second"], 3), len(lanes[name]["runs"]))
        for name, title in LANES.items()
    ]
    spent = lanes["faces_and_pose"]["core_seconds_per_second"]
    header = ("core-seconds per second of video", "median", "runs")
    said = bullets(
        f"Clip: {clip['seconds']:.0f} s of a talking head, {clip['size']} {clip['codec']}, {clip['rate']} pictures a "
        "second. Decoding is in every row.",
        f"Aim: at most {found['aim']} for faces and pose. Reached: {'yes' if spent <= found['aim'] else '**no**'}.",
        f"Measured by {measured_by(found)}.",
    )
    return f"\n{table(header, rows, right=header[1:])}\n\n{said}\n"


def faces(found: dict[str, Any], _language: Language) -> str:
    """One face beside MediaPipe, by size of the picture."""
    if not found:
        return NOT_MEASURED
    rows = [
        (size, number(r["faces_ms"], 1), number(r["mediapipe_ms"], 1), f"{number(r['times_faster'])} x",
         f"{number(r['times_faster_without_rgb'])} x", "yes" if r["times_faster"] >= FASTER_AIM else "**no**")
        for size, r in found["sizes"].items()
    ]  # fmt: skip
    version = next(iter(found["sizes"].values()))["mediapipe"]
    header = (
        "picture",
        "`faces`, ms",
        f"MediaPipe {version}, ms",
        "faster",
        "without its RGB",
        f"{FASTER_AIM} x reached",
    )
    said = bullets(
        f"One face, {found['pictures']} pictures, {found['rounds']} rounds in turn, one core. MediaPipe runs in mode "
        "IMAGE and needs the picture as RGB first.",
        f"Measured by {measured_by(found)}.",
    )
    return f"\n{table(header, rows, right=header[1:5])}\n\n{said}\n"


def speech(found: dict[str, Any], _language: Language) -> str:
    """Each meter of sound, and what was not measured."""
    if not found:
        return NOT_MEASURED
    rows = [(f"`{name}`" if "_without" not in name else "together", number(ms, 1)) for name, ms in
            found["core_ms_per_second"].items()]  # fmt: skip
    left = ", ".join(f"`{name}` ({why})" for name, why in found["not_evaluated"].items())
    said = bullets(
        f"Clip: {found['clip']['seconds']:.0f} s, {found['clip']['rate_hz']} Hz, {found['clip']['channels']} channels.",
        f"Not evaluated: {left}.",
        f"Measured by {measured_by(found)}.",
    )
    return (
        f"\n{table(('meter', 'core-ms per second of sound'), rows, right=('core-ms per second of sound',))}\n\n{said}\n"
    )
