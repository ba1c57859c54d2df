"""Analyses as files: where a bundle lies, and what is read from it.

Files are the truth. ``analyses/<id>.sightline/`` in the store is a bundle as `sightline.timeline.bundle` describes it,
with ``library.json`` in it: what the database has to know to find it again. Judging again adds a document under
``revisions/`` with events and judgement; the first judgement is the bundle's own.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sightline.desks.interview.desk import ID as INTERVIEW
from sightline.desks.interview.policies import withheld, without_meters
from sightline.desks.judgement import Judgement, Score
from sightline.desks.judgement_json import event_from_dict, event_to_dict, judgement_from_dict, judgement_to_dict
from sightline.errors import BundleUnreadable, NotFound
from sightline.insight.claims import Feedback, feedback_from_dict, feedback_to_dict
from sightline.library.blobs import Blobs
from sightline.library.store import PART_EXPIRES_S
from sightline.service.analysis import Analysis
from sightline.service.asked import asked_from_dict
from sightline.text import Message
from sightline.timeline.bundle import SUFFIX, is_bundle, message_from_json, read_bundle
from sightline.timeline.columns import Columns
from sightline.timeline.parquet import read_columns
from sightline.timeline.timeline import Timeline

CARD = "library.json"
KEPT_TIMELINES = 2
"""Whole timelines kept in memory for judging again: an hour of film takes about 250 MB."""
NEARBY_BYTES = 4 << 30
LONGEST_NAME_BYTES = 255
"""Of a file: longer ones no file system has."""
SPARED_S = 600
"""What was read so lately may be being read."""


def prefix_of(analysis_id: str) -> str:
    return f"analyses/{analysis_id}{SUFFIX}"


class Bundles:
    """``nearby``: where bundles of a remote store are kept for reading, those read last, up to ``most_bytes``; can be
    deleted at any time."""

    def __init__(self, blobs: Blobs, nearby: Path, most_bytes: int = NEARBY_BYTES, spared_s: float = SPARED_S) -> None:
        self._blobs, self._nearby, self._most_bytes, self._spared_s = blobs, nearby, most_bytes, spared_s
        self._timelines: OrderedDict[str, Timeline] = OrderedDict()
        self._guard, self._reading = threading.Lock(), threading.Lock()

    def put(self, analysis_id: str, folder: Path) -> None:
        """Brings a whole bundle into the store, in place of one that is there. Raises `Unavailable`."""
        self._blobs.put_folder(prefix_of(analysis_id), folder)
        self.forget(analysis_id)

    def remove(self, analysis_id: str) -> None:
        self._blobs.remove_prefix(prefix_of(analysis_id))
        self.forget(analysis_id)

    def forget(self, analysis_id: str) -> None:
        """What is kept nearby of it is old."""
        with self._guard:
            self._timelines.pop(analysis_id, None)
        shutil.rmtree(self._nearby / f"{analysis_id}{SUFFIX}", ignore_errors=True)

    def folder(self, analysis_id: str) -> Path:
        """The bundle as a local folder, fetched where the store is remote. Raises `NotFound`, `Unavailable`."""
        local = self._blobs.local_folder(prefix_of(analysis_id))
        if local is None:
            local = self._nearby / f"{analysis_id}{SUFFIX}"
            if not is_bundle(local):
                self._fetch(analysis_id, local)
            with suppress(OSError):
                os.utime(local)
        if not is_bundle(local):
            raise NotFound("library.not_found", what="bundle", id=analysis_id)
        return local

    def timeline(self, analysis_id: str) -> Timeline:
        """Everything measured. Raises `NotFound`, `BundleUnreadable`, `Unavailable`."""
        # One after another: many who judge the same again at once would each read hundreds of megabytes.
        with self._reading:
            with self._guard:
                if analysis_id in self._timelines:
                    self._timelines.move_to_end(analysis_id)
                    return self._timelines[analysis_id]
            timeline = read_bundle(self.folder(analysis_id)).timeline
            with self._guard:
                self._timelines[analysis_id] = timeline
                while len(self._timelines) > KEPT_TIMELINES:
                    self._timelines.popitem(last=False)
        return timeline

    def columns(self, analysis_id: str, meter: str, only: Collection[str] | None = None) -> Columns:
        """What one meter measured, without reading the others; ``only`` some of its columns. Raises `NotFound`."""
        signals = self.folder(analysis_id) / "signals"
        path = signals / f"{meter}.parquet"
        if path.parent != signals or meter != Path(meter).name or len(os.fsencode(path.name)) > LONGEST_NAME_BYTES:
            raise NotFound("library.not_found", what="signal", id=meter)
        try:
            return read_columns(path, only=only)
        except FileNotFoundError as error:
            raise NotFound("library.not_found", what="signal", id=meter) from error
        except (OSError, ValueError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=error) from error

    def why_not(self, analysis_id: str, meter: str) -> Message | None:
        """Why a meter has no columns; None where the bundle does not say. Raises `NotFound`, `BundleUnreadable`."""
        try:
            manifest = json.loads((self.folder(analysis_id) / "manifest.json").read_bytes())
            why = manifest["not_measured"].get(meter)
            return None if why is None else message_from_json(why)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=error) from error

    def judged(self, analysis_id: str, document: str) -> Mapping[str, Any]:
        """``events``, ``judgement``, ``claims`` (None: none) and ``asked``, as plain JSON. ``document``: as its row
        names it.

        Raises `NotFound`, `BundleUnreadable`, `Unavailable`.
        """
        try:
            if not document:
                folder = self.folder(analysis_id)
                found = {name: json.loads((folder / f"{name}.json").read_bytes()) for name in ("events", "judgement")}
                found |= {name: _document(folder, name) for name in ("claims", "asked")}
            else:
                found = json.loads(self._blobs.read_bytes(f"{prefix_of(analysis_id)}/revisions/{document}.json"))
            told = {"events": found["events"], "judgement": found["judgement"]}
        except (OSError, ValueError, KeyError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=error) from error
        return told | {"claims": found.get("claims"), "asked": found.get("asked") or found.get("card") or {}}

    def scores(self, analysis_id: str, document: str) -> tuple[Score, ...]:
        """The scores as judged. Raises as `judged`."""
        try:
            return judgement_from_dict(self.judged(analysis_id, document)["judgement"]).scores
        except (KeyError, ValueError, TypeError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=repr(error)) from error

    def said_and_judged(self, analysis_id: str, document: str) -> tuple[Feedback | None, Judgement]:
        """What is said to the person, and the judgement it is said of. Raises as `judged`."""
        found = self.judged(analysis_id, document)
        try:
            said = None if found["claims"] is None else feedback_from_dict(found["claims"])
            return said, judgement_from_dict(found["judgement"])
        except (KeyError, ValueError, TypeError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=repr(error)) from error

    def analysis(self, analysis_id: str, document: str) -> Analysis:
        """The analysis as judged. Raises as `judged` and `timeline`."""
        judged = self.judged(analysis_id, document)
        try:
            events = tuple(event_from_dict(event) for event in judged["events"])
            judgement = judgement_from_dict(judged["judgement"])
            feedback = None if judged["claims"] is None else feedback_from_dict(judged["claims"])
            brief = asked_from_dict(judged["asked"])
        except (KeyError, ValueError, TypeError) as error:
            raise BundleUnreadable("bundle.damaged", path=analysis_id, why=repr(error)) from error
        timeline = without_meters(self.timeline(analysis_id), withheld_from(judgement.desk, brief.options))
        return Analysis(replace(timeline, events=events), judgement, brief, feedback)

    def put_judgement(self, analysis_id: str, revision: int, analysis: Analysis, card: Mapping[str, Any]) -> str:
        """Keeps another judgement of the same measurements. Gives the document's name, which nobody else has.

        ``card``: what changed of ``library.json``.
        """
        name = f"{revision:06d}-{secrets.token_hex(8)}"
        document = {
            "revision": revision,
            "events": [event_to_dict(event) for event in analysis.timeline.events],
            "judgement": judgement_to_dict(analysis.judgement),
            "claims": None if analysis.feedback is None else feedback_to_dict(analysis.feedback),
            "card": dict(card),
        }
        content = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        self._blobs.put_bytes(f"{prefix_of(analysis_id)}/revisions/{name}.json", content)
        return name

    def remove_judgement(self, analysis_id: str, name: str) -> None:
        if name:
            self._blobs.remove_prefix(f"{prefix_of(analysis_id)}/revisions/{name}.json")

    def _fetch(self, analysis_id: str, place: Path) -> None:
        self._nearby.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".fetching.", suffix=".part", dir=self._nearby))
        try:
            self._blobs.fetch_folder(prefix_of(analysis_id), making)
            try:
                making.rename(place)
            except OSError:
                # Another request fetched the same meanwhile.
                if not is_bundle(place):
                    raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
        # Somebody may be clearing the same folder.
        with suppress(OSError):
            self._make_room()

    def _make_room(self) -> None:
        """Removes what was read longest ago, and what a process that died left half-fetched."""
        at, found = time.time(), []
        for place in self._nearby.iterdir():
            used = place.stat().st_mtime
            if place.name.endswith(SUFFIX):
                found.append((used, place, sum(file.lstat().st_size for file in place.rglob("*"))))
            elif at - used > PART_EXPIRES_S:
                shutil.rmtree(place, ignore_errors=True)
        more = sum(size for _, _, size in found) - self._most_bytes
        for used, place, size in sorted(found):
            if more <= 0 or at - used < self._spared_s:
                return
            # At once for readers.
            gone = place.with_name(f".{secrets.token_hex(8)}.part")
            place.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
            more -= size


def withheld_from(desk: str, options: Mapping[str, Any]) -> frozenset[str]:
    """Meters of a bundle that its judgement may not be shown with: an earlier one was asked for another purpose."""
    return withheld(options) if desk == INTERVIEW else frozenset()


def _document(folder: Path, name: str) -> Any:
    """None where the bundle has none of it."""
    try:
        return json.loads((folder / f"{name}.json").read_bytes())
    except FileNotFoundError:
        return None
