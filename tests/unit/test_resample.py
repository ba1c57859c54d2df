"""Sound in other forms: a moment keeps its time, and who wants the same gets the same."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.engine.plan import Task
from sightline.engine.run import Request, measure
from sightline.engine.sound import SoundForms
from sightline.facts import AudioFacts, MediaFacts
from sightline.media.picture import PacketBatch, PictureBatch, SoundBlock
from sightline.media.resample import Resampler
from sightline.meters.meter import Needs, Parameter, SoundNeeds, Subject
from sightline.timeline.columns import Columns

Sound = npt.NDArray[np.float32]
START = Fraction(7, 3)


def blocks_of(
    sound: Sound, rate_hz: int, sizes: Sequence[int] = (8192,), corrupt: Sequence[int] = ()
) -> list[SoundBlock]:
    blocks: list[SoundBlock] = []
    start = 0
    while start < sound.shape[1]:
        size = sizes[len(blocks) % len(sizes)]
        samples = np.ascontiguousarray(sound[:, start : start + size])
        samples.flags.writeable = False
        blocks.append(SoundBlock(0, samples, start, START, rate_hz, len(blocks) in corrupt))
        start += size
    return blocks


def resampled(blocks: Sequence[SoundBlock], rate_hz: int | None, *, mono: bool = True) -> list[SoundBlock]:
    resampler = Resampler(rate_hz=rate_hz, mono=mono)
    return [made for block in blocks for made in resampler.blocks(block)] + resampler.flush()


def whole(blocks: Sequence[SoundBlock]) -> Sound:
    return np.concatenate([block.samples for block in blocks], axis=1)


@settings(max_examples=40)
@given(
    rate_hz=st.sampled_from((8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000)),
    at=st.floats(0, 0.999),
    sizes=st.lists(st.integers(100, 9000), min_size=1, max_size=4),
)
def test_an_impulse_keeps_its_time(rate_hz: int, at: float, sizes: list[int]) -> None:
    sound = np.zeros((1, rate_hz), np.float32)
    impulse = int(at * rate_hz)
    sound[0, impulse] = 1
    made = resampled(blocks_of(sound, rate_hz, sizes), 16_000)
    assert abs(int(np.abs(whole(made)).argmax()) - impulse * 16_000 / rate_hz) < 1
    assert abs(whole(made).shape[1] - 16_000) <= 1
    ends = [block.start_sample + block.samples.shape[1] for block in made]
    assert [block.start_sample for block in made] == [0, *ends[:-1]]
    assert {(block.first_pts, block.rate_hz, block.stream) for block in made} == {(START, 16_000, 0)}


def test_a_tone_keeps_its_level_and_what_cannot_be_held_is_gone() -> None:
    time = np.arange(96_000) / 48_000
    heard, gone = (np.sin(2 * np.pi * hz * time).astype(np.float32)[None] for hz in (1000, 11_000))
    for tone, rms in ((heard, np.sqrt(0.5)), (gone, 0.0)):
        inner = whole(resampled(blocks_of(tone, 48_000), 16_000))[0, 1000:-1000]
        assert np.sqrt((inner**2).mean()) == pytest.approx(rms, abs=2e-3)


def test_numbers_do_not_depend_on_the_blocks() -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, (2, 50_000)).astype(np.float32)
    once = whole(resampled(blocks_of(sound, 44_100, (50_000,)), 16_000))
    assert np.array_equal(once, whole(resampled(blocks_of(sound, 44_100, (777, 8192, 64)), 16_000)))


@pytest.mark.parametrize("channels", [1, 2, 6, 11])
def test_channels_are_averaged_or_kept(channels: int) -> None:
    sound = np.random.default_rng(2).normal(0, 0.1, (channels, 20_000)).astype(np.float32)
    mono = whole(resampled(blocks_of(sound, 48_000), None))
    np.testing.assert_allclose(mono, sound.mean(axis=0, keepdims=True), atol=1e-7)
    kept = whole(resampled(blocks_of(sound, 48_000), 16_000, mono=False))
    for channel in range(channels):
        alone = whole(resampled(blocks_of(sound[channel : channel + 1], 48_000), 16_000))
        assert np.array_equal(kept[channel : channel + 1], alone)


def test_the_streams_own_form_is_the_very_sound() -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, (1, 20_000)).astype(np.float32)
    blocks = blocks_of(sound, 16_000)
    for given_, made in zip(blocks, resampled(blocks, 16_000), strict=True):
        assert made.samples is given_.samples
        assert made.start_sample == given_.start_sample


def test_a_block_made_of_corrupt_samples_is_corrupt() -> None:
    sound = np.zeros((1, 48_000), np.float32)
    made = resampled(blocks_of(sound, 48_000, (6000,), corrupt=(3,)), 16_000)
    marked = [(b.start_sample, b.start_sample + b.samples.shape[1]) for b in made if b.corrupt]
    assert marked
    assert marked[0][0] <= 6000 < 8000 <= marked[-1][1]
    assert marked[-1][1] - marked[0][0] <= 3 * 2000


def test_what_is_no_sound_does_not_spread() -> None:
    sound = np.full((2, 48_000), 0.1, np.float32)
    sound[0, 24_000:24_010] = (np.nan, np.inf, -np.inf, 1e30, *(np.nan,) * 6)
    made = whole(resampled(blocks_of(sound, 48_000), 16_000))
    assert np.isfinite(made).all()
    assert np.abs(made).max() < 0.2
    assert np.abs(made[0, 9000:16_000] - 0.1).max() < 1e-3


def test_nothing_comes_of_nothing() -> None:
    assert resampled([], 16_000) == []


class _Ear:
    """A sound meter that keeps what it was handed."""

    id: ClassVar[str] = "ear"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = SoundNeeds(16_000, mono=True)

    def __init__(self, subject: Subject, **parameters: Parameter) -> None: ...

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None: ...

    def columns(self) -> Columns:
        raise NotImplementedError


class _PlainEar(_Ear):
    needs: ClassVar[Needs] = SoundNeeds()


@dataclass
class _Listener:
    task: Task
    heard: list[SoundBlock] = field(default_factory=list)
    failure: Exception | None = None

    def feed(self, batch: SoundBlock, /) -> None:
        self.heard.append(batch)

    def fail(self, error: Exception, /) -> None:
        self.failure = error


def _listener(meter: type[_Ear], stream: int = 0) -> _Listener:
    audio = AudioFacts(
        index=stream, codec="pcm", profile=None, sample_rate_hz=48_000, channels=2, layout="stereo",
        channel_names=("FL", "FR"), sample_format="flt", bit_depth=16, time_base=Fraction(1, 48_000),
        start=START, duration=None, bit_rate_bps=None,
    )  # fmt: skip
    media = MediaFacts("made", 0, None, "wav", None, None, None, audios=(audio,))
    return _Listener(Task(meter, Subject(media, audio=audio), {}, "ear"))


def test_who_wants_the_same_gets_the_same_and_the_others_the_sound_itself() -> None:
    one, same, plain, other = (*(_listener(_Ear) for _ in range(2)), _listener(_PlainEar), _listener(_Ear, 1))
    forms = SoundForms([one, same, plain, other])
    blocks = blocks_of(np.ones((2, 30_000), np.float32), 48_000)
    for block in blocks:
        forms.feed(block)
    assert [a is b for a, b in zip(plain.heard, blocks, strict=True)] == [True] * len(blocks)
    before = whole(one.heard).shape[1]
    forms.flush()
    assert before < whole(one.heard).shape[1] == 10_000
    assert [a is b for a, b in zip(one.heard, same.heard, strict=True)] == [True] * len(one.heard)
    assert other.heard == []


def test_a_form_that_cannot_be_made_costs_only_those_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Resampler, block: SoundBlock) -> list[SoundBlock]:
        raise ValueError("no such rate")

    monkeypatch.setattr(Resampler, "blocks", broken)
    ear, plain = _listener(_Ear), _listener(_PlainEar)
    forms = SoundForms([ear, plain])
    for block in blocks_of(np.ones((2, 30_000), np.float32), 48_000):
        forms.feed(block)
    forms.flush()
    assert (len(ear.heard), str(ear.failure)) == (0, "no such rate")
    assert (len(plain.heard), plain.failure) == (4, None)


def test_meters_at_other_rates_change_nothing_for_the_rest_and_keep_the_clock(tmp_path: Path) -> None:
    time = np.arange(48_000) / 48_000
    voice = sum(0.1 / k * np.sin(2 * np.pi * 150 * k * time) for k in range(1, 20))
    mono = np.concatenate((np.zeros(96_123), voice, np.zeros(48_000)))
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes((np.stack((mono, 0.5 * mono), axis=1) * 32_767).astype("<i2").tobytes())
    alone = measure(Request(path, {"samples": {}, "loudness": {}})).columns
    beside = measure(Request(path, {"samples": {}, "loudness": {}, "pitch": {}, "voice": {}, "syllables": {}})).columns
    for name in ("samples", "loudness"):
        assert alone[name].ticks.tobytes() == beside[name].ticks.tobytes()
        for one, other in zip(alone[name].columns, beside[name].columns, strict=True):
            assert one.values.tobytes() == other.values.tobytes()
    rows = beside["pitch"]
    voiced = np.flatnonzero(np.isfinite(rows["f0"]))
    assert float(rows.start_of(int(voiced[0]))) == pytest.approx(96_123 / 48_000, abs=0.02)
    assert float(rows.start_of(int(voiced[-1]) + 1)) == pytest.approx(96_123 / 48_000 + 1, abs=0.02)
    assert rows.end == round(len(mono) / 3)
    assert np.nanmedian(rows["f0"]) == pytest.approx(150, rel=1e-3)
