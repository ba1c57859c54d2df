"""Names, numbers and units as people read them, in either language."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from sightline.clock import clock_text
from sightline.desks.judgement import CheckResult
from sightline.text import Language, catalogue, words
from sightline.timeline.event import Event, Scalar

_UNITS = {
    "lufs": "LUFS",
    "lu": "LU",
    "dbtp": "dBTP",
    "dbfs": "dBFS",
    "db": "dB",
    "hz": "Hz",
    "bps": "bit/s",
    "cd/m2": "cd/m²",
    "deg": "°",
    "1/s": "/s",
    "count": "",
    "flag": "",
    "class": "",
    "": "",
}
_COUNTED = {"frames", "pictures", "samples", "code"}
"""Units with a word of their own in the catalogue, ``report.unit.<unit>``."""

_COMPARISONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_LIMIT_WORDS = re.compile(
    r"\b(changes in 1 s|of 5 s near the limit|reserved|clicks|changes|area|frames|or|no|"
    r"letterbox|pillarbox|windowbox)\b"
)
"""What checks write into a limit beside numbers and signs: ``report.limit.<with_underscores>``."""
_NUMBER = re.compile(r"(?<![\w.])-(?=\d)")


def term(key: str, fallback: str, language: Language) -> str:
    """The catalogue's word for ``key``; ``fallback`` with its underscores opened where there is none."""
    sentence = catalogue(language).get(key)
    return sentence if sentence is not None else fallback.replace("_", " ")


def kind_name(kind: str, language: Language) -> str:
    return term(f"report.kind.{kind}", kind, language)


def check_title(check: CheckResult, language: Language) -> str:
    return term(f"checks.{check.id}.title", check.name, language)


def label_name(label: str, language: Language) -> str:
    return term(f"report.label.{label}", label, language)


def evidence_name(name: str, language: Language) -> str:
    """The catalogue's name; else the name without its unit, which the value bears."""
    unit = _unit_of_name(name)
    return term(f"report.evidence.{name}", name.removesuffix(f"_{unit}") if unit else name, language)


def reason_text(check: CheckResult, language: Language) -> str:
    return check.reason.render(language) if check.reason is not None else ""


def number_text(value: float) -> str:
    """A number short enough to read: whole numbers whole, others with about three digits that matter."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "–"
    if value == round(value) and abs(value) < 1e15:
        text = f"{round(value):,}"
    elif abs(value) >= 100:
        text = f"{value:,.1f}"
    elif abs(value) >= 1:
        text = f"{value:.2f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−") if "e" not in text else text


def value_text(value: Scalar, unit: str | None, language: Language) -> str:
    """A measured value with its unit; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words("report.yes" if value else "report.no", language)
    if isinstance(value, str):
        return value
    if unit == "share":
        return f"{number_text(value * 100)} %"
    suffix = unit_text(unit, language)
    gap = "" if suffix in ("°", "/s") or not suffix else " "
    return f"{number_text(value)}{gap}{suffix}"


def figure_text(value: float | None, unit: str, language: Language) -> str:
    """A loudness figure with one decimal, as EBU Tech 3341 asks; a dash for None."""
    return "–" if value is None else f"{value:.1f} {unit_text(unit, language)}".replace("-", "−")


def unit_text(unit: str | None, language: Language) -> str:
    if unit is None:
        return ""
    return words(f"report.unit.{unit}", language) if unit in _COUNTED else _UNITS.get(unit, unit)


def threshold_text(threshold: Scalar, unit: str | None, language: Language) -> str:
    """A threshold as applied: ``<= -1.0`` becomes ``≤ −1.0 dBTP``."""
    if threshold is None or isinstance(threshold, bool | int | float):
        return value_text(threshold, unit, language)
    if unit == "share" and (match := re.fullmatch(r"([<>=!]*)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)", threshold.strip())):
        return f"{_COMPARISONS.get(match[1], match[1])} {number_text(float(match[2]) * 100)} %".strip()
    text = _LIMIT_WORDS.sub(lambda match: words(f"report.limit.{match[1].replace(' ', '_')}", language), threshold)
    for plain, sign in _COMPARISONS.items():
        text = text.replace(plain, sign)
    text = _NUMBER.sub("−", text)
    if threshold.rstrip()[-1:].isalpha():
        # It names a unit of its own: ``-1 .. +1 frames`` of a value in seconds.
        return text
    suffix = "%" if unit == "share" else unit_text(unit, language)
    return f"{text} {suffix}".strip() if any(c.isdigit() for c in text) and suffix not in text else text


def check_value(check: CheckResult, language: Language) -> str:
    """What a check measured; a count of findings says that it is one."""
    if check.unit == "count" and isinstance(check.value, int | float) and not isinstance(check.value, bool):
        return words("report.found", language, count=number_text(check.value))
    return value_text(check.value, check.unit, language)


def check_threshold(check: CheckResult, language: Language) -> str:
    """What a check allows; a bare number of findings is the most there may be."""
    if check.unit == "count" and isinstance(check.threshold, int | float) and not isinstance(check.threshold, bool):
        return f"≤ {number_text(check.threshold)}"
    return threshold_text(check.threshold, None if check.unit == "count" else check.unit, language)


def named_values(values: Mapping[str, Scalar], language: Language) -> tuple[tuple[str, str], ...]:
    """Names and values as people read them, without those that have none."""
    told = (
        (evidence_name(name, language), value_text(value, _unit_of_name(name), language))
        for name, value in values.items()
    )
    return tuple((name, text) for name, text in told if text)


def evidence_text(event: Event, language: Language) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Value, threshold and everything else of an event's evidence, each as text."""
    evidence = dict(event.evidence)
    unit = evidence.pop("unit", None)
    unit = unit if isinstance(unit, str) else None
    value = value_text(evidence.pop("value", None), unit, language)
    threshold = threshold_text(evidence.pop("threshold", None), unit, language)
    return value, threshold, named_values(evidence, language)


def sentence_of(event: Event, language: Language) -> str:
    """A finding in one line: ``Black 0:00:12.000, 2.4 s, 99.8 % (≥ 98 %)``."""
    value, threshold, rest = evidence_text(event, language)
    parts = [value + (f" ({threshold})" if threshold else "")] if value else []
    parts += [f"{name} {text}" for name, text in rest]
    return ", ".join([clock_text(event.span.start), f"{number_text(round(float(event.span.duration), 3))} s", *parts])


def _unit_of_name(name: str) -> str | None:
    """The unit a name ends with: ``duration_s`` is in seconds."""
    rest, _, ending = name.rpartition("_")
    return ending if rest and ending in ("s", "px", "hz", "db", "dbfs", "lufs", "lu", "share", "frames") else None
