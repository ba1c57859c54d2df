"""Small pictures side by side in one JPEG: all that an analysis kept, and the few that stand for a video.

They were taken in the one decode of an analysis (the ``thumbs`` meter); nothing is decoded here but JPEGs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from sightline.errors import Defect, NotFound
from sightline.library.actor import Actor
from sightline.library.cache import ResultCache
from sightline.library.database import Database, one
from sightline.library.tables import AnalysisRow, VideoRow
from sightline.report.thumbs import THUMBS_METER
from sightline.service.access import Right, require
from sightline.service.bundles import Bundles
from sightline.service.evidence import KEPT_S, Evidence, dump, measured
from sightline.timeline.columns import Columns

COLUMNS = 10
PER_SHEET = 100
MOST_IN_SPRITE = 100
LONG_SIDE_PX = 160
QUALITY = 80
SUBJECT = "thumbs"
"""What the cache keeps them under, with the analysis' id."""
LOOKED_BACK = 5
"""Analyses of a video that are looked through for one with pictures."""
MAKERS = 2
"""At the same time: each holds all kept pictures of an analysis, which may be many megabytes."""
Bgr = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept picture."""

    time_s: float
    reason: str
    """``period``, or ``change``: an abrupt one."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Tiles from left to right, then down, then on the next sheet."""

    tile_width: int
    tile_height: int
    columns: int
    per_sheet: int
    sheets: int
    items: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Sprite:
    """One sheet; tile ``n`` shows ``times_s[n]``."""

    tile_width: int
    tile_height: int
    columns: int
    rows: int
    times_s: tuple[float, ...]


class Sheets:
    def __init__(self, database: Database, evidence: Evidence, bundles: Bundles, cache: ResultCache) -> None:
        self._database, self._evidence, self._bundles, self._cache = database, evidence, bundles, cache
        self._makers = threading.Semaphore(MAKERS)

    def layout(self, actor: Actor, analysis_id: str) -> Layout:
        """Where every kept picture is. Raises `NotFound` where none was kept."""
        row = self._evidence.pictured(actor, analysis_id)

        def make() -> bytes:
            pictures = self._pictures(row.id)
            width, height = _tile(pictures.jpegs)
            sheets = -(-len(pictures.jpegs) // PER_SHEET)
            return dump(asdict(Layout(width, height, COLUMNS, PER_SHEET, sheets, pictures.kept)))

        plain = json.loads(self._made(row, ("layout",), make))
        return Layout(**plain | {"items": tuple(Kept(**item) for item in plain["items"])})

    def sheet(self, actor: Actor, analysis_id: str, number: int) -> bytes:
        """A JPEG of the pictures ``[number * PER_SHEET, (number + 1) * PER_SHEET)``. Raises `NotFound`."""
        row = self._evidence.pictured(actor, analysis_id)

        def make() -> bytes:
            jpegs = self._pictures(row.id).jpegs
            those = jpegs[number * PER_SHEET : (number + 1) * PER_SHEET]
            if number < 0 or not those:
                raise NotFound("library.not_found", what="picture", id=number)
            return _sheet(those, _tile(jpegs))

        return self._made(row, ("sheet", str(number)), make)

    def sprite(self, actor: Actor, video_id: str) -> Sprite:
        """Where the pictures that stand for a video are, evenly spread over its time. Raises `NotFound`."""

        def of(row: AnalysisRow) -> bytes:
            def make() -> bytes:
                pictures = self._pictures(row.id)
                chosen = pictures.spread()
                width, height = _tile(pictures.jpegs)
                columns = min(COLUMNS, len(chosen))
                times = tuple(pictures.kept[n].time_s for n in chosen)
                return dump(asdict(Sprite(width, height, columns, -(-len(chosen) // columns), times)))

            return self._made(row, ("sprite",), make)

        plain = json.loads(self._of_latest(actor, video_id, of))
        return Sprite(**plain | {"times_s": tuple(plain["times_s"])})

    def sprite_jpeg(self, actor: Actor, video_id: str) -> bytes:
        """The pictures of `sprite`. Raises `NotFound`."""

        def of(row: AnalysisRow) -> bytes:
            def make() -> bytes:
                pictures = self._pictures(row.id)
                return _sheet([pictures.jpegs[n] for n in pictures.spread()], _tile(pictures.jpegs))

            return self._made(row, ("sprite.jpg",), make)

        return self._of_latest(actor, video_id, of)

    def _of_latest(self, actor: Actor, video_id: str, of: Callable[[AnalysisRow], bytes]) -> bytes:
        with self._database.read(actor) as session:
            video = one(session, VideoRow, video_id)
            require(actor, Right.VIEW, video.workspace_id)
            done = select(AnalysisRow).where(AnalysisRow.video_id == video_id, AnalysisRow.revision > 0)
            rows = session.scalars(done.order_by(AnalysisRow.created_at.desc()).limit(LOOKED_BACK)).all()
        for row in rows if video.media_removed_at is None else ():
            try:
                return of(row)
            except NotFound:
                continue
        raise NotFound("library.not_found", what="picture", id=video_id)

    def _made(self, row: AnalysisRow, what: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        def in_turn() -> bytes:
            with self._makers:
                return make()

        return self._cache.get_or_make((SUBJECT, row.id, measured(row), *what), in_turn, KEPT_S)

    def _pictures(self, analysis_id: str) -> _Pictures:
        found = _Pictures.of(self._bundles.columns(analysis_id, THUMBS_METER))
        if not found.jpegs:
            raise NotFound("library.not_found", what="picture", id=analysis_id)
        return found


@dataclass(frozen=True, slots=True)
class _Pictures:
    jpegs: Sequence[bytes]
    kept: tuple[Kept, ...]
    end_s: float

    @classmethod
    def of(cls, columns: Columns) -> _Pictures:
        if "jpeg" not in columns:
            return cls((), (), 0.0)
        base, notes = float(columns.time_base), columns.notes
        reasons: list[Any] = columns["reason"].tolist() if "reason" in columns else [0] * len(columns)
        rows = [
            (jpeg, Kept(round(tick * base, 6), str(notes.get(f"reason_{reason}", "period"))))
            for jpeg, tick, reason in zip(columns["jpeg"].tolist(), columns.ticks.tolist(), reasons, strict=True)
            if isinstance(jpeg, bytes) and jpeg
        ]
        return cls([jpeg for jpeg, _ in rows], tuple(kept for _, kept in rows), columns.end * base)

    def spread(self) -> list[int]:
        """Numbers of at most `MOST_IN_SPRITE` pictures: those on screen in the middles of as many equal pieces."""
        count = min(MOST_IN_SPRITE, len(self.jpegs))
        times = np.array([kept.time_s for kept in self.kept])
        middles = times[0] + (np.arange(count) + 0.5) * (max(self.end_s, times[-1]) - times[0]) / count
        return sorted({max(0, int(n) - 1) for n in np.searchsorted(times, middles, side="right")})


def _tile(jpegs: Sequence[bytes]) -> tuple[int, int]:
    """Width and height of a tile in px: the longer side `LONG_SIDE_PX`, or the picture's own where that is less."""
    first = next((picture for picture in map(_opened, jpegs) if picture is not None), None)
    if first is None:
        return 16, 9
    height, width = first.shape[:2]
    scale = min(1.0, LONG_SIDE_PX / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _sheet(jpegs: Sequence[bytes], tile: tuple[int, int]) -> bytes:
    """One JPEG; a picture that cannot be opened leaves its tile black."""
    width, height = tile
    columns = min(COLUMNS, len(jpegs))
    sheet = np.zeros((-(-len(jpegs) // columns) * height, columns * width, 3), np.uint8)
    for number, jpeg in enumerate(jpegs):
        picture = _opened(jpeg)
        if picture is not None:
            y, x = number // columns * height, number % columns * width
            sheet[y : y + height, x : x + width] = cv2.resize(picture, tile, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise Defect("errors.image_not_encoded", kind="jpeg")
    return encoded.tobytes()


def _opened(jpeg: bytes) -> Bgr | None:
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if found is None else np.asarray(found, np.uint8)
