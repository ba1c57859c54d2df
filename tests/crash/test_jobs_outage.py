"""The database goes away under running jobs and comes back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from jobs_under_fire import STEP_S, STEPS, Cable, Jobs, Servers, until
from sqlalchemy import make_url
from tests import services

from sightline.library.database import Database

AWAY_S = 5.0


@pytest.mark.parametrize("database", services.DATABASES[1:], indirect=True)
@pytest.mark.parametrize("how", ["cut", "silence"])
def test_jobs_go_on_when_the_database_is_back(database: Database, tmp_path: Path, how: str) -> None:
    at = make_url(database.url)
    cable = Cable((at.host or "127.0.0.1", at.port or 0))
    through = at.set(host="127.0.0.1", port=cable.port).render_as_string(hide_password=False)
    jobs, servers = Jobs(database, tmp_path), Servers(through, tmp_path, number=1)
    try:
        jobs.put(20)
        until(lambda: jobs.states()["done"] >= 2, 30)
        getattr(cable, how)()
        gone = time.monotonic()
        if how == "cut":
            until(lambda: not servers.children(), 3, servers.tell)
        time.sleep(max(0.0, AWAY_S - (time.monotonic() - gone)))
        # Whoever cannot reach the database cannot know that nobody else does its jobs.
        work_done = len(list(jobs.kept.iterdir()))
        time.sleep(3 * STEP_S)
        assert len(list(jobs.kept.iterdir())) == work_done < 20 * STEPS
        cable.mend()

        def is_over() -> bool:
            jobs.hurry()
            return not jobs.unfinished()

        until(is_over, 60, lambda: f"{jobs.states()}\n{servers.tell()}")
    finally:
        servers.close()
        cable.close()
    jobs.all_ended_once()
    assert list((tmp_path / "jobs").iterdir()) == []
