"""Speech cut into pieces a recogniser takes at once, as sound arrives: silences left out, cuts where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import RATE_HZ
from sightline.meters.speech.voice_activity import SPEECH, WINDOW, VoiceActivity

STILL_SPEECH = 0.35
"""Probability down to which speech that has begun goes on, as in the detector's own cutting."""
LONGEST_WINDOWS = 28 * RATE_HZ // WINDOW
"""28 s; the recogniser looks at 30."""
PAUSE_WINDOWS = 2 * RATE_HZ // WINDOW
"""Silence longer than 2 s is left out: recognisers put words into it."""
PAD_WINDOWS = 13
"""Silence left on both sides of speech, 0.4 s: soft beginnings and ends are below the detector's threshold."""
ENOUGH_WINDOWS = 5 * RATE_HZ // WINDOW
"""Speech from which a language can be told; a pause after less does not end a chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Windows of 512 samples put together."""

    windows: npt.NDArray[np.int64]
    """Numbers of the windows in the stream, rising, with gaps where silence was left out."""
    sound: Samples
    """``(512 * len(windows),)``"""
    speech: Samples
    """Probability of each window that somebody speaks."""

    def sample_at(self, offset: int, *, end: bool = False) -> int:
        """The stream's sample that lies at ``offset`` of the chunk; as the end of something, that after the last."""
        offset = min(max(offset, int(end)), len(self.sound) - 1 + int(end)) - int(end)
        return int(self.windows[offset // WINDOW]) * WINDOW + offset % WINDOW + int(end)


@dataclass(frozen=True, slots=True)
class _Window:
    number: int
    sound: Samples
    speech: float


class Chunker:
    """Chunks of one channel at 16 kHz. No more than 30 s of sound are held.

    With ``split`` a pause of 2 s ends a chunk, so that each can have a language of its own; else chunks are filled up,
    which costs less.
    """

    def __init__(self, *, split: bool) -> None:
        self._split = split
        self._activity = VoiceActivity()
        self._raw = np.empty(0, np.float32)
        self._count = 0
        self._chunk: list[_Window] = []
        self._silence: list[_Window] = []
        """After the chunk's speech, or before it."""
        self._speaking = False

    def heard(self, samples: Samples) -> Iterator[Chunk]:
        """The chunks that end with these samples ``(n,)``."""
        self._raw = np.concatenate((self._raw, samples))
        yield from self._added(self._activity.heard(samples))

    def rest(self) -> Iterator[Chunk]:
        """What is left, the last window filled up with silence."""
        speech = self._activity.rest()
        self._raw = np.concatenate((self._raw, np.zeros(len(speech) * WINDOW - len(self._raw), np.float32)))
        yield from self._added(speech)
        if self._chunk:
            yield self._ended(len(self._chunk))

    def _added(self, speech: Samples) -> Iterator[Chunk]:
        for number, probability in enumerate(speech.tolist()):
            sound = self._raw[number * WINDOW : (number + 1) * WINDOW]
            window = _Window(self._count, sound, probability)
            self._count += 1
            self._speaking = probability >= (STILL_SPEECH if self._speaking else SPEECH)
            if self._speaking:
                self._bridge()
                self._chunk.append(window)
            else:
                self._silence.append(window)
                if not self._chunk:
                    del self._silence[:-PAD_WINDOWS]
                elif self._split and len(self._silence) == PAUSE_WINDOWS and self._is_enough():
                    yield self._ended(len(self._chunk))
            # Silence is bounded by the chunk's length too: beyond a pause it is left out in the end.
            if len(self._silence) > 2 * PAUSE_WINDOWS:
                del self._silence[PAD_WINDOWS : len(self._silence) - PAD_WINDOWS]
            if len(self._chunk) >= LONGEST_WINDOWS:
                yield self._ended(self._cut())
        self._raw = self._raw[len(speech) * WINDOW :]

    def _bridge(self) -> None:
        """Takes what lies between the speech before and the speech that begins into the chunk."""
        silence, self._silence = self._silence, []
        if not self._chunk:
            self._chunk = silence[-PAD_WINDOWS:]
        elif len(silence) > PAUSE_WINDOWS:
            self._chunk += silence[:PAD_WINDOWS] + silence[-PAD_WINDOWS:]
        else:
            self._chunk += silence

    def _is_enough(self) -> bool:
        return sum(window.speech >= SPEECH for window in self._chunk) >= ENOUGH_WINDOWS

    def _cut(self) -> int:
        """After how many windows a chunk that is full is cut: in the longest silence of its second half, or where
        speech is least likely."""
        first = len(self._chunk) // 2
        quiet = np.array([window.speech < STILL_SPEECH for window in self._chunk[first:]])
        edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8))).reshape(-1, 2)
        if not len(edges):
            return first + int(np.argmin([window.speech for window in self._chunk[first:]]))
        start, stop = edges[np.argmax(edges[:, 1] - edges[:, 0])]
        return first + int(start + stop + 1) // 2

    def _ended(self, count: int) -> Chunk:
        windows, self._chunk = self._chunk[:count], self._chunk[count:]
        if not self._chunk:
            windows += self._silence[:PAD_WINDOWS]
        return Chunk(
            np.array([window.number for window in windows], np.int64),
            np.concatenate([window.sound for window in windows]),
            np.array([window.speech for window in windows], np.float32),
        )
