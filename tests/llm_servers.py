"""A server on this machine that speaks the protocols of language models over real HTTP, and does what it is told.

It answers as OpenAI's chat completions (``/v1/chat/completions``), OpenAI's responses (``/v1/responses``), Anthropic's
messages (``/v1/messages``) and Google's ``generateContent`` do, by the path that is asked for. Shapes are those of the
providers' references: platform.openai.com/docs/api-reference, docs.claude.com/en/api/messages, ai.google.dev/api.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Says:
    """The model's answer: JSON where ``what`` is a mapping, else the text as it stands."""

    what: Mapping[str, Any] | str
    tokens: tuple[int, int] | None = (1000, 200)


@dataclass(frozen=True)
class Fails:
    """An HTTP error. ``echo`` repeats the key it was asked with, as careless servers do."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "api_error"
    code: str | None = None
    echo: bool = False


@dataclass(frozen=True)
class Raw:
    """These bytes with status 200, whatever the protocol."""

    body: bytes
    content_type: str = "application/json"


class Refuses:
    """The model will not answer."""


class RunsOut:
    """The model came to its limit of words."""


class Cuts:
    """Half of an answer, and the connection is closed."""


class Hangs:
    """No answer at all until the test is over."""


Step = Says | Fails | Raw | Refuses | RunsOut | Cuts | Hangs


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def key(self) -> str:
        headers = {name.lower(): value for name, value in self.headers.items()}
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return headers.get("x-api-key") or headers.get("x-goog-api-key") or bearer


@dataclass
class LlmServer:
    """Does one step a request; the last one again and again."""

    steps: Sequence[Step]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def next(self, asked: Asked) -> Step:
        with self.turn:
            self.asked.append(asked)
            return self.steps[min(len(self.asked), len(self.steps)) - 1]

    def base_url(self, provider: str) -> str:
        """What an endpoint of ``provider`` has to be given."""
        return f"{self.url}/v1" if provider.startswith("openai") else self.url


@contextmanager
def llm_server(*steps: Step) -> Iterator[LlmServer]:
    server = LlmServer(steps)

    class Handler(_Handler):
        script = server

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, name="llm-server")
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        server.over.set()
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: LlmServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(self.path, dict(self.headers), body)
        step = self.script.next(asked)
        protocol = _protocol(self.path)
        if isinstance(step, Hangs):
            self.script.over.wait(30)
            self.close_connection = True
        elif isinstance(step, Raw):
            self._send(200, step.body, (("Content-Type", step.content_type),))
        elif isinstance(step, Fails):
            told = f"Incorrect API key provided: {asked.key}" if step.echo else "It failed."
            self._send(step.status, json.dumps(protocol.error(step, told)).encode(), step.headers)
        elif isinstance(step, Cuts):
            whole = json.dumps(protocol.answer(body, {"claims": []}, (1000, 200))).encode()
            self._send(200, whole, (), cut_at=len(whole) // 2)
        else:
            self._send(200, json.dumps(_said(protocol, body, step)).encode())

    def _send(
        self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = (), cut_at: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Type" for name, _ in headers):
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut_at])
        if cut_at is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def _said(protocol: Any, body: Json, step: Step) -> Json:
    if isinstance(step, Refuses):
        return protocol.refusal(body)
    if isinstance(step, RunsOut):
        return protocol.cut_short(body)
    assert isinstance(step, Says)
    return protocol.answer(body, step.what, step.tokens)


def _protocol(path: str) -> Any:
    if path.endswith("/chat/completions"):
        return _Chat
    if path.endswith("/responses"):
        return _Responses
    if path.endswith("/messages"):
        return _Messages
    assert ":generateContent" in path, path
    return _Google


def _text(what: object) -> str:
    return what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)


class _Chat:
    @staticmethod
    def answer(body: Json, what: object, tokens: tuple[int, int] | None) -> Json:
        message: Json = {"role": "assistant", "content": _text(what)}
        if body.get("tools") and not isinstance(what, str):
            call = {"name": body["tools"][0]["function"]["name"], "arguments": _text(what)}
            message = {
                "role": "assistant", "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
            }  # fmt: skip
        return _Chat._whole(body, message, "tool_calls" if message.get("tool_calls") else "stop", tokens)

    @staticmethod
    def refusal(body: Json) -> Json:
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        return _Chat._whole(body, message, "stop", (1000, 9))

    @staticmethod
    def cut_short(body: Json) -> Json:
        return _Chat._whole(body, {"role": "assistant", "content": '{"claims": [{"to'}, "length", (1000, 6000))

    @staticmethod
    def _whole(body: Json, message: Json, finish: str, tokens: tuple[int, int] | None) -> Json:
        whole: Json = {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }  # fmt: skip
        if tokens is not None:
            a, b = tokens
            whole["usage"] = {"prompt_tokens": a, "completion_tokens": b, "total_tokens": a + b}
        return whole

    @staticmethod
    def error(step: Fails, told: str) -> Json:
        return {"error": {"message": told, "type": step.kind, "code": step.code, "param": None}}


class _Responses:
    @staticmethod
    def answer(body: Json, what: object, tokens: tuple[int, int] | None) -> Json:
        output: Json = {
            "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": _text(what), "annotations": []}],
        }  # fmt: skip
        if body.get("tools") and not isinstance(what, str):
            output = {
                "type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed",
                "name": body["tools"][0]["name"], "arguments": _text(what),
            }  # fmt: skip
        return _Responses._whole(body, output, tokens)

    @staticmethod
    def refusal(body: Json) -> Json:
        output = {
            "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "refusal", "refusal": "I cannot help with that."}],
        }  # fmt: skip
        return _Responses._whole(body, output, (1000, 9))

    @staticmethod
    def cut_short(body: Json) -> Json:
        output = {
            "type": "message", "id": "msg_1", "role": "assistant", "status": "incomplete",
            "content": [{"type": "output_text", "text": '{"claims": [{"to', "annotations": []}],
        }  # fmt: skip
        whole = _Responses._whole(body, output, (1000, 6000))
        return {**whole, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}

    @staticmethod
    def _whole(body: Json, output: Json, tokens: tuple[int, int] | None) -> Json:
        whole: Json = {
            "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": body["model"],
            "output": [output], "parallel_tool_calls": False, "tool_choice": "auto", "tools": [], "error": None,
            "incomplete_details": None,
        }  # fmt: skip
        if tokens is not None:
            a, b = tokens
            whole["usage"] = {
                "input_tokens": a, "output_tokens": b, "total_tokens": a + b,
                "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
            }  # fmt: skip
        return whole

    error = _Chat.error


class _Messages:
    @staticmethod
    def answer(body: Json, what: object, tokens: tuple[int, int] | None) -> Json:
        content: Json = {"type": "text", "text": _text(what)}
        if body.get("tools") and not isinstance(what, str):
            content = {"type": "tool_use", "id": "toolu_1", "name": body["tools"][0]["name"], "input": dict(what)}  # type: ignore[call-overload]
        return _Messages._whole(body, [content], "tool_use" if content["type"] == "tool_use" else "end_turn", tokens)

    @staticmethod
    def refusal(body: Json) -> Json:
        return _Messages._whole(body, [], "refusal", (1000, 9))

    @staticmethod
    def cut_short(body: Json) -> Json:
        return _Messages._whole(body, [{"type": "text", "text": '{"claims": [{"to'}], "max_tokens", (1000, 6000))

    @staticmethod
    def _whole(body: Json, content: list[Json], stop: str, tokens: tuple[int, int] | None) -> Json:
        a, b = tokens or (0, 0)
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": content,
            "stop_reason": stop, "stop_sequence": None, "usage": {"input_tokens": a, "output_tokens": b},
        }  # fmt: skip

    @staticmethod
    def error(step: Fails, told: str) -> Json:
        return {"type": "error", "error": {"type": step.kind, "message": told}}


class _Google:
    @staticmethod
    def answer(body: Json, what: object, tokens: tuple[int, int] | None) -> Json:
        part: Json = {"text": _text(what)}
        if body.get("tools") and not isinstance(what, str):
            name = body["tools"][0]["functionDeclarations"][0]["name"]
            part = {"functionCall": {"name": name, "args": dict(what)}}  # type: ignore[call-overload]
        return _Google._whole([part], "STOP", tokens)

    @staticmethod
    def refusal(body: Json) -> Json:
        return {
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
            "usageMetadata": {"promptTokenCount": 1000, "totalTokenCount": 1000},
        }

    @staticmethod
    def cut_short(body: Json) -> Json:
        return _Google._whole([{"text": '{"claims": [{"to'}], "MAX_TOKENS", (1000, 6000))

    @staticmethod
    def _whole(parts: list[Json], finish: str, tokens: tuple[int, int] | None) -> Json:
        whole: Json = {
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}],
            "modelVersion": "test",
        }
        if tokens is not None:
            a, b = tokens
            whole["usageMetadata"] = {"promptTokenCount": a, "candidatesTokenCount": b, "totalTokenCount": a + b}
        return whole

    @staticmethod
    def error(step: Fails, told: str) -> Json:
        return {"error": {"code": step.status, "message": told, "status": step.code or "UNKNOWN"}}
