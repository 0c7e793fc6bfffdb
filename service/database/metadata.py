"""The one MetaData, with names for every constraint, so that migrations can find them again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData

from service.database.types import Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def case_key() -> Column[int]:
    """The column by which a row belongs to a case."""
    return Column("case_id", Key, ForeignKey("case.id"), nullable=False)
