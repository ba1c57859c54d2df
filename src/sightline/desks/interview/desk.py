"""The interview desk: what can be seen and heard of how somebody speaks, with evidence, and no verdict on anybody."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sightline.desks.desk import About, Assignment, Brief
from sightline.desks.interview.definition import definitions
from sightline.desks.interview.measuring import measure
from sightline.desks.interview.options import Options, options_from
from sightline.desks.interview.parts import Parts, parts_of
from sightline.desks.interview.policies import EMOTION_METER, EMOTION_MODEL, without_meters
from sightline.desks.interview.reading import Unmeasured
from sightline.desks.interview.rubric import Rubric, load_rubric, names, parse_rubric
from sightline.desks.interview.scene import Scene, Whole, gaze_limits
from sightline.desks.interview.scoring import scores_of
from sightline.desks.judgement import Judgement, Metric, Score
from sightline.detectors.detector import Detector, person_detectors
from sightline.detectors.person.gaze import AxisFrom, GazeLimits
from sightline.errors import TemplateInvalid
from sightline.text import Message
from sightline.timeline.columns import ColumnMissing
from sightline.timeline.event import Event, Scalar
from sightline.timeline.timeline import PICTURE_CLOCK, Timeline

ID = "interview"
SHOWN_METERS = (PICTURE_CLOCK, "packets", "thumbs")
"""Measured for numbering, facts and showing, whatever is judged."""
PERSON_METERS = ("faces", "pose", "hands", "voice", "syllables", "pitch", "voice_quality", "voice_mos", "speakers",
                 "loudness")  # fmt: skip
CUE_KINDS = frozenset({"second_face", "second_voice", "reading_like"})
"""Kinds of event that are cues and nothing else."""
_BLINKS = frozenset({"blink_rate", "blink_rate_speaking", "blink_rate_listening", "blink_duration"})
_GLANCES = frozenset({"on_camera_share", "on_camera_share_onset", "screen_zone_share", "off_screen_share",
                      "glances_per_min", "longest_glance", "median_dwell"})  # fmt: skip
_BROWS = frozenset({"brow_activity", "visible_tension"})
TOLD_BY: Mapping[str, frozenset[str]] = {
    "blink": _BLINKS,
    "eyes_closed": _BLINKS,
    "gaze_away": _GLANCES,
    "smile": frozenset({"smile_share", "smiles_per_min"}),
    "brow_raise": _BROWS,
    "brow_lower": _BROWS,
    "nod": frozenset({"nods_per_min"}),
    "head_shake": frozenset({"head_shakes_per_min"}),
    "self_touch": frozenset({"self_touch_per_min"}),
    "gesture": frozenset({"gestures_per_min"}),
    "slouch": frozenset({"slouch_share", "upright_share"}),
    "shoulder_tilt": frozenset({"shoulder_tilt", "tilted_share", "upright_share"}),
    "lean": frozenset({"lean_share", "upright_share"}),
    "pause": frozenset({"pauses_per_min", "mean_pause", "longest_pause", "pause_share"}),
    "filler": frozenset({"fillers_per_min", "fillers_per_100_words"}),
    "reading_like": frozenset({"reading_like_share"}),
}
"""Metrics that tell of a kind of event. Who opted out of all of them is shown no such event."""
SMALL_FACES = "yunet"
"""Finds faces the first detector is blind to; asked of ``faces`` where it is there."""
SPEECH_MODELS: Mapping[str | None, tuple[str, ...]] = {
    "en": ("small", "turbo", "medium", "large_v3", "base", "tiny"),
    "ko": ("turbo", "medium", "large_v3", "small"),
    None: ("turbo", "medium", "large_v3", "small", "base", "tiny"),
}
"""By language, the first that is installed is taken, or else the first is asked for. Small is enough for English;
Korean needs turbo or medium, and what is below small is not fit for it. Unknown speech may be Korean."""


@dataclass(frozen=True, slots=True)
class InterviewAssignment:
    """A rubric, and what the desk was told to heed."""

    rubric: Rubric
    options: Options

    desk: ClassVar[str] = ID

    @property
    def template(self) -> str:
        return self.rubric.name

    @property
    def template_sha256(self) -> str:
        return self.rubric.sha256

    @property
    def denied(self) -> frozenset[str]:
        """The emotion model, where the policy forbids it or nobody asked for it."""
        return frozenset() if self.options.emotion else frozenset({EMOTION_MODEL})

    @property
    def demands_consent(self) -> bool:
        """Whether a consent record has to be there before anything is measured; `Options.consent` names it."""
        return self.options.policy.demands_consent

    def meters(self, installed: Container[str], /) -> Mapping[str, Mapping[str, str | int | float | bool]]:
        wanted: dict[str, Mapping[str, str | int | float | bool]] = {
            meter: {} for meter in SHOWN_METERS + PERSON_METERS
        }
        if SMALL_FACES in installed:
            wanted["faces"] = {"small_faces": True}
        wanted["words"] = {"model": self._speech_model(installed)}
        if self.options.language is not None:
            wanted["words"] = {**wanted["words"], "language": self.options.language}
        if self.options.emotion:
            wanted[EMOTION_METER] = {}
        return wanted

    def _speech_model(self, installed: Container[str]) -> str:
        if self.options.model is not None:
            return self.options.model
        models = [f"speech_whisper_{size}" for size in SPEECH_MODELS[self.options.language]]
        return next((model for model in models if model in installed), models[0])

    def detect(self, timeline: Timeline) -> Timeline:
        if not self.options.emotion:
            # Measured for another purpose: neither a report nor a bundle of this one may hold it.
            timeline = without_meters(timeline, frozenset({EMOTION_METER}))
        found: tuple[Event, ...] = ()
        for kind in person_detectors().values():
            detector = _told(kind(), self.options)
            if not all(meter in timeline.columns and len(timeline.columns[meter]) for meter in detector.needs):
                continue
            try:
                found += detector.detect(replace(timeline, events=found))
            except ColumnMissing as missing:
                timeline = _without(timeline, missing)
        return timeline.with_events([event for event in found if self._may_tell(event)])

    def _may_tell(self, event: Event) -> bool:
        """Cues that a policy does not give are in no event either, nor is what the person asked to leave out."""
        told_by = TOLD_BY.get(event.kind)
        left_out = told_by is not None and told_by <= self.options.opt_out
        return not left_out and (self.options.policy.gives_cues or event.kind not in CUE_KINDS)

    def judge(self, timeline: Timeline) -> Judgement:
        whole = Whole(timeline, self.options)
        parts = parts_of(timeline, self.options.questions)
        scenes = [Scene(whole, timeline.span), *(Scene(whole, part.span, part) for part in parts.parts)]
        metrics: list[Metric] = []
        scores: list[Score] = []
        for scene in scenes:
            measured = measure(scene, self.rubric.reads)
            metrics += [one.metric for one in measured.values()]
            scores += scores_of(
                self.rubric,
                measured,
                emotion=self.options.emotion and EMOTION_METER in timeline,
                overall=self.options.policy.gives_overall,
                part=None if scene.part is None else scene.part.id,
            )
        left_open = sum(metric.value is None for metric in metrics if metric.part is None)
        return Judgement(
            desk=ID,
            template=self.template,
            template_sha256=self.template_sha256,
            verdict=None,
            checks=(),
            not_evaluated=left_open,
            scores=tuple(scores),
            metrics=tuple(metrics),
            parts=parts.parts,
            notes=self._notes(whole, parts),
        )

    def _notes(self, whole: Whole, parts: Parts) -> dict[str, Scalar]:
        options = self.options
        emotion = EMOTION_METER in whole.timeline and options.emotion
        return {
            "policy": options.policy.id,
            "language": whole.spoken.language,
            "voices": whole.spoken.told_by,
            "rubric_version": self.rubric.version,
            "emotion": "measured" if emotion else "not_measured",
            "consent": options.consent,
            "questions": len(options.questions),
            "questions_placed": parts.placed,
            "questions_outside": parts.outside,
            "opt_out": " ".join(sorted(options.opt_out)) or None,
            "calibration": _calibration(whole),
        }


class InterviewDesk:
    id: ClassVar[str] = ID
    templates: ClassVar[str] = "rubric"
    ending: ClassVar[str] = ".yaml"

    def names(self) -> Sequence[str]:
        return names()

    def about(self, name: str, /) -> About:
        rubric = load_rubric(name)
        return About(rubric.title, rubric.description)

    def read(self, brief: Brief, /) -> Assignment:
        if brief.waivers:
            raise TemplateInvalid("interview.no_waivers")
        options = options_from(brief.options, frozenset(definitions()))
        if brief.source is not None:
            return InterviewAssignment(parse_rubric(brief.template, brief.source), options)
        return InterviewAssignment(load_rubric(brief.template), options)


def _told(detector: Detector, options: Options) -> Detector:
    """The detector with what the person showed of their own gaze, where it goes by that."""
    limits = getattr(detector, "limits", None)
    if options.calibration is None or not isinstance(limits, GazeLimits):
        return detector
    return replace(detector, limits=gaze_limits(options.calibration))  # type: ignore[type-var]  # a dataclass


def _calibration(whole: Whole) -> str | None:
    """Where the direction of the lens is from; None where no gaze was measured."""
    try:
        axis_from = whole.gaze.axis_from
    except (Unmeasured, ColumnMissing):
        return None
    if whole.options.calibration is None:
        return "learned"
    return "measured" if axis_from is AxisFrom.CALIBRATION else "not_seen"


def _without(timeline: Timeline, missing: ColumnMissing) -> Timeline:
    """The timeline without a meter that an older version of this program measured, in columns of its own."""
    columns = {name: columns for name, columns in timeline.columns.items() if name != missing.meter}
    why = Message.of("interview.older_columns", meter=missing.meter, column=missing.column)
    return replace(timeline, columns=columns, not_measured={**timeline.not_measured, missing.meter: why})


DESK = InterviewDesk
