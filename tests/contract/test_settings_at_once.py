"""Settings that several administrators change at the same time, on every database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from tests.running import settings_for

from sightline.library.actor import SYSTEM
from sightline.library.database import Database
from sightline.library.installation_table import InstallationRow
from sightline.service.operations import settings_file
from sightline.service.operations.installation import Installation

TOGETHER = 4
ROUNDS = 6


def _at_once(works: list[Callable[[], object]]) -> list[BaseException]:
    """What they raised."""
    start, errors = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001  (for the test to look at)
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def _kept(database: Database) -> dict[str, object]:
    with database.read(SYSTEM) as session:
        return {row.name: row.value for row in session.scalars(select(InstallationRow))}


def test_those_who_set_and_give_back_the_same_setting_at_once_all_succeed(database: Database, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    installations = [Installation(settings, database) for _ in range(TOGETHER)]
    names = ("keep_videos_days", "keep_jobs_days")

    def setting(number: int) -> Callable[[], object]:
        # Each in another order.
        values = dict.fromkeys(names if number % 2 else names[::-1], number + 1)
        return lambda: installations[number].change(SYSTEM, values)

    def giving_back(number: int) -> Callable[[], object]:
        return lambda: installations[number].change(SYSTEM, dict.fromkeys(names))

    for _ in range(ROUNDS):
        assert _at_once([setting(number) for number in range(TOGETHER)]) == []
        kept = _kept(database)
        assert set(kept) == set(names)
        assert len(set(kept.values())) == 1, "of one who changes several, all hold or none"
        assert _at_once([(setting if number % 2 else giving_back)(number) for number in range(TOGETHER)]) == []
        assert _at_once([giving_back(number) for number in range(TOGETHER)]) == []
        assert _kept(database) == {}


def test_the_first_who_look_at_settings_at_the_same_time_all_see_them() -> None:
    for _ in range(20):
        settings_file._described.cache_clear()
        assert _at_once([settings_file.described for _ in range(8)]) == []
