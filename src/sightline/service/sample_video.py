"""The sample programme as a video of somebody's own, so that an empty library has something to show."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from sightline.errors import OutputUnwritable
from sightline.library.actor import Actor
from sightline.library.blobs import Blobs
from sightline.library.database import Database
from sightline.service.access import Right, require
from sightline.service.analyses import Analyses, Asked
from sightline.service.intake.take_in import TakeIn
from sightline.service.operations.sweeps import write_card
from sightline.service.previews import Preview, Previews
from sightline.service.sample import make_sample
from sightline.service.settings import Settings
from sightline.service.templates import QC
from sightline.service.videos import Shown, Videos
from sightline.version import VERSION

NAME = "sample.mov"
SOURCE = "upload"
GOING_WELL = ("queued", "running", "done")
"""States of an analysis that need no other beside it."""
TO_BE_MADE = (Preview.NONE, Preview.FAILED)


class SampleVideo:
    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        settings: Settings,
        take_in: TakeIn,
        videos: Videos,
        analyses: Analyses,
        previews: Previews,
    ) -> None:
        self._database, self._blobs, self._settings = database, blobs, settings
        self._take_in, self._videos, self._analyses, self._previews = take_in, videos, analyses, previews
        self._making = threading.Lock()

    def take(self, actor: Actor, workspace_id: str, *, analyse: bool) -> Shown:
        """Makes the programme, once for an installation, and takes it in; the workspace's own where it is there. With
        ``analyse`` it is judged by the default template of quality control, unless it was. The copy that browsers play
        is made as well: first, as it is made sooner.

        Takes seconds the first time. Raises as `TakeIn.take`, `Previews.ask` and `Analyses.create`.
        """
        require(actor, Right.EDIT, workspace_id)
        with tempfile.TemporaryDirectory(prefix="sample-", dir=_made(self._settings.work)) as folder:
            # The store may keep the very file it is handed.
            path = Path(shutil.copy(self._kept(), Path(folder) / NAME))
            taken = self._take_in.take(actor, workspace_id, path, NAME, SOURCE)
        write_card(self._database, self._blobs, taken.video_id)
        shown = self._videos.get(actor, taken.video_id)
        if not shown.is_playable and shown.video.preview in TO_BE_MADE:
            self._previews.ask(actor, taken.video_id)
            shown = self._videos.get(actor, taken.video_id)
        if analyse and not any(each.desk == QC and each.state in GOING_WELL for each in shown.analyses):
            self._analyses.create(actor, Asked(taken.video_id))
            shown = self._videos.get(actor, taken.video_id)
        return shown

    def _kept(self) -> Path:
        """The programme on disk. Its bytes are always the same; making them takes a while."""
        place = place_of(self._settings)
        with self._making:
            if place.is_file():
                return place
            try:
                with tempfile.TemporaryDirectory(prefix=".making-", dir=_made(place.parent)) as folder:
                    return make_sample(Path(folder) / NAME).replace(place)
            except OSError as error:
                raise OutputUnwritable("bundle.unwritable", path=place, why=error.strerror or error) from error


def place_of(settings: Settings) -> Path:
    """Where the programme is kept once it was made."""
    return settings.cache_dir / "sample" / f"sample-{VERSION}.mov"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
