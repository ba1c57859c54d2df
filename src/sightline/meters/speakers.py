"""Who speaks when, by the sound of the voice."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sightline.meters.meter import Parameter, Subject
from sightline.meters.seconds import Samples
from sightline.meters.speech.clusters import certainties, clustered
from sightline.meters.speech.filterbank import filterbank
from sightline.meters.speech.listening import RATE_HZ, SpeechMeter
from sightline.meters.speech.voice_activity import SPEECH, WINDOW, VoiceActivity, model_file
from sightline.timeline.columns import Column, Columns
from sightline.weights.onnx import OnnxSession, onnx_session
from sightline.weights.sessions import Lease, lease

MODEL = "speaker_embedding"
ROW = RATE_HZ * 3 // 4
AROUND = RATE_HZ * 3 // 8
"""Sound before and after a row that is listened to with it: 1.5 s in all."""
THRESHOLD = 0.5
"""Cosine distance below which voices are one. The default of the programs this model is published for; not checked
against recordings here."""


class SpeakersMeter(SpeechMeter):
    """A row is 0.75 s: ``speaker``, a number counted from 0 in the order of first words, -1 where less than half of the
    row is speech; ``confidence``, 0 to 1, how clearly the voice is that speaker's, NaN without one.

    Of two who speak at once one is named. Voices are compared within this stream and then forgotten: nothing that
    would know a voice again is kept. The parameter ``threshold`` is the cosine distance below which voices are one.
    """

    id: ClassVar[str] = "speakers"
    version: ClassVar[int] = 1

    @staticmethod
    def models(**_: Parameter) -> tuple[str, ...]:
        return (MODEL,)

    def __init__(self, subject: Subject, *, threshold: float = THRESHOLD, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        model_file()
        self._threshold, self._shelf = threshold, subject.shelf
        self._lease: Lease[OnnxSession] | None = None

    def begin(self) -> None:
        self._activity = VoiceActivity()
        self._speech = np.empty(0, np.float32)
        self._sound = np.empty(0, np.float32)
        self._lead = 0
        """How many of these samples lie before the row that comes next: ``AROUND``, none before the first."""
        self._row = 0
        self._voices: dict[int, Samples] = {}
        """By row."""

    def hear(self, samples: Samples) -> None:
        self._sound = np.concatenate((self._sound, samples))
        self._speech = np.concatenate((self._speech, self._activity.heard(samples)))
        while len(self._sound) >= self._lead + ROW + AROUND and len(self._speech) * WINDOW >= (self._row + 1) * ROW:
            self._listen()

    def finish(self) -> Columns:
        self._speech = np.concatenate((self._speech, self._activity.rest()))
        while len(self._sound) > self._lead:
            self._listen()
        if self._lease is not None:
            self._lease.close()
        rows = np.array(sorted(self._voices), np.int64)
        voices = np.stack([self._voices.pop(int(row)) for row in rows]) if len(rows) else np.empty((0, 1), np.float32)
        labels = clustered(voices, self._threshold)
        speaker, confidence = np.full(self._row, -1, np.int32), np.full(self._row, np.nan, np.float32)
        speaker[rows], confidence[rows] = labels, certainties(voices, labels, self._threshold)
        ticks = self.first_tick + np.arange(self._row, dtype=np.int64) * ROW
        columns = Column("speaker", "index", speaker), Column("confidence", "share", confidence)
        notes = self.notes(speakers=int(labels.max()) + 1 if len(labels) else 0, threshold=self._threshold)
        return Columns(self.id, self.time_base, ticks, self.end, columns, notes)

    def _listen(self) -> None:
        """Finishes the first row that is not."""
        first, last = self._row * ROW // WINDOW, -(-(self._row + 1) * ROW // WINDOW)
        speech = self._speech[first:last]
        if len(speech) and (speech >= SPEECH).mean() >= 0.5:
            features = filterbank(self._sound[: self._lead + ROW + AROUND])
            if len(features):
                self._voices[self._row] = self._voice(features)
        self._sound, self._lead = self._sound[self._lead + ROW - AROUND :], AROUND
        self._row += 1

    def _voice(self, features: Samples) -> Samples:
        """What the model makes of a voice, ``(size,)``. Their mean over time is taken off, and with it the room."""
        if self._lease is None:
            self._lease = lease(self._shelf, MODEL, onnx_session, shared=True)
        model = self._lease.session
        features = features - features.mean(axis=0)
        (voice, *_) = model.run(None, {model.get_inputs()[0].name: features[None]})
        return np.asarray(voice[0], np.float32)


METER = SpeakersMeter
