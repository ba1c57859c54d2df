"""Links to media of a folder store hold for one path and some time, in every process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sightline.errors import NotSignedIn
from sightline.library.blobs import Blobs
from sightline.service.media_links import MediaLinks

PATH = "/api/v1/videos/1/media"
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def _parts(url: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(url).query)
    return query["expires"][0], query["token"][0]


def test_a_link_holds_in_every_process_until_it_expires(tmp_path: Path) -> None:
    expires, token = _parts(MediaLinks(Blobs.in_folder(tmp_path)).sign(PATH, 60, NOON))
    other = MediaLinks(Blobs.in_folder(tmp_path))
    other.verify(PATH, expires, token, NOON + timedelta(seconds=59))
    with pytest.raises(NotSignedIn, match="expired"):
        other.verify(PATH, expires, token, NOON + timedelta(seconds=60))


def test_a_changed_link_does_not_hold(tmp_path: Path) -> None:
    links = MediaLinks(Blobs.in_folder(tmp_path))
    expires, token = _parts(links.sign(PATH, 60, NOON))
    later = str(int(expires) + 3600)
    for path, until, proof in (
        ("/api/v1/videos/2/media", expires, token), (PATH, later, token), (PATH, f"{expires} ", token),
        (PATH, f"+{expires}", token), (PATH, "٣", token), (PATH, "", token), (PATH, "9" * 400, token),
        (PATH, expires, ""), (PATH, expires, token[:-1]), (PATH, expires, "é" + token), (PATH, expires, "\udcff"),
    ):  # fmt: skip
        with pytest.raises(NotSignedIn):
            links.verify(path, until, proof, NOON)


def test_another_installation_makes_other_links(tmp_path: Path) -> None:
    expires, token = _parts(MediaLinks(Blobs.in_folder(tmp_path / "a")).sign(PATH, 60, NOON))
    with pytest.raises(NotSignedIn):
        MediaLinks(Blobs.in_folder(tmp_path / "b")).verify(PATH, expires, token, NOON)
