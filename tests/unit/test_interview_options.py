"""What may be asked of the interview desk, and what is refused, in words that say where."""

from __future__ import annotations

import contextlib
import json
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.clock import Span
from sightline.desks.desk import Brief, desks
from sightline.desks.interview.desk import DESK, InterviewAssignment
from sightline.desks.interview.policies import EMOTION_MODEL, POLICIES
from sightline.desks.interview.questions import Question, questions_from, questions_to_plain
from sightline.errors import NotFound, RequestInvalid, TemplateInvalid


def asked(**options: object) -> InterviewAssignment:
    assignment = DESK().read(Brief(options=options))
    assert isinstance(assignment, InterviewAssignment)
    return assignment


def refusal(**options: object) -> str:
    with pytest.raises(RequestInvalid) as raised:
        asked(**options)
    return str(raised.value)


def test_the_desk_is_found_with_its_rubrics() -> None:
    desk = desks()["interview"]
    assert (desk.templates, desk.ending, tuple(desk.names())) == ("rubric", ".yaml", ("default", "legacy_compat"))
    assert all(desk.about(name).title and desk.about(name).description for name in desk.names())


def test_nothing_asked_is_practice_in_any_language_without_emotion() -> None:
    options = asked().options
    assert (options.policy.id, options.language, options.emotion, options.questions) == (
        "self_practice", None, False, (),
    )  # fmt: skip


@pytest.mark.parametrize("policy", ["hiring", "education"])
def test_hiring_and_education_never_open_the_emotion_model(policy: str) -> None:
    assignment = asked(policy=policy)
    assert assignment.denied == {EMOTION_MODEL}
    assert "emotion" not in assignment.meters({EMOTION_MODEL})
    assert policy in refusal(policy=policy, emotion=True)


@pytest.mark.parametrize("policy", ["self_practice", "research", "medical"])
def test_elsewhere_emotion_is_measured_when_it_is_asked_for_and_only_then(policy: str) -> None:
    assert "emotion" in asked(policy=policy, emotion=True).meters(set())
    assert asked(policy=policy, emotion=True).denied == frozenset()
    assert "emotion" not in asked(policy=policy).meters({EMOTION_MODEL})
    assert asked(policy=policy).denied == {EMOTION_MODEL}


def test_all_but_practice_demand_a_consent_record() -> None:
    assert {policy for policy in POLICIES if not asked(policy=policy).demands_consent} == {"self_practice"}


def test_only_practice_has_one_score_over_all_and_deciding_policies_forbid_words_about_character() -> None:
    assert {policy.id for policy in POLICIES.values() if policy.gives_overall} == {"self_practice"}
    for policy in ("hiring", "education"):
        assert {"emotion", "personality", "verdict"} <= POLICIES[policy].forbidden_topics
    assert all("verdict" in policy.forbidden_topics for policy in POLICIES.values())


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"policy": "firing"}, "policy"),
        ({"language": "xx"}, "language"),
        ({"emotion": "yes"}, "emotion"),
        ({"opt_out": ["soul"]}, "opt_out"),
        ({"opt_out": "blink_rate"}, "opt_out"),
        ({"model": "../../etc/passwd"}, "model"),
        ({"model": "speech_whisper_../../etc/passwd"}, "model"),
        ({"model": "speech_whisper_huge"}, "model"),
        ({"questions": [{"title": "a", "start": 10**400}]}, "questions.0.start"),
        ({"calibration": {"start": 3, "end": 3.2}}, "calibration"),
        ({"calibration": {"start": 3}}, "calibration"),
        ({"question": []}, "question"),
        ({"questions": [{"start": 3}]}, "title"),
        ({"questions": [{"title": " "}]}, "title"),
        ({"questions": [{"title": "a", "start": -1}]}, "start"),
        ({"questions": [{"title": "a", "start": float("nan")}]}, "start"),
        ({"questions": [{"title": "a", "start": 1e300}]}, "start"),
        ({"questions": [{"title": "a", "start": True}]}, "start"),
        ({"questions": [{"title": "a", "start": "soon"}]}, "start"),
        ({"questions": [{"title": "a", "start": 9, "end": 3}]}, "end"),
        ({"questions": [{"title": "a", "end": 3}]}, "start"),
        ({"questions": [{"title": "a", "start": 9}, {"title": "b", "start": 3}]}, "order"),
        ({"questions": [{"title": "a", "start": 9}, {"title": "b"}]}, "some have a start"),
        ({"questions": [{"title": "a", "id": "q"}, {"title": "b", "id": "q"}]}, "twice"),
        ({"questions": [{"title": "a", "id": "../x"}]}, "id"),
        ({"questions": [{"title": "a"}] * 101}, "questions"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_named(options: dict[str, object], key: str) -> None:
    assert key in refusal(**options)


def test_times_are_read_as_numbers_and_as_clocks() -> None:
    questions = asked(questions=[{"title": "a", "start": "1:02.5", "end": "0:01:30"}, {"title": "b", "start": 90.25}])
    first, second = questions.options.questions
    assert (first.id, first.start, first.end) == ("q1", Fraction(125, 2), Fraction(90))
    assert (second.id, second.start, second.end) == ("q2", Fraction(361, 4), None)


def test_calibration_and_opt_outs_are_kept() -> None:
    options = asked(calibration={"start": 1, "end": "0:04"}, opt_out=["blink_rate"]).options
    assert options.calibration == Span(Fraction(1), Fraction(4))
    assert options.opt_out == {"blink_rate"}


def test_waivers_make_no_sense_here() -> None:
    with pytest.raises(TemplateInvalid):
        DESK().read(Brief(waivers=[{"check": "V1"}]))


def test_a_rubrics_name_is_no_path() -> None:
    for name in ("../rubrics/default", "/etc/passwd", "default.yaml", "nope"):
        with pytest.raises(NotFound):
            DESK().read(Brief(name))


class TestMeters:
    def test_everything_is_planned_though_nothing_is_installed(self) -> None:
        meters = asked().meters(set())
        assert {"faces", "pose", "hands", "voice", "words", "syllables", "pitch", "voice_quality", "voice_mos",
                "speakers", "loudness", "thumbs", "pictures"} <= set(meters)  # fmt: skip
        assert meters["words"] == {"model": "speech_whisper_turbo"}

    def test_the_best_recogniser_that_is_here_is_taken(self) -> None:
        small = {"speech_whisper_small", "speech_whisper_tiny"}
        assert asked(language="en").meters(small)["words"] == {"model": "speech_whisper_small", "language": "en"}
        assert asked(language="ko").meters(small)["words"]["model"] == "speech_whisper_small"
        assert asked(language="ko").meters(small | {"speech_whisper_medium"})["words"]["model"].endswith("medium")

    def test_korean_is_not_left_to_a_model_that_cannot(self) -> None:
        assert asked(language="ko").meters({"speech_whisper_tiny"})["words"]["model"] == "speech_whisper_turbo"

    def test_a_recogniser_that_was_named_is_taken(self) -> None:
        assert asked(model="speech_whisper_base").meters(set())["words"]["model"] == "speech_whisper_base"

    def test_small_faces_are_looked_for_where_the_detector_is_here(self) -> None:
        assert asked().meters({"yunet"})["faces"] == {"small_faces": True}
        assert asked().meters(set())["faces"] == {}


class TestQuestionFile:
    def test_a_list_and_a_table_are_read_alike(self) -> None:
        rows = "- title: 자기소개를 해 주세요\n  start: 0:05\n  end: 1:20\n- title: Why us?\n  start: 1:30\n"
        table = "questions:\n" + "".join(f"  {line}\n" for line in rows.splitlines())
        expected = (
            Question("q1", "자기소개를 해 주세요", Fraction(5), Fraction(80)),
            Question("q2", "Why us?", Fraction(90)),
        )
        assert questions_from(rows) == questions_from(table) == expected

    def test_one_minute_thirty_is_ninety_seconds_and_no_is_a_word(self) -> None:
        [question] = questions_from("- {title: no, start: '1:30'}")
        assert (question.title, question.start) == ("no", 90)

    def test_what_was_read_goes_through_the_options(self) -> None:
        questions = questions_from("- {title: a, start: 1.5}\n- {title: b, start: 2, end: 3}")
        plain = json.loads(json.dumps(questions_to_plain(questions)))
        assert asked(questions=plain).options.questions == questions

    @pytest.mark.parametrize(
        "text",
        [
            "", "just text", "questions: 3", "- 3", "[[[", "a: &a [*a]", "- {title: a, colour: red}", "\x00",
            "!!python/object/apply:os.system ['true']", "- !!python/name:os.system {title: a}",
            "- {title: a, start: 2001-99-99}", "- {? [a] : b}",
            "- {title: " + "9" * 5000 + ", start: " + "9" * 5000 + "}",
            "[" * 5000, "- title: " + "x" * 70_000, "!!bool perhaps", "!!int ''", "!!timestamp never", "!!float x",
        ],
    )  # fmt: skip
    def test_hostile_and_broken_files_are_refused_at_once(self, text: str) -> None:
        begun = time.monotonic()
        with pytest.raises(RequestInvalid) as raised:
            questions_from(text)
        assert len(str(raised.value)) < 1500
        assert time.monotonic() - begun < 5

    def test_a_file_that_would_unfold_to_billions_is_refused(self) -> None:
        rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
        with pytest.raises(RequestInvalid, match="aliases"):
            questions_from("\n".join(rows))

    @given(st.text(max_size=300))
    def test_any_text_gives_questions_or_a_refusal(self, text: str) -> None:
        with contextlib.suppress(RequestInvalid):
            assert all(question.title for question in questions_from(text))
