"""Facts of a media as plain JSON, and back. Apart from the columns, whose library takes its time to load."""

from __future__ import annotations

from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from sightline.facts import AudioFacts, Chroma, FieldOrder, HdrFacts, MediaFacts, OtherStream, VideoFacts

Json = Any
"""Anything `json` reads and writes."""


def media_to_json(media: MediaFacts) -> Json:
    """Plain JSON of the facts; exact seconds and ratios as ``"n/d"`` strings."""

    def plain(value: Any) -> Any:
        match value:
            case Fraction():
                return str(value)
            case dict():
                return {k: plain(v) for k, v in value.items()}
            case list() | tuple():
                return [plain(v) for v in value]
            case _:
                return value

    return plain(asdict(media))


_VIDEO_FRACTIONS = ("sample_aspect", "time_base", "average_rate", "nominal_rate", "start", "duration")
_AUDIO_FRACTIONS = ("time_base", "start", "duration")


def media_from_json(document: Json) -> MediaFacts:
    """The facts `media_to_json` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    media = MediaFacts(**_exact(document, ("duration", "start")))
    return replace(
        media,
        videos=tuple(_video(v) for v in document["videos"]),
        audios=tuple(
            AudioFacts(**_exact(a, _AUDIO_FRACTIONS) | {"channel_names": tuple(a["channel_names"])})
            for a in document["audios"]
        ),
        others=tuple(OtherStream(**o) for o in document["others"]),
        sparse_holes=tuple((int(a), int(b)) for a, b in document["sparse_holes"]),
        missing=tuple(document["missing"]),
    )


def _video(document: Json) -> VideoFacts:
    hdr = document["hdr"]
    if hdr is not None:
        hdr = HdrFacts(**hdr | {"primaries": tuple((x, y) for x, y in hdr["primaries"])})
    return VideoFacts(
        **_exact(document, _VIDEO_FRACTIONS)
        | {"chroma": Chroma(document["chroma"]), "field_order": FieldOrder(document["field_order"]), "hdr": hdr}
    )


def _exact(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return document | {name: Fraction(document[name]) for name in names if document[name] is not None}
