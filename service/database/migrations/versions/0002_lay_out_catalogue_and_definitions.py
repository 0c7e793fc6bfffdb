"""Lay out catalogue and definitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _process_definition()
    _called_diagram()
    _form_schema()
    _power_item()


def _process_definition() -> None:
    op.create_table(
        "process_definition",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("deployed_at", Instant(), nullable=False),
        sa.Column("deployed_by", Key, nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key")),
    )


def _called_diagram() -> None:
    op.create_table(
        "called_diagram",
        sa.Column("definition_id", Key, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_called_diagram_definition_id")
        ),
        sa.PrimaryKeyConstraint("definition_id", "key", name=op.f("pk_called_diagram")),
    )


def _form_schema() -> None:
    op.create_table(
        "form_schema",
        sa.Column("definition_id", Key, nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_form_schema_definition_id")
        ),
        sa.PrimaryKeyConstraint("definition_id", "form_key", name=op.f("pk_form_schema")),
    )


def _power_item() -> None:
    op.create_table(
        "power_item",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("definition_key", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("fk_power_item_department")),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_power_item")),
    )
    op.create_index("ix_power_item_current", "power_item", ["current", "department"], unique=False)
