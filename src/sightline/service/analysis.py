"""Analyse a file, open an analysis again, judge it anew, report it: the use cases of one video."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from sightline.desks.judgement import Judgement
from sightline.desks.judgement_json import event_from_dict, event_to_dict, judgement_from_dict, judgement_to_dict
from sightline.desks.qc import desk as qc
from sightline.desks.qc.template import Template, load_template
from sightline.desks.qc.waivers import WaiverEntry, load_waivers
from sightline.engine.child import measure_in_child
from sightline.engine.progress import Cancel, ProgressCallback
from sightline.engine.run import Request, measure
from sightline.errors import BundleUnreadable, InputError
from sightline.facts import MediaFacts
from sightline.report.report import Report, renderer
from sightline.service.measurements import measurements_of
from sightline.service.settings import Settings
from sightline.text import Language
from sightline.timeline.bundle import SUFFIX, Bundle, fitting, is_bundle, read_bundle, write_bundle
from sightline.timeline.event import Event
from sightline.timeline.timeline import Signal, Timeline

DESKS = ("qc",)
DEFAULT_TEMPLATE = "default"
LONGEST_NAME_BYTES = 255 - len(SUFFIX) - len("-9999")
"""Of a bundle's name, before its number and suffix: file systems take 255 bytes."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A media, what was measured and found, and what the desk concludes. Judging again gives a new one."""

    timeline: Timeline
    """Signals and events."""
    judgement: Judgement

    @property
    def media(self) -> MediaFacts:
        return self.timeline.media

    @property
    def verdict(self) -> str:
        """``pass``, ``warn`` or ``fail``."""
        return str(self.judgement.verdict)

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """Events of these kinds in order of time; all without an argument."""
        return self.timeline.events_of(*kinds) if kinds else self.timeline.events

    def signal(self, name: str) -> Signal:
        """The signal ``<meter>.<column>``. Raises `KeyError` naming what exists."""
        return self.timeline.signal(name)

    def judge(
        self,
        template: str | Path | Template = DEFAULT_TEMPLATE,
        *,
        waivers: str | Path | Sequence[WaiverEntry] | None = None,
    ) -> Analysis:
        """The same measurements judged by another template, without the video. Raises `TemplateInvalid`."""
        return judged(self.timeline, _template(template), _waivers(waivers))

    def report(self, to: str = "html", *, language: Language | str = Language.ENGLISH) -> bytes:
        """The report in one of the formats. Raises `ReportImpossible`, and `KeyError` when there is no such format."""
        return renderer(to).render(
            Report(self.timeline, self.judgement, datetime.now(UTC).isoformat(timespec="seconds"), Language(language))
        )

    def save(self, folder: str | Path, *, files: Mapping[str, bytes] | None = None) -> Path:
        """Writes the bundle at ``folder``, atomically, in place of one that is there. Raises `OutputUnwritable`."""
        documents = {
            "events": [event_to_dict(event) for event in self.timeline.events],
            "judgement": judgement_to_dict(self.judgement),
        }
        return write_bundle(Bundle(self.timeline, documents, files or {}), Path(folder))

    def _repr_html_(self) -> str:
        page = self.report("html").decode()
        return f'<iframe srcdoc="{escape(page)}" style="width:100%;height:720px;border:0" title="Sightline"></iframe>'


def analyze(
    path: str | Path,
    *,
    desk: str = "qc",
    template: str | Path | Template = DEFAULT_TEMPLATE,
    waivers: str | Path | Sequence[WaiverEntry] | None = None,
    workers: int | None = None,
    cache: bool = True,
    progress: ProgressCallback | None = None,
    cancel: Cancel | None = None,
    settings: Settings | None = None,
) -> Analysis:
    """Measures a file (once: what the cache has is not measured again), finds events, judges.

    ``workers``: segments of the file measured side by side; None decides by the number of cores. Raises the errors of
    `sightline.errors`: `InputError` for the file or the template, `MeasuringFailed`, `Cancelled`.
    """
    if desk not in DESKS:
        raise InputError("service.no_desk", desk=desk, known=", ".join(DESKS))
    settings = settings or Settings.from_environment()
    by = _template(template)
    request = Request(Path(path), {meter: {} for meter in sorted(qc.needed_meters(by))}, workers)
    store = measurements_of(settings) if cache else None
    run: Callable[..., Timeline] = measure_in_child if settings.isolate else measure
    timeline = run(request, cache=store, progress=progress, cancel=cancel)
    return judged(timeline, by, _waivers(waivers))


def judged(timeline: Timeline, template: Template, waivers: Sequence[WaiverEntry]) -> Analysis:
    """Events and judgement of a timeline: pure, in milliseconds."""
    with _no_collection():
        found = qc.detect(timeline, template)
        return Analysis(found, qc.judge(found, template, waivers))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python looks through everything it has loaded for garbage when many objects are made: 50 to 75 ms, more than
    judging an hour takes. Events hold no cycles, so there is nothing to find."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            # Counted as old at once, or else the next object made would set off the search.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


def open_analysis(folder: str | Path) -> Analysis:
    """An analysis saved before, with the judgement it was saved with. Needs neither the video nor a decoder.

    Raises `BundleUnreadable`.
    """
    bundle = read_bundle(Path(folder))
    try:
        events = tuple(event_from_dict(event) for event in bundle.documents["events"])
        judgement = judgement_from_dict(bundle.documents["judgement"])
    except (KeyError, ValueError, TypeError) as error:
        raise BundleUnreadable("bundle.damaged", path=folder, why=repr(error)) from error
    return Analysis(replace(bundle.timeline, events=events), judgement)


def place_for(media: MediaFacts, folder: Path, taken: Sequence[Path] = ()) -> Path:
    """Where an analysis of this media goes inside ``folder``: ``<stem>.sightline``.

    An analysis of the same bytes is replaced; one of other bytes is never written over.
    """
    name = fitting(media.name, LONGEST_NAME_BYTES)
    stem = Path(name).stem
    for candidate in (stem, name, *(f"{name}-{n}" for n in range(2, 10_000))):
        place = folder / f"{candidate}{SUFFIX}"
        if place not in taken and (not place.exists() or _is_of(place, media)):
            return place
    raise InputError("service.no_place", name=name, folder=folder)


def _is_of(place: Path, media: MediaFacts) -> bool:
    if not is_bundle(place):
        return False
    try:
        manifest: dict[str, Any] = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        return bool(manifest["media"]["sha256"] == media.sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _template(template: str | Path | Template) -> Template:
    return template if isinstance(template, Template) else load_template(template)


def _waivers(waivers: str | Path | Sequence[WaiverEntry] | None) -> Sequence[WaiverEntry]:
    if waivers is None:
        return ()
    return load_waivers(Path(waivers)) if isinstance(waivers, str | Path) else waivers
