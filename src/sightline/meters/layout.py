"""Where channels stand, and how much they weigh (ITU-R BS.1770-5, Annex 3, Table 4)."""

from __future__ import annotations

SURROUND_WEIGHT = 1.41
ASSUMED_LAYOUTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("mono", ("FC",)),
    2: ("stereo", ("FL", "FR")),
    6: ("5.1", ("FL", "FR", "FC", "LFE", "SL", "SR")),
    8: ("7.1", ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")),
}
"""What a file most likely means that has so many channels and does not name them."""
# fmt: off
_PLACES = frozenset((
    "FL", "FR", "FC", "LFE", "LFE2", "BL", "BR", "BC", "SL", "SR", "FLC", "FRC",
    "WL", "WR", "DL", "DR", "SDL", "SDR", "TC", "TFL", "TFC", "TFR", "TBL", "TBC",
    "TBR", "TSL", "TSR", "BFC", "BFL", "BFR", "SSL", "SSR", "TTL", "TTR",
))
# fmt: on
_BESIDE = frozenset(("SL", "SR", "WL", "WR", "SDL", "SDR", "DL", "DR", "SSL", "SSR"))
"""Between 60° and 120° from the front, at the height of the ears."""


def layout_weights(names: tuple[str, ...], channels: int, layout: str) -> tuple[str, tuple[float, ...]]:
    """The layout taken for granted and the weight of each channel.

    LFE channels weigh nothing, those at the sides 1.41, all others 1. Rear channels (``BL``, ``BR``) count as sides
    unless the layout has sides of its own: in 5.1 they are the two surrounds at 110°, in 7.1 they stand at 135°. When
    the file names no places, the layout is assumed from the number of channels and says ``(assumed)``; for a number
    that tells nothing, every channel weighs 1 and the layout is ``unknown``.
    """
    if len(names) == channels and all(name in _PLACES for name in names):
        return layout, _weights(names)
    if channels in ASSUMED_LAYOUTS:
        title, places = ASSUMED_LAYOUTS[channels]
        return f"{title} (assumed)", _weights(places)
    return "unknown", (1.0,) * channels


def pairs(names: tuple[str, ...], channels: int) -> tuple[tuple[int, int], ...]:
    """Numbers of the channels that stand left and right of each other, the front pair first.

    Without names: the first two of up to eight channels in an assumed layout, else each two neighbours.
    """
    if not (len(names) == channels and all(name in _PLACES for name in names)):
        if channels not in ASSUMED_LAYOUTS:
            return tuple((left, left + 1) for left in range(0, channels - 1, 2))
        names = ASSUMED_LAYOUTS[channels][1]
    numbers = {name: number for number, name in enumerate(names)}
    sides = (("FL", "FR"), ("SL", "SR"), ("BL", "BR"), ("DL", "DR"))
    return tuple((numbers[left], numbers[right]) for left, right in sides if left in numbers and right in numbers)


def _weights(places: tuple[str, ...]) -> tuple[float, ...]:
    has_sides = "SL" in places or "SR" in places
    return tuple(_weight(place, has_sides=has_sides) for place in places)


def _weight(place: str, *, has_sides: bool) -> float:
    if place.startswith("LFE"):
        return 0.0
    if place in _BESIDE or (place in ("BL", "BR") and not has_sides):
        return SURROUND_WEIGHT
    return 1.0
