"""Every metric of a stretch: the definitions run one by one, and why there is no value where there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.blocks import interval
from sightline.desks.interview.definition import Definition, definitions
from sightline.desks.interview.policies import EMOTION_METER
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.judgement import Metric, Place, Reference
from sightline.text import Message
from sightline.timeline.columns import ColumnMissing

DIGITS = 6
CUES = "cues"


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """A metric with what its interval was made from."""

    metric: Metric
    draws: npt.NDArray[np.float64] | None = None
    absent: bool = False
    """No value because what it is made of was not measured at all."""


def measure(scene: Scene, asked: frozenset[str]) -> dict[str, Measured]:
    """By id. ``asked``: metrics the rubric reads."""
    return {
        definition.id: _measured(definition, scene)
        for definition in definitions().values()
        if not definition.only_asked or definition.id in asked
    }


def _measured(definition: Definition, scene: Scene) -> Measured:
    try:
        _may_be_measured(definition, scene)
        reading = definition.of(scene)
        if not math.isfinite(reading.value):
            raise Unmeasured("interview.too_little")
    except ColumnMissing as missing:
        why = Message.of("interview.older_columns", meter=missing.meter, column=missing.column)
        return Measured(_without_value(definition, scene, why), absent=True)
    except Unmeasured as reason:
        return Measured(_without_value(definition, scene, reason.message), absent=reason.absent)
    return Measured(_metric(definition, scene, reading), reading.draws)


def _may_be_measured(definition: Definition, scene: Scene) -> None:
    """Raises `Unmeasured` for what nobody may, or nobody could, measure."""
    options = scene.whole.options
    if definition.id in options.opt_out:
        raise Unmeasured("interview.opted_out", absent=True)
    if definition.group == CUES and not options.policy.gives_cues:
        raise Unmeasured("interview.cues_denied", absent=True, policy=options.policy.id)
    if EMOTION_METER in definition.needs:
        if not options.policy.allows_emotion:
            raise Unmeasured("interview.emotion_denied", absent=True, policy=options.policy.id)
        if not options.emotion:
            raise Unmeasured("interview.emotion_not_asked", absent=True)
    for meter in definition.needs:
        scene.whole.columns(meter)
    if definition.language is not None:
        language = scene.spoken.language
        if language is None:
            raise Unmeasured("interview.language_unknown", absent=True)
        if language != definition.language:
            raise Unmeasured("interview.other_language", absent=True, language=language)


def _metric(definition: Definition, scene: Scene, reading: Reading) -> Metric:
    low, high = interval(reading.draws)
    return Metric(
        id=definition.id,
        group=definition.group,
        unit=definition.unit,
        value=round(reading.value, DIGITS),
        n=reading.n,
        coverage=round(min(max(reading.coverage, 0.0), 1.0), DIGITS),
        quality=None if reading.quality is None else round(min(max(reading.quality, 0.0), 1.0), DIGITS),
        low=None if low is None else round(low, DIGITS),
        high=None if high is None else round(high, DIGITS),
        reference=definition.reference,
        place=place_of(reading.value, definition.reference),
        method=definition.method,
        spans=reading.spans,
        part=None if scene.part is None else scene.part.id,
        details=dict(reading.details),
    )


def _without_value(definition: Definition, scene: Scene, why: Message) -> Metric:
    part = None if scene.part is None else scene.part.id
    return Metric(definition.id, definition.group, definition.unit, None, reference=definition.reference,
                  method=definition.method, reason=why, part=part)  # fmt: skip


def place_of(value: float, reference: Reference | None) -> Place | None:
    if reference is None or (reference.low is None and reference.high is None):
        return None
    if reference.low is not None and value < reference.low:
        return Place.BELOW
    if reference.high is not None and value > reference.high:
        return Place.ABOVE
    return Place.WITHIN
