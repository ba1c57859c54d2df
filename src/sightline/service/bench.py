"""How fast this machine is: ratios to decoding alone, in one run, beside other tools that are installed here."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sightline.desks.desk import DEFAULT_TEMPLATE
from sightline.desks.qc import desk as qc
from sightline.desks.qc.desk import QcAssignment
from sightline.desks.qc.template import load_template
from sightline.engine.cache import MeasurementCache
from sightline.engine.run import Request, measure
from sightline.media.decode import Decoder
from sightline.media.probe import probe
from sightline.service.analysis import judged
from sightline.service.sample import make_sample
from sightline.timeline.timeline import Timeline

FFMPEG_VIDEO = "blackdetect,freezedetect,signalstats,idet,blockdetect"
FFMPEG_SOUND = "ebur128=peak=true,silencedetect,astats"


@dataclass(frozen=True, slots=True)
class Timing:
    """One thing timed. ``seconds`` is the median of the runs."""

    what: str
    """Key in the ``cli.bench`` catalogue."""
    seconds: float
    runs: tuple[float, ...]
    of_decoding: float | None
    """Ratio to decoding alone in the same round, median of the rounds."""
    speed: float
    """Media seconds per second."""


@dataclass(frozen=True, slots=True)
class Bench:
    media: str
    duration_s: float
    machine: str
    cores: int
    timings: tuple[Timing, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def bench_file(path: Path | None, *, runs: int = 3, tell: Callable[[str], None] = lambda _: None) -> Bench:
    """Times ``path``, or the demo's sample. Every round runs each thing once, in turn, so that drift is shared."""
    with tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder:
        if path is None:
            tell("sample.mov")
            path = make_sample(Path(folder) / "sample.mov")
        media = probe(path, hash_bytes=True)
        duration_s = float(media.duration or 0)
        timeline = _measured(path, None)
        cache = MeasurementCache(Path(folder) / "cache")
        _measured(path, cache)
        things: dict[str, Callable[[], object]] = {
            "decode": lambda: decode_only(path),
            "all_checks": lambda: _judged(_measured(path, None)),
            "repeat": lambda: _judged(_measured(path, cache)),
            "judge": lambda: _judged(timeline),
            **_peers(path),
        }
        taken: dict[str, list[float]] = {what: [] for what in things}
        for round_number in range(runs):
            for what, thing in things.items():
                tell(f"{round_number + 1}/{runs} {what}")
                started = time.perf_counter()
                thing()
                taken[what].append(time.perf_counter() - started)
    return Bench(media.name, duration_s, machine(), os.cpu_count() or 1, tuple(_timings(taken, duration_s)))


def decode_only(path: Path) -> int:
    """The floor: every picture and all sound decoded and let go. Gives the number of pictures."""
    media = probe(path)
    with Decoder(path, media, sounds=tuple(audio.index for audio in media.audios), packets=False) as decoder:
        for _ in decoder:
            pass
        return decoder.pictures_decoded


def machine() -> str:
    """The processor's name, for results that must say where they were measured."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()}, {platform.system()} {platform.machine()}"
    except OSError:
        pass
    return f"{platform.processor() or 'unknown processor'}, {platform.system()} {platform.machine()}"


def _measured(path: Path, cache: MeasurementCache | None) -> Timeline:
    meters = qc.needed_meters(load_template(DEFAULT_TEMPLATE))
    return measure(Request(path, {meter: {} for meter in sorted(meters)}), cache=cache)


def _judged(timeline: Timeline) -> object:
    return judged(timeline, QcAssignment(load_template(DEFAULT_TEMPLATE)))


def _timings(taken: dict[str, list[float]], duration_s: float) -> Iterable[Timing]:
    for what, seconds in taken.items():
        ratio = statistics.median(a / b for a, b in zip(seconds, taken["decode"], strict=True))
        middle = statistics.median(seconds)
        yield Timing(
            what,
            round(middle, 4),
            tuple(round(s, 4) for s in seconds),
            None if what == "decode" else round(ratio, 3),
            round(duration_s / middle, 1) if middle else 0.0,
        )


def _peers(path: Path) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    ffmpeg = ffmpeg_program()
    if ffmpeg is not None:
        found["ffmpeg"] = lambda: run_ffmpeg_filters(ffmpeg, path)
    if importlib.util.find_spec("scenedetect") is not None:
        found["scenedetect"] = lambda: run_scenedetect(path)
    return found


def ffmpeg_program() -> str | None:
    """FFmpeg on the path, or the one of the `imageio-ffmpeg` package; None without either."""
    program = shutil.which("ffmpeg")
    if program is None and importlib.util.find_spec("imageio_ffmpeg") is not None:
        import imageio_ffmpeg

        program = imageio_ffmpeg.get_ffmpeg_exe()
    return program


def run_ffmpeg_filters(ffmpeg: str, path: Path) -> None:
    """FFmpeg's own filters for about the same measurements, in one graph. Raises `CalledProcessError`."""
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", str(path.resolve()), "-vf", FFMPEG_VIDEO, "-af", FFMPEG_SOUND]
    subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True)  # noqa: S603


def run_scenedetect(path: Path) -> int:
    """PySceneDetect with its default detector; gives the number of scenes."""
    scenedetect = importlib.import_module("scenedetect")
    return len(scenedetect.detect(str(path), scenedetect.AdaptiveDetector()))
