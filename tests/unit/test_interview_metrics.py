"""Every family of metrics against planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.interviews import answer, judged
from tests.people import Take
from tests.talk import emotion, evenly, loudness, pitch, speakers, syllables, talking, voice_quality, words

from sightline.desks.interview.blocks import DRAWS, Blocks
from sightline.desks.interview.definition import definitions
from sightline.desks.interview.intervals import Intervals
from sightline.desks.judgement import Judgement, Metric, Place
from sightline.timeline.columns import Column, Columns


def value(judgement: Judgement, name: str, part: str | None = None) -> float:
    metric = judgement.metric(name, part)
    assert metric.value is not None, f"{name}: {metric.reason}"
    return metric.value


def reason(metric: Metric) -> str:
    assert metric.value is None
    assert metric.reason is not None
    return metric.reason.key


class TestIntervals:
    Pairs = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=12)

    @given(Pairs, Pairs)
    def test_they_are_sets_of_moments(self, one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
        a, b = Intervals.of(one), Intervals.of(other)
        moments = np.arange(0, 200) + 0.5
        in_a = np.array([any(start < moment < end for start, end in one) for moment in moments])
        in_b = np.array([any(start < moment < end for start, end in other) for moment in moments])
        assert np.array_equal(a.hold(moments), in_a)
        assert np.array_equal(a.without(b).hold(moments), in_a & ~in_b)
        assert np.array_equal(a.inside(b).hold(moments), in_a & in_b)
        assert a.total == pytest.approx(float(in_a.sum()))
        assert a.each_within(np.array([0.0, 50.0, 200.0])) == pytest.approx([in_a[:50].sum(), in_a[50:].sum()])
        assert a.within(30, 90).total == pytest.approx(float(in_a[30:90].sum()))


class TestBlocks:
    def test_every_draw_takes_as_many_blocks_as_there_are(self) -> None:
        blocks = Blocks(10.0, 310.0)
        assert blocks.weights.shape == (DRAWS, blocks.count)
        assert np.all(blocks.weights.sum(axis=1) == blocks.count)

    def test_a_share_of_half_varies_as_draws_of_coins_do(self) -> None:
        blocks = Blocks(0.0, 240.0)
        hits = np.arange(blocks.count) % 2.0
        draws = blocks.drawn(lambda a, b: a / b, hits, np.ones(blocks.count))
        assert draws is not None
        assert draws.std() == pytest.approx(0.5 / np.sqrt(blocks.count), rel=0.15)

    def test_too_short_a_stretch_has_no_interval(self) -> None:
        assert Blocks(0.0, 3.0).drawn(lambda a: a, np.ones(Blocks(0.0, 3.0).count)) is None


class TestFace:
    def test_blinks_are_counted_apart_while_speaking_and_listening(self) -> None:
        take = Take.of(120.0)
        person = talking(take.person(), (5.0, 59.0))
        talking(take.person(x=0.8, width=0.1, height=0.3), (61.0, 115.0))
        person.blink(*np.arange(6, 58, 2.0).tolist(), *np.arange(62, 114, 6.0).tolist())
        judgement = judged(take.with_(take.voice([(5.0, 59.0), (61.0, 115.0)])))
        assert value(judgement, "blink_rate_speaking") == pytest.approx(30, abs=2)
        assert value(judgement, "blink_rate_listening") == pytest.approx(8.5, abs=1.5)
        assert judgement.metric("blink_rate_speaking").place is Place.WITHIN

    def test_a_blinks_length_says_how_well_it_could_be_timed(self) -> None:
        take, person = answer()
        person.blink(*np.arange(2, 58, 3.0).tolist(), closed_s=0.2)
        metric = judged(take).metric("blink_duration")
        assert metric.value == pytest.approx(200, abs=40)
        assert metric.quality == pytest.approx(15 / 25, abs=0.01)
        assert metric.details["resolution_ms"] == 67

    def test_smiles_are_told_as_time_and_as_count(self) -> None:
        take, person = answer()
        person.smile(10, 16).smile(30, 33)
        judgement = judged(take)
        assert value(judgement, "smile_share") == pytest.approx(9 / 60, abs=0.01)
        assert value(judgement, "smiles_per_min") == pytest.approx(2, abs=0.01)
        assert value(judgement, "animation") == pytest.approx(9 / 60, abs=0.02)
        spans = [span.seconds for span in judgement.metric("smile_share").spans]
        assert spans == [pytest.approx((10, 16), abs=0.2), pytest.approx((30, 33), abs=0.2)]

    def test_lowered_brows_and_pressed_lips_are_tension_when_they_last(self) -> None:
        take, person = answer()
        person.brows_down(10, 16).brows_down(20.0, 20.7)
        from tests.people import pulse

        person.both(pulse(40, 46, 0.5), "mouthPress").both(pulse(50.0, 50.3, 0.5), "mouthPress")
        judgement = judged(take)
        assert value(judgement, "visible_tension") == pytest.approx(12 / 60, abs=0.015)
        assert value(judgement, "brow_activity") == pytest.approx(2, abs=0.01)

    def test_blinks_that_were_not_seen_to_end_have_no_length(self) -> None:
        take, person = answer(rate_hz=30.0)
        person.blink(*np.arange(3.0, 55, 4.0).tolist(), closed_s=0.2)
        whole = value(judged(take), "blink_duration")
        for at in np.arange(3.0, 55, 8.0).tolist():
            person.leave(at, at + 0.4)
        judgement = judged(take)
        assert value(judgement, "blink_duration") == pytest.approx(whole, abs=8)
        assert judgement.metric("blink_duration").n < 8

    def test_a_frown_over_two_answers_is_in_both(self) -> None:
        take, person = answer()
        person.brows_down(24, 40)
        judgement = judged(take, questions=[{"title": "one", "start": 0}, {"title": "two", "start": 30}])
        assert value(judgement, "visible_tension", "q1") == pytest.approx(6 / 30, abs=0.02)
        assert value(judgement, "visible_tension", "q2") == pytest.approx(10 / 30, abs=0.02)

    def test_the_head_moves_as_fast_as_it_turns(self) -> None:
        still, moving = answer()[0], answer()[0]
        moving.people[0].turn(10, 50, yaw=20.0, ramp_s=4.0)
        assert value(judged(moving), "head_motion") - value(judged(still), "head_motion") == pytest.approx(
            40 / 60, abs=0.4
        )

    def test_nods_and_shakes_a_minute(self) -> None:
        take, person = answer()
        for start in (10, 20, 30):
            person.nod(start)
        person.shake(40)
        judgement = judged(take)
        assert value(judgement, "nods_per_min") == pytest.approx(3, abs=0.01)
        assert value(judgement, "head_shakes_per_min") == pytest.approx(1, abs=0.01)


class TestGaze:
    def test_zones_share_out_the_time(self) -> None:
        take, person = answer()
        person.glance(10, 22, yaw=30).glance(30, 36, yaw=15)
        judgement = judged(take)
        assert value(judgement, "off_screen_share") == pytest.approx(12 / 60, abs=0.01)
        assert value(judgement, "screen_zone_share") == pytest.approx(6 / 60, abs=0.01)
        assert value(judgement, "on_camera_share") == pytest.approx((57 - 18) / 57, abs=0.01)
        assert value(judgement, "glances_per_min") == pytest.approx(2, abs=0.01)
        assert value(judgement, "longest_glance") == pytest.approx(12, abs=0.2)

    def test_looking_where_one_is_told_to_is_no_eye_contact(self) -> None:
        take, person = answer()
        person.glance(20, 60, yaw=30)
        judgement = judged(take, calibration={"start": 0, "end": 20})
        assert judgement.notes["calibration"] == "measured"
        assert value(judgement, "on_camera_share") == pytest.approx(0, abs=0.02)

    def test_a_calibration_without_a_face_is_said_to_be_none(self) -> None:
        take, person = answer()
        person.leave(0, 5)
        judgement = judged(take, calibration={"start": 1, "end": 4})
        assert judgement.notes["calibration"] == "not_seen"
        assert judged(Take.of(20.0)).notes["calibration"] is None

    def test_how_steady_gaze_is_was_measured_also_where_it_was_away(self) -> None:
        take, person = answer()
        person.glance(10, 50, yaw=30)
        judgement = judged(take, calibration={"start": 1, "end": 8})
        assert value(judgement, "off_screen_share") == pytest.approx(40 / 53, abs=0.02), "the calibration aside"
        for name in ("gaze_sd", "gaze_bcea"):
            assert judgement.metric(name).coverage > 0.95

    def test_looking_up_as_an_answer_begins_is_told_apart(self) -> None:
        take, person = answer()
        person.glance(1.2, 3.9, pitch=25)
        judgement = judged(take)
        assert value(judgement, "on_camera_share") == pytest.approx(1, abs=0.005)
        assert value(judgement, "on_camera_share_onset") < 0.2

    def test_somebody_who_always_looks_aside_is_found_out_by_a_calibration_only(self) -> None:
        take, person = answer()
        person.glance(4, 60, yaw=30)
        assert value(judged(take), "on_camera_share") > 0.9
        calibrated = judged(take, calibration={"start": 0.5, "end": 3.5})
        assert value(calibrated, "on_camera_share") < 0.1
        assert calibrated.metric("on_camera_share").details["axis_from"] == "calibration"
        assert calibrated.notes["calibration"] == "measured"

    def test_a_gaze_that_wanders_more_is_less_steady(self) -> None:
        still, wandering = answer()[0], answer()[0]
        from tests.people import wave

        wandering.people[0].add(wave(0, 120, 2.0, 5.0), "gaze_h")
        found = [judged(take) for take in (still, wandering)]
        assert value(found[1], "gaze_sd") == pytest.approx(5 / np.sqrt(2), abs=0.6)
        assert value(found[1], "gaze_sd") > value(found[0], "gaze_sd") + 1.5
        assert value(found[1], "gaze_bcea") > value(found[0], "gaze_bcea")


class TestBody:
    def test_posture_and_framing_of_somebody_who_sits_well(self) -> None:
        judgement = judged(answer()[0])
        assert value(judgement, "upright_share") == 1
        assert value(judgement, "framing_share") == pytest.approx(1)
        assert value(judgement, "slouch_share") == value(judgement, "tilted_share") == 0
        assert value(judgement, "shoulder_tilt") == pytest.approx(0, abs=0.1)
        assert value(judgement, "gestures_per_min") == pytest.approx(6, abs=1)

    def test_whose_ears_are_hidden_is_not_said_to_sit_upright(self) -> None:
        take, _ = answer()
        pose = next(columns for columns in take.others if columns.meter == "pose")
        pose["ear_left_visibility"][:] = 0.2
        judgement = judged(take)
        assert judgement.metric("upright_share").value is None
        assert value(judgement, "tilted_share") == 0

    def test_slouching_and_swaying_are_measured_against_the_beginning(self) -> None:
        take = Take.of(90.0)
        take.person()

        def down(t: np.ndarray) -> np.ndarray:
            return np.where(t >= 60, 0.10, 0.0)

        ears = {f"ear_{side}_y": down for side in ("left", "right")}
        judgement = judged(take.with_(take.pose(**ears)))
        assert value(judgement, "slouch_share") == pytest.approx(1 / 3, abs=0.02)
        assert value(judgement, "upright_share") == pytest.approx(2 / 3, abs=0.02)
        assert value(judgement, "sway") == pytest.approx(0, abs=1e-3)

    def test_hands_seen_and_hands_at_the_face(self) -> None:
        take = Take.of(60.0)
        take.person()
        judgement = judged(take.with_(take.hands([(10, 25, 0.8, 0.9), (40, 43, 0.5, 0.4)])))
        assert value(judgement, "hands_visible_share") == pytest.approx(18 / 60, abs=0.01)
        assert value(judgement, "self_touch_per_min") == pytest.approx(1, abs=0.01)

    def test_a_small_face_at_the_edge_is_badly_framed(self) -> None:
        take = Take.of(60.0)
        take.person(x=0.1, y=0.8, width=0.08, height=0.2)
        judgement = judged(take)
        assert value(judgement, "framing_share") == 0
        assert value(judgement, "face_size") == pytest.approx(0.08)
        assert judgement.metric("face_size").place is Place.BELOW


class TestSpeaking:
    def test_shares_turns_and_the_time_to_answer(self) -> None:
        take = Take.of(60.0)
        take.person()
        talk = [(1.0, 9.0, 1), (11.0, 29.0, 0), (30.0, 35.0, 1), (36.0, 56.0, 0)]
        take.with_(take.voice([(start, end) for start, end, _ in talk]), speakers(talk, 60.0))
        judgement = judged(take)
        assert value(judgement, "talk_ratio") == pytest.approx(38 / 51, abs=0.02)
        assert value(judgement, "speaking_share") == pytest.approx(38 / 60, abs=0.02)
        assert value(judgement, "turns") == 2
        assert value(judgement, "longest_monologue") == pytest.approx(20, abs=0.3)
        assert value(judgement, "response_latency") == pytest.approx(1.5, abs=0.2)
        assert value(judgement, "interruptions") == 0
        assert value(judgement, "second_voice_share") == pytest.approx(13 / 60, abs=0.02)

    def test_the_time_to_answer_has_an_interval(self) -> None:
        take = Take.of(120.0)
        take.person()
        starts = np.arange(1.0, 110, 10).tolist()
        gaps = [0.5 + 0.25 * (place % 4) for place in range(len(starts))]
        asked = [(start, start + 3.0, 1) for start in starts]
        said = [(start + 3.0 + gap, start + 9.0, 0) for start, gap in zip(starts, gaps, strict=True)]
        talk = sorted(asked + said)
        take.with_(take.voice([(start, end) for start, end, _ in talk]), speakers(talk, 120.0))
        metric = judged(take).metric("response_latency")
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low < float(np.mean(gaps)) < metric.high
        assert metric.value == pytest.approx(float(np.mean(gaps)), abs=0.03), "without the pad of the speech events"

    def test_cutting_in_is_starting_before_the_other_has_paused(self) -> None:
        take = Take.of(60.0)
        take.person()
        talk = [(1.0, 15.0, 1), (15.0, 40.0, 0), (42.0, 58.0, 1)]
        take.with_(take.voice([(1.0, 40.0), (42.0, 58.0)]), speakers(talk, 60.0))
        assert value(judged(take), "interruptions") == 1

    def test_pauses(self) -> None:
        take = Take.of(60.0)
        take.person()
        judgement = judged(take.with_(take.voice([(1.0, 20.0), (21.0, 40.0), (43.0, 58.0)])))
        assert value(judgement, "pauses_per_min") == pytest.approx(2 / 57 * 60, abs=0.05)
        assert value(judgement, "mean_pause") == pytest.approx(2.0, abs=0.05)
        assert value(judgement, "longest_pause") == pytest.approx(3.0, abs=0.05)
        assert value(judgement, "pause_share") == pytest.approx(4 / 57, abs=0.005)

    def test_alone_there_is_nobody_to_share_the_talk_with(self) -> None:
        judgement = judged(answer()[0])
        for name in ("talk_ratio", "interruptions", "response_latency"):
            assert reason(judgement.metric(name)) == "interview.nobody_else"

    def test_where_voices_were_not_told_apart_nobody_is_said_to_be_alone(self) -> None:
        take = Take.of(60.0)
        judgement = judged(take.with_(take.voice([(1.0, 20.0), (25.0, 58.0)])))
        for name in ("talk_ratio", "interruptions", "response_latency"):
            assert reason(judgement.metric(name)) == "interview.voices_not_told_apart"
        assert judgement.notes["voices"] == "voice"

    def test_sound_that_ends_early_is_no_silence(self) -> None:
        take, sound = Take.of(120.0), Take.of(60.0)
        take.person()
        take.with_(sound.voice([(0.0, 30.0)]))
        questions = [{"title": "one", "start": 0}, {"title": "two", "start": 70}]
        judgement = judged(take, questions=questions)
        assert value(judgement, "speaking_share") == pytest.approx(0.5, abs=0.01)
        assert judgement.metric("speaking_share").coverage == pytest.approx(0.5, abs=0.01)
        for name in ("speaking_share", "turns"):
            assert reason(judgement.metric(name, "q2")) == "interview.no_sound_here"


class TestPace:
    def spoken(self, texts: list[str], language: str = "en") -> Judgement:
        take = Take.of(60.0)
        take.person()
        take.with_(take.voice([(0.0, 30.0), (31.0, 60.0)]), words(evenly(texts, 0.0, 60.0), 60.0, language))
        take.with_(syllables(60.0, [*np.arange(0.1, 29.9, 0.25).tolist(), 30.5]))
        return judged(take)

    def test_english_is_counted_in_words(self) -> None:
        judgement = self.spoken(["hello", "people"] * 80)
        assert value(judgement, "words_per_min") == pytest.approx(160, abs=1)
        assert value(judgement, "syllables_per_min_en") == pytest.approx(320, abs=2)
        assert value(judgement, "articulation_rate") == pytest.approx(320 / 59, abs=0.1)
        assert reason(judgement.metric("eojeol_per_min")) == "interview.other_language"

    def test_korean_is_counted_in_syllables_as_they_are_said(self) -> None:
        judgement = self.spoken(["저는", "2026년", "AI"] * 20, "ko")
        assert value(judgement, "syllables_per_min_ko") == pytest.approx(20 * (2 + 6 + 4), abs=2)
        assert value(judgement, "eojeol_per_min") == pytest.approx(60, abs=1)
        assert reason(judgement.metric("words_per_min")) == "interview.other_language"
        assert judgement.notes["language"] == "ko"

    def test_nuclei_outside_the_voice_do_not_count(self) -> None:
        assert value(self.spoken(["a"] * 60), "acoustic_syllable_rate") == pytest.approx(120 / 60, abs=0.05)

    def test_a_language_nobody_counts_in_is_said(self) -> None:
        judgement = self.spoken(["bonjour"] * 60, "fr")
        assert reason(judgement.metric("articulation_rate")) == "interview.no_speller"

    def test_fillers_in_a_hundred_words(self) -> None:
        judgement = self.spoken((["um"] + ["word"] * 19) * 6)
        metric = judgement.metric("fillers_per_100_words")
        assert metric.value == pytest.approx(5)
        assert metric.n == 6
        assert metric.details["caveat"] == "interview.filler_recall"
        assert value(judgement, "fillers_per_min") == pytest.approx(6, abs=0.1)

    def test_words_that_were_recognised_in_a_part_of_the_speech_are_covered_so_far(self) -> None:
        take = Take.of(60.0)
        take.person()
        take.with_(take.voice([(0.0, 60.0)]), words(evenly(["word"] * 40, 0.0, 20.0), 60.0))
        assert judged(take).metric("words_per_min").coverage == pytest.approx(1 / 3, abs=0.02)

    def test_variety_hedges_and_pronouns(self) -> None:
        same = self.spoken(["word"] * 100)
        varied = self.spoken([f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)])
        assert value(same, "vocabulary_diversity") == pytest.approx(1 / 50)
        assert value(varied, "vocabulary_diversity") == pytest.approx(1)
        said = self.spoken(["We", "think", "maybe", "I", "guess", "our", "team", "kind", "of", "we're"] * 6)
        assert value(said, "we_share") == pytest.approx(3 / 4)
        assert value(said, "hedges_per_100_words") == pytest.approx(30)
        korean = self.spoken(["저는", "우리", "팀이", "좋은", "것", "같아요"] * 10, "ko")
        assert value(korean, "we_share") == pytest.approx(1 / 2)
        assert value(korean, "hedges_per_100_words") == pytest.approx(100 / 6, abs=0.1)

    def test_too_few_words_say_nothing_of_a_vocabulary(self) -> None:
        assert reason(self.spoken(["word"] * 49).metric("vocabulary_diversity")) == "interview.too_few"


class TestVoice:
    VOICED = ((1.0, 9.0), (10.0, 19.0), (20.0, 29.0), (30.0, 39.0), (40.0, 49.0), (50.0, 59.0))

    def heard(self, *columns: Columns) -> Judgement:
        take = Take.of(60.0)
        take.person()
        return judged(take.with_(take.voice(self.VOICED), *columns))

    def test_melody_is_the_spread_in_semitones_whatever_the_pitch(self) -> None:
        for hz in (110.0, 220.0):
            voiced = [(start, end, hz) for start, end in self.VOICED]
            judgement = self.heard(pitch(60.0, voiced, wobble_st=2.5))
            assert value(judgement, "pitch_sd") == pytest.approx(2.5, abs=0.1)
            assert value(judgement, "pitch_range") == pytest.approx(2 * 1.2816 * 2.5, abs=0.3)

    def test_errors_of_an_octave_are_no_melody(self) -> None:
        columns = pitch(60.0, [(start, end, 120.0) for start, end in self.VOICED], wobble_st=1.0)
        f0 = columns["f0"].copy()
        f0[::25] *= 2
        wrong = Columns(
            "pitch", columns.time_base, columns.ticks, columns.end, (Column("f0", "hz", f0), columns.columns[1])
        )
        assert value(self.heard(wrong), "pitch_sd") == pytest.approx(1.0, abs=0.15)

    def test_loudness_is_of_speech_alone(self) -> None:
        judgement = self.heard(loudness(60.0, [(start, end, -22.0) for start, end in self.VOICED]))
        assert value(judgement, "loudness") == pytest.approx(-22, abs=0.2)
        assert judgement.metric("loudness").place is Place.WITHIN

    def test_uneven_speech_is_less_steady(self) -> None:
        even = [(start, end, -22.0) for start, end in self.VOICED]
        uneven = [(start, end, -17.0 - 10 * (i % 2)) for i, (start, end) in enumerate(self.VOICED)]
        steadiness = [value(self.heard(loudness(60.0, each)), "loudness_steadiness") for each in (even, uneven)]
        assert steadiness[0] < 1 < 4 < steadiness[1]

    def test_ends_that_fade_are_found(self) -> None:
        fading = [(start, end - 0.4, -20.0) for start, end in self.VOICED]
        fading += [(end - 0.4, end + 0.1, -28.0) for _, end in self.VOICED]
        assert value(self.heard(loudness(60.0, fading)), "phrase_drop") == pytest.approx(8, abs=1.5)

    def test_the_sound_of_the_recording(self) -> None:
        judgement = self.heard(voice_quality(60.0, self.VOICED, -25.0, -60.0, clipped=0.01, bandwidth=3400.0))
        assert value(judgement, "snr") == pytest.approx(35, abs=0.5)
        assert value(judgement, "clipping") == pytest.approx(0.01, abs=0.001)
        assert judgement.metric("clipping").place is Place.ABOVE
        assert judgement.metric("bandwidth").place is Place.BELOW

    def test_estimated_opinions_are_averaged(self) -> None:
        ticks = np.arange(50, dtype=np.int64) * 16000
        columns = tuple(
            Column(n, "mos", np.full(50, v, np.float32)) for n, v in (("sig", 3.5), ("bak", 4.0), ("ovr", 3.2))
        )
        judgement = self.heard(Columns("voice_mos", self.heard_base(), ticks, 60 * 16000, columns))
        assert value(judgement, "mos_overall") == pytest.approx(3.2, abs=1e-3)

    @staticmethod
    def heard_base():  # type: ignore[no-untyped-def]
        from tests.people import VOICE_BASE

        return VOICE_BASE


class TestEmotion:
    def test_shares_are_means_of_probabilities_not_counts_of_winners(self) -> None:
        take, _ = answer()
        judgement = judged(take.with_(emotion(take, happiness=[(0, 60, 0.4)], sadness=[(0, 30, 0.2)])), emotion=True)
        assert value(judgement, "emotion_happiness") == pytest.approx(0.4, abs=1e-3)
        assert value(judgement, "emotion_sadness") == pytest.approx(0.1, abs=1e-3)
        assert judgement.metric("emotion_happiness").quality == 0.61

    def test_a_face_that_always_looks_sad_to_the_classifier_is_not_negative(self) -> None:
        take, _ = answer()
        usual = judged(take.with_(emotion(take, sadness=[(0, 60, 0.7)])), emotion=True)
        assert value(usual, "emotion_negative") == pytest.approx(0, abs=1e-3)

    def test_what_is_over_usual_is(self) -> None:
        take, _ = answer()
        some = judged(take.with_(emotion(take, sadness=[(0, 60, 0.1)], anger=[(40, 55, 0.8)])), emotion=True)
        assert value(some, "emotion_negative") == pytest.approx(0.8 * 15 / 60, abs=0.02)

    def test_the_emotion_of_whoever_sits_nearer_is_not_the_persons(self) -> None:
        """The classifier looks at the largest face of a picture; an interviewer leans in for a third of the time."""
        take, _ = answer()
        take.person(x=0.85, width=0.28, height=0.62).leave(0, 40)
        judgement = judged(take.with_(emotion(take, happiness=[(40, 60, 0.9)])), emotion=True)
        assert value(judgement, "emotion_happiness") == 0
        assert judgement.metric("emotion_happiness").coverage == pytest.approx(40 / 60, abs=0.02)


class TestCues:
    def test_they_carry_time_and_certainty_and_no_verdict(self) -> None:
        take, person = answer()
        take.person(x=0.85, width=0.1, height=0.3).leave(0, 40).leave(50, 60)
        person.leave(52, 56)
        judgement = judged(take, policy="hiring")
        metric = judgement.metric("second_face_share")
        assert metric.value == pytest.approx(10 / 60, abs=0.01)
        assert metric.details["confidence"]
        assert [span.seconds for span in metric.spans] == [pytest.approx((40, 50), abs=0.2)]
        assert value(judgement, "face_missing_share") == pytest.approx(4 / 60, abs=0.01)

    def test_eyes_along_lines_are_told_in_time(self) -> None:
        take, person = answer()
        person.read(20, 40)
        assert value(judged(take), "reading_like_share") == pytest.approx(20 / 60, abs=0.06)

    def test_too_few_pictures_to_tell_reading_is_not_no_reading(self) -> None:
        take, person = answer(rate_hz=8.0)
        person.read(20, 40)
        assert reason(judged(take).metric("reading_like_share")) == "person.refused.rate"

    def test_they_are_told_of_the_time_with_pictures_only(self) -> None:
        take, person = Take.of(60.0), Take.of(120.0)
        take.person().leave(30, 40)
        take.with_(person.voice([(0.0, 120.0)]))
        judgement = judged(take, questions=[{"title": "one", "start": 0}, {"title": "two", "start": 70}])
        metric = judgement.metric("face_missing_share")
        assert metric.value == pytest.approx(10 / 60, abs=0.01)
        assert metric.coverage == pytest.approx(0.5, abs=0.01)
        for name in ("second_face_share", "face_missing_share", "reading_like_share"):
            assert judgement.metric(name, "q2").value is None


def test_no_metric_has_the_word_that_condemns() -> None:
    from sightline.text import LANGUAGES, catalogue

    for language in LANGUAGES:
        told = [text for key, text in catalogue(language).items() if key.split(".")[0] in ("metrics", "interview")]
        assert not [text for text in told if "cheat" in text.lower() or "부정행위" in text or "커닝" in text]


def test_every_metric_names_its_method_and_version() -> None:
    assert all(definition.method.count("/") == 1 for definition in definitions().values())
