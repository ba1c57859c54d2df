"""A multipart body read as it arrives: fields in memory, the file handed on piece by piece."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from sightline.errors import RequestInvalid

MOST_FIELDS, LONGEST_FIELD = 32, 10_000
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "workspace_id": {"type": "string"},
                        "name": {"type": "string"},
                        "tags": {"type": "string", "description": "with commas between"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}
"""What `file_part` reads, for the document."""


LONGEST_OPTIONS = 200_000


def plain_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a desk, of a size that rows can hold. Raises `ValueError`."""
    if len(json.dumps(options, ensure_ascii=False)) > LONGEST_OPTIONS:
        raise ValueError(f"options take up to {LONGEST_OPTIONS} characters")
    return options


class _Parts:
    """Collects what the parser says: fields until the file begins, then the file's pieces."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.pieces: list[bytes] = []
        self.is_over = False
        self._header, self._value = b"", b""
        self._disposition = b""
        self._name = ""
        self._text = bytearray()
        self._in_file = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._all,
            },
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise RequestInvalid("api.broken_body") from error

    def _begin(self) -> None:
        self._header, self._value, self._disposition, self._in_file = b"", b"", b"", False
        self._text = bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        if len(self._value) > LONGEST_FIELD:
            raise RequestInvalid("api.broken_body")

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == "file" and self.file_name is None:
            self._in_file = True
            self.file_name = _file_name(options)
        elif len(self.fields) >= MOST_FIELDS:
            raise RequestInvalid("api.broken_body")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.pieces.append(bytes(data[start:end]))
            return
        self._text += data[start:end]
        if len(self._text) > LONGEST_FIELD:
            raise RequestInvalid("api.broken_body")

    def _end(self) -> None:
        if not self._in_file:
            self.fields[self._name] = self._text.decode("utf-8", "replace")
        self._in_file = False

    def _all(self) -> None:
        self.is_over = True


async def file_part(request: Request) -> tuple[dict[str, str], str, AsyncIterator[bytes]]:
    """Fields that come before the part ``file``, that part's file name, and its bytes as they arrive.

    Raises `RequestInvalid` for another media type, a body without such a part, or one that breaks off.
    """
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if media_type != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
        raise RequestInvalid("api.not_multipart")
    parts, stream = _Parts(boundary), request.stream()
    async for chunk in stream:
        parts.feed(chunk)
        if parts.file_name is not None:
            break
    if parts.file_name is None:
        raise RequestInvalid("api.no_file_part")
    return parts.fields, parts.file_name, _rest(parts, stream)


async def _rest(parts: _Parts, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        for piece in parts.pieces:
            yield piece
        parts.pieces.clear()
        chunk = await anext(stream, None)
        if chunk is None:
            break
        parts.feed(chunk)
    if not parts.is_over:
        raise RequestInvalid("api.broken_body")


def _file_name(options: dict[bytes, bytes]) -> str:
    """The name a client gave, without any folders."""
    if b"filename*" in options:
        header = Message()
        header.add_header("Content-Disposition", "attachment")
        header.set_param("filename*", options[b"filename*"].decode("latin-1"))
        name = str(header.get_filename() or "")
    else:
        name = options.get(b"filename", b"").decode("utf-8", "replace")
    return name.replace("\\", "/").rsplit("/", 1)[-1] or "upload"
