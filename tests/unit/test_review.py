"""The state machine of reviews, and what a consent file may say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.desks.desk import Brief, desks
from sightline.desks.review import (
    Action,
    Override,
    Review,
    ReviewState,
    Step,
    review_from_dict,
    review_to_dict,
    stepped,
)
from sightline.errors import Conflict, RequestInvalid
from sightline.service.consent import (
    contact_hash,
    load_consent,
    policy_that_needs_consent,
    refuse_without,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = """
subject: 김미나
contact: " Mina@Example.org "
purpose: a post
policy: hiring
text: |
  I agree that this recording is analysed.
language: en
given_at: 2026-11-21T10:00:00+09:00
"""


def step(action: Action) -> Step:
    return Step(action, "mina", "2026-11-21T12:00:00+00:00", "because")


def score(value: float = 70, part: str | None = None) -> Override:
    return Override("gaze", part, value, "because", "mina", "2026-11-21T12:00:00+00:00", 40.0, 1)


def test_a_score_of_ones_own_stands_beside_the_machines() -> None:
    review = stepped(Review(), step(Action.OVERRIDE), score())
    assert review.state is ReviewState.OVERRIDDEN
    assert review.override_of("gaze") == score()
    assert review.override_of("gaze", "q1") is None
    assert score().machine == 40.0


def test_the_latest_override_of_a_score_counts_and_all_steps_stay() -> None:
    review = stepped(stepped(Review(), step(Action.OVERRIDE), score(70)), step(Action.OVERRIDE), score(50))
    assert [one.value for one in review.overrides] == [50]
    assert len(review.steps) == 2


def test_what_is_contested_can_only_be_resolved() -> None:
    contested = stepped(Review(), step(Action.CONTEST))
    for action in (Action.REVIEW, Action.OVERRIDE, Action.CONTEST):
        with pytest.raises(Conflict):
            stepped(contested, step(action), score() if action is Action.OVERRIDE else None)
    resolved = stepped(contested, step(Action.RESOLVE), score())
    assert resolved.state is ReviewState.RESOLVED
    assert resolved.overrides == (score(),)
    assert stepped(resolved, step(Action.CONTEST)).state is ReviewState.CONTESTED


def test_nothing_is_resolved_that_nobody_contested() -> None:
    with pytest.raises(Conflict):
        stepped(Review(), step(Action.RESOLVE))


@given(st.lists(st.sampled_from(Action), max_size=12))
def test_whatever_is_done_a_review_forgets_nothing_and_survives_being_kept(actions: list[Action]) -> None:
    review = Review()
    for action in actions:
        try:
            after = stepped(review, step(action), score() if action is Action.OVERRIDE else None)
        except Conflict:
            continue
        assert after.steps[:-1] == review.steps
        assert after.steps[-1].action is action
        review = after
    assert review_from_dict(review_to_dict(review)) == review


def written(folder: Path, text: str) -> Path:
    path = folder / "consent.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_consent_file_keeps_the_words_and_not_the_address(tmp_path: Path) -> None:
    consent = load_consent(written(tmp_path, PAGE), NOW)
    assert consent.subject == "김미나"
    assert consent.text == "I agree that this recording is analysed."
    assert consent.text_sha256 == hashlib.sha256(consent.text.encode()).hexdigest()
    assert consent.contact_hash == contact_hash("mina@example.org")
    assert consent.given_at == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert "xample" not in str(consent.to_plain())


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("policy: hiring", "policy: anything", "consent.bad_file"),
        ("subject: 김미나", "subject: ''", "consent.bad_file"),
        ("language: en", "language: en\nextra: 1", "consent.bad_file"),
        ("10:00:00+09:00", "23:00:00+00:00", "consent.bad_time"),
        (PAGE, "[", "consent.no_file"),
        (PAGE, "just words", "consent.bad_file"),
        (PAGE, "", "consent.bad_file"),
        (PAGE, "!!bool perhaps", "consent.no_file"),
        (PAGE, "!!timestamp never", "consent.no_file"),
        (PAGE, "given_at: 2026-99-99", "consent.no_file"),
        (PAGE, "a: &a {x: 1}\nb: {<<: [*a, *a]}", "consent.no_file"),
        (PAGE, "subject: " + "9" * 5000, "consent.no_file"),
    ],
)
def test_a_consent_file_that_says_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        load_consent(written(tmp_path, PAGE.replace(old, new)), NOW)
    assert refused.value.message.key == key


def test_a_consent_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestInvalid):
        load_consent(tmp_path / "none.yaml", NOW)


@pytest.mark.parametrize("policy", ["hiring", "education", "research", "medical"])
def test_only_a_consent_to_the_same_policy_holds(tmp_path: Path, policy: str) -> None:
    options = {"policy": policy}
    by = desks()["interview"].read(Brief(options=options))
    assert policy_that_needs_consent(by, options) == policy
    with pytest.raises(RequestInvalid, match="without having agreed"):
        refuse_without(policy, None)
    refuse_without(policy, load_consent(written(tmp_path, PAGE.replace("hiring", policy)), NOW))
    other = "education" if policy == "hiring" else "hiring"
    with pytest.raises(RequestInvalid, match=f"given for {other}"):
        refuse_without(policy, load_consent(written(tmp_path, PAGE.replace("hiring", other)), NOW))


def test_who_practises_by_himself_needs_none() -> None:
    for options in ({}, {"policy": "self_practice"}):
        assert policy_that_needs_consent(desks()["interview"].read(Brief(options=options)), options) is None
    assert policy_that_needs_consent(desks()["qc"].read(Brief()), {}) is None
