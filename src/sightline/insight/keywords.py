"""Keyword categories of what was said.

A category is a list of ideas, each with a weight and the beginnings of words that tell that it was spoken of. Its score
is the weight of the ideas that were mentioned at least once, out of the weight of all::

    score = 100 * sum(weight of ideas mentioned) / sum(weight of ideas)

An idea counts once, so saying a word over and over gains nothing. The score tells what was mentioned. It does not tell
whether an answer is good, or true: every word counted is shown with the moment it was said. It is a heuristic [H].

English beginnings are matched at the beginning of a word, one word for each word of the beginning. Korean ones are
matched at the beginning of a word as well, since particles and endings only follow; both lists are tried whatever the
language, as an answer may hold words of either.
"""

from __future__ import annotations

from collections.abc import Sequence

from sightline.clock import Span
from sightline.insight.claims import Category
from sightline.insight.facts import Dossier, Word
from sightline.insight.lexicon import visible
from sightline.insight.prompt import KeywordCategory, Prompt

_EDGES = "\"'“”‘’«»()[]{}<>.,!?;:…·、。—–-"
MOST_QUOTES = 50
"""Words shown for a category: the first of each idea always, then the earliest."""
LANGUAGES_KNOWN = (None, "en", "ko")
"""Languages of speech the lists are written for; None: the recogniser did not tell."""


def categories(dossier: Dossier, prompt: Prompt) -> tuple[Category, ...]:
    """Every category of the prompt, scored; none where nothing was recognised, or in a language without a list."""
    if not dossier.words or dossier.spoken not in LANGUAGES_KNOWN:
        return ()
    said = [visible(word.text).strip().strip(_EDGES) for word in dossier.words]
    return tuple(_scored(category, dossier, said) for category in prompt.file.categories)


def _scored(category: KeywordCategory, dossier: Dossier, said: Sequence[str]) -> Category:
    found = _mentions(category, said)
    weight = sum(idea.weight for idea in category.ideas if found[idea.id])
    firsts = {mentions[0] for mentions in found.values() if mentions}
    rest = {mention for mentions in found.values() for mention in mentions} - firsts
    mentions = sorted([*firsts, *sorted(rest)[: max(0, MOST_QUOTES - len(firsts))]])
    return Category(
        id=category.id,
        title=category.title[dossier.language],
        score=round(100 * weight / sum(idea.weight for idea in category.ideas), 1),
        words=tuple(" ".join(word.text.strip() for word in dossier.words[a:b]) for a, b in mentions),
        spans=tuple(_span(dossier.words[a:b]) for a, b in mentions),
    )


def _mentions(category: KeywordCategory, said: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """By idea the stretches of words, half-open, at which it was spoken of; of an idea no two overlap."""
    found: dict[str, list[tuple[int, int]]] = {idea.id: [] for idea in category.ideas}
    stems = _by_first_word(category)
    for start, word in enumerate(said):
        longest: dict[str, int] = {}
        for length in range(1, len(word) + 1):
            for idea, stem in stems.get(word[:length], ()):
                if _begin_with(said[start : start + len(stem)], stem):
                    longest[idea] = max(longest.get(idea, 0), len(stem))
        for idea, count in longest.items():
            if not found[idea] or found[idea][-1][1] <= start:
                found[idea].append((start, start + count))
    return found


def _by_first_word(category: KeywordCategory) -> dict[str, list[tuple[str, list[str]]]]:
    """Ideas and the words of their beginnings, by the first of these: an hour of speech is looked through once."""
    stems: dict[str, list[tuple[str, list[str]]]] = {}
    for idea in category.ideas:
        for text in (*idea.en, *idea.ko):
            if stem := visible(text).split():
                stems.setdefault(stem[0], []).append((idea.id, stem))
    return stems


def _begin_with(words: Sequence[str], stem: Sequence[str]) -> bool:
    return len(words) == len(stem) and all(word.startswith(part) for word, part in zip(words, stem, strict=True))


def _span(words: Sequence[Word]) -> Span:
    return Span(words[0].span.start, max(word.span.end for word in words))
