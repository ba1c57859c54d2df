"""docs/conformance.md: what was held against what, and what came out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from tools.documents import people
from tools.documents.markdown import bullets, number, page, paragraph, table
from tools.documents.results import ffmpeg_of, measured_by, result

Result = dict[str, Any]


def conformance_page() -> str:
    found = {name: result("accuracy", name) for name, *_ in PARTS}
    rows, sections = [], []
    for name, title, short, section in PARTS:
        measured = found[name]
        rows.append((f"[{title}](#{_anchor(title)})", *(short(measured) if measured else ("not measured", ""))))
        sections.append(f"## {title}")
        sections.append(section(measured) if measured else "Not measured.")
    return page(
        "Conformance",
        paragraph(
            "What Sightline says, held against what is published, what other tools say, and what was planted. "
            "`python -m benchmarks.accuracy` makes every signal and clip, measures, and writes "
            "`benchmarks/accuracy/results/`; this page is made of those files. Shots and transitions, faces, blinks "
            "and bodies need clips that are not in the repository. What a number about a person must not be used for "
            "stands in its [model card](interview.md)."
        ),
        table(("part", "Sightline", "beside it"), rows),
        *sections,
        "## Where it was measured",
        bullets(*(f"{title}: {measured_by(measured)}" for name, title, *_ in PARTS if (measured := found[name]))),
    )


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower() if c.isalnum() or c in " -").replace(" ", "-")


def _loudness(found: Result) -> str:
    rows = []
    for r in found["readings"]:
        above, below = f"{r['above']:g}", f"{r['below']:g}"
        tolerance = f"±{above}" if above == below else f"+{above} −{below}"
        ours = _marked(number(r["ours"]), r["passes"])
        theirs = _marked(number(r["ffmpeg"], 1 if r["quantity"] == "max TP" else 2), r["ffmpeg_passes"])
        rows.append((r["test"], r["quantity"], number(r["expected"], 0), tolerance, ours, theirs))
    misses = [r for r in found["readings"] if not r["ffmpeg_passes"]]
    furthest = max((abs(r["ffmpeg"] - r["expected"]) for r in misses), default=0.0)
    header = ("test", "reading", "expected", "tolerance", "Sightline", f"FFmpeg {ffmpeg_of(found)}")
    return "\n\n".join(
        (
            paragraph(
                "EBU Tech 3341 (loudness meters) and Tech 3342 (loudness range) publish test signals and the "
                "readings they must give. The signals are synthesised from those definitions and measured by the "
                "meters `loudness` and `true_peak`, and by FFmpeg's `ebur128`. Where a test has several files, or "
                "asks for one reading all along, the value furthest from the expected one stands here. M, S, I in "
                "LUFS, TP in dBTP, LRA in LU; *error* is the reading less what it should be. Out of tolerance: "
                "**bold**."
            ),
            table(header, rows, right=header[2:]),
            bullets(
                "Tests 7 and 8 of Tech 3341, and 5 and 6 of Tech 3342, are recorded programmes of the EBU. They were "
                "not measured.",
                f"FFmpeg's `ebur128` reads {' and '.join(r['test'].replace('-', ' test ') for r in misses)} up to "
                f"{number(furthest)} LU low: it looks at momentary loudness every 100 ms, and tones of 400 ms fall "
                "between two looks. Sightline looks every 10 ms.",
                "FFmpeg prints true peaks with one decimal.",
                "Where the two differ beyond these tests (other sampling rates, 7.1, short sounds): "
                "[loudness](loudness.md).",
            ),
        )
    )


def _flashes(found: Result) -> str:
    rules = [
        (_words(name), _labels(r["expected"]), _marked(_labels(r["found"]), r["right"]))
        for name, r in found["rules"].items()
    ]
    iris = [(_words(name), r["rows"], r["mismatches"], r["result"]) for name, r in found["iris"].items()]
    return "\n\n".join(
        (
            paragraph(
                "Clips made by rule, from IRIS's test suite, with what whole-picture means cannot see, and just within "
                "and just beyond each limit. *Asked for* is what the rules of ITU-R BT.1702 ask for as we know them, "
                "second-hand. Pictures go to the meter as they are, without a codec between."
            ),
            table(("clip", "asked for", "found"), rules),
            "### The replica of EA IRIS",
            paragraph(
                "The meter `flash_iris` repeats EA IRIS for comparison. Every row (a picture: transitions, extended "
                "count, result, for luminance and red) is held to a second implementation of the published rules; "
                "the tests hold the first three clips to IRIS's published tables. What IRIS itself would print for "
                "the other clips was not run."
            ),
            table(("clip", "rows", "rows that differ", "the replica says"), iris, right=("rows", "rows that differ")),
            bullets(
                "Sightline is not a certified device. We could not read ITU-R BT.1702-3 and the Ofcom guidance "
                "themselves; what is second-hand and what is our choice is marked in "
                "[photosensitivity](photosensitivity.md).",
                "`gray` passes in IRIS and is reported here: BT.1702's contrast rule, quoted for HDR, is applied to "
                "SDR too.",
                "`antiphase halves` cancels out in the mean of the picture, so IRIS passes it; noise makes every pixel "
                "count as changed, so IRIS fails a flash of 20 % of the screen.",
                "Movement is not compensated for, and no recorded programme is among the clips.",
            ),
        )
    )


def _intervals(found: Result) -> str:
    groups = []
    by_place = sorted(found["rows"], key=lambda r: (r["kind"], r["place"] == "at the end", r["place"]))
    for (kind, place), members in groupby(by_place, key=lambda r: (r["kind"], r["place"])):
        of = list(members)
        right, theirs = (sum(r[key] for r in of) for key in ("right", "ffmpeg_right"))
        cells = (_marked(f"{count}/{len(of)}", count == len(of)) for count in (right, theirs))
        groups.append((kind, place, *cells))
    wrong = [
        (r["kind"], r["rate"], _depth(r["format"]), _runs(r["planted"]), _runs(r["ours"]), _runs(r["ffmpeg"]))
        for r in found["rows"]
        if not (r["right"] and r["ffmpeg_right"])
    ]
    ffmpeg = f"FFmpeg {ffmpeg_of(found)}"
    return "\n\n".join(
        (
            paragraph(
                "Lossless clips of 250 pictures with runs of black, standing and silent material planted in them, at "
                "25, 29.97, 23.976 and 50 pictures a second and in 8 and 10 bits. Right means exactly the planted "
                "pictures, for silence exactly the planted samples. FFmpeg's `blackdetect`, `freezedetect` and "
                "`silencedetect` ran on the same files at their defaults. Black stands still too, so it is planted "
                "as both."
            ),
            table(("what", "where", "Sightline", ffmpeg), groups, right=("Sightline", ffmpeg)),
            "All runs in which either differs from what was planted, `[first picture, first that is not)`:",
            table(("what", "rate", "bits", "planted", "Sightline", ffmpeg), wrong),
            bullets(
                "`blackdetect` ends a run that lasts to the end of the file at the time of its last picture, one "
                "picture short.",
                "`freezedetect` gives such a run a start and never an end.",
                "Clips are lossless, and the runs begin and end abruptly. With lossy codecs the edges move with what "
                "the codec leaves of them, in either tool.",
            ),
        )
    )


def _outliers(found: Result) -> str:
    rows = [
        (r["step"], 4 * r["step"], *(f"{100 * r[key]:.2f} %" for key in ("planted", "ffmpeg_8_bit", "ffmpeg_10_bit")))
        for r in found["rows"]
    ]
    header = ("step, 8 bits", "step, 10 bits", "planted", "TOUT of 8 bits", "TOUT of 10 bits")
    return "\n\n".join(
        (
            paragraph(
                "Sightline has no measure of outlying lines yet. When it gets one, FFmpeg's `signalstats` (TOUT) "
                f"must not be used to check it above 8 bits: FFmpeg {ffmpeg_of(found)} keeps only the low byte of the "
                "samples it compares. Lines that lie 256 codes of 10 bits apart are alike to it; other steps it may "
                "find by luck. The same picture in both depths, every sixteenth line of it raised:"
            ),
            table(header, rows, right=header),
            paragraph(
                "TOUT leaves the outermost columns out, hence a little less than was planted. QCTools exports made by "
                "Sightline have no TOUT."
            ),
        )
    )


def _transitions(found: Result) -> str:
    test, dev = found["test"], found["dev"]
    kinds = sorted(test["detectors"]["Sightline"]["found"])
    rows = []
    for name, score in test["detectors"].items():
        false = ", ".join(f"{count} {what}" for what, count in score["false_positives"].items())
        scores = (f"{score[key]:.3f}" for key in ("f1", "precision", "recall"))
        rows.append((_marked(name, name != "Sightline"), *scores, *(score["found"][k] for k in kinds), false))
    ours = test["detectors"]["Sightline"]
    bounds = ", ".join(f"{share} {kind}s" for kind, share in ours["bounds_off_by_at_most_one"].items())
    wrong_kind = [what for what in ours["called"] if not _rightly_called(what)]
    real = [
        (f"`{name}`", r["pictures"], _transitions_text(r["found"]), f"{r['meter_ms_per_picture']:.2f}")
        for name, r in found["real"].items()
    ]
    header = ("detector", "F1", "precision", "recall", *kinds, "false positives")
    return "\n\n".join(
        (
            paragraph(
                f"Edits with known truth made of real single takes ({test['edits']} edits, {test['pictures']} "
                f"pictures, {test['transitions']} transitions), H.264 afterwards. Between the transitions lie things "
                "that are none: flashes, cards, whip pans, zooms, shaking, people passing the lens. How edits are "
                f"made and counted: [shots](shots.md). PySceneDetect's detectors ({found['versions']['scenedetect']}) "
                "ran on the same files under the same rule. They know cuts only, and are credited for any cut inside "
                "a gradual transition. A transition is found within one picture; what is found twice is false the "
                "second time."
            ),
            table(header, rows),
            paragraph(
                f"Of what Sightline found, {'none' if not wrong_kind else ', '.join(wrong_kind)} was of the wrong "
                f"kind. Both ends lie within one picture in {bounds}. On the development edits, by which thresholds "
                f"were chosen, its F1 is {dev['detectors']['Sightline']['f1']:.3f}."
            ),
            paragraph(
                "Real clips, as they are; not scored. The cuts of Big Buck Bunny were named by two other detectors and "
                "by eye, and a test holds Sightline to them; the other two are single takes."
            ),
            table(("clip", "pictures", "found", "ms a picture"), real, right=("pictures", "ms a picture")),
            bullets(
                "The edits are synthetic: their shares of kinds are not those of films, and the takes are few "
                f"({len(test['takes'])} in the test pool, some of one film that the development pool shares). Numbers "
                "on public collections of annotated films were not measured.",
                "The test edits were measured more than once; what was mended in between is told in [shots](shots.md).",
                "Jump cuts with a camera that stands still are mostly missed; fades to colours other than black and "
                "white are reported as dissolves.",
                "Milliseconds are of one core, of this detector's meter alone: without decoding and without the small "
                "pictures it shares with others.",
            ),
        )
    )


def _marked(text: str, plain: bool | None) -> str:
    return text if plain else f"**{text}**"


def _words(name: str) -> str:
    return name.replace("cd_m2", "cd/m²").replace("_", " ")


def _labels(labels: list[str]) -> str:
    return ", ".join(labels) or "nothing"


def _depth(pixel_format: str) -> str:
    return "10" if pixel_format.endswith("10le") else "8"


def _runs(runs: list[list[int]]) -> str:
    return ", ".join(f"[{a}, {'no end' if b < 0 else b})" for a, b in runs) or "none"


def _rightly_called(what: str) -> bool:
    planted, _, called = what.partition(" as ")
    return called == {"jump": "cut", "punch": "cut"}.get(planted, planted)


def _transitions_text(found: list[list[Any]]) -> str:
    shown = (f"{kind} {a}" if a == b else f"{kind} {a}–{b}" for kind, a, b in found)
    return ", ".join(shown) or "no transition"


def _short_loudness(found: Result) -> tuple[str, str]:
    count = found["count"]
    return f"{found['passed']} of {count} readings in tolerance", f"FFmpeg {found['passed_by_ffmpeg']} of {count}"


def _short_flashes(found: Result) -> tuple[str, str]:
    differ = f"{found['iris_mismatches']} of {found['iris_rows']} rows differ from the IRIS rules"
    return f"{found['rules_right']} of {found['rules_of']} clips right", differ


def _short_intervals(found: Result) -> tuple[str, str]:
    return f"{found['right']} of {found['count']} runs exact", f"FFmpeg {found['right_ffmpeg']} of {found['count']}"


def _short_outliers(found: Result) -> tuple[str, str]:
    wrong = sum(r["ffmpeg_10_bit"] != r["ffmpeg_8_bit"] for r in found["rows"])
    return "no such measure", f"FFmpeg reads {wrong} of {len(found['rows'])} pictures otherwise in 10 bits"


def _short_transitions(found: Result) -> tuple[str, str]:
    scores = {name: score["f1"] for name, score in found["test"]["detectors"].items()}
    ours = scores.pop("Sightline")
    best = max(scores, key=lambda name: scores[name])
    return f"F1 {ours:.3f} on made edits", f"{best} {scores[best]:.3f}"


Short = Callable[[Result], tuple[str, str]]
Section = Callable[[Result], str]
PARTS: tuple[tuple[str, str, Short, Section], ...] = (
    ("loudness", "Loudness and true peak", _short_loudness, _loudness),
    ("flashes", "Flashes", _short_flashes, _flashes),
    ("intervals", "Black, freeze and silence", _short_intervals, _intervals),
    ("outliers", "Outlying lines in 10 bits", _short_outliers, _outliers),
    ("transitions", "Shots and transitions", _short_transitions, _transitions),
    ("faces", "Faces", people.short_faces, people.faces),
    ("blinks", "Blinks and looks", people.short_blinks, people.blinks),
    ("conversation", "Blinks in a conversation", people.short_conversation, people.conversation),
    ("bodies", "Pose and hands", people.short_bodies, people.bodies),
    ("speech", "Speech", people.short_speech, people.speech),
)
