"""The words for what data holds: kinds of events, checks, metrics, signals, units … by keys that do not say which desk.

A page loads them once a language and can then name anything an analysis contains. docs/api.md lists the prefixes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sightline.desks.desk import desks
from sightline.report.showing import unit_text
from sightline.service.template_reading import shipped_sources
from sightline.text import LANGUAGES, Language, catalogue, told_by_others, words

PREFIXES: Mapping[str, tuple[str, ...]] = {
    "kind": ("person.kind", "interview_report.kind", "report.kind"),
    "label": ("person.label", "interview_report.label", "report.label"),
    "evidence": ("person.evidence", "report.evidence"),
    "check": ("checks",),
    "group": ("report.group", "interview_report.group"),
    "parameter": ("templates.parameter",),
    "on_failure": ("templates.on_failure",),
    "state": ("report.state",),
    "verdict": ("report.verdict",),
    "severity": ("report.severity",),
    "metric": ("metrics",),
    "term": ("metrics.terms",),
    "score": ("metrics.scores",),
    "band": ("metrics.bands",),
    "standing": ("interview_report.standing",),
    "place": ("interview_report.place",),
    "topic": ("interview_report.topic",),
    "note": ("interview_report.note",),
    "told": ("interview_report.told",),
    "action": ("interview_report.action",),
    "policy": ("policies",),
    "signal": ("signals",),
    "meter": ("signals.meters",),
    "lane": ("interview_report.lane", "report.lane"),
    "curve": ("interview_report.curve", "report.curve"),
    "fact": ("report.fact",),
    "figure": ("report.figure",),
    "no_figure": ("report.no_figure",),
    "scan": ("report.scan",),
    "model": ("weights.purpose",),
    "trained_on": ("weights.data",),
    "limit": ("report.limit",),
    "unit": ("interview_report.unit", "report.unit"),
}
"""By prefix of a key here, the parts of the catalogue it is found in; the first that has a word counts."""
_INSIDE = ("metrics.terms.", "metrics.scores.", "metrics.bands.", "signals.meters.")
"""Parts that have a prefix of their own and lie within another's."""
_UNITS = (
    "lufs", "lu", "dbtp", "dbfs", "db", "hz", "bps", "cd/m2", "deg", "1/s", "count", "flag", "class", "index", "share",
    "px", "code", "code2", "samples", "ticks", "bytes", "text", "jpeg", "cm", "s", "ms", "mos", "ratio", "value",
    "frames", "pictures", "mbit/s",
)  # fmt: skip
"""Units without words that results and signals bear as well."""
_WITHOUT_A_SIGN = frozenset({"index", "text", "jpeg", "ratio", "value", "class", "flag", "count"})
_HUM = "hum"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language."""

    language: Language
    version: str
    """Another for other words."""
    words: Mapping[str, str]


@cache
def vocabulary(language: Language) -> Vocabulary:
    """Every word by key, in order of keys. Sentences with ``{fields}`` keep them."""
    known: dict[str, str] = {f"unit.{unit}": _unit(unit, language) for unit in _UNITS}
    for prefix, parts in PREFIXES.items():
        for part in reversed(parts):
            known |= {f"{prefix}.{name}": text for name, text in _of_part(part, language)}
    for desk in desks().values():
        known |= {f"template.{desk.id}.{name}": desk.about(name).title[language] for name in desk.names()}
    known |= {f"source.{source}": told_by_others(source, language) for source in shipped_sources()}
    ordered = dict(sorted(known.items()))
    version = hashlib.sha256(json.dumps(ordered, ensure_ascii=False).encode()).hexdigest()[:16]
    return Vocabulary(language, version, ordered)


def label_of(signal: str) -> Mapping[Language, str]:
    """What people call a signal, ``samples.rms_0@2`` or ``samples@2.rms_0`` alike; the name with its underscores
    opened where nobody gave it one."""
    return {language: _label(signal, language) for language in LANGUAGES}


def meter_label(meter: str) -> Mapping[Language, str]:
    """What people call a meter, of whichever sound track."""
    plain = meter.partition("@")[0]
    return {language: catalogue(language).get(f"signals.meters.{plain}", plain) for language in LANGUAGES}


def _of_part(part: str, language: Language) -> Iterator[tuple[str, str]]:
    start = f"{part}."
    for key, text in catalogue(language).items():
        if key.startswith(start) and not any(key.startswith(other) and other != start for other in _INSIDE):
            yield key.removeprefix(start), text


def _unit(unit: str, language: Language) -> str:
    if unit in _WITHOUT_A_SIGN:
        return ""
    return "%" if unit == "share" else unit_text(unit, language)


def _label(signal: str, language: Language) -> str:
    plain, track = re.sub(r"@\d+", "", signal), re.search(r"@(\d+)", signal)
    label = _plain_label(plain, language)
    return label if track is None else words("signals.of_track", language, label=label, track=track[1])


def _plain_label(signal: str, language: Language) -> str:
    known = catalogue(language)
    if (exact := known.get(f"signals.{signal}")) is not None:
        return exact
    stem = re.sub(r"(_\d+)+$", "", signal)
    numbers = [int(number) for number in re.findall(r"\d+", signal[len(stem) :])]
    pattern = known.get(f"signals.{stem}")
    if pattern is None or not 1 <= len(numbers) <= 2:
        return signal.rpartition(".")[2].replace("_", " ")
    if signal.startswith(f"{_HUM}.") and len(numbers) == 2:
        return pattern.format(hz=numbers[0], channel=numbers[1] + 1)
    return pattern.format(channel=numbers[0] + 1, other=numbers[-1] + 1)
