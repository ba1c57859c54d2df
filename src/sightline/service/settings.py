"""Settings of this installation: made once at start from the environment, then handed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sightline.errors import SetupError
from sightline.text import Language

KNOWN = ("SIGHTLINE_CACHE_DIR", "SIGHTLINE_ISOLATE", "SIGHTLINE_LANGUAGE")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation works. Nothing reads the environment after this was made."""

    cache_dir: Path
    """Where measurements are kept (``SIGHTLINE_CACHE_DIR``)."""
    isolate: bool = False
    """Measure in a child process: a crash inside a codec is an error then, not the end (``SIGHTLINE_ISOLATE``)."""
    language: Language = Language.ENGLISH
    """Of messages and reports (``SIGHTLINE_LANGUAGE``, else the terminal's)."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Raises `SetupError` for an unknown ``SIGHTLINE_…`` name or a value that cannot be."""
        env = os.environ if environment is None else environment
        for name in env:
            if name.startswith("SIGHTLINE_") and name not in KNOWN:
                raise SetupError("service.unknown_setting", name=name, known=", ".join(KNOWN))
        home = env.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return cls(
            cache_dir=Path(env.get("SIGHTLINE_CACHE_DIR") or Path(home) / "sightline"),
            isolate=_flag(env, "SIGHTLINE_ISOLATE"),
            language=_language(env),
        )


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in ("", "0", "false", "no", "off"):
        return False
    if value in ("1", "true", "yes", "on"):
        return True
    raise SetupError("service.bad_setting", name=name, value=value, known="0, 1")


def _language(env: Mapping[str, str]) -> Language:
    asked = env.get("SIGHTLINE_LANGUAGE")
    if asked:
        if asked not in tuple(Language):
            raise SetupError("service.bad_setting", name="SIGHTLINE_LANGUAGE", value=asked, known="en, ko")
        return Language(asked)
    terminal = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return Language.KOREAN if terminal.lower().startswith("ko") else Language.ENGLISH
