"""The county of the command tests, for passes over a real database."""

from tests.commands.conftest import (  # noqa: F401
    desk,
    office,
    postgresql_county,
    postgresql_desk,
    sqlite_county,
    sqlite_desk,
)
