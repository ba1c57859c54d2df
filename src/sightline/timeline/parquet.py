"""Columns as Parquet files: one file a meter, everything needed to read it back in its own metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sightline.timeline.columns import Column, Columns, LateColumn

_METADATA = b"sightline.columns"


def write_columns(columns: Columns, path: Path) -> None:
    """One Parquet file. Raises `OSError` as the file system does; makes no folder."""
    arrays = [pa.array(columns.ticks)]
    arrays += [pa.array(c.values.tolist()) if c.values.dtype == object else pa.array(c.values) for c in columns.columns]
    about = {
        "meter": columns.meter,
        "time_base": str(columns.time_base),
        "end": columns.end,
        "units": [c.unit for c in columns.columns],
        "notes": dict(columns.notes),
    }
    table = pa.table(arrays, names=["tick", *(c.name for c in columns.columns)])
    table = table.replace_schema_metadata({_METADATA: json.dumps(about).encode()})
    # Measured numbers rarely repeat: without dictionaries files are smaller, written in half the time and read faster.
    encoding = {"tick": "DELTA_BINARY_PACKED"}
    pq.write_table(table, path, compression="zstd", use_dictionary=False, column_encoding=encoding)


def read_columns(
    path: Path, *, late: Callable[[Exception], Exception] | None = None, only: Collection[str] | None = None
) -> Columns:
    """The columns of a file `write_columns` made. Raises `ValueError` for any other file, `OSError` if it is gone.

    ``only``: the columns to read, as far as they are there; None: all. With ``late``, pictures are read when somebody
    asks for them; what then goes wrong is raised as ``late`` makes it.
    """
    try:
        with pq.ParquetFile(path, memory_map=False) as file:
            schema = file.schema_arrow
            about = json.loads(schema.metadata[_METADATA])
            later = {f.name for f in schema if late is not None and pa.types.is_binary(f.type)}
            wanted = [name for name in schema.names[1:] if only is None or name in only]
            table = file.read([schema.names[0], *(n for n in wanted if n not in later)], use_threads=False)
    except (pa.ArrowException, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a file of columns: {error}") from error

    def column(name: str, unit: str) -> Column:
        if late is not None and name in later:
            return LateColumn(name, unit, len(table), partial(_read_late, path.absolute(), name, len(table), late))
        return Column(name, unit, _values(table.column(name)))

    return Columns(
        meter=about["meter"],
        time_base=Fraction(about["time_base"]),
        ticks=table.column(0).to_numpy(),
        end=about["end"],
        columns=tuple(
            column(name, unit) for name, unit in zip(schema.names[1:], about["units"], strict=True) if name in wanted
        ),
        notes=about["notes"],
    )


def _read_late(path: Path, name: str, rows: int, late: Callable[[Exception], Exception]) -> np.ndarray:
    try:
        with pq.ParquetFile(path, memory_map=False) as file:
            values = _values(file.read([name], use_threads=False).column(name))
    except (pa.ArrowException, OSError) as error:
        raise late(error) from error
    if len(values) != rows:
        raise late(ValueError(f"{path} was written anew"))
    return values


def _values(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_binary(column.type) or pa.types.is_string(column.type) or pa.types.is_null(column.type):
        values = np.empty(len(column), object)
        values[:] = column.to_pylist()
        return values
    return np.asarray(column.to_numpy())
