"""What people make of a machine's scores: looked at, put right, contested, settled. Pure; who may do it is for others.

    open ──review──► reviewed ──override──► overridden
      │                 │                       │
      └────────────── contest ──────────────────┘
                        ▼
                   contested ──resolve──► resolved ──contest──► contested

A score of the machine is never changed or hidden: an override stands beside it, with its reason and who gave it. While
something is contested nobody but whoever resolves it may settle it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sightline.errors import Conflict


class ReviewState(StrEnum):
    OPEN = "open"
    REVIEWED = "reviewed"
    OVERRIDDEN = "overridden"
    CONTESTED = "contested"
    RESOLVED = "resolved"


class Action(StrEnum):
    REVIEW = "review"
    OVERRIDE = "override"
    CONTEST = "contest"
    RESOLVE = "resolve"


_AFTER: Mapping[Action, tuple[frozenset[ReviewState], ReviewState]] = {
    Action.REVIEW: (frozenset({ReviewState.OPEN, ReviewState.RESOLVED}), ReviewState.REVIEWED),
    Action.OVERRIDE: (
        frozenset({ReviewState.OPEN, ReviewState.REVIEWED, ReviewState.OVERRIDDEN, ReviewState.RESOLVED}),
        ReviewState.OVERRIDDEN,
    ),
    Action.CONTEST: (frozenset(ReviewState) - {ReviewState.CONTESTED}, ReviewState.CONTESTED),
    Action.RESOLVE: (frozenset({ReviewState.CONTESTED}), ReviewState.RESOLVED),
}
"""From which states an action leads where."""


@dataclass(frozen=True, slots=True)
class Override:
    """A person's score in place of the machine's, which stays beside it."""

    score: str
    part: str | None
    value: float
    reason: str
    who: str
    at: str
    """ISO 8601 with zone."""
    machine: float | None
    """What the machine gave at that moment; None: it gave none."""
    revision: int
    """Of the judgement that was looked at."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done."""

    action: Action
    who: str
    at: str
    text: str
    """Note or reason; free text."""

    @property
    def is_by_link(self) -> bool:
        """Whether whoever did it has no more than a share link, and so no name."""
        return self.who.startswith("share:")


@dataclass(frozen=True, slots=True)
class Review:
    """Where a review stands and how it came there."""

    state: ReviewState = ReviewState.OPEN
    overrides: tuple[Override, ...] = ()
    """The latest of each score."""
    steps: tuple[Step, ...] = ()
    """Everything that was done, the oldest first."""

    def override_of(self, score: str, part: str | None = None) -> Override | None:
        return next((one for one in self.overrides if (one.score, one.part) == (score, part)), None)


def stepped(review: Review, step: Step, override: Override | None = None) -> Review:
    """The review after a step. ``override``: with `Action.OVERRIDE`, and where a dispute is resolved by another score.

    Raises `Conflict` where the step cannot follow.
    """
    possible, after = _AFTER[step.action]
    if review.state not in possible:
        raise Conflict("consent.review_cannot", action=step.action, state=review.state)
    kept = review.overrides
    if override is not None:
        others = (one for one in kept if (one.score, one.part) != (override.score, override.part))
        kept = (*others, override)
    return replace(review, state=after, overrides=kept, steps=(*review.steps, step))


def review_to_dict(review: Review) -> dict[str, Any]:
    return {
        "state": str(review.state),
        "overrides": [
            {
                "score": one.score,
                "part": one.part,
                "value": one.value,
                "reason": one.reason,
                "who": one.who,
                "at": one.at,
                "machine": one.machine,
                "revision": one.revision,
            }
            for one in review.overrides
        ],
        "steps": [
            {"action": str(step.action), "who": step.who, "at": step.at, "text": step.text} for step in review.steps
        ],
    }


def review_from_dict(plain: Mapping[str, Any]) -> Review:
    """Raises `KeyError` or `ValueError` for a dictionary that `review_to_dict` did not make."""
    return Review(
        ReviewState(plain["state"]),
        tuple(Override(**one) for one in plain["overrides"]),
        tuple(Step(Action(step["action"]), step["who"], step["at"], step["text"]) for step in plain["steps"]),
    )
