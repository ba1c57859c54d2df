"""Metrics: what Prometheus gets to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.cache import CacheStats
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.service.operations.machine import Disk, Gpu, MachineSample
from sightline.service.operations.metrics import Metrics
from sightline.service.operations.queue_state import QueueState

SAMPLE = MachineSample(
    now(), (10.0, 20.0), 15.0, 5.0, 10.0, (0.1, 0.1, 0.1), 40.0, 4, 10, 1, 1,
    (Disk("data", "/data", 100, 200),), (Gpu("NVIDIA X", 50.0, 5, 10, None),),
)  # fmt: skip


def values(metrics: Metrics) -> dict[str, float]:
    lines = metrics.render().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_what_is_counted_is_read() -> None:
    metrics = Metrics()
    metrics.request_answered("/api/v1/videos/{id}", "GET", 200, 0.02)
    metrics.request_answered("", "BREW", 404, 0.001)
    metrics.request_began()
    metrics.job_began(0.004)
    metrics.job_ended("analysis", "done", 12.0, media_s=60)
    metrics.bytes_taken_in("upload", 1000)
    metrics.database_failed()
    metrics.sign_in_tried("refused")
    read = values(metrics)
    assert read['sightline_http_request_seconds_count{method="GET",route="/api/v1/videos/{id}",status="200"}'] == 1
    assert read['sightline_http_request_seconds_count{method="other",route="(none)",status="404"}'] == 1
    assert read["sightline_http_requests_running"] == 1
    assert read['sightline_jobs_finished_total{kind="analysis",state="done"}'] == 1
    assert read["sightline_media_seconds_total"] == 60
    assert read['sightline_dispatch_seconds_bucket{le="0.005"}'] == 1
    assert read['sightline_upload_bytes_total{source="upload"}'] == 1000
    assert read["sightline_database_errors_total"] == 1
    assert "process_resident_memory_bytes" in read


def test_what_is_sampled_is_asked_for_at_every_reading() -> None:
    hits = [0]

    def stats() -> CacheStats:
        hits[0] += 1
        return CacheStats(hits[0], 2, 3, 4, 5, 6, True)

    queue = QueueState({"queued": 7, "running": 2}, 3.5, 1.0, {"disk": 1})
    metrics = Metrics(cache=stats, sample=lambda: SAMPLE, queue=lambda: queue)
    assert values(metrics)['sightline_cache_hits_total{tier="memory"}'] == 1
    read = values(metrics)
    assert read['sightline_cache_hits_total{tier="memory"}'] == 2
    assert read['sightline_jobs{state="queued"}'] == 7
    assert read["sightline_dispatcher_age_seconds"] == 1.0
    assert read['sightline_disk_free_bytes{folder="data"}'] == 100
    assert read['sightline_gpu_percent{gpu="0",name="NVIDIA X"}'] == 50
    assert "sightline_gpu_temperature_celsius" not in {name.partition("{")[0] for name in read}
    assert read['sightline_alerts_open{kind="disk"}'] == 1


def test_two_sets_of_metrics_in_one_process_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.database_failed()
    assert values(other)["sightline_database_errors_total"] == 0


def test_names_are_known_before_anything_was_counted() -> None:
    names = Metrics().names()
    read = Metrics(sample=lambda: SAMPLE, queue=lambda: QueueState({"queued": 1}, 0, 1, {"cpu": 1}))
    read.request_answered("/", "GET", 200, 1)
    read.job_ended("analysis", "done", 1)
    read.bytes_taken_in("upload", 1)
    read.sign_in_tried("accepted")
    assert {key.partition("{")[0] for key in values(read)} <= names


def test_a_database_that_cannot_be_reached_is_counted_and_a_mistake_of_ours_is_not(tmp_path: Path) -> None:
    metrics = Metrics()
    gone, there = Database("postgresql+psycopg://nobody@127.0.0.1:1/none"), Database(f"sqlite:///{tmp_path / 'x.db'}")
    for database in (gone, there):
        metrics.watch(database)
    with pytest.raises(Unavailable), gone.read(SYSTEM) as session:
        session.execute(text("SELECT 1"))
    with there.engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER NOT NULL)"))
    with pytest.raises(IntegrityError), there.engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (NULL)"))
    there.close()
    assert values(metrics)["sightline_database_errors_total"] == 1
