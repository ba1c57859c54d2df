"""What a network trained on photographs says an expression looks like. Only where the policy lets it be opened.

It is no measurement of what a person feels: people scowl in a third of episodes of anger, and for many other reasons
(Barrett et al., Psychological Science in the Public Interest 20, 2019). The network is right on 61 % of the photographs
of its own test, of eight classes (AffectNet, as its authors publish it).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.crops import Box, Rgb, Upright
from sightline.meters.face.networks import MARGIN, FaceNetworks
from sightline.meters.face.networks import MODEL as FACE_MODEL
from sightline.meters.meter import NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows
from sightline.weights.onnx import onnx_session
from sightline.weights.sessions import Lease, lease

MODEL = "emotion_hsemotion_b0"
CLASSES = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
"""In the order of the network's answers."""
CROP_PX = 224
AROUND = 1.3
"""The crop is this much larger than the face detector's box, which ends at the brow; the network was trained on whole
faces. Our own choice: the network's authors publish no margin."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels, by which the network's are normalised."""
_FIELDS = dict.fromkeys(CLASSES, ("share", np.float32))


class EmotionNetwork:
    """Eight probabilities of one face. Used by any number of threads at once."""

    def __init__(self, path: Path) -> None:
        self._session = onnx_session(path)
        self._input = self._session.get_inputs()[0].name

    def probabilities(self, face: Rgb) -> npt.NDArray[np.float64]:
        """``(8,)``, adding up to 1, of a crop ``(224, 224, 3)``: the network's own, not calibrated."""
        pixels = (face.astype(np.float32) / 255 - MEAN) / DEVIATION
        (logits,) = self._session.run(None, {self._input: pixels.transpose(2, 0, 1)[None].astype(np.float32)})
        powers = np.exp(logits[0].astype(np.float64) - logits[0].max())
        return np.asarray(powers / powers.sum(), np.float64)


class EmotionMeter:
    """Three times a second, of the largest face: a probability for each of `CLASSES`; NaN without a face that is near
    enough (about a tenth of the picture's longer side)."""

    id: ClassVar[str] = "emotion"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds(rate_hz=Fraction(3))

    @staticmethod
    def models(**_: Parameter) -> tuple[str, ...]:
        return (MODEL, FACE_MODEL)

    def __init__(self, subject: Subject, **_: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("body.no_video")
        self._upright = Upright(subject.video)
        self._clock = PictureClock(subject.video)
        self._rows = Rows(_FIELDS)
        self._shelf = subject.shelf
        self._leases: tuple[Lease[FaceNetworks], Lease[EmotionNetwork]] | None = None

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        if self._leases is None:
            self._leases = (
                lease(self._shelf, FACE_MODEL, FaceNetworks.load),
                lease(self._shelf, MODEL, EmotionNetwork, shared=True),
            )
        faces, emotion = self._leases
        for picture in batch:
            tick = self._clock.tick(picture)
            face = self._face(faces.session, picture)
            told = [float("nan")] * len(CLASSES) if face is None else emotion.session.probabilities(face)
            self._rows.append(tick, *told)

    def columns(self) -> Columns:
        for held in self._leases or ():
            held.close()
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end)

    def _face(self, networks: FaceNetworks, picture: Picture) -> Rgb | None:
        found = networks.find(self._upright, picture)
        if not found:
            return None
        largest = max(found, key=lambda box: box.size)
        box = Box(largest.x, largest.y, largest.size / MARGIN * AROUND, largest.turn)
        return self._upright.crop(picture, box, CROP_PX, blank=False)


METER = EmotionMeter
