"""Two analyses side by side: what each check and score says in both, and what only one of them found. Reading only."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.errors import RequestInvalid
from sightline.library.actor import Actor
from sightline.service.access import Right, require
from sightline.service.evidence import Evidence

Plain = Mapping[str, Any]
MOST_EVENTS = 1000
"""Of what only one found, so many are told at most."""
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class ComparedCheck:
    """A check of either; None where that one has no such check."""

    id: str
    a: str | None
    b: str | None
    a_value: str | int | float | bool | None
    b_value: str | int | float | bool | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class ComparedScore:
    """A score of the whole; None where that one has none, or not enough to go by."""

    id: str
    a: float | None
    b: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    a: str
    b: str
    checks: tuple[ComparedCheck, ...]
    scores: tuple[ComparedScore, ...]
    only_a: tuple[Plain, ...]
    """Events, as plain JSON, in order of time. Of too many the gravest."""
    only_b: tuple[Plain, ...]
    only_a_count: int
    """How many there are, with those that are left out."""
    only_b_count: int
    both: int
    """Events of the first that overlap one of the same kind of the second."""


class Comparing:
    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def compare(self, actor: Actor, a: str, b: str, most_events: int = MOST_EVENTS) -> Comparison:
        """With at most so many of the events that only one of them found, of each.

        Raises `NotFound`, `Conflict` while one of them is not done, `RequestInvalid` for two of different workspaces.
        """
        require(actor, Right.LIST)
        rows = [self._evidence.done(actor, analysis_id) for analysis_id in (a, b)]
        for row in rows:
            require(actor, Right.LIST, row.workspace_id)
        if rows[0].workspace_id != rows[1].workspace_id:
            raise RequestInvalid("library.other_workspace")
        judged = [self._evidence.conclusion(actor, row.id)["judgement"] for row in rows]
        checks = [{check["id"]: check for check in each["checks"]} for each in judged]
        scores = [{s["id"]: s for s in each.get("scores", ()) if s.get("part") is None} for each in judged]
        found = [self._evidence.found(row) for row in rows]
        only_a, only_b = _only(*found), _only(found[1], found[0])
        return Comparison(
            a, b,
            tuple(_check(name, *(each.get(name) for each in checks)) for name in {**checks[0], **checks[1]}),
            tuple(_score(name, *(each.get(name) for each in scores)) for name in {**scores[0], **scores[1]}),
            _gravest(only_a, most_events), _gravest(only_b, most_events), len(only_a), len(only_b),
            len(found[0]) - len(only_a),
        )  # fmt: skip


def _check(name: str, a: Plain | None, b: Plain | None) -> ComparedCheck:
    states, values = ([None if each is None else each.get(key) for each in (a, b)] for key in ("state", "value"))
    unit = next((each["unit"] for each in (a, b) if each is not None and each.get("unit") is not None), None)
    return ComparedCheck(name, states[0], states[1], values[0], values[1], unit)


def _score(name: str, a: Plain | None, b: Plain | None) -> ComparedScore:
    return ComparedScore(name, *(None if each is None else each.get("value") for each in (a, b)))


def _only(these: Sequence[Plain], others: Sequence[Plain]) -> tuple[Plain, ...]:
    """Those that no other event of their kind overlaps."""
    by_kind: dict[str, _Covered] = {}
    for kind in {event["kind"] for event in these}:
        by_kind[kind] = _Covered([event for event in others if event["kind"] == kind])
    return tuple(event for event in these if not by_kind[event["kind"]].meets(event))


def _gravest(events: Sequence[Plain], most: int) -> tuple[Plain, ...]:
    """As many as that, in the order they had; of those that weigh the same the first."""
    weighed = sorted(range(len(events)), key=lambda place: _GRAVITY[events[place]["severity"]])
    return tuple(events[place] for place in sorted(weighed[:most]))


class _Covered:
    """Stretches of time, put together where they overlap."""

    def __init__(self, events: Sequence[Plain]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for start, end in sorted((event["start_s"], event["end_s"]) for event in events):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meets(self, event: Plain) -> bool:
        start, end = event["start_s"], event["end_s"]
        # The first that ends after it began; one of no length meets what begins with it.
        place = bisect_left(self._ends, start)
        while place < len(self._starts) and self._starts[place] <= end:
            if (self._starts[place] < end and self._ends[place] > start) or self._starts[place] == start:
                return True
            place += 1
        return False
