from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_clips import write_clip
from sightline.clock import Span
from sightline.detectors.decode_error import DecodeErrorDetector
from sightline.detectors.timestamp_gap import TimestampGapDetector
from sightline.engine.run import Request, measure
from sightline.facts import MediaFacts
from sightline.meters.packets import NO_TIME
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Provenance, Timeline


def _found(path: Path) -> tuple[Timeline, tuple[Event, ...]]:
    timeline = measure(Request(path, {"packets": {}}, 1))
    return timeline, TimestampGapDetector().detect(timeline)


def _labels(events: tuple[Event, ...]) -> list[str]:
    return [event.labels[0] for event in events]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)])
@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts", "flv"])
def test_a_constant_rate_rounded_by_the_time_base_is_no_gap(suffix: str, rate: Fraction, tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / f"clip.{suffix}", rate=rate, pictures=60, options={"preset": "ultrafast"},
        sounds=[("aac", 48000, "stereo")],
    )  # fmt: skip
    assert _found(path)[1] == ()


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts"])
def test_a_missing_picture_is_a_gap_of_one_frame_where_it_should_have_been(suffix: str, tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / f"clip.{suffix}",
        pictures=60,
        ticks=lambda n: n + (n >= 20),
        options={"bf": "0", "preset": "ultrafast"},
    )
    timeline, events = _found(path)
    assert _labels(events) == ["gap"]
    event = events[0]
    assert event.evidence["value"] == pytest.approx(1.0, abs=0.05)
    assert event.evidence["unit"] == "frames"
    start = timeline.span.start
    assert event.span == Span(start + Fraction(20, 25), start + Fraction(21, 25))
    numbered = timeline.with_events(events).events[0]
    assert numbered.end_frame == 20


def test_half_a_frame_is_the_limit(tmp_path: Path) -> None:
    base = Fraction(1, 100)

    def clip(name: str, slip: int) -> Path:
        return write_clip(
            tmp_path / name, rate=Fraction(100), pictures=40, options={"bf": "0", "preset": "ultrafast"},
            ticks=lambda n: 4 * n + (slip if n >= 20 else 0),
        )  # fmt: skip

    assert _found(clip("two.mp4", 2))[1] == ()
    events = _found(clip("three.mp4", 3))[1]
    assert _labels(events) == ["gap"]
    assert events[0].span.duration == 3 * base
    assert _labels(_found(clip("back.mp4", -3))[1]) == ["early"]


def test_a_variable_rate_is_told_once(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "clip.mp4", pictures=40, ticks=lambda n: n + n // 3, options={"bf": "0", "preset": "ultrafast"}
    )
    timeline, events = _found(path)
    assert _labels(events) == ["variable_rate"]
    assert events[0].span == timeline.span
    assert events[0].evidence["longest_s"] == pytest.approx(0.08)


def test_times_that_start_anew_run_back(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.ts", pictures=30, options={"bf": "0"}).read_bytes()
    path = tmp_path / "twice.ts"
    path.write_bytes(clip + clip)
    labels = _labels(_found(path)[1])
    assert "times_run_back" in labels


def _packets(rows: list[tuple[int, int | None, int | None, int]]) -> Columns:
    """Stream, pts, dts and duration of each packet."""

    def column(name: str, values: list[Any], kind: Any = np.int64) -> Column:
        return Column(name, "ticks", np.array(values, kind))

    return Columns(
        "packets", Fraction(1), np.arange(len(rows)), len(rows),
        (
            column("stream", [r[0] for r in rows]),
            column("pts", [NO_TIME if r[1] is None else r[1] for r in rows]),
            column("dts", [NO_TIME if r[2] is None else r[2] for r in rows]),
            column("duration", [r[3] for r in rows]),
            column("discard", [False] * len(rows), np.bool_),
        ),
        {"no_time": NO_TIME},
    )  # fmt: skip


@pytest.fixture
def sound_facts(tmp_path: Path) -> MediaFacts:
    from sightline.media.probe import probe

    return probe(write_clip(tmp_path / "s.wav", pictures=0, sounds=[("pcm_s16le", 48000, "mono")]))


def _of_sound(facts: MediaFacts, times: Callable[[int], int | None]) -> tuple[Event, ...]:
    rows = [(0, times(n), times(n), 1024) for n in range(20)]
    return TimestampGapDetector().detect(Timeline(facts, {"packets": _packets(rows)}, Provenance("test", "now")))


def test_sound_packets_must_follow_each_other(sound_facts: MediaFacts) -> None:
    assert _of_sound(sound_facts, lambda n: 1024 * n) == ()
    late = _of_sound(sound_facts, lambda n: 1024 * n + (1024 if n >= 10 else 0))
    assert _labels(late) == ["gap"]
    assert late[0].span == Span(Fraction(10 * 1024, 48000), Fraction(11 * 1024, 48000))
    assert late[0].evidence["value"] == 1.0
    early = _of_sound(sound_facts, lambda n: 1024 * n - (800 if n >= 10 else 0))
    assert _labels(early) == ["early"]


def test_packets_without_times_are_not_judged(sound_facts: MediaFacts) -> None:
    assert _of_sound(sound_facts, lambda n: None) == ()


# Decode errors.


def _faults(*rows: tuple[int, int, str]) -> Columns:
    texts = np.empty(len(rows), object)
    texts[:] = [text for *_, text in rows]
    return Columns(
        "faults", Fraction(1, 1_000_000), np.array([tick for tick, *_ in rows], np.int64), 0,
        (Column("stream", "class", np.array([s for _, s, _ in rows], np.int64)), Column("text", "text", texts)),
    )  # fmt: skip


def _errors(facts: MediaFacts, *rows: tuple[int, int, str]) -> tuple[Event, ...]:
    return DecodeErrorDetector().detect(Timeline(facts, {"faults": _faults(*rows)}, Provenance("test", "now")))


def test_no_faults_make_no_events(sound_facts: MediaFacts) -> None:
    assert _errors(sound_facts) == ()


def test_faults_close_together_are_one_event(sound_facts: MediaFacts) -> None:
    bad = "Invalid data"
    events = _errors(sound_facts, (0, 0, bad), (900_000, 0, bad), (1_900_001, 0, bad), (2_000_000, 1, bad))
    assert [(e.evidence["stream"], e.evidence["value"]) for e in events] == [(0, 2), (0, 1), (1, 1)]
    assert events[0].span == Span(Fraction(0), Fraction(9, 10))


def test_faults_of_time_are_left_to_the_other_detector(sound_facts: MediaFacts) -> None:
    assert _errors(sound_facts, (0, 0, "time: times start anew")) == ()


def test_labels_tell_truncation_changes_and_unknown_places(sound_facts: MediaFacts) -> None:
    events = _errors(
        sound_facts, (-1, -1, "reading: Input/output error"), (5_000_000, 0, "the file ends before its index says"),
        (9_000_000, 0, "pictures change to 64x64 yuv420p in mid-stream"),
    )  # fmt: skip
    assert [e.labels for e in events] == [("unknown_time",), ("truncated",), ("format_change",)]


def test_damage_in_a_file_becomes_an_event_at_its_place(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.ts", pictures=100, options={"bf": "0", "preset": "ultrafast"}, gop=10)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 20 * 188] = bytes(np.random.default_rng(1).integers(0, 255, 20 * 188, np.uint8))
    path.write_bytes(bytes(data))
    timeline = measure(Request(path, {}, 1))
    events = DecodeErrorDetector().detect(timeline)
    assert events
    spot = timeline.span.start + timeline.span.duration / 2
    assert all(abs(e.span.middle - spot) < 1 for e in events if "unknown_time" not in e.labels)


def test_a_sound_file_is_no_trouble(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.flac", pictures=0, sounds=[("flac", 44100, "stereo")])
    timeline = measure(Request(path, {"packets": {}}, 1))
    assert DecodeErrorDetector().detect(timeline) == ()
    assert TimestampGapDetector().detect(timeline) == ()
