"""Points: what two older systems got wrong is right here, what is missing is left out, and everything is laid open."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.interviews import answer, assignment, judged, without
from tests.people import Take
from tests.talk import emotion, loudness, pitch, talking, voice_quality, words

from sightline.desks.interview.definition import definitions
from sightline.desks.interview.desk import TOLD_BY
from sightline.desks.interview.rubric import load_rubric
from sightline.desks.judgement import Score, Standing, Term
from sightline.desks.judgement_json import judgement_from_dict, judgement_to_dict
from sightline.detectors.detector import person_detectors
from sightline.text import Message
from sightline.timeline.timeline import Timeline

BLINKS = tuple(np.arange(1.5, 59, 2.8).tolist())


def term(score: Score, term_id: str) -> Term:
    return next(each for each in score.terms if each.id == term_id)


def good_answer() -> Take:
    take, person = answer()
    person.blink(*BLINKS).smile(10, 14).smile(40, 43)
    return take


def test_an_ordinary_good_answer_has_every_score_and_no_verdict() -> None:
    judgement = judged(good_answer())
    assert judgement.verdict is None
    assert {score.id for score in judgement.scores} == {
        "visible_expression", "gaze", "delivery", "presence", "overall",
    }  # fmt: skip
    for score in judgement.scores:
        assert score.standing is Standing.SCORED
        assert score.value is not None
        assert score.value > 0.7 * score.most, score
        assert score.low is None or score.low <= score.value <= (score.high or 0)


def test_points_of_the_terms_add_up_to_the_score_and_weights_to_one() -> None:
    for score in judged(good_answer()).scores:
        assert sum(t.points or 0 for t in score.terms) == pytest.approx(score.value, abs=0.01)
        assert sum(t.applied for t in score.terms) == pytest.approx(1, abs=0.001)
        assert sum(t.weight for t in score.terms) == pytest.approx(score.coverage + sum(
            t.weight for t in score.terms if t.share is None), abs=0.001)  # fmt: skip


class TestOldDefects:
    def test_one_happy_picture_in_a_hundred_is_not_smiling(self) -> None:
        """The old formula gave 59 of 60 for it, the same as for smiling throughout."""
        scores, old = {}, {}
        happy = {"one": [(30.0, 30.3)], "ordinary": [(10.0, 22.0)], "throughout": [(0.5, 59.5)], "never": []}
        for name, times in happy.items():
            take, person = answer()
            person.blink(*BLINKS)
            for start, end in times:
                person.smile(start, min(end, start + 0.1) if name == "one" else end)
            take.with_(emotion(take, happiness=[(start, end, 0.95) for start, end in times]))
            scores[name] = judged(take, emotion=True).score("expression").value or 0.0
            old[name] = judged(take, "legacy_compat", emotion=True).score("legacy_expression").value or 0.0
        assert old["one"] == pytest.approx(59, abs=0.1)
        assert old["one"] == pytest.approx(old["throughout"], abs=0.1)
        assert scores["one"] == pytest.approx(scores["never"], abs=0.5)
        assert scores["one"] < scores["throughout"] - 5 < scores["ordinary"] - 10

    def test_surprise_is_not_negative(self) -> None:
        take, _ = answer()
        calm = judged(take.with_(emotion(take, surprise=[(10, 50, 0.9)])), emotion=True).metric("emotion_negative")
        assert calm.value == pytest.approx(0, abs=0.001)

    def test_perfect_eye_contact_has_full_marks(self) -> None:
        """The old table gave 0 points at 1.0."""
        take, _ = answer()
        gaze = judged(take).score("gaze")
        assert term(gaze, "on_camera").value == pytest.approx(1.0, abs=0.001)
        assert term(gaze, "on_camera").share == 1.0
        old = load_rubric("legacy_compat").scores[1].terms[0].sources[0].formula
        assert [old.of(x) for x in (0.1, 0.3, 0.5, 0.8, 0.99, 1.0)] == [0, 0, 0.5, 1, 1, 0]

    def test_more_eye_contact_is_never_worth_less(self) -> None:
        """The old table had a hole from 0.2 to 0.4."""
        gaze = next(score for score in load_rubric("default").scores if score.id == "gaze")
        [source] = gaze.terms[0].sources
        shares = source.formula.of_each(np.linspace(0, 1, 1001))
        assert np.all(np.diff(shares) >= 0)
        assert source.formula.of(0.4) > source.formula.of(0.3) > source.formula.of(0.21) > 0

    def test_no_face_gives_no_points(self) -> None:
        """The old systems gave 80 % of the points, or invented 78.5."""
        take = Take.of(60.0)
        score = judged(take).score("gaze")
        assert (score.standing, score.value, score.band) == (Standing.INSUFFICIENT, None, None)
        assert all(t.share is None and t.reason is not None for t in score.terms)

    def test_no_sound_leaves_delivery_open_and_says_why(self) -> None:
        take = Take.of(60.0)
        take.person().blink(*BLINKS)
        why = Message.of("engine.no_sound")
        meters = ("voice", "words", "pitch", "loudness", "syllables", "voice_quality", "voice_mos", "speakers")
        judgement = judged(without(take.timeline(), meters, why))
        assert judgement.score("delivery").standing is Standing.NOT_EVALUATED
        assert judgement.score("delivery").reason == why
        assert judgement.score("visible_expression").standing is Standing.SCORED

    def test_missing_weights_are_not_scored_by_chance(self) -> None:
        """One old system scored with a network of random numbers."""
        why = Message.of("interview.not_measured", meter="faces")
        judgement = judged(without(good_answer().timeline(), ["faces", "pose", "emotion"], why), emotion=True)
        for name in ("visible_expression", "gaze"):
            assert judgement.score(name).standing is Standing.NOT_EVALUATED
            assert judgement.score(name).reason == why
        assert judgement.metric("emotion_happiness").value is None

    def test_at_five_pictures_a_second_blinks_are_not_counted_and_the_rest_is(self) -> None:
        take, person = answer(rate_hz=5.0)
        person.blink(*BLINKS)
        judgement = judged(take)
        assert judgement.metric("blink_rate").value is None
        assert judgement.metric("blink_rate").reason is not None
        gaze = judgement.score("gaze")
        assert gaze.standing is Standing.SCORED
        assert (term(gaze, "blinks").applied, term(gaze, "blinks").share) == (0, None)
        assert term(gaze, "on_camera").applied == pytest.approx(0.5 / 0.85, abs=0.001)

    def test_not_blinking_at_all_is_not_perfect(self) -> None:
        take, _ = answer()
        gaze = judged(take).score("gaze")
        assert (term(gaze, "blinks").value, term(gaze, "blinks").share) == (0, 0)

    def test_an_ordinary_talker_who_blinks_26_times_a_minute_loses_nothing(self) -> None:
        take, person = answer()
        person.blink(*np.arange(1.2, 59.5, 60 / 26).tolist())
        found = term(judged(take).score("gaze"), "blinks")
        assert found.value == pytest.approx(26, abs=2)
        assert found.share == 1.0

    def test_no_clock_of_the_machine_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The old blink counter measured how fast the computer was."""
        timeline, desk = good_answer().timeline(), assignment()
        expected = desk.judge(desk.detect(timeline))

        def asked() -> float:
            raise AssertionError("judging looked at a clock")

        with monkeypatch.context() as patched:
            for name in ("time", "monotonic", "perf_counter", "process_time"):
                patched.setattr(time, name, asked)
            again = desk.judge(desk.detect(timeline))
        assert again == expected

    def test_pictures_at_uneven_times_change_little(self) -> None:
        even, uneven = answer()[0], answer()[0]
        shifted = uneven.times_s + np.random.default_rng(2).uniform(0, 0.02, len(uneven.times_s))
        uneven.times_s = shifted
        for take in (even, uneven):
            take.people[0].blink(*BLINKS)
        rates = [judged(take).metric("blink_rate").value or 0 for take in (even, uneven)]
        assert rates[0] == pytest.approx(rates[1], abs=1.1)


class TestMissingEvidence:
    def test_a_term_seen_for_less_than_three_fifths_of_its_time_is_left_out(self) -> None:
        take, person = answer()
        person.blink(*BLINKS).leave(30.0, 60.0)
        judgement = judged(take)
        metric = judgement.metric("on_camera_share")
        assert metric.value is not None
        assert metric.coverage < 0.6
        score = judgement.score("gaze")
        assert score.standing is Standing.INSUFFICIENT
        reason = term(score, "on_camera").reason
        assert reason is not None
        assert reason.key == "interview.low_coverage"

    def test_weights_of_missing_terms_are_shared_out(self) -> None:
        full = judged(good_answer())
        part = judged(without(good_answer().timeline(), ["loudness"]))
        whole, less = full.score("delivery"), part.score("delivery")
        assert less.standing is Standing.SCORED
        assert less.coverage == pytest.approx(whole.coverage - 0.10, abs=0.001)
        assert term(less, "fillers").applied == pytest.approx(0.2 / less.coverage, abs=0.001)
        assert (term(less, "loudness").applied, term(less, "loudness").points) == (0, None)

    def test_under_three_fifths_of_the_weight_there_is_no_score(self) -> None:
        score = judged(without(good_answer().timeline(), ["pitch", "words", "syllables"])).score("delivery")
        assert score.standing is Standing.INSUFFICIENT
        assert score.value is score.low is score.high is score.band is None
        assert score.reason is not None
        assert score.reason.key == "interview.insufficient"

    def test_a_bad_microphone_takes_no_points_for_the_voice(self) -> None:
        take, _ = answer()
        voiced = [(1.0, 58.0)]
        bad = [c for c in take.others if c.meter != "voice_quality"] + [voice_quality(60.0, voiced, noise=-25.5)]
        take.others = bad
        delivery = judged(take).score("delivery")
        for name in ("pitch", "loudness"):
            reason = term(delivery, name).reason
            assert reason is not None
            assert reason.key == "interview.low_quality"
        assert term(delivery, "sound").share == 0

    def test_words_of_a_model_too_weak_for_korean_are_not_counted(self) -> None:
        take, _ = answer(language="ko")
        weak = words([("안녕하세요", 1.0, 2.0)], 60.0, "ko", "speech_whisper_tiny")
        take.others = [c for c in take.others if c.meter != "words"] + [weak]
        metric = judged(take).metric("syllables_per_min_ko")
        assert metric.reason is not None
        assert metric.reason.key == "interview.model_too_weak"

    def test_without_a_recogniser_the_pace_is_taken_from_the_sound(self) -> None:
        rate = term(judged(without(good_answer().timeline(), ["words"])).score("delivery"), "rate")
        assert rate.metric == "acoustic_syllable_rate"
        assert rate.share is not None

    def test_of_nothing_nothing_is_said(self) -> None:
        empty = replace(Take.of(60.0).timeline(), columns={})
        judgement = judged(empty)
        assert all(metric.value is None and metric.reason is not None for metric in judgement.metrics)
        assert judgement.not_evaluated == len(judgement.metrics)
        assert all(score.standing is Standing.NOT_EVALUATED and score.value is None for score in judgement.scores)

    def test_sound_alone_gives_delivery_and_nothing_of_a_face(self) -> None:
        why = Message.of("engine.no_picture")
        judgement = judged(without(good_answer().timeline(), ["faces", "pose", "hands"], why))
        assert judgement.score("delivery").standing is Standing.SCORED
        for name in ("gaze", "visible_expression", "presence"):
            assert judgement.score(name).standing is Standing.NOT_EVALUATED
            assert judgement.score(name).reason == why

    def test_silence_is_measured_and_scores_nothing(self) -> None:
        take = Take.of(60.0)
        take.person().blink(*BLINKS)
        take.with_(take.voice([]), words([], 60.0), pitch(60.0), loudness(60.0), voice_quality(60.0, []))
        judgement = judged(take)
        assert judgement.metric("speaking_share").value == 0
        assert judgement.score("delivery").standing is Standing.INSUFFICIENT
        reason = judgement.metric("words_per_min").reason
        assert reason is not None
        assert reason.key in ("interview.no_words", "interview.other_language")

    @pytest.mark.parametrize("seconds", [0.0, 0.2, 1.0, 3.0])
    def test_a_recording_of_nearly_nothing_is_too_short_and_no_error(self, seconds: float) -> None:
        take = Take.of(seconds)
        take.person()
        take.with_(take.voice([(0.0, seconds)]), loudness(seconds), pitch(seconds))
        judgement = judged(take)
        assert all(score.value is None for score in judgement.scores if score.id != "presence")


class TestPolicies:
    def test_emotion_that_was_not_measured_is_called_visible_expression(self) -> None:
        take, _ = answer()
        with_emotion = take.with_(emotion(take))
        assert {s.id for s in judged(with_emotion, emotion=True).scores} >= {"expression"}
        without_it = {score.id for score in judged(with_emotion).scores}
        assert "visible_expression" in without_it
        assert "expression" not in without_it

    @pytest.mark.parametrize("policy", ["hiring", "education"])
    def test_columns_of_emotion_that_lie_about_are_not_read_where_they_are_forbidden(self, policy: str) -> None:
        take, _ = answer()
        judgement = judged(take.with_(emotion(take, happiness=[(5, 50, 0.9)])), policy=policy)
        emotions = [metric for metric in judgement.metrics if metric.group == "emotion"]
        assert emotions
        for metric in emotions:
            assert metric.value is None
            assert metric.reason is not None
            assert metric.reason.key == "interview.emotion_denied"
        assert "overall" not in {score.id for score in judgement.scores}
        assert judgement.notes["emotion"] == "not_measured"

    def test_what_a_person_asked_to_be_left_out_is_left_out(self) -> None:
        judgement = judged(good_answer(), opt_out=["on_camera_share", "blink_rate_speaking"])
        metric = judgement.metric("on_camera_share")
        assert metric.value is None
        assert metric.reason == Message.of("interview.opted_out")
        assert judgement.score("gaze").standing is Standing.INSUFFICIENT
        assert judgement.notes["opt_out"] == "blink_rate_speaking on_camera_share"

    def test_what_only_metrics_left_out_tell_of_is_in_no_event(self) -> None:
        timeline = good_answer().timeline()
        every = assignment().detect(timeline)
        assert every.events_of("blink")
        some = assignment(opt_out=["blink_rate"]).detect(timeline)
        assert some.events_of("blink")
        none = assignment(opt_out=sorted(TOLD_BY["blink"])).detect(timeline)
        assert not none.events_of("blink", "eyes_closed")
        assert none.events_of("speech") == every.events_of("speech")

    def test_every_metric_that_tells_of_events_exists(self) -> None:
        kinds = {kind for detector in person_detectors().values() for kind in detector.kinds}
        assert set(TOLD_BY) <= kinds
        assert {metric for told_by in TOLD_BY.values() for metric in told_by} <= set(definitions())

    def test_cues_are_never_part_of_a_score(self) -> None:
        for name in ("default", "legacy_compat"):
            assert not {metric for metric in load_rubric(name).reads if metric.endswith(
                ("second_face_share", "face_missing_share", "second_voice_share", "reading_like_share"))}  # fmt: skip

    def test_medical_gives_no_cues(self) -> None:
        metric = judged(good_answer(), policy="medical").metric("second_voice_share")
        assert metric.reason == Message.of("interview.cues_denied", policy="medical")


class TestParts:
    QUESTIONS = (
        {"id": "intro", "title": "Who are you?", "start": 0, "end": 30},
        {"title": "Why here?", "start": 30},
    )

    def test_every_answer_has_its_own_metrics_and_scores(self) -> None:
        take, person = answer()
        person.smile(35, 45)
        judgement = judged(take, questions=list(self.QUESTIONS))
        assert [(part.id, part.span.seconds) for part in judgement.parts] == [("intro", (0, 30)), ("q2", (30, 60))]
        assert judgement.metric("smile_share", "intro").value == pytest.approx(0, abs=0.001)
        assert judgement.metric("smile_share", "q2").value == pytest.approx(1 / 3, abs=0.02)
        assert judgement.metric("smile_share").value == pytest.approx(1 / 6, abs=0.01)
        assert judgement.score("gaze", "q2").part == "q2"
        assert not [score for score in judgement.scores if score.id == "overall" and score.part]

    def test_latency_of_a_recorded_answer_runs_from_its_start(self) -> None:
        judgement = judged(answer()[0], questions=[{"title": "a", "start": 0, "end": 20}])
        metric = judgement.metric("response_latency", "q1")
        assert metric.value == pytest.approx(1.0, abs=0.05)
        assert metric.details["from"] == "start_of_answer"

    def test_questions_outside_the_recording_are_counted_not_made_up(self) -> None:
        judgement = judged(answer()[0], questions=[{"title": "a", "start": 10}, {"title": "b", "start": 900}])
        assert [part.id for part in judgement.parts] == ["q1"]
        assert judgement.notes["questions_outside"] == 1

    def test_answers_are_found_by_turns_where_no_times_are_given(self) -> None:
        take = Take.of(40.0)
        talking(take.person(x=0.3, width=0.25), (6.0, 16.0), (22.0, 36.0))
        talking(take.person(x=0.75, width=0.12, height=0.3), (1.0, 5.0), (18.0, 21.0))
        take.with_(take.voice([(1.0, 5.0), (6.0, 16.0), (18.0, 21.0), (22.0, 36.0)]))
        judgement = judged(take, questions=[{"title": "a"}, {"title": "b"}])
        assert judgement.notes["questions_placed"] == "by_turns"
        assert [part.span.seconds[0] for part in judgement.parts] == pytest.approx([6.0, 22.0], abs=0.3)
        assert judgement.metric("response_latency", "q2").value == pytest.approx(1.0, abs=0.1)

    def test_answers_that_cannot_be_told_apart_are_left_as_one_or_nowhere(self) -> None:
        one = judged(answer()[0], questions=[{"title": "a"}])
        assert (one.notes["questions_placed"], len(one.parts)) == ("as_one", 1)
        three = judged(answer()[0], questions=[{"title": "a"}, {"title": "b"}, {"title": "c"}])
        assert (three.notes["questions_placed"], three.parts) == ("nowhere", ())


def hour() -> Timeline:
    take, person = answer(3600.0)
    person.blink(*np.arange(1.5, 3599, 2.8).tolist())
    for start in range(60, 3500, 60):
        person.smile(start, start + 4).glance(start + 10, start + 11, yaw=30)
    return take.timeline()


def test_judging_again_gives_the_same_and_survives_json() -> None:
    timeline, desk = good_answer().timeline(), assignment(questions=[{"title": "가", "start": 5}])
    first = desk.judge(desk.detect(timeline))
    second = assignment(questions=[{"title": "가", "start": 5}]).judge(desk.detect(desk.detect(timeline)))
    assert first == second
    plain = json.loads(json.dumps(judgement_to_dict(first), allow_nan=False))
    assert judgement_from_dict(plain) == first


def test_an_hour_is_judged_fast(capsys: pytest.CaptureFixture[str]) -> None:
    timeline, desk = hour(), assignment()
    begun = time.process_time()
    found = desk.detect(timeline)
    detected = time.process_time()
    judgement = desk.judge(found)
    judged_s, detected_s = time.process_time() - detected, detected - begun
    with capsys.disabled():
        print(  # noqa: T201
            f"\n1 h, {len(found.events)} events: detected in {detected_s:.2f} CPU s, judged in {judged_s:.2f} CPU s"
        )
    assert judgement.score("gaze").standing is Standing.SCORED
    assert judged_s < 10, "ten times what it takes on one idle core"


def test_every_interval_holds_its_value_and_narrows_with_time() -> None:
    def width(seconds: float) -> float:
        take, person = answer(seconds)
        for start in np.arange(3, seconds - 3, 12).tolist():
            person.smile(start, start + 2)
        metric = judged(take).metric("smile_share")
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low <= (metric.value or math.nan) <= metric.high
        return metric.high - metric.low

    assert width(480.0) < width(60.0)
