"""Weights fetched in the background of a running service, and how each model stands.

What is under way is known to the process that was asked; from another one, or while the terminal pulls, a model is seen
to be pulled by its lock and by the bytes that are there. Nothing is kept: a pull that was cut goes on with the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sightline.errors import Cancelled, Conflict, NotFound, SightlineError
from sightline.library.actor import Actor
from sightline.library.database import Database
from sightline.meters.meter import meters
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.models import BOARD, Board, pull_models, remove_models, shelf_of
from sightline.service.settings import Settings
from sightline.text import Message
from sightline.weights.pull import PART, Step
from sightline.weights.registry import Commercial, Model, registry
from sightline.weights.shelf import Found

_log = logging.getLogger(__name__)
TELL_S = 1.0
WINDOW_S = 5.0
"""Speed is that of the last so many seconds."""
END_S = 2.0
Fetch = Callable[[Model, Callable[[Step], None]], None]


class State(StrEnum):
    INSTALLED = "installed"
    MISSING = "missing"
    PULLING = "pulling"
    FAILED = "failed"
    WRONG = "wrong"
    """Files of another size than the registry's lie there; they are never used."""


@dataclass(frozen=True, slots=True)
class ModelItem:
    """A model of the registry, as people see it."""

    model: Model
    state: State
    done_bytes: int
    total_bytes: int | None
    """None where nobody has published it."""
    speed_bytes_s: float | None
    left_s: float | None
    error: Message | None
    """Of the last pull, where it failed."""
    is_loaded: bool
    needed_by: Sequence[str]
    """Meters that open it."""

    @property
    def is_commercial(self) -> bool | None:
        """None where its publisher does not say."""
        return {Commercial.YES: True, Commercial.NO: False}.get(self.model.commercial)


@dataclass(eq=False, slots=True)
class _Pull:
    """One under way, or ended."""

    model: Model
    is_over: bool = False
    is_cancelled: bool = False
    error: Message | None = None
    files: dict[str, int] = field(default_factory=dict)
    """Bytes of each file that are there."""
    seen: list[tuple[float, int]] = field(default_factory=list)
    """When how many bytes were there, of the last `WINDOW_S`."""
    thread: threading.Thread | None = None

    @property
    def done(self) -> int:
        return sum(self.files.values())

    def speed(self) -> float | None:
        if len(self.seen) < 2 or self.seen[-1][0] <= self.seen[0][0]:
            return None
        return max(0.0, (self.seen[-1][1] - self.seen[0][1]) / (self.seen[-1][0] - self.seen[0][0]))


class ModelPulls:
    """``tell`` is called at most every second with a model that is being pulled, and when it ends; ``fetch`` may stand
    for the network in tests."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        tell: Callable[[ModelItem], None] = lambda _: None,
        fetch: Fetch | None = None,
    ) -> None:
        self._settings, self._database, self._tell = settings, database, tell
        self.fetch = fetch or self._from_the_web
        self._guard = threading.Lock()
        self._pulls: dict[str, _Pull] = {}
        """The latest of each model."""

    def items(self, actor: Actor) -> Sequence[ModelItem]:
        """Every model there is. Reads no weights."""
        require(actor, Right.WATCH_INSTALLATION)
        loaded = self._loaded()
        return [self._item(model, loaded) for model in registry().values()]

    def pull(self, actor: Actor, model_id: str) -> ModelItem:
        """Begins to fetch a model, unless that is under way. What is there is compared with the registry's SHA-256 and
        fetched anew where it is something else. Raises `NotFound`."""
        model = self._may(actor, model_id)
        with self._guard:
            before = self._pulls.get(model_id)
            if before is None or before.is_over:
                self._audit(actor, "model.pull_began", model_id)
                begun = self._pulls[model_id] = _Pull(model)
                begun.thread = threading.Thread(
                    target=self._run, args=(begun,), name=f"sightline-pull-{model_id}", daemon=True
                )
                begun.thread.start()
        return self._item(model, self._loaded())

    def cancel(self, actor: Actor, model_id: str) -> ModelItem:
        """Has a pull of this process end; what has come stays for the next one. Raises `NotFound`, and `Conflict` where
        none is under way here."""
        model = self._may(actor, model_id)
        with self._guard:
            found = self._pulls.get(model_id)
            if found is None or found.is_over:
                raise Conflict("weights.no_pull", model=model_id)
            found.is_cancelled = True
            self._audit(actor, "model.pull_cancelled", model_id)
        return self._item(model, self._loaded())

    def remove(self, actor: Actor, model_id: str) -> None:
        """Deletes what was pulled; a copy in the folder that is looked in first stays. Raises `NotFound`, `Conflict`
        while it is pulled."""
        model = self._may(actor, model_id)
        if self._state(model) is State.PULLING:
            raise Conflict("weights.is_pulled", model=model_id)
        for _, freed, _ in remove_models(self._settings, [model_id]):
            self._audit(actor, "model.removed", model_id, freed_bytes=freed)
        with self._guard:
            self._pulls.pop(model_id, None)

    def end(self) -> None:
        """Stops what is under way, as far as it listens."""
        with self._guard:
            running = [pull for pull in self._pulls.values() if not pull.is_over]
            for pull in running:
                pull.is_cancelled = True
        for pull in running:
            if pull.thread is not None:
                pull.thread.join(END_S)

    def _may(self, actor: Actor, model_id: str) -> Model:
        require(actor, Right.MANAGE_INSTALLATION)
        model = registry().get(model_id)
        if model is None:
            raise NotFound("library.not_found", what="model", id=model_id)
        return model

    def _audit(self, actor: Actor, action: str, model_id: str, freed_bytes: int | None = None) -> None:
        with self._database.write(actor) as session:
            audit.record(session, actor, action, f"model:{model_id}", freed_bytes=freed_bytes)

    # From here to `_from_the_web`: the thread of a pull.

    def _run(self, pull: _Pull) -> None:
        told_at = 0.0

        def heard(step: Step) -> None:
            nonlocal told_at
            if pull.is_cancelled:
                raise Cancelled("weights.pull_cancelled", model=pull.model.id)
            at = time.monotonic()
            with self._guard:
                if not step.is_waiting:
                    pull.files[step.file] = step.done
                pull.seen = [*(seen for seen in pull.seen if at - seen[0] < WINDOW_S), (at, pull.done)]
            if at - told_at >= TELL_S:
                told_at = at
                self._tell(self._item(pull.model, frozenset()))

        try:
            self.fetch(pull.model, heard)
        except Cancelled:
            _log.info("the pull of the model %s was stopped", pull.model.id)
        except SightlineError as error:
            _log.warning("the model %s was not pulled: %s", pull.model.id, error)
            pull.error = error.message
        except Exception as error:  # noqa: BLE001  (the edge of a thread)
            _log.exception("the pull of the model %s broke off", pull.model.id)
            pull.error = Message.of("weights.pull_broke", model=pull.model.id, why=type(error).__name__)
        finally:
            pull.is_over = True
        self._tell(self._item(pull.model, frozenset()))

    def _from_the_web(self, model: Model, heard: Callable[[Step], None]) -> None:
        for _ in pull_models(self._settings, [model.id], heard):
            pass

    def _item(self, model: Model, loaded: frozenset[str]) -> ModelItem:
        state, total = self._state(model), model.size
        pull = self._pulls.get(model.id)
        speed = pull.speed() if pull is not None and not pull.is_over else None
        done = self._there(model)
        left = (total - done) / speed if speed and total is not None and state is State.PULLING else None
        return ModelItem(
            model, state, done, total, speed, left,
            pull.error if pull is not None and state is State.FAILED else None,
            model.id in loaded, needed_by().get(model.id, ()),
        )  # fmt: skip

    def _state(self, model: Model) -> State:
        pull = self._pulls.get(model.id)
        if pull is not None and not pull.is_over:
            return State.PULLING
        found = shelf_of(self._settings).find(model.id)
        if found is not None:
            return State.INSTALLED if all(_has_its_size(one) for one in found) else State.WRONG
        if _is_locked(self._settings.pulled_models / f".{model.id}.lock"):
            return State.PULLING
        return State.FAILED if pull is not None and pull.error is not None else State.MISSING

    def _there(self, model: Model) -> int:
        """Bytes of it on this machine, finished or not."""
        found = shelf_of(self._settings).find(model.id)
        if found is not None:
            return sum(one.path.stat().st_size for one in found if one.path.is_file())
        folder = self._settings.pulled_models / model.id
        paths = [path for file in model.files for path in (folder / file.name, folder / f"{file.name}{PART}")]
        return sum(_size(path) for path in paths)

    def _loaded(self) -> frozenset[str]:
        return frozenset(str(session["model"]) for session in Board(self._settings.work / BOARD).read())


def needed_by() -> Mapping[str, Sequence[str]]:
    """By model: the meters that open it, with one or the other parameter."""
    found: dict[str, list[str]] = {name: [] for name in registry()}
    for meter_id, meter in meters().items():
        models = getattr(meter, "models", None)
        if models is None:
            continue
        usual = {*models(), *models(small_faces=True)}
        for name, users in found.items():
            if name in usual or (name.startswith("speech_") and name in models(model=name)):
                users.append(meter_id)
    return found


def _has_its_size(found: Found) -> bool:
    return found.file.size is None or _size(found.path) == found.file.size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_locked(path: Path) -> bool:
    """Whether another process holds a lock; taken for the blink of an eye where nobody does."""
    with contextlib.suppress(OSError):
        number = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(number)
    return False
