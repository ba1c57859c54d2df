"""A timeline and a judgement as a report gets them, made without any video."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np

from sightline.clock import Span
from sightline.desks.judgement import CheckResult, Fix, Judgement, State, Verdict, Waiver
from sightline.facts import AudioFacts, Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.report.report import Report
from sightline.text import Language, Message
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Provenance, Timeline

RATE = Fraction(25)
PICTURES = 3000
SECONDS = Fraction(120)
MADE_AT = "2026-11-21T09:30:00+00:00"


def video(rate: Fraction = RATE, timecode: str | None = "10:00:00:00") -> VideoFacts:
    return VideoFacts(
        index=0, codec="h264", profile="High", level="4.0", width=1920, height=1080, pixel_format="yuv420p",
        bit_depth=8, chroma=Chroma.C420, is_rgb=False, sample_aspect=Fraction(1), rotation_deg=0,
        time_base=1 / rate, average_rate=rate, nominal_rate=rate, frame_count=PICTURES, start=Fraction(0),
        duration=SECONDS, bit_rate_bps=8_000_000, field_order=FieldOrder.PROGRESSIVE, full_range=False,
        color_range="tv", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709",
        start_timecode=timecode,
    )  # fmt: skip


def audio() -> AudioFacts:
    return AudioFacts(
        index=1, codec="aac", profile="LC", sample_rate_hz=48_000, channels=2, layout="stereo",
        channel_names=("FL", "FR"), sample_format="fltp", bit_depth=None, time_base=Fraction(1, 48_000),
        start=Fraction(0), duration=SECONDS, bit_rate_bps=192_000,
    )  # fmt: skip


def media(name: str = "봄의 기억 EP03_master_v7.mov") -> MediaFacts:
    return MediaFacts(
        name=name, size_bytes=123_456_789, sha256="ab" * 32, container="mov,mp4,m4a,3gp,3g2,mj2", duration=SECONDS,
        start=Fraction(0), bit_rate_bps=8_230_452, videos=(video(),), audios=(audio(),),
        start_timecode="10:00:00:00", is_faststart=True, has_edit_list=False,
    )  # fmt: skip


def jpeg(row: int, width: int = 160, height: int = 90) -> bytes:
    """A small picture with some content: a gradient, a sun and its number."""
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([120 + 100 * np.sin(row / 3 + x / 60), 90 + 80 * np.cos(row / 5 + y / 30), 60 + x], axis=-1)
    picture = np.clip(base, 0, 255).astype(np.uint8)
    cv2.circle(picture, (20 + row * 7 % (width - 40), 30), 14, (90, 220, 250), -1)
    cv2.putText(picture, str(row), (8, height - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 78])[1])


def picture_columns() -> dict[str, Columns]:
    rng = np.random.default_rng(7)
    ticks = np.arange(PICTURES, dtype=np.int64)
    tb = 1 / RATE
    scene = np.repeat(rng.uniform(50, 150, 30), PICTURES // 30)
    mean = scene + rng.normal(0, 2, PICTURES)
    mean[300:360] = 16
    lowest = np.where(np.arange(PICTURES) < 0, 0, np.clip(mean - 60 + rng.normal(0, 6, PICTURES), 2, 255))
    highest = np.clip(mean + 90 + rng.normal(0, 8, PICTURES), 16, 250)
    highest[300:360] = 17
    over = np.zeros(PICTURES, np.float32)
    over[1500:1560] = 0.42
    near = np.clip(over * 1.4 + rng.uniform(0, 0.04, PICTURES), 0, 1).astype(np.float32)
    level_columns = (
        Column("y_min", "code", lowest.astype(np.int32)),
        Column("y_p10", "code", (mean - 30).astype(np.int32)),
        Column("y_mean", "code", mean.astype(np.float32)),
        Column("y_p90", "code", (mean + 50).astype(np.int32)),
        Column("y_max", "code", highest.astype(np.int32)),
        Column("u_mean", "code", np.full(PICTURES, 128.0, np.float32)),
        Column("out_of_range_share", "share", rng.uniform(0, 0.02, PICTURES).astype(np.float32)),
    )
    picked = ticks[::50]
    jpegs = np.empty(len(picked), object)
    jpegs[:] = [jpeg(i) for i in range(len(picked))]
    return {
        "pictures": Columns(
            "pictures", tb, ticks, PICTURES,
            (Column("duration", "ticks", np.ones(PICTURES, np.int64)), Column("key", "flag", ticks % 50 == 0)),
        ),
        "levels": Columns("levels", tb, ticks, PICTURES, level_columns),
        "flash": Columns(
            "flash", tb, ticks, PICTURES,
            (
                Column("lum_near", "share", near),
                Column("lum_over", "share", over),
                Column("red_over", "share", np.zeros(PICTURES, np.float32)),
            ),
        ),
        "thumbs": Columns("thumbs", tb, picked, PICTURES, (Column("jpeg", "jpeg", jpegs),)),
    }  # fmt: skip


def sound_columns() -> dict[str, Columns]:
    rng = np.random.default_rng(11)
    count = 12_000
    ticks = np.arange(count, dtype=np.int64)
    slow = np.interp(np.arange(count), np.arange(0, count, 250), rng.normal(-22, 4, count // 250))
    momentary = (slow + rng.normal(0, 1.2, count)).astype(np.float32)
    momentary[6000:6400] = -np.inf
    short_term = np.convolve(np.where(np.isinf(momentary), -70, momentary), np.ones(300) / 300, "same")
    momentary[:39] = np.nan
    short_term[:299] = np.nan
    power = np.where(np.isfinite(momentary), 10 ** ((momentary + 0.691) / 10), 0).astype(np.float64)
    tb = Fraction(1, 100)
    peaks = (momentary + 12).astype(np.float32)
    return {
        "loudness": Columns(
            "loudness", tb, ticks, count,
            (
                Column("momentary", "lufs", momentary),
                Column("short_term", "lufs", short_term.astype(np.float32)),
                Column("power_0", "power", power / 2),
                Column("power_1", "power", power / 2),
            ),
            {"weight_0": 1.0, "weight_1": 1.0, "channels": 2},
        ),
        "true_peak": Columns(
            "true_peak", tb, ticks, count,
            (Column("peak_0", "dbtp", peaks), Column("peak_1", "dbtp", peaks - np.float32(1.5))),
        ),
    }  # fmt: skip


def seconds(start: float, end: float) -> Span:
    return Span(Fraction(str(start)), Fraction(str(end)))


def events() -> tuple[Event, ...]:
    defect = Severity.ERROR
    found = [
        Event("black", seconds(12, 14.4), Severity.WARNING, 0.99,
              {"value": 0.998, "unit": "share", "threshold": ">= 0.98"}, ("fade_between_shots",)),
        Event("freeze", seconds(31.2, 34.6), Severity.WARNING, 0.97,
              {"value": 0.0004, "unit": "share", "threshold": "<= 0.001"}),
        Event("flash_luminance", seconds(60, 62.4), defect, 0.9,
              {"value": 9, "unit": "count", "threshold": "<= 6", "profile": "bt1702", "area_share": 0.42}),
        Event("silence", seconds(60, 64), Severity.WARNING, 1.0,
              {"value": -91.2, "unit": "dbfs", "threshold": "< -60", "channel": "all"}),
        Event("true_peak_over", seconds(77.31, 77.35), defect, 1.0,
              {"value": 0.4, "unit": "dbtp", "threshold": "<= -1", "channel": "FL"}),
        Event("true_peak_over", seconds(77.32, 77.36), defect, 1.0,
              {"value": 0.1, "unit": "dbtp", "threshold": "<= -1", "channel": "FR"}),
        Event("out_of_range", seconds(88, 91.04), Severity.WARNING, 0.95,
              {"value": 0.034, "unit": "share", "threshold": "<= 0.01"}),
        Event("letterbox", seconds(0, 120), Severity.INFO, 0.93,
              {"value": 140, "unit": "px", "region": "0,140,1920,800"}),
        Event("clipping", seconds(101.5, 101.504), Severity.WARNING, 0.8,
              {"value": 7, "unit": "samples", "threshold": ">= 3", "channel": "FR"}),
        Event("flash_frame", seconds(44, 44.04), Severity.WARNING, 0.88, {"value": 1, "unit": "frames"}),
        Event("single_colour", seconds(118.96, 120), Severity.INFO, 0.99,
              {"value": 0.97, "unit": "share", "threshold": ">= 0.9"}, ("end_card",)),
        Event("click", seconds(23.4, 23.401), Severity.WARNING, 0.6, {"value": 14.2, "unit": "db", "channel": "FL"}),
    ]  # fmt: skip
    for number in range(30):
        found.append(Event("shot", seconds(number * 4, number * 4 + 4), Severity.INFO, 0.98))
        if number:
            found.append(Event("cut", seconds(number * 4, number * 4 + 0.04), Severity.INFO, 0.98, {"value": 41.5}))
    return tuple(found)


def not_measured() -> dict[str, Message]:
    return {"gamut": Message.of("report.needs_levels", name="gamut")}


def timeline(name: str | None = None) -> Timeline:
    made = Timeline(
        media=media() if name is None else media(name),
        columns=picture_columns() | sound_columns(),
        provenance=Provenance(
            "sightline 0.1.0", "2026-11-21T09:29:12+00:00",
            {"pictures": 1, "levels": 1, "flash": 1, "loudness": 1, "true_peak": 1, "thumbs": 1, "shots": 2},
            1, PICTURES, ("shots",), 6.42,
        ),
        not_measured=not_measured(),
    )  # fmt: skip
    return made.with_events(events())


def sound_only() -> Timeline:
    whole = timeline()
    return replace(
        whole,
        media=replace(whole.media, name="voice.wav", videos=(), start_timecode=None),
        columns=sound_columns(),
    ).with_events(tuple(replace(e, start_frame=None, end_frame=None) for e in whole.events_of("silence", "click")))


def judgement(found: Timeline, waiver_why: str = "Creative intent, approved by the director") -> Judgement:
    def of(*kinds: str) -> tuple[Event, ...]:
        return found.events_of(*kinds)

    why = Message.of("report.nothing_found")
    checks = (
        CheckResult("F1", "container", "file", State.PASS, "mov", None, "mov, mp4, mxf", "Delivery 4.2"),
        CheckResult("F4", "decode_errors", "file", State.PASS, 0, "count", "== 0", "Delivery 4.3"),
        CheckResult("F6", "av_duration", "file", State.WARN, 0.061, "s", "<= 0.04", "EBU 0009X", why),
        CheckResult("F8", "timecode", "file", State.NOT_EVALUATED,
                    reason=Message.of("report.needs_constant_rate", name="x")),
        CheckResult("V1", "black", "video", State.FAIL, 2.4, "s", "<= 2", "EBU 0016B", why, of("black")),
        CheckResult("V3", "freeze", "video", State.WAIVED, 3.4, "s", "<= 2", "Delivery 5.1", why, of("freeze"),
                    waiver=Waiver("V3", "J. Kim", waiver_why)),
        CheckResult("V5", "levels", "video", State.WARN, 0.034, "share", "<= 0.01", "EBU R 103", why,
                    of("out_of_range"), details={"pictures": 76, "worst": 0.034}),
        CheckResult("V9", "interlace", "video", State.NOT_APPLICABLE, reason=why),
        CheckResult("P1", "flash_luminance", "flash", State.FAIL, 9, "count", "<= 6", "ITU-R BT.1702-3", why,
                    of("flash_luminance")),
        CheckResult("P2", "flash_red", "flash", State.PASS, 0, "count", "<= 6", "ITU-R BT.1702-3"),
        CheckResult("P4", "pattern", "flash", State.NOT_EVALUATED, reason=why),
        CheckResult("A1", "loudness", "audio", State.WARN, -21.4, "lufs", "-23.0 ± 0.5", "EBU R 128", why,
                    fix=Fix(Message.of("report.fix"), -1.6, "db")),
        CheckResult("A3", "true_peak", "audio", State.FAIL, 0.4, "dbtp", "<= -1.0", "EBU R 128", why,
                    of("true_peak_over"), fix=Fix(Message.of("report.fix"), -1.4, "db")),
        CheckResult("A5", "silence", "audio", State.PASS, 4.0, "s", "<= 5", "Delivery 6.4", None, of("silence")),
    )  # fmt: skip
    waiting = sum(check.state is State.NOT_EVALUATED for check in checks)
    return Judgement("qc", "broadcast-hd", "cd" * 32, Verdict.FAIL, checks, waiting)


def report(language: Language = Language.ENGLISH, name: str | None = None) -> Report:
    found = timeline(name)
    return Report(found, judgement(found), MADE_AT, language)
