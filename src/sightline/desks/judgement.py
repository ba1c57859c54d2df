"""What a desk concludes. Shared by all desks; plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sightline.clock import Span
from sightline.text import Message
from sightline.timeline.event import Event, Scalar


class State(StrEnum):
    PASS = "pass"  # noqa: S105  (a verdict, not a password)
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"
    WAIVED = "waived"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody accepted a finding."""

    check: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A suggested correction, in numbers: ``+3.2 dB`` gain to target. Never applied by itself."""

    action: Message
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer with everything needed to believe it."""

    id: str
    """``V1``."""
    name: str
    """``black``; titles for people come from the catalogue: ``checks.V1.title``."""
    group: str
    """``file``, ``video``, ``flash``, ``audio``."""
    state: State
    value: Scalar = None
    unit: str | None = None
    threshold: Scalar = None
    """As applied, in words a machine can keep: ``<= -1.0``."""
    source: str | None = None
    """Standard or document the threshold comes from."""
    reason: Message | None = None
    """Always there for NOT_APPLICABLE and NOT_EVALUATED; otherwise a sentence on why the state is what it is."""
    events: tuple[Event, ...] = ()
    details: Mapping[str, Scalar] = field(default_factory=dict)
    """Further numbers of this check."""
    fix: Fix | None = None
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the media that is judged by itself as well: the answer to a question."""

    id: str
    """``q1``."""
    title: str
    """The question as it was given; free text of a user."""
    span: Span


class Place(StrEnum):
    """Where a value lies against its reference range."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Reference:
    """A range that a metric is compared with."""

    low: float | None
    high: float | None
    source: str
    """Who published it and of whom, or ``heuristic`` with the reason; never empty."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number about a person or a recording with everything needed to believe it."""

    id: str
    """``blink_rate_speaking``; titles for people come from the catalogue: ``metrics.<id>.title``."""
    group: str
    """``face``, ``gaze``, ``speech``, ``voice``, ``posture``, ``picture``, ``cues``."""
    unit: str
    value: float | None
    """None: not evaluated, and ``reason`` says why."""
    n: int = 0
    """Observations it is made of: blinks, words, pictures."""
    coverage: float = 0.0
    """Share, 0 to 1, of the time it speaks of that could really be measured."""
    quality: float | None = None
    """0 to 1, how good what was measured was for the purpose; None: not told."""
    low: float | None = None
    high: float | None = None
    """A 90 % bootstrap interval of the value; None where there is none."""
    reference: Reference | None = None
    place: Place | None = None
    """Where the value lies in the reference range."""
    method: str = ""
    """``blink/1``: what computed it, and in which version."""
    reason: Message | None = None
    spans: tuple[Span, ...] = ()
    """Where to look: the evidence, at most a few."""
    part: str | None = None
    """The `Part` it is of; None: the whole."""
    details: Mapping[str, Scalar] = field(default_factory=dict)


class Standing(StrEnum):
    """Whether there is a score."""

    SCORED = "scored"
    INSUFFICIENT = "insufficient_evidence"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a score, laid open."""

    id: str
    """``on_camera``; titles come from the catalogue: ``terms.<id>``."""
    weight: float
    """As the rubric has it; the weights of a score add up to 1."""
    applied: float
    """After the weights of missing terms were shared out; 0 when this one is missing."""
    metric: str | None
    """The `Metric` it reads."""
    value: float | None
    """Of the metric."""
    share: float | None
    """What the formula makes of it, 0 to 1; None: left out, and ``reason`` says why."""
    formula: str
    """As the rubric writes it: ``trapezoid(0.20, 0.60, 0.98, 1.001)``."""
    points: float | None = None
    """``share * applied * most``."""
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Points on a named scale, and how they came about."""

    id: str
    """``gaze``; titles come from the catalogue: ``scores.<id>``."""
    most: float
    """Full marks: 60, 100."""
    standing: Standing
    value: float | None
    low: float | None
    high: float | None
    """A 90 % bootstrap interval of the value."""
    coverage: float
    """Weight, 0 to 1, of the terms that had enough evidence."""
    band: str | None
    """Id of the band the value lies in: ``excellent``, ``good``, ``fair``, ``practise``."""
    bands: tuple[tuple[str, float], ...]
    """Every band with its least points, the highest first."""
    terms: tuple[Term, ...]
    reason: Message | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A desk's conclusion about one timeline."""

    desk: str
    template: str
    """The template or rubric judged by."""
    template_sha256: str
    verdict: Verdict | None
    """None: this desk gives none. Nobody passes or fails an interview here."""
    checks: Sequence[CheckResult]
    not_evaluated: int
    """How many checks, or metrics, could not be evaluated; a verdict of pass with some left open says so beside it."""
    scores: tuple[Score, ...] = ()
    metrics: tuple[Metric, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: Mapping[str, Scalar] = field(default_factory=dict)
    """What the desk was told to heed: ``policy``, ``language``."""

    def metric(self, metric_id: str, part: str | None = None) -> Metric:
        """Raises `KeyError` when the desk has no such metric."""
        for metric in self.metrics:
            if metric.id == metric_id and metric.part == part:
                return metric
        raise KeyError(metric_id)

    def score(self, score_id: str, part: str | None = None) -> Score:
        """Raises `KeyError` when the rubric has no such score."""
        for score in self.scores:
            if score.id == score_id and score.part == part:
                return score
        raise KeyError(score_id)

    def check(self, check_id: str) -> CheckResult:
        """Raises `KeyError` when the template has no such check."""
        for result in self.checks:
            if result.id == check_id:
                return result
        raise KeyError(check_id)
