"""Feedback without a language model: fixed sentences over the same facts.

What lies within its reference range is a strength, the best covered of each group first. What lies outside is something
to practise, the farthest outside first. What has no range, or was measured on too little of the media, is not judged.
The same dossier gives the same sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sightline.clock import Span
from sightline.insight.claims import Claim, Feedback, Topic
from sightline.insight.facts import ABOVE, BELOW, WITHIN, Dossier, Fact
from sightline.insight.keywords import categories
from sightline.insight.prompt import Prompt
from sightline.text import Message, catalogue, words

MOST = 3
"""Strengths, and things to practise; more than a person takes up at once. [H]"""
MOST_ADVICE = 3
SPANS_CITED = 3
"""Moments a sentence points at."""
RECORDING = ("picture", "sound")
"""Groups of facts about the recording and not about the person: never a strength, and fixed before anything else."""
UNTRAINED = ("blink_",)
"""Beginnings of ids of what a person does not decide: shown in the report, neither praised nor to be practised."""
FAMILIES = {
    "eojeol_per_min": "pace",
    "syllables_per_min_ko": "pace",
    "words_per_min": "pace",
    "mos_background": "sound",
    "mos_overall": "sound",
    "mos_signal": "sound",
    "snr": "sound",
}
"""Metrics of which one says what the others say: the first of a family is spoken of."""


@dataclass(frozen=True, slots=True)
class TemplateWriter:
    """Writes from templates. Says that no language model was asked, or why one that was asked has no word here."""

    prompt: Prompt
    """Of which only the keyword categories are used."""

    def write(self, dossier: Dossier) -> Feedback:
        return self.write_because(dossier, Message.of("insight.note.no_model"))

    def write_because(self, dossier: Dossier, note: Message) -> Feedback:
        judged = [fact for fact in dossier.citable if fact.place in (BELOW, WITHIN, ABOVE) and _is_trained(fact)]
        within = (fact for fact in judged if fact.place == WITHIN and fact.group not in RECORDING)
        good = _varied(_one_a_family(sorted(within, key=_by_trust)))
        off = _one_a_family(sorted((fact for fact in judged if fact.place != WITHIN), key=_by_need))
        claims = (
            *_summary(judged, dossier),
            *(_claim(Topic.STRENGTH, "within", fact, dossier) for fact in good[:MOST]),
            *(_claim(Topic.PRACTISE, str(fact.place), fact, dossier) for fact in off[:MOST]),
            *_advice(off, dossier),
        )
        return Feedback(
            language=dossier.language,
            source="templates",
            claims=claims,
            categories=categories(dossier, self.prompt),
            prompt=self.prompt.name,
            note=note if claims else Message.of("insight.note.nothing_measured"),
        )


def _summary(judged: Sequence[Fact], dossier: Dossier) -> Sequence[Claim]:
    if not judged:
        return ()
    # A metric is counted once, of the whole where it is known of the whole, and not again for each answer.
    counted = {fact.id: fact for fact in sorted(judged, key=lambda fact: fact.part is None)}
    cited = tuple(dict.fromkeys(fact.id for fact in judged))
    within = sum(counted[each].place == WITHIN for each in cited)
    text = words("insight.template.summary", dossier.language, count=len(cited), within=within)
    return (Claim(Topic.SUMMARY, text, cited, (dossier.whole,)),)


def _claim(topic: Topic, name: str, fact: Fact, dossier: Dossier) -> Claim:
    where = (
        "" if fact.part is None else words("insight.template.in_part", dossier.language, title=_question(fact, dossier))
    )
    text = words(
        f"insight.template.{name}", dossier.language,
        where=where, title=fact.title, value=fact.value_text, range=_range(fact, dossier),
    )  # fmt: skip
    return Claim(topic, text, (fact.id,), _spans(fact, dossier), fact.part)


def _is_trained(fact: Fact) -> bool:
    return not fact.id.startswith(UNTRAINED)


def _one_a_family(facts: Iterable[Fact]) -> list[Fact]:
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(FAMILIES.get(fact.id, fact.id), fact)
    return list(first.values())


def _varied(facts: Sequence[Fact]) -> list[Fact]:
    """The first of each group before the second of any."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, Fact]] = []
    for fact in facts:
        ranked.append((seen[fact.group], fact))
        seen[fact.group] += 1
    return [fact for _, fact in sorted(ranked, key=lambda each: each[0])]


def _advice(off: Sequence[Fact], dossier: Dossier) -> list[Claim]:
    """What can be done about what is off; nothing where there is no sentence for it."""
    known = catalogue(dossier.language)
    named = [(fact, f"insight.advice.{fact.id}.{fact.place}") for fact in off]
    return [
        Claim(Topic.ADVICE, known[key], (fact.id,), _spans(fact, dossier), fact.part)
        for fact, key in named
        if key in known
    ][:MOST_ADVICE]


def _spans(fact: Fact, dossier: Dossier) -> tuple[Span, ...]:
    return fact.spans[:SPANS_CITED] or (dossier.span_of(fact.part),)


def _question(fact: Fact, dossier: Dossier) -> str:
    return next(str(i) for i, part in enumerate(dossier.parts, 1) if part.id == fact.part)


def _range(fact: Fact, dossier: Dossier) -> str:
    if fact.reference_text:
        return fact.reference_text
    scale, unit = (100, "%") if fact.unit == "share" else (1, fact.unit)
    low, high = ("" if end is None else f"{scale * end:g}" for end in (fact.low, fact.high))
    return words("insight.template.range", dossier.language, low=low, high=high, unit=unit)


def _by_need(fact: Fact) -> tuple[bool, bool, float, str, str]:
    """The recording first, because it spoils the rest; the whole before its parts; then the farthest outside."""
    return fact.group not in RECORDING, fact.part is not None, -_distance(fact), fact.id, fact.part or ""


def _by_trust(fact: Fact) -> tuple[bool, float, str, str]:
    return fact.part is not None, -fact.coverage, fact.id, fact.part or ""


def _distance(fact: Fact) -> float:
    """How far outside its range a value lies, in widths of the range; of its nearer end where the range is open."""
    if fact.value is None:
        return 0.0
    outside = max(
        0.0 if fact.low is None else fact.low - fact.value, 0.0 if fact.high is None else fact.value - fact.high
    )
    if fact.low is not None and fact.high is not None:
        scale = fact.high - fact.low
    else:
        scale = abs(fact.low if fact.low is not None else fact.high or 0.0)
    return outside / scale if scale > 0 else outside
