"""EBU QC report, namespace ``tag:qc.ebu.ch,2026-01`` (the EBU's QC data model, github.com/ebu/qc).

Follows the EBU's best-practice guidance: an item result for each profile item, one check result for the whole, no item
definitions, time zones everywhere. Checks the EBU catalogue has no item for carry ids of our own, ``SIGHTLINE-V3``.
Spans are half-open and counted in pictures, with the edit rate beside them (the EBU's timing extension), or seconds
where there is no constant rate. A waiver is an annotation with its editor; the item then passes by assistance.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import ClassVar
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from sightline.desks.judgement import CheckResult, State, Verdict
from sightline.report.framing import Framing, framing_or_none
from sightline.report.report import Report, refuse_a_person
from sightline.report.showing import check_threshold, check_title, check_value, reason_text
from sightline.report.xml import document, put
from sightline.text import words
from sightline.timeline.event import Event, Severity

NAMESPACE = "tag:qc.ebu.ch,2026-01"
TIMING = f"{NAMESPACE}:extensions:timing"
OWN_VERSION = "1.0"
"""Version of the items that are our own."""

CATALOGUE = {
    "V1": ("0016B", "Constant Colour Frames", "2.0.0"),
    "V2": ("0016B", "Constant Colour Frames", "2.0.0"),
    "V5": ("0051B", "Video Signal Levels", "2.0.0"),
    "V6": ("0051B", "Video Signal Levels", "2.0.0"),
    "V11": ("0052BI", "Video Test Pattern Not Expected", "1.0.0"),
    "A1": ("0010B", "Loudness", "2.0.0"),
    "A2": ("0010B", "Loudness", "2.0.0"),
    "A3": ("0010B", "Loudness", "2.0.0"),
    "A5": ("0078B", "Audio Silence", "2.0.0"),
}
"""EBU QC id, name and version by check, as the EBU's catalogue (qc.ebu.io) publishes them."""

_SEVERITY = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_NOT_A_NAME = re.compile(r"[^0-9a-zA-Z-]+")


class EbuXmlReport:
    format: ClassVar[str] = "ebu-xml"
    suffix: ClassVar[str] = ".ebuqc.xml"

    def render(self, report: Report) -> bytes:
        refuse_a_person(report, "EBU QC XML")
        checks = report.judgement.checks
        framing = framing_or_none(report)
        errors = [check for check in checks if check.state is State.NOT_EVALUATED]
        root = ET.Element("Report", {"xmlns": NAMESPACE})
        put(root, "ReportId", _uuid(report, "report", report.made_at))
        put(root, "ExecutionStatus", "error" if errors else "complete")
        if errors:
            count = words("report.not_evaluated_count", report.language, count=len(errors))
            put(root, "ErrorDescription", count)
        put(root, "CheckResult", report.judgement.verdict is not Verdict.FAIL)
        _put_content(root, report)
        put(root, "LastModifiedDateTime", report.made_at)
        put(root, "OverallAnalysisDuration", f"PT{max(0.0, report.timeline.provenance.seconds):.3f}S")
        _put_tool(root, report)
        shared = Counter(_item_of(check)[0] for check in checks)
        _put_profile(root, report, shared)
        results = put(root, "ItemResults")
        for check in checks:
            _put_result(results, check, report, framing, shared)
        return document(root)


def _item_of(check: CheckResult) -> tuple[str, str, str]:
    own = (_name(f"SIGHTLINE-{check.id}"), check.name, OWN_VERSION)
    return CATALOGUE.get(check.id, own)


def _put_item_head(parent: ET.Element, check: CheckResult, report: Report, shared: Counter[str]) -> None:
    ebu_id, name, version = _item_of(check)
    put(parent, "EBUQCID", ebu_id)
    put(parent, "EBUQCName", name)
    put(parent, "EBUQCVersion", version)
    if shared[ebu_id] > 1:
        put(parent, "InstanceId", _uuid(report, "item", check.id))


def _put_content(parent: ET.Element, report: Report) -> None:
    media = report.timeline.media
    identifier = put(put(parent, "ContentId"), "ContentIdentifier")
    put(identifier, "ID", f"urn:sha256:{media.sha256}" if media.sha256 else media.name)
    put(put(identifier, "Annotation"), "Text", media.name)


def _put_tool(parent: ET.Element, report: Report) -> None:
    name, _, version = report.timeline.provenance.program.partition(" ")
    tool = put(parent, "ToolInformation")
    put(tool, "ToolID", f"urn:sightline:{name or 'sightline'}")
    put(tool, "ToolName", name or "sightline")
    if version:
        put(tool, "Version", version)


def _put_profile(root: ET.Element, report: Report, shared: Counter[str]) -> None:
    judgement = report.judgement
    profile = put(root, "Profile")
    put(profile, "ID", _uuid(report, "profile", judgement.template_sha256))
    put(profile, "Name", judgement.template)
    _put_content(profile, report)
    put(profile, "CheckResultRule", "AND")
    put(profile, "Description", f"sha256:{judgement.template_sha256}")
    put(profile, "Scopes")
    items = put(profile, "Items")
    for check in judgement.checks:
        item = put(items, "Item")
        _put_item_head(item, check, report, shared)
        put(item, "UsedAs", "report" if check.state is State.NOT_APPLICABLE else "check")
        put(item, "Scopes")
        inputs = put(item, "Inputs")
        if check.threshold is not None:
            limit = put(inputs, "Input")
            put(limit, "Name", "Threshold")
            put(limit, "Value", f"{check.threshold} {check.unit or ''}".strip())
    put(profile, "ItemDefinitions")


def _put_result(
    parent: ET.Element, check: CheckResult, report: Report, framing: Framing | None, shared: Counter[str]
) -> None:
    language = report.language
    result = put(parent, "ItemResult")
    _put_item_head(result, check, report, shared)
    put(result, "AnalysisMethodUsed", "measure")
    put(result, "ExecutionStatus", "error" if check.state is State.NOT_EVALUATED else "complete")
    reason = reason_text(check, language)
    if check.state is State.NOT_EVALUATED:
        put(result, "ErrorDescription", reason)
    elif check.state is not State.NOT_APPLICABLE:
        put(result, "CheckResult", check.state is not State.FAIL)
    measured = check_value(check, language)
    limit = check_threshold(check, language)
    told = [check_title(check, language), words(f"report.state.{check.state}", language)]
    told += [f"{measured} ({limit})" if measured and limit else measured or limit, reason]
    put(result, "ResultDescription", ". ".join(part for part in told if part))
    if check.waiver is not None:
        annotation = put(result, "Annotation")
        put(annotation, "Text", check.waiver.why)
        put(put(annotation, "Editor"), "Name", check.waiver.who)
    put(result, "MaxSeverity", {State.FAIL: 2, State.WARN: 1}.get(check.state, 0))
    put(result, "DetectionMethod", "assisted" if check.waiver is not None else "automatic")
    if check.waiver is not None:
        put(put(result, "Operator"), "Name", check.waiver.who)
    outputs = put(result, "Outputs")
    if check.value is not None:
        value = put(outputs, "Output")
        put(value, "Name", _name(check.name))
        put(value, "Value", f"{check.value} {check.unit or ''}".strip())
    for event in check.events:
        _put_event(outputs, event, framing)


def _put_event(outputs: ET.Element, event: Event, framing: Framing | None) -> None:
    output = put(outputs, "Output")
    put(output, "Name", _name(event.kind))
    locator = put(output, "Locator")
    if framing is not None:
        first, last = framing.frames_of(event)
        put(locator, "Start", first)
        put(locator, "End", last)
        extension = put(locator, "ExtensionProperties")
        units = put(extension, "TimingExtensionMediaPlaybackEditUnits", xmlns=TIMING)
        put(units, "EditRate", f"{framing.rate.numerator}/{framing.rate.denominator}")
    else:
        put(locator, "Start", f"{float(event.span.start):.6f}")
        put(locator, "End", f"{float(event.span.end):.6f}")
    channel = event.evidence.get("channel")
    if channel is not None:
        put(output, "Track", channel)
    value, unit = event.evidence.get("value"), event.evidence.get("unit")
    if value is not None:
        put(output, "Value", f"{value} {unit or ''}".strip())
    put(output, "Confidence", f"{min(1.0, max(0.0, event.confidence)):.4f}")
    put(output, "Severity", _SEVERITY[event.severity])
    for name, further in event.evidence.items():
        if name not in ("value", "unit", "channel") and further is not None:
            inner = put(output, "Output")
            put(inner, "Name", _name(name))
            put(inner, "Value", further)


def _name(text: str) -> str:
    """Text as the schema's names allow it: letters, digits and hyphens."""
    return _NOT_A_NAME.sub("-", text).strip("-") or "unnamed"


def _uuid(report: Report, *parts: str) -> str:
    """The same report gives the same ids."""
    media = report.timeline.media
    return f"urn:uuid:{uuid5(NAMESPACE_URL, '|'.join((media.sha256 or media.name, *parts)))}"


RENDERER = EbuXmlReport
