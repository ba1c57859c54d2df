"""How good speech would be rated by listeners: DNSMOS P.835."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sightline.meters.meter import Parameter, Subject
from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import RATE_HZ, SpeechMeter
from sightline.timeline.columns import Columns, Rows
from sightline.weights.onnx import OnnxSession, onnx_session
from sightline.weights.sessions import Lease, lease

MODEL = "voice_dnsmos"
WINDOW = 144_160
"""Samples a rating is for: 9.01 s."""
HOP_S = 3
"""A rating takes a quarter of a second of a core; windows that share two thirds of their sound are near enough."""
RATINGS = {
    "sig": (-0.08397278, 1.22083953, 0.0052439),
    "bak": (-0.13166888, 1.60915514, -0.39604546),
    "ovr": (-0.06766283, 1.11546468, 0.04602535),
}
"""In the order of the model's output, the polynomial from it to the scale of ITU-T P.835 (Microsoft, DNS Challenge)."""


class VoiceMosMeter(SpeechMeter):
    """A row is a window of 9.01 s, a new one every 3 s: ``sig``, ``bak`` and ``ovr``, what listeners would be
    expected to say of the voice, of the background (5: none) and of both, from 1 to 5.

    The tick is the window's start. Sound shorter than a window is repeated until it fills one, as the model's authors
    do; digital silence has no rating. The parameter ``hop_s`` sets after how many seconds a window follows.
    """

    id: ClassVar[str] = "voice_mos"
    version: ClassVar[int] = 1

    @staticmethod
    def models(**_: Parameter) -> tuple[str, ...]:
        return (MODEL,)

    def __init__(self, subject: Subject, *, hop_s: int = HOP_S, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        if hop_s < 1:
            raise ValueError(f"a window every {hop_s} s")
        self._hop, self._shelf = hop_s * RATE_HZ, subject.shelf
        self._lease: Lease[OnnxSession] | None = None

    def begin(self) -> None:
        self._rows = Rows(dict.fromkeys(RATINGS, ("mos", np.float32)))
        self._sound = np.empty(0, np.float32)

    def hear(self, samples: Samples) -> None:
        self._sound = np.concatenate((self._sound, samples))
        while len(self._sound) >= max(WINDOW, self._hop):
            self._rate(self._sound[:WINDOW])
            self._sound = self._sound[self._hop :]

    def finish(self) -> Columns:
        if not len(self._rows) and len(self._sound):
            self._rate(np.tile(self._sound, -(-WINDOW // len(self._sound)))[:WINDOW])
        if self._lease is not None:
            self._lease.close()
        return self._rows.columns(self.id, self.time_base, self.end, self.notes(window_samples=WINDOW))

    def _rate(self, window: Samples) -> None:
        tick = self.first_tick + len(self._rows) * self._hop
        if not window.any():
            self._rows.append(tick, *[np.nan] * len(RATINGS))
            return
        if self._lease is None:
            self._lease = lease(self._shelf, MODEL, onnx_session, shared=True)
        model = self._lease.session
        (raw,) = model.run(None, {model.get_inputs()[0].name: window[None]})
        self._rows.append(tick, *[np.polyval(p, value) for p, value in zip(RATINGS.values(), raw[0], strict=True)])


METER = VoiceMosMeter
