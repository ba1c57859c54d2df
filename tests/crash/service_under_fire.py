"""What the crash tests of the whole service share: videos, analyses, and what must be true of them in the end."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select, update
from tests.media_clips import write_clip
from tests.running import Person, Service

from sightline.facts import MediaFacts
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import now
from sightline.library.running_tables import AuditRow
from sightline.library.tables import AnalysisRow, BlobRow, JobRow, UploadRow, VideoRow
from sightline.media.probe import probe
from sightline.service.bundles import CARD
from sightline.service.intake import take_in
from sightline.service.operations.sweeps import write_card
from sightline.timeline.bundle import read_bundle

UNFINISHED = ("queued", "running")
TEMPLATES = ("default", "ebu-r128", "netflix", "archive")


class Library:
    """One person's videos and analyses in an installation that is being shot at."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.platform, self._folder = service, service.platform, folder
        self.person: Person = service.person("mina@example.org")
        self.actor = Actor(self.person.id, "mina@example.org", {self.person.workspace_id: Role.EDITOR})
        self.videos: list[str] = []
        self.asked = 0

    def take_in(self, number: int) -> None:
        """Videos no two of which are alike. Looked into in this process: another for each would take its time."""
        before = take_in.examine
        take_in.examine = _looked_into
        try:
            for n in range(number):
                path = tiny_clip(self._folder / f"{n}.mp4", n)
                taken = self.platform.take_in.take(self.actor, self.person.workspace_id, path, path.name, "upload")
                write_card(self.platform.database, self.platform.blobs, taken.video_id)
                self.videos.append(taken.video_id)
        finally:
            take_in.examine = before

    def ask(self, number: int, url: str) -> None:
        """Analyses by way of a process that answers; a video's second one is by another template."""
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {self.person.token}"}, timeout=30) as http:
            for _ in range(number):
                turn, which = divmod(self.asked, len(self.videos))
                body = {"video_id": self.videos[which], "template": TEMPLATES[turn % len(TEMPLATES)]}
                deadline = time.monotonic() + 30
                while (answer := _asked(http, body)) is None:
                    assert time.monotonic() < deadline, "no analysis can be asked for"
                    time.sleep(0.1)
                assert answer.status_code == 201, answer.text
                self.asked += 1

    def states(self) -> Counter[str]:
        with self.platform.database.read(SYSTEM) as session:
            return Counter(session.scalars(select(AnalysisRow.state)))

    def jobs(self) -> Sequence[JobRow]:
        with self.platform.database.read(SYSTEM) as session:
            return session.scalars(select(JobRow)).all()

    def unfinished(self) -> int:
        states = self.states()
        return sum(states[state] for state in UNFINISHED)

    def hurry(self) -> None:
        """Nobody wants to wait out the delays after crashes."""

        def work(session: Any) -> None:
            session.execute(update(JobRow).where(JobRow.state == "queued").values(due_at=now()))

        self.platform.database.change(SYSTEM, work)

    def is_over(self) -> bool:
        self.hurry()
        return not self.unfinished()

    def is_done_once(self) -> None:
        """Every analysis: one job, one line in the audit, a whole bundle."""
        with self.platform.database.read(SYSTEM) as session:
            analyses = session.scalars(select(AnalysisRow)).all()
            done = Counter(session.scalars(select(AuditRow.subject).where(AuditRow.action == "analysis.done")))
        ids = [row.id for row in analyses]
        assert Counter(row.state for row in analyses) == {"done": len(ids)}
        assert len(ids) >= self.asked
        assert done == {f"analysis:{each}": 1 for each in ids}
        assert sorted((job.subject_id or "", job.state) for job in self.jobs()) == sorted((i, "done") for i in ids)
        for row in analyses:
            folder = self.platform.bundles.folder(row.id)
            assert set(read_bundle(folder).timeline.columns)
            assert self.platform.bundles.judged(row.id, row.document)["judgement"]["verdict"] == row.verdict
            assert {"report.html", CARD, "events.json"} <= {path.name for path in folder.iterdir()}

    def nothing_lies_about(self) -> None:
        """What is in the folders belongs to a row, and the other way round."""
        settings, database, blobs = self.platform.settings, self.platform.database, self.platform.blobs
        with database.read(SYSTEM) as session:
            videos = {row.id: row.sha256 for row in session.execute(select(VideoRow.id, VideoRow.sha256))}
            analyses = set(session.scalars(select(AnalysisRow.id)))
            rows = set(session.scalars(select(BlobRow.sha256).where(~BlobRow.is_leaving)))
            arriving = set(session.scalars(select(UploadRow.id).where(UploadRow.state == "arriving")))
        assert not list((settings.work / "jobs").glob("*"))
        assert {path.name for path in (settings.work / "uploads").glob("*")} == arriving
        assert not [path for path in settings.work.rglob("*") if path.is_file() and path.name not in arriving]
        # What a writer that was killed left half-written is swept up once it is a day old.
        for part in settings.archive.rglob(".*.part"):
            _make_old(part)
        self.platform.retention.run()
        assert not list(settings.archive.rglob(".*"))
        assert {sha256 for sha256, _ in blobs.all()} == rows == set(videos.values())
        assert {p.name.removesuffix(".sightline") for p in (settings.archive / "analyses").glob("*")} == analyses
        assert {path.stem for path in (settings.archive / "videos").glob("*")} == set(videos)


def tiny_clip(path: Path, number: int) -> Path:
    """A second of pictures and sound, unlike that of any other number."""
    return write_clip(
        path, pictures=25, size=(96, 64), rate=Fraction(25), sounds=[("aac", 48_000, "stereo")],
        metadata={"title": f"clip {number}"},
    )  # fmt: skip


def _looked_into(path: Path, name: str) -> MediaFacts:
    return replace(probe(path), name=name)


def _asked(http: httpx.Client, body: dict[str, str]) -> httpx.Response | None:
    """None: nobody answered, or not now."""
    with suppress(httpx.TransportError):
        answer = http.post("/api/v1/analyses", json=body)
        return None if answer.status_code == 503 else answer
    return None


def _make_old(path: Path) -> None:
    before = time.time() - 25 * 3600
    os.utime(path, (before, before))
