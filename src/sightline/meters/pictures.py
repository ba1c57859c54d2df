"""The picture clock: when each picture starts, and what its codec says of it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sightline.media.picture import PacketBatch, PictureBatch, SoundBlock
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows
from sightline.timeline.timeline import PICTURE_CLOCK

_FIELDS = {
    "duration": ("ticks", np.int64),
    "key": ("flag", np.bool_),
    "corrupt": ("flag", np.bool_),
    "interlaced": ("flag", np.bool_),
    "top_field_first": ("flag", np.bool_),
    "repeat_pict": ("count", np.int8),
    "faults": ("count", np.int32),
}


class Pictures:
    """A row per picture; row number is frame number.

    ``duration`` is what the container says, 0 where it says nothing; ``repeat_pict`` is -1 where the decoder does not
    tell; ``faults`` counts decode faults since the picture before. The last row ends after its own length, or after
    that of the stream's rate, or after that of the row before.
    """

    id: ClassVar[str] = PICTURE_CLOCK
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds()

    def __init__(self, subject: Subject, **_: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("facts.no_pictures")
        self._clock = PictureClock(subject.video)
        self._rows = Rows(_FIELDS)

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            self._rows.append(
                self._clock.tick(picture),
                picture.duration,
                picture.key,
                picture.corrupt,
                picture.interlaced,
                picture.top_field_first,
                picture.repeat_pict,
                picture.faults,
            )

    def columns(self) -> Columns:
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end)


METER = Pictures
