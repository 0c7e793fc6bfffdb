"""A PostgreSQL server in a temporary folder. Nothing is flushed to disk: its data need not outlive the tests."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.processes import end, free_port, own_folder, server_user, start, wait_until
from tests.servers.programs import installed

SUPERUSER = "mingjing"
# What a test leaves behind need not outlive the machine.
UNFLUSHED: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgresql:
    """A running server, as tests see it."""

    port: int

    def url(self, database: str) -> str:
        """For SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`, which nobody may be connected to."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        self._administer(command)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Whoever is still connected is thrown out."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, command: sql.Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(command)


class PostgresqlServer:
    """`start` takes about a second. `settings` are the server's own, by name."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = UNFLUSHED) -> None:
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()

    def start(self) -> dict[str, int]:
        """The arguments of `Postgresql`. RuntimeError when the server does not come up."""
        user, programs = server_user("postgres"), installed("postgresql")
        own_folder(self._folder, user)
        data = self._folder / "data"
        cluster = [programs / "initdb", "-D", data, "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"]
        if start([*cluster, "--no-sync"], user, self._folder, {}).wait(60):
            raise RuntimeError(f"Expected initdb to succeed, but: {(self._folder / 'output').read_text()[-2000:]}")
        return self.start_again()

    def start_again(self) -> dict[str, int]:
        """With the data that is there, at the same port."""
        options = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            **self._settings,
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [installed("postgresql") / "postgres", "-D", self._folder / "data", *words]
        self._process = start(command, server_user("postgres"), self._folder, {})
        wait_until(lambda: _answers(self._port), self._process, self._folder, 30)
        return {"port": self._port}

    def stop(self) -> None:
        """SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is waited for."""
        if self._process:
            end(self._process, first=signal.SIGINT)

    def crash(self) -> None:
        """SIGQUIT is PostgreSQL's immediate shutdown: it starts again by replaying its log."""
        if self._process:
            end(self._process, first=signal.SIGQUIT)


def _answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
