"""Whether a sentence of a language model may stand: everything it cites exists, and everything it says is cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sightline.clock import Span
from sightline.insight.claims import Claim, Topic
from sightline.insight.facts import ABOVE, BELOW, WITHIN, Dossier, Fact
from sightline.insight.figures import strange_figures, texts_beside
from sightline.insight.lexicon import lexicon, visible
from sightline.insight.prompt import Prompt
from sightline.insight.reply import Moment, Reply, ReplyClaim
from sightline.text import Language, Message

LONGEST = 400
"""Characters of a sentence; the model is asked for fewer."""
SLACK = Fraction(1, 10)
"""Seconds a cited moment may reach over an edge: moments are shown to the model with two decimals."""
_SENTENCE_ENDS = re.compile(r"[.!?。！？…]+[\"'”’)\]]*\s+(?=\S)|\n")
_QUOTED = re.compile(r"[“\"「『‘]([^”\"」』’]{2,})[”\"」』’]")
_LEADS_AWAY = re.compile(
    r"[a-z][a-z0-9+.-]*://|(?<![a-z0-9])www\.|[\w.+-]+@[\w-]+\.\w|(?<![a-z0-9-])[a-z0-9-]+(\.[a-z0-9-]+)+/\w"
    r"|(?<![a-z])(javascript|mailto|data):\S|</?[a-z!]|\]\(|```"
)
"""Addresses and markup: who is told to go somewhere was not told so by a measurement, but perhaps by a transcript."""
_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that may not stand, and everything that is wrong with it."""

    text: str
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of an answer, and what is not."""

    claims: tuple[Claim, ...]
    rejected: tuple[Rejected, ...]


def check(reply: Reply, dossier: Dossier, prompt: Prompt) -> Checked:
    """Each claim on its own, in the order given; then no more of a topic than the prompt allows."""
    claims: list[Claim] = []
    rejected: list[Rejected] = []
    for given in reply.claims:
        reasons = tuple(_reasons(given, dossier))
        if reasons:
            rejected.append(Rejected(given.text, reasons))
            continue
        claim = _claim(given, dossier)
        already = [other for other in claims if other.topic is claim.topic]
        if any(visible(other.text) == visible(claim.text) for other in claims):
            continue
        if len(already) < prompt.file.most[claim.topic]:
            claims.append(claim)
    return Checked(tuple(claims), tuple(rejected))


def _reasons(given: ReplyClaim, dossier: Dossier) -> Iterator[Message]:
    yield from _wording(given.text, dossier)
    if given.part is not None and given.part not in {part.id for part in dossier.parts}:
        yield Message.of("insight.rejected.unknown_part", part=_short(given.part))
        return
    evidence = [*_of_metrics(given, dossier), *_of_spans(given, dossier)]
    yield from evidence
    if evidence:
        return
    facts, spans = _facts(given, dossier), _spans(given, dossier)
    yield from _of_topic(given.topic, facts)
    yield from _of_relation(given, facts, spans, dossier)
    said = [word.text for word in dossier.words_in(spans)] if given.topic is Topic.ANSWER else []
    texts = [*texts_beside(dossier, given.part), *said]
    for number in strange_figures(given.text, facts, spans, texts, is_advice=given.topic is Topic.ADVICE):
        yield Message.of("insight.rejected.number", number=_short(number))
    yield from _of_quotes(given.text, spans, dossier)


def _wording(text: str, dossier: Dossier) -> Iterator[Message]:
    stripped = text.strip()
    if not stripped:
        yield Message.of("insight.rejected.empty")
        return
    if len(stripped) > LONGEST:
        yield Message.of("insight.rejected.too_long", most=LONGEST)
    if _SENTENCE_ENDS.search(stripped):
        yield Message.of("insight.rejected.one_sentence")
    if _LEADS_AWAY.search(visible(stripped)):
        yield Message.of("insight.rejected.leads_away")
    hangul, latin = len(_HANGUL.findall(stripped)), len(_LATIN.findall(_QUOTED.sub("", stripped)))
    if dossier.language is Language.KOREAN and not hangul:
        yield Message.of("insight.rejected.language", language="한국어")
    if dossier.language is Language.ENGLISH and len(_HANGUL.findall(_QUOTED.sub("", stripped))) > latin:
        yield Message.of("insight.rejected.language", language="English")
    words = lexicon()
    for hit in words.hits(stripped, words.topics(dossier.policy, dossier.forbidden)):
        yield Message.of(f"insight.rejected.word_{hit.topic}", word=hit.word)


def _of_metrics(given: ReplyClaim, dossier: Dossier) -> Iterator[Message]:
    if not given.metrics and given.topic is not Topic.ANSWER:
        yield Message.of("insight.rejected.no_metric")
    citable = dossier.citable
    for metric in given.metrics:
        facts = [fact for fact in dossier.facts if fact.id == metric and fact.part in (given.part, None)]
        if not facts:
            yield Message.of("insight.rejected.unknown_metric", metric=_short(metric))
        elif not any(fact in citable for fact in facts):
            yield Message.of("insight.rejected.not_measured", metric=_short(metric))


def _of_spans(given: ReplyClaim, dossier: Dossier) -> Iterator[Message]:
    if not given.spans:
        yield Message.of("insight.rejected.no_span")
    around = dossier.span_of(given.part)
    for moment in given.spans:
        if not moment.start_s < moment.end_s:
            yield Message.of("insight.rejected.span_empty", start=moment.start_s, end=moment.end_s)
        elif not around.grown(SLACK).covers(Span(_exact(moment.start_s), _exact(moment.end_s))):
            start, end = around.seconds
            yield Message.of(
                "insight.rejected.span_outside",
                start=moment.start_s, end=moment.end_s, first=round(start, 2), last=round(end, 2),
            )  # fmt: skip


def _of_topic(topic: Topic, facts: Sequence[Fact]) -> Iterator[Message]:
    """What is off is no strength, and what is as it should be need not be practised."""
    off = [fact.place in (BELOW, ABOVE) for fact in facts]
    if topic is Topic.STRENGTH and any(off):
        yield Message.of("insight.rejected.no_strength")
    if topic is Topic.PRACTISE and facts and all(fact.place == WITHIN for fact in facts):
        yield Message.of("insight.rejected.no_practise")


def _of_relation(
    given: ReplyClaim, facts: Sequence[Fact], spans: Sequence[Span], dossier: Dossier
) -> Iterator[Message]:
    """A moment must be one at which what is cited was seen, or said."""
    if given.topic is Topic.ANSWER and not dossier.words_in(spans):
        yield Message.of("insight.rejected.nothing_said")
    seen = [span for fact in facts for span in fact.spans]
    if given.topic is Topic.ANSWER or not seen or any(not fact.spans for fact in facts):
        return
    for span in spans:
        if not any(_touch(span, other) for other in seen):
            start, end = span.seconds
            yield Message.of("insight.rejected.span_unrelated", start=round(start, 2), end=round(end, 2))


def _of_quotes(text: str, spans: Sequence[Span], dossier: Dossier) -> Iterator[Message]:
    """Words in quotation marks were said, in this order, within the moments cited; or are a fact's name."""
    said = _run(" ".join(word.text for word in dossier.words_in(spans)))
    names = {_run(fact.title) for fact in dossier.facts} | {_run(part.title) for part in dossier.parts}
    for quoted in _QUOTED.findall(text):
        run = _run(quoted)
        if run and run not in said and run not in names:
            yield Message.of("insight.rejected.quote", quote=_short(quoted))


def _claim(given: ReplyClaim, dossier: Dossier) -> Claim:
    metrics = tuple(dict.fromkeys(given.metrics))
    # Signs that are not seen could turn what stands beside them around.
    seen = "".join(sign for sign in given.text if sign.isprintable() or sign.isspace())
    return Claim(given.topic, " ".join(seen.split()), metrics, tuple(_spans(given, dossier)), given.part)


def _facts(given: ReplyClaim, dossier: Dossier) -> list[Fact]:
    return [f for f in dossier.citable if f.id in given.metrics and f.part in (given.part, None)]


def _spans(given: ReplyClaim, dossier: Dossier) -> list[Span]:
    around = dossier.span_of(given.part)
    return [_within(moment, around) for moment in given.spans]


def _within(moment: Moment, around: Span) -> Span:
    start = min(max(_exact(moment.start_s), around.start), around.end)
    return Span(start, max(start, min(_exact(moment.end_s), around.end)))


def _touch(one: Span, other: Span) -> bool:
    return one.grown(SLACK).overlap(other.grown(SLACK)) > 0


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)


def _run(text: str) -> str:
    """Letters and digits alone: neither spaces nor signs tell whether a word was said."""
    return "".join(character for character in visible(text) if character.isalnum())


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
