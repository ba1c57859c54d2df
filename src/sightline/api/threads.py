"""From a request's asynchronous body to use cases, which are synchronous and run in threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, from_thread, to_thread
from fastapi import Request

from sightline.errors import RequestInvalid

Result = TypeVar("Result")
SILENCE_S = 30
"""A sender that says nothing for so long is gone: others may go on with its upload."""
SENDERS = 40
"""Bodies read at the same time; more wait."""


async def in_thread(work: Callable[[], Result]) -> Result:
    """The result of ``work``, run in a thread of the pool."""
    return await to_thread.run_sync(work)


async def while_sending(request: Request, work: Callable[[], Result]) -> Result:
    """As `in_thread`, for what reads the request's `pieces`. A client that goes away stops it at the next one.

    In threads apart: slow senders keep theirs as long as they like, and must not hold up those who only ask.
    """
    senders: CapacityLimiter = request.app.state.senders
    return await to_thread.run_sync(work, limiter=senders)


def pieces(chunks: AsyncIterator[bytes]) -> Iterator[bytes]:
    """The pieces of a body, one after another, for `while_sending`."""

    async def following() -> bytes | None:
        try:
            with fail_after(SILENCE_S):
                return await anext(chunks, None)
        except TimeoutError:
            raise RequestInvalid("api.silent_body", seconds=SILENCE_S) from None

    while (piece := from_thread.run(following)) is not None:
        if piece:
            yield piece
