"""Backup and restore: what was there comes back, on every database; what is no backup of ours is refused."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from tests import services

from sightline.errors import ArchiveInvalid, Conflict, OutputUnwritable, SetupError, SightlineError
from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs, name_of
from sightline.library.database import Database
from sightline.library.migrate import downgrade, head
from sightline.library.running_tables import AuditRow, ChangeRow, ProcessRow, RepeatRow
from sightline.library.tables import (
    AnalysisRow,
    Base,
    BlobRow,
    FindingRow,
    JobRow,
    TagRow,
    TemplateRow,
    UserRow,
    VideoRow,
    WorkspaceRow,
)
from sightline.service.operations.archive import MANIFEST, SUMS, Progress, check
from sightline.service.operations.backup import LEFT_OUT, BackupMade, backup
from sightline.service.operations.restore import Restored, restore

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
VIDEOS = [b"first video" * 1000, bytes(range(256)) * 5000]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fill(database: Database, blobs: Blobs) -> None:
    """Something in every kind of column."""
    with database.write(SYSTEM) as session:
        session.add(WorkspaceRow(id="w", name='작업실 "1"\n', created_at=AT))
        session.add(UserRow(id="u", email="kim@example.org", password_hash="$argon2id$", is_admin=True, created_at=AT))
        session.flush()
        for number, content in enumerate(VIDEOS):
            session.add(BlobRow(sha256=sha(content), size_bytes=len(content)))
            session.add(
                VideoRow(
                    id=f"v{number}", workspace_id="w", sha256=sha(content), name=f"영상 {number}.mp4",
                    size_bytes=len(content), duration_s=3600.123456789 + number, rate=None, media_type="video/mp4",
                    facts={"한": [1, 2.5, None, True]}, source="upload", created_by="u", created_at=AT,
                )
            )  # fmt: skip
        session.flush()
        session.add(TagRow(workspace_id="w", video_id="v0", tag="Tag"))
        session.add(
            AnalysisRow(
                id="a", workspace_id="w", video_id="v0", desk="qc", template="default", waivers=[{"x": 1}],
                summary={}, revision=3, error=None, finished_at=AT,
            )
        )  # fmt: skip
        session.flush()
        session.add(FindingRow(workspace_id="w", analysis_id="a", kind="black", count=3, first_s=0.1 + 0.2))
        session.add(JobRow(workspace_id="w", kind="analysis", timeout_s=1e-300, error={"key": "x"}, priority=-10))
        session.add(TemplateRow(workspace_id="w", name="t", source="x" * 100_000 + "가"))
        session.add(RepeatRow(key_hash="k", request_hash="r", status=201, body='{"a":\u2028}'))
        for number in range(1203):
            session.add(AuditRow(actor="a", action="video.read", at=AT, details={"n": number}))
        session.add(ChangeRow(workspace_id="w", kind="created", subject="video", subject_id="v0"))
        session.add(ProcessRow(host="h", pid=1, seen_at=AT))
    for content in VIDEOS:
        blobs.store.put_bytes(name_of(sha(content)), content)
    blobs.store.put_bytes("analyses/a.sightline/manifest.json", b"{}")
    blobs.store.put_bytes("analyses/a.sightline/thumbs/한글.jpg", b"\xff\xd8")
    blobs.store.put_bytes(f"analyses/a.sightline/{'long' * 40}.parquet", b"PAR1" * 100)


def rows_of(database: Database) -> dict[str, list[Any]]:
    """All but what backing up and restoring themselves wrote into the audit."""
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key))
                if not any(str(value).startswith("installation.") for value in row)
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def objects_of(blobs: Blobs) -> dict[str, bytes]:
    return {found.name: blobs.store.read_bytes(found.name) for found in blobs.store.list()}


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.in_folder(tmp_path / "archive")


@pytest.fixture
def filled(sqlite_database: Database, blobs: Blobs) -> Database:
    fill(sqlite_database, blobs)
    return sqlite_database


@pytest.fixture
def archive(filled: Database, blobs: Blobs, tmp_path: Path) -> Path:
    backup(filled, blobs, tmp_path / "b.tar")
    return tmp_path / "b.tar"


def empty(database: Database) -> None:
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))


@pytest.mark.parametrize("origin", services.DATABASES)
def test_everything_comes_back_on_every_database_and_store(
    origin: str, database: Database, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, second = Blobs.in_folder(tmp_path / "first"), Blobs.in_memory()
    made: BackupMade | None = None
    for found in services.empty_database(origin, tmp_path_factory.getbasetemp()):
        fill(found, first)
        made = backup(found, first, tmp_path / "b.tar")
        before = rows_of(found)
    assert made is not None
    assert (made.missing, made.damaged, made.objects) == ((), (), 5)
    assert made.rows == sum(map(len, before.values()))
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    done = restore(tmp_path / "b.tar", database, second, tmp_path / "work")
    assert done == Restored(made.rows, 5, done.made_at, ())
    assert rows_of(database) == before
    assert objects_of(second) == objects_of(first)
    assert list((tmp_path / "work").iterdir()) == []
    with database.write(SYSTEM) as session:
        # Counting goes on after the highest key.
        session.add(AuditRow(actor="a", action="x"))
        session.flush()
        assert session.scalar(select(func.count()).select_from(JobRow).where(JobRow.error.is_(None))) == 0
        assert session.scalar(select(func.count()).select_from(AnalysisRow).where(AnalysisRow.error.is_(None))) == 1


def test_a_store_without_files_is_backed_up_and_restored_as_well(
    filled: Database, blobs: Blobs, tmp_path: Path
) -> None:
    far = Blobs.in_memory()
    for name, content in objects_of(blobs).items():
        far.store.put_bytes(name, content)
    backup(filled, far, tmp_path / "far.tar")
    backup(filled, blobs, tmp_path / "near.tar")
    with tarfile.open(tmp_path / "far.tar") as one, tarfile.open(tmp_path / "near.tar") as other:
        assert one.getnames() == other.getnames()
        sums = [tar.extractfile(SUMS).read().splitlines() for tar in (one, other)]  # type: ignore[union-attr]
    assert len({tuple(line for line in lines if b"objects/" in line) for lines in sums}) == 1


def test_an_archive_can_be_checked_without_sightline(archive: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "xf", archive, "-C", unpacked], check=True)
    subprocess.run(["sha256sum", "--quiet", "-c", SUMS], cwd=unpacked, check=True)


def test_only_the_database(filled: Database, blobs: Blobs, tmp_path: Path) -> None:
    made = backup(filled, blobs, tmp_path / "b.tar", with_objects=False)
    assert (made.objects, made.missing) == (0, ())
    before = rows_of(filled)
    done = restore(tmp_path / "b.tar", filled, blobs, tmp_path, force=True)
    assert rows_of(filled) == before
    assert done.missing == ()
    missing = restore(tmp_path / "b.tar", filled, Blobs.in_memory(), tmp_path, force=True).missing
    assert set(missing) == {"analyses/a.sightline/manifest.json", *(name_of(sha(content)) for content in VIDEOS)}


def test_progress_reaches_its_end(filled: Database, blobs: Blobs, tmp_path: Path) -> None:
    steps: list[Progress] = []
    backup(filled, blobs, tmp_path / "b.tar", tell=steps.append)
    assert steps[-1].done_bytes == steps[-1].total_bytes
    restore(tmp_path / "b.tar", filled, blobs, tmp_path, force=True, tell=steps.append)
    assert all(step.done_bytes <= step.total_bytes for step in steps)


def test_a_video_that_is_not_there_or_no_longer_right_is_told_of(
    filled: Database, blobs: Blobs, tmp_path: Path
) -> None:
    blobs.store.remove(name_of(sha(VIDEOS[0])))
    path = blobs.store.local_path(name_of(sha(VIDEOS[1])))
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(b"rotten")
    made = backup(filled, blobs, tmp_path / "b.tar")
    assert made.missing == (name_of(sha(VIDEOS[0])),)
    assert made.damaged == (name_of(sha(VIDEOS[1])),)


def test_an_analysis_judged_anew_meanwhile_comes_with_its_document(filled: Database, tmp_path: Path) -> None:
    """The document of the judgement before is gone by the time the store is listed."""

    def judged(document: str) -> None:
        with filled.write(SYSTEM) as session:
            session.execute(update(AnalysisRow).values(document=document, revision=4))
        far.store.put_bytes(f"analyses/a.sightline/revisions/{document}.json", b"{}")

    far = Blobs.in_memory()
    for content in VIDEOS:
        far.store.put_bytes(name_of(sha(content)), content)
    judged("old")
    listed, asked = far.store.list, []

    def list_late(prefix: str = "") -> Any:
        if not asked:
            far.store.remove("analyses/a.sightline/revisions/old.json")
            judged("new")
        asked.append(1)
        return listed(prefix)

    far.store.list = list_late  # type: ignore[method-assign]
    made = backup(filled, far, tmp_path / "b.tar")
    assert made.missing == ()
    assert len(asked) == 2


def test_a_backup_replaces_another_only_when_asked(archive: Path, filled: Database, blobs: Blobs) -> None:
    with pytest.raises(Conflict):
        backup(filled, blobs, archive)
    backup(filled, blobs, archive, replace=True, with_objects=False)
    assert check(archive, archive.parent).manifest.has_objects is False


def test_a_backup_that_fails_leaves_nothing(filled: Database, blobs: Blobs, tmp_path: Path) -> None:
    target = tmp_path / "here" / "b.tar"
    with pytest.raises(OutputUnwritable):
        backup(filled, blobs, target)
    target.parent.mkdir()

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(filled, blobs, target, tell=stop)
    assert list(target.parent.iterdir()) == []


def test_rows_are_those_of_one_moment(database: Database, tmp_path: Path) -> None:
    """A job finished while the tables are read is in none of them, or in all."""
    blobs = Blobs.in_memory()
    with database.write(SYSTEM) as session:
        session.add(WorkspaceRow(id="w", name="w"))
    from sightline.service.operations import backup as module

    original, written = module.written, []

    def meanwhile(value: Any) -> Any:
        if not written:
            written.append(1)
            with database.write(SYSTEM) as session:
                session.add(TemplateRow(workspace_id="w", name="late", source=""))
        return original(value)

    module.written = meanwhile
    try:
        backup(database, blobs, tmp_path / "b.tar")
    finally:
        module.written = original
    assert check(tmp_path / "b.tar", tmp_path).manifest.tables["templates"].rows == 0


def test_a_full_installation_is_not_overwritten_unasked(
    archive: Path, filled: Database, blobs: Blobs, tmp_path: Path
) -> None:
    before = rows_of(filled)
    with pytest.raises(Conflict):
        restore(archive, filled, blobs, tmp_path)
    with filled.write(SYSTEM) as session:
        session.add(TemplateRow(workspace_id="w", name="new", source=""))
    restore(archive, filled, blobs, tmp_path, force=True)
    assert rows_of(filled) == before


def test_a_service_in_use_is_not_restored_into(archive: Path, filled: Database, blobs: Blobs, tmp_path: Path) -> None:
    empty(filled)
    with filled.write(SYSTEM) as session:
        session.add(ProcessRow(host="h", pid=1))
    with pytest.raises(Conflict):
        restore(archive, filled, blobs, tmp_path, force=True)


def test_a_database_that_is_not_up_to_date_is_not_backed_up(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(SetupError):
        backup(Database(f"sqlite:///{tmp_path / 'x.db'}"), blobs, tmp_path / "b.tar")


def test_restoring_makes_the_database(archive: Path, blobs: Blobs, filled: Database, tmp_path: Path) -> None:
    fresh = Database(f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    restore(archive, fresh, blobs, tmp_path)
    assert rows_of(fresh) == rows_of(filled)
    downgrade(fresh)
    fresh.close()


def rewritten(archive: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None], sums: bool = True) -> Path:
    """The archive with its members changed and, unless told not to, its checksums made right again."""
    with tarfile.open(archive) as tar:
        members = [(m, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]
    change(members)
    if sums:
        lines = "".join(f"{sha(c)}  {m.name}\n" for m, c in members if m.isreg() and m.name != SUMS)
        members = [(m, lines.encode() if m.name == SUMS else c) for m, c in members]
    target = archive.with_name("changed.tar")
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return target


Members = list[tuple[tarfile.TarInfo, bytes]]


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def at(members: Members, name: str) -> int:
    return next(n for n, (m, _) in enumerate(members) if m.name == name)


def put(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[Members], None]:
    return lambda members: members.insert(1, (info(name, kind, link), content))


def edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], None]:
    def work(members: Members) -> None:
        n = at(members, name)
        members[n] = (members[n][0], change(members[n][1]))

    return work


def manifest(**over: Any) -> Callable[[Members], None]:
    return edit(MANIFEST, lambda content: json.dumps(json.loads(content) | over).encode())


def drop(name: str) -> Callable[[Members], None]:
    return lambda members: members.pop(at(members, name)) and None


def twice(members: Members) -> None:
    members.insert(2, members[1])


def blob_of_other_content(members: Members) -> None:
    n = next(n for n, (m, _) in enumerate(members) if m.name.startswith("objects/blobs/"))
    members[n] = (members[n][0], b"something else")


HOSTILE: dict[str, Callable[[Members], None]] = {
    "a path upwards": put("objects/../../etc/passwd"),
    "a path from the root": put("/etc/passwd"),
    "a name of nothing of ours": put("hello"),
    "a hidden object": put("objects/.ssh/authorized_keys"),
    "an empty part": put("objects//x"),
    "a backslash": put("objects/a\\..\\b"),
    "a control sign": put("objects/a\x1b[2J"),
    "a symbolic link": put("objects/x", b"", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": put("objects/x", b"", tarfile.LNKTYPE, "manifest.json"),
    "a device": put("objects/x", b"", tarfile.CHRTYPE),
    "a pipe": put("objects/x", b"", tarfile.FIFOTYPE),
    "a folder": put("objects/x", b"", tarfile.DIRTYPE),
    "a member twice": twice,
    "no manifest": drop(MANIFEST),
    "no checksums": drop(SUMS),
    "a table less": drop("tables/tags.jsonl"),
    "a table nobody knows": put("tables/nonsense.jsonl"),
    "another format": manifest(format="zip"),
    "another format version": manifest(format_version=2),
    "more in the manifest": manifest(more=1),
    "a later database": manifest(database_revision="9999"),
    "a database nobody had": manifest(database_revision="../x"),
    "objects that should not be": manifest(has_objects=False),
    "a manifest that is none": edit(MANIFEST, lambda _: b"[" * 100_000),
    "a blob of other content": blob_of_other_content,
    "a row that is no object": edit("tables/tags.jsonl", lambda _: b"[]\n"),
    "a row with a column more": edit("tables/tags.jsonl", lambda c: c.replace(b"{", b'{"more":1,')),
    "a row with a value of another kind": edit("tables/tags.jsonl", lambda c: c.replace(b'"Tag"', b'{"a":1}')),
    "a row of a thing that is not there": edit("tables/tags.jsonl", lambda c: c.replace(b'"v0"', b'"v9"')),
    "a time that is none": edit("tables/workspaces.jsonl", lambda c: c.replace(b"2026", b"20x6")),
    "a time without a zone": edit("tables/workspaces.jsonl", lambda c: c.replace(b"+00:00", b"")),
    "a row too many": edit("tables/tags.jsonl", lambda c: c + c.replace(b"Tag", b"Tug")),
    "rows nested without end": edit("tables/tags.jsonl", lambda _: b'{"a":' * 50_000 + b"\n"),
    "half a sign": edit("tables/workspaces.jsonl", lambda c: c.replace(b'"w"', b'"\\ud800"', 1)),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_an_archive_made_to_harm_is_refused_and_changes_nothing(
    kind: str, archive: Path, filled: Database, blobs: Blobs, tmp_path: Path
) -> None:
    empty(filled)
    target = Blobs.in_folder(tmp_path / "target")
    with pytest.raises((ArchiveInvalid, Conflict)):
        restore(rewritten(archive, HOSTILE[kind]), filled, target, tmp_path / "work")
    assert not any(rows_of(filled).values())
    assert not list(tmp_path.rglob("passwd"))
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("name", [MANIFEST, "tables/users.jsonl", "objects/analyses/a.sightline/manifest.json"])
def test_a_byte_that_changed_is_found(name: str, archive: Path, tmp_path: Path) -> None:
    changed = rewritten(archive, edit(name, lambda content: content + b" "), sums=False)
    with pytest.raises(ArchiveInvalid):
        check(changed, tmp_path)


def test_headers_that_would_fill_the_memory_are_refused(archive: Path, tmp_path: Path) -> None:
    for kind, size in ((tarfile.XHDTYPE, 10), (tarfile.GNUTYPE_LONGNAME, 2**20), (tarfile.GNUTYPE_SPARSE, 2**40)):
        header = tarfile.TarInfo("objects/x")
        header.type, header.size = kind, size
        hostile = tmp_path / "hostile.tar"
        hostile.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + b"1" * 2048)
        with pytest.raises(ArchiveInvalid):
            check(hostile, tmp_path)


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_compressed_archive_is_none(mode: str, archive: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.tar"
    with tarfile.open(packed, mode) as tar:  # type: ignore[call-overload]
        tar.add(archive, MANIFEST)
    with pytest.raises(ArchiveInvalid):
        check(packed, tmp_path)


def test_a_folder_and_nothing_are_no_archives(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(SightlineError):
            check(path, tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_cut_off_or_overwritten_is_found(data: st.DataObject, archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    used = content.rstrip(b"\0")
    place = data.draw(st.integers(0, len(used) - 1))
    if data.draw(st.booleans()):
        changed = content[:place]
    else:
        byte = data.draw(st.integers(0, 255).filter(lambda b: b != content[place]))
        changed = content[:place] + bytes([byte]) + content[place + 1 :]
    broken = tmp_path / "broken.tar"
    broken.write_bytes(changed)
    try:
        checked = check(broken, tmp_path)
    except ArchiveInvalid:
        return
    # Nobody reads the owner's name or the padding: what is read is right.
    whole = check(archive, tmp_path)
    assert checked.sums == whole.sums
    assert checked.manifest == whole.manifest
    assert head()
