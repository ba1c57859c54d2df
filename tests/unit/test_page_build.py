"""The build of the page: with a Node that only writes down what it is asked for."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
NPM = """#!/bin/sh
echo "$@" >> "{asked}"
case "$1" in
ci) rm -rf node_modules; mkdir -p node_modules; [ "$2" = --omit=dev ] || mkdir node_modules/vitest ;;
run) [ -z "$FAIL_BUILD" ] || {{ echo "no such module"; exit 1; }}; mkdir -p "{out}"; echo page > "{out}/index.html" ;;
esac
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`hatch_build` over a checkout of its own and a new enough Node."""
    spec = importlib.util.spec_from_file_location("hatch_build_tested", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    web, out, programs = tmp_path / "web", tmp_path / "out", tmp_path / "bin"
    (web / "src").mkdir(parents=True)
    programs.mkdir()
    (web / "src" / "main.tsx").write_text("one")
    (web / "package-lock.json").write_text("{}")
    program(programs / "npm", NPM.format(asked=tmp_path / "asked", out=out))
    program(programs / "node", "#!/bin/sh\necho v22.12.0\n")
    monkeypatch.setattr(module, "WEB", web)
    monkeypatch.setattr(module, "OUT", out)
    monkeypatch.setattr(module, "STAMP", out / "built-from.sha256")
    monkeypatch.setattr(module, "LOCKED", web / "node_modules" / ".locked.sha256")
    monkeypatch.setattr(module, "_path", lambda: f"{programs}:/usr/bin:/bin")
    monkeypatch.delenv(module.SKIP, raising=False)
    return module


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def asked(module: ModuleType) -> list[str]:
    path = module.WEB.parent / "asked"
    found = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def test_a_page_is_built_once_and_again_when_a_file_of_it_changed(made: ModuleType) -> None:
    assert made.build()
    assert asked(made) == ["ci --omit=dev", "run build"]
    assert not made.build()
    assert asked(made) == []
    (made.WEB / "src" / "main.tsx").write_text("two")
    assert made.build()
    assert asked(made) == ["run build"]
    (made.WEB / "src" / "main.tsx").rename(made.WEB / "src" / "other.tsx")
    assert made.build()


def test_another_lock_brings_the_packages_anew(made: ModuleType) -> None:
    made.build()
    asked(made)
    (made.WEB / "package-lock.json").write_text('{"other": 1}')
    assert made.build()
    assert asked(made) == ["ci --omit=dev", "run build"]


def test_who_has_the_tools_for_tests_keeps_them(made: ModuleType) -> None:
    made.install(with_tools=True)
    made.install(with_tools=False)
    assert asked(made) == ["ci"]
    (made.WEB / "package-lock.json").write_text('{"other": 1}')
    made.build()
    assert asked(made) == ["ci", "run build"]


def test_a_build_that_fails_says_why_and_counts_as_none(made: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    made.build()
    (made.WEB / "src" / "main.tsx").write_text("broken")
    monkeypatch.setenv("FAIL_BUILD", "1")
    with pytest.raises(RuntimeError, match="no such module"):
        made.build()
    monkeypatch.delenv("FAIL_BUILD")
    assert made.build()


@pytest.mark.parametrize("version", ["v20.18.3", "v18.20.0", "nonsense"])
def test_where_no_new_enough_node_is_the_build_asks_for_one(made: ModuleType, version: str) -> None:
    program(made.WEB.parent / "bin" / "node", f"#!/bin/sh\necho {version}\n")
    hook = made.PageHook.__new__(made.PageHook)
    assert hook.dependencies() == [made.NODE]
    with pytest.raises(RuntimeError, match="SKIP_PAGE_BUILD"):
        made.build()


def test_with_node_or_without_the_page_nothing_is_asked_for(made: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = made.PageHook.__new__(made.PageHook)
    assert hook.dependencies() == []
    program(made.WEB.parent / "bin" / "node", "#!/bin/sh\nexit 1\n")
    monkeypatch.setenv(made.SKIP, "1")
    assert hook.dependencies() == []
    hook.initialize("standard", {})
    assert asked(made) == []
