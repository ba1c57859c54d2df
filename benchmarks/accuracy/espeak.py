"""Speech whose every sound is known: eSpeak NG, asked through its library, which tells when each phoneme begins."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]

LIBRARY = "libespeak-ng.so.1"
SYNCHRONOUS, PHONEME_EVENTS, UTF8 = 2, 1, 1
RATE, PITCH = 1, 3
PHONEME = 7
VOWEL = re.compile(r"^[aeiouAEIOUV03@yW]")
"""First sign of a vowel's name, in English and in Korean."""


class MissingEspeak(Exception):
    """The library is not installed."""


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Id),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence as it was synthesised, from its first sound to the end of its last."""

    sound: Sound
    rate_hz: int
    phonemes: tuple[tuple[str, float, float], ...]
    """Name, start and end in seconds. Names that begin with ``_`` are silence."""

    @property
    def vowels(self) -> list[float]:
        """Middles of the vowels: one a syllable."""
        return [(start + end) / 2 for name, start, end in self.phonemes if VOWEL.match(name)]

    @property
    def silences(self) -> list[tuple[float, float]]:
        return [(start, end) for name, start, end in self.phonemes if name.startswith("_")]


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise MissingEspeak(f"{LIBRARY} is not installed (Debian: espeak-ng)") from error
    return library, int(library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS))


def version() -> str:
    library, _ = _library()
    library.espeak_Info.restype = ctypes.c_char_p
    return str(library.espeak_Info(None).decode())


def spoken(text: str, voice: str, words_per_minute: int, pitch: int = 50) -> Spoken:
    """Raises `MissingEspeak`, and `ValueError` for a voice it does not have."""
    library, rate_hz = _library()
    parts: list[npt.NDArray[np.int16]] = []
    starts: list[tuple[str, float]] = []

    @_Callback
    def hear(samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if count and samples:
            parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type:
            if events[number].type == PHONEME:
                starts.append((events[number].id.string.decode(), events[number].sample / rate_hz))
            number += 1
        return 0

    library.espeak_SetSynthCallback(hear)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"eSpeak NG has no voice {voice}")
    library.espeak_SetParameter(RATE, words_per_minute, 0)
    library.espeak_SetParameter(PITCH, pitch, 0)
    written = text.encode() + b"\0"
    library.espeak_Synth(written, len(written), 0, 1, 0, UTF8, None, None)
    library.espeak_Synchronize()
    sound = np.concatenate(parts).astype(np.float32) / 32768
    return _trimmed(sound, rate_hz, starts)


def _trimmed(sound: Sound, rate_hz: int, starts: list[tuple[str, float]]) -> Spoken:
    """Without the silence at both ends."""
    ends = [start for _, start in starts[1:]] + [len(sound) / rate_hz]
    phonemes = [(name, start, end) for (name, start), end in zip(starts, ends, strict=True) if end > start]
    while phonemes and phonemes[-1][0].startswith("_"):
        phonemes.pop()
    while phonemes and phonemes[0][0].startswith("_"):
        phonemes.pop(0)
    first, last = phonemes[0][1], phonemes[-1][2]
    cut = sound[int(first * rate_hz) : int(last * rate_hz)]
    return Spoken(cut, rate_hz, tuple((name, start - first, end - first) for name, start, end in phonemes))
