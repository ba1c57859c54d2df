"""Bytes of something that lies elsewhere, in ranges (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

_ONE = re.compile(r"bytes\s*=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


def ranged(
    request: Request,
    size: int,
    tag: str,
    media_type: str,
    headers: Mapping[str, str],
    read: Callable[[int, int], Iterator[bytes]],
) -> Response:
    """All of ``size`` bytes, or the range that is asked for. ``tag`` names the content; several ranges at once give all
    of it. ``read(start, end)`` gives bytes ``[start, end)`` in pieces."""
    all_headers = {**headers, "Accept-Ranges": "bytes", "ETag": f'"{tag}"'}
    if request.headers.get("if-none-match") == f'"{tag}"':
        return Response(status_code=304, headers=all_headers)
    start, end, status = 0, size, 200
    asked = _ONE.fullmatch(request.headers.get("range", "").strip())
    if asked is not None and request.headers.get("if-range", f'"{tag}"') == f'"{tag}"':
        start, end = _span(asked, size)
        if start >= end:
            return Response(status_code=416, headers={**all_headers, "Content-Range": f"bytes */{size}"})
        status, all_headers["Content-Range"] = 206, f"bytes {start}-{end - 1}/{size}"
    all_headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=all_headers, media_type=media_type)
    return StreamingResponse(read(start, end), status, all_headers, media_type)


def _span(asked: re.Match[str], size: int) -> tuple[int, int]:
    first, last, suffix = asked.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size if int(suffix) else 0
    return int(first), min(size, int(last) + 1) if last else size
