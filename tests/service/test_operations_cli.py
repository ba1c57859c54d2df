"""The terminal's side of running the service."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from sightline.cli.operations import moment
from sightline.service.operations.logs import begin, context
from sightline.service.operations.settings_file import sample_file, values
from sightline.service.settings import Settings, read_settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(folder: Path, *arguments: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "SIGHTLINE_DATA_DIR": str(folder / "data"), **environment}
    done = subprocess.run(
        [sys.executable, "-m", "sightline", *arguments], env=env, capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == status, done.stderr
    return done


def test_times_are_given_as_people_say_them() -> None:
    assert moment("90m", NOW) == NOW - timedelta(minutes=90)
    assert moment("3d", NOW) == NOW - timedelta(days=3)
    assert moment("2026-02-01T00:00:00+09:00", NOW) == datetime(2026, 1, 31, 15, tzinfo=UTC)
    for text in ("soon", "3y", "-3d", "999999w"):
        with pytest.raises(typer.BadParameter):
            moment(text, NOW)


def test_logs_are_searched_from_the_terminal(tmp_path: Path) -> None:
    with begin(tmp_path / "data" / "logs", "debug", terminal=False):
        with context(job_id="j1"):
            logging.getLogger("sightline.x").warning("the disk \x1b[2Jis nearly full")
        logging.getLogger("sightline.x").info("something else")
        logging.getLogger("sightline.x").debug("detail")
    shown = run(tmp_path, "logs", "--since", "1h").stdout
    assert shown.index("nearly full") < shown.index("something else")
    assert "\x1b[2J" not in shown
    assert "detail" not in shown
    only = run(tmp_path, "logs", "FULL", "--job", "j1", "--level", "warning", "--json").stdout
    assert json.loads(only)["job_id"] == "j1"
    run(tmp_path, "logs", "--level", "loud", status=2)
    assert run(tmp_path, "logs", "--until", "1h").stdout == ""


def test_every_setting_is_shown_with_its_source_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sightline.toml").write_text('port = 9001\ns3_secret_access_key = "hunter2"\n')
    environment = {"MAX_CONCURRENT_TASKS": "3", "SIGHTLINE_REDIS_URL": "redis://:hunter3@127.0.0.1/0"}
    environment["SIGHTLINE_MODELS_MIRROR"] = "https://me:hunter4@models.example/"
    found = json.loads(run(tmp_path, "config", "show", "--json", **environment).stdout)
    assert set(found) == set(Settings.model_fields)
    assert found["port"] == {"value": "9001", "source": str(tmp_path / "data" / "sightline.toml")}
    assert found["max_concurrent_tasks"] == {"value": "3", "source": "MAX_CONCURRENT_TASKS"}
    assert found["redis_url"] == {"value": "***", "source": "SIGHTLINE_REDIS_URL"}
    assert found["host"] == {"value": "127.0.0.1", "source": "default"}
    assert "hunter" not in json.dumps(found) + run(tmp_path, "config", "show", **environment).stdout


def test_the_sample_file_names_every_setting_and_says_the_defaults(tmp_path: Path) -> None:
    text = sample_file()
    as_if = "\n".join(
        line[2:]
        for line in text.splitlines()
        if " = " in line and line[2:].partition(" = ")[0] in Settings.model_fields
    )
    assert set(tomllib.loads(as_if)) == set(Settings.model_fields)
    path = tmp_path / "sightline.toml"
    path.write_text(as_if)
    read = read_settings({"SIGHTLINE_CONFIG": str(path), "HOME": str(Path.home())})
    plain = read_settings({"HOME": str(Path.home())}).settings
    assert [(v.name, v.value) for v in values(read)] == [(v.name, v.value) for v in values(type(read)(plain, {}))]
    assert "# --- Listening" in text
    assert "# Bearer token for /metrics" in text
    path.write_text(text)
    assert read_settings({"SIGHTLINE_CONFIG": str(path)}).sources == {}
    assert run(tmp_path, "config", "file").stdout.count(" = ") >= len(Settings.model_fields)


def test_a_backup_is_made_and_restored_from_the_terminal(tmp_path: Path) -> None:
    from sightline.library.database import Database
    from sightline.library.migrate import upgrade

    (tmp_path / "data").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'data' / 'sightline.db'}")
    upgrade(database)
    database.close()
    assert "b.tar" in run(tmp_path, "backup", "b.tar").stdout
    assert "--replace" in run(tmp_path, "backup", "b.tar", status=3).stderr
    run(tmp_path, "backup", "b.tar", "--replace", "--database-only")
    other = {"SIGHTLINE_DATA_DIR": str(tmp_path / "other")}
    assert "0" in run(tmp_path, "restore", "b.tar", **other).stdout
    (tmp_path / "c.tar").write_bytes(b"nonsense")
    assert "c.tar" in run(tmp_path, "restore", "c.tar", status=3, **other).stderr
