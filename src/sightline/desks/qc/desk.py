"""The QC desk: what it wants measured, what it finds, and what it concludes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import ClassVar

from sightline.desks.desk import About, Assignment, Brief
from sightline.desks.judgement import CheckResult, Judgement, State, Verdict, Waiver
from sightline.desks.qc.answer import has_rows, measured, not_applicable, not_evaluated, why_missing
from sightline.desks.qc.check import SOFTENED, Check, Stream, checks
from sightline.desks.qc.context import labelled
from sightline.desks.qc.template import (
    OnFailure,
    Outcome,
    PlannedCheck,
    Rule,
    Template,
    load_template,
    parse_template,
    templates,
)
from sightline.desks.qc.waivers import Refusal, WaiverEntry, uncovered, waivers_from
from sightline.detectors.detector import Detector, detectors
from sightline.errors import NotFound, RequestInvalid
from sightline.facts import MediaFacts
from sightline.text import Message
from sightline.timeline.columns import ColumnMissing
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import PICTURE_CLOCK, Timeline

ID = "qc"
IRIS_METER, IRIS_PROFILE = "flash_iris", "iris"
SHOWN_METERS = frozenset({PICTURE_CLOCK, "packets", "thumbs"})
"""Measured for numbering, facts and showing, whatever is judged."""
FAULTS = "faults"
"""The one signal without rows when all is well."""
_OFFENDING = (State.FAIL, State.WARN)


@dataclass(frozen=True, slots=True)
class QcAssignment:
    """A delivery template, and what somebody accepted beforehand."""

    by: Template
    waivers: Sequence[WaiverEntry] = ()

    desk: ClassVar[str] = ID
    denied: ClassVar[frozenset[str]] = frozenset()
    demands_consent: ClassVar[bool] = False

    @property
    def template(self) -> str:
        return self.by.name

    @property
    def template_sha256(self) -> str:
        return self.by.sha256

    def meters(self, _installed: Container[str], /) -> Mapping[str, Mapping[str, str | int | float | bool]]:
        return {meter: {} for meter in sorted(needed_meters(self.by))}

    def detect(self, timeline: Timeline) -> Timeline:
        return detect(timeline, self.by)

    def judge(self, timeline: Timeline) -> Judgement:
        return judge(timeline, self.by, self.waivers)


class DESK:
    id: ClassVar[str] = ID
    templates: ClassVar[str] = "template"
    ending: ClassVar[str] = ".toml"

    def names(self) -> Sequence[str]:
        return tuple(templates())

    def about(self, name: str) -> About:
        return About(templates()[name].title, templates()[name].description)

    def read(self, brief: Brief) -> Assignment:
        if brief.options:
            raise RequestInvalid("service.unknown_option", option=min(brief.options), desk=ID)
        waivers = waivers_from({"waivers": [dict(row) for row in brief.waivers]})
        if brief.place is not None:
            return QcAssignment(load_template(brief.place), waivers)
        if brief.source is not None:
            return QcAssignment(parse_template(brief.template, brief.source), waivers)
        if brief.template not in templates():
            raise NotFound("library.not_found", what="template", id=brief.template)
        return QcAssignment(load_template(brief.template), waivers)


def needed_meters(template: Template) -> frozenset[str]:
    """Ids of the meters to run: all that any check or detector reads, so that another template needs no new decode.

    The replica of EA IRIS is for comparison only and costs time: it runs when the template sets that profile.
    """
    readers: list[Detector | type[Detector] | type[Check]] = [*detectors().values(), *checks().values()]
    wanted = SHOWN_METERS | {meter for reader in readers for meter in reader.needs} - {FAULTS}
    if any(getattr(detector, "profile", None) == IRIS_PROFILE for detector in template.detectors):
        return wanted | {IRIS_METER}
    return wanted - {IRIS_METER}


def detect(timeline: Timeline, template: Template) -> Timeline:
    """The timeline with the events every detector finds at the template's thresholds, labelled and numbered.

    Events it had before are dropped. A detector whose meters have no columns is left out; the checks that rely on it
    will not be evaluated.
    """
    found: tuple[Event, ...] = ()
    for detector in template.detectors:
        if all(measured(timeline, meter) for meter in detector.needs):
            try:
                found += detector.detect(replace(timeline, events=found))
            except ColumnMissing as missing:
                timeline = _without(timeline, missing)
    ordered = timeline.with_events(found)
    return replace(ordered, events=labelled(ordered))


def _without(timeline: Timeline, missing: ColumnMissing) -> Timeline:
    """The timeline without a meter that an older version of this program measured, in columns of its own."""
    columns = {name: columns for name, columns in timeline.columns.items() if name != missing.meter}
    why = Message.of("qc.older_columns", meter=missing.meter, column=missing.column)
    return replace(timeline, columns=columns, not_measured={**timeline.not_measured, missing.meter: why})


def judge(
    timeline: Timeline, template: Template, waivers: Sequence[WaiverEntry] = (), *, today: date | None = None
) -> Judgement:
    """The verdict on a timeline that `detect` has been over with the same template.

    ``today`` is the day against which waivers expire; the present one when left out.
    """
    day = today or datetime.now(UTC).date()
    outcomes = _outcomes(timeline.events, template.rules)
    weighed = replace(timeline, events=_weighed(timeline.events, outcomes))
    excused = Counter(e.kind for e, outcome in zip(timeline.events, outcomes, strict=True) if outcome is Outcome.INFO)
    results = tuple(
        _result(plan, weighed, excused, [entry for entry in waivers if entry.check == plan.check.id], day)
        for plan in template.checks
    )
    verdict = _verdict(template.checks, results)
    open_checks = sum(result.state is State.NOT_EVALUATED for result in results)
    return Judgement(ID, template.name, template.sha256, verdict, results, open_checks)


def _verdict(plans: Sequence[PlannedCheck], results: Sequence[CheckResult]) -> Verdict:
    """The worst state. What the template wants judged and nobody could measure is no pass: it is a warning."""
    states = {result.state for result in results}
    if State.FAIL in states:
        return Verdict.FAIL
    unknown = any(
        result.state is State.NOT_EVALUATED and plan.on_failure is not OnFailure.REPORT
        for plan, result in zip(plans, results, strict=True)
    )
    return Verdict.WARN if unknown or State.WARN in states else Verdict.PASS


def _outcomes(events: tuple[Event, ...], rules: tuple[Rule, ...]) -> list[Outcome]:
    """What the first rule that fits says of each event."""
    of_kind: dict[str, list[Rule]] = {}
    for rule in rules:
        of_kind.setdefault(rule.kind, []).append(rule)
    return [
        next((rule.to for rule in of_kind.get(event.kind, ()) if rule.fits(event)), Outcome.KEEP)
        if event.labels
        else Outcome.KEEP
        for event in events
    ]


def _weighed(events: tuple[Event, ...], outcomes: list[Outcome]) -> tuple[Event, ...]:
    """The events that count against checks, those a rule softens marked so."""
    kept = []
    for event, outcome in zip(events, outcomes, strict=True):
        match outcome:
            case Outcome.KEEP:
                kept.append(event)
            case Outcome.WARN:
                kept.append(replace(event.labelled(SOFTENED), severity=Severity.WARNING))
    return tuple(kept)


def _result(
    plan: PlannedCheck, timeline: Timeline, excused: Mapping[str, int], entries: list[WaiverEntry], day: date
) -> CheckResult:
    check = plan.check
    result = _hindrance(check, timeline) or check.evaluate(timeline)
    if result.state in _OFFENDING and plan.on_failure is not OnFailure.REPORT and entries:
        result = _waived(check, result, timeline, entries, day)
    count = sum(
        excused.get(kind, 0) for name in check.detectors if name in detectors() for kind in detectors()[name].kinds
    )
    if count:
        result = replace(result, details=dict(result.details) | {"excused": count})
        if result.reason is not None and result.reason.key == "qc.none_found":
            result = replace(result, reason=Message.of("qc.excused", count=count))
    return _as_planned(replace(result, source=plan.source), plan.on_failure)


def _hindrance(check: Check, timeline: Timeline) -> CheckResult | None:
    """Why the check cannot be evaluated or does not apply, or None when nothing stands in its way."""
    media = timeline.media
    if check.stream in (Stream.VIDEO, Stream.BOTH) and media.video is None:
        return _absent(check, media, "video", "qc.no_video")
    if check.stream in (Stream.AUDIO, Stream.PAIR, Stream.BOTH) and not media.audios:
        return _absent(check, media, "audio", "qc.no_audio")
    if check.stream is Stream.PAIR and all(audio.channels < 2 for audio in media.audios):
        return not_applicable(check, Message.of("qc.one_channel"))
    meters = list(check.needs)
    for name in check.detectors:
        if name not in detectors():
            return not_evaluated(check, Message.of("qc.no_detector", detector=name))
        meters += detectors()[name].needs
    missing = next((meter for meter in meters if not measured(timeline, meter)), None)
    if missing is not None:
        return not_evaluated(check, why_missing(timeline, missing))
    empty = next((meter for meter in meters if meter != FAULTS and not has_rows(timeline, meter)), None)
    return None if empty is None else not_evaluated(check, Message.of("qc.no_rows", meter=empty))


def _absent(check: Check, media: MediaFacts, kind: str, why: str) -> CheckResult:
    """Nothing of a kind to judge: because there is none, or because what there is cannot be decoded."""
    undecoded = ", ".join(f"{other.index} ({other.codec})" for other in media.others if other.kind == kind)
    if undecoded:
        return not_evaluated(check, Message.of("qc.undecoded", streams=undecoded))
    return not_applicable(check, Message.of(why))


def _waived(
    check: Check, result: CheckResult, timeline: Timeline, entries: list[WaiverEntry], day: date
) -> CheckResult:
    """WAIVED when everything found is covered; else judged by what is left. Says why an entry did not apply."""
    media = timeline.media
    refused = {str(refusal) for entry in entries if (refusal := entry.refusal(media, day)) is not None}
    valid = [entry for entry in entries if entry.refusal(media, day) is None]
    whole = [entry for entry in valid if entry.span_in(media) is None]
    left, used = (result.events, ()) if not result.events else uncovered(valid, result.events, media)
    if whole or (result.events and not left and not result.details.get("untimed")):
        return _with_waiver(replace(result, state=State.WAIVED, reason=_waived_by(whole or used)), whole or used)
    if used:
        covered = [event for event in result.events if event not in left]
        rest = replace(timeline, events=tuple(event for event in timeline.events if event not in covered))
        result = check.evaluate(rest)
        result = replace(result, details=dict(result.details) | {"waived_events": len(covered)})
    elif valid:
        refused.add(str(Refusal.OUTSIDE))
    return replace(result, details=dict(result.details) | {"waiver": " ".join(sorted(refused))}) if refused else result


def _waived_by(entries: Sequence[WaiverEntry]) -> Message:
    return Message.of("qc.waived", who=_joined(e.who for e in entries), why=_joined(e.why for e in entries))


def _with_waiver(result: CheckResult, entries: Sequence[WaiverEntry]) -> CheckResult:
    who, why = _joined(entry.who for entry in entries), _joined(entry.why for entry in entries)
    return replace(result, waiver=Waiver(result.id, who, why))


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _as_planned(result: CheckResult, on_failure: OnFailure) -> CheckResult:
    """The result at the weight the template gives the check."""
    if result.state not in (State.PASS, *_OFFENDING):
        return result
    if on_failure is OnFailure.REPORT:
        return replace(result, state=State.NOT_APPLICABLE, reason=Message.of("qc.reported_only"), threshold=None)
    if on_failure is OnFailure.WARN and result.state is State.FAIL:
        return replace(result, state=State.WARN)
    return result
