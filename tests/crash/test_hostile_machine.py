"""A machine that does not play along: the program ends in a sentence, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from jobs_under_fire import until

from media_clips import write_clip
from sightline.cli.main import run
from sightline.service.analysis import open_analysis

Program = Callable[..., "subprocess.CompletedProcess[str]"]
COMMAND = [sys.executable, "-m", "sightline"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return write_clip(folder / "clip.mp4", options={"preset": "ultrafast"}, sounds=[("aac", 48_000, "stereo")])


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be measured for seconds."""
    return write_clip(
        tmp_path_factory.mktemp("long") / "long.mkv", size=(640, 352), pictures=250, options={"preset": "ultrafast"}
    )


@pytest.fixture
def program(tmp_path: Path, clip: Path) -> Program:
    """Runs the program in ``tmp_path``; whatever happens there is no traceback and nothing half-written."""

    def run_outside(
        *arguments: object, env: Mapping[str, str] | None = None, shell: str = '"$@"', cwd: Path = tmp_path
    ) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", shell, "bash", *COMMAND, *map(os.fsencode, map(str, arguments))]
        environment = os.environ | {"COLUMNS": "100", "LC_ALL": "C.UTF-8"} | dict(env or {})
        ran = subprocess.run(command, capture_output=True, cwd=cwd, env=environment, timeout=60, check=False)
        out, err = ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace")
        assert "Traceback" not in out + err, err
        assert not [path for path in tmp_path.rglob("*") if ".part" in path.name or ".old" in path.name]
        return subprocess.CompletedProcess(command, ran.returncode, out, err)

    return run_outside


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Program:
    """The same inside this process, which has everything loaded."""

    def run_inside(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["sightline", *arguments])
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            run()
        said = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), said.out, said.err)

    return run_inside


@pytest.mark.parametrize(
    "name",
    ["new\nline\x1b[31mred.mp4", "-dash.mp4", "<script>alert(1).mp4", "[bold]x[nope].mp4", "a%s{path}.mp4",
     "\u1112\u1161\u11ab\u1100\u1173\u11af.mp4", "\u202egpj.mp4", "n" * 251 + ".mp4", "bad\udcff.mp4", ".mp4"],
    ids=["escape", "dash", "script", "markup", "format", "decomposed", "turned", "long", "bytes", "hidden"],
)  # fmt: skip
def test_no_name_steers_the_terminal_or_stops_the_program(
    name: str, clip: Path, inside: Program, tmp_path: Path
) -> None:
    os.link(clip, tmp_path / name)
    ran = inside("analyze", f"./{name}", "--out", "out")
    assert ran.returncode in (0, 1), ran.stderr
    assert not {"\x1b", "\u202e"} & set(ran.stdout + ran.stderr)
    assert ran.stdout.splitlines()[-1].endswith("report.html"), "the name takes no line of its own"
    assert len(list((tmp_path / "out").iterdir())) == 1
    gone = inside("probe", f"gone{name}"[-250:])
    assert (gone.returncode, len(gone.stderr.splitlines())) == (3, 1)


def test_a_full_standard_output_is_a_sentence(clip: Path, program: Program) -> None:
    ran = program("probe", clip, shell='"$@" > /dev/full')
    assert (ran.returncode, "No space left" in ran.stderr) == (3, True)


def test_closed_standard_streams_do_no_harm(clip: Path, program: Program, tmp_path: Path) -> None:
    """The next file that is opened must not get the number of standard error, into which FFmpeg writes."""
    ran = program("analyze", clip, "--out", "out", "--no-cache", shell='"$@" <&- >&- 2>&-')
    assert ran.returncode in (0, 1)
    open_analysis(tmp_path / "out" / "clip.sightline")


def test_a_reader_that_leaves_early_is_no_reason_to_complain(clip: Path, program: Program) -> None:
    assert program("probe", clip, shell='"$@" | head -1').stderr == ""


@pytest.mark.parametrize(
    "env",
    [{"COLUMNS": "1", "TERM": "", "PYTHONOPTIMIZE": "2", "HOME": "/proc", "SIGHTLINE_CACHE_DIR": "/proc/x"},
     {"PYTHONIOENCODING": "latin-1", "SIGHTLINE_LANGUAGE": "ko", "COLUMNS": "no", "PYTHONWARNINGS": "error"}],
    ids=lambda env: ",".join(env),
)  # fmt: skip
def test_an_odd_environment_changes_nothing_but_looks(env: dict[str, str], clip: Path, program: Program) -> None:
    ran = program("analyze", clip, "--out", "out", env=env)
    assert ran.returncode in (0, 1), ran.stderr


def test_a_file_size_limit_while_writing_leaves_the_bundle_from_before(
    clip: Path, program: Program, tmp_path: Path
) -> None:
    assert program("analyze", clip, "--out", "out").returncode in (0, 1)
    before = (tmp_path / "out" / "clip.sightline" / "manifest.json").read_bytes()
    ran = program("analyze", clip, "--out", "out", shell='ulimit -f 4; "$@"')
    assert (ran.returncode, "Could not write" in ran.stderr) == (3, True), ran.stderr
    assert (tmp_path / "out" / "clip.sightline" / "manifest.json").read_bytes() == before


def test_neither_cut_nor_proxy_writes_over_its_source(clip: Path, inside: Program, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "same.mp4").hardlink_to(tmp_path / "clip.mp4")
    for arguments in (("cut", "clip.mp4", "0.2", "0.8", "-o", "clip.mp4"), ("proxy", "clip.mp4", "-o", "same.mp4")):
        assert inside(*arguments).returncode == 3
        assert (tmp_path / "clip.mp4").read_bytes() == clip.read_bytes()


@pytest.mark.parametrize("target", ["a.m3u8", "a.mpd", "a%d.jpg", "tcp:127.0.0.1:9.mp4"])
def test_a_cut_writes_the_one_file_asked_for_and_no_other(
    target: str, clip: Path, inside: Program, tmp_path: Path
) -> None:
    ran = inside("cut", str(clip), "0", "0.5", "-o", target)
    assert [path.name for path in tmp_path.iterdir()] == ([target] if ran.returncode == 0 else [])


def test_a_working_folder_that_is_gone_does_not_matter(clip: Path, program: Program, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    ran = program("analyze", clip, "--json", shell='cd gone && rmdir ../gone && "$@"')
    assert json.loads(ran.stdout)["schema"] == "sightline.analysis/1"


def listens(process: subprocess.Popen[str]) -> bool:
    """Whether our part of the program has begun, before which a traceback is the interpreter's own.

    Python ignores SIGPIPE and catches SIGINT when it begins; the program lets go of SIGINT while it is loaded, and
    catches SIGTERM from then on.
    """
    lines = (line.split() for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    held = {line[0]: int(line[1], 16) for line in lines if line[0] in ("SigIgn:", "SigCgt:")}
    is_python, has_begun = held["SigIgn:"] >> (signal.SIGPIPE - 1), not held["SigCgt:"] >> (signal.SIGINT - 1) & 1
    return bool(is_python & 1 and (has_begun or held["SigCgt:"] >> (signal.SIGTERM - 1) & 1))


@pytest.mark.parametrize(("sign", "isolate"), [(signal.SIGINT, False), (signal.SIGTERM, True)])
def test_a_signal_at_any_moment_leaves_nothing_behind(
    sign: signal.Signals, isolate: bool, long_clip: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [*COMMAND, "analyze", str(long_clip), "--out", str(tmp_path / "out"), "--no-cache"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    for delay_s in (0.2, 0.5, 1.2):
        process = subprocess.Popen(
            [*command, *(["--isolate"] if isolate else [])], stderr=subprocess.PIPE, text=True, env=environment
        )
        until(lambda: listens(process), 60)  # noqa: B023
        time.sleep(delay_s)
        process.send_signal(sign)
        _, err = process.communicate(timeout=20)
        assert process.returncode in (128 + sign, -sign), err
        assert "Traceback" not in err
        assert not list(temporary.iterdir())
        for bundle in (tmp_path / "out").glob("*"):
            # The signal came when all was written already.
            open_analysis(bundle)


def test_a_killed_parent_takes_its_measuring_process_with_it(long_clip: Path, tmp_path: Path) -> None:
    command = [*COMMAND, "analyze", str(long_clip), "--no-cache", "--json", "--isolate"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"TMPDIR": str(tmp_path)})  # fmt: skip
    until(lambda: list(tmp_path.iterdir()), 20)
    time.sleep(1)
    process.kill()
    # Standard error is shared: it ends when the child has ended as well.
    _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_a_measuring_process_that_crashes_is_status_3_and_one_sentence(
    clip: Path, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "if 'sightline.engine.child' in ' '.join(sys.orig_argv): os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    ran = program("analyze", clip, clip, "--isolate", "--no-cache", env={"PYTHONPATH": str(tmp_path / "site")})
    assert ran.returncode == 3
    assert ran.stderr.count("SIGSEGV") == 2
    assert len(ran.stderr.splitlines()) == 2


def test_processes_that_write_the_same_bundle_do_not_collide(clip: Path, tmp_path: Path) -> None:
    command = [*COMMAND, "analyze", str(clip), "--out", str(tmp_path / "out")]
    subprocess.run(command, capture_output=True, check=False)
    save = (
        "import sys; from sightline.service.analysis import open_analysis\n"
        "analysis = open_analysis(sys.argv[1])\n"
        "for _ in range(10): analysis.save(sys.argv[2])"
    )
    arguments = [sys.executable, "-c", save, str(tmp_path / "out" / "clip.sightline"), str(tmp_path / "same.sightline")]
    writers = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for writer in writers:
        _, err = writer.communicate(timeout=60)
        assert writer.returncode == 0, err
    open_analysis(tmp_path / "same.sightline")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "same.sightline"]
