"""Widen alarms: causes, results, settings of rules, and alarms and orders that belong to no single case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.database.types import Instant, Key

revision = "0031"
down_revision = "0030"
kind = "expand"


def upgrade() -> None:
    for name, type_ in (
        ("cause", sa.String(120)),
        ("result", sa.String(12)),
        ("result_at", Instant()),
        ("result_by", Key),
    ):
        op.add_column("alarm", sa.Column(name, type_, nullable=True))
    op.create_index("ix_alarm_cause", "alarm", ["cause"])
    _may_be_empty("alarm", "case_id")
    _may_be_empty("supervision_order", "about_case_id")
    _settings()
    op.create_table(
        "supervision_pass",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_supervision_pass")),
    )


def _settings() -> None:
    op.create_table(
        "alarm_rule_setting",
        sa.Column("id", Key, nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Key, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_alarm_rule_setting_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_rule_setting")),
        sa.UniqueConstraint("rule", "scope", "value", name=op.f("uq_alarm_rule_setting_rule")),
    )


def _may_be_empty(table: str, column: str) -> None:
    """Drop NOT NULL without copying the table, which others refer to.

    For SQLite this is the way of its manual for changes that leave the file's content alone ("Making Other Kinds Of
    Table Schema Changes"): the text of the schema is written anew.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column(table, column, nullable=True)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    done = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = :name AND instr(sql, :before) > 0"
        ),
        {
            "name": table,
            "before": f"{column} {Key.compile(connection.dialect)} NOT NULL",
            "after": f"{column} {Key.compile(connection.dialect)}",
        },
    )
    if done.rowcount != 1:
        raise RuntimeError(f"Expected {table}.{column} to be NOT NULL, but it reads otherwise")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
