"""How many syllables a written word has when it is said: blocks of Hangul, numbers and Latin letters spelt out.

Recognisers write 2026년 and AI where people say 이천이십육 년 and 에이아이. Counting signs would count wrong.
"""

from __future__ import annotations

import re
from string import ascii_lowercase

_TOKEN = re.compile(r"[가-힣]+|[0-9][0-9,]*(?:\.[0-9]+)?|[A-Za-z]+(?:'[A-Za-z]+)?|%")
_LETTERS = {letter: int(count) for letter, count in zip(ascii_lowercase, "21111213222111111121123222", strict=True)}
"""Syllables of the Korean names of Latin letters: 에이 비 시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알
에스 티 유 브이 더블유 엑스 와이 제트."""
_PERCENT = 3
"""퍼센트."""
_GROUPS = 4
"""Korean counts in ten thousands: 만, 억, 조, 경."""
_VOWEL_GROUPS = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?:[aeiouy]l|[^aeiouyl])e$|(?:[aeiouy]l|[^aeiouylsxzcgh])es$")
_ED = re.compile(r"[^aeioutd]ed$")


def korean_syllables(text: str) -> int:
    """Syllables of a Korean word or sentence as it is said."""
    return sum(_korean_token(written) for written in _TOKEN.findall(text))


def english_syllables(text: str) -> int:
    """Syllables of an English word or sentence, estimated from its spelling: groups of vowels, without a silent e.

    An estimate: English spelling does not tell for sure.
    """
    return sum(_english_token(written) for written in _TOKEN.findall(text))


def sino_korean(number: int) -> str:
    """A whole number from 0 below 10^20 as it is read: 이천이십육."""
    if number == 0:
        return "영"
    words, unit = [], 0
    while number:
        number, group = divmod(number, 10**_GROUPS)
        if group:
            # 만 alone is said without 일; 억 and beyond are not.
            said = "" if group == 1 and unit == 1 and not number else _below_ten_thousand(group)
            words.append(said + ("", "만", "억", "조", "경")[unit])
        unit += 1
    return "".join(reversed(words))


def _below_ten_thousand(number: int) -> str:
    said = ""
    for place, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            said += ("" if digit == 1 and name else "일이삼사오육칠팔구"[digit - 1]) + name
    return said


def _korean_token(written: str) -> int:
    if "가" <= written[0] <= "힣":
        return len(written)
    if written == "%":
        return _PERCENT
    if written[0].isdigit():
        return len(_number(written))
    # Short capitals are spelt letter by letter; a word is said as a word, with about as many blocks as syllables.
    if written.isupper() and len(written) <= 5:
        return sum(_LETTERS.get(letter, 0) for letter in written.lower())
    return _english_token(written)


def _number(written: str) -> str:
    whole, _, decimals = written.replace(",", "").partition(".")
    # Longer ones, and those with leading zeros, are read digit by digit.
    digits = len(whole) > 16 or (len(whole) > 1 and whole[0] == "0")
    said = "".join("공일이삼사오육칠팔구"[int(digit)] for digit in whole) if digits else sino_korean(int(whole))
    return said + ("점" + "".join("영일이삼사오육칠팔구"[int(digit)] for digit in decimals) if decimals else "")


def _english_token(written: str) -> int:
    if "가" <= written[0] <= "힣":
        return len(written)
    if written == "%":
        return 2
    if written[0].isdigit():
        return _english_number(written)
    if written.isupper() and "'" not in written and 1 < len(written) <= 5:
        return sum(3 if letter == "W" else 1 for letter in written)
    word = written.lower().replace("'", "")
    groups = len(_VOWEL_GROUPS.findall(word))
    if groups > 1 and (_SILENT_E.search(word) or _ED.search(word)):
        groups -= 1
    return max(1, groups)


_ONES = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
"""Syllables of zero to nineteen."""
_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)
"""Of twenty to ninety."""


def _english_number(written: str) -> int:
    whole, _, decimals = written.replace(",", "").partition(".")
    if len(whole) > 12 or (len(whole) > 1 and whole[0] == "0"):
        return sum(_ONES[int(digit)] for digit in whole + decimals) + (1 if decimals else 0)
    return _english_integer(int(whole)) + (1 + sum(_ONES[int(digit)] for digit in decimals) if decimals else 0)


def _english_integer(number: int) -> int:
    if 1100 <= number <= 1999 or 2010 <= number <= 2099:
        # Years, and numbers said like them: nineteen eighty-four.
        high, low = divmod(number, 100)
        return _english_integer(high) + (_english_integer(low) if low >= 10 else 2 if not low else 1 + _ONES[low])
    count = 0
    for size, name in ((10**9, 2), (10**6, 2), (10**3, 2), (100, 2)):
        high, number = divmod(number, size)
        count += _english_integer(high) + name if high else 0
    if number >= 20:
        tens, number = divmod(number, 10)
        count += _TENS[tens] + (_ONES[number] if number else 0)
    elif number or not count:
        count += _ONES[number]
    return count
