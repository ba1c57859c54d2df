"""``python -m benchmarks.speed.speech``: what listening to speech costs, in core-milliseconds per second of sound.

A minute of real speech, stereo at 44.1 kHz: decoding alone, then each meter of speech beside it, then all of them.
Core-milliseconds are the processor time of all threads less that of decoding, so that waiting for others on a busy
machine does not count. In turns, round after round; figures are medians. Words are left out: what a recogniser costs
depends on its weights, and there are none here.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.place import CLIPS, ROOT, WORK, write_result
from sightline.media.decode import Decoder
from sightline.media.picture import SoundBlock
from sightline.media.probe import probe

SOURCE, REPEATS, RATE_HZ = "speech_en_jfk.flac", 6, 44_100
MODELS = ROOT.parents[1] / "shared" / "models"
METERS = ("voice", "pitch", "syllables", "voice_quality", "voice_mos", "speakers")
WITHOUT_WEIGHTS = METERS[:4]
CHILD = r"""
import json, resource, sys
from pathlib import Path
from sightline.engine.run import Request, measure
from sightline.weights.shelf import Shelf
path, short, meters, shelf = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), Shelf((Path(sys.argv[4]),))
def run(place):
    return measure(Request(Path(place), {meter: {} for meter in meters}, 1, shelf=shelf)).not_measured.keys()
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
run(short)  # what is loaded once is not what a second of sound costs
before = spent()
missing = run(path) - {"pictures"}
print(json.dumps({"spent": spent() - before, "missing": sorted(missing)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    path, short, seconds = _clips()
    lanes = {"decoding_and_samples": ["samples"], **{m: ["samples", m] for m in METERS}}
    lanes["all_without_weights"] = ["samples", *WITHOUT_WEIGHTS]
    spent: dict[str, list[float]] = {name: [] for name in lanes}
    missing: set[str] = set()
    for _ in range(rounds):
        for name, meters in lanes.items():
            told = _in_child(path, short, meters)
            spent[name].append(1000 * told["spent"] / seconds)
            missing |= set(told["missing"])
    print(write_result("speed", "speech", _told(spent, missing, seconds)))


def _told(spent: dict[str, list[float]], missing: set[str], seconds: float) -> dict[str, Any]:
    base = statistics.median(spent.pop("decoding_and_samples"))
    rows = {name: round(statistics.median(times) - base, 2) for name, times in spent.items() if name not in missing}
    return {
        "clip": {"source": SOURCE, "seconds": round(seconds, 1), "rate_hz": RATE_HZ, "channels": 2},
        "decoding_and_samples_ms_per_second": round(base, 2),
        "core_ms_per_second": rows,
        "not_evaluated": dict.fromkeys(sorted(missing | {"words"}), "its weights are not on this machine"),
    }


def _clips() -> tuple[Path, Path, float]:
    """The clip over and over, and a second of it, as WAV files."""

    source = CLIPS / SOURCE
    media = probe(source)
    with Decoder(source, media, pictures=False, sounds=(0,), packets=False) as decoder:
        once = np.concatenate([block.samples for block in decoder if isinstance(block, SoundBlock)], axis=1)
    WORK.mkdir(exist_ok=True)
    paths = []
    for name, sound in (("speech_minute", np.tile(once, REPEATS)), ("speech_second", once[:, :RATE_HZ])):
        paths.append(WORK / f"{name}.wav")
        with wave.open(str(paths[-1]), "wb") as file:
            file.setparams((len(sound), 2, RATE_HZ, sound.shape[1], "NONE", ""))
            file.writeframes((sound.T * 32767).astype("<i2").tobytes())
    return paths[0], paths[1], REPEATS * once.shape[1] / RATE_HZ


def _in_child(path: Path, short: Path, meters: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-c", CHILD, str(path), str(short), json.dumps(meters), str(MODELS)]
    answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer


if __name__ == "__main__":
    main()
