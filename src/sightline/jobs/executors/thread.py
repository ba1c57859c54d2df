"""Work in the thread that asks for it: for the library and for tests. A crash takes everything down, and work ends only
where it tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sightline.engine.defects import typed
from sightline.errors import Cancelled, SightlineError
from sightline.jobs.executor import Stop, Task, Tell, resolve
from sightline.jobs.wire import finite


class ThreadExecutor:
    def open(self) -> None:
        pass

    def run(self, task: Task, tell: Tell, stop: Stop) -> Mapping[str, Any]:
        def told(progress: Mapping[str, Any]) -> None:
            if stop.why is not None:
                raise Cancelled("jobs.stopped")
            tell(finite(progress))

        if stop.why is not None:
            raise Cancelled("jobs.stopped")
        try:
            return resolve(task.run)(task.payload, told, task.folder) or {}
        except SightlineError:
            raise
        except Exception as error:
            raise typed(error) from error

    def close(self) -> None:
        pass
