"""JUnit XML for build servers: a suite a group of checks, a test case a check."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar
from xml.etree import ElementTree as ET

from sightline.desks.judgement import CheckResult, State
from sightline.report.report import Report, refuse_a_person
from sightline.report.showing import check_threshold, check_title, check_value, reason_text, sentence_of
from sightline.report.xml import document, put
from sightline.text import Language, words

_SKIPPED = (State.NOT_APPLICABLE, State.NOT_EVALUATED, State.WAIVED)


class JunitReport:
    format: ClassVar[str] = "junit"
    suffix: ClassVar[str] = ".junit.xml"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "JUnit")
        checks = sorted(report.judgement.checks, key=lambda check: check.group)
        root = ET.Element("testsuites", {"name": f"sightline {report.judgement.template}", **_counts(checks)})
        for group, members in groupby(checks, lambda check: check.group):
            inside = list(members)
            suite = put(root, "testsuite", name=group, timestamp=report.made_at, **_counts(inside))
            for check in inside:
                _put_case(suite, check, report)
        return document(root)


def _counts(checks: list[CheckResult]) -> dict[str, str]:
    states = [check.state for check in checks]
    return {
        "tests": str(len(states)),
        "failures": str(states.count(State.FAIL)),
        "errors": "0",
        "skipped": str(sum(state in _SKIPPED for state in states)),
        "time": "0",
    }


def _put_case(suite: ET.Element, check: CheckResult, report: Report) -> None:
    language = report.language
    name = f"{check.id} {check_title(check, language)}"
    case = put(suite, "testcase", name=name, classname=f"{report.timeline.media.name}.{check.group}", time="0")
    message = _message(check, language)
    match check.state:
        case State.FAIL:
            lines = [message, *(sentence_of(event, language) for event in check.events)]
            put(case, "failure", "\n".join(lines), message=message, type=check.name)
        case State.NOT_APPLICABLE | State.NOT_EVALUATED | State.WAIVED:
            put(case, "skipped", message=message)
        case State.WARN:
            put(case, "system-out", "\n".join([message, *(sentence_of(event, language) for event in check.events)]))
        case State.PASS:
            pass


def _message(check: CheckResult, language: Language) -> str:
    """State, value against threshold, and the reason."""
    state = words(f"report.state.{check.state}", language)
    value = check_value(check, language)
    limit = check_threshold(check, language)
    waived = f"{check.waiver.who}: {check.waiver.why}" if check.waiver else ""
    measured = f"{value} ({limit})" if value and limit else value or limit
    return ". ".join(part for part in (state, measured, reason_text(check, language), waived) if part)


RENDERER = JunitReport
