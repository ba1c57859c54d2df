"""Reference pages made of the program itself: checks, events, signals."""

from __future__ import annotations

import inspect
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from sightline.desks.qc.check import Check, checks
from sightline.desks.qc.template import PlannedCheck, load_template
from sightline.detectors.detector import Detector, detectors, person_detectors
from sightline.engine.run import Request, measure
from sightline.facts import MediaFacts
from sightline.media.encode import VideoFile
from sightline.meters.meter import Meter, Needs, PictureNeeds, SoundNeeds, Subject, meters
from sightline.report.showing import kind_name
from sightline.text import Language, words
from sightline.timeline.columns import Columns
from tools.documents.code import doc, parameters, shown
from tools.documents.markdown import code, page, paragraph, prose, table

SIZE_PX, RATE, PICTURES, SOUND_RATE_HZ = (160, 96), Fraction(25), 30, 48_000


def checks_page() -> str:
    planned = {plan.check.id: plan for plan in load_template("default").checks}
    rows = [
        (check.id, words(f"checks.{check.id}.title"), check.stream, code(*_meters_of(check)), code(*check.detectors))
        for check in checks().values()
    ]
    return page(
        "Checks",
        paragraph(
            "Every check of the QC desk, what it needs and what a template can set. How templates are written: "
            "[templates](templates.md). A check that needs a stream the file does not have is *not applicable*; one "
            "whose meters could not measure is *not evaluated*."
        ),
        table(("id", "check", "stream", "meters", "detectors"), rows),
        *(_check_section(check, planned.get(check.id)) for check in checks().values()),
    )


def _meters_of(check: type[Check]) -> list[str]:
    through = {meter for name in check.detectors for meter in detectors()[name].needs}
    return sorted({*check.needs, *through})


def _check_section(check: type[Check], plan: PlannedCheck | None) -> str:
    parts = [f"## {check.id} {words(f'checks.{check.id}.title')}", words(f"checks.{check.id}.text")]
    if plan is not None:
        source = f" Source: {plan.source.rstrip('.')}." if plan.source else ""
        parts.append(paragraph(f"In the template `default` a failure means *{plan.on_failure}*.{source}"))
    rows = []
    for parameter in parameters(check):
        inherited = shown(getattr(plan.check, parameter.name)) if plan is not None else parameter.default
        rows.append((f"`{parameter.name}`", parameter.allowed, parameter.default, inherited, parameter.meaning))
    if rows:
        parts.append(table(("parameter", "allowed", "without a template", "in `default`", "meaning"), rows))
    return "\n\n".join(parts)


def events_page() -> str:
    every = {**detectors(), **person_detectors()}
    rows = [
        (f"`{kind}`", kind_name(kind, Language.ENGLISH), f"`{name}`", code(*detector.needs), code(*detector.after))
        for name, detector in every.items()
        for kind in map(str, detector.kinds)
    ]
    return page(
        "Events",
        paragraph(
            "Every kind of event and the detector that makes it from the columns of meters. A template sets thresholds "
            "under `[detectors.<name>]`; a detector is made as sensitive as the checks ask."
        ),
        table(("kind", "name", "detector", "meters", "after"), sorted(rows)),
        *(_detector_section(name, detector) for name, detector in sorted(every.items())),
    )


def _detector_section(name: str, detector: type[Detector]) -> str:
    rows = [(f"`{p.name}`", p.allowed, p.default, p.meaning) for p in parameters(detector)]
    thresholds = table(("threshold", "allowed", "default", "meaning"), rows) if rows else "It has no thresholds."
    return f"## {name}\n\n{doc(detector)}\n\n{thresholds}"


def signals_page() -> str:
    columns = measured()
    rows = [
        (f"`{name}`", meter.version, _needs_text(meter.needs), code(*_models_of(meter)))
        for name, meter in meters().items()
    ]
    return page(
        "Signals",
        paragraph(
            "Every meter and its columns, as measured of a made clip with stereo sound. A signal is named "
            "`<meter>.<column>`; the columns of a further audio stream are those of `<meter>@<stream>`. Columns ending "
            "in `_0` come for every channel, those ending in `_0_1` for every pair. NaN is what could not be measured. "
            "Meters with [models](models.md) measure where those are on the machine."
        ),
        table(("meter", "version", "measures", "models"), rows),
        *(_meter_section(name, meter, columns[name]) for name, meter in meters().items()),
        "## faults\n\nMade by the engine, not by a meter: a row for each fault of the decoder.\n\n"
        + _column_table(columns["faults"]),
    )


def _models_of(meter: type[Meter]) -> tuple[str, ...]:
    models = getattr(meter, "models", None)
    return models() if models is not None else ()


def _needs_text(needs: Needs) -> str:
    if not isinstance(needs, PictureNeeds):
        if not isinstance(needs, SoundNeeds):
            return "every packet"
        form = [f"at {needs.rate_hz} Hz"] if needs.rate_hz else []
        return ", ".join(["all sound", *form, *(["as one channel"] if needs.mono else [])])
    often = "every picture" if needs.rate_hz is None else f"{needs.rate_hz} pictures a second"
    back = [f"{needs.lookback_s} s"] if needs.lookback_s else []
    back += [f"{needs.lookback_pictures} pictures"] if needs.lookback_pictures else []
    return f"{often}; looks back {' or '.join(back).replace('1 pictures', '1 picture')}" if back else often


def _meter_section(name: str, meter: type[Meter], columns: Columns) -> str:
    module = prose(inspect.getdoc(inspect.getmodule(meter)) or "")
    settable = [
        (f"`{p.name}`", shown(p.default))
        for p in inspect.signature(meter).parameters.values()
        if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    ]
    parts = [f"## {name}", module, doc(meter), table(("parameter", "default"), settable) if settable else ""]
    return "\n\n".join([part for part in parts if part] + [_column_table(columns)])


def _column_table(columns: Columns) -> str:
    by_unit: dict[tuple[str, str], list[str]] = defaultdict(list)
    for column in columns.columns:
        if (kept := _without_channels(column.name)) is not None:
            by_unit[column.unit, _type_name(column.values)].append(kept)
    rows = [(code(*names), unit, kind) for (unit, kind), names in by_unit.items()]
    return table(("columns", "unit", "type"), rows)


def _without_channels(name: str) -> str | None:
    """None for a channel after the first; a pair is kept."""
    return None if re.search(r"[a-z]_[1-9]\d*$", name) else name


def _type_name(values: np.ndarray[Any, Any]) -> str:
    return "text" if values.dtype == object and all(isinstance(v, str) for v in values) else (
        "bytes" if values.dtype == object else str(values.dtype)
    )  # fmt: skip


def measured() -> dict[str, Columns]:
    """All meters on a clip of 1.2 s made for it. Raises `AssertionError` when one did not measure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mkv"
        with VideoFile(
            path, size_px=SIZE_PX, rate=RATE, codec="ffv1", sound_rate_hz=SOUND_RATE_HZ, sound_codec="pcm_s16le"
        ) as file:
            for planes in _pictures():
                file.add_picture(*planes)
            time_s = np.arange(int(PICTURES / RATE * SOUND_RATE_HZ)) / SOUND_RATE_HZ
            file.add_sound(np.tile(0.25 * np.sin(2 * np.pi * 440 * time_s), (2, 1)).astype(np.float32))
        plain = {name: {} for name, meter in meters().items() if not hasattr(meter, "models")}
        timeline = measure(Request(path, plain, 1))
    assert not timeline.not_measured, timeline.not_measured
    return {**timeline.columns, **_not_measured_here(timeline.media)}


def _not_measured_here(media: MediaFacts) -> dict[str, Columns]:
    """The columns of meters that run models, which are not everywhere: without a row, as nothing was measured."""
    subject = Subject(media, video=media.video, audio=media.audios[0])
    return {name: meter(subject).columns() for name, meter in meters().items() if hasattr(meter, "models")}


def _pictures() -> Iterator[tuple[np.ndarray[Any, Any], ...]]:
    width, height = SIZE_PX
    scene = np.random.default_rng(0).integers(60, 180, (height, width + PICTURES)).astype(np.uint8)
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    for n in range(PICTURES):
        yield np.ascontiguousarray(scene[:, n : n + width]), grey, grey
