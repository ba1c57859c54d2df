"""Labels: what surrounds an event."""

from __future__ import annotations

from qc_sample import event, sound_columns, timeline

from sightline.desks.qc.context import DETECTOR_LABELS, LABELS, labelled
from sightline.text import Language, catalogue
from sightline.timeline.event import Event


def labels_of(kind: str, *events: Event) -> tuple[str, ...]:
    """Labels of the only event of a kind on ten seconds of pictures and sound."""
    found = labelled(timeline(sound_columns("samples", 10, rate_hz=10), events=events))
    (one,) = [e for e in found if e.kind == kind]
    return one.labels


def test_every_label_has_words():
    assert {f"report.label.{label}" for label in (*LABELS, *DETECTOR_LABELS)} <= set(catalogue(Language.KOREAN))


def test_black_in_the_middle_of_a_shot_has_no_label():
    assert labels_of("black", event("black", 4, 6), event("shot", 0, 10)) == ()


def test_black_between_a_fade_out_and_a_fade_in_lies_between_shots():
    assert labels_of("black", event("fade", 3, 4), event("black", 4, 6), event("fade", 6, 7)) == ("fade_between_shots",)


def test_black_a_picture_or_two_from_a_fade_still_touches_it():
    assert labels_of("black", event("fade", 3, 3.92), event("black", 4, 6)) == ("fade_between_shots",)
    assert labels_of("black", event("fade", 3, 3.8), event("black", 4, 6)) == ()


def test_black_inside_a_long_fade_through_black_lies_in_it():
    assert "fade_between_shots" in labels_of("black", event("fade", 3, 7), event("black", 4, 6))


def test_black_at_the_beginning_and_at_the_end_says_so():
    assert labels_of("black", event("black", 0, 2)) == ("head",)
    assert labels_of("black", event("black", 8, 10)) == ("tail",)
    assert labels_of("black", event("black", 0.2, 2)) == ()


def test_black_without_sound_is_a_hole_in_the_programme():
    silent = event("silence", 3.9, 6.1, channel="all")
    assert labels_of("black", event("black", 4, 6), silent) == ("with_silence",)


def test_silence_of_one_channel_is_no_silence_of_the_programme():
    assert labels_of("black", event("black", 4, 6), event("silence", 3, 7, channel="FL")) == ()


def test_silence_while_the_picture_is_black_says_so():
    assert labels_of("silence", event("silence", 4, 6, channel="all"), event("black", 3.9, 6)) == ("with_black",)
    assert labels_of("silence", event("silence", 4, 8, channel="all"), event("black", 3.9, 6)) == ()


def test_the_last_shot_standing_still_to_the_end_is_an_end_card():
    shots = event("shot", 0, 6), event("shot", 6, 10)
    assert labels_of("freeze", *shots, event("freeze", 6.04, 10)) == ("tail", "end_card")
    assert labels_of("freeze", *shots, event("freeze", 6.04, 9)) == ()


def test_a_freeze_that_starts_before_the_last_shot_is_no_end_card():
    assert labels_of("freeze", event("shot", 0, 6), event("shot", 6, 10), event("freeze", 5, 10)) == ("tail",)


def test_a_freeze_of_black_and_one_of_bars_say_so():
    assert labels_of("freeze", event("freeze", 4, 6), event("black", 4, 5.9)) == ("with_black",)
    assert labels_of("freeze", event("freeze", 0.5, 6), event("bars", 0, 6)) == ("slate",)


def test_covering_counts_time_that_two_events_share_only_once():
    twice = event("black", 4, 4.8), event("bars", 0, 1), event("black", 4.2, 4.9)
    assert labels_of("silence", event("silence", 4, 6, channel="all"), *twice) == ()


def test_one_colour_between_two_cuts_stands_alone():
    cuts = event("cut", 4, 4.04), event("cut", 4.4, 4.44)
    assert labels_of("single_colour", *cuts, event("single_colour", 4, 4.4)) == ("between_shots",)
    assert labels_of("single_colour", cuts[0], event("single_colour", 4, 4.4)) == ()


def test_flash_frames_inside_flashing_belong_to_it():
    flashing = event("flash_luminance", 3, 5)
    assert labels_of("flash_frame", flashing, event("flash_frame", 4, 4.04)) == ("in_flashing",)
    assert labels_of("flash_luminance", flashing, event("dissolve", 2.9, 5)) == ("in_fade",)


def test_a_click_at_a_cut_says_so():
    assert labels_of("click", event("click", 4.01, 4.012), event("cut", 4, 4.04)) == ("at_cut",)


def test_labels_of_the_detector_stay():
    assert labels_of("freeze", event("freeze", 8, 10, "black")) == ("black", "tail")


def test_nothing_happens_to_a_timeline_without_events():
    assert labelled(timeline()) == ()
