"""How fast the person speaks, by words and by sound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import rate_of_moments
from sightline.desks.interview.speller import english_syllables, korean_syllables
from sightline.desks.interview.spoken import Words
from sightline.desks.judgement import Reference

GROUP = "speech"
WORDS_EN = Reference(
    140.0, 200.0, "Comfortable from 140 to 160, most native speakers from 140 to 200: coaching guides; TED talks: 163"
)
SYLLABLES_KO = Reference(
    212.0,
    310.0,
    "heuristic edges from adults aged 18 to 30 (n = 31): talking 252.9 ± 40.9, reading 308.3 ± 22.6 "
    "syllables a minute, Speech Sciences 9(4), 2002",
)
EOJEOL_KO = Reference(75.0, 109.0, "One standard deviation around 92 ± 17 (n = 31), Speech Sciences 9(4), 2002")
_SPELLERS: dict[str, Callable[[str], int]] = {"ko": korean_syllables, "en": english_syllables}


def words_per_min(scene: Scene) -> Reading:
    """Words a minute of the person's turns, pauses included."""
    return _rate(scene, _ones, scene.own_turns)


def syllables_per_min(scene: Scene) -> Reading:
    """Syllables a minute of the person's turns, pauses included; numbers and Latin letters as they are said."""
    return _rate(scene, _syllables(scene), scene.own_turns)


def articulation_rate(scene: Scene) -> Reading:
    """Syllables a second while the voice is heard: without the pauses."""
    return _rate(scene, _syllables(scene), scene.own_speech, per_s=1.0)


def acoustic_syllable_rate(scene: Scene) -> Reading:
    """Syllable nuclei a second of the person's turns: heard in the sound, no recogniser needed."""
    scene.spoken.require_voice()
    times = scene.whole.clock("syllables").times_s
    # Rattles and knocks have nuclei too; those outside a voice are none.
    own = scene.own_speech.hold(times)
    return rate_of_moments(scene, times[own], scene.own_turns.each_within(scene.blocks.edges), 1.0, per_s=1.0)


def own_words(scene: Scene) -> Words:
    """The person's words in the scene. Raises `Unmeasured` without any."""
    scene.spoken.require_voice()
    words = scene.spoken.own_words.between(scene.start, scene.end)
    if not len(words):
        raise Unmeasured("interview.no_words")
    return words


def _rate(scene: Scene, count: Callable[[Words], npt.NDArray[np.float64]], among: Intervals, per_s: float = 60.0
          ) -> Reading:  # fmt: skip
    words = own_words(scene)
    seconds = among.each_within(scene.blocks.edges)
    coverage = recognised_share(scene, words)
    return rate_of_moments(scene, words.middles, seconds, coverage, per_s=per_s, weights=count(words))


def recognised_share(scene: Scene, words: Words) -> float:
    """Share of the person's voice in which words were recognised, a breath of 0.3 s around each included."""
    if not scene.own_speech.total:
        return 0.0
    covered = Intervals.of(zip(words.starts - 0.3, words.ends + 0.3, strict=True))
    return min(1.0, scene.own_speech.inside(covered).total / scene.own_speech.total)


def _ones(words: Words) -> npt.NDArray[np.float64]:
    return np.ones(len(words))


def _syllables(scene: Scene) -> Callable[[Words], npt.NDArray[np.float64]]:
    language = scene.spoken.language or ""
    if language not in _SPELLERS:
        raise Unmeasured("interview.no_speller", language=language or "–")
    spell = _SPELLERS[language]
    return lambda words: np.array([spell(text) for text in words.texts], np.float64)


NEEDS = ("voice", "words")
METRICS = (
    Definition("words_per_min", GROUP, "1/min", "pace/1", words_per_min, NEEDS, WORDS_EN, language="en"),
    Definition("syllables_per_min_en", GROUP, "1/min", "pace/1", syllables_per_min, NEEDS, language="en"),
    Definition("syllables_per_min_ko", GROUP, "1/min", "pace/1", syllables_per_min, NEEDS, SYLLABLES_KO, "ko"),
    Definition("eojeol_per_min", GROUP, "1/min", "pace/1", words_per_min, NEEDS, EOJEOL_KO, "ko"),
    Definition("articulation_rate", GROUP, "1/s", "pace/1", articulation_rate, NEEDS),
    Definition("acoustic_syllable_rate", GROUP, "1/s", "pace/1", acoustic_syllable_rate, ("voice", "syllables")),
)
