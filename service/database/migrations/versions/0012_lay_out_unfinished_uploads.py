"""Lay out unfinished uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0012"
down_revision = "0011"
kind = "expand"


def upgrade() -> None:
    _unfinished_upload()


def _unfinished_upload() -> None:
    op.create_table(
        "unfinished_upload",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("material", sa.String(length=80), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("began_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_unfinished_upload_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_unfinished_upload_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_upload")),
    )
    op.create_index("ix_unfinished_upload_person", "unfinished_upload", ["person_id"], unique=False)
