"""Weights of pose and hands for tests, which `tools.body_bundles` puts together from packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import services

from sightline.weights.shelf import Shelf

BUNDLES = Path(__file__).parents[1] / "build" / "body"


@dataclass(frozen=True, slots=True)
class UncheckedShelf(Shelf):
    """Takes what lies under a model's name as it is: these bundles are not the official files."""

    def _verified(self, model: str) -> Mapping[str, Path]:
        found = self.find(model)
        assert found is not None, model
        return {each.file.name: each.path for each in found}


def body_shelf() -> Shelf:
    """Skips where the bundles were not made."""
    if not (BUNDLES / "pose_landmarker_lite.task").exists():
        services.missing("the networks of pose and hands are not here: python -m tools.body_bundles build/body")
    return UncheckedShelf((BUNDLES,))
