"""How good the sound is: shown apart, because a bad microphone is not a bad speaker."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen
from sightline.desks.judgement import Reference
from sightline.timeline.columns import ColumnMissing, Columns

GROUP = "sound"
Floats = npt.NDArray[np.float64]
SNR = Reference(20.0, None, "heuristic")
CLIPPING = Reference(None, 0.001, "heuristic")
BANDWIDTH = Reference(7000.0, None, "Wideband speech reaches 7 kHz (ITU-T G.722); telephone sound ends at 3.4 kHz")
MOS = Reference(3.0, None, "heuristic: from 3.0 good, under 2.5 poor")
LEAST_S = 2.0
FINE_DB = 15.0
QUIET_S = 1.0
"""Least silence from which the noise can be taken."""


def snr(scene: Scene) -> Reading:
    """Level of speech over that of the noise between, in dB.

    Speech and noise are powers of rows of half a second; where nobody is ever silent the noise is the quietest tenth.
    """
    columns, voiced = _rows(scene)
    speech = Seen(scene, scene.whole.clock("voice_quality"), voiced >= 0.8)
    speech.require(LEAST_S)
    quiet = Seen(scene, scene.whole.clock("voice_quality"), voiced == 0)
    level = 10 ** (columns["level"].astype(np.float64) / 10)
    floor = 10 ** (columns["floor"].astype(np.float64) / 10)
    by_silence = quiet.seconds >= QUIET_S
    noise = float(np.median(quiet.of(level))) if by_silence else float(np.median(speech.of(floor)))
    heard = float(np.average(speech.of(level), weights=speech.weights[speech.rows]))
    if noise <= 0:
        raise Unmeasured("interview.digital_silence")
    ratio = 10 * np.log10(max(heard - noise, noise * 1e-3) / noise)
    return Reading(float(ratio), speech.count, _heard(scene, speech), details={"from_silence": by_silence})


def clipping(scene: Scene) -> Reading:
    """Share of the samples of speech at full scale."""
    columns, voiced = _rows(scene)
    speech = Seen(scene, scene.whole.clock("voice_quality"), voiced >= 0.5)
    reading = speech.mean(columns["clipped"].astype(np.float64), least_s=LEAST_S)
    return Reading(reading.value, reading.n, _heard(scene, speech), reading.draws)


def bandwidth(scene: Scene) -> Reading:
    """How high the sound of speech reaches, in Hz: the middle of all rows with speech."""
    columns, voiced = _rows(scene)
    speech = Seen(scene, scene.whole.clock("voice_quality"), (voiced >= 0.5) & np.isfinite(columns["bandwidth"]))
    speech.require(LEAST_S)
    value = float(np.median(speech.of(columns["bandwidth"])))
    return Reading(value, speech.count, _heard(scene, speech))


def mos_overall(scene: Scene) -> Reading:
    """How listeners would rate the sound on the whole, 1 to 5, as DNSMOS estimates it (ITU-T P.835)."""
    return _mos(scene, "ovr")


def mos_signal(scene: Scene) -> Reading:
    """The same of the voice alone."""
    return _mos(scene, "sig")


def mos_background(scene: Scene) -> Reading:
    """The same of the background: high where it disturbs little."""
    return _mos(scene, "bak")


def _mos(scene: Scene, column: str) -> Reading:
    columns = scene.whole.columns("voice_mos")
    values = columns[column].astype(np.float64)
    known = np.isfinite(values)
    return Seen(scene, scene.whole.clock("voice_mos"), known).mean(np.where(known, values, 0.0), least_s=1.0)


def sound_quality(scene: Scene) -> float | None:
    """How far what is measured of a voice can be trusted in this sound, 0 to 1; None where nobody can tell.

    0 at 0 dB of speech over noise, 1 from 15 dB on. Heuristic.
    """
    try:
        return min(1.0, max(0.0, snr(scene).value / FINE_DB))
    except (Unmeasured, ColumnMissing):
        return None


def _rows(scene: Scene) -> tuple[Columns, Floats]:
    """The rows, and the share of each in which somebody speaks."""
    columns = scene.whole.columns("voice_quality")
    scene.spoken.require_voice()
    return columns, scene.whole.once("voiced_rows", lambda: _voiced(columns, scene.spoken.voiced))


def _voiced(columns: Columns, voiced: Intervals) -> Floats:
    base = float(columns.time_base)
    edges = np.append(columns.ticks, columns.end) * base
    return voiced.each_within(edges) / np.maximum(np.diff(edges), base)


def _heard(scene: Scene, speech: Seen) -> float:
    """Share of the speech that these rows hold."""
    spoken: Intervals = scene.spoken.voiced.within(scene.start, scene.end)
    return min(1.0, speech.seconds / spoken.total) if spoken.total else 0.0


METRICS = (
    Definition("snr", GROUP, "db", "recording/1", snr, ("voice", "voice_quality"), SNR),
    Definition("clipping", GROUP, "share", "recording/1", clipping, ("voice", "voice_quality"), CLIPPING),
    Definition("bandwidth", GROUP, "hz", "recording/1", bandwidth, ("voice", "voice_quality"), BANDWIDTH),
    Definition("mos_overall", GROUP, "mos", "mos/1", mos_overall, ("voice_mos",), MOS),
    Definition("mos_signal", GROUP, "mos", "mos/1", mos_signal, ("voice_mos",)),
    Definition("mos_background", GROUP, "mos", "mos/1", mos_background, ("voice_mos",)),
)
