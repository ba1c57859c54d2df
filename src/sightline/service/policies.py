"""The purposes people may be analysed for in this installation, for choosing one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sightline.desks.interview.policies import POLICIES, Policy
from sightline.text import LANGUAGES, Language, words


@dataclass(frozen=True, slots=True)
class PolicyAbout:
    id: str
    name: Mapping[Language, str]
    meaning: Mapping[Language, str]
    needs_consent: bool
    denies: Sequence[str]
    """``emotion``, ``cues``, ``overall``: what is neither measured nor told under it."""


def policies_here(allowed: Collection[str]) -> Sequence[PolicyAbout]:
    """Those of ``allowed``, in the usual order; all where none is named."""
    return [_about(policy) for policy in POLICIES.values() if not allowed or policy.id in allowed]


def _about(policy: Policy) -> PolicyAbout:
    gives = {"emotion": policy.allows_emotion, "cues": policy.gives_cues, "overall": policy.gives_overall}
    return PolicyAbout(
        policy.id,
        {language: words(f"policies.{policy.id}.name", language) for language in LANGUAGES},
        {language: words(f"policies.{policy.id}.meaning", language) for language in LANGUAGES},
        policy.demands_consent,
        [what for what, is_given in gives.items() if not is_given],
    )
