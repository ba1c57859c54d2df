"""The terminal: what is printed, what is written, and the exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import sightline
from sightline.cli.main import run
from sightline.desks.interview.rubric import parse_rubric
from sightline.media.encode import VideoFile

SCHEMA = json.loads(
    (Path(sightline.__file__).parent / "report" / "schema" / "sightline.analysis-1.schema.json").read_text()
)


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def invoke(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sightline", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capfd.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, captured.out, captured.err)

    return invoke


def make_clip(path: Path, pictures: int = 50, black: range = range(0)) -> Path:
    random = np.random.default_rng(1)
    scene = np.kron(random.random((12, 20)) * 150 + 40, np.ones((12, 12)))
    from fractions import Fraction

    with VideoFile(path, size_px=(128, 72), rate=Fraction(25), sound_rate_hz=48_000) as file:
        for n in range(pictures):
            y = scene[n % 60 : n % 60 + 72, n % 60 : n % 60 + 128] if n not in black else np.full((72, 128), 16)
            file.add_picture(y.astype(np.uint8), *(np.full((36, 64), 128, np.uint8) for _ in "uv"))
            time_s = (np.arange(1920) + n * 1920) / 48_000
            file.add_sound((0.1 * np.sin(2 * np.pi * 440 * time_s))[None].repeat(2, 0).astype(np.float32))
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("cli") / "clip.mp4")


@pytest.fixture(scope="session")
def black_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of black in the middle of five."""
    return make_clip(tmp_path_factory.mktemp("cli") / "black.mp4", 125, range(25, 100))


def test_json_of_one_file_is_one_document(terminal: Callable[..., Ran], black_clip: Path, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    ran = terminal("analyze", black_clip, "--json")
    document = json.loads(ran.out)
    jsonschema.validate(document, SCHEMA)
    assert document["schema"] == "sightline.analysis/1"
    black = [event for event in document["events"] if event["kind"] == "black"]
    assert [(e["start_frame"], e["end_frame"], e["start_s"], e["end_s"]) for e in black] == [(25, 100, 1.0, 4.0)]
    assert set(document["signals"]["loudness"]) >= {
        "integrated_lufs", "range_lu", "true_peak_dbtp", "max_momentary_lufs", "max_short_term_lufs",
    }  # fmt: skip
    v1 = next(check for check in document["judgement"]["checks"] if check["id"] == "V1")
    assert (v1["name"], v1["state"]) == ("black", "fail")
    assert ran.status == 1
    assert not list(tmp_path.iterdir()), "--json without --out writes nothing"


def test_json_of_several_files_is_an_array_with_the_failures_in_it(
    terminal: Callable[..., Ran], clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "no.mp4").write_text("no video")
    ran = terminal("analyze", clip, tmp_path / "no.mp4", "--json", "--out", tmp_path / "out")
    first, second = json.loads(ran.out)
    assert first["media"]["name"] == "clip.mp4"
    assert (second["media"]["name"], second["error"]["type"]) == ("no.mp4", "MediaUnreadable")
    assert ran.status == 3
    assert "no.mp4" in ran.err
    assert (tmp_path / "out" / "clip.sightline" / "report.html").is_file()


def test_a_file_that_is_not_there_is_status_3_and_one_sentence(terminal: Callable[..., Ran], tmp_path: Path) -> None:
    ran = terminal("analyze", tmp_path / "nothing.mp4", "--json")
    assert ran.status == 3
    assert "nothing.mp4" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("analyze",), ("analyse", "x"), ("analyze", "x", "--workers", "0"), ("analyze", "x", "--template", "nobody"),
     ("analyze", "x", "--desk", "nobody"), ("report", "x", "--to", "nobody")],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_is_status_2(terminal: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    ran = terminal(*arguments)
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_a_clean_run_prints_checks_and_names_the_report(
    terminal: Callable[..., Ran], clip: Path, tmp_path: Path
) -> None:
    ran = terminal("analyze", clip, "--out", tmp_path)
    assert ran.status in (0, 1)
    assert str(tmp_path / "clip.sightline" / "report.html") in ran.out
    assert "V1" in ran.out
    assert "A1" in ran.out
    assert ran.err == "", "nothing but the answer when piped"


def test_an_analysis_of_other_bytes_is_never_written_over(
    terminal: Callable[..., Ran], clip: Path, black_clip: Path, tmp_path: Path
) -> None:
    other = tmp_path / "in" / "clip.mp4"
    other.parent.mkdir()
    other.write_bytes(black_clip.read_bytes())
    for path in (clip, other, clip):
        terminal("analyze", path, "--out", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["clip.mp4.sightline", "clip.sightline"]


def test_judging_again_needs_no_video(terminal: Callable[..., Ran], black_clip: Path, tmp_path: Path) -> None:
    source = tmp_path / "gone.mp4"
    source.write_bytes(black_clip.read_bytes())
    terminal("analyze", source, "--out", tmp_path)
    source.unlink()
    ran = terminal("judge", tmp_path / "gone.sightline", "--template", "ebu-r128", "--json")
    document = json.loads(ran.out)
    assert document["judgement"]["template"] == "ebu-r128"
    assert ran.status == 1
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers:\n  - {check: V1, who: Kim, why: agreed}\n")
    document = json.loads(terminal("judge", tmp_path / "gone.sightline", "--waivers", waivers, "--json").out)
    v1 = next(check for check in document["judgement"]["checks"] if check["id"] == "V1")
    assert v1["state"] == "waived"


@pytest.mark.parametrize(
    "to", ["html", "pdf", "json", "csv", "ebu-xml", "qctools", "edl", "fcp7", "otio", "vtt", "junit"]
)
def test_every_format_is_written_beside_the_bundle(
    terminal: Callable[..., Ran], black_clip: Path, tmp_path: Path, to: str
) -> None:
    terminal("analyze", black_clip, "--out", tmp_path)
    ran = terminal("report", tmp_path / "black.sightline", "--to", to)
    assert ran.status == 0, ran.err
    written = [p for p in tmp_path.iterdir() if p.name != "black.sightline"]
    assert len(written) == 1
    assert written[0].stat().st_size > 100


def test_an_unwritable_place_is_a_sentence(terminal: Callable[..., Ran], clip: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = terminal("analyze", clip, "--out", tmp_path / "file")
    assert ran.status == 3
    assert "Could not write" in ran.err


def test_cut_and_probe_and_templates_answer(terminal: Callable[..., Ran], clip: Path, tmp_path: Path) -> None:
    ran = terminal("cut", clip, "0.4", "1.2", "--out", tmp_path / "piece.mp4")
    assert ran.status == 0, ran.err
    facts = json.loads(terminal("probe", tmp_path / "piece.mp4", "--json").out)
    assert facts["videos"][0]["codec"] == "h264"
    assert "ebu-r128" in terminal("templates").out
    assert "R 128" in terminal("templates", "ebu-r128").out
    written = terminal("templates", "default", "--rubric").out
    assert parse_rubric("mine", written).scores
    assert terminal("templates", "nope", "--rubric").status != 0
    assert terminal("cut", clip, "1.2", "0.4").status == 3
    assert terminal("cut", clip, "one", "two").status == 2


def test_doctor_finds_this_installation_well(terminal: Callable[..., Ran]) -> None:
    ran = terminal("doctor")
    assert "PyAV" in ran.out
    assert ran.status == 0, ran.out


def test_korean_is_spoken_when_asked(clip: Path, tmp_path: Path) -> None:
    env = {**os.environ, "SIGHTLINE_LANGUAGE": "ko", "COLUMNS": "160"}
    command = [sys.executable, "-m", "sightline", "analyze", str(clip), "--out", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert "검사" in ran.stdout
    assert "보고서" in ran.stdout


def test_an_unknown_setting_is_refused(clip: Path) -> None:
    env = {**os.environ, "SIGHTLINE_CASHE_DIR": "/x"}
    command = [sys.executable, "-m", "sightline", "probe", str(clip)]
    ran = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert ran.returncode == 2
    assert "SIGHTLINE_CASHE_DIR" in ran.stderr


INTERRUPTED = "Interrupted. Nothing half-written was left behind.\n"


def test_ctrl_c_leaves_nothing_half_written(sample: Path, tmp_path: Path) -> None:
    env = {**os.environ, "SIGHTLINE_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "sightline", "analyze", str(sample), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    opened, deadline = Path(f"/proc/{process.pid}/fd"), time.monotonic() + 60
    while not any(link.resolve() == sample.resolve() for link in opened.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # Python ends by the signal itself when it came while code made of text ran, as in the making of a dataclass.
    assert process.returncode in (130, -signal.SIGINT), (out, err)
    assert err == INTERRUPTED
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_inside_a_finaliser_is_not_lost(number: signal.Signals) -> None:
    code = (
        "import os, sys, time\n"
        "from sightline.cli import program\n"
        "class Noisy:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), int(sys.argv[1]))\n"
        "        time.sleep(0.1)\n"
        "program._listen()\n"
        "noisy = Noisy()\n"
        "del noisy\n"
        "time.sleep(10)\n"
        "print('unheard')"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(int(number))], capture_output=True, text=True, check=False)
    assert ran.returncode in (128 + number, -number)
    assert "unheard" not in ran.stdout
