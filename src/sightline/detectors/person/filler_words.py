"""Words that fill time: which, and when they do."""

from __future__ import annotations

import re
from collections.abc import Sequence

SOUNDS = {
    "en": frozenset({"um", "umm", "uh", "uhh", "uhm", "er", "err", "erm", "hm", "hmm", "mm", "mmm", "ah"}),
    "ko": frozenset({"음", "으음", "으", "흠", "어", "어어", "아", "에", "에에"}),
}
"""Filled pauses: they fill whenever they stand alone as a word. 예 and 네 are answers, and no fillers."""
WORDS = {
    "en": frozenset({
        "like", "you know", "i mean", "sort of", "kind of", "basically", "actually", "right", "so",
    }),
    "ko": frozenset({
        "그", "저", "저기", "뭐", "이제", "인제", "막", "좀", "약간", "그냥", "그니까", "그러니까", "이게", "뭐랄까",
        "있잖아요", "사실", "일단",
    }),
}  # fmt: skip
"""Words that mean something or fill, as they are spoken: see `ISOLATED_S` and `LENGTHENED_S`.

Korean: the most frequent interjections of the Seoul corpus and those studied beside them (Phonetics and Speech Sciences
12(4), 2020).
"""
ISOLATED_S = 0.15
"""Silence on both sides from which such a word stands by itself. Heuristic."""
LENGTHENED_S = 0.3
"""Length of a syllable from which a word is drawn out. Heuristic."""
MOST_WORDS = 2
_VOWELS = re.compile(r"[aeiouy]+")
_OUTSIDE = re.compile(r"^[\W_]+|[\W_]+$")


def plain(text: str) -> str:
    """The word without punctuation around it, in lower case."""
    return _OUTSIDE.sub("", text).casefold()


def syllables(word: str, language: str) -> int:
    """Roughly: blocks of Hangul, or groups of vowels."""
    if language == "ko":
        return max(1, sum("가" <= sign <= "힣" for sign in word))
    return max(1, len(_VOWELS.findall(word)))


def filler_at(texts: Sequence[str], language: str) -> tuple[str, int, bool] | None:
    """The filler that these words begin with: itself, of how many words, and whether it always fills."""
    for count in range(min(MOST_WORDS, len(texts)), 0, -1):
        phrase = " ".join(texts[:count])
        if phrase in SOUNDS.get(language, ()):
            return phrase, count, True
        if phrase in WORDS.get(language, ()):
            return phrase, count, False
    return None
