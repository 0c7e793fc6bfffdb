"""The same request twice has one effect: the answer is kept in the transaction of the act itself.

The row is claimed first. Whoever comes second waits for the first one's transaction (SQLite: one writer; PostgreSQL:
the unique key) and then finds its answer, so that a double click is safe even when both arrive at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, bindparam, delete, select, text, update

from service.database.rows import read_rows, write_row
from service.database.tables import idempotency
from service.database.types import Instant
from service.errors import Detail, Refused

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,120}")
_CLAIM = text(
    "INSERT INTO idempotency (key, scope, body_hash, status, answer, headers, created_at) "
    "VALUES (:key, :scope, :body_hash, 0, :answer, '{}', :created_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("created_at", type_=Instant), bindparam("answer", type_=LargeBinary))
_THIS = (idempotency.c.key == bindparam("b_key"), idempotency.c.scope == bindparam("b_scope"))
_FIND = select(idempotency).where(*_THIS)
_STORE = (
    update(idempotency)
    .where(*_THIS)
    .values(status=bindparam("status"), answer=bindparam("answer"), headers=bindparam("headers"))
)
_DROP = delete(idempotency).where(*_THIS)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given before."""

    status: int
    answer: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RequestKey:
    """One request of one person: the client's key within person, method and path."""

    key: str
    scope: str
    body_hash: str

    @property
    def row(self) -> dict[str, Any]:
        return {"b_key": self.key, "b_scope": self.scope}

    def claim(self, connection: Connection, now: datetime) -> Kept | None:
        """None if the request is new and now ours; else what was answered. Raises Refused idempotency_conflict."""
        values = {"key": self.key, "scope": self.scope, "body_hash": self.body_hash, "answer": b"", "created_at": now}
        if write_row(connection, _CLAIM, values) == 1:
            return None
        row = read_rows(connection, _FIND, self.row)[0]
        if row.body_hash != self.body_hash:
            raise Refused(
                "idempotency_conflict",
                "同一个请求编号已用于另一内容",
                "Expected the body that this Idempotency-Key came with first, but found another",
            )
        return Kept(row.status, bytes(row.answer), row.headers)

    def store(self, connection: Connection, status: int, answer: bytes, headers: Mapping[str, str]) -> None:
        """Keep the answer of a request that succeeded."""
        write_row(connection, _STORE, {**self.row, "status": status, "answer": answer, "headers": dict(headers)})

    def drop(self, connection: Connection) -> None:
        """A refusal may be tried again."""
        write_row(connection, _DROP, self.row)


def request_key(given: str, person_id: int | None, method: str, path: str, body_hash: str) -> RequestKey:
    """The key that a client sent. Raises Refused invalid_request for one that is no key."""
    if not _KEY.fullmatch(given):
        raise Refused(
            "invalid_request",
            "请求编号格式不正确",
            "Expected an Idempotency-Key of 1 to 120 printable ASCII characters",
            [Detail("invalid", "请求编号格式不正确", "Not an idempotency key")],
        )
    scope = hashlib.sha256(f"{person_id or 'public'} {method} {path}".encode()).hexdigest()
    return RequestKey(given, scope, body_hash)
