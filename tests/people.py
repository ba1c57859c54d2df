"""Columns as the meters of people give them, with planted behaviour: blinks, glances, nods, hands, voices.

A `Take` is a recording to be. Behaviour is planted as functions of time and only then sampled at the pictures' times,
so that a blink of 100 ms is missed by a slow camera as it would be in truth, and any rate or jitter will do.

    take = Take.of(60, rate_hz=15)
    take.person().blink(3.2).glance(10, 11, yaw=30)
    timeline = take.timeline()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from tests.moving_pictures import facts
from tests.moving_pictures import timeline as timeline_of

from sightline.facts import AudioFacts, MediaFacts
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Change = Callable[[Floats], Floats]
"""What to add to a signal at the times given."""

BLENDSHAPES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
UNITS = {
    "face": "index", "count": "count", "found_by": "class", "yaw": "deg", "pitch": "deg", "roll": "deg",
    "x_cm": "cm", "y_cm": "cm", "z_cm": "cm", "eye_left": "ratio", "eye_right": "ratio", "gaze_h": "deg",
    "gaze_v": "deg", "gaze_yaw": "deg", "gaze_pitch": "deg", "lips": "ratio", "sharpness": "code2",
}  # fmt: skip
FACE_COLUMNS = (
    "face", "count", "found_by", "score", "left", "top", "width", "height", "yaw", "pitch", "roll", "x_cm", "y_cm",
    "z_cm", "eye_left", "eye_right", "gaze_h", "gaze_v", "gaze_yaw", "gaze_pitch", "lips", "luma", "sharpness",
    *BLENDSHAPES,
)  # fmt: skip
JOINTS = (
    "nose", "eye_left", "eye_right", "ear_left", "ear_right", "mouth_left", "mouth_right", "shoulder_left",
    "shoulder_right", "elbow_left", "elbow_right", "wrist_left", "wrist_right", "hip_left", "hip_right",
)  # fmt: skip
OPEN_EYE, CLOSED_EYE = 0.32, 0.16
# As `faces` measures them on a real face of 70 px: a shut eye still measures half of an open one.
VOICE_BASE = Fraction(1, 16000)
VOICE_ROW = 512


def pulse(start_s: float, end_s: float, level: float, ramp_s: float = 0.05) -> Change:
    """A plateau of ``level`` from ``start_s`` to ``end_s``, half of it in the middle of ramps outside of these."""

    def at(t: Floats) -> Floats:
        rising = np.clip((t - start_s) / ramp_s + 0.5, 0, 1)
        falling = np.clip((end_s - t) / ramp_s + 0.5, 0, 1)
        return np.asarray(level * np.minimum(rising, falling))

    return at


def wave(start_s: float, cycles: float, hz: float, amplitude: float) -> Change:
    """``cycles`` of a sine of ``amplitude`` (middle to peak), nothing before or after."""

    def at(t: Floats) -> Floats:
        inside = (t >= start_s) & (t < start_s + cycles / hz)
        return np.where(inside, amplitude * np.sin(2 * np.pi * hz * (t - start_s)), 0.0)

    return at


@dataclass
class Body:
    """A person: where the face is, and what is planted. Every method gives the person back."""

    seed: int = 1
    x: float = 0.5
    y: float = 0.45
    """Middle of the face's box."""
    width: float = 0.22
    height: float = 0.52
    noise: float = 1.0
    """1: as still as real measurements are; 0: none."""
    changes: dict[str, list[Change]] = field(default_factory=dict)
    away: list[tuple[float, float]] = field(default_factory=list)
    rest: dict[str, float] = field(
        default_factory=lambda: {
            "score": 0.97, "found_by": 1, "yaw": 2.0, "pitch": -4.0, "roll": 1.0, "x_cm": 0.0, "y_cm": 0.0,
            "z_cm": 46.0, "eye_left": OPEN_EYE, "eye_right": OPEN_EYE, "gaze_h": 0.0, "gaze_v": -8.0, "lips": 0.02,
            "luma": 0.5, "sharpness": 120.0, "eyeBlinkLeft": 0.06, "eyeBlinkRight": 0.06, "eyeLookDownLeft": 0.19,
            "eyeLookDownRight": 0.19, "eyeSquintLeft": 0.26, "eyeSquintRight": 0.26, "browInnerUp": 0.08,
            "browDownLeft": 0.05, "browDownRight": 0.05, "browOuterUpLeft": 0.05, "browOuterUpRight": 0.05,
            "mouthSmileLeft": 0.03, "mouthSmileRight": 0.03,
        }
    )  # fmt: skip

    def add(self, change: Change, *names: str, times: float = 1.0) -> Body:
        """Adds a change to signals."""
        for name in names:
            self.changes.setdefault(name, []).append(lambda t: times * change(t))
        return self

    def both(self, change: Change, name: str, times: float = 1.0) -> Body:
        """Adds a change to the left and the right of a signal."""
        return self.add(change, f"{name}Left", f"{name}Right", times=times)

    def blink(self, *at_s: float, closed_s: float = 0.15, depth: float = 0.5) -> Body:
        """Lids half-way down ``closed_s`` apart, the middle at ``at_s``; eyeBlink rises by ``depth``."""
        for middle in at_s:
            lids = pulse(middle - closed_s / 2, middle + closed_s / 2, 1.0, ramp_s=min(0.1, closed_s))

            def shut(t: Floats, lids: Change = lids) -> Floats:
                # With the lids half-way down the signals have gone a fifth of their way, as on a real face.
                return np.asarray(lids(t) ** 2.32)

            self.both(shut, "eyeBlink", depth)
            # The lids pull the irises down with them: on a real closure both signals rise by the same.
            self.both(shut, "eyeLookDown", 1.05 * depth)
            self.add(shut, "eye_left", "eye_right", times=CLOSED_EYE - OPEN_EYE)
            self.add(shut, "gaze_v", times=-6.0)
        return self

    def look_down(self, start_s: float, end_s: float, by_deg: float = 25.0) -> Body:
        """Eyes lowered, as to notes: the lids follow, the eyes do not shut."""
        lowered = pulse(start_s, end_s, 1.0, ramp_s=0.1)
        self.both(lowered, "eyeLookDown", 0.65)
        self.both(lowered, "eyeBlink", 0.28)
        self.add(lowered, "eye_left", "eye_right", times=-0.12)
        return self.add(lowered, "gaze_v", times=-by_deg)

    def glance(self, start_s: float, end_s: float, yaw: float = 0.0, pitch: float = 0.0) -> Body:
        """Eyes go elsewhere by so many degrees, and back."""
        self.add(pulse(start_s, end_s, yaw, ramp_s=0.04), "gaze_h")
        return self.add(pulse(start_s, end_s, pitch, ramp_s=0.04), "gaze_v")

    def turn(self, start_s: float, end_s: float, yaw: float, ramp_s: float = 0.6) -> Body:
        """The head turns and comes back, the eyes with it. Blendshapes and eye openness shift as they do in truth."""
        turned = pulse(start_s, end_s, 1.0, ramp_s)
        self.both(turned, "eyeBlink", 0.22 * min(1.0, abs(yaw) / 40))
        self.add(turned, "eye_left", "eye_right", times=0.12 * OPEN_EYE * abs(yaw) / 40)
        return self.add(turned, "yaw", times=yaw)

    def nod(self, start_s: float, cycles: float = 2.0, hz: float = 1.5, amplitude: float = 6.0) -> Body:
        return self.add(wave(start_s, cycles, hz, amplitude), "pitch")

    def shake(self, start_s: float, cycles: float = 2.0, hz: float = 1.5, amplitude: float = 8.0) -> Body:
        return self.add(wave(start_s, cycles, hz, amplitude), "yaw")

    def smile(self, start_s: float, end_s: float, level: float = 0.6) -> Body:
        return self.both(pulse(start_s, end_s, level, ramp_s=0.2), "mouthSmile")

    def brows_up(self, start_s: float, end_s: float, level: float = 0.5) -> Body:
        up = pulse(start_s, end_s, level, ramp_s=0.1)
        return self.both(up, "browOuterUp").add(up, "browInnerUp")

    def brows_down(self, start_s: float, end_s: float, level: float = 0.4) -> Body:
        return self.both(pulse(start_s, end_s, level, ramp_s=0.1), "browDown")

    def read(
        self, start_s: float, end_s: float, lines_hz: float = 0.5, wide: float = 12.0, down: float = -14.0
    ) -> Body:
        """Eyes go from left to right in small steps and sweep back, ``lines_hz`` lines a second, below the lens."""

        def along(t: Floats) -> Floats:
            inside = (t >= start_s) & (t < end_s)
            phase = ((t - start_s) * lines_hz) % 1.0
            steps = np.floor(np.minimum(phase / 0.9, 0.999) * 6) / 5
            across = np.where(phase < 0.9, steps, 1 - (phase - 0.9) / 0.1)
            return np.where(inside, wide * (across - 0.5), 0.0)

        return self.add(along, "gaze_h").add(pulse(start_s, end_s, down, 0.1), "gaze_v")

    def leave(self, start_s: float, end_s: float) -> Body:
        """Not in the picture from ``start_s`` to ``end_s``."""
        self.away.append((start_s, end_s))
        return self

    def at(self, t: Floats) -> tuple[npt.NDArray[np.bool_], dict[str, Floats]]:
        """Whether there, and every column of ``faces``, at the times given."""
        there = np.ones(len(t), bool)
        for start, end in self.away:
            there &= (t < start) | (t >= end)
        signals = {name: self._signal(name, t) for name in FACE_COLUMNS}
        for name in ("x", "y"):
            moved = sum((change(t) for change in self.changes.get(name, ())), np.zeros(len(t)))
            signals["left" if name == "x" else "top"] += moved
        signals["gaze_yaw"] = signals["yaw"] + signals["gaze_h"]
        signals["gaze_pitch"] = signals["pitch"] + signals["gaze_v"]
        return there, signals

    def _signal(self, name: str, t: Floats) -> Floats:
        box = {"left": self.x - self.width / 2, "top": self.y - self.height / 2}
        still = box | {"width": self.width, "height": self.height} | self.rest
        values = np.full(len(t), still.get(name, 0.0))
        for change in self.changes.get(name, ()):
            values = values + change(t)
        sizes = {"yaw": 0.3, "pitch": 0.3, "roll": 0.2, "gaze_h": 0.9, "gaze_v": 1.1, "left": 0.001, "top": 0.001}
        # Gaze as noisy as on a real face of 70 px that looks ahead.
        size = sizes.get(name, 0.008 if name in BLENDSHAPES or name.startswith("eye_") else 0.0)
        noise = np.random.default_rng([self.seed, FACE_COLUMNS.index(name)]).normal(0, 1, len(t))
        values = values + self.noise * size * noise
        return np.clip(values, 0, 1) if name in BLENDSHAPES else values


@dataclass
class Take:
    """A recording to be."""

    times_s: Floats
    end_s: float
    time_base: Fraction = Fraction(1, 90000)
    width_px: int = 1280
    height_px: int = 720
    people: list[Body] = field(default_factory=list)
    others: list[Columns] = field(default_factory=list)

    @classmethod
    def of(cls, duration_s: float, rate_hz: float = 15.0, *, jitter: float = 0.0, seed: int = 7) -> Take:
        """Pictures at a rate; ``jitter``: how far each may be from its time, as a share of the step."""
        count = round(duration_s * rate_hz)
        times = np.arange(count) / rate_hz
        if jitter:
            times[1:] += np.random.default_rng(seed).uniform(-jitter / 2, jitter / 2, count - 1) / rate_hz
        return cls(times, duration_s)

    def without(self, start_s: float, end_s: float) -> Take:
        """The camera gives no pictures in this time: the one before stands."""
        self.times_s = self.times_s[(self.times_s < start_s) | (self.times_s >= end_s)]
        return self

    def person(self, **about: float) -> Body:
        """One more person; the first may be the only one."""
        self.people.append(Body(seed=len(self.people) + 1, **about))  # type: ignore[arg-type]
        return self.people[-1]

    @property
    def ticks(self) -> npt.NDArray[np.int64]:
        return np.round(self.times_s / float(self.time_base)).astype(np.int64)

    @property
    def end(self) -> int:
        return round(self.end_s / float(self.time_base))

    def faces(self) -> Columns:
        """The ``faces`` columns: a row per face and picture, the largest first, one of NaN where nobody is."""
        seen = [body.at(self.times_s) for body in self.people]
        there = np.stack([present for present, _ in seen] or [np.zeros(len(self.times_s), bool)])
        count = there.sum(axis=0)
        nobody = np.flatnonzero(count == 0)
        picture = np.concatenate([*(np.flatnonzero(each) for each in there), nobody])
        values = {
            name: np.concatenate([*(s[name][p] for p, s in seen), np.full(len(nobody), np.nan)])
            for name in FACE_COLUMNS
        }
        # The largest face of a picture first; `face` counts from 0 within each.
        order = np.lexsort((-values["width"] * values["height"], picture))
        picture = picture[order]
        values = {name: each[order] for name, each in values.items()}
        found = np.isfinite(values["left"])
        values["face"] = np.where(found, np.arange(len(picture)) - np.searchsorted(picture, picture), -1)
        values["count"] = count[picture]
        values["found_by"] = np.where(found, 1, 0)
        return self._columns("faces", self.ticks[picture], {k: v.astype(np.float32) for k, v in values.items()})

    def pose(self, rate_hz: float = 5.0, **changes: Change) -> Columns:
        """The ``pose`` columns of somebody who sits upright; ``changes`` are added to joints: ``wrist_left_x=...``."""
        t = np.arange(round(self.end_s * rate_hz)) / rate_hz
        still = {
            "nose": (0.5, 0.40), "eye_left": (0.53, 0.34), "eye_right": (0.47, 0.34), "ear_left": (0.57, 0.37),
            "ear_right": (0.43, 0.37), "mouth_left": (0.52, 0.46), "mouth_right": (0.48, 0.46),
            "shoulder_left": (0.68, 0.75), "shoulder_right": (0.32, 0.75), "elbow_left": (0.74, 1.05),
            "elbow_right": (0.26, 1.05), "wrist_left": (0.62, 0.98), "wrist_right": (0.38, 0.98),
            "hip_left": (0.60, 1.30), "hip_right": (0.40, 1.30),
        }  # fmt: skip
        values: dict[str, npt.NDArray[np.float32]] = {"score": np.full(len(t), 0.98, np.float32)}
        for joint in JOINTS:
            for axis, rest in zip("xy", still[joint], strict=True):
                change = changes.get(f"{joint}_{axis}", np.zeros_like)
                values[f"{joint}_{axis}"] = (rest + change(t)).astype(np.float32)
            inside = 1.0 if still[joint][1] <= 1 else 0.1
            values[f"{joint}_visibility"] = np.full(len(t), inside, np.float32)
        return self._columns("pose", np.round(t / float(self.time_base)).astype(np.int64), values)

    def hands(self, where: Sequence[tuple[float, float, float, float]] = (), rate_hz: float = 5.0) -> Columns:
        """The ``hands`` columns: one hand at ``(start_s, end_s, x, y)``, its 21 points close by."""
        t = np.arange(round(self.end_s * rate_hz)) / rate_hz
        middle = np.full((2, len(t)), np.nan)
        for start, end, x, y in where:
            middle[:, (t >= start) & (t < end)] = [[x], [y]]
        there = np.isfinite(middle[0])
        values: dict[str, npt.NDArray[np.float32]] = {
            "hand": np.where(there, 0, -1).astype(np.float32),
            "is_right": np.where(there, 1, 0).astype(np.float32),
            "score": np.where(there, 0.9, np.nan).astype(np.float32),
        }
        for point in range(21):
            for axis, name in enumerate("xy"):
                spread = 0.02 * np.cos(2.4 * point + axis)
                values[f"{name}{point}"] = (middle[axis] + spread).astype(np.float32)
        return self._columns("hands", np.round(t / float(self.time_base)).astype(np.int64), values)

    def voice(self, speaking: Iterable[tuple[float, float]]) -> Columns:
        """The ``voice`` columns: a probability of speech every 512 samples."""
        ticks = np.arange(0, round(self.end_s / float(VOICE_BASE)), VOICE_ROW, dtype=np.int64)
        t = ticks * float(VOICE_BASE)
        speech = np.full(len(t), 0.02)
        for start, end in speaking:
            speech[(t >= start) & (t < end)] = 0.97
        columns = (Column("speech", "share", speech.astype(np.float32)),)
        return Columns("voice", VOICE_BASE, ticks, round(self.end_s / float(VOICE_BASE)), columns)

    def with_(self, *columns: Columns) -> Take:
        """Other columns of the timeline, beside ``faces``."""
        self.others += columns
        return self

    def media(self) -> MediaFacts:
        length = Fraction(self.end) * self.time_base
        sound = AudioFacts(
            index=1, codec="pcm_s16le", profile=None, sample_rate_hz=16000, channels=1, layout="mono",
            channel_names=("FC",), sample_format="s16", bit_depth=16, time_base=VOICE_BASE, start=Fraction(0),
            duration=length, bit_rate_bps=None,
        )  # fmt: skip
        return replace(facts(self.width_px, self.height_px), duration=length, audios=(sound,))

    def timeline(self) -> Timeline:
        return timeline_of(self.media(), self.faces(), *self.others)

    def _columns(self, meter: str, ticks: npt.NDArray[np.int64], values: dict[str, npt.NDArray[np.float32]]) -> Columns:
        columns = tuple(Column(name, UNITS.get(name, "share"), column) for name, column in values.items())
        return Columns(
            meter, self.time_base, ticks, self.end, columns, {"width_px": self.width_px, "height_px": self.height_px}
        )
