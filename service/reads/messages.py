"""Facts about what applicants and the public have sent in."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, exists, select

from service.database.tables import case_message

_OBJECTION = select(exists().where(case_message.c.case_id == bindparam("case_id"), case_message.c.kind == "objection"))


def objection_received(connection: Connection, case_id: int) -> bool:
    """Whether anybody has objected during the publicity of this case."""
    return bool(connection.execute(_OBJECTION, {"case_id": case_id}).scalar_one())
