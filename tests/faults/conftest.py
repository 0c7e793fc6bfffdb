"""Faults are tried on real things: files, servers and processes. What the workers' tests use serves here too."""

from __future__ import annotations

from tests.worker.conftest import (
    engine,
    office,
    postgresql_template,
    postgresql_url,
    serve,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "engine",
    "office",
    "postgresql_template",
    "postgresql_url",
    "serve",
    "sqlite_template",
    "sqlite_url",
]
