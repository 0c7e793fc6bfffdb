"""Keep changes of the office, and what is proposed to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0021"
down_revision = "0020"
kind = "expand"


def upgrade() -> None:
    _office_change()
    _proposal()


def _office_change() -> None:
    op.create_table(
        "office_change",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Key, nullable=True),
        sa.Column("proposer", Key, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["person.id"], name=op.f("fk_office_change_actor")),
        sa.ForeignKeyConstraint(["proposer"], ["person.id"], name=op.f("fk_office_change_proposer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_change")),
    )
    op.create_index("ix_office_change_subject", "office_change", ["subject", "id"], unique=False)


def _proposal() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", Key, nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("decided_by", Key, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_status", "proposal", ["status", "id"], unique=False)
    op.create_index("ix_proposal_subject", "proposal", ["subject", "id"], unique=False)
