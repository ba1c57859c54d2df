"""``sightline user`` and ``sightline token`` on a service's own database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.security.accounts_app import Parts

from sightline.errors import NotSignedIn
from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.database import Database
from sightline.service.people.caller import NOBODY

Terminal = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'sightline.db'}"


@pytest.fixture
def terminal(tmp_path: Path, url: str) -> Terminal:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    environment |= {
        "SIGHTLINE_DATA_DIR": str(tmp_path / "data"), "SIGHTLINE_PUBLIC_URL": "https://qc.example.org",
        "COLUMNS": "200", "LANG": "C.UTF-8",
    }  # fmt: skip

    def invoke(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sightline", *arguments], input=given, capture_output=True, text=True,
            env=environment, check=False, timeout=120,
        )  # fmt: skip

    return invoke


def test_an_account_from_nothing_to_its_end(terminal: Terminal, url: str) -> None:
    added = terminal("user", "add", "Mina@example.org", "--name", "민아", "--admin")
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("https://qc.example.org/sign-in?secret=")
    weak = terminal("user", "add", "yuri@example.org", "--password", given="short\n")
    assert weak.returncode == 3
    assert "too short" in weak.stderr
    assert terminal("user", "add", "yuri@example.org", "--password", given="battery staple 42\n").returncode == 0
    listed = terminal("user", "list").stdout
    assert "민아" in listed
    assert "yuri@example.org" in listed
    assert "argon2" not in listed
    made = terminal("token", "create", "yuri@example.org", "--scope", "write", "--days", "3")
    database = Database(url)
    try:
        parts = Parts(database)
        actor = parts.actors.actor_of_session(
            parts.links.use(added.stdout.strip().partition("secret=")[2], NOBODY).secret
        )
        assert (actor.name, actor.is_admin, list(actor.roles.values())) == ("mina@example.org", True, [Role.OWNER])
        token = made.stdout.strip()
        assert parts.actors.actor_of_token(token).scopes == {Scope.READ, Scope.WRITE}
        parts.sessions.sign_in("yuri@example.org", "battery staple 42", NOBODY)
        assert terminal("user", "password", "yuri@example.org", given="another staple 42\n").returncode == 0
        with pytest.raises(NotSignedIn):
            parts.sessions.sign_in("yuri@example.org", "battery staple 42", NOBODY)
        token_id = parts.tokens.list(SYSTEM, parts.accounts.find(SYSTEM, "yuri@example.org").id)[0].id
        assert token_id in terminal("token", "list", "yuri@example.org").stdout
        assert terminal("token", "revoke", token_id).returncode == 0
        with pytest.raises(NotSignedIn):
            parts.actors.actor_of_token(token)
    finally:
        database.close()
    last = terminal("user", "disable", "mina@example.org")
    assert last.returncode == 3
    assert "last administrator" in last.stderr
    assert terminal("user", "remove", "yuri@example.org").returncode == 0
    assert "yuri" not in terminal("user", "list").stdout


def test_a_scope_that_is_none_is_wrong_use(terminal: Terminal) -> None:
    assert terminal("token", "create", "x@example.org", "--scope", "everything").returncode == 2
