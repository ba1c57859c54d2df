"""What a file is, found by looking into it, in a process of its own: a file made to crash a codec takes that process
down and nothing else."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from sightline.errors import MeasuringFailed, SightlineError
from sightline.facts import MediaFacts
from sightline.jobs.wire import error_from_json, error_to_json
from sightline.media.probe import probe
from sightline.timeline.media_json import media_from_json, media_to_json

PATIENCE_S = 120
_MEDIA_TYPES = {
    "mpegts": "video/mp2t", "mxf": "application/mxf", "avi": "video/x-msvideo", "mpeg": "video/mpeg",
    "mpegvideo": "video/mpeg", "flv": "video/x-flv", "asf": "video/x-ms-asf", "wav": "audio/wav", "w64": "audio/wav",
    "flac": "audio/flac", "mp3": "audio/mpeg", "aac": "audio/aac", "aiff": "audio/aiff", "caf": "audio/x-caf",
    "ac3": "audio/ac3", "eac3": "audio/eac3", "gif": "image/gif", "apng": "image/apng", "png_pipe": "image/png",
    "jpeg_pipe": "image/jpeg", "webp_pipe": "image/webp", "webp_anim": "image/webp", "tiff_pipe": "image/tiff",
    "gxf": "application/gxf", "h264": "video/h264", "hevc": "video/h265", "m4v": "video/mpeg", "dv": "video/dv",
}  # fmt: skip
_WEBM = {"vp8", "vp9", "av1", "vorbis", "opus"}


def examine(path: Path, name: str) -> MediaFacts:
    """The facts of a file that is called ``name``. Raises `MediaUnreadable`, `MediaEmpty`, and `MeasuringFailed` when
    looking into it crashed or took too long."""
    command = [sys.executable, "-m", "sightline.service.intake.examine", str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise MeasuringFailed("intake.examination_ended", name=name, how=f"> {PATIENCE_S} s") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise MeasuringFailed("intake.examination_ended", name=name, how=done.returncode) from error
    if "error" in answer:
        # Where the file lies is nobody's business.
        fields = {field: name if field == "path" else value for field, value in answer["error"]["fields"].items()}
        raise error_from_json(answer["error"] | {"fields": fields})
    return replace(media_from_json(answer["media"]), name=name)


def media_type(facts: MediaFacts) -> str:
    """The media type a browser is told."""
    kind = "video" if facts.video is not None else "audio"
    match facts.container.split(","):
        case ["mov", *_]:
            is_quicktime = facts.tags.get("major_brand", "qt  ").strip() == "qt"
            return f"{kind}/quicktime" if is_quicktime and kind == "video" else f"{kind}/mp4"
        case ["matroska", *_]:
            codecs = {video.codec for video in facts.videos} | {audio.codec for audio in facts.audios}
            return f"{kind}/webm" if codecs <= _WEBM else f"{kind}/x-matroska"
        case ["ogg", *_]:
            return f"{kind}/ogg"
        case [container, *_]:
            return _MEDIA_TYPES.get(container, "application/octet-stream")
    return "application/octet-stream"


def main(path: str) -> None:
    # A file that leads a demuxer in circles.
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE_S, PATIENCE_S))
    try:
        answer = {"media": media_to_json(probe(path))}
    except SightlineError as error:
        answer = {"error": error_to_json(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
