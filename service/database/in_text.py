"""Constants that stand in the text of a statement instead of being bound to it: those that choose a partial index.

SQLite compiles a statement anew at each run in which a bound value might choose its index (sqlite.org,
`sqlite3_prepare_v2`), which costs several times as much as the read; PostgreSQL's generic plan of a prepared statement
cannot choose a partial index by a parameter at all (documentation, PREPARE).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column


def in_text(number: int) -> ColumnElement[int]:
    """The number as part of the statement."""
    return literal_column(str(int(number)))
