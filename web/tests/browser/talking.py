"""A talk, and weights that hear words in it, for the browser tests: ``python talking.py FOLDER``.

``talk.mp4``: 16 s of a synthetic voice over a grey picture, with a little noise. ``models``: weights of the recogniser
that are a toy (`tests.toy_whisper`): always the same five words. The registry knows the real ones only: put ``python``
into ``PYTHONPATH``, and a process, and those it starts, take the toy for them.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy.espeak import MissingEspeak, spoken  # noqa: E402
from tests.toy_whisper import make_toy_whisper  # noqa: E402

from sightline.media.encode import VideoFile  # noqa: E402
from sightline.meters.words import MODEL  # noqa: E402
from sightline.weights.registry import REGISTRY  # noqa: E402

SAID = (
    "Last year our team had a problem with late orders. We tried a new list together, and the result was twelve "
    "percent fewer. I learned to ask before I plan. My part was to talk to the people in the store every week."
)
WIDTH_PX, HEIGHT_PX, RATE, SOUND_RATE_HZ = 640, 360, 25, 48_000


def talk(path: Path) -> None:
    said = spoken(SAID, "en", 150)
    length_s = len(said.sound) / said.rate_hz
    times = np.arange(round(length_s * SOUND_RATE_HZ)) / SOUND_RATE_HZ
    voice = np.interp(times, np.arange(len(said.sound)) / said.rate_hz, said.sound)
    second = np.zeros(SOUND_RATE_HZ)
    sound = np.concatenate([second, voice, second])
    sound = (sound + np.random.default_rng(3).normal(0, 0.002, len(sound))).astype(np.float32)
    luma = np.full((HEIGHT_PX, WIDTH_PX), 110, np.uint8)
    chroma = np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128, np.uint8)
    with VideoFile(
        path, size_px=(WIDTH_PX, HEIGHT_PX), rate=Fraction(RATE), options={"g": "50", "preset": "veryfast"},
        sound_rate_hz=SOUND_RATE_HZ, container_options={"movflags": "+faststart"},
    ) as file:  # fmt: skip
        for number in range(len(sound) * RATE // SOUND_RATE_HZ):
            # Not a still picture: it grows a little lighter all the time.
            file.add_picture(luma + np.uint8(number // 10), chroma, chroma)
        for start in range(0, len(sound), 1024):
            file.add_sound(np.stack([sound[start : start + 1024]] * 2))


def weights(folder: Path) -> None:
    made = make_toy_whisper(folder / "models" / MODEL)
    files = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in sorted(made.iterdir())]
    entries = "".join(f'  {{ name = "{name}", sha256 = "{checksum}" }},\n' for name, checksum in files)
    before, after = REGISTRY.read_text(encoding="utf-8").split(f"[{MODEL}]\n")
    after = re.sub(r"files = \[\n.*?\n\]", lambda _: f"files = [\n{entries}]", after, count=1, flags=re.DOTALL)
    (folder / "registry.toml").write_text(f"{before}[{MODEL}]\n{after}", encoding="utf-8")
    site = folder / "python"
    site.mkdir()
    lines = (
        "from pathlib import Path",
        "from sightline.weights import registry",
        f"registry.REGISTRY = Path({json.dumps(str(folder / 'registry.toml'))})",
    )
    (site / "sitecustomize.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        talk(Path(sys.argv[1]) / "talk.mp4")
    except MissingEspeak as missing:
        sys.exit(str(missing))
    weights(Path(sys.argv[1]))
