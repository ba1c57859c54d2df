"""Finding things by what people type: names and tags as they are spelt, events by their names in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from sightline.detectors.detector import detectors, person_detectors
from sightline.report.showing import kind_name
from sightline.text import LANGUAGES

MOST_CHARACTERS = 200


def search_text(name: str, tags: Collection[str]) -> str:
    """What a video is found by."""
    return normalised(" ".join([name, *sorted(tags)]))


def normalised(text: str) -> str:
    """One spelling for what people take for the same: composed, without width variants, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def pattern(word: str) -> str:
    """For LIKE with ``\\`` as escape: the word anywhere."""
    for sign in ("\\", "%", "_"):
        word = word.replace(sign, f"\\{sign}")
    return f"%{word}%"


def words_of(query: str) -> tuple[str, ...]:
    """The words of a query, each once; all of them must be found. One sign may become many words when it is
    normalised, and a database takes only so many conditions: what is over the limit then counts no more."""
    return tuple(dict.fromkeys(normalised(query[:MOST_CHARACTERS])[:MOST_CHARACTERS].split()))


def kinds_named(query: str) -> tuple[str, ...]:
    """Kinds of events whose word or name, in any language, holds the whole query."""
    wanted = normalised(query[:MOST_CHARACTERS]).strip()
    if not wanted:
        return ()
    kinds = sorted(
        {kind for detector in (*detectors().values(), *person_detectors().values()) for kind in detector.kinds}
    )
    return tuple(
        kind
        for kind in kinds
        if wanted in kind or any(wanted in normalised(kind_name(kind, language)) for language in LANGUAGES)
    )
