"""What the points of a face say in its own head: which way it faces, how far the eyes and the lips are open, where the
eyes look.

Angles have the signs of the picture as displayed: to the right and up are positive, and clockwise for roll. Mirroring
the picture changes the sign of yaw, roll and everything horizontal, and of nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sightline.meters.face.geometry import Floats, Head

NAN = float("nan")
EYE_LEFT = (263, 387, 385, 362, 380, 373)
EYE_RIGHT = (33, 160, 158, 133, 153, 144)
"""Outer corner, two points of the upper lid, inner corner, the two of the lower lid across from them (T. Soukupova,
J. Cech, "Real-Time Eye Blink Detection using Facial Landmarks", 2016). Left and right are the person's own."""
IRIS_LEFT, IRIS_RIGHT = 473, 468
LIP_UPPER, LIP_LOWER = 13, 14
_MEASURED = (*EYE_LEFT, *EYE_RIGHT, LIP_UPPER, LIP_LOWER)
EYEBALL_CM = 1.0
"""From the centre about which the eye turns to the plane of the iris, of an adult; about the same in everybody."""
EYEBALL_BACK_CM = 0.7
"""How far behind the middle of the corners of the eye that centre is taken to lie. Nobody's own is known, so where
gaze is zero has to be learned from the person's own pictures."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Degrees, and ratios of lengths in the head's own space."""

    yaw: float = NAN
    pitch: float = NAN
    roll: float = NAN
    x_cm: float = NAN
    y_cm: float = NAN
    z_cm: float = NAN
    eye_left: float = NAN
    eye_right: float = NAN
    gaze_h: float = NAN
    gaze_v: float = NAN
    gaze_yaw: float = NAN
    gaze_pitch: float = NAN
    lips: float = NAN


def signs(head: Head) -> Signs:
    turned = head.rotation
    x, y, z = head.matrix[:3, 3].tolist()
    eyes = _gaze(head, EYE_LEFT, IRIS_LEFT) + _gaze(head, EYE_RIGHT, IRIS_RIGHT)
    yaw, pitch = _direction(turned[:, 2])
    gaze_h, gaze_v = _direction(eyes)
    gaze_yaw, gaze_pitch = _direction(turned @ eyes)
    near = {number: head.points[number].tolist() for number in _MEASURED}
    outer = math.dist(near[EYE_LEFT[0]], near[EYE_RIGHT[0]])
    return Signs(
        yaw=yaw,
        pitch=pitch,
        roll=-math.degrees(math.atan2(turned[1, 0], turned[1, 1])),
        x_cm=x,
        y_cm=-y,
        z_cm=-z,
        eye_left=_openness(near, EYE_LEFT),
        eye_right=_openness(near, EYE_RIGHT),
        gaze_h=gaze_h,
        gaze_v=gaze_v,
        gaze_yaw=gaze_yaw,
        gaze_pitch=gaze_pitch,
        lips=math.dist(near[LIP_UPPER], near[LIP_LOWER]) / outer if outer else NAN,
    )


def _direction(vector: Floats) -> tuple[float, float]:
    """To the right and up, in degrees, of what points towards the viewer when both are zero."""
    x, y, z = (float(part) for part in vector)
    return math.degrees(math.atan2(x, z)), math.degrees(math.atan2(y, math.hypot(x, z)))


def _openness(points: Mapping[int, list[float]], eye: tuple[int, ...]) -> float:
    """Gap of the lids over the width of the eye; in three dimensions, so that a turned head does not open the eyes."""
    outer, upper_out, upper_in, inner, lower_in, lower_out = (points[number] for number in eye)
    width = math.dist(outer, inner)
    return (math.dist(upper_out, lower_out) + math.dist(upper_in, lower_in)) / (2 * width) if width else NAN


def _gaze(head: Head, eye: tuple[int, ...], iris: int) -> Floats:
    """``(3,)``: unit vector along which an eye looks, in the head's own space.

    The iris is where the ray from the camera through its image meets the eyeball; the depth the network gives it is
    not used, as it is that of the lids.
    """
    centre = (head.points[eye[0]] + head.points[eye[3]]) / 2 - [0, 0, EYEBALL_BACK_CM]
    camera = -np.linalg.solve(head.matrix[:3, :3], head.matrix[:3, 3])
    ray = head.points[iris] - camera
    ray /= math.sqrt(ray @ ray)
    away = camera - centre
    along = float(ray @ away)
    inside = along**2 - float(away @ away) + EYEBALL_CM**2
    hit = away - ray * (along + math.sqrt(max(0.0, inside)))
    return np.asarray(hit / math.sqrt(hit @ hit), np.float64)
