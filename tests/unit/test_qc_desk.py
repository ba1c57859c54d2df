"""The desk: states, rules, verdicts, and never a pass for what was not evaluated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qc_sample import event, levels_columns, loudness_columns, media_facts, timeline

from sightline.desks.judgement import Judgement, State, Verdict
from sightline.desks.judgement_json import judgement_from_dict, judgement_to_dict
from sightline.desks.qc.check import checks
from sightline.desks.qc.desk import detect, judge, needed_meters
from sightline.desks.qc.template import Template, load_template, templates
from sightline.text import LANGUAGES, Message
from sightline.timeline.timeline import Timeline


def template(folder: Path, text: str) -> Template:
    path = folder / "t.toml"
    path.write_text(text, encoding="utf-8")
    return load_template(path)


def black_columns(first: int, last: int, length: int = 250) -> Timeline:
    """Ten seconds, black from picture ``first`` up to ``last``."""
    share = np.zeros(length)
    share[first:last] = 1
    return timeline(levels_columns(length, black_share=share), length=length)


def verdict(folder: Path, state: str, whole: Timeline, rest: str = "") -> Judgement:
    by = template(folder, f'[checks.V1]\nstate = "{state}"\n{rest}')
    return judge(detect(whole, by), by)


def test_black_is_detected_numbered_and_failed(tmp_path: Path):
    result = verdict(tmp_path, "fail", black_columns(100, 151)).check("V1")
    assert result.state is State.FAIL
    assert [(e.start_frame, e.end_frame) for e in result.events] == [(100, 151)]
    assert (result.value, result.threshold) == (1, "< 2 s")
    assert result.reason is not None


def test_black_of_exactly_the_limit_fails_and_a_picture_less_passes(tmp_path: Path):
    assert verdict(tmp_path, "fail", black_columns(100, 150)).check("V1").state is State.FAIL
    assert verdict(tmp_path, "fail", black_columns(100, 149)).check("V1").state is State.PASS


@pytest.mark.parametrize(
    ("state", "expected", "whole"),
    [
        ("fail", State.FAIL, Verdict.FAIL),
        ("warn", State.WARN, Verdict.WARN),
        ("report", State.NOT_APPLICABLE, Verdict.PASS),
    ],
)
def test_the_template_says_what_a_failed_check_means(tmp_path: Path, state: str, expected: State, whole: Verdict):
    judgement = verdict(tmp_path, state, black_columns(100, 200))
    assert judgement.check("V1").state is expected
    assert judgement.verdict is whole
    assert judgement.check("V1").value == 1


def test_a_check_that_is_off_is_not_in_the_judgement(tmp_path: Path):
    with pytest.raises(KeyError):
        verdict(tmp_path, "off", black_columns(100, 200)).check("V1")


def test_what_could_not_be_measured_is_not_evaluated_and_never_passes(tmp_path: Path):
    why = Message.of("engine.no_picture")
    judgement = verdict(tmp_path, "fail", timeline(not_measured={"levels": why}))
    result = judgement.check("V1")
    assert (result.state, result.reason) == (State.NOT_EVALUATED, why)
    assert judgement.not_evaluated == 1


@pytest.mark.parametrize("name", templates())
def test_with_nothing_measured_no_check_of_any_template_passes_but_those_of_plain_facts(name: str):
    bare = replace(timeline(), columns={})
    by = load_template(name)
    judgement = judge(detect(bare, by), by)
    passed = {result.id for result in judgement.checks if result.state is State.PASS}
    assert passed <= {"F1", "F2", "F3"}
    assert all(result.reason is not None for result in judgement.checks)


def test_checks_of_pictures_do_not_apply_to_a_file_without_them():
    by = load_template("default")
    judgement = judge(detect(timeline(media=media_facts([])), by), by)
    states = {result.state for result in judgement.checks if result.group in ("video", "flash")}
    assert states == {State.NOT_APPLICABLE}


def test_checks_of_sound_do_not_apply_to_a_silent_film_unless_sound_is_required():
    silent = timeline(media=media_facts(audios=[]))
    by = load_template("default")
    judgement = judge(silent, by)
    assert {r.state for r in judgement.checks if r.group == "audio"} == {State.NOT_APPLICABLE}
    assert judge(silent, load_template("web-ad")).check("F1").state is State.FAIL


RULE = '[[rules]]\nkind = "black"\nlabel = "tail"\nto = "{to}"\n{more}'


@pytest.mark.parametrize(
    ("to", "expected"),
    [("keep", State.FAIL), ("warn", State.WARN), ("info", State.PASS), ("ignore", State.PASS)],
)
def test_a_rule_weighs_events_by_what_surrounds_them(tmp_path: Path, to: str, expected: State):
    rest = RULE.format(to=to, more="")
    result = verdict(tmp_path, "fail", black_columns(150, 250), rest).check("V1")
    assert result.state is expected
    assert result.details.get("excused") == (1 if to == "info" else None)


def test_a_rule_holds_only_up_to_its_length(tmp_path: Path):
    rest = RULE.format(to="info", more="max_duration_s = 3.0\n")
    assert verdict(tmp_path, "fail", black_columns(175, 250), rest).check("V1").state is State.PASS
    assert verdict(tmp_path, "fail", black_columns(174, 250), rest).check("V1").state is State.FAIL


def test_one_event_that_nothing_excuses_fails_beside_softened_ones(tmp_path: Path):
    rest = RULE.format(to="warn", more="")
    whole = timeline(levels_columns(), events=[event("black", 2, 5), event("black", 7, 10, "tail")])
    by = template(tmp_path, f'[checks.V1]\nstate = "fail"\n{rest}')
    result = judge(whole, by).check("V1")
    assert result.state is State.FAIL
    assert ["softened" in e.labels for e in result.events] == [False, True]


def test_events_keep_their_place_on_the_timeline_whatever_rules_make_of_them(tmp_path: Path):
    by = template(tmp_path, '[checks.V1]\nstate = "fail"\n' + RULE.format(to="ignore", more=""))
    assert len(detect(black_columns(150, 250), by).events) == 1


def test_detecting_again_starts_anew(tmp_path: Path):
    by = template(tmp_path, '[checks.V1]\nstate = "fail"\n')
    once = detect(black_columns(100, 200), by)
    assert detect(once, by).events == once.events


def test_all_meters_are_wanted_but_the_replica_whatever_the_template():
    wanted = needed_meters(load_template("default"))
    assert {"pictures", "packets", "thumbs", "levels", "loudness", "shots", "fields"} <= wanted
    assert not {"flash_iris", "faults"} & wanted
    assert needed_meters(load_template("archive")) == wanted


def test_the_replica_is_wanted_by_its_profile(tmp_path: Path):
    text = 'extends = "default"\n[detectors.flash_luminance]\nprofile = "iris"\n'
    assert "flash_iris" in needed_meters(template(tmp_path, text))


def test_a_judgement_carries_its_template_and_reads_back_from_json():
    by = load_template("ebu-r128")
    judgement = judge(timeline(loudness_columns(-20.0)), by)
    assert (judgement.template, judgement.template_sha256) == ("ebu-r128", by.sha256)
    assert judgement_from_dict(judgement_to_dict(judgement)) == judgement


def test_every_reason_and_fix_renders_in_every_language():
    by = load_template("ebu-r128")
    for result in judge(timeline(loudness_columns(-20.0)), by).checks:
        for language in LANGUAGES:
            assert result.reason is not None
            assert result.reason.render(language)
            assert result.fix is None or result.fix.action.render(language)


def test_the_judgement_lists_the_checks_in_the_order_of_a_report():
    judgement = judge(timeline(), load_template("default"))
    assert [result.id for result in judgement.checks] == list(checks())


def test_video_of_which_no_picture_could_be_decoded_passes_nothing(tmp_path: Path) -> None:
    by = template(tmp_path, '[checks.V1]\nstate = "fail"\n')
    empty = timeline(levels_columns(0), length=0)
    result = judge(detect(empty, by), by).check("V1")
    assert (result.state, result.reason) == (State.NOT_EVALUATED, Message.of("qc.no_rows", meter="levels"))


def test_columns_of_another_version_are_not_evaluated_and_stop_nothing() -> None:
    whole = black_columns(100, 151)
    levels = whole.columns["levels"]
    older = replace(levels, columns=tuple(c for c in levels.columns if c.name != "black_share"))
    by = load_template("default")
    black = judge(detect(replace(whole, columns={**whole.columns, "levels": older}), by), by).check("V1")
    assert black.state is State.NOT_EVALUATED
    assert "black_share" in str(black.reason)
