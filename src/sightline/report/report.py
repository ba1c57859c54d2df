"""What a report is made of, and what a renderer is.

Each renderer stands in a file of its own beside this one, named ``as_<format>.py``, and names its class ``RENDERER``. A
new file is found by itself: nothing has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Protocol, runtime_checkable

import sightline.report
from sightline.desks.judgement import Judgement
from sightline.desks.review import Review
from sightline.errors import ReportImpossible
from sightline.insight.claims import Feedback
from sightline.text import Language
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a renderer may show. Pictures come from ``timeline.columns["thumbs"]`` where that was measured."""

    timeline: Timeline
    judgement: Judgement
    made_at: str
    """ISO 8601 with zone. Handed in, so that the same input gives the same bytes."""
    language: Language = Language.ENGLISH
    start_timecode: str | None = None
    """Timecode of the first picture for editing systems; None takes the media's own, or 00:00:00:00."""
    feedback: Feedback | None = None
    """What is said to the person, where the desk says something."""
    media_href: str | None = None
    """Where a page finds the video, relative to itself; None: the report is read without it."""
    review: Review | None = None
    """What people made of the scores. An override is shown beside the machine's score and never in its place."""
    template_title: Mapping[Language, str] = field(default_factory=dict)
    """What people call the template or rubric it was judged by, in the languages in which it has a title."""

    def judged_by(self, language: Language) -> str:
        """The template's title, in another language where there is none in this; its name where there is no title."""
        titles = self.template_title
        return titles.get(language) or next(filter(None, titles.values()), self.judgement.template)


def is_of_a_person(report: Report) -> bool:
    """Whether the report assesses a person: the interview desk's. All other desks judge the media."""
    return report.judgement.desk == "interview"


def refuse_a_person(report: Report, name: str) -> None:
    """Raises `ReportImpossible` for a format that can only tell faults of the media."""
    if is_of_a_person(report):
        raise ReportImpossible("report.not_of_a_person", format=name)


@runtime_checkable
class Renderer(Protocol):
    """Turns a report into the bytes of one file. A format serves every desk it makes sense for.

    Raises `ReportImpossible` when the format needs something this analysis does not have, or has no
    meaning for its desk.
    """

    format: ClassVar[str]
    """``html``, ``ebu-xml``: what a person asks for."""
    suffix: ClassVar[str]
    """Ending of the file's name, with its dot."""

    def render(self, report: Report, /) -> bytes: ...


def formats() -> tuple[str, ...]:
    """Every format there is, without loading any renderer."""
    modules = pkgutil.iter_modules(sightline.report.__path__)
    return tuple(sorted(m.name.removeprefix("as_").replace("_", "-") for m in modules if m.name.startswith("as_")))


def renderer(name: str) -> Renderer:
    """The renderer of a format. Raises `KeyError` naming what exists."""
    if name not in formats():
        raise KeyError(f"no report format {name!r}; there are {', '.join(formats())}")
    module = importlib.import_module(f"sightline.report.as_{name.replace('-', '_')}")
    made: Renderer = module.RENDERER()
    return made


@cache
def renderers() -> Mapping[str, type[Renderer]]:
    """Every renderer by format. Loads them all; `renderer` loads one."""
    return {name: type(renderer(name)) for name in formats()}
