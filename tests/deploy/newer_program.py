"""`mingjing` as its next release: the table of cases has one column more, and the migrations that go with it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from sqlalchemy import Column, String

from service.database.revision import schema_trouble
from service.database.tables import case

# Before anything builds a statement.
case.append_column(Column("channel", String(20), server_default="counter", nullable=False))

from service.cli import program  # noqa: E402
from service.main import cli  # noqa: E402

program.schema_trouble = partial(schema_trouble, migrations=Path(os.environ["NEWER_MIGRATIONS"]))

if __name__ == "__main__":
    cli(prog_name="mingjing")
