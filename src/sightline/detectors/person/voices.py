"""Whose voice each stretch of speech is: by labels of speakers, by lips, or, with neither, everything by one person.

Speaker 0 is the main person in the picture, or, where nobody is seen, who speaks most. The others follow by how long
they speak. A voice whose owner is not seen is a speaker of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Tracks, tracks_of
from sightline.detectors.person.lips import Lips
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

PERSON = 0
STEP_S = 0.25
"""Speech is looked at in pieces of about this length."""
SHORTEST_UNIT_S = 1.0
"""A shorter change of speaker is a slip of the labels, or a word of encouragement: it ends nobody's turn. Heuristic."""
LEAST_SEEN = 0.5
"""Share of the speech in which the main person's lips must be seen for lips to decide."""
MOST_UNSEEN = 0.9
"""When nobody's lips move with so much of all speech, lips are hidden (a mask, a beard, a hand) or not measured well
enough, rather than silent: nobody is told apart then. A hidden mouth must not look like a hidden speaker."""
UNSEEN, UNKNOWN = -1, -2


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's voice, from ``start`` to ``end`` in seconds, without a change of speaker."""

    start: float
    end: float
    speaker: int
    seen: bool
    """Whether the speaker is in the picture."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Voices:
    voices: tuple[Voice, ...]
    by: str
    """``speakers``, ``lips``, or ``voice``: everything is taken to be one person's."""


@dataclass(frozen=True, eq=False, slots=True)
class _Pieces:
    """Speech cut small; a row per piece."""

    starts: Floats
    ends: Floats
    stretch: Ints
    """Number of the speech event it is of."""

    @property
    def middles(self) -> Floats:
        return (self.starts + self.ends) / 2

    @property
    def lengths(self) -> Floats:
        return self.ends - self.starts


def voices_of(timeline: Timeline) -> Voices:
    """Reads the events ``speech``, and the columns of ``speakers`` and ``faces`` where there are some."""
    pieces = _pieces([event.span.seconds for event in timeline.events_of("speech")])
    if not len(pieces.starts):
        return Voices((), "voice")
    tracks = tracks_of(timeline)
    lips = [Lips(track) for track in tracks.tracks]
    labels, sureness = _labels(timeline, pieces)
    if labels is not None:
        return Voices(
            _renumbered(pieces, labels, sureness, _person_of_labels(pieces, labels, tracks, lips)), "speakers"
        )
    if lips and _seen_share(pieces, tracks, lips[PERSON]) >= LEAST_SEEN:
        owners, sureness = _owners(timeline, pieces, tracks, lips)
        if pieces.lengths[owners == UNSEEN].sum() <= MOST_UNSEEN * pieces.lengths[owners != UNKNOWN].sum():
            return Voices(_renumbered(pieces, owners, sureness, PERSON), "lips")
    every = np.zeros(len(pieces.starts), np.intp)
    return Voices(_renumbered(pieces, every, np.full(len(every), 0.5), PERSON), "voice")


def _pieces(stretches: Sequence[tuple[float, float]]) -> _Pieces:
    edges = [np.linspace(start, end, max(1, round((end - start) / STEP_S)) + 1) for start, end in stretches]
    if not edges:
        return _Pieces(np.zeros(0), np.zeros(0), np.zeros(0, np.intp))
    numbers = np.repeat(np.arange(len(edges)), [len(each) - 1 for each in edges])
    return _Pieces(np.concatenate([e[:-1] for e in edges]), np.concatenate([e[1:] for e in edges]), numbers)


def _labels(timeline: Timeline, pieces: _Pieces) -> tuple[Ints | None, Floats]:
    """Label of each piece, -1 where there is none; None where speakers were not told apart."""
    columns = timeline.columns.get("speakers")
    if columns is None or not len(columns) or not np.any(columns["speaker"] >= 0):
        return None, np.zeros(0)
    starts = columns.ticks * float(columns.time_base)
    rows = np.clip(np.searchsorted(starts, pieces.middles, side="right") - 1, 0, len(columns) - 1)
    labels = columns["speaker"].astype(np.intp)[rows]
    sureness = np.nan_to_num(columns["confidence"].astype(np.float64)[rows])
    return np.where(labels < 0, UNKNOWN, labels), sureness


def _at(tracks: Tracks, values: Floats, pieces: _Pieces) -> Floats:
    """Values of pictures at the middles of the pieces; NaN outside the pictures."""
    times = tracks.clock.times_s
    rows = np.searchsorted(times, pieces.middles, side="right") - 1
    inside = (rows >= 0) & (pieces.middles < tracks.clock.end * float(tracks.clock.time_base))
    return np.where(inside, values[np.maximum(rows, 0)], np.nan)


def _seen_share(pieces: _Pieces, tracks: Tracks, lips: Lips) -> float:
    seen = np.isfinite(_at(tracks, lips.activity, pieces))
    return float(pieces.lengths[seen].sum() / pieces.lengths.sum())


def _person_of_labels(pieces: _Pieces, labels: Ints, tracks: Tracks, lips: Sequence[Lips]) -> int:
    """The label under which the main person's lips move most; without a face, or in doubt, who speaks most."""
    known = np.unique(labels[labels >= 0])
    spoken = {int(label): float(pieces.lengths[labels == label].sum()) for label in known}
    most = max(spoken, key=lambda label: (spoken[label], -label))
    if not lips or len(known) < 2 or _seen_share(pieces, tracks, lips[PERSON]) < LEAST_SEEN:
        return most
    activity = _at(tracks, lips[PERSON].activity, pieces)
    moved = {
        label: float(np.mean(activity[(labels == label) & np.isfinite(activity)]))
        for label in spoken
        if np.any((labels == label) & np.isfinite(activity))
    }
    return max(moved, key=lambda label: (moved[label], -label)) if moved else most


def _owners(timeline: Timeline, pieces: _Pieces, tracks: Tracks, lips: Sequence[Lips]) -> tuple[Ints, Floats]:
    """Number of the track whose lips go with each piece, `UNSEEN` when nobody's do, `UNKNOWN` when not to be told."""
    silent = _silent(timeline, tracks)
    times = [_at(tracks, each.activity, pieces) / each.threshold(silent) for each in lips]
    stacked = np.stack([np.nan_to_num(each, nan=-1.0) for each in times])
    best = stacked.argmax(axis=0)
    how_much = stacked.max(axis=0)
    owner = np.where(how_much >= 1, best, np.where(stacked[PERSON] < 0, UNKNOWN, UNSEEN))
    others = np.sort(stacked, axis=0)[-2] if len(lips) > 1 else np.ones_like(how_much)
    with np.errstate(divide="ignore", invalid="ignore"):
        clear = np.abs(np.log2(np.maximum(how_much, 1e-3) / np.maximum(others, 1e-3)))
    return owner.astype(np.intp), np.clip(0.5 + clear / 4, 0.5, 0.95)


def _silent(timeline: Timeline, tracks: Tracks) -> npt.NDArray[np.bool_]:
    """Pictures in which nobody's voice is heard."""
    times = tracks.clock.times_s
    silent = np.ones(len(times), np.bool_)
    for event in timeline.events_of("speech"):
        start, end = event.span.seconds
        silent[np.searchsorted(times, start - 0.2) : np.searchsorted(times, end + 0.2)] = False
    return silent


def _renumbered(pieces: _Pieces, owners: Ints, sureness: Floats, person: int) -> tuple[Voice, ...]:
    """Pieces of one owner put together, slips mended, the person numbered 0 and the others by how long they speak."""
    runs = _mended(pieces, owners, person)
    spoken: dict[int, float] = {}
    for first, last, owner in runs:
        spoken[owner] = spoken.get(owner, 0.0) + float(pieces.lengths[first:last].sum())
    others = sorted((owner for owner in spoken if owner != person), key=lambda owner: -spoken[owner])
    number = {person: PERSON} | {owner: place for place, owner in enumerate(others, 1)}
    found = []
    for first, last, owner in runs:
        # A change of stretch is a silence: a voice is cut there, so that pauses stay pauses.
        for begin, end in _stretches(pieces.stretch, first, last):
            sure = float(np.mean(sureness[begin:end]))
            start, until = float(pieces.starts[begin]), float(pieces.ends[end - 1])
            found.append(Voice(start, until, number[owner], owner != UNSEEN, round(sure, 3)))
    return tuple(found)


def _stretches(stretch: Ints, first: int, last: int) -> list[tuple[int, int]]:
    cuts = np.flatnonzero(np.diff(stretch[first:last])) + first + 1
    return list(pairwise([first, *cuts.tolist(), last]))


def _mended(pieces: _Pieces, owners: Ints, person: int) -> list[tuple[int, int, int]]:
    """Runs ``(first, last, owner)``: the unknown go to the nearest who is known, short runs to their neighbours."""
    known = np.flatnonzero(owners != UNKNOWN)
    if not len(known):
        return [(0, len(owners), person)]
    owners = owners[_nearest(pieces.stretch, known)]
    runs = [
        (first, last, int(owners[first]))
        for first, last in pairwise([0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(owners)])
    ]
    spoken = np.concatenate([[0.0], np.cumsum(pieces.lengths)])
    # The shortest go first, so that two slips next to each other do not make a speaker.
    for most in np.arange(STEP_S, SHORTEST_UNIT_S, STEP_S).tolist():
        runs = _joined(runs, spoken, 1.2 * most)
    return _joined(runs, spoken, SHORTEST_UNIT_S)


def _nearest(stretch: Ints, known: Ints) -> Ints:
    """For each piece the nearest known one, in its own stretch of speech where there is one."""
    pieces = np.arange(len(stretch))
    place = np.searchsorted(known, pieces)
    after, before = known[np.minimum(place, len(known) - 1)], known[np.maximum(place - 1, 0)]
    # A piece in another stretch is as far away as if it were beyond the end.
    far = [np.abs(each - pieces) + len(pieces) * (stretch[each] != stretch) for each in (before, after)]
    return np.where(far[0] < far[1], before, after)


def _joined(runs: list[tuple[int, int, int]], spoken: Floats, least: float) -> list[tuple[int, int, int]]:
    """The runs with those shorter than ``least`` given to the one before, the first to the one after."""
    kept: list[tuple[int, int, int]] = []
    for first, last, owner in runs:
        short = spoken[last] - spoken[first] < least
        if kept and (short or kept[-1][2] == owner):
            kept[-1] = kept[-1][0], last, kept[-1][2]
        elif kept and spoken[kept[-1][1]] - spoken[kept[-1][0]] < least:
            kept[-1] = kept[-1][0], last, owner
        else:
            kept.append((first, last, owner))
    return kept
