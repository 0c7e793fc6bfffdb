"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Key = BigInteger().with_variant(Integer, "sqlite")


# Rows that were written by one act carry one instant; whoever reads them reads it dozens of times.
@lru_cache(maxsize=4096)
def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL, microseconds since 1970 on SQLite (sorts, loses nothing)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _instant(value) if dialect.name == "sqlite" else value.astimezone(UTC)
