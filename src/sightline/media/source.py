"""Media that lie elsewhere than in a local file: behind a store that is asked for ranges of bytes."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from sightline.errors import MediaNotFound, MediaUnreadable


class Source(Protocol):
    """One media that can be read from anywhere. Its bytes never change."""

    @property
    def name(self) -> str:
        """Its file's name, for people: it opens nothing."""
        ...

    @property
    def size_bytes(self) -> int: ...

    @property
    def sha256(self) -> str | None:
        """In lower-case hexadecimal where it is known for sure, as in a store addressed by content: the media is then
        not read to hash it, and measurements are kept under it."""
        ...

    def open(self) -> BinaryIO:
        """A seekable reader at byte 0 with a position of its own, used by one thread at a time.

        Opening and reading raise `OSError` when the bytes cannot be had; so they must after a while, as a run that is
        cancelled waits for the read it is in. Asking again after a hiccup is the source's own matter. An error typed by
        Sightline is passed on as it is.
        """
        ...


Place = str | Path | Source
"""Where a media lies: the path of a local file, or a source."""


class Reader(Protocol):
    """What is needed of something read in any order."""

    def read(self, size: int, /) -> bytes:
        """That many bytes; fewer only at the end."""
        ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...


def name_of(place: Place) -> str:
    """What a message calls the media."""
    return str(place) if isinstance(place, str | Path) else place.name


class SourceReader:
    """A reader of a source that can be handed to FFmpeg, as a context manager.

    FFmpeg may take an error for the end of the file: the error is raised once where FFmpeg calls, by PyAV in the thread
    that asked for a packet, and kept for `check`. Raises the errors of `opened` on being made.
    """

    def __init__(self, source: Source) -> None:
        self._name = source.name
        self._failure: Exception | None = None
        if source.size_bytes == 0:
            raise MediaUnreadable("errors.media_zero_bytes", path=self._name)
        try:
            self._file = source.open()
        except FileNotFoundError as error:
            raise MediaNotFound("errors.media_not_found", path=self._name) from error
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int, /) -> bytes:
        """``size`` bytes, fewer at the end. Raises `MediaUnreadable`; nothing more is read after that."""
        parts = []
        while size > 0 and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            raise self._failed(error) from error

    def tell(self) -> int:
        return self._file.tell()

    def check(self) -> None:
        """Raises what went wrong while reading, in case FFmpeg kept it to itself."""
        if self._failure is not None:
            raise self._failure

    def _part(self, size: int) -> bytes:
        if self._failure is not None:
            return b""
        try:
            part = self._file.read(size)
            if len(part) > size:
                # PyAV copies what it is given into a buffer of ``size``.
                raise ValueError(f"the reader of {self._name} gave {len(part)} bytes for {size}")
            return part
        except OSError as error:
            raise self._failed(error) from error
        except Exception as error:
            self._failure = error
            raise

    def _failed(self, error: OSError) -> MediaUnreadable:
        reason = error.strerror or str(error) or type(error).__name__
        self._failure = MediaUnreadable("errors.media_source_failed", path=self._name, reason=reason)
        return self._failure
