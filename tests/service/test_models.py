"""Models of an installation: settings, the terminal, and what is loaded where."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.file_server import FileServer, file_server
from tests.toy_weights import put, toy_registry
from typer.testing import CliRunner, Result

from sightline.cli import models as terminal
from sightline.errors import RequestInvalid, WeightsDenied, WeightsMissing, WeightsRefused
from sightline.service import models
from sightline.service.doctor import examine
from sightline.service.models import BOARD, Board, Presence, shelf_of
from sightline.service.settings import Settings, read_settings
from sightline.text import Language
from sightline.weights import checksum, download, registry, sessions

ONE, TWO = "yunet", "speech_whisper_tiny"
"""Ids of real models, so that there are words for them; the files are the tests' own."""
FILES = {ONE: {"one.bin": b"the only file"}, TWO: {"config.json": b"{}", "model.bin": b"many numbers" * 1000}}
Terminal = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", models=tmp_path / "given", cache_dir=tmp_path / "cache")


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    monkeypatch.setattr(download, "FIRST_PAUSE_S", 0.01)
    checksum.forget()
    files = {f"/{model}/{name}": content for model, of in FILES.items() for name, content in of.items()}
    with file_server(files) as served:
        toy_registry(monkeypatch, tmp_path, FILES, source=served.url("/{model}/{file}"))
        yield served


@pytest.fixture
def sightline(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Terminal:
    monkeypatch.setattr(terminal, "SETTINGS", settings)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(terminal.models, arguments)

    return run


def test_the_folder_looked_in_first_has_the_environment_name_of_old(tmp_path: Path) -> None:
    read = read_settings({"SIGHTLINE_MODELS": str(tmp_path), "HOME": "/nobody"})
    assert read.settings.models == tmp_path
    assert shelf_of(read.settings).folders == (tmp_path, Path("/nobody/.local/share/sightline/models"))
    elsewhere = read_settings({"SIGHTLINE_MODELS_DIR": "/weights", "SIGHTLINE_MODELS_IDLE_S": "5"})
    assert shelf_of(elsewhere.settings).folders == (Path("/weights"),)
    assert shelf_of(elsewhere.settings).idle_s == 5


def test_a_policy_denies_models_for_one_analysis(settings: Settings) -> None:
    with pytest.raises(WeightsDenied):
        shelf_of(settings, denied=[ONE]).require(ONE)
    with pytest.raises(WeightsMissing):
        shelf_of(settings).require(ONE)


def test_names_there_are_not_are_refused_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(RequestInvalid, match=f"{ONE}, {TWO}, toys"):
        models.model_states(settings, ["three"])


def test_pulling_a_group_brings_what_is_missing(settings: Settings, server: FileServer) -> None:
    put(settings.models or Path(), FILES[ONE])
    done = {each.model: each for each in models.pull_models(settings, ["toys"])}
    assert done[ONE].fetched_bytes == 0
    assert done[ONE].path == settings.models / "one.bin"  # type: ignore[operator]
    assert done[TWO].path == settings.data_dir / "models" / TWO
    assert [path for path, _ in server.asked] == [f"/{TWO}/config.json", f"/{TWO}/model.bin"]


def test_the_mirror_of_the_settings_is_used(tmp_path: Path, server: FileServer) -> None:
    with file_server({f"/m/{ONE}/one.bin": FILES[ONE]["one.bin"]}) as mirror:
        settings = Settings(data_dir=tmp_path / "data", models_mirror=mirror.url("/m"))
        assert [each.fetched_bytes for each in models.pull_models(settings, [ONE])] == [len(FILES[ONE]["one.bin"])]
    assert server.asked == []


def test_other_bytes_in_the_folder_looked_in_first_stay_and_are_told(settings: Settings) -> None:
    assert settings.models is not None
    put(settings.models, {"one.bin": b"something else"})
    with pytest.raises(WeightsRefused, match=str(settings.models)):
        list(models.pull_models(settings, [ONE]))
    assert (settings.models / "one.bin").read_bytes() == b"something else"


def test_verifying_reads_what_is_there_and_says_why_not(settings: Settings) -> None:
    assert settings.models is not None
    put(settings.models, {"one.bin": b"something else"})
    assert [(s.model.id, s.presence) for s in models.verify_models(settings)] == [(ONE, Presence.REFUSED)]
    assert [s.presence for s in models.verify_models(settings, ["toys"])] == [Presence.REFUSED, Presence.MISSING]
    put(settings.models, FILES[ONE])
    (state,) = models.verify_models(settings)
    assert state.presence is Presence.VERIFIED


def test_removing_leaves_the_copy_that_was_given(settings: Settings) -> None:
    assert settings.models is not None
    list(models.pull_models(settings, ["toys"]))
    put(settings.models, FILES[ONE])
    removed = {model.id: (freed, state.presence) for model, freed, state in models.remove_models(settings, ["toys"])}
    assert removed[ONE] == (len(FILES[ONE]["one.bin"]), Presence.THERE)
    assert removed[TWO][1] is Presence.MISSING


class TestTheTerminal:
    def test_lists_models_for_people(self, sightline: Terminal) -> None:
        listed = sightline("list")
        assert listed.exit_code == 0
        assert ONE in listed.stdout
        assert "allowed" in listed.stdout

    def test_lists_models_for_programs(self, sightline: Terminal, settings: Settings) -> None:
        put(settings.models or Path(), FILES[ONE])
        listed = {entry["id"]: entry for entry in json.loads(sightline("list", "--json").stdout)}
        assert listed[ONE]["state"] == "there"
        assert listed[ONE]["commercial"] == "yes"
        assert listed[TWO]["state"] == "missing"
        assert listed[TWO]["path"] is None
        assert len(listed[TWO]["files"][0]["sha256"]) == 64

    def test_pulls_verifies_and_removes(self, sightline: Terminal, settings: Settings) -> None:
        pulled = sightline("pull", ONE)
        assert pulled.exit_code == 0, pulled.output
        assert "fetched" in pulled.stdout
        assert "there already" in sightline("pull", ONE).stdout
        assert json.loads(sightline("pull", ONE, "--json").stdout)[0]["fetched_bytes"] == 0
        assert sightline("verify").exit_code == 0
        assert "removed" in sightline("remove", ONE).stdout
        assert "nothing" in sightline("remove", ONE).stdout
        assert not (settings.data_dir / "models" / ONE).exists()

    def test_verifying_fails_for_other_bytes_and_for_what_is_missing(
        self, sightline: Terminal, settings: Settings
    ) -> None:
        assert sightline("verify", ONE).exit_code == 3
        put(settings.models or Path(), {"one.bin": b"something else"})
        told = sightline("verify", ONE)
        assert told.exit_code == 3
        (entry,) = json.loads(sightline("verify", ONE, "--json").stdout)
        assert entry["state"] == "refused"
        assert registry.registry()[ONE].files[0].sha256 in entry["why"]

    def test_a_model_there_is_not_is_wrong_use(self, sightline: Terminal) -> None:
        for command in ("list", "pull", "verify", "remove"):
            assert sightline(command, "three").exit_code == 2

    def test_is_part_of_the_program(self, shared_models: Path, tmp_path: Path) -> None:
        environment = {"SIGHTLINE_MODELS": str(shared_models), "SIGHTLINE_DATA_DIR": str(tmp_path), "PATH": "/usr/bin"}
        ran = subprocess.run(
            [sys.executable, "-m", "sightline", "models", "verify", "--json"],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        assert {entry["id"]: entry["state"] for entry in json.loads(ran.stdout)} == {
            "face_landmarker": "verified",
            "yunet": "verified",
        }

    def test_without_a_network_it_ends_with_one_sentence(self, tmp_path: Path) -> None:
        environment = {"SIGHTLINE_DATA_DIR": str(tmp_path), "PATH": "/usr/bin", "HTTPS_PROXY": "http://127.0.0.1:9"}
        ran = subprocess.run(
            [sys.executable, "-m", "sightline", "models", "pull", "yunet"],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert ran.returncode == 3
        assert ran.stdout == ""
        assert ran.stderr.startswith("The weights of the model yunet could not be fetched (")
        assert ran.stderr.count("\n") == 1

    def test_ctrl_c_leaves_what_has_come_and_the_real_file_is_pulled_then(
        self, shared_models: Path, tmp_path: Path
    ) -> None:
        content = (shared_models / "face_landmarker.task").read_bytes()
        part = tmp_path / "models" / "face_landmarker" / "face_landmarker.task.part"
        command = [sys.executable, "-m", "sightline", "models", "pull", "face_landmarker"]
        with file_server({"/face_landmarker/face_landmarker.task": content}) as mirror:
            environment = {
                "SIGHTLINE_DATA_DIR": str(tmp_path), "SIGHTLINE_MODELS_MIRROR": mirror.url(), "PATH": "/usr/bin",
            }  # fmt: skip
            mirror.pause_s = 0.1
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as child:
                deadline = time.monotonic() + 60
                while not (part.is_file() and part.stat().st_size > 100_000):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                child.send_signal(signal.SIGINT)
                _, told = child.communicate()
            assert child.returncode == 130
            assert "the next pull goes on from there" in told
            assert "Traceback" not in told
            there, mirror.pause_s = part.stat().st_size, 0
            ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            assert "face_landmarker" in ran.stdout
            assert mirror.ranges()[-1] == f"bytes={there}-"
        assert (tmp_path / "models" / "face_landmarker" / "face_landmarker.task").read_bytes() == content


def test_the_doctor_tells_what_is_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    finding = next(f for f in examine(settings) if f.what.key.startswith("weights."))
    assert finding.is_well
    assert "face_landmarker" in finding.detail


def test_the_status_tells_models_and_sessions(settings: Settings) -> None:
    put(settings.models or Path(), FILES[ONE])
    with sessions.lease(shelf_of(settings), ONE, Path.read_bytes, variant="cpu"):
        status = models.models_status(settings)
    assert [entry["state"] for entry in status["models"]] == ["there", "missing"]
    (session,) = status["sessions"]
    assert (session["model"], session["variant"], session["leases"]) == (ONE, "cpu", 1)
    json.dumps(status)


def test_sessions_of_other_processes_are_on_the_board_while_they_live(settings: Settings, tmp_path: Path) -> None:
    put(settings.models or Path(), FILES[ONE])
    board = settings.work / BOARD
    code = f"""
        import sys
        from pathlib import Path
        from sightline.service.models import Board, shelf_of
        from sightline.service.settings import Settings
        from sightline.weights import registry, sessions
        registry.REGISTRY = Path({str(registry.REGISTRY)!r})
        settings = Settings(data_dir={str(settings.data_dir)!r}, models={str(settings.models)!r})
        Board(Path({str(board)!r})).publish()
        lease = sessions.lease(shelf_of(settings), {ONE!r}, Path.read_bytes)
        print("loaded", flush=True)
        sys.stdin.readline()
        lease.close()
        sessions.clear()
        print("unloaded", flush=True)
        sys.stdin.readline()
        sessions.lease(shelf_of(settings), {ONE!r}, Path.read_bytes)
        print("loaded", flush=True)
        sys.stdin.readline()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "loaded\n"
        (session,) = models.models_status(settings)["sessions"]
        assert (session["pid"], session["model"]) == (child.pid, ONE)
        print(file=child.stdin, flush=True)
        assert child.stdout.readline() == "unloaded\n"
        assert models.models_status(settings)["sessions"] == []
        print(file=child.stdin, flush=True)
        assert child.stdout.readline() == "loaded\n"
        child.kill()
    assert list(board.glob("*.json"))
    assert Board(board).read() == []
    assert not list(board.glob("*.json")), "the dead are swept away"


def test_a_purpose_is_told_in_the_language_of_the_reader(settings: Settings) -> None:
    (state, _) = models.model_states(settings)
    assert state.to_plain(Language.KOREAN)["purpose"].startswith("얼굴")
