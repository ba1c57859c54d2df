"""The API's own document: whoever reads it can use the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.running import settings_for

from sightline.api.app import create_app
from sightline.service.platform import Platform

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    platform = Platform(settings_for(tmp_path_factory.mktemp("openapi")))
    yield create_app(platform).openapi()
    platform.close()


def _routes(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method} {path}", methods[method]


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    without = []
    for name, route in _routes(document):
        schema = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        model = document["components"]["schemas"].get(str(schema.get("$ref", "")).rpartition("/")[2])
        if model is not None and "example" not in model:
            without.append(name)
    assert without == []


def test_every_route_has_a_name_of_its_own_and_every_error_is_a_problem(document: dict[str, Any]) -> None:
    names = [route["operationId"] for _, route in _routes(document)]
    assert len(names) == len(set(names))
    for name, route in _routes(document):
        for status, answer in route["responses"].items():
            if status.startswith(("4", "5")) and "content" in answer and not name.endswith(("readyz", "metrics")):
                assert "application/problem+json" in answer["content"], (name, status)


def test_making_a_platform_touches_nothing(tmp_path: Path) -> None:
    Platform(settings_for(tmp_path / "new")).close()
    assert not (tmp_path / "new" / "data" / "sightline.db").exists()
