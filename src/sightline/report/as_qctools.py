"""Per-frame numbers in the form QCTools opens: ffprobe's XML with filter tags, gzipped.

Only what is measured under the same definition as the FFmpeg filter whose tag it bears: ``signalstats`` minimum,
10 %, mean, 90 % and maximum per plane and the share out of broadcast range, and ``ebur128`` momentary and short-term
loudness every 100 ms. Running figures (``r128.I``, ``r128.LRA``) and outlier shares are left out.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import ClassVar
from xml.sax.saxutils import quoteattr

import numpy as np

from sightline.errors import ReportImpossible
from sightline.report.report import Report, refuse_a_person
from sightline.report.xml import clean
from sightline.timeline.columns import Columns, Values
from sightline.timeline.timeline import Timeline

_LEVELS = {
    "y_min": "YMIN",
    "y_p10": "YLOW",
    "y_mean": "YAVG",
    "y_p90": "YHIGH",
    "y_max": "YMAX",
    "u_min": "UMIN",
    "u_mean": "UAVG",
    "u_max": "UMAX",
    "v_min": "VMIN",
    "v_mean": "VAVG",
    "v_max": "VMAX",
    "out_of_range_share": "BRNG",
}
_LOUDNESS = {"momentary": "M", "short_term": "S"}
_R128_STEP_S = 0.1
"""FFmpeg's ``ebur128`` writes its tags every 100 ms."""


class QctoolsReport:
    format: ClassVar[str] = "qctools"
    suffix: ClassVar[str] = ".qctools.xml.gz"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "QCTools")
        timeline = report.timeline
        if "levels" not in timeline and "loudness" not in timeline:
            raise ReportImpossible("report.needs_levels", name=timeline.media.name)
        packed = io.BytesIO()
        # No time and no name inside: the same report gives the same bytes.
        with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=6, mtime=0) as out:
            for part in _parts(timeline):
                out.write(part.encode("utf-8"))
        return packed.getvalue()


def _parts(timeline: Timeline) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<ffprobe:ffprobe xmlns:ffprobe="http://www.ffmpeg.org/schema/ffprobe">\n<frames>\n'
    yield from _in_time_order(_pictures(timeline), _sounds(timeline))
    yield "</frames>\n"
    yield _streams(timeline)
    yield "</ffprobe:ffprobe>\n"


def _in_time_order(*sources: Iterator[tuple[float, str]]) -> Iterator[str]:
    waiting = [(source, first) for source in sources if (first := next(source, None)) is not None]
    while waiting:
        position = min(range(len(waiting)), key=lambda i: waiting[i][1][0])
        source, (_, text) = waiting[position]
        yield text
        following = next(source, None)
        if following is None:
            del waiting[position]
        else:
            waiting[position] = (source, following)


def _pictures(timeline: Timeline) -> Iterator[tuple[float, str]]:
    levels, video = timeline.columns.get("levels"), timeline.media.video
    if levels is None or video is None:
        return
    keys = _keys_of(timeline, levels)
    tags = [(f"lavfi.signalstats.{tag}", levels[name]) for name, tag in _LEVELS.items() if name in levels]
    tick_s = float(levels.time_base)
    size = f'width="{video.width}" height="{video.height}" pix_fmt={quoteattr(clean(video.pixel_format))}'
    for row, tick in enumerate(levels.ticks.tolist()):
        time_s = tick * tick_s
        head = (
            f'<frame media_type="video" stream_index="{video.index}" key_frame="{int(keys[row])}" '
            f'pkt_pts="{tick}" pkt_pts_time="{time_s:.7f}" pts="{tick}" pts_time="{time_s:.7f}" {size}>'
        )
        yield time_s, _frame(head, [(key, values[row]) for key, values in tags])


def _keys_of(timeline: Timeline, levels: Columns) -> Values:
    pictures = timeline.pictures
    if pictures is None or "key" not in pictures or not np.array_equal(pictures.ticks, levels.ticks):
        return np.zeros(len(levels), np.bool_)
    return pictures["key"]


def _sounds(timeline: Timeline) -> Iterator[tuple[float, str]]:
    loudness, audio = timeline.columns.get("loudness"), timeline.media.audio
    if loudness is None or audio is None or not len(loudness):
        return
    tags = [(f"lavfi.r128.{tag}", loudness[name]) for name, tag in _LOUDNESS.items() if name in loudness]
    times_s = loudness.ticks * float(loudness.time_base)
    end_s = loudness.end * float(loudness.time_base)
    for step_s in np.arange(times_s[0], end_s - _R128_STEP_S + 1e-6, _R128_STEP_S).tolist():
        # FFmpeg's frame of 100 ms bears the loudness of the window that ends with it: the last row inside.
        row = int(np.searchsorted(times_s, step_s + _R128_STEP_S - 1e-6)) - 1
        time_s = float(step_s)
        head = (
            f'<frame media_type="audio" stream_index="{audio.index}" key_frame="1" '
            f'pkt_pts_time="{time_s:.7f}" pts_time="{time_s:.7f}" channels="{audio.channels}">'
        )
        yield time_s, _frame(head, [(key, values[row]) for key, values in tags])


def _frame(head: str, tags: list[tuple[str, float]]) -> str:
    lines = [f'<tag key="{key}" value="{value:g}"/>' for key, value in tags if np.isfinite(value)]
    return "\n".join([head, *lines, "</frame>\n"])


def _streams(timeline: Timeline) -> str:
    media = timeline.media
    lines = ["<streams>"]
    lines += [
        f'<stream index="{video.index}" codec_name={quoteattr(clean(video.codec))} codec_type="video" '
        f'width="{video.width}" height="{video.height}" pix_fmt={quoteattr(clean(video.pixel_format))} '
        f'r_frame_rate="{video.nominal_rate or 0}" avg_frame_rate="{video.average_rate or 0}" '
        f'bits_per_raw_sample="{video.bit_depth}"/>'
        for video in media.videos
    ]
    lines += [
        f'<stream index="{audio.index}" codec_name={quoteattr(clean(audio.codec))} codec_type="audio" '
        f'sample_rate="{audio.sample_rate_hz}" channels="{audio.channels}"/>'
        for audio in media.audios
    ]
    duration_s = float(media.duration) if media.duration is not None else float(timeline.span.duration)
    lines.append("</streams>")
    lines.append(
        f'<format filename={quoteattr(clean(media.name))} nb_streams="{len(media.videos) + len(media.audios)}" '
        f'format_name={quoteattr(clean(media.container))} duration="{duration_s:.6f}" size="{media.size_bytes}"/>'
    )
    return "\n".join(lines) + "\n"


RENDERER = QctoolsReport
