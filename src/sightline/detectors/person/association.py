"""Which rows of ``faces`` are of the same person: by place and size from picture to picture, never by identity.

A person who leaves and comes back to the same seat is taken to be the same; someone else who then sits there would be
as well. Nothing that could recognise a face is measured or kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

MAX_STEP_S = 0.5
"""Pictures further apart are not linked directly, their faces only by `_stitched`."""
MAX_STEP = 0.8
"""How far a face may move between two pictures, in widths of itself; a head moves about one a second. Heuristic."""
MAX_RETURN = 2.0
"""How far from where it was last a face may come back, in widths of itself. Heuristic."""
MAX_SIZE_RATIO = 1.8
"""How much larger or smaller the face of the same person may be from one sight to the next. Heuristic."""
_PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Boxes:
    """Where faces are, a row each, in order of time. Lengths are shares of the picture's width, down as well."""

    picture: Ints
    """Number of the picture, from 0, not decreasing."""
    x: Floats
    """Middle."""
    y: Floats
    width: Floats


def people_of(boxes: Boxes, times_s: Floats) -> Ints:
    """A number for each row, equal for rows of the same person, from 0 in order of appearance.

    ``times_s``: when each picture starts.
    """
    following = _links(boxes, times_s)
    return _stitched(boxes, _chains(following))


def _links(boxes: Boxes, times_s: Floats) -> Ints:
    """For each row the row of the same face in the next picture, or -1: those nearest to each other, both ways."""
    count = len(boxes.picture)
    following = np.full(count, -1, np.intp)
    pictures = len(times_s)
    firsts = np.searchsorted(boxes.picture, np.arange(pictures + 1))
    faces = np.diff(firsts)
    near = np.diff(times_s) <= MAX_STEP_S
    steps = np.flatnonzero(near & (faces[:-1] > 0) & (faces[1:] > 0))
    most = int(faces.max(initial=0))
    for part in np.array_split(steps, max(1, len(steps) * most**2 // _PAIRS_AT_ONCE)):
        if len(part):
            here, there = (_padded(firsts, faces, pictures_, most) for pictures_ in (part, part + 1))
            _link_nearest(boxes, here, there, following)
    return following


def _padded(firsts: Ints, faces: Ints, pictures: Ints, most: int) -> Ints:
    """Rows of each picture ``(pictures, most)``, -1 where it has fewer faces."""
    places = np.arange(most)
    return np.where(places < faces[pictures, None], firsts[pictures, None] + places, -1)


def _link_nearest(boxes: Boxes, here: Ints, there: Ints, following: Ints) -> None:
    apart = _apart(boxes, here[:, :, None], there[:, None, :])
    apart[(here < 0)[:, :, None] | (there < 0)[:, None, :] | (apart > MAX_STEP)] = np.inf
    onward, backward = apart.argmin(axis=2), apart.argmin(axis=1)
    mutual = np.take_along_axis(backward, onward, axis=1) == np.arange(here.shape[1])
    mutual &= np.isfinite(np.take_along_axis(apart, onward[:, :, None], axis=2)[:, :, 0])
    following[here[mutual]] = np.take_along_axis(there, onward, axis=1)[mutual]


def _apart(boxes: Boxes, one: Ints, other: Ints) -> Floats:
    """Distance of the middles in widths of the faces; infinite where the sizes do not fit."""
    width = np.sqrt(boxes.width[one] * boxes.width[other])
    ratio = boxes.width[one] / boxes.width[other]
    apart = np.hypot(boxes.x[one] - boxes.x[other], boxes.y[one] - boxes.y[other]) / width
    return np.asarray(np.where(np.maximum(ratio, 1 / ratio) <= MAX_SIZE_RATIO, apart, np.inf))


def _chains(following: Ints) -> Ints:
    """The first row of the chain each row belongs to."""
    head = np.arange(len(following))
    linked = np.flatnonzero(following >= 0)
    head[following[linked]] = linked
    # Every round doubles how far back a row can see.
    while not np.array_equal(further := head[head], head):
        head = further
    return head


def _stitched(boxes: Boxes, head: Ints) -> Ints:
    """Chains put together: one that begins near where another ended before, the nearest first."""
    firsts, chain = np.unique(head, return_inverse=True)
    lasts = np.zeros(len(firsts), np.intp)
    np.maximum.at(lasts, chain, np.arange(len(chain)))
    person_of_chain = np.zeros(len(firsts), np.intp)
    ends: list[int] = []
    for number, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        known = np.array(ends, np.intp)
        gone = np.flatnonzero(boxes.picture[known] < boxes.picture[first])
        apart = _apart(boxes, known[gone], np.full(len(gone), first, np.intp))
        if len(gone) and apart.min() <= MAX_RETURN:
            person = int(gone[apart.argmin()])
            ends[person] = last
        else:
            person = len(ends)
            ends.append(last)
        person_of_chain[number] = person
    return person_of_chain[chain]
