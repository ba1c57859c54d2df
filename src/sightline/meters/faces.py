"""Faces: where they are, which way they face, how far eyes and lips are open, where the eyes look, 52 expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.facts import VideoFacts
from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.crops import Upright
from sightline.meters.face.finder import LOOKS_PER_S, FaceFinder, FoundBy, Sighting
from sightline.meters.face.networks import EXPRESSIONS, MODEL, Face, FaceNetworks
from sightline.meters.face.signs import Signs, signs
from sightline.meters.face.small import MODEL as SMALL_MODEL
from sightline.meters.face.small import SmallFaces
from sightline.meters.matrix import LUMA_SHARES, matrix_of
from sightline.meters.meter import NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Column, Columns, Rows
from sightline.weights.sessions import Lease, lease

MAX_FACES = 4
NAN = float("nan")
_UNITS = {"eye_left": "ratio", "eye_right": "ratio", "lips": "ratio", "x_cm": "cm", "y_cm": "cm", "z_cm": "cm"}
_FIELDS: Mapping[str, tuple[str, npt.DTypeLike]] = {
    "face": ("index", np.int16),
    "count": ("count", np.int16),
    "found_by": ("class", np.int8),
    "score": ("share", np.float32),
    "left": ("share", np.float32),
    "top": ("share", np.float32),
    "width": ("share", np.float32),
    "height": ("share", np.float32),
    **{sign.name: (_UNITS.get(sign.name, "deg"), np.float32) for sign in fields(Signs)},
    "luma": ("share", np.float32),
    "sharpness": ("code2", np.float32),
    **dict.fromkeys(EXPRESSIONS, ("share", np.float32)),
}


class FaceMeter:
    """A row for every face of every picture, the largest first; one row with ``face`` -1 and NaN where nobody is.

    Coordinates are shares of the picture as displayed, from the left and the top; angles have the signs of
    `sightline.meters.face.signs`. ``count`` is of all faces found, also those beyond ``max_faces``; ``found_by`` is a
    `FoundBy`. ``x_cm`` and ``y_cm`` are to the right and down from the camera's axis, ``z_cm`` away from it, of a face
    taken to be of average size before a camera of average angle: only their changes mean something. ``luma`` is the
    mean of the face, ``sharpness`` the variance of the Laplacian of the luma (0 to 255) of its 256 px square.

    With ``landmarks`` the column ``points`` holds 478 points, float16 ``(478, 3)`` as bytes: x and y from the left and
    the top of the face's box as shares of its width and height, z (away) as a share of its width. With ``small_faces``
    YuNet is needed too and finds faces down to about 3 % of the picture's width. Nothing is smoothed over time.
    """

    id: ClassVar[str] = "faces"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(rate_hz=Fraction(15), lookback_s=1 / LOOKS_PER_S)

    @staticmethod
    def models(**parameters: Parameter) -> tuple[str, ...]:
        return (MODEL, SMALL_MODEL) if parameters.get("small_faces") else (MODEL,)

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("engine.no_picture")
        self._video, self._shelf = subject.video, subject.shelf
        self._small_too = bool(parameters.get("small_faces", False))
        self._upright = Upright(subject.video)
        self._finder = FaceFinder(self._upright, int(parameters.get("max_faces", MAX_FACES)))
        self._luma_of_rgb = _luma_of_rgb(subject.video)
        self._clock = PictureClock(subject.video)
        self._rows = Rows(_FIELDS)
        self._points: list[bytes] | None = [] if parameters.get("landmarks") else None
        self._networks: Lease[FaceNetworks] | None = None
        self._small: Lease[SmallFaces] | None = None

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        if self._networks is None:
            self._networks = lease(self._shelf, MODEL, FaceNetworks.load)
        if self._small is None and self._small_too:
            self._small = lease(self._shelf, SMALL_MODEL, SmallFaces, shared=True)
        for picture in batch:
            self._measure(picture, self._networks.session, self._small.session if self._small else None)

    def columns(self) -> Columns:
        for taken in (self._networks, self._small):
            if taken is not None:
                taken.close()
        notes: dict[str, str | int | float] = {f"found_by_{by.value}": by.name.lower() for by in FoundBy}
        notes |= {"width_px": round(self._upright.width_px), "height_px": round(self._upright.height_px)}
        made = self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)
        if self._points is None:
            return made
        points = np.empty(len(self._points), object)
        points[:] = self._points
        columns = (*made.columns, Column("points", "bytes", points))
        return Columns(made.meter, made.time_base, made.ticks, made.end, columns, made.notes)

    def _measure(self, picture: Picture, networks: FaceNetworks, small: SmallFaces | None) -> None:
        tick = self._clock.tick(picture)
        seen = self._finder.look(networks, small, picture)
        for number, sighting in enumerate(seen.faces):
            self._rows.append(tick, number, seen.count, sighting.by, *self._values(sighting, networks))
            if self._points is not None:
                self._points.append(_packed(sighting.face))
        if not seen.faces:
            self._rows.append(tick, -1, seen.count, FoundBy.NOBODY, *[NAN] * (len(_FIELDS) - 3))
            if self._points is not None:
                self._points.append(b"")

    def _values(self, sighting: Sighting, networks: FaceNetworks) -> list[float]:
        face, (width, height) = sighting.face, (self._upright.width_px, self._upright.height_px)
        left, top, right, bottom = face.edges
        head = networks.canonical.head(face.points, width, height)
        return [
            face.score,
            left / width, top / height, (right - left) / width, (bottom - top) / height,
            *astuple(signs(head) if head is not None else Signs()),
            *self._light(face),
            *networks.expressions_of(face).tolist(),
        ]  # fmt: skip

    def _light(self, face: Face) -> tuple[float, float]:
        """Mean luma of the face (0 black, 1 white), and sharpness."""
        luma = cv2.transform(face.crop, self._luma_of_rgb)
        left, top, right, bottom = face.inside
        edges = cv2.Laplacian(luma, cv2.CV_16S)
        mean, square = cv2.sumElems(edges)[0] / edges.size, cv2.norm(edges, cv2.NORM_L2SQR) / edges.size
        shown = luma[top:bottom, left:right]
        return cv2.mean(shown)[0] / 255 if shown.size else NAN, square - mean**2


def _luma_of_rgb(video: VideoFacts) -> npt.NDArray[np.float32]:
    red, blue = LUMA_SHARES[matrix_of(video) or "bt709"]
    return np.array([[red, 1 - red - blue, blue]], np.float32)


def _packed(face: Face) -> bytes:
    left, top, right, bottom = face.edges
    width, height = right - left, bottom - top
    shares = (face.points - [left, top, 0]) / [width, height, width]
    return shares.astype(np.float16).tobytes()


METER = FaceMeter
