"""The page as the build made it: files of ``web/`` in this folder, of which some have packed copies beside them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse, HTMLResponse

FOLDER = Path(__file__).parent / "web"
FOREVER = "public, max-age=31536000, immutable"
"""For files whose name changes with their content."""
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".png": "image/png",
}
_PACKED = (("br", ".br"), ("gzip", ".gz"))


def is_built() -> bool:
    return (FOLDER / "index.html").is_file()


def index() -> Response:
    """The one document; which page it shows is the browser's business."""
    return HTMLResponse(_index(FOLDER.stat().st_mtime_ns), headers={"Cache-Control": "no-cache", "Vary": "Accept"})


def asset(request: Request, name: str, folder: str = "assets") -> Response:
    """A script, style or picture, packed where the browser can unpack. Unknown names give 404."""
    path = FOLDER / folder / name
    media_type = _TYPES.get(path.suffix)
    if media_type is None or not _NAME.fullmatch(name) or not path.is_file():
        return Response(status_code=404)
    headers = {"Cache-Control": FOREVER if folder else "no-cache", "Vary": "Accept-Encoding"}
    taken = request.headers.get("accept-encoding", "")
    for encoding, suffix in _PACKED:
        packed = path.with_name(name + suffix)
        if re.search(rf"\b{encoding}\b(?!;q=0(\.0*)?\s*(,|$))", taken) and packed.is_file():
            return FileResponse(packed, media_type=media_type, headers=headers | {"Content-Encoding": encoding})
    return FileResponse(path, media_type=media_type, headers=headers)


@cache
def _index(_changed_ns: int) -> str:
    return (FOLDER / "index.html").read_text()
