"""Look over this installation: what works, what does not, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sightline.desks.desk import Brief, desks
from sightline.detectors.detector import detectors, person_detectors
from sightline.errors import TemplateInvalid
from sightline.media.codecs import codec_report
from sightline.meters.meter import meters
from sightline.report.report import formats
from sightline.service.models import Presence, model_states
from sightline.service.settings import Settings
from sightline.text import Message
from sightline.version import VERSION
from sightline.weights.registry import groups

LOW_DISK_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: Message
    is_well: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything worth checking, one by one. Changes nothing but a probe file in the cache folder."""
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Finding(Message.of("doctor.python"), supported, f"{version}, sightline {VERSION}")
    codecs = codec_report()
    yield Finding(Message.of("doctor.ffmpeg"), True, codecs.libraries)
    yield Finding(Message.of("doctor.encoders"), bool(codecs.encoders), ", ".join(codecs.encoders))
    yield Finding(Message.of("doctor.hardware"), True, ", ".join(codecs.hardware) or "–")
    yield _opencv()
    yield Finding(Message.of("doctor.cores"), True, str(os.cpu_count()))
    yield _cache(settings.cache_dir)
    yield _disk(settings.cache_dir)
    found = len(detectors()) + len(person_detectors())
    yield Finding(Message.of("doctor.parts"), True, f"{len(meters())} / {found} / {len(formats())}")
    yield _templates()
    yield _models(settings)


def _opencv() -> Finding:
    """Two OpenCV packages write the same folder; which one wins is chance."""
    installed = [
        f"{name} {importlib.metadata.version(name)}"
        for name in (
            "opencv-python",
            "opencv-python-headless",
            "opencv-contrib-python",
            "opencv-contrib-python-headless",
        )
        if _is_installed(name)
    ]
    return Finding(Message.of("doctor.opencv"), len(installed) == 1, ", ".join(installed))


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _cache(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(Message.of("doctor.cache_unwritable"), False, f"{folder}: {error.strerror or error}")
    return Finding(Message.of("doctor.cache"), True, str(folder))


def _disk(folder: Path) -> Finding:
    place = next((p for p in (folder, *folder.parents) if p.exists()), Path())
    free = shutil.disk_usage(place).free
    return Finding(Message.of("doctor.disk"), free >= LOW_DISK_BYTES, f"{free / (1 << 30):.1f} GiB")


def _models(settings: Settings) -> Finding:
    """Missing ones are no fault: whoever only checks programmes needs none."""
    there = [state.model.id for state in model_states(settings) if state.presence is not Presence.MISSING]
    wanted = [name for name in groups()["interview"] if name not in there]
    if not wanted:
        return Finding(Message.of("weights.doctor"), True, ", ".join(there))
    return Finding(Message.of("weights.doctor_missing"), True, f"{', '.join(there) or '–'} / {', '.join(wanted)}")


def _templates() -> Finding:
    names: list[str] = []
    try:
        for desk in desks().values():
            for name in desk.names():
                desk.read(Brief(name))
                names.append(name)
    except TemplateInvalid as error:
        return Finding(Message.of("doctor.templates"), False, str(error))
    return Finding(Message.of("doctor.templates"), True, ", ".join(names))
