"""Which field of an interlaced picture comes first.

PyAV tells that a picture is interlaced but not the order of its fields; FFmpeg's ``select`` filter can read it.
"""

from __future__ import annotations

from fractions import Fraction

import av.error
from av.filter import Graph
from av.video.frame import VideoFrame


class FieldReader:
    """Reads the order of the fields of pictures of one stream, without touching their planes."""

    def __init__(self, time_base: Fraction) -> None:
        self._time_base = time_base
        self._shape: tuple[int, int, str] | None = None
        self._graph: Graph | None = None

    def top_first(self, frame: VideoFrame) -> bool:
        """Whether the upper field of an interlaced picture is shown first."""
        shape = frame.width, frame.height, frame.format.name
        if self._graph is None or shape != self._shape:
            self._graph, self._shape = self._made(frame), shape
        self._graph.push(frame)
        try:
            self._graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return False
        return True

    def _made(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._time_base
        )
        chosen = graph.add("select", "eq(interlace_type,TOPFIRST)")
        sink = graph.add("buffersink")
        source.link_to(chosen)
        chosen.link_to(sink)
        graph.configure()
        return graph
