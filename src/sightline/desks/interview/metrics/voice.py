"""Pitch and loudness of the person's voice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.metrics.recording import sound_quality
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen
from sightline.desks.judgement import Reference
from sightline.detectors.person.face_tracks import Clock
from sightline.timeline.columns import Columns

GROUP = "voice"
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LOWEST_HZ, HIGHEST_HZ = 65.0, 400.0
OCTAVE_ST = 9.0
"""Further from the middle of the second around it, a frame is an octave error of the measurement. Heuristic."""
AROUND_S = 1.0
LEAST_VOICED_S = 3.0
LEAST_PITCHED = 0.5
LEAST_LOUD_S = 3.0
END_S, BODY_S = 0.4, 0.8
"""A phrase's last words, and the least that has to stand before them for comparison. Heuristic."""
LEAST_PHRASES = 3
WINDOW_S, LEAST_IN_WINDOW_S = 3.0, 2.0
"""Of the short-term loudness, and how much of it has to be speech."""
PITCH = Reference(2.0, 4.0, "heuristic; livelier speech spreads more, in semitones alike for women and men: "
                  "Traunmüller & Eriksson 1995")  # fmt: skip
LOUDNESS = Reference(-30.0, -16.0, "heuristic, of the recording as it is")


def pitch_sd(scene: Scene) -> Reading:
    """Standard deviation of the pitch, in semitones, while the voice has one. The quality is that of the sound."""
    clock, semitones, known = _semitones(scene)
    seen = Seen(scene, clock, known, scene.own_speech)
    reading = seen.spread(semitones, least_s=LEAST_VOICED_S)
    return replace(reading, coverage=_pitched(seen), quality=sound_quality(scene))


def pitch_range(scene: Scene) -> Reading:
    """From the 10th to the 90th percentile of the pitch, in semitones."""
    clock, semitones, known = _semitones(scene)
    seen = Seen(scene, clock, known, scene.own_speech)
    seen.require(LEAST_VOICED_S)
    low, high = np.percentile(seen.of(semitones), [10, 90])
    return Reading(float(high - low), seen.count, _pitched(seen))


def _pitched(seen: Seen) -> float:
    """Share of the pitch of the speech that was measured: a voice has one for half of the time or more, as consonants
    have none. Heuristic."""
    return min(1.0, seen.coverage / LEAST_PITCHED)


def loudness(scene: Scene) -> Reading:
    """Loudness in LUFS of the person's speech alone (ITU-R BS.1770-5 weighting; speech takes the place of the gate)."""
    seen, power = _power(scene)
    seen.require(LEAST_LOUD_S)
    total, whole = seen.sums(power), seen.sums()
    draws = scene.blocks.drawn(lambda part, time: _lufs(part / time), total, whole)
    return Reading(float(_lufs(total.sum() / whole.sum())), seen.count, seen.coverage, draws)


def loudness_steadiness(scene: Scene) -> Reading:
    """Standard deviation in dB of the short-term loudness (3 s), where the person speaks for most of the window."""
    columns = scene.whole.columns("loudness")
    scene.spoken.require_voice()
    clock = scene.whole.clock("loudness")
    values, known = scene.whole.once("phrases", lambda: _phrases(scene, columns))
    seen = Seen(scene, clock, known, scene.own_turns)
    reading = seen.spread(values, least_s=LEAST_LOUD_S)
    # The windows that lie wholly in a turn begin 3 s after it does.
    return replace(reading, coverage=_spoken_in_windows(scene), quality=sound_quality(scene))


def phrase_drop(scene: Scene) -> Reading:
    """How much softer the last 0.4 s of a phrase are than the rest of it, in dB: the middle of all phrases."""
    seen, power = _power(scene)
    times = scene.whole.clock("loudness").times_s
    drops = []
    for start, end in zip(scene.own_speech.starts, scene.own_speech.ends, strict=True):
        if end - start < END_S + BODY_S:
            continue
        first, cut, last = np.searchsorted(times, [start, end - END_S, end])
        body, tail = power[first:cut].mean(), power[cut:last].mean() if last > cut else 0.0
        if body > 0 and tail > 0:
            drops.append(float(_lufs(body) - _lufs(tail)))
    if len(drops) < LEAST_PHRASES:
        raise Unmeasured("interview.too_few", count=len(drops), least=LEAST_PHRASES)
    return Reading(float(np.median(drops)), len(drops), seen.coverage)


def _phrases(scene: Scene, columns: Columns) -> tuple[Floats, Mask]:
    """Short-term loudness, 0 where there is none, and where the person speaks for most of its window."""
    values = columns["short_term"].astype(np.float64)
    times = scene.whole.clock("loudness").times_s
    spoken = scene.spoken.own_speech.before(times) - scene.spoken.own_speech.before(times - WINDOW_S)
    known = np.isfinite(values) & (spoken >= LEAST_IN_WINDOW_S)
    return np.where(known, values, 0.0), known


def _spoken_in_windows(scene: Scene) -> float:
    """Share of the speech in the turns that are long enough for a window."""
    turns = scene.own_turns
    long = Intervals(turns.starts[turns.lengths >= WINDOW_S], turns.ends[turns.lengths >= WINDOW_S])
    return scene.own_speech.inside(long).total / scene.own_speech.total if scene.own_speech.total else 0.0


def _semitones(scene: Scene) -> tuple[Clock, Floats, Mask]:
    """Pitch in semitones over 1 Hz, and where there is one that can be believed."""
    scene.spoken.require_voice()
    clock = scene.whole.clock("pitch")
    return clock, *scene.whole.once("semitones", lambda: _semitones_of(scene.whole.columns("pitch"), clock))


def _semitones_of(columns: Columns, clock: Clock) -> tuple[Floats, Mask]:
    f0 = columns["f0"].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.isfinite(f0) & (f0 >= LOWEST_HZ) & (f0 <= HIGHEST_HZ)
        semitones = np.where(known, 12 * np.log2(np.where(known, f0, 1.0)), 0.0)
    return semitones, known & _no_jump(clock, semitones, known)


def _no_jump(clock: Clock, semitones: Floats, known: Mask) -> Mask:
    """Frames near the mean of what is voiced in the second around them."""
    totals = np.concatenate([[0.0], np.cumsum(np.where(known, semitones, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    times = clock.times_s
    first, last = np.searchsorted(times, times - AROUND_S / 2), np.searchsorted(times, times + AROUND_S / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (totals[last] - totals[first]) / (counts[last] - counts[first])
    return np.asarray(np.abs(semitones - middle) <= OCTAVE_ST)


def _power(scene: Scene) -> tuple[Seen, Floats]:
    """K-weighted mean square of the person's speech, all channels together."""
    columns = scene.whole.columns("loudness")
    scene.spoken.require_voice()
    power = scene.whole.once("power", lambda: _summed(columns))
    return Seen(scene, scene.whole.clock("loudness"), np.isfinite(power), scene.own_speech), power


def _summed(columns: Columns) -> Floats:
    total = np.zeros(len(columns))
    for column in columns.columns:
        if column.name.startswith("power_"):
            total += float(columns.notes[column.name.replace("power", "weight")]) * column.values.astype(np.float64)
    return total


def _lufs(power: Floats | float) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(power))


METRICS = (
    Definition("pitch_sd", GROUP, "st", "pitch/1", pitch_sd, ("voice", "pitch"), PITCH),
    Definition("pitch_range", GROUP, "st", "pitch/1", pitch_range, ("voice", "pitch")),
    Definition("loudness", GROUP, "lufs", "loudness/1", loudness, ("voice", "loudness"), LOUDNESS),
    Definition("loudness_steadiness", GROUP, "db", "loudness/1", loudness_steadiness, ("voice", "loudness")),
    Definition("phrase_drop", GROUP, "db", "loudness/1", phrase_drop, ("voice", "loudness")),
)
