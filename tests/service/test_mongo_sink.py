"""Raw records in MongoDB, over real sockets to a server of the tests' own: no MongoDB can be installed here."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests import running
from tests.mongo_server import mongo_server
from tests.service.test_cli import make_clip
from tests.service.test_people_records import done

from sightline.errors import SetupError, Unavailable
from sightline.service.analysis import Analysis, analyze
from sightline.service.settings import Settings
from sightline.service.sinks import mongo as sinks
from sightline.service.sinks.mongo import MongoSink


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    clip = make_clip(tmp_path_factory.mktemp("sink") / "talk.mp4", 100, range(20, 60))
    return analyze(clip, settings=Settings(cache_dir=clip.parent))


def test_signals_come_back_row_by_row_whatever_the_chunks(analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "VALUES_AT_ONCE", 100)
    with mongo_server() as server:
        sink = MongoSink(server.url)
        count = sink.put("a1", analysis)
        sink.close()
    assert count == sum(map(len, server.kept.values()))
    chunks = [d for d in server.kept["talks.signals"] if d["meter"] == "levels"]
    assert len(chunks) > 1
    columns = analysis.timeline.columns["levels"]
    ordered = sorted(chunks, key=lambda d: d["first_row"])
    assert [tick for chunk in ordered for tick in chunk["ticks"]] == columns.ticks.tolist()
    sent = [v for chunk in ordered for v in chunk["columns"]["y_mean"]]
    assert np.array_equal(np.array(sent, float), np.asarray(columns["y_mean"], float), equal_nan=True)
    assert len(server.kept["talks.events"]) == len(analysis.timeline.events)
    assert server.kept["talks.analyses"][0]["judgement"]["verdict"] == analysis.verdict


def test_no_picture_leaves_the_bundle(analysis: Analysis) -> None:
    with mongo_server() as server:
        sink = MongoSink(server.url)
        sink.put("a1", analysis)
        sink.close()
    assert "thumbs" in analysis.timeline.columns
    thumbs = [d for d in server.kept["talks.signals"] if d["meter"] == "thumbs"]
    assert all("jpeg" not in d["columns"] for d in thumbs)
    assert not any(isinstance(v, bytes) for d in thumbs for column in d["columns"].values() for v in column)
    assert server.largest_bytes < 16 << 20


def test_putting_again_replaces_and_forgetting_leaves_nothing(analysis: Analysis) -> None:
    with mongo_server() as server:
        sink = MongoSink(server.url)
        first = sink.put("a1", analysis)
        sink.put("a2", analysis)
        bare = replace(analysis, timeline=replace(analysis.timeline, columns={}, events=()))
        assert sink.put("a1", bare) == 1
        assert sink.forget(["a1"]) == 1
        assert sink.forget(["a2"]) == first
        sink.close()
    assert not any(server.kept.values())


def test_a_server_that_is_away_is_told_without_its_password(
    analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "ANSWER_MS", 200)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sink = MongoSink(f"mongodb://me:hush@127.0.0.1:{taken.getsockname()[1]}/talks")
        with pytest.raises(Unavailable) as away:
            sink.put("a1", analysis)
        sink.close()
    assert "hush" not in str(away.value)
    with pytest.raises(SetupError):
        MongoSink("postgresql://x")


def test_every_analysis_goes_there_and_leaves_with_its_video(tmp_path: Path) -> None:
    with mongo_server() as server:
        settings = running.settings_for(tmp_path, mongo_url=server.url)
        with running.running(settings) as service:
            person = service.person("m@example.org")
            with service.http(person.token) as http, service.client(person) as client:
                video = client.upload(make_clip(tmp_path / "talk.mp4", 60, range(5, 30))).id
                found = done(http, video)
                assert found["state"] == "done"
                kept = server.kept["talks.analyses"]
                assert [d["analysis"] for d in kept] == [found["id"]]
                receipt = client.erase_video(video)
        removed = {one["what"]: one["count"] for one in receipt["document"]["removed"]}
        assert removed["records in MongoDB"] > 1
        assert not any(server.kept.values()), json.dumps(list(server.kept))


def test_an_analysis_is_done_where_the_sink_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "ANSWER_MS", 200)
    settings = running.settings_for(tmp_path, mongo_url="mongodb://127.0.0.1:9/talks")
    with running.running(settings) as service:
        person = service.person("m@example.org")
        with service.http(person.token) as http, service.client(person) as client:
            video = client.upload(make_clip(tmp_path / "talk.mp4", 60, range(5, 30))).id
            assert done(http, video)["state"] == "done"
            receipt = client.erase_video(video)
    # What could not be reached is told, not passed over.
    assert receipt["document"]["pending"] == ["records in MongoDB"]
    assert not receipt["is_complete"]
