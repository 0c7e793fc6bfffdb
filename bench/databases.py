"""The databases that benches run on: a new SQLite file, and a PostgreSQL of our own that flushes as in production."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.record import Options
from tests.servers.postgresql import Postgresql, PostgresqlServer

# Statements are counted by the server itself; the module comes with Debian's package.
SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "max_connections": "200"}


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a server that ends with the block. LookupError where none is installed."""
    folder = Path(tempfile.mkdtemp(prefix="mingjing-bench-"))
    folder.chmod(0o711)  # the server's own user passes through it
    server = PostgresqlServer(folder / "postgresql", SETTINGS)
    try:
        yield Postgresql(**server.start()).create_database("bench")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def databases(options: Options, absent: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """(name, URL or None for a new SQLite file) of each database in turn; one that cannot be had is noted as absent.

    With `options.database` that one alone.
    """
    if options.database is not None:
        yield options.database.partition(":")[0].partition("+")[0], options.database
        return
    yield "sqlite", None
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgresql())
        except (LookupError, RuntimeError, OSError) as problem:
            absent["postgresql"] = str(problem)[:300]
            return
        yield "postgresql", url
