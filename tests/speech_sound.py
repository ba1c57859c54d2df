"""Sound with known truth for tests of speech, and meters run over sound in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sightline.facts import AudioFacts, MediaFacts
from sightline.media.picture import SoundBlock
from sightline.meters.meter import Meter, Parameter, SoundNeeds, Subject, meters
from sightline.timeline.columns import Columns
from sightline.weights.shelf import EMPTY, Shelf

RATE_HZ = 16_000
Sound = npt.NDArray[np.float32]


def subject(rate_hz: int = RATE_HZ, channels: int = 1, shelf: Shelf = EMPTY) -> Subject:
    audio = AudioFacts(
        index=0, codec="pcm", profile=None, sample_rate_hz=rate_hz, channels=channels, layout="mono",
        channel_names=("FC",) if channels == 1 else (), sample_format="flt", bit_depth=16,
        time_base=Fraction(1, rate_hz), start=Fraction(0), duration=None, bit_rate_bps=None,
    )  # fmt: skip
    media = MediaFacts("made", 0, None, "wav", None, None, None, audios=(audio,))
    return Subject(media, audio=audio, shelf=shelf)


def measured(
    name: str,
    sound: Sound,
    *,
    blocks: Sequence[int] = (2731,),
    first_pts: Fraction = Fraction(0),
    rate_hz: int = RATE_HZ,
    meter: Callable[..., Meter] | None = None,
    shelf: Shelf = EMPTY,
    **parameters: Parameter,
) -> Columns:
    """Columns of a meter for sound ``(n,)`` or ``(channels, n)`` in the form it asks for, in blocks of these sizes."""
    kind = meters()[name]
    sound = np.atleast_2d(sound)
    needs = kind.needs
    assert isinstance(needs, SoundNeeds)
    assert needs.rate_hz in (None, rate_hz)
    assert not needs.mono or len(sound) == 1
    instance = (meter or kind)(subject(rate_hz, len(sound), shelf), **parameters)
    start = number = 0
    while start < sound.shape[1]:
        size = blocks[number % len(blocks)]
        block = np.ascontiguousarray(sound[:, start : start + size], np.float32)
        block.flags.writeable = False
        instance.measure(SoundBlock(0, block, start, first_pts, rate_hz))
        start, number = start + size, number + 1
    return instance.columns()


def harmonics(pitch_hz: npt.ArrayLike, seconds: float, level: float = 0.1, tilt: float = 1.0) -> Sound:
    """Every harmonic below 7 kHz, each ``1/k**tilt`` as strong; ``pitch_hz`` is a number or one for each sample."""
    pitch = np.broadcast_to(np.asarray(pitch_hz, float), int(seconds * RATE_HZ))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    count = int(7000 / pitch.max())
    return np.asarray(level * sum(np.sin(k * phase) / k**tilt for k in range(1, count + 1)), np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> Sound:
    return np.random.default_rng(seed).normal(0, level, int(seconds * RATE_HZ)).astype(np.float32)


def speech_like(syllables: int, per_second: float, pitch_hz: float = 120.0, seed: int = 1) -> Sound:
    """A vowel that opens and closes so many times: harmonics shaped by formants that move from syllable to syllable."""
    random = np.random.default_rng(seed)
    size = int(syllables / per_second * RATE_HZ)
    time = np.arange(size) / RATE_HZ
    glide = pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(glide) / RATE_HZ
    formants = np.array([[700, 1200, 2600], [300, 2300, 3000], [400, 800, 2500], [500, 1800, 2500]])
    order = random.integers(0, 4, syllables + 1)
    where = time * per_second
    moving = np.stack([np.interp(where, np.arange(syllables + 1), formants[order, f]) for f in range(3)])
    sound = np.zeros(size)
    for k in range(1, int(3800 / pitch_hz)):
        gain = sum(1 / (1 + ((k * glide - moving[f]) / 90) ** 2) for f in range(3))
        sound += gain * np.sin(k * phase) / k**0.5
    sound *= 0.02 + 0.98 * np.sin(np.pi * (where % 1)) ** 2
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)
