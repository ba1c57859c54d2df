"""Speech, turns, pauses, fillers and second voices, from columns with planted truth."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.people import VOICE_BASE, VOICE_ROW, Take
from tests.talk import evenly, found_in, pitch, speakers, talking, words

from sightline.detectors.person.filler import FillerDetector
from sightline.detectors.person.filler_words import filler_at, plain
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

ROW_S = VOICE_ROW * float(VOICE_BASE)


def spans(timeline: Timeline, kind: str) -> list[tuple[float, float]]:
    return [event.span.seconds for event in timeline.events_of(kind)]


def voice_rows(probabilities: list[float]) -> Columns:
    ticks = np.arange(len(probabilities), dtype=np.int64) * VOICE_ROW
    values = np.array(probabilities, np.float32)
    return Columns("voice", VOICE_BASE, ticks, len(ticks) * VOICE_ROW, (Column("speech", "share", values),))


def only_voice(probabilities: list[float]) -> list[tuple[float, float]]:
    take = Take.of(len(probabilities) * ROW_S).with_(voice_rows(probabilities))
    return spans(found_in(take), "speech")


def test_speech_is_as_long_as_the_voice_and_its_pads() -> None:
    [(start, end)] = only_voice([0.0] * 20 + [0.9] * 30 + [0.0] * 20)
    assert start == pytest.approx(20 * ROW_S - 0.03)
    assert end == pytest.approx(50 * ROW_S + 0.03)


def test_between_the_two_thresholds_speech_goes_on_and_does_not_begin() -> None:
    assert only_voice([0.0] * 20 + [0.45] * 30 + [0.0] * 20) == []
    [(start, end)] = only_voice([0.0] * 20 + [0.9] * 10 + [0.45] * 30 + [0.0] * 20)
    assert end - start == pytest.approx(40 * ROW_S + 0.06)


def test_a_gap_of_less_than_a_tenth_of_a_second_is_no_silence() -> None:
    assert len(only_voice([0.0] * 9 + [0.9] * 20 + [0.0] * 3 + [0.9] * 20 + [0.0] * 9)) == 1
    assert len(only_voice([0.0] * 9 + [0.9] * 20 + [0.0] * 4 + [0.9] * 20 + [0.0] * 9)) == 2


def test_a_click_is_no_speech() -> None:
    assert only_voice([0.0] * 20 + [0.9] * 7 + [0.0] * 20) == []
    assert len(only_voice([0.0] * 20 + [0.9] * 8 + [0.0] * 20)) == 1


def monologue(*voiced: tuple[float, float], end_s: float = 30.0) -> Take:
    take = Take.of(end_s)
    return take.with_(take.voice(voiced))


def test_pauses_are_silences_inside_a_turn_and_as_long_as_they_were() -> None:
    timeline = found_in(monologue((2.0, 6.0), (6.2, 9.0), (9.6, 12.0), (15.0, 20.0)))
    assert [end - start for start, end in spans(timeline, "pause")] == pytest.approx([0.6, 3.0], abs=ROW_S)
    assert [event.labels for event in timeline.events_of("pause")] == [(), ("long",)]


def test_the_silence_before_the_first_and_after_the_last_word_is_no_pause() -> None:
    assert spans(found_in(monologue((5.0, 10.0))), "pause") == []


def test_a_very_long_silence_ends_the_turn() -> None:
    timeline = found_in(monologue((1.0, 5.0), (16.0, 20.0)))
    assert len(timeline.events_of("speaker_turn")) == 2
    assert spans(timeline, "pause") == []


def test_without_faces_and_labels_all_speech_is_one_persons_and_says_so() -> None:
    [turn] = found_in(monologue((1.0, 5.0), (6.0, 9.0))).events_of("speaker_turn")
    assert (turn.evidence["by"], turn.evidence["own"], turn.confidence) == ("voice", True, 0.5)


def interview() -> Take:
    """The main person (larger) answers somebody smaller beside them: 0-4 asks, 5-14 answers, 15-18 asks, 18.5-28."""
    take = Take.of(30.0)
    talking(take.person(x=0.3, width=0.25), (5.0, 14.0), (18.5, 28.0))
    talking(take.person(x=0.75, width=0.12, height=0.3), (0.5, 4.0), (15.0, 18.0))
    return take.with_(take.voice([(0.5, 4.0), (5.0, 14.0), (15.0, 18.0), (18.5, 28.0)]))


def turns(timeline: Timeline) -> list[tuple[int, float, float]]:
    events = timeline.events_of("speaker_turn")
    return [(int(e.evidence["speaker"] or 0), *e.span.seconds) for e in events]


def test_the_lips_tell_who_speaks_in_a_picture_of_two() -> None:
    found = found_in(interview())
    told = turns(found)
    assert [speaker for speaker, _, _ in told] == [1, 0, 1, 0]
    assert [start for _, start, _ in told] == pytest.approx([0.5, 5.0, 15.0, 18.5], abs=0.3)
    assert {event.evidence["by"] for event in found.events_of("speaker_turn")} == {"lips"}


def test_a_turn_tells_the_silence_after_somebody_elses_voice() -> None:
    gaps = [event.evidence.get("gap") for event in found_in(interview()).events_of("speaker_turn")]
    assert gaps == [None, pytest.approx(1.0, abs=0.1), pytest.approx(1.0, abs=0.1), pytest.approx(0.5, abs=0.1)]


def test_a_voice_while_the_only_face_has_its_lips_at_rest_is_a_second_voice() -> None:
    take = Take.of(30.0)
    talking(take.person(), (2.0, 12.0))
    found = found_in(take.with_(take.voice([(2.0, 12.0), (15.0, 20.0)])))
    [event] = found.events_of("second_voice")
    assert event.span.seconds == pytest.approx((15.0, 20.0), abs=0.3)
    assert event.evidence["seen"] is False


def test_lips_that_never_move_are_hidden_and_make_nobody_a_second_voice() -> None:
    """A mask, or a veil: all speech is the person's, for all that is known, and that is said."""
    take = Take.of(30.0)
    take.person()
    found = found_in(take.with_(take.voice([(2.0, 12.0), (15.0, 20.0)])))
    assert found.events_of("second_voice") == ()
    [turn] = found.events_of("speaker_turn")
    assert (turn.evidence["own"], turn.evidence["by"], turn.confidence) == (True, "voice", 0.5)


def test_one_person_who_speaks_has_no_second_voice() -> None:
    take = Take.of(30.0)
    talking(take.person(), (2.0, 12.0), (13.0, 28.0))
    assert found_in(take.with_(take.voice([(2.0, 12.0), (13.0, 28.0)]))).events_of("second_voice") == ()


def test_lips_that_hardly_stir_for_less_than_a_second_make_no_second_voice() -> None:
    take = Take.of(20.0)
    talking(take.person(), (2.0, 8.0), (8.7, 16.0))
    found = found_in(take.with_(take.voice([(2.0, 16.0)])))
    assert found.events_of("second_voice") == ()
    assert len(found.events_of("speaker_turn")) == 1


def test_labels_of_speakers_decide_and_the_lips_say_which_is_the_person() -> None:
    """The person speaks less than the interviewer, and is the person all the same."""
    take = Take.of(40.0)
    talking(take.person(), (20.0, 28.0))
    labels = speakers([(1.0, 18.0, 0), (20.0, 28.0, 1), (30.0, 39.0, 0)], 40.0)
    voice = take.voice([(1.0, 18.0), (20.0, 28.0), (30.0, 39.0)])
    found = found_in(take.with_(voice, labels))
    assert [speaker for speaker, _, _ in turns(found)] == [1, 0, 1]
    assert [event.evidence["by"] for event in found.events_of("speaker_turn")] == ["speakers"] * 3
    assert len(found.events_of("second_voice")) == 2


def test_labels_without_a_face_give_the_word_to_who_speaks_most() -> None:
    take = Take.of(40.0)
    labels = speakers([(1.0, 8.0, 0), (10.0, 39.0, 1)], 40.0)
    found = found_in(take.with_(take.voice([(1.0, 8.0), (10.0, 39.0)]), labels))
    assert [speaker for speaker, _, _ in turns(found)] == [1, 0]


def fillers(take: Take) -> list[Event]:
    return list(found_in(take).events_of("filler"))


def spoken(said: list[tuple[str, float, float]], voiced: list[tuple[float, float]], language: str = "en") -> Take:
    take = Take.of(30.0)
    return take.with_(take.voice(voiced), words(said, 30.0, language))


def test_filled_pauses_count_wherever_they_stand() -> None:
    take = spoken([*evenly(["I", "think", "Um,", "we", "tried"], 1.0, 4.0)], [(1.0, 4.0)])
    [event] = fillers(take)
    assert (event.evidence["word"], event.evidence["by"]) == ("um", "word")
    assert event.evidence["caveat"] == "interview.filler_recall"


def test_a_word_that_means_something_counts_only_alone_or_drawn_out() -> None:
    fluent = evenly(["I", "like", "the", "right", "answer"], 1.0, 2.5)
    alone = [("well", 5.0, 5.3), ("like,", 5.6, 5.85), ("that", 6.2, 6.5)]
    drawn = [("and", 8.0, 8.2), ("so", 8.21, 8.8), ("we", 8.81, 9.0)]
    found = fillers(spoken([*fluent, *alone, *drawn], [(1.0, 9.0)]))
    assert [(event.evidence["word"], event.evidence["isolated"]) for event in found] == [("like", True), ("so", False)]


def test_korean_answers_are_no_fillers_and_korean_sounds_are() -> None:
    said = evenly(["네", "음", "저는", "그", "학교에서", "어"], 1.0, 2.5)
    assert [e.evidence["word"] for e in fillers(spoken(said, [(1.0, 2.5)], "ko"))] == ["음", "어"]


def test_two_words_are_one_filler() -> None:
    assert filler_at(["you", "know"], "en") == ("you know", 2, False)
    assert filler_at(["you", "knew"], "en") is None
    assert plain("(Um…)") == "um"


def test_a_flat_voice_without_a_word_is_a_filler_and_a_moving_one_is_not() -> None:
    said = [*evenly(["we", "went"], 1.0, 2.0), *evenly(["home", "again"], 2.6, 3.6)]
    flat = spoken(said, [(1.0, 3.6)]).with_(pitch(30.0, [(1.0, 3.6, 120.0)], wobble_st=0.2))
    [event] = fillers(flat)
    assert event.evidence["by"] == "sound"
    assert event.span.seconds == pytest.approx((2.03, 2.55), abs=0.05)
    lively = spoken(said, [(1.0, 3.6)]).with_(pitch(30.0, [(1.0, 3.6, 120.0)], wobble_st=3.0))
    assert fillers(lively) == []


def test_a_long_stretch_that_was_not_recognised_is_no_filler() -> None:
    said = evenly(["we", "went"], 1.0, 2.0)
    take = spoken(said, [(1.0, 8.0)]).with_(pitch(30.0, [(1.0, 8.0, 120.0)], wobble_st=0.2))
    assert fillers(take) == []


def test_fillers_of_somebody_else_are_not_the_persons() -> None:
    take = Take.of(30.0)
    talking(take.person(), (10.0, 20.0))
    said = [("um", 2.0, 2.4), ("um", 12.0, 12.4)]
    found = fillers(take.with_(take.voice([(1.0, 6.0), (10.0, 20.0)]), words(said, 30.0)))
    assert [round(float(event.span.start)) for event in found] == [12]


def test_an_hour_of_labels_that_flicker_is_sorted_out_in_time() -> None:
    import time

    rng = np.random.default_rng(1)
    take = Take.of(3600.0, rate_hz=1.0)
    labels = speakers([(s * 0.75, (s + 1) * 0.75, int(rng.random() < 0.3)) for s in range(4800)], 3600.0)
    voice = take.voice([(s * 10.0, s * 10.0 + 9) for s in range(360)])
    begun = time.process_time()
    found = found_in(take.with_(voice, labels))
    assert time.process_time() - begun < 10
    assert all(event.evidence["value"] for event in found.events_of("speaker_turn"))


def test_three_hours_of_short_turns_are_looked_through_at_once() -> None:
    """Each filler is looked for in its turn, and not in all of them."""
    length = 3 * 3600.0
    talk = [(start, start + 5.0, place % 2) for place, start in enumerate(np.arange(1.0, length - 10, 5.4).tolist())]
    take = Take.of(10.0)
    take.with_(
        Take.of(length).voice([(start, end) for start, end, _ in talk]),
        speakers(talk, length),
        words([word for start, end, _ in talk for word in evenly(["um", "so", "yes"], start, end)], length),
    )
    timeline = found_in(take)
    begun = time.process_time()
    fillers = FillerDetector().detect(timeline)
    assert time.process_time() - begun < 1.0
    assert len(fillers) == len(talk), "two in each turn of the person, of two who speak"
