"""What an analysis measured, as curves small enough to draw. Reading only."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.types import is_binary, is_null, is_string
from pydantic_core import to_json

from sightline.errors import NotFound, RequestInvalid
from sightline.library.actor import Actor
from sightline.library.cache import ResultCache
from sightline.library.tables import AnalysisRow
from sightline.service.bundles import Bundles, withheld_from
from sightline.service.evidence import KEPT_S, Evidence, dump, measured
from sightline.timeline.columns import Columns
from sightline.timeline.curve import Curve, Floats, curve
from sightline.timeline.timeline import Signal

MOST_POINTS = 20_000
MOST_CURVES, MOST_POINTS_EACH = 40, 5000
"""Asked for at once."""
ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True, slots=True)
class SignalInfo:
    name: str
    unit: str
    rows: int
    meter: str
    least: float | None
    """Of its values that are finite; None where there is none."""
    greatest: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the time axis, and in how many points it is wanted."""

    start_s: float | None = None
    end_s: float | None = None
    points: int = 2000

    @property
    def key(self) -> tuple[str, str, str]:
        return str(self.start_s), str(self.end_s), str(self.points)


class Curves:
    def __init__(self, evidence: Evidence, bundles: Bundles, cache: ResultCache) -> None:
        self._evidence, self._bundles, self._cache = evidence, bundles, cache

    def signals(self, actor: Actor, analysis_id: str) -> Sequence[SignalInfo]:
        """Every signal that is made of numbers."""
        row = self._evidence.done(actor, analysis_id)

        def make() -> bytes:
            paths = sorted((self._bundles.folder(row.id) / "signals").glob("*.parquet"))
            return dump([entry for path in paths for entry in _listed(path)])

        made = self._cache.get_or_make(("signals", row.id, measured(row), "ranges"), make, KEPT_S)
        hidden = withheld_from(row.desk, row.options)
        found = (SignalInfo(*entry) for entry in json.loads(made))
        return [info for info in found if info.meter not in hidden]

    def signal(
        self, actor: Actor, analysis_id: str, name: str, window: Window, *, as_arrow: bool = False
    ) -> bytes:  # fmt: skip
        """A signal over a window, made small with its peaks kept, as JSON or as an Arrow stream.

        Raises `NotFound` for a signal there is not, `RequestInvalid` for one that is no number.
        """
        row = self._evidence.done(actor, analysis_id)
        if not 1 <= window.points <= MOST_POINTS:
            raise RequestInvalid("library.bad_points", most=MOST_POINTS)
        meter, _, column = name.rpartition(".")
        if meter in withheld_from(row.desk, row.options):
            raise NotFound("library.not_found", what="signal", id=name)

        def make() -> bytes:
            found = _signal(self._bundles.columns(row.id, meter, [column]), name, column)
            if found is None:
                raise NotFound("library.not_found", what="signal", id=name)
            try:
                small = curve(found, window.start_s, window.end_s, window.points)
            except ValueError as error:
                raise RequestInvalid("library.signal_no_number", name=name) from error
            return _arrow(small, found) if as_arrow else _json(_plain(small, found))

        key = ("signal", row.id, measured(row), name, *window.key, "arrow" if as_arrow else "json")
        return self._cache.get_or_make(key, make, KEPT_S)

    def several(self, actor: Actor, analysis_id: str, names: Sequence[str], window: Window) -> bytes:
        """``items``: the curves of these signals over a window, as JSON; those there are not, or that are no numbers,
        are left out. Each meter's file is read once.

        Raises `RequestInvalid` for more than `MOST_CURVES`, or than `MOST_POINTS_EACH`.
        """
        row = self._evidence.done(actor, analysis_id)
        if not 1 <= window.points <= MOST_POINTS_EACH:
            raise RequestInvalid("library.bad_points", most=MOST_POINTS_EACH)
        asked = tuple(dict.fromkeys(names))
        if len(asked) > MOST_CURVES:
            raise RequestInvalid("library.too_many_curves", most=MOST_CURVES)
        hidden = withheld_from(row.desk, row.options)
        asked = tuple(name for name in asked if name.rpartition(".")[0] not in hidden)
        key = ("signal", row.id, measured(row), *window.key, "several", *asked)
        return self._cache.get_or_make(key, lambda: self._drawn(row, asked, window), KEPT_S)

    def _drawn(self, row: AnalysisRow, names: Sequence[str], window: Window) -> bytes:
        by_meter: dict[str, list[str]] = {}
        for name in names:
            meter, _, column = name.rpartition(".")
            by_meter.setdefault(meter, []).append(column)
        found: dict[str, dict[str, Any]] = {}
        for meter, wanted in by_meter.items():
            try:
                columns = self._bundles.columns(row.id, meter, wanted)
            except NotFound:
                continue
            times_s: Floats | None = None
            for column in wanted:
                signal = _signal(columns, f"{meter}.{column}", column)
                if signal is not None and signal.values.dtype != object:
                    times_s = signal.times_s if times_s is None else times_s
                    small = curve(signal, window.start_s, window.end_s, window.points, times_s)
                    found[signal.name] = _plain(small, signal)
        return _json({"items": [found[name] for name in names if name in found]})


def _listed(path: Path) -> list[list[Any]]:
    """Of one meter's file: what `SignalInfo` holds, for every column of numbers."""
    found = []
    with pq.ParquetFile(path, memory_map=False) as file:
        about = json.loads(file.schema_arrow.metadata[b"sightline.columns"])
        for place, unit in enumerate(about["units"], 1):
            field = file.schema_arrow.field(place)
            if is_binary(field.type) or is_string(field.type) or is_null(field.type):
                continue
            least, greatest = _range(file, place)
            name = f"{about['meter']}.{field.name}"
            found.append([name, unit, file.metadata.num_rows, about["meter"], least, greatest])
    return found


def _range(file: pq.ParquetFile, place: int) -> tuple[float | None, float | None]:
    """Least and greatest finite value of a column. Told by the file itself, unless one of them is infinite."""
    groups = [file.metadata.row_group(n).column(place) for n in range(file.metadata.num_row_groups)]
    told = [group.statistics for group in groups if group.num_values]
    if told and all(each is not None and each.has_min_max for each in told):
        least, greatest = float(min(each.min for each in told)), float(max(each.max for each in told))
        if math.isfinite(least) and math.isfinite(greatest):
            return least, greatest
    table = file.read([file.schema_arrow.names[place]], use_threads=False)
    values = np.asarray(table.column(0).to_numpy(), np.float64)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (None, None)


def _signal(columns: Columns, name: str, column: str) -> Signal | None:
    unit = next((each.unit for each in columns.columns if each.name == column), None)
    if unit is None:
        return None
    return Signal(name, unit, columns[column], columns.ticks, columns.end, columns.time_base)


def _plain(small: Curve, signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "unit": signal.unit,
        "rows": small.rows,
        "time_s": small.times_s.tolist(),
        "min": small.least.tolist(),
        "max": small.greatest.tolist(),
    }


def _json(plain: Mapping[str, Any]) -> bytes:
    """With null for what is not finite. A tenth of the time the standard library takes for so many numbers."""
    return to_json(plain, inf_nan_mode="null")


def _arrow(small: Curve, signal: Signal) -> bytes:
    table = small.arrow().replace_schema_metadata({"name": signal.name, "unit": signal.unit, "rows": str(small.rows)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
