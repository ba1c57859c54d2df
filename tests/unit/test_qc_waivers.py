"""Waiver files, and what they do to a verdict."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from qc_sample import event, media_facts, picture_columns, timeline, video_facts

from sightline.desks.judgement import CheckResult, State, Verdict
from sightline.desks.qc.desk import judge
from sightline.desks.qc.template import load_template
from sightline.desks.qc.waivers import WaiverEntry, load_waivers
from sightline.errors import TemplateInvalid
from sightline.timeline.event import Event

TODAY = date(2026, 6, 1)
HASH = "ab" * 32


def load(folder: Path, text: str) -> tuple[WaiverEntry, ...]:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return load_waivers(path)


def entry(**fields: object) -> WaiverEntry:
    return WaiverEntry(**({"check": "V1", "who": "Kim", "why": "agreed"} | fields))  # type: ignore[arg-type]


def black_check(folder: Path, *entries: WaiverEntry, events: tuple[Event, ...], state: str = "fail") -> CheckResult:
    template = folder / "t.toml"
    template.write_text(f'[checks.V1]\nstate = "{state}"\n')
    levels = picture_columns("levels", 250)
    judgement = judge(timeline(levels, events=events), load_template(template), entries, today=TODAY)
    return judgement.check("V1")


BLACKS = event("black", 2, 4.5), event("black", 6, 9)


def test_a_waiver_file_keeps_every_field(tmp_path: Path):
    text = f"""
waivers:
  - check: V1
    start: "0:02"
    end: 10:00:04:00
    sha256: {HASH}
    expires: 2027-01-31
    who: 김민지
    why: 합의된 휴지부
"""
    (found,) = load(tmp_path, text)
    assert found == WaiverEntry("V1", "김민지", "합의된 휴지부", "0:02", "10:00:04:00", HASH, date(2027, 1, 31))


def test_a_timecode_in_yaml_is_not_taken_for_a_number_to_the_base_of_sixty(tmp_path: Path):
    (found,) = load(tmp_path, "waivers: [{check: V1, who: a, why: b, start: 10:00:02:00, end: 1:30}]")
    assert (found.start, found.end) == ("10:00:02:00", "1:30")


@pytest.mark.parametrize(
    "text",
    [
        "waivers: [{check: V1, who: a}]",
        "waivers: [{check: V1, who: a, why: ''}]",
        "waivers: [{check: V99, who: a, why: b}]",
        "waivers: [{check: V1, who: a, why: b, when: now}]",
        "waivers: [{check: V1, who: a, why: b, start: soon}]",
        "waivers: [{check: V1, who: a, why: b, start: 9, end: 2}]",
        "waivers: [{check: V1, who: a, why: b, sha256: abc}]",
        "waivers: [{check: V1, who: a, why: b, expires: tomorrow}]",
        "waivers: none",
        "[]",
        "",
        "waivers: [",
        "a: &a [x]\nwaivers: [*a, *a]",
        "waivers: !!python/object/apply:os.getcwd []",
        "[" * 5000,
    ],
)
def test_a_waiver_file_that_is_wrong_is_a_typed_error(tmp_path: Path, text: str):
    with pytest.raises(TemplateInvalid):
        load(tmp_path, text)


def test_a_missing_waiver_file_is_a_typed_error(tmp_path: Path):
    with pytest.raises(TemplateInvalid):
        load_waivers(tmp_path / "none.yaml")


def test_a_waiver_for_all_of_a_check_waives_it(tmp_path: Path):
    result = black_check(tmp_path, entry(), events=BLACKS)
    assert result.state is State.WAIVED
    assert result.waiver is not None
    assert (result.waiver.who, result.waiver.why) == ("Kim", "agreed")
    assert len(result.events) == 2


def test_a_waiver_counts_for_nothing_else(tmp_path: Path):
    assert black_check(tmp_path, entry(check="V3"), events=BLACKS).state is State.FAIL


def test_a_passed_check_is_not_waived(tmp_path: Path):
    assert black_check(tmp_path, entry(), events=()).state is State.PASS


def test_a_range_that_covers_every_event_waives_the_check(tmp_path: Path):
    result = black_check(tmp_path, entry(start="2", end="4.5"), entry(start="5", who="Lee"), events=BLACKS)
    assert result.state is State.WAIVED
    assert result.waiver is not None
    assert result.waiver.who == "Kim; Lee"


def test_what_a_range_does_not_cover_is_still_judged(tmp_path: Path):
    result = black_check(tmp_path, entry(start="2", end="4.5"), events=BLACKS)
    assert result.state is State.FAIL
    assert [e.span.start for e in result.events] == [6]
    assert result.details["waived_events"] == 1


def test_an_event_that_sticks_out_of_the_range_is_not_covered(tmp_path: Path):
    result = black_check(tmp_path, entry(start="2", end="4.4"), events=BLACKS[:1])
    assert result.state is State.FAIL
    assert result.details["waiver"] == "outside"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"sha256": "cd" * 32}, "content_differs"),
        ({"expires": date(2026, 5, 31)}, "expired"),
    ],
)
def test_a_waiver_that_does_not_hold_is_not_applied_and_says_so(tmp_path: Path, fields: dict[str, object], why: str):
    result = black_check(tmp_path, entry(**fields), events=BLACKS)
    assert result.state is State.FAIL
    assert result.details["waiver"] == why


def test_a_waiver_holds_on_its_last_day_and_for_its_content(tmp_path: Path):
    held = entry(expires=TODAY, sha256=HASH.upper())
    assert black_check(tmp_path, held, events=BLACKS).state is State.WAIVED


def test_a_waived_check_does_not_fail_the_verdict(tmp_path: Path):
    template = tmp_path / "t.toml"
    template.write_text('[checks.V1]\nstate = "fail"\n')
    whole = timeline(picture_columns("levels", 250), events=BLACKS)
    assert judge(whole, load_template(template), [entry()], today=TODAY).verdict is Verdict.PASS


def test_timecode_counts_from_the_files_own_start():
    media = media_facts([video_facts(start_timecode="10:00:00:00", start=Fraction(0))])
    span = entry(start="10:00:02:00", end="10:00:04:12").span_in(media)
    assert (span.start, span.end) == (2, Fraction(112, 25))  # type: ignore[union-attr]


def test_timecode_without_pictures_to_count_is_refused():
    media = media_facts([])
    assert entry(start="10:00:02:00").refusal(media, TODAY) == "no_timecode"
