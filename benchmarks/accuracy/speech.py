"""Syllables, pauses, speech and pitch beside what was said: eSpeak NG in Korean and English, voices of known pitch, and
a real clip.

The whole way: a file is decoded, measured and read by the detectors. None was tuned on it. Synthetic speech is clearer
than people are, so these are the best that can be expected; the real clip, with the echo of a hall, tells more. Words
are not evaluated here: that takes a recogniser's weights and recordings with transcripts.
"""

from __future__ import annotations

import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.espeak import MissingEspeak, spoken, version
from benchmarks.place import CLIPS, ROOT, WORK
from sightline.detectors.person.pause import PauseDetector
from sightline.detectors.person.speaker_turn import SpeakerTurnDetector
from sightline.detectors.person.speech import SpeechDetector
from sightline.engine.run import Request, measure
from sightline.timeline.timeline import Timeline

Sound = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Spans = list[tuple[float, float]]

TEXTS = {
    "en": (
        "Good morning, thank you for taking the time to talk with me today.",
        "I have worked as a software engineer for seven years, mostly on systems that process a lot of data.",
        "My biggest strength is that I stay calm when something breaks.",
        "In my last project we moved the whole platform to a new provider in three months.",
        "I would like to learn more about how your team plans its work.",
    ),
    "ko": (
        "안녕하세요, 오늘 시간을 내 주셔서 감사합니다.",
        "저는 칠 년 동안 소프트웨어 개발자로 일하면서 많은 데이터를 다루는 시스템을 만들었습니다.",
        "저의 가장 큰 장점은 문제가 생겨도 침착하게 대처하는 것입니다.",
        "지난 프로젝트에서는 세 달 만에 전체 플랫폼을 새로운 환경으로 옮겼습니다.",
        "팀이 어떻게 일을 계획하는지 더 알고 싶습니다.",
    ),
}
VOICES = {"en": ("en-us", "en-us+f3"), "ko": ("ko", "ko+f2")}
SPEEDS = (120, 150, 180, 220)
GAPS_S = (0.3, 0.5, 0.8, 1.2, 2.5)
SHORTEST_PAUSE_S = 0.25
RATIOS_DB: tuple[float | None, ...] = (None, 20.0, 10.0, 0.0)
"""Of speech to white noise; None: no noise."""
NEAR_S = 0.1
STEP_S = 0.01
PITCHES_HZ = (100.0, 120.0, 180.0, 230.0)
REAL = "speech_en_jfk.flac"
REAL_SYLLABLES, REAL_WORDS = 28, 22
PRAAT = ROOT / "accuracy" / "data" / "speech_en_jfk_praat.json"
"""Praat 6.4's pitch of the real clip: autocorrelation, 65 to 400 Hz, every 10 ms, 0 for unvoiced."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Sentences with silences between them."""

    sound: Sound
    rate_hz: int
    vowels: Floats
    silences: Spans
    """Every silence, also inside sentences."""
    seconds: float


def run(quick: bool = False) -> dict[str, Any]:
    """What is found of each kind; ``quick`` has one voice, one speed and no noise."""
    result: dict[str, Any] = {"pitch_of_known_voices": known_pitch(RATIOS_DB[:1] if quick else RATIOS_DB[:3])}
    if (CLIPS / REAL).is_file():
        result["real_clip"] = real_clip()
    result["words"] = {"evaluated": False, "why": "no weights of a recogniser and no transcribed recordings here"}
    try:
        result |= {"espeak": version(), **synthetic(quick)}
    except MissingEspeak as error:
        result["synthetic_speech"] = {"evaluated": False, "why": str(error)}
    return result


def synthetic(quick: bool) -> dict[str, Any]:
    cases = [(lang, voice, speed) for lang in TEXTS for voice, speed in product(VOICES[lang], SPEEDS)]
    if quick:
        cases = [(lang, VOICES[lang][0], 150) for lang in TEXTS]
    rows = [syllable_row(language, voice, speed) for language, voice, speed in cases]
    talks = {language: [talk(language, voice) for voice in VOICES[language][: 1 if quick else 2]] for language in TEXTS}
    noises = RATIOS_DB[:1] if quick else RATIOS_DB
    return {
        "syllables": {
            "rows": rows,
            "mean_error_percent": round(float(np.mean([row["error_percent"] for row in rows])), 2),
            "mean_absolute_error_percent": round(float(np.mean([abs(row["error_percent"]) for row in rows])), 2),
        },
        "pauses": [
            {"language": language, "ratio_db": ratio, **pause_row(talks[language], ratio)}
            for language, ratio in product(TEXTS, noises)
        ],
        "speech": [
            {"language": language, "ratio_db": ratio, **frame_row(talks[language], ratio)}
            for language, ratio in product(TEXTS, noises)
        ],
    }


def talk(language: str, voice: str, speed: int = 150, gaps_s: Sequence[float] = GAPS_S) -> Talk:
    """Every sentence, each followed by one of the gaps, with a second of silence before."""
    said = [spoken(text, voice, speed) for text in TEXTS[language]]
    rate_hz = said[0].rate_hz
    parts: list[Sound] = [np.zeros(rate_hz, np.float32)]
    vowels: list[float] = []
    silences: Spans = []
    for sentence, gap in zip(said, gaps_s, strict=True):
        start = sum(map(len, parts)) / rate_hz
        end = start + len(sentence.sound) / rate_hz
        vowels += [start + vowel for vowel in sentence.vowels]
        silences += [(start + first, start + last) for first, last in sentence.silences]
        silences.append((end, end + round(gap * rate_hz) / rate_hz))
        parts += [sentence.sound, np.zeros(round(gap * rate_hz), np.float32)]
    sound = np.concatenate(parts)
    return Talk(sound, rate_hz, np.array(vowels), _joined([(0.0, 1.0), *silences]), len(sound) / rate_hz)


def _joined(spans: Spans) -> Spans:
    joined: Spans = []
    for start, end in spans:
        if joined and start - joined[-1][1] < 1e-3:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def timeline_of(sound: Sound, rate_hz: int, ratio_db: float | None, *meters: str) -> Timeline:
    """Measured by these meters, with noise this much below the speech."""
    if ratio_db is not None:
        spoken_level = np.sqrt(np.mean(np.square(sound[np.abs(sound) > 1e-3])))
        level = spoken_level * 10 ** (-ratio_db / 20)
        sound = sound + np.random.default_rng(17).normal(0, level, len(sound)).astype(np.float32)
    WORK.mkdir(exist_ok=True)
    path = WORK / "speech.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, len(sound), "NONE", ""))
        file.writeframes((np.clip(0.5 * sound, -1, 1) * 32767).astype("<i2").tobytes())
    return measure(Request(path, {name: {} for name in meters}))


def syllable_row(language: str, voice: str, speed: int) -> dict[str, Any]:
    """Nuclei beside vowels, over all sentences."""
    said = talk(language, voice, speed)
    columns = timeline_of(said.sound, said.rate_hz, None, "syllables").columns["syllables"]
    found = (columns.ticks + 80) * float(columns.time_base)
    spoken_s = said.seconds - sum(end - start for start, end in said.silences)
    near = _nearest(said.vowels, found) <= NEAR_S
    return {
        "language": language,
        "voice": voice,
        "words_per_minute": speed,
        "syllables": len(said.vowels),
        "found": len(found),
        "error_percent": round(100 * (len(found) / len(said.vowels) - 1), 1),
        "true_per_second": round(len(said.vowels) / spoken_s, 2),
        "vowels_with_a_nucleus_percent": round(100 * float(near.mean()), 1),
    }


def pause_row(talks: Sequence[Talk], ratio_db: float | None) -> dict[str, Any]:
    """Silences of 250 ms and more between the first and the last sound beside the events ``pause``."""
    onsets: list[float] = []
    lengths: list[float] = []
    there = extra = 0
    for said in talks:
        inner = said.silences[1:-1]
        truth = [(start, end) for start, end in inner if end - start >= SHORTEST_PAUSE_S]
        timeline = timeline_of(said.sound, said.rate_hz, ratio_db, "voice")
        for detector in (SpeechDetector(), SpeakerTurnDetector(), PauseDetector()):
            timeline = timeline.with_events([*timeline.events, *detector.detect(timeline)])
        found = [event.span.seconds for event in timeline.events_of("pause")]
        there += len(truth)
        extra += sum(not any(_overlaps(one, silence) for silence in inner) for one in found)
        for start, end in truth:
            matches = [one for one in found if _overlaps(one, (start, end))]
            if matches:
                best = max(matches, key=lambda one: min(one[1], end) - max(one[0], start))
                onsets.append(best[0] - start)
                lengths.append((best[1] - best[0]) - (end - start))
    return {
        "pauses": there,
        "found": len(onsets),
        "found_where_none_is": extra,
        "onset_error_ms": _spread(onsets),
        "duration_error_ms": _spread(lengths),
    }


def frame_row(talks: Sequence[Talk], ratio_db: float | None) -> dict[str, Any]:
    """Every 10 ms: whether there is speech, beside whether the probability is above a half."""
    right, missed, false, speech, silence = 0, 0, 0, 0, 0
    for said in talks:
        columns = timeline_of(said.sound, said.rate_hz, ratio_db, "voice").columns["voice"]
        times = np.arange(STEP_S / 2, said.seconds, STEP_S)
        truth = ~np.any([(times >= start) & (times < end) for start, end in said.silences], axis=0)
        rows = np.searchsorted(columns.ticks * float(columns.time_base), times, side="right") - 1
        heard = columns["speech"][rows] >= 0.5
        right += int((heard == truth).sum())
        missed += int((truth & ~heard).sum())
        false += int((~truth & heard).sum())
        speech, silence = speech + int(truth.sum()), silence + int((~truth).sum())
    return {
        "frames": speech + silence,
        "right_percent": round(100 * right / (speech + silence), 2),
        "speech_missed_percent": round(100 * missed / speech, 2),
        "silence_taken_for_speech_percent": round(100 * false / silence, 2),
    }


def known_pitch(ratios_db: Sequence[float | None]) -> list[dict[str, Any]]:
    """Vowels with a melody of 9 semitones, with a jump every 2 s, that is known in every sample, in noise."""
    rows = []
    for hz, ratio_db in product(PITCHES_HZ, ratios_db):
        time = np.arange(8 * 16_000) / 16_000
        melody = hz * 2 ** ((3 * np.sin(2 * np.pi * 0.4 * time) - 1.5 * (time % 2)) / 12)
        timeline = timeline_of(_sung(melody), 16_000, ratio_db, "pitch")
        found = timeline.columns["pitch"]["f0"][: len(melody) // 160].astype(float)
        rows.append({"voice_hz": hz, "ratio_db": ratio_db, **_pitch_errors(found, melody[80::160][: len(found)])})
    return rows


def _sung(melody: Floats) -> Sound:
    """Harmonics through the formants of a vowel that changes slowly."""
    phase = 2 * np.pi * np.cumsum(melody) / 16_000
    turn = 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(len(melody)) / 16_000 * 0.9)
    formants = [(300 + 400 * turn, 60), (2200 - 1000 * turn, 90), (2900 - 300 * turn, 120)]
    sound = np.zeros(len(melody))
    for number in range(1, int(4000 / melody.max()) + 1):
        gain = sum(1 / (1 + ((number * melody - centre) / width) ** 2) for centre, width in formants)
        sound += gain * np.sin(number * phase) / number**0.5
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)


def _pitch_errors(found: Floats, truth: Floats) -> dict[str, Any]:
    """``truth`` 0: unvoiced."""
    voiced = truth > 0
    both = voiced & np.isfinite(found)
    cents = 1200 * np.log2(found[both] / truth[both])
    return {
        "rows": len(truth),
        "voiced_found_percent": round(100 * float(both.sum() / max(1, voiced.sum())), 1),
        "voicing_right_percent": round(100 * float((voiced == np.isfinite(found)).mean()), 1),
        "gross_errors_percent": round(100 * float((np.abs(cents) > 1200 * np.log2(1.2)).mean()), 2),
        "octave_errors_percent": round(100 * float((np.abs(np.abs(cents) - 1200) < 200).mean()), 2),
        "median_error_cents": round(float(np.median(np.abs(cents))), 1),
    }


def real_clip() -> dict[str, Any]:
    """22 words and 28 syllables, counted by hand in its text, and Praat's pitch."""
    columns = measure(Request(CLIPS / REAL, {"voice": {}, "pitch": {}, "syllables": {}})).columns
    speech = columns["voice"]["speech"] >= 0.5
    spoken_s = float(speech.sum()) * 512 / 16_000
    found = len(columns["syllables"])
    praat = json.loads(PRAAT.read_text())
    ours = columns["pitch"]["f0"].astype(float)
    times = praat["first_s"] + np.arange(len(praat["f0"])) * STEP_S
    rows = np.clip(((times * 16_000 - 80) / 160).round().astype(int), 0, len(ours) - 1)
    return {
        "clip": REAL,
        "words": REAL_WORDS,
        "syllables": REAL_SYLLABLES,
        "syllables_found": found,
        "error_percent": round(100 * (found / REAL_SYLLABLES - 1), 1),
        "speech_seconds": round(spoken_s, 2),
        "syllables_per_second_true": round(REAL_SYLLABLES / spoken_s, 2),
        "syllables_per_second_found": round(found / spoken_s, 2),
        "pitch_beside_praat": _pitch_errors(ours[rows], np.array(praat["f0"])),
    }


def _nearest(times: Floats, found: Floats) -> Floats:
    if not len(found):
        return np.full(len(times), np.inf)
    return np.asarray(np.abs(times[:, None] - found).min(axis=1))


def _overlaps(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])


def _spread(errors_s: Sequence[float]) -> dict[str, float] | None:
    if not errors_s:
        return None
    milliseconds = 1000 * np.array(errors_s)
    return {
        "mean": round(float(milliseconds.mean()), 1),
        "median_absolute": round(float(np.median(np.abs(milliseconds))), 1),
        "largest": round(float(milliseconds[np.abs(milliseconds).argmax()]), 1),
    }
