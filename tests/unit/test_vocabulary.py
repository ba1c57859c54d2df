"""The words for what data holds: everything a meter, detector, check or metric can tell has one, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from tests.service.test_cli import make_clip

import sightline.detectors.person as person
from sightline.desks.desk import desks
from sightline.desks.interview.definition import definitions
from sightline.desks.interview.policies import POLICIES
from sightline.desks.interview.rubric import load_rubric
from sightline.desks.judgement import Standing, State, Verdict
from sightline.desks.qc.check import checks
from sightline.detectors.detector import detectors, person_detectors
from sightline.engine.run import Request, measure
from sightline.meters import emotion, faces, hands, pose, voice_mos
from sightline.meters.meter import meters
from sightline.service.policies import policies_here
from sightline.service.vocabulary import label_of, meter_label, vocabulary
from sightline.text import LANGUAGES, Language
from sightline.timeline.event import Severity
from sightline.weights.registry import registry

KNOWN = {language: vocabulary(language).words for language in LANGUAGES}


def _nameless(prefix: str, names: Iterator[str] | list[str], after: str = "") -> list[str]:
    return [name for name in names for known in KNOWN.values() if f"{prefix}.{name}{after}" not in known]


def test_every_kind_of_event_has_a_name() -> None:
    every = [*detectors().values(), *person_detectors().values()]
    assert _nameless("kind", [kind for detector in every for kind in detector.kinds]) == []


def test_every_check_has_a_name_and_a_meaning_and_every_parameter_one_of_its_own() -> None:
    assert _nameless("check", list(checks()), ".title") == []
    assert _nameless("check", list(checks()), ".text") == []
    parameters = [each.name for check in checks().values() for each in fields(check)]  # type: ignore[arg-type]
    assert _nameless("parameter", parameters) == []


def test_every_metric_score_term_and_band_has_a_name() -> None:
    assert _nameless("metric", list(definitions()), ".title") == []
    for name in desks()["interview"].names():
        rubric = load_rubric(name)
        assert _nameless("score", [score.id for score in rubric.scores]) == []
        assert _nameless("term", [term.id for score in rubric.scores for term in score.terms]) == []
        assert _nameless("band", [band for score in rubric.scores for band, _ in score.bands]) == []


def test_every_state_severity_policy_meter_and_model_has_a_name() -> None:
    assert _nameless("state", list(State)) == []
    assert _nameless("verdict", list(Verdict)) == []
    assert _nameless("severity", list(Severity)) == []
    assert _nameless("standing", list(Standing)) == []
    assert _nameless("meter", list(meters())) == []
    assert _nameless("model", list(registry())) == []
    assert _nameless("policy", list(POLICIES), ".name") == []
    assert {policy.id: policy.denies for policy in policies_here(["hiring"])} == {"hiring": ["emotion", "overall"]}


def test_one_prefix_holds_the_words_of_every_desk_and_none_of_another_prefix() -> None:
    english = KNOWN[Language.ENGLISH]
    assert english["kind.blink"] == "Blink"
    assert english["kind.black"] == "Black"
    assert english["unit.lufs"] == "LUFS"
    assert english["unit.share"] == "%"
    assert english["term.pauses"] == "Pauses"
    assert not [key for key in english if key.startswith(("metric.terms", "metric.bands", "signal.meters"))]


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Of every meter that needs no weights, as measured; of the others as they say."""
    clip = make_clip(tmp_path_factory.mktemp("signals") / "a.mp4", 50)
    measured = measure(Request(clip, {meter: {} for meter in meters()})).columns
    found = [f"{meter}.{column.name}" for meter, columns in measured.items() for column in columns.columns]
    for module in (emotion, faces, hands, pose):
        found += [f"{module.METER.id}.{name}" for name in module._FIELDS]
    found += [f"voice_mos.{name}" for name in voice_mos.RATINGS]
    assert len(found) > 300
    return [*found, "speakers.speaker", "speakers.confidence", "words.text", "words.probability"]


def test_every_signal_has_a_name_in_both_languages(signals: list[str]) -> None:
    for name in signals:
        column = name.rpartition(".")[2].replace("_", " ")
        label = label_of(name)
        assert column not in label.values(), name
        assert re.search("[가-힣]|DTS|PTS|MOS|[UV]$", label[Language.KOREAN]), name
        assert "{" not in "".join(label.values()), name


def test_channels_are_counted_from_one_and_sound_tracks_named() -> None:
    assert label_of("samples.rms_0")[Language.ENGLISH] == "RMS level, channel 1"
    assert label_of("phase.phase_0_1")[Language.ENGLISH] == "Phase, channels 1 and 2"
    assert label_of("hum.level_50_1")[Language.ENGLISH] == "Level at 50 Hz, channel 2"
    assert label_of("levels.y_p10")[Language.ENGLISH] == "Luma: lowest 10 %"
    assert label_of("loudness@2.momentary")[Language.KOREAN] == "순간 라우드니스(오디오 트랙 2)"
    assert meter_label("loudness@2")[Language.ENGLISH] == "Loudness"


@pytest.mark.parametrize("name", ["", ".", "new.some_thing", "hum.level_1_2_3", "samples.rms_", "a@b.c_{x}", "words"])
def test_what_nobody_named_is_shown_as_it_is(name: str) -> None:
    assert label_of(name)[Language.ENGLISH] == name.rpartition(".")[2].replace("_", " ")


def test_other_words_have_another_version() -> None:
    assert vocabulary(Language.ENGLISH).version != vocabulary(Language.KOREAN).version


def test_every_word_the_person_detectors_put_into_evidence_has_a_name() -> None:
    names: set[str] = set()
    for path in Path(person.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "evidence":
                assert isinstance(node.value, ast.Dict)
                names |= {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    assert len(names) > 25
    assert _nameless("evidence", [*names, "gap", "after", "word", "isolated", "pitch_sd"]) == []
