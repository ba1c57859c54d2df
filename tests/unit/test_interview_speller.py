"""Syllables as they are said."""

from __future__ import annotations

import pytest

from sightline.desks.interview.speller import english_syllables, korean_syllables, sino_korean


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "영"), (1, "일"), (10, "십"), (11, "십일"), (20, "이십"), (100, "백"), (101, "백일"), (111, "백십일"),
        (1000, "천"), (2026, "이천이십육"), (10_000, "만"), (15_000, "만오천"), (21_000, "이만천"),
        (110_000, "십일만"), (100_000_000, "일억"), (110_000_000, "일억천만"), (100_010_000, "일억일만"),
        (1_000_000_000_000, "일조"),
    ],
)  # fmt: skip
def test_numbers_are_read_in_korean(number: int, said: str) -> None:
    assert sino_korean(number) == said


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("안녕하세요", 5), ("저는, 개발자입니다.", 8), ("2026년", 6), ("30%", 5), ("3.5배", 4), ("AI", 4),
        ("KAIST", 9), ("API를", 6), ("Python", 2), ("1,000명", 2), ("010", 3), ("", 0), ("…!?", 0), ("W", 3),
    ],
)  # fmt: skip
def test_korean_is_counted_as_it_is_said(text: str, syllables: int) -> None:
    assert korean_syllables(text) == syllables


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("hello", 2), ("people", 2), ("make", 1), ("makes", 1), ("changes", 2), ("whole", 1), ("table", 2),
        ("walked", 1), ("wanted", 2), ("I'm", 1), ("the", 1),
        ("engineer", 3), ("2026", 5), ("1984", 5), ("25", 3), ("7", 2), ("100", 3), ("50%", 4), ("API", 3),
        ("AWS", 5), ("strengths", 1), ("ask not", 2), ("country", 2),
    ],
)  # fmt: skip
def test_english_is_counted_as_it_is_said(text: str, syllables: int) -> None:
    assert english_syllables(text) == syllables


def test_apostrophes_and_capitals_break_nothing() -> None:
    assert korean_syllables("I'M OK'd") >= 2
    assert english_syllables("I'M IT'S") >= 2
