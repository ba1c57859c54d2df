"""What may be done with a recording of a person, by the purpose it is for.

A policy says which models may be opened at all, whether a consent record has to be there first, and what may be said
of the result. It is decided before anything is measured: a denied model is never loaded, so its result cannot leak.

Why hiring and education deny the emotion model: Regulation (EU) 2024/1689, Art. 5(1)(f), forbids inferring emotions of
people at work and in education, recruitment included, but for medical and safety reasons. Why both ask for consent
first: among others the Illinois Artificial Intelligence Video Interview Act (820 ILCS 42/5). Not legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sightline.timeline.timeline import Timeline

EMOTION_MODEL = "emotion_hsemotion_b0"
EMOTION_METER = "emotion"


@dataclass(frozen=True, slots=True)
class Policy:
    """One purpose and what goes with it."""

    id: str
    allows_emotion: bool
    """Whether the emotion model may be opened when it is asked for."""
    demands_consent: bool
    """Whether a run needs a consent record of the person first."""
    gives_cues: bool
    """Whether second faces, second voices and reading-like stretches are told. They are cues with their moments, and no
    verdict about anybody."""
    gives_overall: bool
    """Whether there is one score over all. Only for practice: elsewhere it would invite ranking by one number."""
    forbidden_topics: frozenset[str]
    """Kinds of words that feedback may not hold: ``emotion``, ``personality``, ``verdict``."""

    @property
    def denied(self) -> frozenset[str]:
        """Models that must not be opened."""
        return frozenset() if self.allows_emotion else frozenset({EMOTION_MODEL})


_ALWAYS = frozenset({"verdict"})
_DECIDING = _ALWAYS | {"emotion", "personality"}

POLICIES: Mapping[str, Policy] = {
    policy.id: policy
    for policy in (
        Policy("self_practice", True, demands_consent=False, gives_cues=True, gives_overall=True,
               forbidden_topics=_ALWAYS),
        Policy("hiring", False, demands_consent=True, gives_cues=True, gives_overall=False,
               forbidden_topics=_DECIDING),
        Policy("education", False, demands_consent=True, gives_cues=True, gives_overall=False,
               forbidden_topics=_DECIDING),
        Policy("research", True, demands_consent=True, gives_cues=True, gives_overall=False,
               forbidden_topics=_ALWAYS),
        Policy("medical", True, demands_consent=True, gives_cues=False, gives_overall=False,
               forbidden_topics=_ALWAYS),
    )
}  # fmt: skip
DEFAULT_POLICY = "self_practice"


def withheld(options: Mapping[str, Any]) -> frozenset[str]:
    """Meters whose columns must not be shown with a judgement that was asked for with these options, even where an
    earlier judgement of the same recording could use them."""
    policy = POLICIES.get(str(options.get("policy", DEFAULT_POLICY)))
    allowed = policy is not None and policy.allows_emotion and options.get("emotion") is True
    return frozenset() if allowed else frozenset({EMOTION_METER})


def without_meters(timeline: Timeline, meters: frozenset[str]) -> Timeline:
    """The timeline without what these measured; as it is where there is nothing of them."""
    if not meters & timeline.columns.keys():
        return timeline
    return replace(timeline, columns={name: each for name, each in timeline.columns.items() if name not in meters})
