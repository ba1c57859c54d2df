"""Sounds and words that fill time. Recognisers leave many of them out: the true numbers are rather higher."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.metrics.pace import own_words, recognised_share
from sightline.desks.interview.reading import Reading
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import rate
from sightline.desks.judgement import Reference

GROUP = "speech"
PER_100 = Reference(None, 6.0, "2 to 6 filled pauses in 100 words are ordinary: reviews of disfluency; edge heuristic")
CAVEAT = "interview.filler_recall"
NEEDS = ("voice", "words")


def fillers_per_min(scene: Scene) -> Reading:
    """Fillers a minute of the person's turns."""
    words = own_words(scene)
    seconds = scene.own_turns.each_within(scene.blocks.edges)
    reading = rate(scene, scene.events("filler"), seconds, recognised_share(scene, words))
    return replace(reading, details={"caveat": CAVEAT})


def fillers_per_100_words(scene: Scene) -> Reading:
    """Fillers in 100 words, those recognised as words among the words."""
    words, fillers = own_words(scene), scene.events("filler")
    moments = np.array([float(filler.span.middle) for filler in fillers])
    counts = scene.blocks.sums(moments, np.ones(len(moments)))
    said = scene.blocks.sums(words.middles, np.ones(len(words)))
    draws = scene.blocks.drawn(lambda part, whole: 100 * part / whole, counts, said)
    value, coverage = 100 * len(fillers) / len(words), recognised_share(scene, words)
    return Reading(value, len(fillers), coverage, draws, longest(fillers), details={"caveat": CAVEAT})


METRICS = (
    Definition("fillers_per_min", GROUP, "1/min", "fillers/1", fillers_per_min, NEEDS),
    Definition("fillers_per_100_words", GROUP, "1/100 words", "fillers/1", fillers_per_100_words, NEEDS, PER_100),
)
