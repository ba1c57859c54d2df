"""Tables and lines for the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, one_line, say
from sightline.clock import clock_text
from sightline.desks.judgement import State
from sightline.report.findings import Finding, open_findings
from sightline.report.showing import check_title, kind_name, threshold_text, value_text
from sightline.service.analysis import Analysis
from sightline.service.sample import PLANTED, Planted
from sightline.text import Message, words
from sightline.timeline.event import Event

_STYLES = {
    State.PASS: "green", State.WARN: "yellow", State.FAIL: "bold red", State.WAIVED: "cyan",
    State.NOT_APPLICABLE: "dim", State.NOT_EVALUATED: "magenta",
}  # fmt: skip
MAX_ROWS = 40


def headline(analysis: Analysis) -> RenderableType:
    """The verdict in one line, and how it was come by in another."""
    judgement = analysis.judgement
    state = State(str(judgement.verdict))
    counts = {s: sum(check.state is s for check in judgement.checks) for s in State}
    tally = ", ".join(f"{counts[s]} {_state(s)}" for s in State if counts[s])
    verdict = Text.assemble(
        (f" {_state(state)} ", f"reverse {_STYLES[state]}"), " ", (one_line(analysis.media.name), "bold"),
        f"  {say('by_template', template=judgement.template)}  ", (tally, "dim"),
    )  # fmt: skip
    return Group(verdict)


def checks_table(analysis: Analysis) -> Table:
    table = Table(title=say("table.checks"), title_justify="left", header_style="bold", pad_edge=False, box=None)
    for key, justify in (("id", "left"), ("check", "left"), ("state", "left"), ("value", "right"), ("limit", "left")):
        table.add_column(say(f"table.{key}"), justify="right" if justify == "right" else "left")
    table.add_column(say("table.why"), overflow="fold")
    for check in analysis.judgement.checks:
        why = check.reason if check.state is not State.PASS else None
        table.add_row(
            check.id, check_title(check, LANGUAGE), Text(_state(check.state), _STYLES[check.state]),
            value_text(check.value, check.unit, LANGUAGE), threshold_text(check.threshold, check.unit, LANGUAGE),
            _sentence(why),
        )  # fmt: skip
    return table


def findings_table(analysis: Analysis) -> RenderableType:
    """What a check holds against the media, in order of time; the first `MAX_ROWS`."""
    found = [f for f in open_findings(analysis.timeline, analysis.judgement) if f.state is not None]
    if not found:
        return Text(say("nothing_found"), "green")
    table = Table(title=say("table.findings"), title_justify="left", header_style="bold", pad_edge=False, box=None)
    for key in ("finding", "from", "to", "pictures", "state", "judged_by"):
        table.add_column(say(f"table.{key}"))
    for finding in found[:MAX_ROWS]:
        table.add_row(*_finding_row(finding))
    if len(found) > MAX_ROWS:
        return Group(table, Text(say("more_findings", count=len(found) - MAX_ROWS), "dim"))
    return table


def _finding_row(finding: Finding) -> tuple[str | Text, ...]:
    event, state = finding.event, finding.state
    pictures = "" if event.start_frame is None else f"{event.start_frame}–{event.end_frame}"
    return (
        kind_name(event.kind, LANGUAGE),
        clock_text(event.span.start),
        clock_text(event.span.end),
        pictures,
        Text(_state(state), _STYLES[state]) if state is not None else "",
        ", ".join(check.id for check in finding.checks),
    )


def planted_table(analysis: Analysis) -> Table:
    """What was planted into the sample, beside what was found there."""
    table = Table(title=say("demo.table"), title_justify="left", header_style="bold", pad_edge=False, box=None)
    for key in ("planted", "planted_at", "found_at", "state"):
        table.add_column(say(f"demo.{key}"))
    for planted in PLANTED:
        event = nearest(planted, analysis.events(planted.kind))
        found = "" if event is None else f"{event.start_frame}–{event.end_frame}"
        table.add_row(
            kind_name(planted.kind, LANGUAGE), f"{planted.first}–{planted.last}", found,
            Text(say("demo.missed"), "bold red") if event is None else Text(say("demo.found"), "green"),
        )  # fmt: skip
    return table


def nearest(planted: Planted, events: tuple[Event, ...]) -> Event | None:
    """The event that has most pictures in common with what was planted."""

    def common(event: Event) -> int:
        return min(event.end_frame or 0, planted.last) - max(event.start_frame or 0, planted.first)

    return max((event for event in events if common(event) > 0), key=common, default=None)


def _sentence(message: Message | None) -> str:
    return "" if message is None else message.render(LANGUAGE)


def _state(state: State) -> str:
    return words(f"report.state.{state}", LANGUAGE)
