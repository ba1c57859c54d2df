"""A start page that lists, uploads and leads to reports; the API's reference. Nothing comes from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from sightline.api.problems import language_of
from sightline.text import catalogue
from sightline.version import VERSION

router = APIRouter(include_in_schema=False)
_METHODS = ("get", "post", "put", "patch", "delete")
_FILES = {"page.css": "text/css", "page.js": "text/javascript"}


@cache
def _templates() -> Environment:
    made = Environment(loader=PackageLoader("sightline.api.pages", "html"), autoescape=select_autoescape(["j2"]))
    made.filters["marked"] = _marked
    return made


def _marked(text: str) -> Markup:
    """Text with what stands between backticks as code."""
    return Markup(re.sub(r"`+([^`]+)`+", r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped)


def page_of(name: str, **values: object) -> str:
    """A page of ``html/`` with these values in it, escaped."""
    return _templates().get_template(f"{name}.html.j2").render(**values)


@router.get("/")
def start(request: Request) -> Response:
    """For browsers a page, for programs what the older systems answered."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"message": "Sightline", "status": "running", "version": VERSION, "docs": "/docs"})
    language = language_of(request)
    texts = {key.removeprefix("page."): text for key, text in catalogue(language).items() if key.startswith("page.")}
    page = page_of("start", language=language, texts=texts, version=VERSION)
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"})


@router.get("/pages/{name}")
def asset(name: str) -> Response:
    if name not in _FILES:
        return Response(status_code=404)
    content = (resources.files("sightline.api.pages") / "html" / name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})


@router.get("/docs")
@router.get("/redoc")
def reference(request: Request) -> Response:
    """Every route with its parameters, bodies and an example."""
    document = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                route = methods[method]
                tag = (route.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(
                    {"path": path, "method": method, **route, "body": _body(route, document)}
                )
    page = page_of("reference", document=document, groups=groups)
    return HTMLResponse(page)


def _body(route: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """Name, fields and example of a JSON body."""
    schema = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] | None = document["components"]["schemas"].get(name)
    return found
