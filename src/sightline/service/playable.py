"""Whether a browser can play a file as it is, judged by what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from sightline.facts import Chroma, MediaFacts, VideoFacts

_CONTAINERS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "video/mp4": (frozenset({"h264", "vp9", "av1"}), frozenset({"aac", "mp3", "opus", "flac"})),
    "video/quicktime": (frozenset({"h264"}), frozenset({"aac", "mp3"})),
    "video/webm": (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"})),
    "audio/mp4": (frozenset(), frozenset({"aac", "mp3", "opus", "flac"})),
    "audio/webm": (frozenset(), frozenset({"opus", "vorbis"})),
    "audio/ogg": (frozenset(), frozenset({"opus", "vorbis", "flac"})),
    "audio/mpeg": (frozenset(), frozenset({"mp3"})),
    "audio/flac": (frozenset(), frozenset({"flac"})),
}
"""Codecs of pictures and of sound that today's Chrome, Firefox and Safari play out of each container."""


def is_playable(media_type: str, facts: MediaFacts) -> bool:
    """Whether every current browser shows the pictures and lets the sound be heard, without a copy being made.

    ``media_type``: as `sightline.service.intake.examine.media_type` has it.
    """
    codecs = _CONTAINERS.get(media_type)
    if codecs is None or (facts.video is None and facts.audio is None):
        return False
    of_pictures, of_sound = codecs
    return (facts.video is None or _is_shown(facts.video, of_pictures)) and (
        facts.audio is None or facts.audio.codec in of_sound
    )


def _is_shown(video: VideoFacts, codecs: frozenset[str]) -> bool:
    if video.codec not in codecs:
        return False
    # Of H.264 browsers decode what cameras and phones write, none of the studio's profiles.
    return video.codec != "h264" or (video.bit_depth == 8 and video.chroma is Chroma.C420 and not video.is_rgb)
