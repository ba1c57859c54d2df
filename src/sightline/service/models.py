"""The weights of this installation: which are there, fetching, checking and removing them, and what is loaded."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import psutil

from sightline.errors import RequestInvalid, WeightsMissing, WeightsRefused
from sightline.service.settings import Settings
from sightline.text import Language, Message, words
from sightline.weights import sessions
from sightline.weights.pull import Pulled, Tell, pull, remove
from sightline.weights.registry import Model, groups, models_named, registry
from sightline.weights.shelf import Shelf

BOARD = "sessions"


class Presence(StrEnum):
    """What is known of a model's files on this machine."""

    THERE = "there"
    """All files are there; their bytes are checked when the model is first used, or by `verify_models`."""
    MISSING = "missing"
    VERIFIED = "verified"
    REFUSED = "refused"
    """Other bytes than the registry's; never used."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the registry on this machine."""

    model: Model
    presence: Presence
    path: Path | None
    """Its only file, or the folder of its several; None where it is missing."""
    why: Message | None = None
    """Of a refusal."""

    def to_plain(self, language: Language = Language.ENGLISH) -> dict[str, Any]:
        model = self.model
        return {
            "id": model.id,
            "purpose": words(model.purpose_key, language),
            "state": self.presence.value,
            "path": None if self.path is None else str(self.path),
            "why": None if self.why is None else self.why.render(language),
            "size": model.size,
            "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in model.files],
            "sources": list(model.sources),
            "licence": model.licence,
            "data": words(model.data_key, language),
            "commercial": model.commercial.value,
            "groups": list(model.groups),
        }


def shelf_of(settings: Settings, denied: Collection[str] = ()) -> Shelf:
    """The folders of this installation, without the models a policy denies."""
    folders = (settings.models, settings.pulled_models)
    return Shelf(tuple(f for f in folders if f is not None), frozenset(denied), settings.models_idle_s)


def chosen(names: Sequence[str]) -> tuple[Model, ...]:
    """The models of ids and groups. Raises `RequestInvalid` for a name there is not."""
    try:
        return models_named(names)
    except KeyError as error:
        known = ", ".join([*registry(), *groups()])
        raise RequestInvalid("weights.no_such", name=error.args[0], known=known) from error


def model_states(settings: Settings, names: Sequence[str] = ()) -> list[ModelState]:
    """The models named, all without a name. Reads no weights."""
    shelf = shelf_of(settings)
    return [_state(shelf, model) for model in (chosen(names) if names else registry().values())]


def verify_models(settings: Settings, names: Sequence[str] = ()) -> Iterator[ModelState]:
    """Reads the files of the models named, of all that are there without a name."""
    shelf = shelf_of(settings)
    for model in chosen(names) if names else registry().values():
        state = _state(shelf, model)
        if state.presence is Presence.MISSING:
            if names:
                yield state
            continue
        try:
            shelf.require(model.id)
        except (WeightsRefused, WeightsMissing) as error:
            yield ModelState(model, Presence.REFUSED, state.path, error.message)
        else:
            yield ModelState(model, Presence.VERIFIED, state.path)


def pull_models(settings: Settings, names: Sequence[str], tell: Tell | None = None) -> Iterator[Pulled]:
    """Has the models named on the shelf, one after the other. Raises as `pull`, and `WeightsRefused` where the folder
    that is looked in first holds other bytes."""
    shelf = shelf_of(settings)
    for model in chosen(names):
        try:
            yield Pulled(model.id, shelf.path(model.id), 0)
        except (WeightsMissing, WeightsRefused):
            pulled = pull(model, settings.pulled_models, mirror=settings.models_mirror, tell=tell)
            shelf.require(model.id)
            yield pulled


def remove_models(settings: Settings, names: Sequence[str]) -> Iterator[tuple[Model, int, ModelState]]:
    """Deletes what was pulled of the models named. Gives each with the bytes that are free now, and how it stands: a
    copy in the folder that is looked in first stays."""
    for model in chosen(names):
        freed = remove(model, settings.pulled_models)
        yield model, freed, _state(shelf_of(settings), model)


def models_status(settings: Settings) -> dict[str, Any]:
    """What there is and what is loaded, as plain values.

    ``sessions`` are those of every process that published them: ``pid``, ``model``, ``variant``, ``bytes`` (of its
    files), ``since``, ``last_used`` (seconds since 1970) and ``leases``; the last two as of the last loading or
    unloading of that process.
    """
    shelf = shelf_of(settings)
    return {
        "folders": [str(folder) for folder in shelf.folders],
        "models": [state.to_plain(settings.language) for state in model_states(settings)],
        "sessions": Board(settings.work / BOARD).read(),
        "idle_s": settings.models_idle_s,
    }


class Board:
    """What the processes of this machine have loaded: a file each, so that one that dies needs no farewell."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        me = psutil.Process()
        self._path = folder / f"{me.pid}-{int(me.create_time() * 1000)}.json"

    def publish(self) -> None:
        """Has this process write down here, and nowhere else, what it loads and unloads from now on."""
        if not _boards:
            sessions.on_change(lambda: _boards[0]._write())
        _boards[:] = [self]
        self._write()

    def read(self) -> list[dict[str, Any]]:
        """The sessions of every process that is alive, and of this one in any case."""
        found = [{"pid": os.getpid(), **loaded.to_plain()} for loaded in sessions.loaded()]
        for path in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            if path == self._path:
                continue
            if not _is_alive(path.stem):
                path.unlink(missing_ok=True)
                continue
            with contextlib.suppress(OSError, ValueError):
                found += json.loads(path.read_text(encoding="utf-8"))
        return found

    def _write(self) -> None:
        told = [{"pid": os.getpid(), **loaded.to_plain()} for loaded in sessions.loaded()]
        # A board that cannot be written is no reason to stop measuring.
        with contextlib.suppress(OSError):
            if not told:
                self._path.unlink(missing_ok=True)
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(told), encoding="utf-8")
            new.replace(self._path)


_boards: list[Board] = []
"""That of this process, once it publishes."""


def _is_alive(stem: str) -> bool:
    """Whether the process that wrote a file of this name lives; its number may have gone to another."""
    pid, _, began = stem.partition("-")
    try:
        return int(psutil.Process(int(pid)).create_time() * 1000) == int(began)
    except (psutil.Error, ValueError):
        return False


def _state(shelf: Shelf, model: Model) -> ModelState:
    found = shelf.find(model.id)
    if found is None:
        return ModelState(model, Presence.MISSING, None)
    return ModelState(model, Presence.THERE, found[0].path if len(found) == 1 else found[0].path.parent)
