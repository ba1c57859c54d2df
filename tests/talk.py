"""What the meters of speech give, with planted words, pitch and voices, to put beside the faces of `people.Take`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from tests.people import VOICE_BASE, Body, Take, wave

from sightline.detectors.detector import person_detectors
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

Word = tuple[str, float, float]


def words(said: Iterable[Word], end_s: float, language: str = "en", model: str = "speech_whisper_small") -> Columns:
    """The ``words`` columns of ``(text, start_s, end_s)``."""
    rows = sorted(said, key=lambda row: row[1])
    ticks = np.array([round(row[1] / float(VOICE_BASE)) for row in rows], np.int64)
    until = np.array([round(row[2] / float(VOICE_BASE)) for row in rows], np.int64)
    text = np.empty(len(rows), object)
    text[:] = [row[0] for row in rows]
    columns = (
        Column("until", "ticks", until),
        Column("text", "text", text),
        Column("probability", "share", np.full(len(rows), 0.9, np.float32)),
        Column("language", "text", np.full(len(rows), language, object)),
        Column("segment", "index", np.zeros(len(rows), np.int64)),
    )
    notes = {"language": language, "language_probability": 0.99, "model": model}
    return Columns("words", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), columns, notes)


def evenly(texts: Sequence[str], start_s: float, end_s: float, gap_s: float = 0.02) -> list[Word]:
    """The words one after another, each as long as the others."""
    step = (end_s - start_s) / len(texts)
    return [(text, start_s + i * step, start_s + (i + 1) * step - gap_s) for i, text in enumerate(texts)]


def pitch(end_s: float, voiced: Iterable[tuple[float, float, float]] = (), wobble_st: float = 0.0) -> Columns:
    """The ``pitch`` columns: ``(start_s, end_s, hz)``, the rest without a voice. ``wobble_st``: SD in semitones."""
    ticks = np.arange(0, round(end_s / float(VOICE_BASE)), 160, dtype=np.int64)
    t = ticks * float(VOICE_BASE)
    f0 = np.full(len(t), np.nan)
    for start, end, hz in voiced:
        f0[(t >= start) & (t < end)] = hz
    f0 *= 2 ** (np.random.default_rng(3).normal(0, wobble_st, len(t)) / 12)
    columns = (
        Column("f0", "hz", f0.astype(np.float32)),
        Column("strength", "share", np.where(np.isfinite(f0), 0.9, 0.1).astype(np.float32)),
    )
    return Columns("pitch", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), columns)


def speakers(turns: Iterable[tuple[float, float, int]], end_s: float) -> Columns:
    """The ``speakers`` columns: ``(start_s, end_s, speaker)``, nobody in the rest."""
    ticks = np.arange(0, round(end_s / float(VOICE_BASE)), 12000, dtype=np.int64)
    t = ticks * float(VOICE_BASE)
    label = np.full(len(t), -1, np.int16)
    for start, end, speaker in turns:
        label[(t + 0.375 >= start) & (t + 0.375 < end)] = speaker
    columns = (
        Column("speaker", "index", label),
        Column("confidence", "share", np.where(label >= 0, 0.8, 0.0).astype(np.float32)),
    )
    return Columns("speakers", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), columns)


def talking(body: Body, *times: tuple[float, float]) -> Body:
    """Lips that open and close three times a second."""
    for start, end in times:
        body.add(wave(start, round((end - start) * 3), 3.0, 0.06), "lips")
    return body


def found_in(take: Take | Timeline) -> Timeline:
    """The timeline with the events of every detector of people, at their defaults."""
    from dataclasses import replace

    timeline = take.timeline() if isinstance(take, Take) else take
    events: tuple = ()  # type: ignore[type-arg]
    for kind in person_detectors().values():
        detector = kind()
        if all(meter in timeline.columns for meter in detector.needs):
            events += detector.detect(replace(timeline, events=events))
    return timeline.with_events(events)


def loudness(end_s: float, loud: Iterable[tuple[float, float, float]] = ()) -> Columns:
    """The ``loudness`` columns of one channel: ``(start_s, end_s, lufs)``, -70 LUFS in the rest."""
    ticks = np.arange(round(end_s * 100), dtype=np.int64) * 160
    t = ticks * float(VOICE_BASE)
    level = np.full(len(t), -70.0)
    for start, end, lufs in loud:
        level[(t >= start) & (t < end)] = lufs
    power = 10 ** ((level + 0.691) / 10)
    columns = [Column("power_0", "share", power.astype(np.float32))]
    for name, hops in (("momentary", 40), ("short_term", 300)):
        mean = np.full(len(t), np.nan)
        if len(t) >= hops:
            mean[hops - 1 :] = np.convolve(power, np.full(hops, 1 / hops), "valid")
        columns.append(Column(name, "lufs", (-0.691 + 10 * np.log10(mean)).astype(np.float32)))
    notes = {"channels": 1, "weight_0": 1.0, "layout": "mono"}
    return Columns("loudness", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), tuple(columns), notes)


def voice_quality(end_s: float, spoken: Iterable[tuple[float, float]], level: float = -25.0, noise: float = -60.0,
                  clipped: float = 0.0, bandwidth: float = 7500.0) -> Columns:  # fmt: skip
    """The ``voice_quality`` columns: speech at ``level``, noise in between, in dBFS."""
    ticks = np.arange(0, round(end_s / float(VOICE_BASE)), 8000, dtype=np.int64)
    t = ticks * float(VOICE_BASE)
    voiced = np.zeros(len(t), bool)
    for start, end in spoken:
        voiced |= (t + 0.5 > start) & (t < end)
    columns = (
        Column("level", "dbfs", np.where(voiced, level, noise).astype(np.float32)),
        Column("floor", "dbfs", np.full(len(t), noise, np.float32)),
        Column("peak", "dbfs", np.where(voiced, level + 12, noise + 6).astype(np.float32)),
        Column("clipped", "share", np.where(voiced, clipped, 0.0).astype(np.float32)),
        Column("bandwidth", "hz", np.where(voiced, bandwidth, np.nan).astype(np.float32)),
    )
    return Columns("voice_quality", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), columns)


def syllables(end_s: float, times: Iterable[float]) -> Columns:
    """The ``syllables`` columns: a nucleus at each time."""
    ticks = np.array([round(t / float(VOICE_BASE)) for t in times], np.int64)
    columns = (Column("level", "dbfs", np.full(len(ticks), -20.0, np.float32)),)
    return Columns("syllables", VOICE_BASE, ticks, round(end_s / float(VOICE_BASE)), columns)


EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


def emotion(take: Take, **levels: Sequence[tuple[float, float, float]]) -> Columns:
    """The ``emotion`` columns, three a second: ``happiness=[(start_s, end_s, probability)]``, neutral in the rest."""
    t = np.arange(round(take.end_s * 3)) / 3
    values = {name: np.zeros(len(t)) for name in EMOTIONS}
    for name, times in levels.items():
        for start, end, level in times:
            values[name][(t >= start) & (t < end)] = level
    values["neutral"] = 1.0 - sum(each for name, each in values.items() if name != "neutral")
    columns = tuple(Column(name, "share", each.astype(np.float32)) for name, each in values.items())
    return Columns("emotion", take.time_base, np.round(t / float(take.time_base)).astype(np.int64), take.end, columns)
