"""The parts of docs/conformance.md that are about people: faces, blinks and looks, bodies, speech."""

from __future__ import annotations

from typing import Any

from tools.documents.markdown import bullets, number, paragraph, table

Result = dict[str, Any]


def faces(found: Result) -> str:
    beside, sweep, small = found["beside_mediapipe"], found["sweep"], found["small_faces"]
    points, worst = beside["points_mean_share_of_face"], beside["points_worst_share_of_face"]
    parity = [
        ("478 points, mean distance, of the face's width", *_percents(points)),
        ("the point furthest off", *_percents(worst)),
        ("the expression furthest off, of 52", *(number(beside["expressions_worst_of_52"][k], 3) for k in _THREE)),
        ("angle between the two heads", *(f"{number(beside['head_angle_deg'][k])}°" for k in _THREE)),
    ]
    known = [
        (title, found["known_changes"][key]["n"], *(_amount(found["known_changes"][key][k], unit) for k in _TWO))
        for key, title, unit in _KNOWN
    ]
    recall = [
        (f"{100 * r['width_share']:.0f} %", r["n"], *(f"{100 * r[k]:.0f} %" for k in _FINDERS)) for r in small["rows"]
    ]
    mean = sweep["mean_of_both"]
    return "\n\n".join(
        (
            paragraph(
                f"The networks are MediaPipe's; what stands around them is ours. {beside['oracle']}, on the same "
                f"{beside['pictures']} pictures of real clips:"
            ),
            table(("what", "median", "95 % within", "worst"), parity, right=("median", "95 % within", "worst")),
            paragraph(
                f"A head that turns from {number(sweep['yaw_from_deg'], 0)}° to {number(sweep['yaw_to_deg'], 0)}° with "
                f"open eyes: their openness is {number(mean['least'])} to {number(mean['most'])} times that of the "
                f"frontal face over {sweep['pictures']} pictures, {sweep['left_out_as_blinking']} of them left out as "
                "blinking. One eye alone goes from "
                f"{number(min(sweep['left']['least'], sweep['right']['least']))} to "
                f"{number(max(sweep['left']['most'], sweep['right']['most']))}."
            ),
            "Pictures turned, moved, scaled and mirrored by known amounts:",
            table(("what", "pictures", "median error", "95 % within"), known, right=("median error", "95 % within")),
            paragraph(
                f"Real faces made small on {small['picture']}, found with all their points, by width of the face. In "
                f"{small['pictures_without_a_face']} pictures without a face {small['faces_seen_in_them']} were seen."
            ),
            table(
                ("width", "faces", "short-range detector", "with YuNet", f"MediaPipe {small['mediapipe']}"),
                recall,
                right=("short-range detector", "with YuNet", f"MediaPipe {small['mediapipe']}"),
            ),
        )
    )


_THREE, _TWO = ("median", "p95", "worst"), ("median_absolute", "p95_absolute")
_FINDERS = ("short_range", "with_yunet", "mediapipe")
_KNOWN = (
    ("roll_deg", "roll", "°"),
    ("yaw_change_when_rolled", "yaw that should not change when rolled", "°"),
    ("pitch_change_when_rolled", "pitch that should not change when rolled", "°"),
    ("place_share_of_width", "place, of the picture's width", "%"),
    ("width_ratio", "width", "%"),
    ("yaw_plus_mirrored_deg", "yaw and that of the mirrored picture", "°"),
    ("gaze_h_plus_mirrored_deg", "gaze aside and that of the mirrored picture", "°"),
)


def _amount(value: float, unit: str) -> str:
    return f"{number(100 * value, 1)} %" if unit == "%" else f"{number(value, 1)}{unit}"


def _percents(of: Result) -> tuple[str, ...]:
    return tuple(f"{number(100 * of[k])} %" for k in _THREE)


def blinks(found: Result) -> str:
    rows = [
        (f"complete, {r['rate']} pictures a second", *_blink_cells(r)) for r in found["blinks"] if "refused" not in r
    ]
    rows += [
        (f"{100 * r['depth']:.0f} % shut, {r['rate']} pictures a second", *_blink_cells(r))
        for r in found["incomplete_blinks"]
    ]
    refused = [f"{r['rate']} pictures a second: {r['refused']}" for r in found["blinks"] if "refused" in r]
    gaze = found["gaze"]
    looks = [
        (number(r["aside"]), f"{number(r['about_deg'], 1)}°", f"{number(r['measured_deg'], 1)}°") for r in gaze["rows"]
    ]
    return "\n\n".join(
        (
            paragraph(
                "Lids and irises of a real face are moved by known amounts at known times, encoded, decoded, measured "
                "and read by the detectors. The face is 15 % of the picture's width, and its eyes were 14 pixels wide "
                "before they were enlarged: far less than in a usual interview. Two limits of the blink detector were "
                "read off the real closure of this clip, so complete blinks and lengths are no independent check."
            ),
            table(
                ("blinks", "planted", "found", "right", "missed", "length, mean error"), rows,
                right=("planted", "found", "right", "missed", "length, mean error"),
            ),
            bullets(*refused) if refused else "",
            paragraph(
                "Looks: how far the irises were moved, as a share of the eye's width and as an angle (of an average "
                "eye), and what was measured."
            ),
            table(("moved", "about", "measured"), looks, right=("moved", "about", "measured")),
            bullets(
                f"The order is right (correlation {number(gaze['correlation'])}); the size is not: the network follows "
                f"irises {number(gaze['slope'])} of the way on eyes as small as these. **A look by the eyes alone is "
                "measured as less than it is**, so the gaze metrics forgive such looks; turns of the head are measured "
                "in full.",
                f"Of {gaze['far_glances']} far glances (18 % of the eye's width and more) {gaze['far_glances_found']} "
                f"were told as looks away; of {gaze['near_glances']} near ones {gaze['near_glances_called_away']}; "
                f"{gaze['called_away_without_a_glance']} were told where there was none.",
            ),
        )
    )  # fmt: skip


def conversation(found: Result) -> str:
    if "refused" in found:
        return paragraph(f"Not evaluated: {found['refused']}.")
    missed = ", ".join(f"{number(at, 1)} s" for at in found["missed_at_s"])
    return "\n\n".join(
        (
            paragraph(
                f"{number(found['seconds'], 0)} s of a man who listens, talks and laughs "
                f"(`{found['clip']['package']}` on npm, by its own pages from FGnet's Talking Face), off whose face no "
                "limit was read. When he blinks was written down by eye, from every picture, before any detector had "
                "run on the clip; a label is good to about one picture of 24 a second."
            ),
            bullets(
                f"Of {found['labelled']} blinks {found['right']} were found; missed: {missed}.",
                f"Told where there is none: {len(found['wrong_at_s'])}. Doubtful to the eye, counted neither way: "
                f"{found['unsure']}.",
                f"Of {found['eyes_down']} times that the eyes go down with the lids, to something below or in a laugh, "
                f"{found['eyes_down_told_as_shut']} were told as eyes that stay shut: **on such a face a long look "
                "down is not told from closed eyes.**",
                "What is told is longer than what the eye calls down, which begins later than half-way: by "
                f"{number(1000 * found['longer_than_label_median_s'], 0)} ms in the median, 9 of 10 within "
                f"{number(1000 * found['longer_than_label_p90_s'], 0)} ms, at 15 pictures a second.",
            ),
        )
    )


def _blink_cells(row: Result) -> tuple[object, ...]:
    error = row["length_mean_error_s"]
    return (
        row["planted"], row["found"], row["right"], row["missed"],
        "–" if error is None else f"{number(1000 * error, 0)} ms",
    )  # fmt: skip


def bodies(found: Result) -> str:
    beside = found["beside_mediapipe"]
    rows = [
        (title, found[key]["n"], _amount(found[key]["median_absolute_error"], unit),
         _amount(found[key]["p95_absolute_error"], unit), found[key]["not_found"])
        for key, title, unit in (
            ("turn_deg", "tilt of the shoulders, turned by 5° to 15°", "°"),
            ("shift_share_of_width", "their middle, moved by 5 % to 10 % of the width", "%"),
            ("size_ratio", "their width, scaled by 0.8 to 1.2", "%"),
        )
    ]  # fmt: skip
    return "\n\n".join(
        (
            paragraph(f"{found['pictures']} pictures of one seated person, changed by known amounts:"),
            table(
                ("what", "pictures", "median error", "95 % within", "not found"), rows,
                right=("pictures", "median error", "95 % within", "not found"),
            ),
            bullets(
                f"Beside {beside['oracle']}, on {beside['pose_pictures']} pictures: points "
                f"{number(100 * beside['pose_mean_share_of_width'])} % of the picture's width apart on average, "
                f"{number(100 * beside['pose_worst_share_of_width'])} % in the worst picture.",
                f"Hands: {beside['hands_ours']} found here, {beside['hands_theirs']} there; those found by both lie "
                f"{number(100 * beside['hand_median_share_of_width'])} % of the width apart in the median.",
                "The networks came from packages that carry them, not from the official files "
                "([pose](model-cards/pose.md)).",
            ),
        )
    )  # fmt: skip


def short_faces(found: Result) -> tuple[str, str]:
    three = next(r for r in found["small_faces"]["rows"] if r["width_share"] == 0.03)
    mean = found["sweep"]["mean_of_both"]
    return (
        f"openness of a turning head's eyes within {100 * max(1 - mean['least'], mean['most'] - 1):.0f} %; "
        f"{100 * three['with_yunet']:.0f} % of faces 3 % wide found",
        f"MediaPipe finds {100 * three['mediapipe']:.0f} % of those",
    )


def short_blinks(found: Result) -> tuple[str, str]:
    first, gaze = found["blinks"][0], found["gaze"]
    return (
        f"{first['right']} of {first['planted']} complete blinks; looks by the eyes alone measured "
        f"{number(gaze['slope'])} of the way",
        "",
    )


def short_conversation(found: Result) -> tuple[str, str]:
    if "refused" in found:
        return f"not evaluated: {found['refused']}", ""
    return f"{found['right']} of {found['labelled']} found, {len(found['wrong_at_s'])} wrong", "labelled by eye"


def short_bodies(found: Result) -> tuple[str, str]:
    tilt = found["turn_deg"]["median_absolute_error"]
    apart = 100 * found["beside_mediapipe"]["pose_mean_share_of_width"]
    return (
        f"tilt of shoulders within {number(tilt, 1)}° in the median",
        f"{number(apart)} % of the width from MediaPipe",
    )


def speech(found: Result) -> str:
    rows = [
        (
            r["language"],
            r["voice"],
            r["words_per_minute"],
            r["syllables"],
            r["found"],
            f"{number(r['error_percent'], 1)} %",
        )
        for r in found["syllables"]["rows"]
    ]
    pauses = [
        (
            r["language"],
            _noise(r),
            r["pauses"],
            r["found"],
            r["found_where_none_is"],
            f"{number(r['onset_error_ms']['median_absolute'], 0)} ms",
            f"{number(r['duration_error_ms']['median_absolute'], 0)} ms",
        )
        for r in found["pauses"]
    ]
    frames = [
        (
            r["language"],
            _noise(r),
            r["frames"],
            f"{number(r['right_percent'], 1)} %",
            f"{number(r['speech_missed_percent'], 1)} %",
            f"{number(r['silence_taken_for_speech_percent'], 1)} %",
        )
        for r in found["speech"]
    ]
    real, praat = found["real_clip"], found["real_clip"]["pitch_beside_praat"]
    pitch = found["pitch_of_known_voices"]
    return "\n\n".join(
        (
            paragraph(
                f"Speech of eSpeak NG {found['espeak']} in Korean and English, of known text and timing, decoded, "
                "measured and read by the detectors. Synthetic speech is clearer than people are: these are the best "
                "that can be expected."
            ),
            table(
                ("language", "voice", "words a minute", "syllables", "found", "error"), rows,
                right=("words a minute", "syllables", "found", "error"),
            ),
            table(
                ("language", "noise", "pauses", "found", "found where none is", "onset, median", "length, median"),
                pauses, right=("pauses", "found", "found where none is", "onset, median", "length, median"),
            ),
            table(
                ("language", "noise", "frames", "right", "speech missed", "silence taken for speech"), frames,
                right=("frames", "right", "speech missed", "silence taken for speech"),
            ),
            bullets(
                f"**A real clip is harder.** Of {real['syllables']} syllables of `{real['clip']}`, spoken in a hall, "
                f"{real['syllables_found']} were found ({number(real['error_percent'], 1)} %). Its pitch beside Praat: "
                f"voicing right in {number(praat['voicing_right_percent'], 1)} % of rows, "
                f"{number(praat['gross_errors_percent'], 1)} % gross errors, "
                f"{number(praat['median_error_cents'], 1)} cents apart in the median.",
                f"Voices of known pitch, down to 10 dB over noise: at most "
                f"{number(max(r['gross_errors_percent'] for r in pitch))} % gross errors, "
                f"{number(max(r['median_error_cents'] for r in pitch), 1)} cents in the median.",
                f"Words: {'measured' if found['words']['evaluated'] else 'not evaluated'}: {found['words']['why']}.",
            ),
        )
    )  # fmt: skip


def _noise(row: Result) -> str:
    return "none" if row["ratio_db"] is None else f"{number(row['ratio_db'], 0)} dB below speech"


def short_speech(found: Result) -> tuple[str, str]:
    clean = [r for r in found["pauses"] if r["ratio_db"] is None]
    syllables_off = number(found["syllables"]["mean_absolute_error_percent"], 1)
    agreed = number(found["real_clip"]["pitch_beside_praat"]["voicing_right_percent"], 0)
    return (
        f"syllables of clear speech within {syllables_off} % on average, "
        f"of a real clip {number(abs(found['real_clip']['error_percent']), 0)} %; "
        f"{sum(r['found'] for r in clean)} of {sum(r['pauses'] for r in clean)} pauses",
        f"voicing agrees with Praat in {agreed} %",
    )
