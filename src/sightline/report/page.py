"""What every HTML report is built with: texts in both languages at once, the security policy, assets, script data."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sightline.clock import clock_text
from sightline.report.showing import number_text
from sightline.text import LANGUAGES, Language, Message, told_by_others, words

Both = dict[Language, str]
"""A text in every language."""

_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
"""Control characters, which names of files and tags may hold and a page may not, as their pictures (␛)."""


def both(say: Callable[[Language], str]) -> Both:
    return {language: say(language) for language in LANGUAGES}


def sentence(key: str, **fields: object) -> Both:
    return both(lambda language: words(key, language, **fields))


def say(texts: Both) -> Markup:
    """A text in both languages, of which style shows one; once when they are the same."""
    if len(set(texts.values())) == 1:
        return escape(texts[Language.ENGLISH])
    parts = (Markup('<span class="l-{0}" lang="{0}">{1}</span>').format(lang.value, texts[lang]) for lang in LANGUAGES)
    return Markup("").join(parts)


def source_of(source: str) -> Markup:
    """Where a limit or a range comes from."""
    return say(both(lambda language: told_by_others(source, language)))


def attribute(name: str, language: str, texts: Both) -> Markup:
    """An attribute in the report's language, with both beside it for the script to change."""
    rest = Markup(" ").join(Markup('data-{0}-{1}="{2}"').format(name, lang.value, texts[lang]) for lang in LANGUAGES)
    return Markup('{0}="{1}" {2}').format(name, texts[Language(language)], rest)


def render_message(message: Message) -> Markup:
    return say(both(message.render))


def policy(style: str, script: str, *further: str) -> str:
    """Content security policy: nothing from anywhere but this file's own style, script and pictures, and what
    ``further`` directives allow."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src-elem 'sha256-{_sha256(style)}'",
            "style-src-attr 'unsafe-inline'",
            f"script-src 'sha256-{_sha256(script)}'",
            *further,
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def assets(package: str, *names: str) -> str:
    """Files of a package's ``assets``, one after another."""
    folder = resources.files(package) / "assets"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def ours(text: str) -> Markup:
    """A style or script of our own files, whose hash stands in the policy."""
    return Markup(text)  # noqa: S704


def script_data(data: Mapping[str, Any]) -> Markup:
    """JSON no markup can end."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  (nothing left in it that HTML could read)


def page_bytes(page: str) -> bytes:
    return page.translate(_VISIBLE).encode("utf-8")


def environment(packages: Sequence[str], part: str, **helpers: Any) -> Environment:
    """Templates of these packages' ``assets``, with the words of one part of the catalogue as ``t``, ``attr``,
    ``plain``."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package, "assets") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        {
            "t": lambda key, **fields: say(sentence(f"{part}.{key}", **fields)),
            "say": say,
            "attr": lambda name, language, key, **fields: attribute(
                name, language, sentence(f"{part}.{key}", **fields)
            ),
            "attr_of": attribute,
            "render": render_message,
            "source_of": source_of,
            "clock": clock_text,
            "number": number_text,
            "plain": lambda key, language: words(f"{part}.{key}", Language(language)),
        }
        | helpers
    )
    return made
