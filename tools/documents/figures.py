"""Marked blocks of figures in documents written by hand: ``<!-- figures:speed -->`` … ``<!-- /figures -->``."""

from __future__ import annotations

import re
import statistics
import textwrap
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sightline.text import Language
from tools.documents import people_speed
from tools.documents.load import load_table, load_targets
from tools.documents.markdown import bullets, number, table
from tools.documents.results import measured_by, result

BLOCK = re.compile(r"(<!-- figures:(?P<name>[\w-]+) -->).*?(<!-- /figures -->)", re.DOTALL)
NOT_MEASURED = {Language.ENGLISH: "not measured yet", Language.KOREAN: "아직 측정하지 않았습니다"}
SENTENCES = {
    Language.ENGLISH: {
        "all_checks": "All checks of {clip} take {all_checks} times as long as decoding it.",
        "ffmpeg": "FFmpeg's filters for about the same take {ffmpeg} times as long as Sightline.",
        "scenedetect": "PySceneDetect takes {scenedetect} times as long for cuts alone.",
        "hour": "Judging an hour of film again takes {hour} ms.",
        "machine": "Measured on {machine}, {cores} cores: [performance](docs/performance.md).",
    },
    Language.KOREAN: {
        "all_checks": "{clip}의 모든 검사에 디코딩 시간의 {all_checks}배가 걸립니다.",
        "ffmpeg": "비슷한 측정을 하는 FFmpeg 필터에는 Sightline의 {ffmpeg}배가 걸립니다.",
        "scenedetect": "컷만 찾는 PySceneDetect에는 {scenedetect}배가 걸립니다.",
        "hour": "영화 한 시간 분량을 다시 판정하는 시간은 {hour} ms입니다.",
        "machine": "측정 환경은 {machine}, 코어 {cores}개입니다: [성능](docs/performance.md).",
    },
}
CLIP = {
    Language.ENGLISH: "{seconds:.0f} s of {size} {codec}, {rate} pictures a second,",
    Language.KOREAN: "{size} {codec}, 초당 {rate}장, {seconds:.0f}초 영상",
}
NAMES = {
    "decode": "decoding alone",
    "all_checks": "all QC checks",
    "repeat": "analysed again (cached)",
    "judge": "judged again",
    "ffmpeg": "FFmpeg's filters for about the same measurements",
    "scenedetect": "PySceneDetect, cuts alone",
}


def filled(text: str, language: Language) -> str:
    """The document with its blocks as the results have them. Raises `KeyError` for a block nobody fills."""

    def written(match: re.Match[str]) -> str:
        kind, name, write = BLOCKS[match["name"]]
        return f"{match[1]}{write(result(kind, name) or {}, language)}{match[3]}"

    return BLOCK.sub(written, text)


def speed_sentences(found: dict[str, Any], language: Language) -> str:
    """Running text inside an item of a list. What was not measured is left out."""
    minute = found.get("minute", {})
    if "all_checks" not in minute or "clip" not in found:
        return NOT_MEASURED[language]
    fields = {
        "clip": _clip_text(found, language),
        **found["provenance"],
        "all_checks": number(minute["all_checks"]["of_decoding"]),
    }
    for name, key in (("ffmpeg", "faster_than_ffmpeg_filters"), ("scenedetect", "faster_than_scenedetect")):
        if key in found:
            fields[name] = number(found[key])
    if "rejudge_hour" in found:
        fields["hour"] = f"{found['rejudge_hour']['film']['rejudge_ms']:.0f}"
    said = [sentence.format_map(fields) for name, sentence in SENTENCES[language].items() if name in fields]
    start = " " * 36
    lines = textwrap.fill(" ".join(said), 100, initial_indent=start, subsequent_indent="  ", break_on_hyphens=False)
    return lines.lstrip()


def speed_table(found: dict[str, Any], language: Language) -> str:
    """A block of its own: times beside decoding, memory, the hour."""
    minute = found.get("minute", {})
    if not minute:
        return f"\n{NOT_MEASURED[language]}\n"
    rows = [
        (NAMES.get(what, what), f"{t['seconds']:.3f}", number(t["of_decoding"] or 1, 3), len(t["runs"]))
        for what, t in minute.items()
    ]
    header = ("what", "seconds", "of decoding", "runs")
    said = [f"Clip: {_clip_text(found, language)} {found['clip'].get('bit_rate_bps') or 0:,} bit/s, made for this."]
    if "memory_minute" in found:
        said.append(f"Memory at most, in a process of its own: {found['memory_minute']['peak_mib']:.0f} MiB.")
    if "hour" in found:
        hour, first = found["hour"], found["hour"]["first"]
        said.append(
            f"An hour: analysed in {first['seconds']:.0f} s ({first['pictures']} pictures); again, nothing decoded, in "
            f"{statistics.median(hour['repeat_seconds']):.1f} s, of which {hour['hashing_seconds']:.1f} s to hash it."
        )
    else:
        said.append("An hour: not measured.")
    for name, what in (("film", "of edited film"), ("sample", "as dense with defects as the demo")):
        judged = found.get("rejudge_hour", {}).get(name)
        if judged:
            said.append(
                f"An hour {what} ({judged['events']:,} events) judged by another template: "
                f"{judged['rejudge_ms']:.0f} ms; its bundle opened: {judged['open_ms']:.0f} ms."
            )
    said.append(f"Measured by {measured_by(found)}. Seconds are medians; ratios are medians of the rounds.")
    return f"\n{table(header, rows, right=header[1:])}\n\n{bullets(*said)}\n"


def targets_table(found: dict[str, Any], language: Language) -> str:
    """What was aimed at, what was measured, and whether it was reached."""
    minute, hour = found.get("minute", {}), found.get("hour")
    if "all_checks" not in minute:
        return f"\n{NOT_MEASURED[language]}\n"
    rows = [("all checks beside decoding alone", 1.25, "x", minute["all_checks"]["of_decoding"], True)]
    for name, key, least in (
        ("FFmpeg's filters beside all checks", "faster_than_ffmpeg_filters", 8.0),
        ("PySceneDetect beside all checks", "faster_than_scenedetect", 1.0),
    ):
        if key in found:
            rows.append((name, least, "x", found[key], False))
    if "memory_minute" in found:
        rows.append(("memory, a minute", 700, "MiB", round(found["memory_minute"]["peak_mib"]), True))
    if hour:
        rows.append(("memory, an hour", 700, "MiB", round(hour["first"]["peak_mib"]), True))
    if "rejudge_hour" in found:
        rows.append(("an hour of film judged again", 50, "ms", found["rejudge_hour"]["film"]["rejudge_ms"], True))
    if hour:
        rows.append(("an hour analysed again, beyond hashing", 150, "ms",
                     round(1000 * hour["repeat_beyond_hashing_seconds"]), True))  # fmt: skip
    said = [
        (name, f"{'at most' if most else 'at least'} {aim:g} {unit}", f"{value:g} {unit}",
         "yes" if (value <= aim if most else value >= aim) else "**no**")
        for name, aim, unit, value, most in rows
    ]  # fmt: skip
    header = ("what", "aim", "measured", "reached")
    return f"\n{table(header, said, right=('aim', 'measured'))}\n"


def _clip_text(found: dict[str, Any], language: Language) -> str:
    rate = f"{float(Fraction(found['clip']['rate'])):.5g}"
    return CLIP[language].format_map({**found["clip"], "rate": rate})


BLOCKS: dict[str, tuple[str, str, Callable[[dict[str, Any], Language], str]]] = {
    "speed": ("speed", "qc", speed_sentences),
    "speed-table": ("speed", "qc", speed_table),
    "speed-targets": ("speed", "qc", targets_table),
    "load-table": ("load", "service", load_table),
    "load-targets": ("load", "service", load_targets),
    "web-targets": ("web", "page", load_targets),
    "people-visual": ("speed", "visual", people_speed.visual),
    "people-faces": ("speed", "faces", people_speed.faces),
    "people-speech": ("speed", "speech", people_speed.speech),
}
"""By name: kind and name of the result, and what is written of it."""
