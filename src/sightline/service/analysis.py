"""Analyse a file, open an analysis again, judge it anew, report it: the use cases of one video."""

from __future__ import annotations

import difflib
import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sightline.desks.desk import DEFAULT_TEMPLATE, Assignment, Brief, Desk, desks
from sightline.desks.judgement import Judgement
from sightline.desks.judgement_json import event_from_dict, event_to_dict, judgement_from_dict, judgement_to_dict
from sightline.desks.qc.waivers import WaiverEntry, load_waivers
from sightline.desks.review import Review
from sightline.engine.child import measure_in_child
from sightline.engine.progress import Cancel, ProgressCallback
from sightline.engine.run import Request, measure
from sightline.errors import BundleUnreadable, InputError, TemplateInvalid
from sightline.facts import MediaFacts
from sightline.insight.claims import Feedback, feedback_from_dict, feedback_to_dict
from sightline.media.source import Place
from sightline.report.report import Report, renderer
from sightline.service.asked import asked_from_dict, asked_to_dict
from sightline.service.consent import Consent, policy_that_needs_consent, refuse_policy, refuse_without
from sightline.service.measurements import measurements_of
from sightline.service.models import shelf_of
from sightline.service.settings import Settings
from sightline.service.template_reading import template_title
from sightline.text import Language
from sightline.timeline.bundle import SUFFIX, Bundle, fitting, is_bundle, read_bundle, write_bundle
from sightline.timeline.event import Event
from sightline.timeline.timeline import Signal, Timeline
from sightline.weights.shelf import Shelf

LONGEST_NAME_BYTES = 255 - len(SUFFIX) - len("-9999")
"""Of a bundle's name, before its number and suffix: file systems take 255 bytes."""
LONGEST_SOURCE_BYTES = 1 << 20
MOST_STEPS_UP = 3
_FILES = (".toml", ".yaml", ".yml")
"""Endings that make a text the path of a template or rubric, and no name."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A media, what was measured and found, and what the desk concludes. Judging again gives a new one."""

    timeline: Timeline
    """Signals and events."""
    judgement: Judgement
    brief: Brief = field(default_factory=Brief)
    """What was asked of the desk."""
    feedback: Feedback | None = None
    """What is said to the person, where the desk says something."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Further documents of the bundle by name, as plain JSON: ``consent``."""

    @property
    def media(self) -> MediaFacts:
        return self.timeline.media

    @property
    def verdict(self) -> str | None:
        """``pass``, ``warn`` or ``fail``; None from a desk that gives none."""
        return None if self.judgement.verdict is None else str(self.judgement.verdict)

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """Events of these kinds in order of time; all without an argument."""
        return self.timeline.events_of(*kinds) if kinds else self.timeline.events

    def signal(self, name: str) -> Signal:
        """The signal ``<meter>.<column>``. Raises `KeyError` naming what exists."""
        return self.timeline.signal(name)

    def judge(
        self,
        template: str | Path | Assignment = DEFAULT_TEMPLATE,
        *,
        waivers: str | Path | Sequence[WaiverEntry] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Analysis:
        """The same measurements judged by another template or rubric, without the video.

        ``options``: None leaves them as they were. Raises as `assigned`.
        """
        told = self.brief.options if options is None else options
        by, brief = assigned(self.judgement.desk, template, waivers=waivers, options=told)
        made = judged(self.timeline, by)
        said = still_resting(self.feedback, self.judgement, made.judgement)
        return replace(made, brief=brief, feedback=said, kept=self.kept)

    def report(
        self,
        to: str = "html",
        *,
        language: Language | str = Language.ENGLISH,
        media_href: str | None = None,
        review: Review | None = None,
    ) -> bytes:
        """The report in one of the formats. ``media_href``: where a page finds the video, relative to itself.
        ``review``: what people made of the scores.

        Raises `ReportImpossible`, and `KeyError` when there is no such format.
        """
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        return renderer(to).render(
            Report(
                self.timeline,
                self.judgement,
                made_at,
                Language(language),
                feedback=self.feedback,
                media_href=media_href,
                review=review,
                template_title=template_title(self.judgement.desk, self.judgement.template, self.brief.source),
            )
        )

    def save(self, folder: str | Path, *, files: Mapping[str, bytes] | None = None) -> Path:
        """Writes the bundle at ``folder``, atomically, in place of one that is there. Raises `OutputUnwritable`."""
        documents = {
            "events": [event_to_dict(event) for event in self.timeline.events],
            "judgement": judgement_to_dict(self.judgement),
            "asked": asked_to_dict(self.brief),
            **self.kept,
        }
        if self.feedback is not None:
            documents["claims"] = feedback_to_dict(self.feedback)
        return write_bundle(Bundle(self.timeline, documents, files or {}), Path(folder))

    def _repr_html_(self) -> str:
        page = self.report("html").decode()
        return f'<iframe srcdoc="{escape(page)}" style="width:100%;height:720px;border:0" title="Sightline"></iframe>'


def analyze(
    path: str | Path,
    *,
    desk: str = "qc",
    template: str | Path | Assignment = DEFAULT_TEMPLATE,
    waivers: str | Path | Sequence[WaiverEntry] | None = None,
    options: Mapping[str, Any] | None = None,
    consent: Consent | None = None,
    workers: int | None = None,
    cache: bool = True,
    progress: ProgressCallback | None = None,
    cancel: Cancel | None = None,
    settings: Settings | None = None,
) -> Analysis:
    """Measures a file (once: what the cache has is not measured again), finds events, judges.

    ``options``: what only this desk knows, such as ``policy`` or ``language``. ``consent``: of the person, which some
    policies need; its record goes into the bundle. ``workers``: segments of the file
    measured side by side; None decides by the number of cores. Raises the errors of `sightline.errors`: `InputError`
    for the file, the template or an option, `MeasuringFailed`, `Cancelled`.
    """
    by, brief = assigned(desk, template, waivers=waivers, options=options or {})
    refuse_without(policy_that_needs_consent(by, brief.options), consent)
    settings = settings or Settings.from_environment()
    refuse_policy(by.desk, brief.options, settings.interview_policies)
    store = measurements_of(settings) if cache else None
    run: Callable[..., Timeline] = measure_in_child if settings.isolate else measure
    timeline = run(
        request_for(by, Path(path), settings, workers=workers), cache=store, progress=progress, cancel=cancel
    )
    kept = {} if consent is None else {"consent": consent.to_plain()}
    return replace(judged(timeline, by), brief=brief, kept=kept)


def request_for(
    by: Assignment,
    place: Place,
    settings: Settings,
    *,
    workers: int | None = None,
    checkpoint_s: float | None = None,
    sha256: str | None = None,
) -> Request:
    """What has to be measured for an assignment. Models its policy denies are out of reach of every meter."""
    shelf = shelf_of(settings, by.denied)
    return Request(place, by.meters(_Installed(shelf)), workers, checkpoint_s, sha256, shelf)


@dataclass(frozen=True, slots=True)
class _Installed:
    """Models that are there and may be opened."""

    shelf: Shelf

    def __contains__(self, model: object) -> bool:
        return self.shelf.has(str(model))


def judged(timeline: Timeline, by: Assignment) -> Analysis:
    """Events and judgement of a timeline: pure, in milliseconds."""
    with _no_collection():
        found = by.detect(timeline)
        return Analysis(found, by.judge(found))


def still_resting(feedback: Feedback | None, before: Judgement, now: Judgement) -> Feedback | None:
    """Feedback on one judgement, where a newer one says the same of everything it cites and is for the same purpose,
    so that nothing was said that may not be; else None."""
    if feedback is None or before.notes.get("policy") != now.notes.get("policy"):
        return None
    values, values_before = _values(now), _values(before)
    spans, spans_before = ({part.id: part.span for part in each.parts} for each in (now, before))
    for claim in feedback.claims:
        cited = {(metric, part) for metric in claim.metrics for part in (claim.part, None)}
        same = all(values.get(one) == values_before.get(one) for one in cited)
        if not same or spans.get(claim.part or "") != spans_before.get(claim.part or ""):
            return None
    return feedback


def _values(judgement: Judgement) -> dict[tuple[str, str | None], float | None]:
    return {(metric.id, metric.part): metric.value for metric in judgement.metrics}


def desk_named(name: str) -> Desk:
    """Raises `InputError`."""
    try:
        return desks()[name]
    except KeyError:
        raise InputError("service.no_desk", desk=name, known=", ".join(desks())) from None


def assigned(
    desk: str,
    template: str | Path | Assignment,
    *,
    waivers: str | Path | Sequence[WaiverEntry] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Assignment, Brief]:
    """What a desk understands of a template's name or a file of one's own, of waivers and options.

    Raises `TemplateInvalid`, `RequestInvalid` for an option that cannot be, `InputError` for no desk.
    """
    rows = tuple(asdict(entry) for entry in _waivers(waivers))
    brief = Brief(waivers=rows, options=dict(options or {}))
    if not isinstance(template, str | Path):
        return template, replace(brief, template=template.template)
    chosen = desk_named(desk)
    if isinstance(template, str) and not template.endswith(_FILES):
        if template not in chosen.names():
            near = difflib.get_close_matches(template, chosen.names(), 1) or ["–"]
            known = ", ".join(chosen.names())
            raise TemplateInvalid(
                "service.template_unknown", what=chosen.templates, name=template, allowed=known, hint=near[0],
                ending=chosen.ending,
            )  # fmt: skip
        brief = replace(brief, template=template)
    else:
        brief = replace(brief, template=Path(template).stem, source=_text_of(Path(template)), place=Path(template))
    return chosen.read(brief), brief


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
    documents = dict(bundle.documents)
    try:
        events = tuple(event_from_dict(event) for event in documents.pop("events"))
        judgement = judgement_from_dict(documents.pop("judgement"))
        claims = documents.pop("claims", None)
        feedback = None if claims is None else feedback_from_dict(claims)
        brief = asked_from_dict(documents.pop("asked", {}))
    except (KeyError, ValueError, TypeError) as error:
        raise BundleUnreadable("bundle.damaged", path=folder, why=repr(error)) from error
    return Analysis(replace(bundle.timeline, events=events), judgement, brief, feedback, documents)


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


def beside(media: Path, bundle: Path) -> str | None:
    """Where a page in the bundle finds the media, relative to itself; None where it does not lie near: both would not
    be moved together."""
    try:
        way = Path(os.path.relpath(media.resolve(), bundle.resolve()))
    except (OSError, ValueError):
        return None
    if way.parts.count("..") > MOST_STEPS_UP:
        return None
    return quote(os.fsencode(way.as_posix()))


def _is_of(place: Path, media: MediaFacts) -> bool:
    if not is_bundle(place):
        return False
    try:
        manifest: dict[str, Any] = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        return bool(manifest["media"]["sha256"] == media.sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _waivers(waivers: str | Path | Sequence[WaiverEntry] | None) -> Sequence[WaiverEntry]:
    if waivers is None:
        return ()
    return load_waivers(Path(waivers)) if isinstance(waivers, str | Path) else waivers


def _text_of(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LONGEST_SOURCE_BYTES:
            raise TemplateInvalid("qc.template_no_file", file=str(path))
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateInvalid("qc.template_no_file", file=str(path)) from error
