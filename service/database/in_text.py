"""Constants that stand in the text of a statement instead of being bound to it: those that choose a partial index.

SQLite compiles a statement anew at each run in which a bound value might choose its index (sqlite.org,
`sqlite3_prepare_v2`), which costs several times as much as the read; PostgreSQL's generic plan of a prepared statement
cannot choose a partial index by a parameter at all (documentation, PREPARE).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, literal_column

_WORD = re.compile(r"[a-z0-9_.]+")


def in_text(value: int | str) -> ColumnElement[Any]:
    """The number, or the word of a program, as part of the statement."""
    if isinstance(value, str):
        if not _WORD.fullmatch(value):
            raise ValueError(f"Expected a plain word, but found {value!r}")
        return literal_column(f"'{value}'")
    return literal_column(str(int(value)))


def among(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column has one of a program's words; the statement's text is the same at each run."""
    return column.in_([in_text(word) for word in words])
