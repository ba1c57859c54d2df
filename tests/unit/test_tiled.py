"""Columns laid end to end, as the benchmark of judging does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from benchmarks.speed.tiled import tiled
from qc_sample import audio_facts, levels_columns, media_facts, sound_columns, timeline, video_facts

from sightline.desks.qc import desk as qc
from sightline.desks.qc.template import load_template
from sightline.timeline.columns import Column, Columns

NONE = np.iinfo(np.int64).min


def packets(*rows: tuple[int, int, int, int, bool]) -> Columns:
    """Of rows ``(stream, pts, dts, duration, discard)``."""
    names = ("stream", "pts", "dts", "duration", "discard")
    columns = tuple(Column(n, "ticks", np.array(v)) for n, v in zip(names, zip(*rows, strict=True), strict=True))
    notes: dict[str, str | int | float] = {"no_time": NONE, "time_base_0": "1/25", "time_base_1": "1/48000"}
    return Columns("packets", Fraction(1), np.arange(len(rows)), len(rows), columns, notes)


def test_ticks_of_every_turn_are_those_of_the_first_moved_on_exactly() -> None:
    one = timeline(sound_columns("samples", 10.5))
    three = tiled(one, 3)
    pictures, sound = three.columns["pictures"], three.columns["samples"]
    assert (len(pictures), float(pictures.start_of(len(pictures)))) == (750, 30.0)
    assert np.unique(np.diff(pictures.ticks)).tolist() == [1]
    assert (len(sound), float(sound.start_of(len(sound))), float(sound.start_of(2000))) == (3000, 30.0, 20.0)
    assert three.media.duration == 30


def test_packets_move_in_the_time_of_their_own_stream_and_run_in_once() -> None:
    rows = (0, 0, NONE, 250, False), (1, -1024, -1024, 1024, True), (1, 0, 0, 480_000, False)
    media = media_facts([video_facts(frame_count=250)], [audio_facts()])
    two = tiled(replace(timeline(packets(*rows)), media=media), 2).columns["packets"]
    assert two["pts"].tolist() == [0, -1024, 0, 250, 480_000]
    assert two["dts"].tolist() == [NONE, -1024, 0, NONE, 480_000]
    assert (two.ticks.tolist(), two.end) == ([0, 1, 2, 3, 4], 5)


def test_an_hour_has_the_events_of_every_turn() -> None:
    share = np.zeros(250)
    share[100:150] = 1
    template = load_template("ebu-r128")
    three = qc.detect(tiled(timeline(levels_columns(250, black_share=share)), 3), template)
    assert [(e.start_frame, e.end_frame) for e in three.events_of("black")] == [(100, 150), (350, 400), (600, 650)]
