"""Keep a register of certificates, and the changes made to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0023"
down_revision = "0022"
kind = "expand"


def upgrade() -> None:
    _certificate()
    _certificate_change()


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("document_id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("department", sa.String(length=16), nullable=False),
        sa.Column("power_item", sa.String(length=40), nullable=True),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("holder_code", sa.String(length=32), nullable=True),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=True),
        sa.Column("ended_by", Key, nullable=True),
        sa.Column("replaced_by", Key, nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_certificate_case_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_certificate_document_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["case.id"], name=op.f("fk_certificate_ended_by")),
        sa.ForeignKeyConstraint(["replaced_by"], ["document.id"], name=op.f("fk_certificate_replaced_by")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_certificate")),
    )
    op.create_index("ix_certificate_list", "certificate", ["department", "standing", "valid_until"], unique=False)
    op.create_index("ix_certificate_number", "certificate", ["number"], unique=False)
    op.create_index("ix_certificate_holder", "certificate", ["holder_code"], unique=False)
    op.create_index("ix_certificate_case", "certificate", ["case_id"], unique=False)


def _certificate_change() -> None:
    op.create_table(
        "certificate_change",
        sa.Column("case_id", Key, nullable=False),
        sa.Column("document_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", Key, nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_certificate_change_case_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_certificate_change_document_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_certificate_change_opened_by")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_certificate_change")),
    )
    op.create_index("ix_certificate_change_document", "certificate_change", ["document_id"], unique=False)
