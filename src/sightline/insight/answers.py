"""Answers of models, kept under the hash of everything they were made of, so that the same is not paid twice."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sightline.insight.endpoint import Endpoint
from sightline.insight.facts import Dossier
from sightline.insight.prompt import Prompt


class AnswerCache(Protocol):
    """Keeps answers as text. Safe for many threads. An answer holds what a person said: it can be forgotten."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, answer: str) -> None: ...

    def forget(self, key: str) -> None:
        """Removes an answer; nothing happens when it is not there."""
        ...


def answer_key(endpoint: Endpoint, prompt: Prompt, dossier: Dossier) -> str:
    """64 hexadecimal digits. The same only for the same provider, address, model, prompt and dossier."""
    named = [endpoint.provider, endpoint.base_url, endpoint.model, prompt.name, prompt.sha256, dossier.language]
    text = json.dumps([*map(str, named), dossier.canonical()], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class MemoryAnswers:
    """The last ``most`` answers, in this process."""

    most: int = 200
    _kept: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> str | None:
        with self._turn:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, answer: str) -> None:
        with self._turn:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        with self._turn:
            self._kept.pop(key, None)


@dataclass(frozen=True)
class FolderAnswers:
    """A file an answer, readable by this user alone."""

    folder: Path

    def get(self, key: str) -> str | None:
        try:
            return self._file(key).read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def put(self, key: str, answer: str) -> None:
        """A folder that cannot be written keeps nothing: the answer is there all the same."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            new = self._file(f"{key}.{os.getpid()}.{threading.get_ident()}")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(answer)
            new.replace(self._file(key))
        except OSError:
            return

    def forget(self, key: str) -> None:
        self._file(key).unlink(missing_ok=True)

    def forget_before(self, at_s: float) -> int:
        """Removes what was put before a moment of the clock, in seconds since 1970, and what was half put. How many.

        An analysis that was stopped after it was answered is named by nothing else.
        """
        removed = 0
        for file in self.folder.glob("*.json"):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < at_s:
                    file.unlink()
                    removed += 1
        return removed

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"
