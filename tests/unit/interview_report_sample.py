"""An interview as a report gets it, made without any video: columns, events, metrics, scores and feedback that agree
with one another in shape, drawn from a seeded generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import report_sample

from sightline.clock import Span
from sightline.desks.judgement import Judgement, Metric, Part, Place, Reference, Score, Standing, Term
from sightline.insight.claims import Category, Claim, Feedback, Topic
from sightline.report.report import Report
from sightline.text import Language, Message
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Provenance, Timeline

MADE_AT = "2026-11-21T09:30:00+00:00"
SECONDS = 204
_TEXT = (
    "안녕하세요 저는 백엔드 개발자로 오 년 동안 결제 시스템을 만들어 왔습니다 가장 "
    "기억에 남는 일은 정산이 늦어지던 문제를 동료들과 함께 풀었던 경험입니다 원인을 "
    "찾으려고 먼저 로그를 시간 순서로 모았고 병목이 되는 쿼리를 하나씩 줄였습니다 "
    "그 결과 처리 시간이 여덟 시간에서 사십 분으로 줄었고 매달 반복되던 야근도 "
    "없어졌습니다 다음에는 처음부터 지표를 함께 설계해서 문제를 더 일찍 발견하고 "
    "싶습니다"
)
SAID = _TEXT.split()
Floats = npt.NDArray[np.float64]


def seconds(start: float, end: float) -> Span:
    return Span(Fraction(str(round(start, 3))), Fraction(str(round(end, 3))))


def _slow(rng: np.random.Generator, count: int, every: int, spread: float) -> Floats:
    """A curve that wanders."""
    knots = rng.normal(0, spread, count // every + 2)
    return np.asarray(np.interp(np.arange(count), np.arange(len(knots)) * every, knots))


def faces(length_s: float, blinks: Sequence[float]) -> Columns:
    rng = np.random.default_rng(5)
    count = int(length_s * 15)
    times = np.arange(count) / 15
    open_ = 0.31 + rng.normal(0, 0.008, count)
    for at in blinks:
        open_[(times >= at) & (times < at + 0.2)] = 0.08
    smile = np.clip(0.08 + _slow(rng, count, 90, 0.3), 0, 0.95)
    values: dict[str, tuple[str, Floats]] = {
        "face": ("index", np.zeros(count)), "count": ("count", np.ones(count)), "found_by": ("class", np.ones(count)),
        "score": ("share", np.full(count, 0.97)),
        "left": ("share", 0.38 + _slow(rng, count, 60, 0.01)), "top": ("share", np.full(count, 0.22)),
        "width": ("share", np.full(count, 0.22)), "height": ("share", np.full(count, 0.36)),
        "yaw": ("deg", 3 + _slow(rng, count, 30, 6)), "pitch": ("deg", -4 + _slow(rng, count, 25, 4)),
        "roll": ("deg", _slow(rng, count, 50, 2.5)),
        "eye_left": ("ratio", open_), "eye_right": ("ratio", open_ + 0.01),
        "gaze_yaw": ("deg", _slow(rng, count, 20, 5)), "gaze_pitch": ("deg", -6 + _slow(rng, count, 20, 4)),
        "mouthSmileLeft": ("share", smile), "mouthSmileRight": ("share", smile),
    }  # fmt: skip
    gone = (times > length_s * 0.62) & (times < length_s * 0.64)
    columns = []
    for name, (unit, column) in values.items():
        told = np.asarray(column, np.float64).copy()
        told[gone] = {"face": -1, "count": 0, "found_by": 0}.get(name, np.nan)
        columns.append(Column(name, unit, told.astype(np.int32 if name in ("face", "count") else np.float32)))
    notes = {"width_px": 1280, "height_px": 720}
    return Columns("faces", Fraction(1, 15), np.arange(count, dtype=np.int64), count, tuple(columns), notes)


def pose(length_s: float) -> Columns:
    rng = np.random.default_rng(6)
    count = int(length_s * 5)
    tilt = _slow(rng, count, 20, 0.008)
    values = {
        "shoulder_left_x": np.full(count, 0.66), "shoulder_left_y": 0.8 + tilt,
        "shoulder_right_x": np.full(count, 0.34), "shoulder_right_y": 0.8 - tilt,
        "shoulder_left_visibility": np.ones(count), "shoulder_right_visibility": np.ones(count),
    }  # fmt: skip
    columns = tuple(Column(name, "share", column.astype(np.float32)) for name, column in values.items())
    notes = {"width_px": 1280, "height_px": 720}
    return Columns("pose", Fraction(1, 5), np.arange(count, dtype=np.int64), count, columns, notes)


def pitch(length_s: float) -> Columns:
    rng = np.random.default_rng(8)
    count = int(length_s * 100)
    f0 = 190 * 2 ** (_slow(rng, count, 40, 3) / 12)
    f0[_slow(rng, count, 60, 1.0) < -0.3] = np.nan
    strength = np.where(np.isnan(f0), 0.1, 0.8)
    columns = (Column("f0", "hz", f0.astype(np.float32)), Column("strength", "share", strength.astype(np.float32)))
    return Columns("pitch", Fraction(1, 100), np.arange(count, dtype=np.int64), count, columns)


def loudness(length_s: float) -> Columns:
    rng = np.random.default_rng(11)
    count = int(length_s * 100)
    momentary = (-21 + _slow(rng, count, 150, 4)).astype(np.float32)
    power = 10 ** ((momentary.astype(np.float64) + 0.691) / 10)
    columns = (
        Column("momentary", "lufs", momentary),
        Column("short_term", "lufs", momentary),
        Column("power_0", "power", power),
    )
    return Columns(
        "loudness", Fraction(1, 100), np.arange(count, dtype=np.int64), count, columns, {"weight_0": 1.0, "channels": 1}
    )


def spoken(length_s: float, said: Sequence[str] = tuple(SAID)) -> Iterator[tuple[float, float, str, int]]:
    """Start, end, text and segment of words that fill the time, with a pause after every tenth."""
    rng = np.random.default_rng(9)
    at, number = 3.0, 0
    while at < length_s - 2:
        lasts = float(rng.uniform(0.24, 0.55))
        yield at, at + lasts, said[number % len(said)], number // 10
        number += 1
        at += lasts + (float(rng.uniform(0.3, 2.8)) if number % 10 == 0 else 0.02)


def words(rows: Sequence[tuple[float, float, str, int]], length_s: float) -> Columns:
    def texts(values: Sequence[str]) -> npt.NDArray[np.object_]:
        made = np.empty(len(values), object)
        made[:] = values
        return made

    rng = np.random.default_rng(10)
    ticks = np.array([round(start * 16000) for start, *_ in rows], np.int64)
    columns = (
        Column("until", "ticks", np.array([round(end * 16000) for _, end, *_ in rows], np.int64)),
        Column("text", "text", texts([text for *_, text, _ in rows])),
        Column("probability", "share", rng.uniform(0.35, 1, len(rows)).astype(np.float32)),
        Column("segment", "index", np.array([segment for *_, segment in rows], np.int32)),
        Column("language", "text", texts(["ko"] * len(rows))),
    )
    notes = {"language": "ko", "language_probability": 0.99, "model": "speech_whisper_medium"}
    return Columns("words", Fraction(1, 16000), ticks, int(length_s * 16000), columns, notes)


def events(
    length_s: float, rows: Sequence[tuple[float, float, str, int]], blinks: Sequence[float]
) -> tuple[Event, ...]:
    found = [
        Event("blink", seconds(at, at + 0.2), Severity.INFO, 0.9, {"value": 0.2, "unit": "s", "face": 0})
        for at in blinks
    ]
    for one, other in pairwise(rows):
        if other[0] - one[1] >= 0.25:
            gap = round(other[0] - one[1], 2)
            evidence = {"value": gap, "unit": "s", "threshold": ">= 0.25"}
            found.append(Event("pause", seconds(one[1], other[0]), Severity.INFO, 0.95, evidence))
    segments = sorted({segment for *_, segment in rows})
    for segment in segments:
        inside = [row for row in rows if row[3] == segment]
        found.append(Event("speech", seconds(inside[0][0], inside[-1][1]), Severity.INFO, 0.95))
    for row in rows[6::23]:
        evidence = {"value": 0.3, "unit": "s", "word": row[2]}
        found.append(Event("filler", seconds(row[0], row[1]), Severity.INFO, 0.7, evidence))
    for at in np.arange(8, length_s - 4, 26.5).tolist():
        evidence = {"value": 17.5, "unit": "deg", "threshold": "> 12", "face": 0}
        found.append(Event("gaze_away", seconds(at, at + 1.4), Severity.INFO, 0.8, evidence, ("down",)))
        found.append(Event("smile", seconds(at + 2, at + 4.1), Severity.INFO, 0.8, {"value": 0.6, "unit": "share"}))
        found.append(Event("nod", seconds(at + 6, at + 7), Severity.INFO, 0.7, {"value": 4.2, "unit": "deg"}))
        found.append(Event("gesture", seconds(at + 9, at + 10.2), Severity.INFO, 0.7))
        found.append(Event("slouch", seconds(at + 12, at + 15.5), Severity.INFO, 0.6, {"value": 0.17, "unit": "share"}))
    found.append(Event("face_missing", seconds(length_s * 0.62, length_s * 0.64), Severity.WARNING, 1.0))
    found.append(
        Event("reading_like", seconds(length_s * 0.4, length_s * 0.43), Severity.INFO, 0.5, {"value": 3.2, "unit": "s"})
    )
    for number in range(max(1, int(length_s // 60))):
        evidence = {"speaker": number % 2, "value": 0.8, "unit": "share"}
        found.append(Event("speaker_turn", seconds(number * 60, number * 60 + 55), Severity.INFO, 0.8, evidence))
    return tuple(found)


def timeline(
    length_s: float = SECONDS, name: str = "김하늘_1차_면접.webm", said: Sequence[str] = tuple(SAID)
) -> Timeline:
    blinks = np.cumsum(np.random.default_rng(2).exponential(2.6, int(length_s / 2.4)) + 0.4)
    blinks = [float(at) for at in blinks if at < length_s - 1]
    rows = list(spoken(length_s, said))
    duration = Fraction(length_s)
    video = replace(report_sample.video(), width=1280, height=720, codec="vp9", duration=duration, start_timecode=None)
    media = replace(
        report_sample.media(name), videos=(video,), audios=(replace(report_sample.audio(), duration=duration),),
        container="matroska,webm", duration=duration, start_timecode=None,
    )  # fmt: skip
    meters = {"faces": 1, "pose": 1, "pitch": 1, "loudness": 1, "words": 1}
    return Timeline(
        media=media,
        columns={
            "faces": faces(length_s, blinks), "pose": pose(length_s), "pitch": pitch(length_s),
            "loudness": loudness(length_s), "words": words(rows, length_s),
        },
        provenance=Provenance("sightline 0.1.0", "2026-11-21T09:29:12+00:00", meters, 1, int(length_s * 30), (), 61.2),
        not_measured={"voice_mos": Message.of("report.needs_levels", name="voice_dnsmos")},
    ).with_events(events(length_s, rows, blinks))  # fmt: skip


TALKING = Reference(10.5, 32.5, "Doughty 2001: 95 % range while talking")
WHY = Message.of("report.no_figure.integrated_lufs")


def metrics(part: str | None = None) -> tuple[Metric, ...]:
    def made(metric_id: str, group: str, unit: str, value: float | None, **rest: object) -> Metric:
        spread = None if value is None else abs(value) * 0.08
        low, high = (None, None) if value is None or spread is None else (value - spread, value + spread)
        told = {"n": 120, "coverage": 0.94, "low": low, "high": high, "method": f"{metric_id}/1"} | rest
        return Metric(metric_id, group, unit, value, part=part, **told)  # type: ignore[arg-type]

    return (
        made("on_camera_share", "gaze", "share", 0.71, reference=Reference(0.6, 0.98, "heuristic: older system"),
             place=Place.WITHIN, spans=(seconds(8, 9.4), seconds(34.5, 35.9))),
        made("off_camera_glances", "gaze", "1/min", 14.2, reference=Reference(None, 30.0, "heuristic"),
             place=Place.WITHIN, low=None, high=None),
        made("gaze_spread", "gaze", "deg", 6.1, reference=Reference(None, 3.0, "heuristic"), place=Place.ABOVE),
        made("blink_rate_speaking", "face", "1/min", 21.4, reference=TALKING, place=Place.WITHIN, n=68),
        made("smile_share", "face", "share", 0.12, reference=Reference(0.08, 0.5, "heuristic"), place=Place.WITHIN),
        made("speech_rate", "speech", "syllables/min", 338.0, place=Place.ABOVE,
             reference=Reference(212.0, 310.0, "Speech Sciences 9(4), 2002: adults of 18 to 30"), n=612,
             spans=(seconds(51, 58),)),
        made("pause_share", "speech", "share", 0.18, spans=(seconds(60, 62.1),)),
        made("fillers_per_100_words", "speech", "1/100 words", 4.4, reference=Reference(None, 6.0, "ordinary: 2 to 6"),
             place=Place.WITHIN, n=24, spans=(seconds(5.2, 5.6), seconds(15, 15.4), seconds(27, 27.3))),
        made("pitch_spread", "voice", "st", 2.9, reference=Reference(2.0, 4.0, "heuristic"), place=Place.WITHIN),
        made("voice_mos", "voice", "mos", None, n=0, coverage=0.0, reason=WHY),
        made("face_width", "picture", "share", 0.22, reference=Reference(0.15, 0.35, "heuristic"), place=Place.WITHIN),
        made("shoulder_tilt", "posture", "deg", 3.4, reference=Reference(-5.0, 5.0, "heuristic"), place=Place.WITHIN),
        made("reading_like_share", "cues", "share", 0.03, spans=(seconds(81.6, 87.7),)),
    )  # fmt: skip


def score(score_id: str, most: float, value: float | None, terms: tuple[Term, ...], **rest: object) -> Score:
    standing = Standing.SCORED if value is not None else Standing.INSUFFICIENT
    low, high = (None, None) if value is None else (value - most * 0.06, min(most, value + most * 0.05))
    bands = (("excellent", most * 0.8), ("good", most * 0.6), ("fair", most * 0.4), ("practise", 0.0))
    band = None if value is None else next(name for name, least in bands if value >= least)
    coverage = sum(term.weight for term in terms if term.share is not None)
    return Score(score_id, most, standing, value, low, high, coverage, band, bands, terms, **rest)  # type: ignore[arg-type]


def scores() -> tuple[Score, ...]:
    gaze = (
        Term("on_camera", 0.5, 0.5, "on_camera_share", 0.71, 1.0, "trapezoid(0.2, 0.6, 0.98, 1.001)", 50.0),
        Term("glances", 0.2, 0.2, "off_camera_glances", 14.2, 0.527, "one_minus(30)", 10.5),
        Term("steadiness", 0.15, 0.15, "gaze_spread", 6.1, 0.557, "falling(3, 10)", 8.4),
        Term("blinking", 0.15, 0.15, "blink_rate_speaking", 21.4, 1.0, "trapezoid(4, 10.5, 32.5, 50)", 15.0),
    )
    delivery = (
        Term("rate", 0.35, 0.41, "speech_rate", 338.0, 0.3, "trapezoid(170, 212, 310, 350)", 12.4),
        Term("pauses", 0.25, 0.29, "pause_share", 0.18, 1.0, "trapezoid(0.05, 0.1, 0.3, 0.5)", 29.4),
        Term("fillers", 0.25, 0.29, "fillers_per_100_words", 4.4, 0.53, "falling(3, 6)", 15.7),
        Term("sound", 0.15, 0.0, "voice_mos", None, None, "rising(2.5, 3)", None, WHY),
    )
    presence = (
        Term("tilt", 0.4, 0.0, "shoulder_tilt", 3.4, None, "falling(5, 10)", None, WHY),
        Term("framing", 0.3, 0.3, "face_width", 0.22, 1.0, "trapezoid(0.1, 0.15, 0.35, 0.5)", 30.0),
        Term("gestures", 0.3, 0.0, None, None, None, "rising(0, 4)", None, WHY),
    )
    expression = (Term("smile", 1.0, 1.0, "smile_share", 0.12, 0.81, "trapezoid(0.01, 0.08, 0.5, 0.9)", 48.6),)
    return (
        score("gaze", 100.0, 83.9, gaze),
        score("delivery", 100.0, 57.5, delivery),
        score("expression", 60.0, 48.6, expression),
        score("presence", 100.0, None, presence, reason=WHY),
    )


def parts(count: int = 2, length_s: float = SECONDS) -> tuple[Part, ...]:
    titles = ("자기소개를 해 주세요.", "가장 어려웠던 문제와 해결 과정을 말씀해 주세요.")
    each = length_s / count
    return tuple(Part(f"q{i + 1}", titles[i % len(titles)], seconds(i * each, (i + 1) * each)) for i in range(count))


def judgement(asked: tuple[Part, ...] | None = None) -> Judgement:
    asked = parts() if asked is None else asked
    by_part = tuple(metric for part in asked for metric in metrics(part.id) if metric.group in ("speech", "gaze"))
    notes = {"policy": "self_practice", "language": "ko", "retention_days": 30}
    return Judgement("interview", "interview-1", "cd" * 32, None, (), 1, scores(), metrics() + by_part, asked, notes)


def feedback(language: Language = Language.KOREAN) -> Feedback:
    korean = language is Language.KOREAN

    def claim(
        topic: Topic, texts: tuple[str, str], metric_ids: tuple[str, ...], *spans: Span, part: str | None = None
    ) -> Claim:
        return Claim(topic, texts[0] if korean else texts[1], metric_ids, spans, part)

    return Feedback(
        language,
        "templates",
        (
            claim(
                Topic.SUMMARY,
                ("시선이 안정적이고, 말이 조금 빠릅니다.", "Your gaze is steady and you speak a little fast."),
                ("on_camera_share", "speech_rate"),
            ),
            claim(
                Topic.STRENGTH,
                ("답변의 71 % 동안 카메라 쪽을 보았습니다.", "You looked towards the camera for 71 % of the time."),
                ("on_camera_share",),
                seconds(10, 30),
            ),
            claim(
                Topic.STRENGTH,
                ("깜빡임은 말할 때의 보통 범위 안에 있습니다.", "You blinked as often as people do when they talk."),
                ("blink_rate_speaking",),
            ),
            claim(
                Topic.PRACTISE,
                (
                    "1분에 338음절로, 보통 범위(212–310)보다 빠릅니다.",
                    "At 338 syllables a minute you are above the usual range of 212 to 310.",
                ),
                ("speech_rate",),
                seconds(51, 58),
            ),
            claim(
                Topic.PRACTISE,
                ("100단어에 군말이 4.4번 나왔습니다.", "There were 4.4 fillers in 100 words."),
                ("fillers_per_100_words",),
                seconds(5.2, 5.6),
                seconds(15, 15.4),
            ),
            claim(
                Topic.ADVICE,
                (
                    "질문을 들은 뒤 한 박자 쉬고, 첫 문장을 천천히 시작해 보세요.",
                    "Take a breath after the question and begin the first sentence slowly.",
                ),
                ("speech_rate", "pause_share"),
                seconds(60, 62.1),
            ),
            claim(
                Topic.ANSWER,
                ("결과를 숫자로 말했습니다.", "You told the result in numbers."),
                (),
                seconds(70, 80),
                part="q1",
            ),
        ),
        (
            Category(
                "teamwork",
                "협업" if korean else "Teamwork",
                62.0,
                ("함께", "동료들과"),
                (seconds(41, 42), seconds(77, 78)),
            ),
        ),
    )


def report(
    language: Language = Language.KOREAN, name: str = "김하늘_1차_면접.webm", media_href: str | None = None
) -> Report:
    return Report(timeline(name=name), judgement(), MADE_AT, language, None, feedback(language), media_href)


def nothing() -> Report:
    """A video of which nothing could be measured."""
    whole = report()
    bare = replace(whole.timeline, columns={}, events=(), not_measured={"faces": WHY, "words": WHY, "pitch": WHY})
    unknown = tuple(
        replace(m, value=None, n=0, coverage=0.0, low=None, high=None, place=None, spans=(), reason=WHY)
        for m in metrics()
    )
    none = tuple(
        replace(
            s,
            standing=Standing.NOT_EVALUATED,
            value=None,
            low=None,
            high=None,
            band=None,
            coverage=0.0,
            reason=WHY,
            terms=tuple(replace(t, applied=0.0, value=None, share=None, points=None, reason=WHY) for t in s.terms),
        )
        for s in scores()
    )
    judged = replace(judgement(()), metrics=unknown, scores=none, not_evaluated=len(unknown))
    return replace(whole, timeline=bare, judgement=judged, feedback=None)


def long_report(length_s: int = 3 * 3600, questions: int = 300) -> Report:
    said = tuple(f"{word}{i}" for i, word in enumerate(SAID * 40))
    return Report(
        timeline(length_s, said=said), judgement(parts(questions, length_s)), MADE_AT, Language.KOREAN, None, feedback()
    )
