"""The same done to many videos, each by itself: what cannot be done to one stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sightline.errors import RequestInvalid, SightlineError
from sightline.library.actor import Actor
from sightline.service.access import Right, require
from sightline.service.videos import Videos, clean_tags

MOST = 500


class Action(StrEnum):
    ADD_TAGS = "add_tags"
    REMOVE_TAGS = "remove_tags"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Done:
    done: tuple[str, ...]
    failed: tuple[tuple[str, SightlineError], ...]
    """Which, and why."""


class Bulk:
    def __init__(self, videos: Videos) -> None:
        self._videos = videos

    def do(self, actor: Actor, video_ids: Sequence[str], action: Action, tags: Sequence[str]) -> Done:
        """In the order of the ids, each once. Raises `RequestInvalid` for tags that cannot be, or none where some are
        needed, and `NotAllowed` for somebody who may change nothing anywhere."""
        require(actor, Right.EDIT)
        named = clean_tags(tags)
        if action is not Action.REMOVE and not named:
            raise RequestInvalid("library.no_tags")
        done, failed = [], []
        step = self._step(actor, action, named)
        for video_id in dict.fromkeys(video_ids[:MOST]):
            try:
                step(video_id)
            except SightlineError as error:
                failed.append((video_id, error))
            else:
                done.append(video_id)
        return Done(tuple(done), tuple(failed))

    def _step(self, actor: Actor, action: Action, tags: Sequence[str]) -> Callable[[str], object]:
        match action:
            case Action.ADD_TAGS:
                return lambda video_id: self._videos.retag(actor, video_id, lambda has: {*has, *tags})
            case Action.REMOVE_TAGS:
                return lambda video_id: self._videos.retag(actor, video_id, lambda has: has - set(tags))
            case Action.REMOVE:
                return lambda video_id: self._videos.remove(actor, video_id)
