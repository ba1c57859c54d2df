"""What the container holds: every packet with its times, before decoding."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import numpy as np

from sightline.facts import MediaFacts
from sightline.media.picture import PacketBatch, PictureBatch, SoundBlock
from sightline.meters.meter import Needs, PacketNeeds, Parameter, Subject
from sightline.timeline.columns import Columns, Rows

NO_TIME = np.iinfo(np.int64).min
"""Stands for a time the container does not give."""
_FIELDS = {
    "stream": ("index", np.int16),
    "pts": ("ticks", np.int64),
    "dts": ("ticks", np.int64),
    "duration": ("ticks", np.int64),
    "size_bytes": ("bytes", np.int64),
    "key": ("flag", np.bool_),
    "corrupt": ("flag", np.bool_),
    "discard": ("flag", np.bool_),
}


class Packets:
    """A row per packet in the order of the file.

    ``pts``, ``dts`` and ``duration`` count in the time base of the packet's own stream, noted as
    ``time_base_<stream>``; a missing time is `NO_TIME`, noted as ``no_time``.

    The tick of a row is its number: the rows follow the file, not time.
    """

    id: ClassVar[str] = "packets"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PacketNeeds()

    def __init__(self, subject: Subject, **_: Parameter) -> None:
        self._bases = _time_bases(subject.media)
        self._rows = Rows(_FIELDS)

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PacketBatch)
        for packet in batch.packets:
            self._rows.append(
                len(self._rows),
                packet.stream,
                NO_TIME if packet.pts is None else packet.pts,
                NO_TIME if packet.dts is None else packet.dts,
                packet.duration,
                packet.size_bytes,
                packet.key,
                packet.corrupt,
                packet.discard,
            )

    def columns(self) -> Columns:
        notes = {f"time_base_{stream}": str(base) for stream, base in self._bases.items()}
        return self._rows.columns(self.id, Fraction(1), len(self._rows), {"no_time": NO_TIME, **notes})


def _time_bases(media: MediaFacts) -> dict[int, Fraction]:
    bases = {video.index: video.time_base for video in media.videos}
    return bases | {audio.index: audio.time_base for audio in media.audios}


METER = Packets
