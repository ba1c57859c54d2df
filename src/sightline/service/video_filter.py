"""What a list of videos is narrowed to, and in which order it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select

from sightline.errors import RequestInvalid
from sightline.library.paging import Order
from sightline.library.tables import AnalysisRow, TagRow, VideoRow
from sightline.service.matches import Looked, found_by

Selected = TypeVar("Selected")
UNKNOWN_LENGTH_S = -1.0
"""Where videos whose length nobody knows stand in a list by length."""
_ORDERS: Mapping[str, Order] = {
    "created_at": Order(VideoRow.created_at, VideoRow.id),
    "name": Order(VideoRow.name, VideoRow.id),
    "size": Order(VideoRow.size_bytes, VideoRow.id),
    "duration_s": Order(VideoRow.duration_s, VideoRow.id, otherwise=UNKNOWN_LENGTH_S),
}


@dataclass(frozen=True, slots=True)
class VideoFilter:
    """None and empty mean: not by this."""

    workspace_id: str | None = None
    query: str = ""
    """All its words in name and tags, all of them in what is said, or the whole of it in the name of a found kind of
    event."""
    tags: tuple[str, ...] = ()
    """All of them."""
    desk: str | None = None
    verdict: str | None = None
    state: str | None = None
    """Of an analysis, as ``desk`` and ``verdict``: one that has all three."""
    created_from: datetime | None = None
    created_before: datetime | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    min_height: int | None = None
    max_height: int | None = None
    order: str = "created_at"
    is_descending: bool = True


def order_of(wanted: VideoFilter) -> Order:
    """Raises `RequestInvalid` for one there is not."""
    found = _ORDERS.get(wanted.order)
    if found is None:
        raise RequestInvalid("library.bad_order", order=wanted.order, known=", ".join(_ORDERS))
    return found.turned(wanted.is_descending)


def narrowed(wanted: VideoFilter, statement: Select[Selected]) -> Select[Selected]:
    """``statement``, which selects from `VideoRow`, with what a filter wants."""
    if wanted.workspace_id is not None:
        statement = statement.where(VideoRow.workspace_id == wanted.workspace_id)
    for tag in wanted.tags:
        statement = statement.where(VideoRow.id.in_(select(TagRow.video_id).where(TagRow.tag == tag)))
    if wanted.desk is not None or wanted.verdict is not None or wanted.state is not None:
        statement = statement.where(_has_analysis(wanted))
    for column, operator, bound in (
        (VideoRow.created_at, "__ge__", wanted.created_from),
        (VideoRow.created_at, "__lt__", wanted.created_before),
        (VideoRow.duration_s, "__ge__", wanted.shortest_s),
        (VideoRow.duration_s, "__le__", wanted.longest_s),
        (VideoRow.height, "__ge__", wanted.min_height),
        (VideoRow.height, "__le__", wanted.max_height),
    ):
        if bound is not None:
            statement = statement.where(getattr(column, operator)(bound))
    looked = Looked.at(wanted.query)
    return statement.where(found_by(looked)) if looked.words else statement


def _has_analysis(wanted: VideoFilter) -> ColumnElement[bool]:
    # Not `exists`: with every table narrowed to workspaces, SQLite goes through all of them for every video.
    found = select(AnalysisRow.video_id)
    for column, value in (
        (AnalysisRow.desk, wanted.desk),
        (AnalysisRow.verdict, wanted.verdict),
        (AnalysisRow.state, wanted.state),
    ):
        if value is not None:
            found = found.where(column == value)
    return VideoRow.id.in_(found)
