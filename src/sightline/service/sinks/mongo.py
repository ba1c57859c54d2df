"""Raw records in MongoDB: signals in chunks, events, the judgement and what is said. Bundles stay the truth.

    analyses  one document an analysis: media, desk, judgement, feedback
    signals   ``rows`` of a meter from ``first_row`` on: ticks, and every column of numbers or words
    events    one document an event

Kept pictures and other bytes are never sent. Everything of an analysis carries its id in ``analysis``, so that all of
it can be replaced or removed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from sightline.desks.judgement_json import event_to_dict, judgement_to_dict
from sightline.errors import PartMissing, SetupError, Unavailable
from sightline.insight.claims import feedback_to_dict
from sightline.service.analysis import Analysis
from sightline.timeline.columns import Column, Columns

if TYPE_CHECKING:
    from pymongo import MongoClient

COLLECTIONS = ("analyses", "signals", "events")
USUAL_DATABASE = "sightline"
VALUES_AT_ONCE = 200_000
"""In one document: about 3 MB, where MongoDB takes 16 MiB."""
ANSWER_MS = 5000


class MongoSink:
    """``url``: ``mongodb://…/database``. Opens no connection before it is asked to.

    Raises `PartMissing` without the extra ``mongo``, `SetupError` for a URL that is none.
    """

    def __init__(self, url: str) -> None:
        try:
            from pymongo import MongoClient
            from pymongo.errors import PyMongoError
            from pymongo.uri_parser import parse_uri
        except ImportError as error:
            raise PartMissing("service.no_mongo") from error
        self._error: type[Exception] = PyMongoError
        try:
            name = parse_uri(url)["database"] or USUAL_DATABASE
            self._client: MongoClient[dict[str, Any]] = MongoClient(
                url, serverSelectionTimeoutMS=ANSWER_MS, connectTimeoutMS=ANSWER_MS, appname="sightline"
            )
        except (PyMongoError, ValueError) as error:
            raise SetupError("service.bad_mongo_url", why=type(error).__name__) from error
        self._database = self._client[name]

    def put(self, analysis_id: str, analysis: Analysis) -> int:
        """Everything of an analysis, in place of what was there. How many documents. Raises `Unavailable`."""
        count = 0
        with self._told():
            self._forget([analysis_id])
            for name, document in _documents(analysis_id, analysis):
                self._database[name].insert_one(document)
                count += 1
        return count

    def forget(self, analyses: Sequence[str]) -> int:
        """Removes everything of these analyses. How many documents. Raises `Unavailable`."""
        with self._told():
            return self._forget(analyses)

    def close(self) -> None:
        self._client.close()

    def _forget(self, analyses: Sequence[str]) -> int:
        wanted = {"analysis": {"$in": list(analyses)}}
        return sum(self._database[name].delete_many(wanted).deleted_count for name in COLLECTIONS)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            # What the driver says may hold the address with its password.
            raise Unavailable("service.mongo_gone", why=type(error).__name__) from None


def _documents(analysis_id: str, analysis: Analysis) -> Iterator[tuple[str, dict[str, Any]]]:
    judgement, media = judgement_to_dict(analysis.judgement), analysis.media
    for columns in analysis.timeline.columns.values():
        yield from (("signals", {"analysis": analysis_id, **chunk}) for chunk in _chunks(columns))
    for number, event in enumerate(analysis.timeline.events):
        yield "events", {"analysis": analysis_id, "number": number, **event_to_dict(event)}
    # Last: where it is, all of it is.
    yield (
        "analyses",
        {
            "analysis": analysis_id,
            "media": {"name": media.name, "sha256": media.sha256, "duration_s": float(media.duration or 0)},
            "desk": analysis.judgement.desk,
            "judgement": judgement,
            "feedback": None if analysis.feedback is None else feedback_to_dict(analysis.feedback),
            "options": dict(analysis.brief.options),
            "made_at": analysis.timeline.provenance.made_at,
        },
    )


def _chunks(columns: Columns) -> Iterator[dict[str, Any]]:
    sent = [column for column in columns.columns if column.unit != "jpeg" and not _is_bytes(column)]
    step = max(1, VALUES_AT_ONCE // (len(sent) + 1))
    for first in range(0, len(columns), step):
        last = min(first + step, len(columns))
        yield {
            "meter": columns.meter,
            "time_base": str(columns.time_base),
            "end": int(columns.end),
            "first_row": first,
            "rows": last - first,
            "units": {column.name: column.unit for column in sent},
            "notes": dict(columns.notes),
            "ticks": columns.ticks[first:last].tolist(),
            "columns": {column.name: _plain(column.values[first:last]) for column in sent},
        }


def _is_bytes(column: Column) -> bool:
    return column.values.dtype == object and any(isinstance(value, bytes) for value in column.values[:100])


def _plain(values: Any) -> list[Any]:
    """NaN, which means that nothing was measured, becomes null; infinity, which is an answer, stays."""
    found: list[Any] = np.asarray(values).tolist()
    return [None if isinstance(value, float) and math.isnan(value) else value for value in found]
