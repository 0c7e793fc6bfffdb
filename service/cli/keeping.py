"""Backups: a folder with the database as it was at one instant, every file that it speaks of, and what is in it.

The database is copied first and the files after it: a file is kept before the row that speaks of it is committed and
never taken away while one does, so the copy lacks none. The manifest is written last: without one it is no backup.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, inspect, make_url, select, text, union

from service.attachments.objects import file_store
from service.attachments.store import FileStore, name_of
from service.database.revision import revision_on
from service.database.session import create_database_engine, reading
from service.database.tables import attachment, case, difference_act, document_copy, event, order_paper
from service.settings import Settings

MANIFEST, SQLITE, POSTGRESQL = "manifest.json", "mingjing.db", "mingjing.dump"
_CHUNK = 1024 * 1024
# Whatever a row needs the bytes of.
_DIGESTS = (
    *(select(attachment.c.digest), select(document_copy.c.digest), select(order_paper.c.digest)),
    select(difference_act.c.file_digest).where(difference_act.c.file_digest.is_not(None)),
)


class KeepingFailed(Exception):
    """A backup that cannot be made, or cannot be trusted, or has no place to go; the message says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `key_check` tells whether an installation has the key that it was made with."""

    made_at: str
    dump: str
    dump_digest: str
    revision: str | None
    cases: int
    events: int
    files: int
    key_check: str


def back_up(engine: Engine, settings: Settings, folder: Path, now: datetime) -> Manifest:
    """Make `folder` and fill it; people and workers go on. Raises KeepingFailed."""
    if folder.exists() and any(folder.iterdir()):
        raise KeepingFailed(f"Expected a new folder, but {folder} holds something already")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    sqlite = engine.dialect.name == "sqlite"
    with _copied_sqlite(engine, folder) if sqlite else _dumped_postgresql(engine, folder) as connection:
        cases, events = (
            connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (case, event)
        )
        digests = list(connection.execute(union(*_DIGESTS)).scalars())
        revision = revision_on(connection)
    _copy_out(_store(settings), sorted(digests), folder / "files")
    dump = folder / (SQLITE if sqlite else POSTGRESQL)
    facts = Manifest(
        now.isoformat(), dump.name, _digest(dump), revision, cases, events, len(digests), _key_check(settings)
    )
    _write_whole(folder / MANIFEST, json.dumps(asdict(facts), indent=1).encode())
    return facts


def restore(settings: Settings, folder: Path) -> Manifest:
    """A whole backup into an empty database and wherever this installation keeps files. Raises KeepingFailed."""
    facts, dump = _trusted(folder)
    if facts.key_check != _key_check(settings):
        raise KeepingFailed("Expected the MINGJING_SECRET_KEY that the backup was made with, but this one is another")
    url = make_url(settings.database_url)
    if (url.get_backend_name() == "sqlite") != (dump.name == SQLITE):
        raise KeepingFailed(f"Expected a database of the backup's kind, but {dump.name} does not go into {url}")
    settings.data.mkdir(parents=True, exist_ok=True)
    # Files first: a row never speaks of a file that is not there.
    _copy_in(folder / "files", _store(settings))
    if dump.name == SQLITE:
        _restore_sqlite(url, dump)
    else:
        _restore_postgresql(settings.database_url, url, dump)
    return facts


@contextmanager
def _copied_sqlite(engine: Engine, folder: Path) -> Iterator[Connection]:
    """The copy, made page by page beside the writers, and asked itself what is in it."""
    target = folder / SQLITE
    with closing(sqlite3.connect(engine.url.database or "")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    copied = create_database_engine(f"sqlite:///{target}")
    with reading(copied) as connection:
        yield connection
    copied.dispose()
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _dumped_postgresql(engine: Engine, folder: Path) -> Iterator[Connection]:
    """A transaction that sees exactly what is dumped."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        target = f"--file={folder / POSTGRESQL}"
        _run(
            "pg_dump", engine.url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", target
        )
        yield connection
        connection.rollback()


def _restore_sqlite(url: URL, dump: Path) -> None:
    target = Path(url.database or "")
    if target.exists() and target.stat().st_size:
        raise KeepingFailed(f"Expected no database yet, but found {target}")
    staged = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(dump, staged)
    os.replace(staged, target)


def _restore_postgresql(address: str, url: URL, dump: Path) -> None:
    engine = create_database_engine(address)
    with reading(engine) as connection:
        tables = inspect(connection).get_table_names()
    engine.dispose()
    if tables:
        raise KeepingFailed(f"Expected an empty database, but {url.database} has {len(tables)} tables")
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump))


def _run(program: str, url: URL, *arguments: str) -> None:
    """One of PostgreSQL's own programs, its password where no list of processes shows it."""
    told = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    environment = {**os.environ, **{name: str(value) for name, value in told.items() if value is not None}}
    command = [program, f"--dbname={url.database}", *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - our own words
    except FileNotFoundError as problem:
        raise KeepingFailed(f"Expected {program} on the PATH: install PostgreSQL's client programs") from problem
    if done.returncode:
        raise KeepingFailed(f"Expected {program} to succeed, but: {done.stderr.strip()[-1000:]}")


def _copy_out(store: FileStore, digests: list[str], folder: Path) -> None:
    for digest in digests:
        place = folder / name_of(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        source = store.source(digest)
        if source is None:
            raise KeepingFailed(f"Expected the file {digest}, of which the database speaks, but it is gone")
        with source.open("rb") if isinstance(source, Path) else source as file, place.open("wb") as copy:
            shutil.copyfileobj(file, copy, _CHUNK)
        _require_digest(place, digest)


def _copy_in(folder: Path, store: FileStore) -> None:
    for place in sorted(folder.glob("??/*")):
        digest = place.parent.name + place.name
        with store.received(place) as staged:
            if staged.digest != digest:
                raise KeepingFailed(f"Expected the bytes of {digest}, but found those of {staged.digest}")
            store.keep(staged)


def _trusted(folder: Path) -> tuple[Manifest, Path]:
    """The manifest of a backup that is whole."""
    if not (folder / MANIFEST).is_file():
        raise KeepingFailed(f"Expected {MANIFEST} in {folder}, but there is none: the backup was not finished")
    facts = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
    dump = folder / Path(facts.dump).name
    _require_digest(dump, facts.dump_digest)
    files = sum(1 for _ in (folder / "files").glob("??/*"))
    if files != facts.files:
        raise KeepingFailed(f"Expected {facts.files} files in the backup, but found {files}")
    return facts, dump


def _require_digest(place: Path, digest: str) -> None:
    if not place.is_file() or _digest(place) != digest:
        raise KeepingFailed(f"Expected {place} with the digest {digest}, but its bytes are others")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key_check(settings: Settings) -> str:
    """Tells keys apart and gives none away."""
    return hmac.new(settings.secret_key, b"mingjing backup", "sha256").hexdigest()[:16]


def _write_whole(place: Path, content: bytes) -> None:
    staged = place.with_suffix(".new")
    staged.write_bytes(content)
    os.replace(staged, place)


def _store(settings: Settings) -> FileStore:
    return file_store(settings.files_url, settings.files_folder, settings.upload_limit_bytes)
