"""What an analysis found and measured: events, signals, pictures, reports. Reading only."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.types import is_binary, is_null, is_string

from sightline.errors import Conflict, NotFound, RequestInvalid
from sightline.library.actor import Actor
from sightline.library.cache import ResultCache
from sightline.library.tables import AnalysisRow
from sightline.report.report import formats, renderer
from sightline.report.thumbs import THUMBS_METER, Thumbs
from sightline.service.analyses import Analyses
from sightline.service.bundles import Bundles
from sightline.text import Language
from sightline.timeline.curve import Curve, curve
from sightline.timeline.timeline import Signal, Timeline

MOST_POINTS = 20_000
MOST_EVENTS = 1000
KEPT_S = 24 * 3600
ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True, slots=True)
class SignalInfo:
    name: str
    unit: str
    rows: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report."""

    content: bytes
    suffix: str


class Evidence:
    def __init__(self, analyses: Analyses, bundles: Bundles, cache: ResultCache) -> None:
        self._analyses, self._bundles, self._cache = analyses, bundles, cache

    def judgement(self, actor: Actor, analysis_id: str) -> Mapping[str, Any]:
        """The judgement as plain JSON. Raises `Conflict` while there is none."""
        row = self._done(actor, analysis_id)
        made = self._kept(row, ("judgement",), lambda: _dump(self._bundles.judged(row.id, row.document)["judgement"]))
        found: Mapping[str, Any] = json.loads(made)
        return found

    def events(
        self,
        actor: Actor,
        analysis_id: str,
        kinds: Sequence[str] = (),
        start_s: float | None = None,
        end_s: float | None = None,
        offset: int = 0,
        limit: int = MOST_EVENTS,
    ) -> tuple[Sequence[Mapping[str, Any]], int]:
        """Events of these kinds that touch ``[start_s, end_s)``, in order of time, and how many there are in all."""
        row = self._done(actor, analysis_id)
        made = self._kept(row, ("events",), lambda: _dump(self._bundles.judged(row.id, row.document)["events"]))
        wanted = [
            event
            for event in json.loads(made)
            if (not kinds or event["kind"] in kinds)
            and (start_s is None or event["end_s"] > start_s or event["start_s"] >= start_s)
            and (end_s is None or event["start_s"] < end_s)
        ]
        return wanted[offset : offset + max(1, min(MOST_EVENTS, limit))], len(wanted)

    def signals(self, actor: Actor, analysis_id: str) -> Sequence[SignalInfo]:
        """Every signal that is made of numbers."""
        row = self._done(actor, analysis_id)

        def make() -> bytes:
            found = []
            for path in sorted((self._bundles.folder(row.id) / "signals").glob("*.parquet")):
                with pq.ParquetFile(path, memory_map=False) as file:
                    about = json.loads(file.schema_arrow.metadata[b"sightline.columns"])
                    for field, unit in zip(list(file.schema_arrow)[1:], about["units"], strict=True):
                        if not (is_binary(field.type) or is_string(field.type) or is_null(field.type)):
                            found.append([f"{about['meter']}.{field.name}", unit, file.metadata.num_rows])
            return _dump(found)

        made = self._cache.get_or_make(("signals", row.id, _measured(row)), make, KEPT_S)
        return [SignalInfo(*entry) for entry in json.loads(made)]

    def signal(
        self,
        actor: Actor,
        analysis_id: str,
        name: str,
        start_s: float | None = None,
        end_s: float | None = None,
        points: int = 2000,
        as_arrow: bool = False,
    ) -> bytes:
        """A signal over ``[start_s, end_s)``, made small with its peaks kept, as JSON or as an Arrow stream.

        Raises `NotFound` for a signal there is not, `RequestInvalid` for one that is no number.
        """
        row = self._done(actor, analysis_id)
        if not 1 <= points <= MOST_POINTS:
            raise RequestInvalid("library.bad_points", most=MOST_POINTS)

        def make() -> bytes:
            found = self._signal(row.id, name)
            try:
                small = curve(found, start_s, end_s, points)
            except ValueError as error:
                raise RequestInvalid("library.signal_no_number", name=name) from error
            return _arrow(small, found) if as_arrow else _dump(_plain_curve(small, found))

        asked = (str(start_s), str(end_s), str(points), "arrow" if as_arrow else "json")
        return self._cache.get_or_make(("signal", row.id, _measured(row), name, *asked), make, KEPT_S)

    def picture(self, actor: Actor, analysis_id: str, at_s: float) -> bytes:
        """The kept JPEG nearest to a moment. Raises `NotFound` where no pictures were kept."""
        row = self._done(actor, analysis_id)
        if not math.isfinite(at_s):
            raise RequestInvalid("library.bad_moment")

        def make() -> bytes:
            thumb = self._thumbs(row.id).nearest(Fraction(at_s).limit_denominator(1000))
            if thumb is None:
                raise NotFound("library.not_found", what="picture", id=row.id)
            return thumb.jpeg

        return self._cache.get_or_make(("picture", row.id, _measured(row), f"{at_s:.3f}"), make, KEPT_S)

    def report(self, actor: Actor, analysis_id: str, to: str, language: Language) -> Rendered:
        """The report in one of the formats. Raises `NotFound` for a format there is not, `ReportImpossible`."""
        row = self._done(actor, analysis_id)
        if to not in formats():
            raise NotFound("library.no_format", format=to, known=", ".join(formats()))

        def make() -> bytes:
            return self._bundles.analysis(row.id, row.document).report(to, language=language)

        return Rendered(self._kept(row, ("report", to, language), make), renderer(to).suffix)

    def _done(self, actor: Actor, analysis_id: str) -> AnalysisRow:
        row = self._analyses.get(actor, analysis_id)
        if row.revision == 0:
            raise Conflict("library.not_done", id=analysis_id, state=row.state)
        return row

    def _kept(self, row: AnalysisRow, what: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """Of this judgement: another judgement has another name."""
        key = ("analysis", row.id, _measured(row), str(row.revision), row.document, *what)
        return self._cache.get_or_make(key, make, KEPT_S)

    def _signal(self, analysis_id: str, name: str) -> Signal:
        meter, _, column = name.rpartition(".")
        columns = self._bundles.columns(analysis_id, meter)
        unit = next((c.unit for c in columns.columns if c.name == column), None)
        if unit is None:
            raise NotFound("library.not_found", what="signal", id=name)
        return Signal(name, unit, columns[column], columns.ticks, columns.end, columns.time_base)

    def _thumbs(self, analysis_id: str) -> Thumbs:
        columns = self._bundles.columns(analysis_id, THUMBS_METER)
        whole: Timeline = self._bundles.timeline(analysis_id)
        return Thumbs(replace(whole, columns={THUMBS_METER: columns}))


def _measured(row: AnalysisRow) -> str:
    """Names one making of the measurements."""
    return "" if row.finished_at is None else row.finished_at.isoformat()


def _plain_curve(small: Curve, signal: Signal) -> dict[str, Any]:
    def numbers(values: Any) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in values.tolist()]

    return {
        "name": signal.name,
        "unit": signal.unit,
        "rows": small.rows,
        "time_s": numbers(small.times_s),
        "min": numbers(small.least),
        "max": numbers(small.greatest),
    }


def _arrow(small: Curve, signal: Signal) -> bytes:
    table = small.arrow().replace_schema_metadata({"name": signal.name, "unit": signal.unit, "rows": str(small.rows)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _dump(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
