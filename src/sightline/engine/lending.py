"""A source lent to a measuring process, which asks its parent for bytes over a local socket.

The child is told neither where the bytes lie nor how to get there: it can read this one media and nothing else of its
store. Every reader is a connection: the child sends an offset and a size, and gets that many bytes or fewer.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import struct
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from sightline.errors import SetupError
from sightline.media.source import Source

_REQUEST = struct.Struct(">QI")
"""Offset and size in bytes; size 0 asks whether the media can be opened."""
_ANSWER = struct.Struct(">?I")
"""Whether it went well, and the length of what follows: the bytes, or the system's number of an error and its text."""
_NUMBER = struct.Struct(">i")
_LARGEST_BYTES = 8 << 20
_BUFFER_BYTES = 128 * 1024
_WAKE_S = 0.1


@dataclass(frozen=True, slots=True)
class Lent:
    """The child's side: a source like any other."""

    name: str
    size_bytes: int
    sha256: str | None
    address: str

    def open(self) -> BinaryIO:
        return io.BufferedReader(_LentReader(self.address, self.size_bytes), _BUFFER_BYTES)


class Lender:
    """The parent's side, as a context manager: answers every reader in a thread of its own."""

    def __init__(self, source: Source, address: Path) -> None:
        self.failure: Exception | None = None
        """What the source raised that is no `OSError`: only the parent can say what it means."""
        self.lent = Lent(source.name, source.size_bytes, source.sha256, str(address))
        self._source = source
        self._over = threading.Event()

    def __enter__(self) -> Self:
        """Raises `SetupError` on a system without Unix sockets."""
        if not hasattr(socket, "AF_UNIX"):
            raise SetupError("engine.no_lending")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(self.lent.address)
            self._socket.listen()
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(_WAKE_S)
        self._thread = threading.Thread(target=self._accept, name="sightline-lender", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                connection, _ = self._socket.accept()
                connection.settimeout(None)
                # Not waited for: it ends with the child, at the latest when the read it is in gives up.
                threading.Thread(target=self._serve, args=(connection,), name="sightline-lent", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(connection)
            reader: BinaryIO | None = None
            while (request := _received(connection, _REQUEST.size)) is not None:
                try:
                    reader = stack.enter_context(self._source.open()) if reader is None else reader
                    done, data = True, _read(reader, *_REQUEST.unpack(request))
                except OSError as error:
                    done, data = False, _told(error)
                except Exception as error:  # noqa: BLE001  (the edge of a thread: the parent raises it)
                    self.failure = error
                    done, data = False, _told(OSError(errno.EIO, str(error)))
                connection.sendall(_ANSWER.pack(done, len(data)) + data)


def _read(reader: BinaryIO, offset: int, size: int) -> bytes:
    if not size:
        return b""
    reader.seek(offset)
    return reader.read(min(size, _LARGEST_BYTES))


def _told(error: OSError) -> bytes:
    return _NUMBER.pack(error.errno or errno.EIO) + (error.strerror or str(error)).encode()


def _received(connection: socket.socket, size: int) -> bytes | None:
    """Exactly ``size`` bytes; None when the other side is gone."""
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


class _LentReader(io.RawIOBase):
    def __init__(self, address: str, size_bytes: int) -> None:
        self._position, self._size_bytes = 0, size_bytes
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._connection.connect(address)
            self._asked(0)
        except BaseException:
            self._connection.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size_bytes}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        data = self._asked(len(buffer)) if len(buffer) else b""
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._connection.close()
        super().close()

    def _asked(self, size: int) -> bytes:
        self._connection.sendall(_REQUEST.pack(self._position, min(size, _LARGEST_BYTES)))
        head = _received(self._connection, _ANSWER.size)
        done, length = _ANSWER.unpack(head) if head is not None else (False, 0)
        data = _received(self._connection, length) if head is not None else None
        if data is None:
            raise OSError(errno.EPIPE, "the process that lends the media is gone")
        if not done:
            raise OSError(_NUMBER.unpack(data[: _NUMBER.size])[0], data[_NUMBER.size :].decode())
        return data
