"""Lay out fee standards with their versions, the first from what the catalogue says, and what they asked of cases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0025"
down_revision = "0024"
kind = "expand"

_ITEM = sa.table(
    "power_item", sa.column("code", sa.String), sa.column("current", sa.Boolean), sa.column("content", sa.JSON)
)


def upgrade() -> None:
    standard = op.create_table(
        "fee_standard",
        sa.Column("power_item", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("laid_down_at", Instant(), nullable=False),
        sa.Column("proposed_by", Key, nullable=True),
        sa.Column("approved_by", Key, nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_fee_standard_approved_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_fee_standard_proposed_by")),
        sa.PrimaryKeyConstraint("power_item", "version", name=op.f("pk_fee_standard")),
        sa.UniqueConstraint("power_item", "effective_on", name=op.f("uq_fee_standard_power_item")),
    )
    _assessment()
    rows = op.get_bind().execute(sa.select(_ITEM.c.code, _ITEM.c.content).where(_ITEM.c.current.is_(sa.true()))).all()
    first = [_first_version(row.code, row.content.get("fee")) for row in rows]
    if kept := [one for one in first if one is not None]:
        op.bulk_insert(standard, kept)


def _assessment() -> None:
    op.create_table(
        "fee_assessment",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("power_item", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_code", sa.String(length=20), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_fee_assessment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_assessment")),
    )
    op.create_index("ix_fee_assessment_case", "fee_assessment", ["case_id"], unique=False)


def _first_version(code: str, fee: dict[str, Any] | None) -> dict[str, Any] | None:
    """The rule that every case has been charged by; None for an item that asks for nothing, or for a fine."""
    if not fee or not isinstance(fee.get("rule"), list):
        return None
    rows, adds = [], []
    for row in fee["rule"]:
        if "add_fen_each" in row:
            measure = str(row["condition"]).split()[0]
            adds.append({"kind": "quantity", "measure": measure, "each_fen": row["add_fen_each"]})
        else:
            amount = f"{row['fen_per_m2']} * measured_m2" if "fen_per_m2" in row else str(row["amount_fen"])
            rows.append({"when": str(row["condition"]), "amount": amount})
    tables = [{"kind": "table", "hit_policy": "F", "inputs": [], "rules": rows}] if rows else []
    content = {
        "name_zh": fee.get("name_zh", fee["kind"]),
        "item_code": fee["non_tax_item_code"],
        "legal_source": fee.get("basis") or fee["kind"],
        "charges": [*tables, *adds],
        "minimum_fen": None,
        "cap_fen": None,
        "reductions": [],
    }
    return {
        "power_item": code,
        "version": 1,
        "effective_on": date(2020, 1, 1),
        "content": json.loads(json.dumps(content)),
        "reason": "随权力事项目录录入",
        "laid_down_at": datetime(2020, 1, 1, tzinfo=UTC),
        "proposed_by": None,
        "approved_by": None,
    }
