"""Broken files of every kind: nothing may crash, hang, or end in anything but a typed error."""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from media_clips import write_clip

MUTANTS_A_KIND = 44
SECONDS_A_MUTANT = 20
SEED = 20_260

SMALL: dict[str, Any] = {"size": (64, 48), "pictures": 8, "gop": 4}
KINDS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"options": {"preset": "ultrafast", "bf": "2"}, "sounds": [("aac", 48000, "stereo")]},
    "hevc.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none"}},
    "h264.mkv": {"options": {"preset": "ultrafast", "bf": "2"}, "sounds": [("flac", 48000, "stereo")]},
    "mpeg2.ts": {"codec": "mpeg2video", "b_frames": 2, "sounds": [("mp2", 48000, "stereo")]},
    "h264.ts": {"options": {"preset": "ultrafast", "bf": "2"}, "sounds": [("aac", 48000, "mono")]},
    "mpeg4.avi": {"codec": "mpeg4", "sounds": [("pcm_s16le", 48000, "stereo")]},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le", "sounds": [("pcm_s24le", 48000, "stereo")]},
    "mpeg2.mxf": {"codec": "mpeg2video", "sounds": [("pcm_s16le", 48000, "mono")]},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}, "sounds": [("libopus", 48000, "stereo")]},
    "ffv1.nut": {"codec": "ffv1"},
    "h264.flv": {"options": {"preset": "ultrafast", "bf": "2"}, "sounds": [("aac", 44100, "stereo")]},
    "mpeg2.mpg": {"codec": "mpeg2video", "b_frames": 2, "sounds": [("mp2", 48000, "stereo")]},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": "12"}},
    "mpeg4.asf": {"codec": "msmpeg4", "sounds": [("mp2", 44100, "stereo")]},
    "png.mov": {"codec": "png", "pixel_format": "rgb24"},
    "clip.gif": {"codec": "gif", "pixel_format": "rgb8"},
    "sound.wav": {"pictures": 0, "sounds": [("pcm_s16le", 8000, "mono")]},
    "sound.flac": {"pictures": 0, "sounds": [("flac", 8000, "stereo")]},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    answer: dict[str, Any]


class Child:
    """A reusable process that examines files; `ask` gives None when it died or took too long, and starts another."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        folder = Path(__file__).parent
        self._process = subprocess.Popen(
            [sys.executable, str(folder / "fuzz_child.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder,
            env=os.environ | {"PYTHONFAULTHANDLER": "1"},
        )  # fmt: skip

    def ask(self, path: Path) -> tuple[dict[str, Any] | None, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(SECONDS_A_MUTANT, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps(str(path)) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
            timer.join()
        if line:
            return json.loads(line), ""
        code = self._process.wait()
        self.close()
        self._start()
        return None, "took too long" if timed_out else f"died with {code}"

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def children() -> Iterator[list[Child]]:
    made = [Child(), Child()]
    yield made
    for child in made:
        child.close()


def mutants(original: bytes, dice: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Broken copies of a file, each with the name of what was done to it."""
    ways = (_flipped, _truncated, _zeroed, _swapped, _repeated, _garbled_head)
    for number in range(count):
        way = ways[number % len(ways)]
        yield way.__name__.strip("_"), way(bytearray(original), dice)


def _flipped(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 3, 20, 200))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def _truncated(data: bytearray, dice: random.Random) -> bytes:
    return bytes(data[: dice.randrange(1, len(data))])


def _zeroed(data: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    length = dice.randrange(1, max(2, len(data) // 3))
    data[start : start + length] = bytes(len(data[start : start + length]))
    return bytes(data)


def _swapped(data: bytearray, dice: random.Random) -> bytes:
    size = dice.choice((16, 188, 512))
    blocks = [bytes(data[i : i + size]) for i in range(0, len(data), size)]
    for _ in range(dice.choice((1, 5))):
        one, other = dice.randrange(len(blocks)), dice.randrange(len(blocks))
        blocks[one], blocks[other] = blocks[other], blocks[one]
    return b"".join(blocks)


def _repeated(data: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    piece = data[start : start + dice.randrange(1, 4096)]
    return bytes(data[:start] + piece * dice.choice((2, 8)) + data[start:])


def _garbled_head(data: bytearray, dice: random.Random) -> bytes:
    """Sizes and counts stand near the start: large, small and negative numbers in their place."""
    for _ in range(dice.choice((1, 4))):
        at = dice.randrange(4, min(len(data) - 4, 1200))
        data[at : at + 4] = dice.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0"))
    return bytes(data)


def test_broken_files_never_crash_hang_or_raise_anything_untyped(tmp_path: Path, children: list[Child]) -> None:
    work: queue.SimpleQueue[tuple[str, Path]] = queue.SimpleQueue()
    total = 0
    for kind, settings in KINDS.items():
        original = write_clip(tmp_path / kind, **SMALL | settings).read_bytes()
        for number, (way, data) in enumerate(mutants(original, random.Random(f"{SEED}{kind}"), MUTANTS_A_KIND)):
            path = tmp_path / f"{number:03d}_{way}_{kind}"
            path.write_bytes(data)
            work.put((path.name, path))
            total += 1
    assert total >= 500
    outcomes: list[Outcome] = []
    bad: list[str] = []

    def examine(child: Child) -> None:
        while not work.empty():
            try:
                name, path = work.get_nowait()
            except queue.Empty:
                return
            answer, death = child.ask(path)
            if answer is None:
                bad.append(f"{name}: {death}")
            elif answer["wrong"]:
                bad.append(f"{name}: {answer['wrong']}")
            else:
                outcomes.append(Outcome(name, answer))

    threads = [threading.Thread(target=examine, args=(child,)) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = Counter(o.answer.get("error", "none") for o in outcomes)
    faulty = sum(bool(o.answer.get("faults")) for o in outcomes)
    print(f"{total} mutants, errors {dict(errors)}, {faulty} decoded with faults")  # noqa: T201
    assert not bad, "\n".join(bad)
    assert len(outcomes) == total
    assert set(errors) <= {"none", "MediaUnreadable", "MediaEmpty"}
    assert faulty > total // 10, "the mutator breaks something"
