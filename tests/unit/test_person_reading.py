"""Lines and return sweeps are behaviour consistent with reading; other eyes are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.people import Body, Floats, Take

from sightline.detectors.person.reading_like import ReadingLikeDetector
from sightline.timeline.event import Event, Severity


def found(take: Take) -> tuple[Event, ...]:
    return ReadingLikeDetector().detect(take.timeline())


@pytest.mark.parametrize("rate_hz", [15, 30])
@pytest.mark.parametrize("jitter", [0.0, 0.5])
@pytest.mark.parametrize("lines_hz", [0.5, 0.7, 1.0])
def test_lines_are_counted_where_they_are(lines_hz: float, rate_hz: float, jitter: float) -> None:
    take = Take.of(60, rate_hz, jitter=jitter)
    take.person().read(20, 35, lines_hz=lines_hz).blink(2, 5, 9, 40, 44, 50)
    (event,) = found(take)
    start, end = event.span.seconds
    assert start > 19.8
    assert end < 35.3
    # The first and the last line may be lost in the way to them and from them.
    assert end - start > 15 - 3 / lines_hz
    assert event.evidence["value"] == pytest.approx((end - start) * lines_hz, rel=0.2)
    assert event.evidence["line_s"] == pytest.approx(1 / lines_hz, rel=0.15)
    assert event.evidence["down_deg"] == pytest.approx(14, abs=1)
    assert event.confidence > 0.8
    assert event.severity is Severity.WARNING


def test_a_mirrored_picture_reads_the_other_way() -> None:
    take = Take.of(60)
    take.person().read(20, 30, wide=-12)
    assert len(found(take)) == 1


def test_reading_from_the_lens_is_less_sure() -> None:
    lens, notes = Take.of(60), Take.of(60)
    lens.person().read(20, 30, down=0)
    notes.person().read(20, 30)
    (sure,), (unsure,) = found(notes), found(lens)
    assert sure.confidence > unsure.confidence


def wandering(body: Body, seed: int) -> Body:
    """Eyes that jump at random times to random places, as in thought or in talk."""
    rng = np.random.default_rng(seed)
    at = np.cumsum(rng.exponential(0.7, 400))
    across, down = rng.normal(0, 8, 401), rng.normal(0, 5, 401)

    def places(values: Floats) -> object:
        return lambda t: values[np.searchsorted(at, t)]

    return body.add(places(across), "gaze_h").add(places(down), "gaze_v")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_eyes_that_wander_for_minutes_do_not_read(seed: int) -> None:
    take = Take.of(240)
    wandering(take.person(), seed)
    assert found(take) == ()


def test_perfect_gaze_is_no_reading() -> None:
    take = Take.of(120)
    take.person().blink(*range(3, 117, 3))
    assert found(take) == ()


def test_a_head_that_shakes_and_eyes_that_swing_evenly_do_not_read() -> None:
    take = Take.of(60)
    take.person().shake(10, cycles=12, hz=1).add(lambda t: 8 * np.sin(2 * np.pi * 0.6 * t), "gaze_h")
    assert found(take) == ()


def test_two_lines_are_too_few() -> None:
    take = Take.of(60)
    take.person().read(20, 24, lines_hz=0.5)
    assert found(take) == ()


def test_a_slow_camera_cannot_tell_and_says_so() -> None:
    take = Take.of(60, 5)
    take.person().read(20, 35)
    assert found(take) == ()
    why = ReadingLikeDetector().refusal(take.timeline())
    assert why is not None
    assert why.key == "person.refused.rate"
