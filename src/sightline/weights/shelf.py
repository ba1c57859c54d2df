"""Where the weights of models are found on this machine, and which may be opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sightline.errors import WeightsDenied, WeightsMissing, WeightsRefused
from sightline.weights.checksum import sha256_of
from sightline.weights.registry import Model, WeightsFile, registry


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a model where it lies. Nothing is known yet of its bytes."""

    file: WeightsFile
    path: Path


@dataclass(frozen=True, slots=True)
class Shelf:
    """Folders looked in, the first that has a model wins, and the models a policy does not let be opened.

    In a folder a model lies in ``<id>/``, in a folder named as its publisher does, or, where it is one file, beside
    others under its official name. A file is checked against the registry's SHA-256 before it is used for the first
    time in a process (the answer is remembered by size and time of the file).
    """

    folders: tuple[Path, ...] = ()
    denied: frozenset[str] = frozenset()
    idle_s: float = 300
    """Seconds a model stays loaded after its last use (`sightline.weights.sessions`)."""

    def has(self, model: str) -> bool:
        """Whether the model is there and may be opened. Opens nothing, so the bytes may still be refused."""
        return model not in self.denied and self.find(model) is not None

    def find(self, model: str) -> tuple[Found, ...] | None:
        """The files of the model, unverified; None where not all of them are in one place. Opens nothing.

        Raises `KeyError` for a model nobody registered.
        """
        entry = registry()[model]
        return next((found for folder in self.folders for found in _places(folder, entry) if found), None)

    def require(self, model: str) -> None:
        """Raises `WeightsMissing`, `WeightsRefused`, `WeightsDenied`, and `KeyError` for a model nobody registered.

        A denied model's file is not even looked for.
        """
        self._verified(model)

    def file(self, model: str, name: str | None = None) -> Path:
        """A verified file of the model, its only one without a name. Raises as `require`, and `KeyError` for a name the
        model does not have."""
        paths = self._verified(model)
        if name is None:
            (only,) = paths.values()
            return only
        return paths[name]

    def path(self, model: str) -> Path:
        """What a runtime opens: the model's only file, or the folder of its several. Verified; raises as `require`."""
        paths = list(self._verified(model).values())
        return paths[0] if len(paths) == 1 else paths[0].parent

    def identity(self, model: str) -> str:
        """What names these weights in a cache key: the SHA-256 of the file, or of the list of them. Raises as
        `require`."""
        self._verified(model)
        files = registry()[model].files
        if len(files) == 1:
            return files[0].sha256
        return hashlib.sha256("\n".join(f"{file.sha256} {file.name}" for file in files).encode()).hexdigest()

    def denying(self, models: Sequence[str]) -> Self:
        """The shelf with more models denied."""
        return replace(self, denied=self.denied | set(models))

    def to_plain(self) -> dict[str, Any]:
        return {
            "folders": [str(folder) for folder in self.folders],
            "denied": sorted(self.denied),
            "idle_s": self.idle_s,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        return cls(
            tuple(Path(folder) for folder in plain["folders"]), frozenset(plain["denied"]), float(plain["idle_s"])
        )

    def _verified(self, model: str) -> Mapping[str, Path]:
        entry = registry()[model]
        if model in self.denied:
            raise WeightsDenied("weights.denied", model=model)
        found = self.find(model)
        if found is None:
            looked = ", ".join(map(str, self.folders)) or "–"
            raise WeightsMissing("weights.missing", model=model, folders=looked)
        for each in found:
            verify(entry.id, each)
        return {each.file.name: each.path for each in found}


EMPTY = Shelf()


def verify(model: str, found: Found) -> None:
    """Raises `WeightsRefused` for other bytes than the registry's, and `WeightsMissing` where they cannot be read."""
    try:
        checksum = sha256_of(found.path)
    except OSError as error:
        raise WeightsMissing(
            "weights.unreadable", model=model, path=found.path, reason=error.strerror or error
        ) from error
    if checksum != found.file.sha256:
        raise WeightsRefused(
            "weights.refused", model=model, path=found.path, found=checksum, expected=found.file.sha256
        )


def _places(folder: Path, model: Model) -> Iterator[tuple[Found, ...]]:
    """The model's files in every place of a folder where they may lie; empty where one is missing."""
    for name in (model.id, *model.folders):
        yield _all_in(folder / name, model)
    if len(model.files) == 1:
        yield _all_in(folder, model)


def _all_in(folder: Path, model: Model) -> tuple[Found, ...]:
    found = [each for file in model.files if (each := _one_in(folder, file)) is not None]
    return tuple(found) if len(found) == len(model.files) else ()


def _one_in(folder: Path, file: WeightsFile) -> Found | None:
    paths = [folder / name for name in (file.name, *file.also_named)]
    return next((Found(file, path) for path in paths if path.is_file()), None)
