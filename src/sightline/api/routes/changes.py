"""Changes as they happen, by server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.threads import in_thread
from sightline.errors import LimitExceeded
from sightline.service.feed import Told

router = APIRouter(tags=["changes"], responses=RESPONSES)
BEAT_S = 15
"""A comment after so long without a word, so that proxies keep the connection."""
MOST_WAITING = 10_000
MOST_LISTENERS = 500
_NOTHING = Told("", {})
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string"},
        "event": {"enum": ["change", "progress", "pull", "reset"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}


@router.get(
    "/changes",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"itemSchema": _EVENT}}}},
)
async def listen_to_changes(
    request: Request, actor: CurrentActor, since: int | None = Query(default=None, ge=0, le=2**62)
) -> StreamingResponse:
    """``change`` events say what was created, changed or removed; ``progress`` events how running jobs fare; ``pull``
    events, to administrators, how a model comes in that this process fetches; ``reset`` that too much was missed. After
    a break the browser sends ``Last-Event-ID`` and hears what it missed."""
    feed = platform_of(request).feed
    if feed.listeners >= MOST_LISTENERS:
        raise LimitExceeded("api.too_many_listeners")
    waiting: asyncio.Queue[Told | None] = asyncio.Queue(MOST_WAITING)
    loop = asyncio.get_running_loop()

    def hear(told: Told) -> None:
        def put() -> None:
            if waiting.full():
                # Too slow a listener: it comes back and hears the rest.
                while not waiting.empty():
                    waiting.get_nowait()
                waiting.put_nowait(None)
            else:
                waiting.put_nowait(told)

        if not loop.is_closed():
            loop.call_soon_threadsafe(put)

    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else since
    listener = await in_thread(lambda: feed.listen(actor, start, hear))
    stopping: asyncio.Event = request.app.state.stopping

    async def events() -> AsyncIterator[str]:
        asked_at = loop.time()
        try:
            yield "retry: 2000\n\n"
            while not stopping.is_set():
                told: Told | None = _NOTHING
                with suppress(TimeoutError):
                    told = await asyncio.wait_for(waiting.get(), BEAT_S)
                if loop.time() - asked_at >= BEAT_S:
                    # Whoever was signed out meanwhile hears no more.
                    if not await in_thread(lambda: platform_of(request).actors.still_is(actor)):
                        return
                    asked_at = loop.time()
                if told is None:
                    return
                yield ": still here\n\n" if told is _NOTHING else _event(told)
        finally:
            feed.leave(listener)

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def _event(told: Told) -> str:
    number = f"id: {told.id}\n" if told.id is not None else ""
    return f"{number}event: {told.event}\ndata: {json.dumps(dict(told.data), ensure_ascii=False)}\n\n"
