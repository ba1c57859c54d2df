"""A progress line with speed and time left: on a terminal only, silent when piped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from sightline.cli.state import err, say
from sightline.clock import clock_text
from sightline.engine.progress import Progress as Step
from sightline.engine.progress import ProgressCallback


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed, left = task.fields.get("speed"), task.fields.get("left")
        parts = [] if not speed else [say("progress.speed", speed=f"{speed:.1f}")]
        if left is not None:
            parts.append(say("progress.left", left=clock_text(left, decimals=0)))
        return Text(" · ".join(parts), style="cyan")


@contextmanager
def progress_line(name: str, *, quiet: bool = False) -> Iterator[ProgressCallback | None]:
    """A callback that draws, or None where nobody looks."""
    console = err()
    if quiet or not console.is_terminal:
        yield None
        return
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), _Speed(),
        console=console, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(name, total=None)

        def draw(step: Step) -> None:
            bar.update(task, completed=step.done_s, total=step.total_s, speed=step.speed, left=step.left_s)

        yield draw
