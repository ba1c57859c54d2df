"""Every check on timelines made by hand: what passes, what fails, and the numbers it shows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from qc_sample import (
    SOUND_HZ,
    audio_facts,
    event,
    levels_columns,
    loudness_columns,
    media_facts,
    picture_columns,
    sound_columns,
    timeline,
    video_facts,
)  # fmt: skip

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.check import checks
from sightline.facts import FieldOrder
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline

PASS, FAIL, WARN = State.PASS, State.FAIL, State.WARN


def evaluated(check_id: str, whole: Timeline, **parameters: Any) -> CheckResult:
    return checks()[check_id](**parameters).evaluate(whole)


def state(check_id: str, whole: Timeline, **parameters: Any) -> State:
    return evaluated(check_id, whole, **parameters).state


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, State.NOT_APPLICABLE),
        ({"containers": ("matroska", "mp4")}, PASS),
        ({"containers": ("mxf",)}, FAIL),
        ({"video_codecs": ("ffv1",)}, FAIL),
        ({"video_profiles": ("High",)}, PASS),
        ({"audio_codecs": ("aac",), "sample_rates_hz": (48000,), "channel_counts": (2, 6)}, PASS),
        ({"channel_counts": (6,)}, FAIL),
        ({"required_streams": ("video", "audio")}, PASS),
    ],
)
def test_f1_holds_container_and_codecs_against_the_lists(parameters: dict[str, Any], expected: State):
    assert state("F1", timeline(), **parameters) is expected


def test_f1_judges_every_audio_stream_and_misses_a_required_one():
    second = media_facts(audios=[audio_facts(), audio_facts(2, codec="mp3")])
    assert state("F1", timeline(media=second), audio_codecs=("aac",)) is FAIL
    assert state("F1", timeline(media=media_facts(audios=[])), required_streams=("audio",)) is FAIL


@pytest.mark.parametrize(
    ("facts", "parameters", "expected"),
    [
        ({}, {"sizes": ("1920x1080",), "rates": ("25",), "display_aspects": ("16:9",)}, PASS),
        ({"width": 1440}, {"sizes": ("1920x1080",)}, FAIL),
        ({"nominal_rate": Fraction(30000, 1001)}, {"rates": ("29.97",)}, PASS),
        ({"nominal_rate": Fraction(24000, 1001), "average_rate": None}, {"rates": ("23.98",)}, PASS),
        ({"nominal_rate": Fraction(24), "average_rate": None}, {"rates": ("23.976",)}, FAIL),
        ({"nominal_rate": None, "average_rate": Fraction(2500, 101)}, {"rates": ("25",)}, FAIL),
        ({"sample_aspect": Fraction(16, 15)}, {"sample_aspects": ("1:1",)}, FAIL),
        ({"field_order": FieldOrder.TOP_FIRST}, {"scan": "interlaced", "field_orders": ("tff",)}, PASS),
        ({"field_order": FieldOrder.TOP_FIRST}, {"scan": "progressive"}, FAIL),
        ({"rotation_deg": 90}, {"rotations_deg": (0,)}, FAIL),
    ],
)
def test_f2_holds_the_raster_against_the_lists(facts: dict[str, Any], parameters: dict[str, Any], expected: State):
    assert state("F2", timeline(media=media_facts([video_facts(**facts)])), **parameters) is expected


@pytest.mark.parametrize(
    ("facts", "parameters", "expected"),
    [
        ({}, {"bit_depths": (8,), "chromas": ("4:2:0",), "ranges": ("tv",), "matrices": ("bt709",)}, PASS),
        ({}, {"bit_depths": (10,)}, FAIL),
        ({"color_matrix": None}, {}, WARN),
        ({"color_matrix": None}, {"untagged": "fail"}, FAIL),
        ({"color_matrix": None}, {"untagged": "ignore"}, State.NOT_APPLICABLE),
        ({"color_matrix": None, "is_rgb": True}, {"matrices": ("rgb",)}, PASS),
        ({"color_range": None, "full_range": True}, {"ranges": ("tv",)}, FAIL),
    ],
)
def test_f3_holds_pixels_and_tags_against_the_lists(facts: dict[str, Any], parameters: dict[str, Any], expected: State):
    assert state("F3", timeline(media=media_facts([video_facts(**facts)])), **parameters) is expected


def test_f4_fails_on_faults_holes_and_a_missing_end():
    faulty = [event("decode_error", 1, 2, value=3)]
    assert state("F4", timeline()) is PASS
    assert evaluated("F4", timeline(events=faulty)).value == 3
    assert state("F4", timeline(events=faulty)) is FAIL
    assert state("F4", timeline(events=faulty), max_faults=3) is PASS
    assert state("F4", timeline(media=media_facts(sparse_holes=((0, 4096),)))) is FAIL
    cut_off = evaluated("F4", timeline(media=media_facts(missing=("facts.truncated",))))
    assert (cut_off.state, cut_off.details["untimed"]) == (FAIL, 1)


def test_f5_counts_gaps_and_may_allow_a_variable_rate():
    variable = [event("timestamp_gap", 0, 10, "variable_rate")]
    assert state("F5", timeline(events=variable)) is FAIL
    assert state("F5", timeline(events=variable), allow_variable_rate=True) is PASS
    gap = evaluated("F5", timeline(events=[event("timestamp_gap", 1, 2, "gap")]), allow_variable_rate=True)
    assert (gap.state, gap.details["gap"]) == (FAIL, 1)


def test_f6_lets_sound_differ_from_the_pictures_by_one_frame():
    def with_sound(length_s: float) -> Timeline:
        return timeline(sound_columns("samples", length_s))

    assert state("F6", with_sound(10.04)) is PASS
    assert state("F6", with_sound(9.96)) is PASS
    assert state("F6", with_sound(10.05)) is FAIL
    assert state("F6", with_sound(9.9), max_shorter_frames=2.5) is PASS
    longer = evaluated("F6", with_sound(10.2))
    assert (longer.value, longer.unit, longer.details["difference_frames"]) == (0.2, "s", 5.0)


def packets(mbps: float) -> Columns:
    """One packet a second for ten seconds, and a sound packet that does not count."""
    size = np.array([*[round(mbps * 1e6 / 8)] * 10, 10**9], np.int64)
    columns = Column("size_bytes", "bytes", size), Column("stream", "", np.array([*[0] * 10, 1]))
    return Columns("packets", Fraction(1), np.arange(11), 11, columns)


def test_f7_judges_only_what_the_template_asks_for():
    whole = timeline(packets(8))
    assert state("F7", whole) is State.NOT_APPLICABLE
    assert evaluated("F7", whole).details["video_mbps"] == 8
    assert evaluated("F7", whole).details["longest_gop_frames"] == 12
    assert state("F7", whole, faststart=True, no_edit_lists=True, max_gop_s=0.48, max_gop_frames=12) is PASS
    assert state("F7", whole, max_gop_s=0.47) is FAIL
    assert state("F7", whole, min_mbps={"1080": 8.0}, max_mbps=8) is PASS
    assert state("F7", whole, min_mbps={"1080": 8.1}) is FAIL
    assert state("F7", whole, min_mbps_high_rate={"1080": 12.0}) is State.NOT_APPLICABLE
    assert state("F7", timeline(packets(8), media=media_facts(is_faststart=False)), faststart=True) is FAIL


def test_f7_asks_no_matroska_for_an_index_in_front():
    matroska = timeline(packets(8), media=media_facts(is_faststart=None, has_edit_list=None))
    assert state("F7", matroska, faststart=True, no_edit_lists=True) is State.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("written", "parameters", "expected"),
    [
        (None, {}, State.NOT_APPLICABLE),
        (None, {"required": True}, FAIL),
        ("10:00:00:00", {"required": True, "start": ("10:00:00:00",), "counting": "non_drop"}, PASS),
        ("01:00:00:00", {"start": ("10:00:00:00",)}, FAIL),
        ("10:00:00;00", {"counting": "drop"}, FAIL),
        ("nonsense", {"required": True}, FAIL),
    ],
)
def test_f8_reads_the_timecode(written: str | None, parameters: dict[str, Any], expected: State):
    assert state("F8", timeline(media=media_facts(start_timecode=written)), **parameters) is expected


def test_f8_tells_the_timecode_of_the_last_picture():
    whole = timeline(media=media_facts(start_timecode="10:00:00:00"))
    assert evaluated("F8", whole, required=True).details["end"] == "10:00:09:24"


def test_v1_and_v3_let_pass_what_is_shorter_than_their_limit():
    for check_id, kind in (("V1", "black"), ("V3", "freeze"), ("V11", "bars"), ("P4", "pattern")):
        whole = timeline(events=[event(kind, 1, 3)])
        assert state(check_id, whole, min_duration_s=2.0) is FAIL
        assert state(check_id, whole, min_duration_s=2.01) is PASS
    assert evaluated("V1", timeline(events=[event("black", 1, 1.04)]), min_duration_s=0.0).threshold == 0


def test_v2_counts_flash_frames_of_any_length():
    whole = timeline(events=[event("flash_frame", 1, 1.04), event("single_colour", 0, 0.2)])
    result = evaluated("V2", whole, min_duration_s=1.0)
    assert (result.state, result.details["flash_frames"], result.details["single_colour"]) == (FAIL, 1, 0)


def test_v3_leaves_black_to_v1():
    assert state("V3", timeline(events=[event("freeze", 1, 5, "with_black")])) is PASS


def test_v4_counts_passages_of_repeated_pictures():
    assert state("V4", timeline()) is PASS
    assert state("V4", timeline(events=[event("duplicate_frames", 1, 2)])) is FAIL


def test_v5_judges_range_and_only_on_request_reserved_codes():
    outside = event("out_of_range", 1, 2, value=0.02)
    reserved = event("out_of_range", 3, 4, "reserved_codes", value=5)
    levels = levels_columns(out_of_range_share=0.02, reserved=5)
    assert state("V5", timeline(levels, events=[outside])) is FAIL
    assert state("V5", timeline(levels, events=[outside]), max_share=0.03) is PASS
    assert state("V5", timeline(levels, events=[reserved])) is PASS
    assert state("V5", timeline(levels, events=[reserved]), max_reserved_samples=4) is FAIL
    assert evaluated("V5", timeline(levels, events=[outside])).value == 0.02


def test_v5_does_not_apply_to_full_range():
    full = levels_columns()
    full = Columns(full.meter, full.time_base, full.ticks, full.end, full.columns, {"full_range": 1})
    assert state("V5", timeline(full)) is State.NOT_APPLICABLE


def test_v6_fails_over_one_percent_of_a_picture():
    gamut = picture_columns("gamut", 250, out_share=np.r_[np.nan, np.full(249, 0.03)])
    result = evaluated("V6", timeline(gamut, events=[event("out_of_gamut", 1, 2, value=0.03)]))
    assert (result.state, result.value, result.threshold) == (FAIL, 0.03, "<= 0.01")
    assert state("V6", timeline(gamut)) is PASS


@pytest.mark.parametrize(
    ("depth", "used", "expected", "true_depth"),
    [
        (10, 0b1111111111, PASS, 10),
        (10, 0b1111111100, FAIL, 8),
        (12, 0b111111111100, FAIL, 10),
        (8, 0b11111111, PASS, 8),
        (10, 0b0001000000, State.NOT_EVALUATED, None),
        (10, 0, State.NOT_EVALUATED, None),
    ],
)
def test_v7_finds_deep_files_made_from_shallow_pictures(depth: int, used: int, expected: State, true_depth: int | None):
    levels = levels_columns(used_bits=used)
    levels = Columns(levels.meter, levels.time_base, levels.ticks, levels.end, levels.columns, {"bit_depth": depth})
    result = evaluated("V7", timeline(levels))
    assert (result.state, result.value) == (expected, true_depth)


def test_v8_shows_bars_and_judges_those_forbidden():
    whole = timeline(events=[event("letterbox", 0, 10, bars="pillarbox"), event("area_change", 5, 5)])
    assert evaluated("V8", whole).value == "pillarbox"
    assert state("V8", whole) is State.NOT_APPLICABLE
    assert state("V8", whole, forbidden=("pillarbox",)) is FAIL
    assert state("V8", whole, forbidden=("letterbox",)) is PASS
    assert state("V8", whole, max_changes=0) is FAIL


@pytest.mark.parametrize(
    ("label", "expected", "found"),
    [
        ("flagged_progressive", "as_flagged", FAIL),
        ("field_order_mismatch", "as_flagged", FAIL),
        ("unflagged", "as_flagged", WARN),
        ("", "as_flagged", PASS),
        ("", "progressive", FAIL),
        ("unflagged", "progressive", FAIL),
    ],
)
def test_v9_compares_the_scan_with_the_flag(label: str, expected: str, found: State):
    labels = (label,) if label else ()
    assert state("V9", timeline(events=[event("interlaced", 0, 10, *labels)]), expected=expected) is found


def test_v9_may_want_fields_throughout():
    whole = timeline(events=[event("progressive_in_interlaced", 0, 10)])
    assert state("V9", whole) is PASS
    assert state("V9", whole, expected="interlaced") is FAIL


def test_v10_fails_over_one_percent_of_the_time():
    fields = picture_columns("fields", 250)
    assert state("V10", timeline(fields, events=[event("combing", 1, 1.08)])) is PASS
    result = evaluated("V10", timeline(fields, events=[event("combing", 1, 1.12), event("telecine", 2, 3)]))
    assert (result.state, result.value, result.details["telecined_s"]) == (FAIL, 0.112, 1.0)


def flash_columns(**values: object) -> Columns:
    names = ("lum_over", "lum_near", "lum_changes", "red_over", "red_near", "red_changes")
    return picture_columns("flash", 250, **(dict.fromkeys(names, 0.0) | values))


def test_flashes_are_p1_and_p2_and_flashing_near_the_limit_is_p3():
    events = [event("flash_luminance", 1, 2, "flash"), event("flash_luminance", 3, 9, "extended")]
    whole = timeline(flash_columns(lum_over=0.5), events=events)
    first = evaluated("P1", whole)
    assert (first.state, len(first.events), first.details["worst_share"]) == (FAIL, 1, 0.5)
    assert state("P2", whole) is PASS
    assert [e.span.start for e in evaluated("P3", whole).events] == [3]
    assert state("P2", timeline(flash_columns(), events=[event("flash_red", 1, 2, "flash")])) is FAIL


@pytest.mark.parametrize(
    ("lufs", "expected"), [(-23.0, PASS), (-23.2, PASS), (-22.8, PASS), (-22.79, FAIL), (-23.21, FAIL), (-60.0, FAIL)]
)
def test_a1_holds_loudness_against_target_and_tolerance(lufs: float, expected: State):
    result = evaluated("A1", timeline(loudness_columns(lufs)), target_lufs=-23.0, tolerance_lu=0.2)
    assert (result.state, result.value) == (expected, lufs)


def test_a1_tells_the_gain_that_meets_the_target_and_whether_peaks_allow_it():
    peaks = sound_columns("true_peak", 10, 10, peak_0=-6.0, peak_1=-12.0)
    whole = timeline(loudness_columns(-30.0), peaks)
    result = evaluated("A1", whole, target_lufs=-23.0, max_true_peak_dbtp=-1.0)
    assert result.fix is not None
    assert (result.fix.value, result.fix.unit, result.fix.action.key) == (7.0, "db", "checks.A1.fix_limit")
    assert dict(result.fix.action.fields)["peak_dbtp"] == "1.0"
    roomy = evaluated("A1", whole, target_lufs=-26.0, max_true_peak_dbtp=-1.0)
    assert roomy.fix is not None
    assert (roomy.fix.value, roomy.fix.action.key) == (4.0, "checks.A1.fix")


def test_a1_without_a_target_shows_the_loudness():
    result = evaluated("A1", timeline(loudness_columns(-20.0)))
    assert (result.state, result.value, result.unit) == (State.NOT_APPLICABLE, -20.0, "lufs")


def test_a1_on_silence_fails_and_on_a_blink_of_sound_is_not_evaluated():
    assert state("A1", timeline(loudness_columns(-90.0)), target_lufs=-23.0) is FAIL
    assert state("A1", timeline(loudness_columns(-23.0, 0.3)), target_lufs=-23.0) is State.NOT_EVALUATED


def test_a1_stays_open_where_a_delivery_measures_by_dialogue():
    result = evaluated("A1", timeline(loudness_columns(-27.0)), target_lufs=-27.0, gate="dialogue")
    assert (result.state, result.value) == (State.NOT_EVALUATED, None)
    assert result.details["programme_lufs"] == pytest.approx(-27.0)


def two_streams(*lufs: float, channels: int = 2) -> Timeline:
    audios = [audio_facts(1, channels), audio_facts(2, channels)]
    columns = [loudness_columns(value, meter=m) for value, m in zip(lufs, ("loudness", "loudness@2"), strict=False)]
    return timeline(*columns, media=media_facts(audios=audios))


def test_the_worst_of_several_audio_streams_answers():
    result = evaluated("A1", two_streams(-23.0, -20.0), target_lufs=-23.0)
    assert (result.state, result.value, result.details["stream"]) == (FAIL, -20.0, 2)
    assert (result.details["state_1"], result.details["value_1"]) == ("pass", -23.0)


def test_a_stream_that_was_not_measured_keeps_the_others_from_passing():
    assert state("A1", two_streams(-23.0), target_lufs=-23.0) is State.NOT_EVALUATED
    assert state("A1", two_streams(-20.0), target_lufs=-23.0) is FAIL


def test_a1_puts_mono_streams_together_when_told_to():
    def mono(lufs: float, meter: str) -> Columns:
        c = loudness_columns(lufs, meter=meter)
        kept = tuple(column for column in c.columns if column.name != "power_1")
        doubled = tuple(Column(x.name, x.unit, x.values * 2) if x.name == "power_0" else x for x in kept)
        return Columns(c.meter, c.time_base, c.ticks, c.end, doubled, {"channels": 1, "weight_0": 1.0})

    audios = [audio_facts(1, 1), audio_facts(2, 1)]
    whole = timeline(mono(-26.0, "loudness"), mono(-26.0, "loudness@2"), media=media_facts(audios=audios))
    together = evaluated("A1", whole, target_lufs=-23.0, mono_streams="stereo")
    assert (together.state, together.value) == (PASS, pytest.approx(-22.99, abs=0.02))
    assert state("A1", whole, target_lufs=-23.0) is FAIL
    maxima = evaluated("A2", whole, mono_streams="stereo").details
    assert maxima["max_momentary_lufs"] == pytest.approx(-22.99, abs=0.02)


def test_a2_judges_only_the_limits_it_is_given():
    whole = timeline(loudness_columns(-17.0))
    assert state("A2", whole) is State.NOT_APPLICABLE
    assert evaluated("A2", whole).details["max_momentary_lufs"] == -17.0
    assert state("A2", whole, max_short_term_lufs=-18.0) is FAIL
    assert state("A2", whole, max_short_term_lufs=-17.0, max_range_lu=18.0) is PASS
    assert state("A2", timeline(loudness_columns(-17.0, 2)), max_short_term_lufs=-18.0) is State.NOT_EVALUATED


def test_a3_fails_over_the_limit_and_lists_the_places():
    peaks = sound_columns("true_peak", 10, 10, peak_0=np.r_[np.full(50, -6.0), -0.5, np.full(49, -6.0)], peak_1=-9.0)
    overs = [event("true_peak_over", 5, 5.1, value=-0.5, stream=1), event("true_peak_over", 6, 6.1, value=-1.5)]
    result = evaluated("A3", timeline(peaks, events=overs), max_true_peak_dbtp=-1.0)
    assert (result.state, result.value, len(result.events)) == (FAIL, -0.5, 1)
    assert result.fix is not None
    assert result.fix.value == -0.5
    assert state("A3", timeline(peaks), max_true_peak_dbtp=-0.5) is PASS
    assert state("A3", timeline(peaks)) is State.NOT_APPLICABLE


SAMPLES = sound_columns("samples", 10, 10)


def sounded(*events: Event, channels: int = 2) -> Timeline:
    meters = [sound_columns(meter, 10, 10) for meter in ("samples", "phase", "channels")]
    return timeline(*meters, media=media_facts(audios=[audio_facts(channels=channels)]), events=events)


def test_a5_wants_all_channels_silent_unless_told_otherwise():
    joint = event("silence", 1, 4, channel="all", stream=1)
    left = event("silence", 1, 4, channel="FL", stream=1)
    surround = event("silence", 1, 4, channel="BL", stream=1, severity=Severity.INFO)
    assert state("A5", sounded(joint)) is FAIL
    assert state("A5", sounded(joint), min_duration_s=3.5) is PASS
    assert state("A5", sounded(left)) is PASS
    assert state("A5", sounded(left), channels="each") is FAIL
    assert state("A5", sounded(surround), channels="each") is PASS


def test_a6_warns_of_short_clipping_and_fails_a_plateau():
    assert state("A6", sounded()) is PASS
    short = evaluated("A6", sounded(event("clipping", 1, 3, value=48)))
    assert (short.state, short.value, short.unit) == (WARN, 1.0, "ms")
    assert state("A6", sounded(event("clipping", 1, 1.3, value=SOUND_HZ // 4))) is FAIL


def test_a7_and_a8_leave_mono_aside():
    opposed = event("out_of_phase", 1, 4, stream=1)
    assert state("A7", sounded(opposed)) is FAIL
    assert state("A7", sounded(opposed), min_duration_s=4) is PASS
    both = media_facts(audios=[audio_facts(1, 1), audio_facts(2, 2)])
    columns = Columns("phase@2", SAMPLES.time_base, SAMPLES.ticks, SAMPLES.end, (), SAMPLES.notes)
    whole = timeline(columns, media=both, events=[event("out_of_phase", 1, 4, stream=2)])
    assert state("A7", whole) is FAIL


def test_a8_fails_dual_mono_throughout_but_not_for_a_while():
    whole = event("dual_mono", 0, 10, "whole_stream", stream=1)
    passing = event("dual_mono", 0, 10, stream=1, severity=Severity.INFO)
    assert state("A8", sounded(whole)) is FAIL
    assert state("A8", sounded(whole), allow_dual_mono=True) is PASS
    assert state("A8", sounded(passing)) is PASS
    assert state("A8", sounded(event("channel_imbalance", 0, 10, stream=1)), allow_dual_mono=True) is FAIL


def test_a9_counts_each_kind_of_noise():
    noises: Sequence[Event] = [event(kind, 1, 2) for kind in ("dc_offset", "click", "hum", "dropout")]
    result = evaluated("A9", sounded(*noises))
    assert (result.state, result.value, result.details["hum"]) == (FAIL, 4, 1)
    assert state("A9", sounded(noises[1]), max_clicks=1) is PASS
