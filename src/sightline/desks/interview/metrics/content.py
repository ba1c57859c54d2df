"""What can be counted of the words themselves, without judging what was said."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.metrics.pace import own_words, recognised_share
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.detectors.person.filler_words import filler_at, plain

GROUP = "speech"
WINDOW = 50
"""Words of the moving window; the share of different words falls with the length of a text, so texts are cut alike."""
HEDGES_EN = frozenset({
    "maybe", "perhaps", "probably", "possibly", "somewhat", "guess", "might", "hopefully", "sort of", "kind of",
})  # fmt: skip
HEDGES_KO = ("아마", "어쩌면", "혹시", "같아요", "같습니다", "같은데", "것 같", "거 같", "듯해", "듯합", "듯싶")
_WE = {"en": re.compile(r"^(we|our|ours|us|ourselves|we'(re|ve|ll|d))$"), "ko": re.compile(r"^(우리|저희)")}
_I = {
    "en": re.compile(r"^(i|me|my|mine|myself|i'(m|ve|ll|d))$"),
    "ko": re.compile(r"^(저는|제가|저를|저의|저도|저에게|저한테|저만|제|나는|내가|나를|나의|나도|내|난|전)$"),
}
LEAST_PRONOUNS = 5
NEEDS = ("voice", "words")


def vocabulary_diversity(scene: Scene) -> Reading:
    """Share of different words in a moving window of 50 words (MATTR: Covington & McFall 2010), fillers left out.

    Korean words carry their particles, so it is higher there: compare within a language.
    """
    words, language = own_words(scene), scene.spoken.language or ""
    said = [word for text in words.texts if (word := plain(text)) and not _is_sound(word, language)]
    if len(said) < WINDOW:
        raise Unmeasured("interview.too_few", count=len(said), least=WINDOW)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(said))}
    ids = [numbers[word] for word in said]
    counts = np.zeros(len(numbers), np.intp)
    different, total = 0, 0
    for place, number in enumerate(ids):
        different += counts[number] == 0
        counts[number] += 1
        if place >= WINDOW:
            gone = ids[place - WINDOW]
            counts[gone] -= 1
            different -= counts[gone] == 0
        total += different if place >= WINDOW - 1 else 0
    windows = len(ids) - WINDOW + 1
    return Reading(float(total / windows / WINDOW), len(said), recognised_share(scene, words))


def hedges_per_100_words(scene: Scene) -> Reading:
    """Words that take back half of what is said (maybe, I guess; 아마, 것 같아요) in 100 words."""
    words, language = own_words(scene), scene.spoken.language
    if language == "en":
        said = [plain(text) for text in words.texts]
        pairs = [f"{one} {other}" for one, other in pairwise(said)]
        count = sum(word in HEDGES_EN for word in said) + sum(pair in HEDGES_EN for pair in pairs)
    elif language == "ko":
        text = " ".join(plain(word) for word in words.texts)
        count = len(re.findall("|".join(sorted(HEDGES_KO, key=len, reverse=True)), text))
    else:
        raise Unmeasured("interview.no_speller", language=language or "–")
    return Reading(100 * count / len(words), count, recognised_share(scene, words))


def we_share(scene: Scene) -> Reading:
    """ "We" among all "we" and "I". Korean leaves out both wherever it can."""
    words, language = own_words(scene), scene.spoken.language or ""
    if language not in _WE:
        raise Unmeasured("interview.no_speller", language=language or "–")
    said = [plain(text) for text in words.texts]
    we, one = (sum(bool(pattern[language].match(word)) for word in said) for pattern in (_WE, _I))
    if we + one < LEAST_PRONOUNS:
        raise Unmeasured("interview.too_few", count=we + one, least=LEAST_PRONOUNS)
    return Reading(we / (we + one), we + one, recognised_share(scene, words))


def _is_sound(word: str, language: str) -> bool:
    filler = filler_at([word], language)
    return filler is not None and filler[2]


METRICS = (
    Definition("vocabulary_diversity", GROUP, "share", "content/1", vocabulary_diversity, NEEDS),
    Definition("hedges_per_100_words", GROUP, "1/100 words", "content/1", hedges_per_100_words, NEEDS),
    Definition("we_share", GROUP, "share", "content/1", we_share, NEEDS),
)
