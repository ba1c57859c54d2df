"""The page and its files, and the API's reference. Nothing comes from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from sightline.api.pages import built
from sightline.api.problems import language_of
from sightline.text import LANGUAGES, Language, catalogue, words
from sightline.version import VERSION

router = APIRouter(include_in_schema=False)
Chosen = Annotated[Language | None, Query(description="None: what the browser prefers")]
_METHODS = ("get", "post", "put", "patch", "delete")


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
    """For browsers the page, for programs what the older systems answered."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"message": "Sightline", "status": "running", "version": VERSION, "docs": "/docs"})
    return page(request)


@router.get("/videos/{_rest:path}")
@router.get("/s/{_rest:path}")
@router.get("/settings/{_rest:path}")
@router.get("/settings")
@router.get("/work")
@router.get("/people")
@router.get("/system")
def page(request: Request, _rest: str = "") -> Response:
    """Every address of the page gives the same document: its script finds out what to show."""
    if built.is_built():
        return built.index()
    language = language_of(request)
    return HTMLResponse(page_of("unbuilt", language=language, say=lambda key: words(f"page.{key}", language)), 503)


@router.get("/assets/{name}")
def asset(request: Request, name: str) -> Response:
    return built.asset(request, name)


@router.get("/icon.svg")
def icon(request: Request) -> Response:
    return built.asset(request, "icon.svg", folder="")


@router.get("/pages/page.css")
def style() -> Response:
    """Of the pages that work without a script."""
    content = (resources.files("sightline.api.pages") / "html" / "page.css").read_bytes()
    return Response(content, media_type="text/css", headers={"Cache-Control": "no-cache"})


@router.get("/docs")
@router.get("/redoc")
def reference(request: Request, language: Chosen = None) -> Response:
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
    spoken = language or language_of(request)
    known = catalogue(spoken)
    page = page_of(
        "reference",
        language=spoken,
        languages=[(str(one), f"?language={one}") for one in LANGUAGES],
        say=lambda key, **fields: words(f"reference.{key}", spoken, **fields),
        named=lambda tag: known.get(f"reference.tag.{tag}", tag),
        document=document,
        groups=groups,
    )
    return HTMLResponse(page, headers={"Vary": "Accept-Language"})


def _body(route: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """Name, fields and example of a JSON body."""
    schema = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] | None = document["components"]["schemas"].get(name)
    return found
