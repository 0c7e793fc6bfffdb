"""Engines, and `transaction()`: the only place that commits. SQLite recipe and its reasons: docs/architecture.md."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from service.database.driver import begin

if TYPE_CHECKING:
    import psycopg  # An installation on SQLite does without.

# So long after it was used a connection is taken without asking the server first, which costs two round trips.
TRUSTED_SECONDS = 1.0
# Among what the pool knows of a connection: that it was taken for reading.
ONLY_READS = "only_reads"
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",
    # Of each connection: the system keeps the file's pages anyway.
    "PRAGMA cache_size=-4000",
)
# One process that writes much: it keeps the pages itself, and puts them into the file in large pieces.
FOR_LOADING = (
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-64000",
    "PRAGMA wal_autocheckpoint=8000",
)


# So many connections of an engine on SQLite stay made between transactions; to make one costs more than to begin.
MOST_SPARE = 4
_SPARE = "_spare_connections"


class WrittenWhileReading(Exception):
    """A fault of the program: something wrote where it said that it would only read."""


def create_database_engine(url: str, *, durable: bool = True) -> Engine:
    """An engine for SQLite (WAL, one writer) or PostgreSQL (psycopg 3).

    `durable` False is for loading what can be loaded again: SQLite then does not wait for the disk at each commit.
    """
    if url.startswith("sqlite"):
        return _sqlite_engine(url, PRAGMAS if durable else (*PRAGMAS, *FOR_LOADING))
    return _postgresql_engine(url)


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=8)

    @event.listens_for(engine, "checkin")
    def _note(connection: psycopg.Connection[Any] | None, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()
        if record.info.pop(ONLY_READS, False) and connection is not None:
            connection.read_only = None

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        used_at = record.info.get("used_at")
        if used_at is not None and time.monotonic() - used_at > TRUSTED_SECONDS:
            _require_server(engine, connection)

    return engine


def _require_server(engine: Engine, connection: Any) -> None:
    """Ask a server that has been silent for long. Raises DisconnectionError, at which the pool connects anew."""
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as problem:
        raise DisconnectionError(str(problem)) from problem


def _sqlite_engine(url: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=12, max_overflow=4, json_serializer=_as_json, json_deserializer=_from_json
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred BEGIN that later writes fails at once with "database is locked": writers ask first.
        begin(connection, "BEGIN" if connection.info.get(ONLY_READS) else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "engine_disposed")
    def _let_go(disposed: Engine) -> None:
        spare: list[Connection] = vars(disposed)[_SPARE]
        while spare:
            connection = spare.pop()
            connection.detach()
            connection.close()

    vars(engine)[_SPARE] = []
    return engine


def _as_json(value: Any) -> str:
    """Most of what an act writes into columns of JSON is nothing."""
    return "null" if value is None else orjson.dumps(value).decode()


def _from_json(text: Any) -> Any:
    """SQLite gives a JSON number as a number, for the affinity of the column's type."""
    if isinstance(text, str):
        return None if text == "null" else orjson.loads(text)
    return text


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: commits when the block ends, rolls back when it raises."""
    with _connected(engine) as connection:
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    """A connection of the engine's; on SQLite one that has served before, if it served well."""
    spare: list[Connection] | None = vars(engine).get(_SPARE)
    if spare is None:
        with engine.connect() as connection:
            yield connection
        return
    try:
        connection = spare.pop()
    except IndexError:
        connection = engine.connect()
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    if connection.closed or connection.invalidated or len(spare) >= MOST_SPARE:
        connection.close()
    else:
        spare.append(connection)


@contextmanager
def in_one_go(connection: Connection) -> Iterator[None]:
    """Statements whose results nobody reads, row counts included: PostgreSQL gets them without a wait for each.

    (libpq's pipeline, PostgreSQL documentation 34.5.) A refusal of any of them is raised at the end of the block.
    """
    if is_sqlite(connection):
        yield
        return
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with connection.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            yield
    except errors as problem:
        raise DBAPIError.instance(None, None, problem, errors, dialect=connection.dialect) from problem


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads; on SQLite it waits for no writer.

    Nothing that is written on it by mistake stays: PostgreSQL refuses it, on SQLite WrittenWhileReading is raised.
    """
    with _connected(engine) as connection:
        connection.info[ONLY_READS] = True
        read = _read_on_sqlite if is_sqlite(connection) else _read_on_postgresql
        with read(connection):
            yield connection


@contextmanager
def _read_on_sqlite(connection: Connection) -> Iterator[None]:
    # `PRAGMA query_only` would make SQLite compile every statement of the connection anew.
    driver: Any = connection.connection.driver_connection
    changes = driver.total_changes
    try:
        yield
    finally:
        connection.rollback()
        connection.info.pop(ONLY_READS, None)
    if driver.total_changes != changes:
        raise WrittenWhileReading("Expected a block that only reads, but it wrote; what it wrote is undone")


@contextmanager
def _read_on_postgresql(connection: Connection) -> Iterator[None]:
    """It ends with a commit: at a rollback psycopg forgets every statement that it has prepared."""
    driver: Any = connection.connection.driver_connection
    driver.read_only = True  # Told to the server with the BEGIN.
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
