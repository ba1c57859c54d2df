"""Fetches weights into a folder: resumed where a pull was cut, verified before they get their name.

In ``<folder>/<id>/`` a file lies as ``<name>.part`` until all its bytes are there and hash to what the registry says.
Whoever is killed goes on from there the next time. A lock keeps two pulls of one model apart.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from sightline.errors import OutputUnwritable, Unavailable, WeightsRefused
from sightline.weights.checksum import sha256_of
from sightline.weights.download import Download, Unreachable, web
from sightline.weights.registry import Model, WeightsFile
from sightline.weights.shelf import Shelf

PART = ".part"
MARGIN_BYTES = 32 << 20
"""Left free on the disk for everybody else."""
LOCK_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pull has come with one file."""

    model: str
    file: str
    done: int
    """Bytes that are there."""
    total: int | None
    is_waiting: bool = False
    """Another process pulls the same model; this one waits for it."""


Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is there now."""

    model: str
    path: Path
    """Its only file, or the folder of its several."""
    fetched_bytes: int
    """0: it was there already."""


def pull(model: Model, folder: Path, *, mirror: str = "", tell: Tell | None = None) -> Pulled:
    """The model in ``folder``, fetched where it is not there yet.

    ``mirror`` is an address below which files lie as ``<id>/<file>``; it is asked first. ``tell`` is called about ten
    times a second and may raise to stop; what has come stays for the next time. Raises `WeightsRefused` for other bytes
    than the registry's, `Unavailable` where nobody gives the file, `OutputUnwritable` for a folder or a full disk.
    """
    say = tell or (lambda _: None)
    target = folder / model.id
    with _locked(folder, model, lambda: say(Step(model.id, "", 0, model.size, is_waiting=True))), web() as client:
        with _writing(target):
            target.mkdir(exist_ok=True)
        fetched = sum(_fetch(client, model, file, target, mirror, say) for file in model.files)
    return Pulled(model.id, Shelf((folder,)).path(model.id), fetched)


def remove(model: Model, folder: Path) -> int:
    """Deletes what `pull` has put into ``folder``, finished or not. Gives the bytes that are free now.

    Raises `OutputUnwritable`."""
    target, freed = folder / model.id, 0
    if not target.is_dir():
        return 0
    with _locked(folder, model, lambda: None), _writing(target):
        for file in model.files:
            for path in (target / file.name, *_parts(target, file)):
                if path.is_file():
                    freed += path.stat().st_size
                    path.unlink()
        with contextlib.suppress(OSError):
            target.rmdir()
    return freed


def _parts(target: Path, file: WeightsFile) -> tuple[Path, Path]:
    """The unfinished file, and what the server said of it."""
    part = target / f"{file.name}{PART}"
    return part, part.with_name(f"{part.name}.tag")


def _fetch(client: httpx.Client, model: Model, file: WeightsFile, target: Path, mirror: str, say: Tell) -> int:
    """Gives the bytes fetched."""
    path, (part, tag) = target / file.name, _parts(target, file)
    with _writing(path):
        if path.is_file() and sha256_of(path) == file.sha256:
            say(Step(model.id, file.name, path.stat().st_size, file.size))
            return 0
    addresses = ((f"{mirror.rstrip('/')}/{model.id}/{file.name}",) if mirror else ()) + model.addresses(file)
    resumed_at = part.stat().st_size if part.is_file() else 0
    _check_space(target, file.size_limit - resumed_at)

    def told(done: int) -> None:
        say(Step(model.id, file.name, done, file.size))

    fetched = _from_anywhere(client, addresses, Download(part, tag, file, told), model)
    checksum = sha256_of(part)
    if checksum != file.sha256 and resumed_at:
        # What lay there may have been something else: once more from the start.
        part.unlink()
        fetched += _from_anywhere(client, addresses, Download(part, tag, file, told), model)
        checksum = sha256_of(part)
    if checksum != file.sha256:
        part.unlink()
        tag.unlink(missing_ok=True)
        raise WeightsRefused(
            "weights.fetched_refused", model=model.id, file=file.name, found=checksum, expected=file.sha256
        )
    with _writing(path):
        part.replace(path)
        tag.unlink(missing_ok=True)
    return fetched


def _from_anywhere(client: httpx.Client, addresses: tuple[str, ...], download: Download, model: Model) -> int:
    """The file from the first address that gives it. Raises `Unavailable` when none does."""
    why: list[str] = []
    for address in addresses:
        try:
            with _writing(download.part):
                return download.take(client, address)
        except Unreachable as failure:
            why.append(f"{httpx.URL(address).host}: {failure}")
    raise Unavailable(
        "weights.offline",
        model=model.id,
        why="; ".join(why),
        files=", ".join(file.name for file in model.files),
    )


def _check_space(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted + MARGIN_BYTES:
        raise OutputUnwritable(
            "weights.no_space", path=folder, free_mb=free >> 20, needed_mb=(wanted + MARGIN_BYTES) >> 20
        )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """What the disk refuses, in our words. A part that filled the disk is taken away again: others need the room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and path.name.endswith(PART):
            path.unlink(missing_ok=True)
        raise OutputUnwritable("errors.output_unwritable", path=path, reason=error.strerror or error) from error


@contextlib.contextmanager
def _locked(folder: Path, model: Model, waits: Callable[[], None]) -> Iterator[None]:
    """Holds the model's lock in the folder. ``waits`` is called again and again while another process does."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # It stays: whoever removed it could take it from under another who waits for it.
        number = os.open(folder / f".{model.id}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waits()
                time.sleep(LOCK_LOOK_S)
        yield
    finally:
        os.close(number)
