"""The cuts of a real film, named by two other detectors and by eye."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sightline.detectors.shots import ShotDetector
from sightline.facts import MediaFacts
from sightline.media.decode import Decoder
from sightline.media.picture import Picture, PictureBatch
from sightline.media.probe import probe
from sightline.meters.meter import Subject
from sightline.meters.shots import ShotMeter
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Provenance, Timeline

MEDIA = Path(__file__).parents[2].parent / "shared" / "media"


def _events(name: str) -> tuple[Event, ...]:
    path = MEDIA / name
    if not path.exists():
        pytest.skip(f"needs {name} beside the checkout")
    facts = probe(path)
    meter = ShotMeter(Subject(facts, facts.video))
    with Decoder(path, facts, sounds=(), packets=False) as decoder:
        for unit in decoder:
            if isinstance(unit, Picture):
                meter.measure(PictureBatch((unit,)))
    columns = meter.columns()
    clock = Columns("pictures", columns.time_base, columns.ticks, columns.end, ())
    media = cast(MediaFacts, SimpleNamespace(audios=()))
    timeline = Timeline(media, {"shots": columns, "pictures": clock}, Provenance("test", "now"))
    return timeline.with_events(ShotDetector().detect(timeline)).events


def test_the_cuts_of_big_buck_bunny_are_exact_and_its_titles_are_no_transitions() -> None:
    found = [(e.kind, e.start_frame) for e in _events("big_buck_bunny_60s.mp4") if e.kind != "shot"]
    assert [at for kind, at in found if kind == "cut"] == [1, 285, 378, 553, 1145, 1346]
    gradual = [(kind, at) for kind, at in found if kind != "cut"]
    assert [kind for kind, _ in gradual] == ["fade", "dissolve"]
    assert gradual[1][1] is not None
    assert 750 <= gradual[1][1] <= 770


@pytest.mark.parametrize("name", ["traffic.mp4", "signing_person.mkv", "face_turning_woman.gif"])
def test_a_single_take_is_one_shot(name: str) -> None:
    assert [e.kind for e in _events(name)] == ["shot"]
