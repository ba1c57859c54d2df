"""Every face of a picture: those the short-range detector finds, and small ones that YuNet found a moment ago."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from sightline.media.picture import Picture
from sightline.meters.crops import Box, Upright
from sightline.meters.face.networks import MARGIN, Face, FaceNetworks
from sightline.meters.face.small import SmallFaces

LOOKS_PER_S = Fraction(2)
"""How often YuNet looks. What it found is followed until it looks again, so nothing older than this has a say."""
TRIES = 2
"""So many squares are looked into for each face wanted, at most."""
SAME = 0.5
"""Faces are one when their middles are closer than this share of the larger one's side."""


class FoundBy(IntEnum):
    NOBODY = 0
    SHORT_RANGE = 1
    YUNET = 2


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face with its points, and who found it."""

    face: Face
    by: FoundBy


@dataclass(frozen=True, slots=True)
class Sightings:
    """The faces of one picture, the largest first."""

    faces: tuple[Sighting, ...]
    count: int
    """With those whose points were not looked for (there were more than ``most``), and those of YuNet's in which the
    networks see no points: turned away, or too small."""


class FaceFinder:
    """Finds faces in the pictures of one stream, in their order."""

    def __init__(self, upright: Upright, most: int) -> None:
        self._upright, self._most = upright, most
        self._slot: int | None = None
        self._followed: list[Box] = []

    def look(self, networks: FaceNetworks, small: SmallFaces | None, picture: Picture) -> Sightings:
        near = networks.find(self._upright, picture)
        looked = small is not None and self._look_for_small(small, picture)
        # YuNet's square of the same face comes second: near its limit the short-range detector's misses the face.
        wanted = [(box, FoundBy.SHORT_RANGE) for box in sorted(near, key=lambda box: -box.size)]
        wanted += [(box, FoundBy.YUNET) for box in sorted(self._followed, key=lambda box: -box.size)]
        sightings: list[Sighting] = []
        others: list[Box] = []
        for number, (box, by) in enumerate(wanted):
            if any(_same(box, known) for known in (*(one.face.box for one in sightings), *others)):
                continue
            enough = len(sightings) == self._most or number >= TRIES * self._most
            face = None if enough else networks.look(self._upright, picture, box)
            if face is not None and by is FoundBy.YUNET and looked:
                # Framed by its points, as in the pictures that follow: else everything measured would jump at a look.
                face = networks.look(self._upright, picture, face.box) or face
            if face is not None and not any(_same(face.box, one.face.box) for one in sightings):
                sightings.append(Sighting(face, by))
            elif enough or (face is None and by is FoundBy.YUNET):
                others.append(box)
        self._follow([sighting.face.box for sighting in sightings])
        sightings.sort(key=lambda sighting: -_area(sighting.face))
        return Sightings(tuple(sightings), len(sightings) + len(others))

    def _look_for_small(self, small: SmallFaces, picture: Picture) -> bool:
        slot = (picture.start * LOOKS_PER_S).__floor__()
        if slot == self._slot:
            return False
        self._slot, self._followed = slot, small.find(self._upright, picture)
        return True

    def _follow(self, seen: list[Box]) -> None:
        """Those followed are next looked for where they are now; one that is not seen, where it was."""
        self._followed = [next((now for now in seen if _same(box, now)), box) for box in self._followed]


def _same(one: Box, other: Box) -> bool:
    return math.hypot(one.x - other.x, one.y - other.y) < SAME * max(one.size, other.size) / MARGIN


def _area(face: Face) -> float:
    left, top, right, bottom = face.edges
    return (right - left) * (bottom - top)
