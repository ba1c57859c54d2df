"""Work functions for tests of jobs: quick, slow, crashing, deaf, talkative.

Only standard parts are loaded, so that children start quickly.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sightline import errors

Tell = Callable[[dict[str, Any]], None]


def echo(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """The payload, who did it and when."""
    (folder / "scratch").write_text("x")
    return {"echo": dict(payload), "pid": os.getpid(), "at": time.monotonic(), "folder": str(folder)}


def count(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Steps of work whose results are kept outside, by content, as measurements are; done ones are not done again."""
    kept = Path(payload["kept"])
    done_here = 0
    for step in range(payload["steps"]):
        part = kept / f"{payload['name']}-{step}"
        if not part.exists():
            time.sleep(payload["step_s"])
            scratch = folder / f"{step}.part"
            scratch.write_text("x" * 10_000)
            scratch.replace(part)
            done_here += 1
        tell({"stage": "counting", "done_s": step + 1, "total_s": payload["steps"]})
    return {"steps": payload["steps"], "done_here": done_here}


def sleep(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Reports now and then."""
    end = time.monotonic() + payload["for_s"]
    while time.monotonic() < end:
        tell({"stage": "sleeping", "left_s": end - time.monotonic()})
        time.sleep(0.02)
    return {}


def deaf(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Reads no flag, catches every signal there is, and holds the interpreter's lock for a long time."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Path(payload["began"]).write_text(str(os.getpid()))
    if payload.get("how") == "hash":
        while True:
            hashlib.pbkdf2_hmac("sha256", b"x", b"y", 100_000_000)
    ctypes.PyDLL(None).sleep(600)  # PyDLL: without letting go of the interpreter
    return {}


def crash(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    (folder / "half.part").write_text("x")
    match payload["how"]:
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os._exit(3)
        case "once" if not Path(payload["flag"]).exists():
            Path(payload["flag"]).write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
    return {"survived": True}


def fail(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Raises the error named; with ``until`` only while that file is not there."""
    if "until" in payload and Path(payload["until"]).exists():
        return {"at_last": True}
    match payload["error"]:
        case "bug":
            raise KeyError("no such thing")
        case "exit":
            sys.exit("leaving")
        case "disk full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "big"))
        case "really full":
            # What the kernel says of a full disk.
            with Path("/dev/full").open("wb", buffering=0) as file:
                file.write(b"x" * 4096)
        case "nonsense":
            return {"not json": {1, 2}}  # type: ignore[dict-item]
        case "nan":
            return {"value": float("nan")}
    raise getattr(errors, payload["error"])("engine.cancelled")


def talk(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Says things in every way there is."""
    sys.stdout.write("printed by python\n")
    sys.stdout.flush()
    os.write(1, b'{"task": "forged", "done": {}}\n')
    os.write(2, "한글 on standard error\n".encode())
    subprocess.run(["echo", "printed by a child of the child"], check=True)
    for number in range(payload.get("tells", 0)):
        tell({"stage": "talking", "done_s": number, "speed": float("inf")})
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    return {"read": sys.stdin.read(), "temporary": file.name, "한글": "\udcff 😀"}


def family(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Starts a process of its own and waits for it."""
    own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(payload["began"]).write_text(f"{os.getpid()} {own.pid}")
    own.wait()
    return {}


def grow(payload: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    globals()["_kept"] = bytearray(os.urandom(1024)) * (payload["mb"] * 1024)
    return {"pid": os.getpid()}
