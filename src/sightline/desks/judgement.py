"""What a desk concludes. Shared by all desks; plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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
class Judgement:
    """A desk's conclusion about one timeline."""

    desk: str
    template: str
    template_sha256: str
    verdict: Verdict
    checks: Sequence[CheckResult]
    not_evaluated: int
    """How many checks could not be evaluated; a verdict of pass with some left open says so beside it."""

    def check(self, check_id: str) -> CheckResult:
        """Raises `KeyError` when the template has no such check."""
        for result in self.checks:
            if result.id == check_id:
                return result
        raise KeyError(check_id)
