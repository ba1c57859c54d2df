"""The bundle on disk: ``NAME.sightline/``, a folder that can be moved and opened without the video.

    manifest.json            schema version, media facts, provenance, why a meter has no columns
    signals/<meter>.parquet  the columns
    <document>.json          what a desk adds: events, judgement
    report.html              and other files handed over as bytes

Files are the truth. Writing is atomic: the folder is made whole under another name beside its place, then renamed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sightline.errors import BundleUnreadable, OutputUnwritable
from sightline.text import Message
from sightline.timeline.media_json import Json, media_from_json, media_to_json
from sightline.timeline.parquet import read_columns, write_columns
from sightline.timeline.timeline import Provenance, Timeline

SCHEMA = "sightline.bundle/1"
SUFFIX = ".sightline"
SWAPS = 20
"""How often to look or to try again while other processes write the same bundle."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A timeline without its events, and what a desk keeps beside it: JSON documents and files, by name."""

    timeline: Timeline
    documents: Mapping[str, Json] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def write_bundle(bundle: Bundle, folder: Path) -> Path:
    """Writes the bundle at ``folder``, in place of one that is there. Gives the folder.

    Raises `OutputUnwritable` when the disk is full or the place cannot be written; nothing half-written stays.
    """
    # Looked at more than once: another process may swap its bundle for a new one between the two questions.
    if all(folder.exists() and not is_bundle(folder) for _ in range(SWAPS)):
        raise OutputUnwritable("bundle.in_the_way", path=folder)
    making: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f".{fitting(folder.name, 80)}.", suffix=".part", dir=folder.parent))
        making.chmod(0o755)
        _fill(bundle, making)
        _put_in_place(making, folder)
    except OSError as error:
        raise OutputUnwritable("bundle.unwritable", path=folder, why=error.strerror or error) from error
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)
    return folder


def _put_in_place(making: Path, folder: Path) -> None:
    """Renames ``making`` to ``folder``, whose place another process may be about to take or to clear as well."""
    old = making.with_suffix(".old")
    for attempts_left in range(SWAPS, -1, -1):
        try:
            if folder.exists():
                folder.rename(old)
            making.rename(folder)
            break
        except OSError:
            if not attempts_left:
                raise
        finally:
            if old.exists() and not folder.exists():
                # Stopped half-way: what was there before goes back.
                with suppress(OSError):
                    old.rename(folder)
            shutil.rmtree(old, ignore_errors=True)


def fitting(name: str, most_bytes: int) -> str:
    """As much of a file's name as takes up no more than so many bytes on disk."""
    return os.fsencode(name)[:most_bytes].decode("utf-8", "ignore")


def is_bundle(folder: Path) -> bool:
    try:
        return (folder / "manifest.json").is_file()
    except OSError:
        # Too long a name, or a folder above that may not be entered.
        return False


def read_bundle(folder: Path, *, pictures_later: bool = True) -> Bundle:
    """The bundle at ``folder``. Raises `BundleUnreadable` when it is none, is damaged, or is of a later schema.

    With ``pictures_later`` kept pictures are read when somebody asks for them; asking raises `BundleUnreadable` when
    they are gone by then.
    """
    if not is_bundle(folder):
        raise BundleUnreadable("bundle.not_one", path=folder)

    def damaged(error: Exception) -> BundleUnreadable:
        return BundleUnreadable("bundle.damaged", path=folder, why=error)

    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["schema"] != SCHEMA:
            raise BundleUnreadable("bundle.other_schema", path=folder, found=manifest["schema"], known=SCHEMA)
        columns = {}
        for path in sorted((folder / "signals").glob("*.parquet")):
            found = read_columns(path, late=damaged if pictures_later else None)
            columns[found.meter] = found
        timeline = Timeline(
            media=media_from_json(manifest["media"]),
            columns=columns,
            provenance=Provenance(
                **manifest["provenance"] | {"from_cache": tuple(manifest["provenance"]["from_cache"])}
            ),
            not_measured={meter: message_from_json(m) for meter, m in manifest["not_measured"].items()},
        )
        documents = {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in folder.glob("*.json")
            if path.name != "manifest.json"
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(error) from error
    return Bundle(timeline, documents)


def _fill(bundle: Bundle, folder: Path) -> None:
    (folder / "signals").mkdir()
    for name, columns in bundle.timeline.columns.items():
        write_columns(columns, folder / "signals" / f"{name}.parquet")
    for name, document in bundle.documents.items():
        _write(folder / f"{name}.json", _dump(document))
    for name, content in bundle.files.items():
        _write(folder / name, content)
    timeline = bundle.timeline
    manifest = {
        "schema": SCHEMA,
        "media": media_to_json(timeline.media),
        "provenance": asdict(timeline.provenance),
        "not_measured": {meter: message_to_json(m) for meter, m in timeline.not_measured.items()},
    }
    _write(folder / "manifest.json", _dump(manifest))


def _dump(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def message_to_json(message: Message) -> Json:
    return {"key": message.key, "fields": dict(message.fields)}


def message_from_json(document: Json) -> Message:
    return Message.of(document["key"], **document["fields"])
