"""A process with a dispatcher and children, to be killed: ``python jobs_server.py URL FOLDER``. Ends with its input."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from pathlib import Path

from sqlalchemy.orm import Session

from sightline.jobs.dispatcher import Dispatcher
from sightline.jobs.executors.process import ProcessExecutor
from sightline.jobs.machine import Job, Limits
from sightline.jobs.work import Outcome, Work
from sightline.library.database import Database
from sightline.library.running_tables import AuditRow

CHILDREN = 3


def conclude(session: Session, job: Job, outcome: Outcome) -> None:
    """Counted in the job's own transaction."""
    session.add(AuditRow(actor="test", action="job.concluded", subject=job.id, details={"as": type(outcome).__name__}))


def main(url: str, folder: str) -> None:
    faulthandler.register(signal.SIGUSR1)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    database = Database(url)
    work = {"count": Work("tests.toy_work:count", lambda job: job.payload, conclude)}
    dispatcher = Dispatcher(database, ProcessExecutor(CHILDREN), work, Limits(CHILDREN, losses=1000), Path(folder))
    dispatcher.start()
    sys.stdin.read()
    dispatcher.stop()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
