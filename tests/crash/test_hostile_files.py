"""Files nobody wants: each ends in a typed sentence, or in a report that says what is missing."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import jsonschema
import numpy as np
import pytest

import sightline
from media_clips import write_clip
from sightline.errors import InputError, MediaEmpty, MediaNotFound, MediaUnreadable, ReportImpossible
from sightline.report.as_json import json_schema
from sightline.service.analysis import Analysis, open_analysis

SOUND = [("pcm_s16le", 48_000, "stereo")]
FAST = {"preset": "ultrafast"}
FORMATS = ("html", "pdf", "json", "csv", "ebu-xml", "qctools", "edl", "fcp7", "otio", "vtt", "junit")


def checked(path: Path, folder: Path) -> Analysis:
    """The analysis, after every report of it was made and its JSON held against the schema."""
    analysis = sightline.analyze(path, cache=False)
    for kind in FORMATS:
        try:
            content = analysis.report(kind)
        except ReportImpossible:
            assert kind in ("edl", "fcp7", "qctools")
            continue
        if kind == "json":
            jsonschema.validate(json.loads(content, parse_constant=_no_constant), json_schema())
    saved = analysis.save(folder / "saved.sightline")
    assert open_analysis(saved).verdict == analysis.verdict
    return analysis


def _no_constant(text: str) -> None:
    raise AssertionError(f"{text} in JSON")


def states(analysis: Analysis) -> dict[str, str]:
    return {check.id: str(check.state) for check in analysis.judgement.checks}


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a", b"x" * 1000)


def _cut_off(path: Path) -> None:
    data = write_clip(path, pictures=50, options=FAST).read_bytes()
    path.write_bytes(data[: len(data) // 2])


REFUSED: dict[str, tuple[Callable[[Path], object], type[InputError]]] = {
    "nothing": (lambda path: path.write_bytes(b""), MediaUnreadable),
    "one_byte": (lambda path: path.write_bytes(b"\0"), MediaUnreadable),
    "text": (lambda path: path.write_text("hello " * 1000), MediaUnreadable),
    "zip": (_zip, MediaUnreadable),
    "zeros": (lambda path: path.write_bytes(bytes(1 << 20)), MediaUnreadable),
    "noise": (lambda path: path.write_bytes(np.random.default_rng(3).bytes(100_000)), MediaUnreadable),
    "huge_sizes": (
        lambda path: path.write_bytes(b"\0\0\0\x01ftyp\x7f" + b"\xff" * 7 + b"isom" * 8 + b"\xff" * 4 + b"moov"),
        MediaUnreadable,
    ),
    "playlist": (lambda path: path.write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"), MediaUnreadable),
    "list_of_files": (lambda path: path.write_text("ffconcat version 1.0\nfile /etc/passwd\n"), MediaUnreadable),
    "subtitles": (lambda path: path.write_text("1\n00:00:00,000 --> 00:00:02,000\nhi\n"), MediaUnreadable),
    "no_index": (_cut_off, MediaUnreadable),
    "loop": (lambda path: path.symlink_to(path.name), MediaUnreadable),
    "pipe": (lambda path: os.mkfifo(path), MediaUnreadable),
    "folder": (lambda path: path.mkdir(), MediaUnreadable),
    "nowhere": (lambda path: path.symlink_to("gone"), MediaNotFound),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_media_is_refused_with_a_typed_sentence(kind: str, tmp_path: Path) -> None:
    make, error = REFUSED[kind]
    path = tmp_path / "file.mp4"
    make(path)
    with pytest.raises(error) as raised:
        sightline.analyze(path, cache=False)
    assert str(path) in str(raised.value)


ODD: dict[str, dict[str, Any]] = {
    "1x1.mkv": {"codec": "ffv1", "pixel_format": "yuv444p", "size": (1, 1), "sounds": SOUND},
    "2x2.mkv": {"codec": "ffv1", "size": (2, 2)},
    "641x359.mkv": {"codec": "ffv1", "size": (641, 359), "pictures": 4},
    "7x200.mkv": {"codec": "ffv1", "size": (7, 200)},
    "one_picture.mp4": {"pictures": 1, "options": FAST},
    "grey.mkv": {"codec": "ffv1", "pixel_format": "gray16le"},
    "rgb.mkv": {"codec": "ffv1", "pixel_format": "gbrp10le"},
    "alpha.mkv": {"codec": "ffv1", "pixel_format": "yuva444p10le"},
    "one_bit.nut": {"codec": "png", "pixel_format": "monob"},
    "rgb565.nut": {"codec": "rawvideo", "pixel_format": "rgb565le"},
    "interlaced.mkv": {"codec": "mpeg2video", "fields": "tff"},
    "variable.mkv": {"ticks": lambda n: n * n, "options": FAST},
    "hole.mkv": {"ticks": lambda n: n if n < 6 else n + 100_000, "options": FAST},
    "negative.nut": {"codec": "ffv1", "ticks": lambda n: n - 10, "sounds": SOUND},
    "slide_show.mp4": {"rate": Fraction(1, 10), "pictures": 2, "options": FAST},
    "no_times.h264": {"container": "h264", "options": FAST},
    "many_streams.mkv": {"pictures": 5, "options": FAST, "sounds": [("pcm_s16le", 48_000, "mono")] * 24},
    "telephone.wav": {"pictures": 0, "sounds": [("pcm_s16le", 8_000, "mono")]},
    "bats.wav": {"pictures": 0, "sounds": [("pcm_s16le", 192_000, "stereo")]},
    "seismograph.wav": {"pictures": 0, "sounds": [("pcm_s16le", 100, "mono")]},
    "moving.gif": {"codec": "gif", "pixel_format": "rgb8"},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_analysed_and_reported_in_every_format(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, **({"pictures": 12, "size": (96, 64)} | ODD[name]))
    analysis = checked(path, tmp_path)
    assert "fail" not in states(analysis).get("F4", "")
    broken = [str(why) for why in analysis.timeline.not_measured.values() if "broke off" in str(why)]
    assert not broken


def test_a_sound_without_samples_is_a_fault_and_nothing_is_judged_of_it(tmp_path: Path) -> None:
    header = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data\0\0\0\0"
    (tmp_path / "no.wav").write_bytes(b"RIFF\x24\0\0\0" + header)
    found = states(checked(tmp_path / "no.wav", tmp_path))
    assert found["F4"] == "fail"
    assert "pass" not in {found[check] for check in ("A1", "A3", "A5", "A6", "A9")}


def test_pictures_that_cannot_be_decoded_are_not_evaluated_instead_of_not_there(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "zeroed.mp4", options=FAST, sounds=[("aac", 48_000, "stereo")])
    data = bytearray(path.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path.write_bytes(data)
    try:
        found = states(checked(path, tmp_path))
    except MediaEmpty:
        return
    assert found["F4"] in ("fail", "not_evaluated")
    assert {found[check] for check in ("V1", "V3", "P1")} == {"not_evaluated"}


def test_half_a_file_says_that_it_is_cut_off(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "half.mp4", pictures=50, options=FAST, container_options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    analysis = checked(path, tmp_path)
    assert "facts.truncated" in analysis.media.missing
    assert states(analysis)["F4"] == "fail"


def test_pictures_that_change_their_size_are_a_fault_with_a_place(tmp_path: Path) -> None:
    parts = [write_clip(tmp_path / f"{w}.ts", size=(w, 96), options=FAST).read_bytes() for w in (96, 160)]
    (tmp_path / "both.ts").write_bytes(b"".join(parts))
    analysis = checked(tmp_path / "both.ts", tmp_path)
    assert any("format_change" in event.labels for event in analysis.events("decode_error"))


def test_a_file_that_grows_while_it_is_measured_is_refused_and_not_kept(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "growing.ts", options=FAST)
    addition = path.read_bytes()

    def grow(_: object) -> None:
        if path.stat().st_size == len(addition):
            with path.open("ab") as file:
                file.write(addition)

    with pytest.raises(MediaUnreadable, match="changed"):
        sightline.analyze(path, progress=grow)


def test_a_file_removed_while_it_is_measured_is_still_measured_whole(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "going.mkv", options=FAST)
    pictures = len(sightline.analyze(path, cache=False).timeline.columns["pictures"])
    removed = sightline.analyze(path, cache=False, progress=lambda _: path.unlink(missing_ok=True))
    assert len(removed.timeline.columns["pictures"]) == pictures


def test_titles_and_tags_reach_no_report_as_markup(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "<script>alert(1).mp4",
        options=FAST,
        metadata={"title": "</script><script>alert(2)</script>\x1b[31m"},
    )
    page = checked(path, tmp_path).report("html").decode()
    assert "<script>alert" not in page


def test_a_cover_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "cover.mkv"
    picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
    with av.open(str(path), "w") as file:
        sound: Any = file.add_stream("pcm_s16le", rate=48_000, layout="mono")
        cover: Any = file.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt, cover.disposition = (
            32,
            32,
            "yuvj420p",
            av.stream.Disposition.attached_pic,
        )
        block = av.AudioFrame.from_ndarray(np.ones((1, 24_000), np.int16), "s16", "mono")
        block.sample_rate = 48_000
        file.mux(sound.encode(block))
        file.mux(cover.encode(picture.reformat(format="yuvj420p")))
        file.mux(cover.encode(None))
    assert states(checked(path, tmp_path))["A3"] == "pass"


def test_samples_that_are_no_numbers_are_a_fault_at_their_place(tmp_path: Path) -> None:
    sound = (0.1 * np.sin(np.arange(96_000) / 20)).astype("<f4")
    sound[50_000] = np.nan
    sound[50_001] = np.inf
    data = sound.tobytes()
    path = tmp_path / "nan.wav"
    float_mono = struct.pack("<IHHIIHH", 16, 3, 1, 48_000, 192_000, 4, 32)
    path.write_bytes(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + float_mono
                     + b"data" + struct.pack("<I", len(data)) + data)  # fmt: skip
    analysis = checked(path, tmp_path)
    (event,) = analysis.events("decode_error")
    assert "no numbers" in str(event.evidence["text"])
    assert 0.8 < float(event.span.start) <= 50_000 / 48_000
    assert analysis.verdict == "fail"
