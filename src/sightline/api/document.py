"""The OpenAPI document, where FastAPI tells it otherwise than it is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from sightline.api.problems import MEDIA_TYPE


def install(app: FastAPI) -> None:
    """Has an application's document say of problems that they come by their own media type only."""
    made = app.openapi

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            for item in made()["paths"].values():
                for operation in item.values():
                    for answer in operation["responses"].values():
                        content = answer.get("content", {})
                        if MEDIA_TYPE in content and "application/json" in content:
                            content[MEDIA_TYPE] = content.pop("application/json")
        return made()

    app.openapi = told  # type: ignore[method-assign]
