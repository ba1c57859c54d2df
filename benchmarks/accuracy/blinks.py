"""Blinks and glances of known time and size, rendered on a real face (`rendered`), and what is found of them.

The whole way: pictures are encoded as H.264, decoded, measured by ``faces``, read by the detectors. The face is small
(15 % of the width), and an eye was 14 pixels wide before it was enlarged. Two limits of the blink detector were read
off the real closure of this clip: how far a closure has to reach, and from where to where it is timed. So counts and
lengths are no independent check; misses of incomplete blinks and of glances are.

The gaze's truth is how far the irises were moved; what that is in degrees rests on two averages of adults: an eye 30 mm
wide from corner to corner, which turns about a point 12 mm behind the pupil. So the sign, the order and the evenness of
what is measured are checked here, and its scale only roughly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks.accuracy.rendered import Face
from benchmarks.place import CLIPS, ROOT, WORK
from sightline.detectors.person.blink import BlinkDetector
from sightline.detectors.person.gaze_away import GazeAwayDetector
from sightline.engine.run import Request, measure
from sightline.media.encode import VideoFile
from sightline.meters.face.networks import FaceNetworks
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline
from sightline.weights.shelf import Shelf

MODELS = ROOT.parents[1] / "shared" / "models"
CLIP, PICTURES, SIZE_PX = "face_smiling_man.gif", (58, 60), (960, 540)
"""The eyes are open in one picture and really shut in the other."""
SEED = 20
EYE_WIDTH_MM, EYE_RADIUS_MM = 30.0, 12.0
INCOMPLETE = (0.8,)
RATES = (Fraction(30), Fraction(15), Fraction(5))
ASIDE = (-0.24, -0.18, -0.12, -0.06, 0.06, 0.12, 0.18, 0.24)
"""Of the eye's width, to the right of the picture."""
FAR_ENOUGH = 0.15
"""About 22 degrees: a glance that must be found."""
GLANCE_S, PAUSE_S = 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Blink:
    """Lids that go down in 0.4 of ``length_s``, stay shut for as long, and go up in twice that."""

    start_s: float
    length_s: float
    """From half shut to half open."""
    depth: float = 1.0
    """How far they go down."""

    def closed_at(self, time_s: float) -> float:
        down = hold = 0.4 * self.length_s
        after = time_s - (self.start_s - down / 2)
        share = after / down if after <= down else 1 - (after - down - hold) / (2 * down)
        return self.depth * min(1.0, max(0.0, share))


def run(*, quick: bool = False) -> dict[str, Any]:
    networks = FaceNetworks.load(MODELS / "face_landmarker.task")
    face = Face.of(CLIPS / CLIP, PICTURES, SIZE_PX, networks)
    seconds = 20 if quick else 90
    blinks = _blinks(seconds)
    return {
        "clip": CLIP,
        "blinks": [_blinking(face, blinks, seconds, rate) for rate in (RATES[:1] if quick else RATES)],
        "incomplete_blinks": [
            {"depth": depth, **_blinking(face, [replace(blink, depth=depth) for blink in blinks], seconds, RATES[0])}
            for depth in (() if quick else INCOMPLETE)
        ],
        "gaze": _gazing(face, repeats=1 if quick else 4),
    }


def _blinks(seconds: float) -> list[Blink]:
    random = np.random.default_rng(SEED)
    made, at = [], 2.0
    while at < seconds - 2:
        made.append(Blink(at, float(random.uniform(0.1, 0.35))))
        at += float(random.uniform(1.2, 5.0))
    return made


def _blinking(face: Face, blinks: list[Blink], seconds: float, rate: Fraction) -> dict[str, Any]:
    def closed(time_s: float) -> float:
        return max(blink.closed_at(time_s) for blink in blinks)

    timeline = _measured(face, f"blinks-{rate}", seconds, rate, lambda time_s: {"closed": closed(time_s)})
    refused = BlinkDetector().refusal(timeline)
    if refused is not None:
        return {"rate": str(rate), "planted": len(blinks), "refused": str(refused)}
    found = [event for event in BlinkDetector().detect(timeline) if event.kind == "blink"]
    pairs = [(blink, event) for blink in blinks for event in found if _meet(blink, event)]
    errors = [float(event.evidence["value"] or 0) - blink.length_s for blink, event in pairs] or [math.nan]
    return {
        "rate": str(rate),
        "planted": len(blinks),
        "found": len(found),
        "right": len({id(event) for _, event in pairs}),
        "missed": len(blinks) - len({blink.start_s for blink, _ in pairs}),
        "length_mean_error_s": round(float(np.mean(errors)), 4) if pairs else None,
        "length_median_absolute_error_s": round(float(np.median(np.abs(errors))), 4) if pairs else None,
    }


def _meet(blink: Blink, event: Event) -> bool:
    start, end = event.span.seconds
    return start < blink.start_s + blink.length_s + 0.1 and end > blink.start_s - 0.1


def _gazing(face: Face, repeats: int) -> dict[str, Any]:
    planted = [aside for _ in range(repeats) for aside in ASIDE]
    step_s = GLANCE_S + PAUSE_S

    def aside(time_s: float) -> float:
        number, after = divmod(time_s - PAUSE_S, step_s)
        return planted[int(number)] if 0 <= number < len(planted) and after < GLANCE_S else 0.0

    seconds = PAUSE_S + step_s * len(planted)
    timeline = _measured(face, "glances", seconds, Fraction(30), lambda time_s: {"aside": aside(time_s)})
    columns = timeline.columns["faces"]
    times = columns.ticks * float(columns.time_base)
    ahead = float(np.nanmedian(columns["gaze_h"][[aside(t) == 0 for t in times]]))
    rows = []
    for size in ASIDE:
        inside = np.array([aside(t) == size and aside(t - 0.1) == size for t in times])
        seen = columns["gaze_h"][inside] - ahead
        middle, spread = float(np.median(seen)), float(np.std(seen))
        told_deg = {"measured_deg": round(middle, 2), "spread_deg": round(spread, 2)}
        rows.append({"aside": size, "about_deg": round(_degrees(size), 1), **told_deg})
    told = np.array([[row["about_deg"], row["measured_deg"]] for row in rows])
    away = [event for event in GazeAwayDetector().detect(timeline) if event.kind == "gaze_away"]
    far = [PAUSE_S + n * step_s for n, size in enumerate(planted) if abs(size) >= FAR_ENOUGH]
    near = [PAUSE_S + n * step_s for n, size in enumerate(planted) if abs(size) < 0.1]
    return {
        "rows": rows,
        "correlation": round(float(np.corrcoef(told.T)[0, 1]), 4),
        "slope": round(float(np.polyfit(told[:, 0], told[:, 1], 1)[0]), 3),
        "far_glances": len(far),
        "far_glances_found": sum(any(_during(event, at) for event in away) for at in far),
        "near_glances": len(near),
        "near_glances_called_away": sum(any(_during(event, at) for event in away) for at in near),
        "called_away_without_a_glance": sum(
            not any(_during(event, PAUSE_S + n * step_s) for n in range(len(planted))) for event in away
        ),
    }


def _degrees(aside: float) -> float:
    return math.degrees(math.asin(aside * EYE_WIDTH_MM / EYE_RADIUS_MM))


def _during(event: Event, at_s: float) -> bool:
    start, end = event.span.seconds
    return start < at_s + GLANCE_S and end > at_s


def _measured(face: Face, name: str, seconds: float, rate: Fraction, look: Any) -> Timeline:
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name.replace('/', '-')}.mp4"
    random = np.random.default_rng(SEED)
    with VideoFile(path, size_px=SIZE_PX, rate=rate, options={"preset": "veryfast", "crf": "20"}) as file:
        for number in range(int(seconds * rate)):
            y, u, v = face.shown(**look(number / float(rate)))
            noise = random.normal(0, 1.5, y.shape)
            file.add_picture(np.clip(np.rint(y + noise), 16, 235).astype(np.uint8), u, v)
    timeline = measure(Request(path, {"faces": {}}, 1, shelf=Shelf((MODELS,))))
    path.unlink()
    return timeline
