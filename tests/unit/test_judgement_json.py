import json
from fractions import Fraction

import pytest

from sightline.clock import Span
from sightline.desks.judgement import CheckResult, Fix, Judgement, State, Verdict, Waiver
from sightline.desks.judgement_json import event_from_dict, event_to_dict, judgement_from_dict, judgement_to_dict
from sightline.text import Message
from sightline.timeline.event import Event, Severity

EVENT = Event(
    "black",
    Span(Fraction(1001, 30000), Fraction(2002, 30000)),
    Severity.WARNING,
    0.75,
    {"value": 0.99, "unit": "share", "channel": None},
    ("head",),
    1,
    2,
)


def test_an_event_comes_back_as_it_was_and_keeps_its_exact_time():
    plain = json.loads(json.dumps(event_to_dict(EVENT), allow_nan=False))
    assert plain["start"] == "1001/30000"
    assert plain["start_s"] == pytest.approx(1001 / 30000, abs=1e-6)
    assert event_from_dict(plain) == EVENT


def test_a_judgement_comes_back_as_it_was():
    reason = Message.of("errors.media_not_found", path="a")
    result = CheckResult(
        "A1", "integrated_loudness", "audio", State.WAIVED, -20.0, "lufs", "-23 +-0.2", "EBU R 128", reason,
        (EVENT,), {"streams": 1}, Fix(reason, -3.0, "db"), Waiver("A1", "Kim", "old material"),
    )  # fmt: skip
    judgement = Judgement("qc", "default", "00", Verdict.PASS, (result,), 0)
    plain = json.loads(json.dumps(judgement_to_dict(judgement), allow_nan=False))
    assert judgement_from_dict(plain) == judgement
    assert set(plain["checks"][0]["reason"]["text"]) == {"en", "ko"}


def test_a_number_that_is_not_finite_becomes_null_and_the_json_stays_strict():
    result = CheckResult("A1", "x", "audio", State.NOT_EVALUATED, value=float("-inf"))
    plain = judgement_to_dict(Judgement("qc", "t", "0", Verdict.PASS, (result,), 1))
    assert plain["checks"][0]["value"] is None
    json.dumps(plain, allow_nan=False)
