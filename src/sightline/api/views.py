"""What answers of the API share: pages of a list, and why something failed. Times are UTC, durations seconds."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sightline.text import LANGUAGES, Language, Message

Item = TypeVar("Item")


class PageView(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = None
    """Hand it back as ``cursor`` for what comes after; null at the end."""


class CountedView(PageView[Item], Generic[Item]):
    total: int | None = None
    """Of all pages; only the first page says it."""


class ErrorView(BaseModel):
    """Why something could not be done."""

    type: str
    code: str
    message: dict[Language, str]

    @classmethod
    def of(cls, error: dict[str, Any] | None) -> ErrorView | None:
        if error is None:
            return None
        message = Message.of(error["key"], **error.get("fields", {}))
        return cls(
            type=error["type"],
            code=error["key"],
            message={language: message.render(language) for language in LANGUAGES},
        )
