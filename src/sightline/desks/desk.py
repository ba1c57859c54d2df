"""What a desk is: what it wants measured, what it finds, and what it concludes. Each stands in a folder beside this
file and names its class ``DESK`` in ``desk.py`` there.

Somebody asks a desk with a `Brief`; what the desk understood of it is an `Assignment`, which is all that the rest of
the program needs: it measures `Assignment.meters`, and judges with `Assignment.detect` and `Assignment.judge`, as often
as it likes and without the video.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import sightline.desks
from sightline.desks.judgement import Judgement
from sightline.text import Language
from sightline.timeline.timeline import Timeline

DEFAULT_TEMPLATE = "default"


@dataclass(frozen=True, slots=True)
class Brief:
    """What somebody asks of a desk. Plain values, as a row, a bundle's card or a command line keeps them."""

    template: str = DEFAULT_TEMPLATE
    """Name of a template (QC) or rubric (Interview); those that come with the program need no ``source``."""
    source: str | None = None
    """Text of the template or rubric, where it is somebody's own."""
    waivers: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """What only this desk knows: ``policy``, ``language``, ``questions``. Plain JSON."""
    place: Path | None = None
    """The file ``source`` was read from, where it may name others beside it. Of this machine's own terminal only:
    never taken from outside."""


@dataclass(frozen=True, slots=True)
class About:
    """A template or rubric, for choosing one."""

    title: Mapping[Language, str]
    description: Mapping[Language, str]


@runtime_checkable
class Assignment(Protocol):
    """A brief that was understood: everything a run and a judgement need. Immutable."""

    @property
    def desk(self) -> str: ...

    @property
    def template(self) -> str: ...

    @property
    def template_sha256(self) -> str: ...

    @property
    def denied(self) -> frozenset[str]:
        """Models that must not be opened for this."""
        ...

    @property
    def demands_consent(self) -> bool:
        """Whether a person must have agreed, to ``options["policy"]``, before anything is measured."""
        ...

    def meters(self, installed: Container[str], /) -> Mapping[str, Mapping[str, str | int | float | bool]]:
        """Ids of the meters to run with their parameters. ``installed``: models that are on this machine, for choosing
        the best of several; what is not there is planned all the same, so that it is told."""
        ...

    def detect(self, timeline: Timeline) -> Timeline:
        """The timeline with this desk's events, and none that it had before."""
        ...

    def judge(self, timeline: Timeline) -> Judgement:
        """The conclusion from a timeline that `detect` has been over."""
        ...


class Desk(Protocol):
    id: ClassVar[str]
    templates: ClassVar[str]
    """What its templates are called: ``template``, ``rubric``."""
    ending: ClassVar[str]
    """Of the files they are kept in: ``.toml``, ``.yaml``."""

    def names(self) -> Sequence[str]:
        """Templates or rubrics that come with the program, the default first."""
        ...

    def about(self, name: str, /) -> About:
        """What one of `names` is for."""
        ...

    def read(self, brief: Brief, /) -> Assignment:
        """Raises `TemplateInvalid`, `NotFound` for the name of no template, `RequestInvalid` for an option that cannot
        be. A name is never taken for a path."""
        ...


@cache
def desks() -> Mapping[str, Desk]:
    """Every desk by id, found in the folders beside this file."""
    found: dict[str, Desk] = {}
    for module in pkgutil.iter_modules(sightline.desks.__path__):
        if module.ispkg and importlib.util.find_spec(f"sightline.desks.{module.name}.desk") is not None:
            desk: Desk = importlib.import_module(f"sightline.desks.{module.name}.desk").DESK()
            found[desk.id] = desk
    return dict(sorted(found.items()))
