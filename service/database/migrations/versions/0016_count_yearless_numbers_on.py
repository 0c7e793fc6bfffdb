"""Count document numbers that tell no year on from where they stand, whatever the year."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
kind = "expand"

_SEQUENCE = sa.table("number_sequence", sa.column("scope", sa.String), sa.column("last", sa.Integer))
_YEARLY = re.compile(r"(document/[^/]+/[^/]+/([^/]+))/\d{4}")


def upgrade() -> None:
    connection = op.get_bind()
    reached: dict[str, int] = {}
    for scope in connection.scalars(sa.select(_SEQUENCE.c.scope)).all():
        found = _YEARLY.fullmatch(scope)
        if found is None or re.search(r"\{(?:year|date)\b", found[2]):
            continue
        last = connection.scalar(sa.select(_SEQUENCE.c.last).where(_SEQUENCE.c.scope == scope))
        reached[found[1]] = max(int(last or 0), reached.get(found[1], 0))
    op.bulk_insert(_SEQUENCE, [{"scope": scope, "last": last} for scope, last in reached.items()])
