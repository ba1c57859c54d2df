"""What libraries, the system and documents say in English is said in Korean where Korean is read."""

from __future__ import annotations

import errno
import os
import re
from typing import Literal

import av
import pytest
from av.error import ErrorType
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sightline.desks.interview.rubric import parse_rubric, shipped_text
from sightline.errors import MediaUnreadable, RequestInvalid, TemplateInvalid
from sightline.service.template_reading import shipped_sources
from sightline.service.vocabulary import vocabulary
from sightline.text import Language, told_by_others, words

HANGUL = re.compile("[가-힣]")
KOREAN = Language.KOREAN


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=2, max_length=3)
    count: int = Field(ge=1, le=9)
    share: float = Field(gt=0, lt=1)
    is_on: bool
    to: Literal["keep", "warn", "info"]
    items: list[str] = Field(min_length=1, max_length=2)
    table: dict[str, int] = Field(default_factory=dict)
    key: str = Field(default="a", pattern="^a")


GOOD = {"name": "abc", "count": 1, "share": 0.5, "is_on": True, "to": "keep", "items": ["a"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "a"}, {"name": "abcd"}, {"name": 5}, {"count": 0}, {"count": 10}, {"count": "x"}, {"count": 1.5},
        {"share": 0}, {"share": 1}, {"share": "x"}, {"share": float("nan")}, {"is_on": "perhaps"}, {"to": "eat"},
        {"items": []}, {"items": ["a", "b", "c"]}, {"items": 1}, {"table": 1}, {"table": {"a": "x"}}, {"other": 1},
        {"key": "b"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("strict", [True, False])
def test_what_validation_says_is_korean(changed: dict[str, object], strict: bool) -> None:
    try:
        _Part.model_validate(GOOD | changed, strict=strict)
    except ValidationError as error:
        for one in error.errors():
            assert HANGUL.search(told_by_others(one["msg"], KOREAN)), one["msg"]
            assert told_by_others(one["msg"], Language.ENGLISH) == one["msg"]
    with pytest.raises(ValidationError) as missing:
        _Part.model_validate({})
    assert told_by_others(missing.value.errors()[0]["msg"], KOREAN) == "꼭 있어야 합니다"


def test_what_differs_is_filled_in() -> None:
    assert told_by_others("Input should be greater than or equal to 3", KOREAN) == "3 이상이어야 합니다"
    assert told_by_others("EBU R 103 (second-hand)", KOREAN) == "EBU R 103(간접 인용)"
    assert told_by_others("Nobody has seen this yet", KOREAN) == "Nobody has seen this yet"
    assert told_by_others("Field required" * 100, KOREAN) == "Field required" * 100


def test_what_ffmpeg_says_is_korean_in_a_korean_sentence() -> None:
    rare = {"BUFFER_TOO_SMALL", "INPUT_CHANGED", "OUTPUT_CHANGED", "PYAV_CALLBACK"}
    for kind in ErrorType:
        if kind.name not in rare and not kind.name.startswith("HTTP_"):
            assert HANGUL.search(told_by_others(kind.strerror, KOREAN)), kind.strerror
    error = MediaUnreadable("errors.media_unreadable", path="a.mp4", reason="Invalid data found when processing input")
    assert "Invalid data" not in error.message.render(KOREAN)
    assert "Invalid data" in error.message.render(Language.ENGLISH)
    assert av.__version__


@pytest.mark.parametrize("name", ["ENOENT", "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ENOSPC", "EIO", "EROFS", "ENOMEM"])
def test_what_the_system_says_is_korean(name: str) -> None:
    assert HANGUL.search(told_by_others(os.strerror(getattr(errno, name)), KOREAN))


def test_every_source_that_is_more_than_a_name_is_korean() -> None:
    told = shipped_sources()
    assert len(told) > 50
    names = re.compile(r"[A-Z][\w./ -]*( v?[\d.]+)?( s1)?( \(\d{4}\))?( [A-Z0-9]+)*")
    left = {one for one in told if not HANGUL.search(told_by_others(one, KOREAN)) and not names.fullmatch(one)}
    assert not left
    assert vocabulary(KOREAN).words["source.heuristic"] == "경험칙"


def test_a_rubrics_mistakes_are_korean() -> None:
    whole = shipped_text("default")
    for before, after in (
        ("version: 1", "version: 0"), ("most: 60", "most: lots"), ("rising(0.20, 0.60)", "climbing(1)"),
        ("rising(0.20, 0.60)", "rising(0.20)"), ("metric: on_camera_share", "metric: charm"),
        ("weight: 0.5", "weight: 0.75"),
    ):  # fmt: skip
        assert before in whole
        with pytest.raises(TemplateInvalid) as raised:
            parse_rubric("mine", whole.replace(before, after, 1))
        assert HANGUL.search(raised.value.message.render(KOREAN).partition(": ")[2]), after


def test_names_people_gave_are_left_as_they_are() -> None:
    assert "Field required" in words("library.bad_template_name", KOREAN, name="Field required")
    assert "heuristic" in RequestInvalid("library.bad_template_name", name="heuristic").message.render(KOREAN)
