"""Recordings of people as they come in: from browsers and phones, with masks, in the dark, without a face or a voice.

Every maker writes one file into a folder and gives its path. The faces and the voice are real (the clips of the fixture
``shared_media``), so that a test which needs them is skipped where they are not.

    def test_it(tmp_path: Path, shared_media: Path) -> None:
        path = people_clips.browser_webm(tmp_path, shared_media)
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

Image = npt.NDArray[np.uint8]
"""``(height, width, 3)``, RGB."""
RATE = Fraction(25, 2)
"""Pictures a second of the clips with the faces."""
SIZE_PX = (480, 270)
VOICE_RATE_HZ = 48000
LENGTH_S = 10.0
SPEAKS_S = 10.9
"""Length of the recording of the voice."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a clip is written."""

    suffix: str = ".mp4"
    video: str = "libx264"
    audio: str = "aac"
    is_streamed: bool = False
    """Written to somewhere that cannot be sought in, as a browser's recorder does: the header knows no length."""
    rotation_deg: int = 0
    """Display matrix: how far players turn the picture, counter-clockwise."""
    time_base: Fraction = Fraction(1, 1000)


MP4 = Coding()
WEBM_VP8 = Coding(".webm", "libvpx", "libopus", is_streamed=True)
WEBM_VP9 = Coding(".webm", "libvpx-vp9", "libopus", is_streamed=True)

SPEED = {
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libx264": {"preset": "veryfast", "tune": "zerolatency"},
}


def browser_webm(folder: Path, media: Path, coding: Coding = WEBM_VP8, length_s: float = LENGTH_S) -> Path:
    """A man who smiles and a voice, as a browser's recorder writes them: no duration in the header, pictures at
    irregular times."""
    return _write(folder / f"talk{coding.suffix}", coding, man(media), length_s, voice(media), _irregular)


def steady_mp4(folder: Path, media: Path, length_s: float = LENGTH_S) -> Path:
    """The same with a constant frame rate, in MP4."""
    return _write(folder / "talk.mp4", MP4, man(media), length_s, voice(media))


def slow_camera(folder: Path, media: Path, rate: Fraction = Fraction(5)) -> Path:
    """The same at 5 pictures a second."""
    every = (image for number, image in enumerate(man(media)) if number % round(RATE / rate) == 0)
    return _write(folder / "slow.mp4", MP4, every, LENGTH_S, voice(media), lambda n: Fraction(n) / rate)


def phone_mp4(folder: Path, media: Path, rotation_deg: int = -90) -> Path:
    """Upright as displayed, stored on its side: the file says how far to turn it."""
    stored = (np.ascontiguousarray(np.rot90(image, -rotation_deg // 90)) for image in _upright(man(media)))
    return _write(folder / "phone.mp4", Coding(rotation_deg=rotation_deg), stored, LENGTH_S, voice(media))


def dark_room(folder: Path, media: Path, light: float = 0.06) -> Path:
    """The man with a small share of the light, and the noise of a sensor."""
    grain = np.random.default_rng(1).normal(0, 2, (SIZE_PX[1], SIZE_PX[0], 3))

    def dim(number: int, image: Image) -> Image:
        noise = np.roll(grain, 37 * number, axis=1)
        return np.clip(image * light + noise, 0, 255).astype(np.uint8)

    pictures = (dim(number, image) for number, image in enumerate(man(media)))
    return _write(folder / "dark.mp4", MP4, pictures, LENGTH_S, voice(media))


def masked_face(folder: Path, media: Path) -> Path:
    """The man with a mask over nose, mouth and chin."""
    outline = np.array([(204, 92), (247, 84), (290, 92), (284, 128), (247, 154), (210, 128)], np.int32)

    def covered(image: Image) -> Image:
        picture = image.copy()
        cv2.fillPoly(picture, [outline], (150, 190, 215), cv2.LINE_AA)
        for y in (104, 118, 132):
            cv2.line(picture, (212, y), (282, y), (130, 170, 198), 1, cv2.LINE_AA)
        return picture

    return _write(folder / "mask.mp4", MP4, map(covered, man(media)), LENGTH_S, voice(media))


def cartoon(folder: Path, media: Path | None = None) -> Path:
    """A drawn face that talks; with the clips, the real voice."""
    sound = voice(media) if media is not None else None
    return _write(folder / "cartoon.mp4", MP4, (_drawn(number) for number in range(1000)), LENGTH_S, sound)


def animated_film(folder: Path, media: Path) -> Path:
    """10 s out of an animated film with animals, with its sound."""
    return _cut(media / "big_buck_bunny_60s.mp4", folder / "film.mp4", 48.0, LENGTH_S)


def no_face(folder: Path, media: Path) -> Path:
    """Cars on a road, with their noise."""
    return _cut(media / "traffic.mp4", folder / "road.mp4", 0.0, LENGTH_S)


def many_faces(folder: Path, media: Path) -> Path:
    """A class room with many small faces, and one voice."""
    pictures = _there_and_back(media / "classroom.gif")
    return _write(folder / "class.mp4", MP4, pictures, LENGTH_S, voice(media), lambda n: Fraction(n * 3, 50))


def two_people(folder: Path, media: Path) -> Path:
    """The man on the left and a woman who turns her head on the right, one voice."""
    pairs = (np.hstack(pair) for pair in zip(man(media), woman(media), strict=False))
    return _write(folder / "two.mp4", MP4, pairs, LENGTH_S, voice(media))


def turning_head(folder: Path, media: Path) -> Path:
    """A woman who turns her head to one side and the other, and a voice."""
    return _write(folder / "turning.mp4", MP4, woman(media), LENGTH_S, voice(media))


def voice_only(folder: Path, media: Path) -> Path:
    """A voice without any picture, as WebM."""
    return _write(folder / "voice.webm", WEBM_VP8, (), LENGTH_S, voice(media))


def silent_sound(folder: Path, media: Path) -> Path:
    """The man, and a sound stream of digital silence: a muted microphone."""
    return _write(folder / "muted.webm", WEBM_VP8, man(media), LENGTH_S, np.zeros(round(LENGTH_S * VOICE_RATE_HZ)))


def no_sound(folder: Path, media: Path) -> Path:
    """The man, and no sound stream."""
    return _write(folder / "mute.mp4", MP4, man(media), LENGTH_S, None)


def one_picture(folder: Path, media: Path) -> Path:
    """A single picture, no sound."""
    return _write(folder / "one.mp4", MP4, islice(man(media), 1), LENGTH_S, None)


def zero_seconds(folder: Path) -> Path:
    """A recording stopped before anything came: a WebM header, and nothing after it."""
    path = folder / "zero.webm"
    with av.open(str(path), "w", format="webm") as output:
        video: Any = output.add_stream("libvpx", rate=30)
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        output.add_stream("libopus", rate=VOICE_RATE_HZ, layout="mono")
        output.start_encoding()
    return path


def long_recording(folder: Path, media: Path, length_s: float = 3 * 3600, rate: Fraction = Fraction(1, 5)) -> Path:
    """Hours at a picture every 5 s, small, with a voice in the first seconds and silence then."""
    pictures = (cv2.resize(image, (160, 90)) for image in islice(man(media), 60) for _ in range(10**6))
    coding = Coding(".mkv", "libx264", "flac")
    sound = np.zeros(round(length_s * 8000), np.float32)
    spoken = voice(media)[::6]
    sound[: len(spoken)] = spoken
    return _write(
        folder / "long.mkv", coding, pictures, length_s, sound, lambda n: Fraction(n) / rate, sound_rate_hz=8000
    )


def two_languages(folder: Path, media: Path) -> Path:
    """The man, and a synthetic voice that says two sentences in Korean and two in English in turn."""
    pause = np.zeros(VOICE_RATE_HZ // 2, np.float32)
    said = [part for language, text in MIXED for part in (_synthetic(folder, language, text), pause)]
    sound = np.concatenate(said)
    return _write(folder / "mixed.mp4", MP4, man(media), len(sound) / VOICE_RATE_HZ, sound)


MIXED = (
    ("ko", "안녕하세요. 저는 소프트웨어 개발자입니다."),
    ("en", "I have worked on video systems for six years."),
    ("ko", "가장 어려웠던 일은 팀을 이끄는 것이었습니다."),
    ("en", "We learned a great deal from that project."),
)
"""Language and text of what `two_languages` says."""


def _synthetic(folder: Path, language: str, text: str) -> npt.NDArray[np.float32]:
    """Speech of ``espeak-ng``, mono, `VOICE_RATE_HZ`; a test that wants it is skipped where it is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng is not installed")
    path = folder / "said.wav"
    subprocess.run([program, "-v", language, "-w", str(path), text], check=True, capture_output=True)
    return _heard(path)


@cache
def voice(media: Path) -> npt.NDArray[np.float32]:
    """A man's English speech, mono, `VOICE_RATE_HZ`, `SPEAKS_S` long."""
    return _heard(media / "speech_en_jfk.flac")


def _heard(path: Path) -> npt.NDArray[np.float32]:
    resampler = av.AudioResampler("fltp", "mono", VOICE_RATE_HZ)
    with av.open(str(path)) as source:
        blocks = [part.to_ndarray() for frame in source.decode(audio=0) for part in resampler.resample(frame)]
    samples: npt.NDArray[np.float32] = np.concatenate(blocks, axis=1)[0]
    return samples


def man(media: Path) -> Iterable[Image]:
    """Without end: a man who faces the camera and smiles; his face is at (0.43..0.60, 0.07..0.55) of the picture."""
    return _there_and_back(media / "face_smiling_man.gif")


def woman(media: Path) -> Iterable[Image]:
    """Without end: a woman who turns her head to both sides."""
    return _there_and_back(media / "face_turning_woman.gif")


def _there_and_back(path: Path) -> Iterable[Image]:
    """The pictures forwards and backwards without end, so that nothing jumps."""
    pictures = _pictures(path)
    while True:
        yield from pictures[:-1]
        yield from pictures[:0:-1]


@cache
def _pictures(path: Path) -> Sequence[Image]:
    with av.open(str(path)) as source:
        return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]


def _upright(pictures: Iterable[Image]) -> Iterable[Image]:
    """The middle of the picture as a phone held upright sees it, 270x480."""
    for image in pictures:
        middle = image[:, (480 - 152) // 2 + 4 : (480 + 152) // 2 + 4]
        yield cv2.resize(middle, (270, 480), interpolation=cv2.INTER_CUBIC)


def _drawn(number: int) -> Image:
    """A face of ellipses; its mouth opens and shuts, its eyes look about."""
    image: Image = np.full((SIZE_PX[1], SIZE_PX[0], 3), (120, 200, 235), np.uint8)
    cv2.ellipse(image, (240, 135), (75, 95), 0, 0, 360, (255, 224, 60), -1, cv2.LINE_AA)
    cv2.ellipse(image, (240, 135), (75, 95), 0, 0, 360, (20, 20, 20), 3, cv2.LINE_AA)
    look = round(8 * np.sin(number / 6))
    for x in (210, 270):
        cv2.ellipse(image, (x, 110), (18, 24), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(image, (x + look, 112), 8, (10, 10, 10), -1, cv2.LINE_AA)
    opened = round(4 + 14 * abs(np.sin(number / 3)))
    cv2.ellipse(image, (240, 185), (32, opened), 0, 0, 360, (170, 30, 40), -1, cv2.LINE_AA)
    return image


def _irregular(number: int) -> Fraction:
    """The time of a picture from a camera that is late now and then, in whole milliseconds."""
    late = (0, 7, -5, 12, 0, -9, 3, 18)[number % 8] if number else 0
    return Fraction(round(number / RATE * 1000) + late, 1000)


def _regular(number: int) -> Fraction:
    return number / RATE


class _Stream(io.RawIOBase):
    """A file that can only be written on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _write(
    path: Path,
    coding: Coding,
    pictures: Iterable[Image],
    length_s: float,
    sound: npt.NDArray[Any] | None,
    time_of: Callable[[int], Fraction] = _regular,
    sound_rate_hz: int = VOICE_RATE_HZ,
) -> Path:
    """Pictures up to ``length_s`` and the sound cut to it, side by side as a recorder interleaves them."""
    timed = takewhile(lambda pair: pair[0] < length_s, ((time_of(n), image) for n, image in enumerate(pictures)))
    first = next(timed, None)
    target: Any = _Stream(path) if coding.is_streamed else str(path)
    with av.open(target, "w", format={".mkv": "matroska"}.get(coding.suffix, coding.suffix[1:])) as output:
        video = None if first is None else _video_stream(output, coding, first[1])
        track: Any = None if sound is None else output.add_stream(coding.audio, rate=sound_rate_hz, layout="mono")
        blocks = iter(()) if sound is None else _blocks(sound[: round(length_s * sound_rate_hz)], sound_rate_hz)
        block = next(blocks, None)
        for at, image in () if first is None else chain((first,), timed):
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p")
            frame.time_base, frame.pts = coding.time_base, round(at / coding.time_base)
            output.mux(video.encode(frame))
            while block is not None and block.time <= at:
                output.mux(track.encode(block))
                block = next(blocks, None)
        for left in chain(() if block is None else (block,), blocks):
            output.mux(track.encode(left))
        for stream in filter(None, (video, track)):
            output.mux(stream.encode(None))
    if coding.is_streamed:
        target.close()
    return path


def _video_stream(output: Any, coding: Coding, image: Image) -> Any:
    video = output.add_stream(coding.video, rate=RATE, options=SPEED[coding.video])
    video.height, video.width = image.shape[:2]
    video.pix_fmt, video.codec_context.time_base = "yuv420p", coding.time_base
    if coding.rotation_deg:
        video.set_display_rotation(coding.rotation_deg)
    return video


def _blocks(sound: npt.NDArray[Any], rate_hz: int) -> Iterator[av.AudioFrame]:
    size = rate_hz // 50 if len(sound) < 100 * rate_hz else rate_hz // 2
    for start in range(0, len(sound), size):
        block = np.ascontiguousarray(sound[None, start : start + size], np.float32)
        frame = av.AudioFrame.from_ndarray(block, "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        yield frame


def _cut(source: Path, target: Path, start_s: float, length_s: float) -> Path:
    """Packets of a file from the keyframe at or before ``start_s`` on, which becomes 0 s."""
    with av.open(str(source)) as given, av.open(str(target), "w") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in given.streams}
        given.seek(int(start_s * 1_000_000))
        zero: Fraction | None = None
        for packet in given.demux():
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            zero = packet.dts * packet.time_base if zero is None else zero
            if packet.dts * packet.time_base - zero > length_s:
                break
            shift = round(zero / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = streams[packet.stream_index]
            output.mux(packet)
    return target
