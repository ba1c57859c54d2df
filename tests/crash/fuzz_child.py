"""Probes and decodes the files named on standard input, one a line, and answers each with a line of JSON.

Run as a process of its own, so that a crash inside FFmpeg costs this process and not the tests.
"""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction

from sightline.errors import InputError
from sightline.media.decode import Decoder
from sightline.media.picture import PacketFacts, Picture, SoundBlock
from sightline.media.probe import probe


def examine(path: str) -> dict[str, object]:
    """What came of a file: ``error`` names a typed error; ``wrong`` says what must never be."""
    pictures = samples = packets = 0
    last: int | None = None
    wrong = None
    try:
        facts = probe(path)
        with Decoder(path, facts, sounds=tuple(a.index for a in facts.audios), threads=2) as decoder:
            for item in decoder:
                if isinstance(item, Picture):
                    pictures += 1
                    if not (isinstance(item.pts, int) and math.isfinite(float(item.start))):
                        wrong = f"time {item.pts!r}"
                    if last is not None and item.pts <= last:
                        wrong = f"tick {item.pts} after {last}"
                    last = item.pts
                    int(item.y.sum())
                elif isinstance(item, SoundBlock):
                    samples += item.samples.shape[1]
                    if not isinstance(item.start, Fraction):
                        wrong = "sound without an exact time"
                elif isinstance(item, PacketFacts):
                    packets += 1
        return {"pictures": pictures, "samples": samples, "faults": len(decoder.faults), "wrong": wrong}
    except InputError as error:
        return {"error": type(error).__name__, "pictures": pictures, "wrong": wrong}
    except Exception as error:  # noqa: BLE001  (this is what the test looks for)
        return {"wrong": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps(examine(json.loads(line))), flush=True)  # noqa: T201
