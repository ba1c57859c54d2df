"""A server on this machine that speaks as much of MongoDB's wire protocol as the sink needs, over real sockets.

OP_QUERY for the first greeting and OP_MSG for the rest, as the MongoDB manual has them under "Wire Protocol"; documents
are kept in lists. No substitute for a MongoDB: it knows ``insert``, ``delete`` and ``find`` with ``$in`` and equality.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
HELLO = {
    "ok": 1.0, "isWritablePrimary": True, "ismaster": True, "helloOk": True, "maxBsonObjectSize": 16 << 20,
    "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "minWireVersion": 0, "maxWireVersion": 21,
    "readOnly": False,
}  # fmt: skip
Document = dict[str, Any]


@dataclass
class Mongo:
    url: str = ""
    kept: dict[str, list[Document]] = field(default_factory=dict)
    """Documents by ``database.collection``."""
    largest_bytes: int = 0
    """Of the messages that came."""

    def do(self, command: Document) -> Document:
        name = next(iter(command))
        place = f"{command.get('$db')}.{command[name]}"
        match name:
            case "hello" | "isMaster" | "ismaster":
                return HELLO
            case "insert":
                self.kept.setdefault(place, []).extend(command["documents"])
                return {"ok": 1.0, "n": len(command["documents"])}
            case "delete":
                before = self.kept.get(place, [])
                left = [d for d in before if not any(_fits(d, one["q"]) for one in command["deletes"])]
                self.kept[place] = left
                return {"ok": 1.0, "n": len(before) - len(left)}
            case "ping" | "endSessions":
                return {"ok": 1.0}
        return {"ok": 0.0, "errmsg": f"no such command: {name}", "code": 59}


def _fits(document: Document, query: Document) -> bool:
    return all(
        document.get(name) in wanted["$in"] if isinstance(wanted, dict) else document.get(name) == wanted
        for name, wanted in query.items()
    )


@contextmanager
def mongo_server() -> Iterator[Mongo]:
    mongo = Mongo()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while len(head := self.rfile.read(16)) == 16:
                length, request_id, _, code = struct.unpack("<iiii", head)
                mongo.largest_bytes = max(mongo.largest_bytes, length)
                body = self.rfile.read(length - 16)
                command = _of_query(body) if code == OP_QUERY else _of_message(body)
                answer = bson.encode(mongo.do(command))
                if code == OP_QUERY:
                    payload, kind = struct.pack("<iqii", 8, 0, 0, 1) + answer, OP_REPLY
                else:
                    payload, kind = struct.pack("<IB", 0, 0) + answer, OP_MSG
                self.wfile.write(struct.pack("<iiii", len(payload) + 16, 1, request_id, kind) + payload)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="mongo-server")
        thread.start()
        mongo.url = f"mongodb://127.0.0.1:{server.server_address[1]}/talks"
        try:
            yield mongo
        finally:
            server.shutdown()
            thread.join()


def _of_query(body: bytes) -> Document:
    end = body.index(b"\0", 4)
    return dict(bson.decode(body[end + 9 :]))


def _of_message(body: bytes) -> Document:
    """A section of kind 0 is the command; one of kind 1 a list of documents that belong into it."""
    command: Document = {}
    at = 4
    while at < len(body):
        kind = body[at]
        (size,) = struct.unpack_from("<i", body, at + 1)
        section = body[at + 1 : at + 1 + size]
        if kind == 0:
            command = {**bson.decode(section), **{k: v for k, v in command.items() if isinstance(v, list)}}
        else:
            end = section.index(b"\0", 4)
            rest, documents = section[end + 1 :], []
            while rest:
                (length,) = struct.unpack_from("<i", rest)
                documents.append(bson.decode(rest[:length]))
                rest = rest[length:]
            command[section[4:end].decode()] = documents
        at += 1 + size
    return command
