"""What was measured and said for one purpose is not shown, nor said, for another that forbids it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.interviews import answer, assignment
from tests.talk import emotion

from sightline.desks.desk import Brief
from sightline.desks.interview.policies import withheld
from sightline.errors import NotFound
from sightline.insight.claims import Claim, Feedback, Topic
from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.cache import ResultCache
from sightline.service.analysis import Analysis, judged, still_resting
from sightline.service.asked import asked_to_dict
from sightline.service.bundles import Bundles
from sightline.service.curves import Curves, Window
from sightline.service.evidence import Evidence
from sightline.text import Language

PRACTICE: dict[str, Any] = {"policy": "self_practice", "emotion": True}
HIRING: dict[str, Any] = {"policy": "hiring"}


@pytest.fixture(scope="module")
def practised() -> Analysis:
    """An answer judged for practice, with the classifier, and what was said of it."""
    take, person = answer(30.0)
    person.smile(5, 9)
    take.with_(emotion(take, happiness=[(0, 30, 0.9)]))
    made = judged(take.timeline(), assignment(**PRACTICE))
    said = Claim(Topic.STRENGTH, "You looked happy.", ("on_camera_share",), ())
    return replace(made, brief=Brief(options=PRACTICE), feedback=Feedback(Language.ENGLISH, "model", (said,)))


@pytest.mark.parametrize("policy", ["hiring", "education"])
def test_emotion_measured_for_practice_is_in_nothing_judged_for_a_decision(practised: Analysis, policy: str) -> None:
    assert "emotion" in practised.timeline
    again = practised.judge(options={"policy": policy})
    assert "emotion" not in again.timeline
    document = json.loads(again.report("json"))
    assert "emotion" not in document["signals"]
    assert again.feedback is None


def test_nor_is_it_read_from_the_bundle_of_the_earlier_judgement(practised: Analysis, tmp_path: Path) -> None:
    blobs = Blobs.in_memory()
    bundles = Bundles(blobs, tmp_path / "nearby")
    bundles.put("a", practised.save(tmp_path / "made"))
    again = practised.judge(options=HIRING)
    document = bundles.put_judgement("a", 2, again, asked_to_dict(again.brief))
    assert "emotion" in bundles.analysis("a", "").timeline
    assert "emotion" not in bundles.analysis("a", document).timeline
    for options, there in ((PRACTICE, True), (HIRING, False)):
        row = SimpleNamespace(id="a", desk="interview", options=options, revision=1, document="", finished_at=None)
        analyses = cast(Any, SimpleNamespace(get=lambda actor, _, row=row: row))
        cache = ResultCache(1 << 20)
        evidence = Curves(Evidence(analyses, bundles, cache, cast(Any, None)), bundles, cache)
        names = {info.name for info in evidence.signals(SYSTEM, "a")}
        assert ("emotion.happiness" in names) is there
        assert "faces.yaw" in names
        if there:
            assert evidence.signal(SYSTEM, "a", "emotion.happiness", Window())
        else:
            with pytest.raises(NotFound):
                evidence.signal(SYSTEM, "a", "emotion.happiness", Window())


def test_what_was_said_stays_only_where_a_newer_judgement_says_the_same(practised: Analysis) -> None:
    feedback, before = practised.feedback, practised.judgement
    assert still_resting(feedback, before, practised.judge("legacy_compat").judgement) is feedback
    others = (replace(metric, value=0.1) if metric.id == "on_camera_share" else metric for metric in before.metrics)
    assert still_resting(feedback, before, replace(before, metrics=tuple(others))) is None
    assert still_resting(feedback, before, replace(before, notes={**before.notes, "policy": "research"})) is None


def test_only_who_asked_for_emotion_where_it_is_allowed_is_shown_it() -> None:
    assert withheld({"policy": "research", "emotion": True}) == frozenset()
    for options in ({}, {"policy": "hiring", "emotion": True}, {"policy": "unheard of", "emotion": True}, HIRING):
        assert withheld(options) == {"emotion"}
