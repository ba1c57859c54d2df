"""What a language model reads: rules, facts and transcript, the latter two as data that is never obeyed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from sightline.clock import Span
from sightline.insight.endpoint import Question, Turn
from sightline.insight.facts import Dossier, Fact, Word, shown_pictures
from sightline.insight.prompt import Prompt, SectionId
from sightline.insight.validate import Rejected
from sightline.text import Language

GAP = Fraction(7, 10)
"""Seconds of silence after which a new line of the transcript begins."""
LINE = Fraction(12)
"""Seconds after which one begins in any case, so that a moment can be cited closely."""
SPANS_SHOWN = 8
"""Moments of a fact that are put before the model."""


def question(dossier: Dossier, prompt: Prompt, turns: Sequence[Turn] = ()) -> Question:
    """The request. ``turns`` is what was said since the first question."""
    system = prompt.file.system[dossier.language].strip()
    if extra := prompt.file.policies.get(dossier.policy):
        system = f"{system}\n{extra[dossier.language].strip()}"
    first = Turn(False, _blocks(dossier, prompt), shown_pictures(dossier))
    return Question(system, (first, *turns), prompt.file.temperature, prompt.file.max_output_tokens)


def again(rejected: Sequence[Rejected], prompt: Prompt, language: Language) -> str:
    """What a model is told about the sentences that may not stand."""
    reasons = [
        {"claim": each.text, "problems": [reason.render(language) for reason in each.reasons]} for each in rejected
    ]
    return prompt.file.again[language].strip().format(reasons="\n".join(map(_line, reasons)))


def _blocks(dossier: Dossier, prompt: Prompt) -> str:
    """Sections one after the other. Data is JSON between two lines that depend on all of it, so it cannot hold them."""
    fence = f"data-{hashlib.sha256(dossier.canonical().encode()).hexdigest()[:24]}"
    rows = {
        SectionId.FACTS: [_fact(fact) for fact in dossier.citable],
        SectionId.PARTS: [{"part": p.id, "question": p.title, "span": _span(p.span)} for p in dossier.parts],
        SectionId.NOT_EVALUATED: [{"not_measured": sentence} for sentence in dossier.not_evaluated],
        SectionId.TRANSCRIPT: [
            {"span": _span(Span(line[0].span.start, line[-1].span.end)), "said": " ".join(word.text for word in line)}
            for line in lines(dossier.words)
        ],
    }
    blocks: list[str] = []
    for section in prompt.file.sections:
        title = section.title[dossier.language].strip()
        if section.id is SectionId.TASK:
            blocks.append(title)
        elif data := rows[section.id]:
            body = "\n".join(_line(row).replace(fence, "") for row in data)
            blocks.append(f"{title}\n<{fence}>\n{body}\n</{fence}>")
    return "\n\n".join(blocks)


def lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words in lines that end at a pause, or after a while."""
    line: list[Word] = []
    for word in words:
        if line and (word.span.start - line[-1].span.end >= GAP or word.span.end - line[0].span.start > LINE):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _fact(fact: Fact) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": fact.id,
        "part": fact.part,
        "title": fact.title,
        "value": fact.value_text,
        "range": fact.reference_text,
        "place": fact.place,
        "counted": fact.n,
        "coverage": f"{100 * fact.coverage:.0f} %",
        "spans": [_span(span) for span in fact.spans[:SPANS_SHOWN]],
    }
    return {name: value for name, value in shown.items() if value not in (None, "", [])}


def _span(span: Span) -> list[float]:
    start, end = span.seconds
    return [round(start, 2), round(end, 2)]


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False)
