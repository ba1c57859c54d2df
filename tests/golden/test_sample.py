"""The demo's programme: everything planted is found, to the picture or with the reason it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sightline.cli.tables import nearest
from sightline.service.analysis import Analysis, analyze
from sightline.service.sample import PLANTED, Planted, _yuv420, make_pictures
from sightline.timeline.event import Event

SLACK = {
    # The darkest pictures of a fade are black already (98 % of pixels under 10 %); the fade ends where black begins.
    "fade": 6,
    "black": 4,
    # One picture of decay: a flash is counted until a second has passed without a change.
    "flash_luminance": 2,
    "flash_red": 2,
    # Mixes of a twenty-first are below what coding leaves.
    "dissolve": 1,
    "wipe": 1,
    # Bars are sought four times a second and go with the wipe that ends them.
    "letterbox": 20,
    "clipping": 1,
}
"""Pictures by which a found edge may differ from the planted one. What is not named here is exact."""


@pytest.fixture(scope="module")
def analysis(sample: Path) -> Analysis:
    return analyze(sample, cache=False)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda p: f"{p.kind}-{p.first}")
def test_what_was_planted_is_found(planted: Planted, analysis: Analysis) -> None:
    event = nearest(planted, analysis.events(planted.kind))
    assert event is not None, f"no {planted.kind} near picture {planted.first}"
    assert event.start_frame is not None
    assert event.end_frame is not None
    slack = SLACK.get(planted.kind, 0)
    assert abs(event.start_frame - planted.first) <= slack
    assert abs(event.end_frame - planted.last) <= slack


@pytest.mark.parametrize("kind", ["cut", "dissolve", "wipe", "freeze", "silence", "bars", "out_of_phase", "pattern"])
def test_nothing_is_found_that_was_not_planted(kind: str, analysis: Analysis) -> None:
    planted = [p for p in PLANTED if p.kind == kind]
    known = {id(nearest(p, analysis.events(kind))) for p in planted}
    black = [p for p in PLANTED if p.kind in ("black", "bars")]
    others = [e for e in analysis.events(kind) if id(e) not in known]
    if kind in ("freeze", "silence"):
        # Bars and black stand still, and are silent: they are found as that too, and labelled.
        others = [e for e in others if not any(_inside(e, p) for p in black)]
    if kind == "cut":
        # Programme starts and ends of bars, black and letterbox are cuts as well.
        edges = {n for p in PLANTED for n in (p.first, p.last)}
        others = [e for e in others if e.start_frame not in edges]
    assert not [(e.kind, e.start_frame, e.end_frame) for e in others]


def _inside(event: Event, planted: Planted) -> bool:
    slack = SLACK["black"]
    first, last = event.start_frame or 0, event.end_frame or 0
    return planted.first - slack <= first and last <= planted.last + slack


def test_the_verdict_is_fail_and_says_why(analysis: Analysis) -> None:
    assert analysis.verdict == "fail"
    failed = {check.id for check in analysis.judgement.checks if check.state == "fail"}
    assert {"P1", "P2"} <= failed


def test_chroma_is_the_mean_of_four_pixels_to_the_bit() -> None:
    for _, picture in zip(range(80), make_pictures(), strict=False):
        r, g, b = picture[..., 0], picture[..., 1], picture[..., 2]
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        for plane, code in (((b - y) / 1.8556, 1), ((r - y) / 1.5748, 2)):
            mean = plane.reshape(180, 2, 320, 2).mean(axis=(1, 3))
            expected = np.clip(np.rint(128 + 224 * mean), 1, 254).astype(np.uint8)
            assert np.array_equal(_yuv420(picture)[code], expected)
