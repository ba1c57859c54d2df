"""Shots and transitions on synthetic edits: Sightline beside PySceneDetect on the same files, by the same rule.

Tuning used the development edits alone. The test edits come from other takes and other seeds. Scoring: a prediction
(the middle of its interval) within one picture of a transition finds it; one each, every further one is a false
positive.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import scenedetect

from benchmarks.accuracy.edits import DEV, TEST, EditTruth, make_edit, pool_of
from benchmarks.place import CLIPS, WORK, write_result
from sightline.detectors.shots import ShotDetector
from sightline.detectors.transitions import Reading
from sightline.facts import MediaFacts
from sightline.media.decode import Decoder
from sightline.media.picture import Picture, PictureBatch
from sightline.media.probe import probe
from sightline.meters.meter import Subject
from sightline.meters.shot_change import ChangeMeasure
from sightline.meters.shot_past import Past
from sightline.meters.shot_ramps import ramps
from sightline.meters.shot_tone import tone
from sightline.meters.shot_wipe import look_at_wipe
from sightline.meters.shots import ShotMeter

EDITS = WORK / "edits"
DEV_SEEDS = range(1000, 1008)
TEST_SEEDS = range(7000, 7012)
TOLERANCE_PICTURES = 1

Found = list[tuple[str, int, int]]
"""Kind, first mixed picture, first new picture."""

OTHERS: dict[str, Callable[[], Any]] = {
    "PySceneDetect Adaptive": lambda: scenedetect.AdaptiveDetector(),
    "PySceneDetect Adaptive 3.5, w 3": lambda: scenedetect.AdaptiveDetector(adaptive_threshold=3.5, window_width=3),
    "PySceneDetect Adaptive, min 5 pictures": lambda: scenedetect.AdaptiveDetector(min_scene_len=5),
    "PySceneDetect Content": lambda: scenedetect.ContentDetector(),
    "PySceneDetect Hash": lambda: scenedetect.HashDetector(),
    "PySceneDetect Histogram": lambda: scenedetect.HistogramDetector(),
}


@dataclass
class Score:
    """Counts over several edits."""

    found: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    bounds: list[tuple[str, int, int]] = field(default_factory=list)

    def add(self, truth: EditTruth, found: Found) -> None:
        matches = _matched(truth, found)
        for number, transition in enumerate(truth.transitions):
            self.there[transition.kind] += 1
            if number in matches:
                kind, first, last = found[matches[number]]
                self.found[transition.kind] += 1
                self.called[f"{transition.kind} as {kind}"] += 1
                if transition.first < transition.last and first < last:
                    self.bounds.append((transition.kind, first - transition.first, last - transition.last))
        for number, (_, first, last) in enumerate(found):
            if number not in matches.values():
                middle = (first + last) / 2
                blamed = [d.kind for d in truth.distractors if d.first - 2 <= middle <= d.last + 2]
                again = any(t.first - 3 <= middle <= t.last + 3 for t in truth.transitions)
                self.false[blamed[0] if blamed else "second in a transition" if again else "nothing"] += 1

    def report(self) -> dict[str, Any]:
        right, there, wrong = self.found.total(), self.there.total(), self.false.total()
        precision, recall = right / max(1, right + wrong), right / max(1, there)
        report: dict[str, Any] = {
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "found": {kind: f"{self.found[kind]}/{count}" for kind, count in sorted(self.there.items())},
            "false_positives": dict(sorted(self.false.items())),
            "called": dict(sorted(self.called.items())),
        }
        for kind in sorted({b[0] for b in self.bounds}):
            off = np.abs([b[1:] for b in self.bounds if b[0] == kind])
            report.setdefault("bounds_off_by_at_most_one", {})[kind] = f"{int((off.max(axis=1) <= 1).sum())}/{len(off)}"
        return report


def _matched(truth: EditTruth, found: Found) -> dict[int, int]:
    """Number of the prediction by number of the transition, nearest pairs first."""
    pairs = []
    for guess, (_, first, last) in enumerate(found):
        middle = (first + last) / 2
        for number, t in enumerate(truth.transitions):
            if t.first - TOLERANCE_PICTURES <= middle <= t.last + TOLERANCE_PICTURES:
                pairs.append((abs(middle - (t.first + t.last) / 2), guess, number))
    matches: dict[int, int] = {}
    for _, guess, number in sorted(pairs):
        if number not in matches and guess not in matches.values():
            matches[number] = guess
    return matches


def sightline_transitions(path: Path) -> tuple[Found, float, int]:
    """What Sightline finds, the processor seconds of its meter (without decoding and the shared small pictures), and
    how many pictures it measured."""
    facts = probe(path)
    meter, seconds, count = ShotMeter(Subject(facts, facts.video)), 0.0, 0
    for picture in _pictures(path, facts):
        picture.small  # noqa: B018  (made once and shared by several meters)
        before = time.thread_time()
        meter.measure(PictureBatch((picture,)))
        seconds += time.thread_time() - before
        count += 1
    columns = meter.columns()
    return [(t.kind.value, t.first, t.last) for t in Reading(columns, ShotDetector()).transitions()], seconds, count


def _pictures(path: Path, facts: MediaFacts) -> Iterator[Picture]:
    with Decoder(path, facts, sounds=(), packets=False, threads=1) as decoder:
        for unit in decoder:
            if isinstance(unit, Picture):
                yield unit


def _other(path: Path, detector: Any) -> Found:
    with contextlib.redirect_stderr(None):
        scenes = scenedetect.detect(str(path), detector)
    return [("cut", start.frame_num, start.frame_num) for start, _ in scenes[1:]]


def measure_edits(pool: str, seeds: range) -> dict[str, Any]:
    """All detectors on the edits of one pool."""
    logging.getLogger("pyscenedetect").setLevel(logging.ERROR)
    takes = DEV if pool == "dev" else TEST
    pictures = pool_of(takes, CLIPS)
    scores = {name: Score() for name in ("Sightline", *OTHERS)}
    seconds, count = 0.0, 0
    for seed in seeds:
        path = EDITS / f"{pool}{seed}.mp4"
        truth = make_edit(pictures, seed, path)
        found, spent, measured = sightline_transitions(path)
        scores["Sightline"].add(truth, found)
        seconds, count = seconds + spent, count + measured
        for name, make in OTHERS.items():
            scores[name].add(truth, _other(path, make()))
    return {
        "takes": [take.name for take in takes],
        "seeds": [seeds.start, seeds.stop],
        "edits": len(seeds),
        "pictures": count,
        "transitions": scores["Sightline"].there.total(),
        "meter_ms_per_picture": round(1000 * seconds / count, 3),
        "detectors": {name: score.report() for name, score in scores.items()},
    }


def real_clips() -> dict[str, Any]:
    """Beside the synthetic edits: what is found in the real clips, and what the meter costs on them."""
    result = {}
    for name in ("big_buck_bunny_60s.mp4", "traffic.mp4", "signing_person.mkv"):
        found, seconds, count = sightline_transitions(CLIPS / name)
        result[name] = {"found": found, "pictures": count, "meter_ms_per_picture": round(1000 * seconds / count, 3)}
    return result


def _warm_up() -> None:
    """Loads the compiled parts, so that they are not counted to the first edit."""
    grain = np.random.default_rng(0).integers(0, 256, (9, 90, 160), np.uint8)
    planes = [(p, p, p) for p in grain]
    past = Past(Fraction(1, 25))
    for tick, picture in enumerate(planes):
        past.add(tuple(cv2.resize(p, (96, 54)) for p in picture), tick)
        ramps(past)
    ChangeMeasure().between(past.small(1), past.small(0), any_exposure=True, apart=9.0)
    look_at_wipe(past, 6)
    tone(past.small(0))


def run(quick: bool = False) -> dict[str, Any]:
    """The numbers of this benchmark; ``quick`` measures one development edit and nothing else."""
    cv2.setNumThreads(1)
    _warm_up()
    if quick:
        return {"dev": measure_edits("dev", range(DEV_SEEDS.start, DEV_SEEDS.start + 1))}
    return {
        "versions": {"scenedetect": scenedetect.__version__, "opencv": cv2.__version__, "pyav": av.__version__},
        "dev": measure_edits("dev", DEV_SEEDS),
        "test": measure_edits("test", TEST_SEEDS),
        "real": real_clips(),
    }


if __name__ == "__main__":
    print(write_result("accuracy", "transitions", run()).read_text())
