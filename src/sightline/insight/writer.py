"""What turns a dossier into feedback."""

from __future__ import annotations

from typing import Protocol

from sightline.insight.claims import Feedback
from sightline.insight.facts import Dossier


class Writer(Protocol):
    """Writes feedback in which every sentence cites what it rests on. Safe for many threads."""

    def write(self, dossier: Dossier) -> Feedback: ...
