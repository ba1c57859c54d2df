"""Tables of templates and of timings."""

from __future__ import annotations

from dataclasses import fields

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, say
from sightline.desks.desk import desks
from sightline.desks.qc.template import load_template, templates
from sightline.service.bench import Bench
from sightline.text import words


def template_table() -> Table:
    table = Table(header_style="bold", pad_edge=False, box=None)
    for key in ("template", "title", "builds_on"):
        table.add_column(say(f"templates.{key}"))
    for name, info in templates().items():
        table.add_row(name, info.title[LANGUAGE], info.extends or "")
    return table


def rubric_table() -> Table:
    """Rubrics of the desks that score."""
    table = Table(header_style="bold", pad_edge=False, box=None)
    for key in ("rubric", "title", "desk"):
        table.add_column(say(f"templates.{key}"))
    for desk in desks().values():
        for name in desk.names() if desk.id != "qc" else ():
            table.add_row(name, desk.about(name).title[LANGUAGE], desk.id)
    return table


def template_listing(name: str) -> RenderableType:
    """One template with every limit it sets and where it comes from."""
    template = load_template(name)
    table = Table(header_style="bold", pad_edge=False, box=None)
    for key in ("check", "on_failure", "limits", "source"):
        table.add_column(say(f"templates.{key}"), overflow="fold")
    for plan in template.checks:
        check = plan.check
        limits = [f"{f.name} = {getattr(check, f.name)!r}" for f in fields(check)]  # type: ignore[arg-type]  # every check is a dataclass
        title = f"{check.id} {words(f'checks.{check.id}.title', LANGUAGE)}"
        table.add_row(title, str(plan.on_failure), "\n".join(limits), plan.source or "")
    head = Text.assemble((template.name, "bold"), "  ", template.title[LANGUAGE])
    return Group(head, Text(template.description[LANGUAGE]), Text(f"sha256 {template.sha256}", "dim"), table)


def bench_table(result: Bench) -> RenderableType:
    table = Table(header_style="bold", pad_edge=False, box=None)
    table.add_column(say("bench.what"))
    for key in ("seconds", "ratio", "speed"):
        table.add_column(say(f"bench.{key}"), justify="right")
    for timing in result.timings:
        ratio = "" if timing.of_decoding is None else f"{timing.of_decoding:.2f}"
        table.add_row(say(f"bench.{timing.what}"), f"{timing.seconds:.3f}", ratio, f"{timing.speed:.1f}")
    return Group(
        Text(f"{result.media}  ·  {result.duration_s:.1f} s  ·  {result.machine}, {result.cores}", "dim"), table
    )
