"""The county's departments: added and renamed by the system administrator; one that is there stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.office_changes import OfficeChange, note_change, stated
from service.database.tables import department
from service.errors import Detail, Refused, not_found
from service.form_schemas.identity import is_credit_code
from service.people.actor import Actor
from service.people.permissions import may

_ONE = select(department).where(department.c.code == bindparam("code")).with_for_update()
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class DepartmentNamed:
    """`code` is part of the numbers of its cases and never changes."""

    code: str
    name_zh: str
    name_en: str
    credit_code: str | None
    reason: str


def add_department(connection: Connection, actor: Actor, command: DepartmentNamed, now: datetime) -> None:
    """Raises Refused: not_permitted, invalid_request."""
    reason, values = _checked(actor, command)
    if not _CODE.fullmatch(command.code):
        raise _wrong("code", "代码为 2 至 8 位大写字母和数字", "Expected 2 to 8 capital letters and digits")
    if connection.execute(_ONE, {"code": command.code}).first() is not None:
        raise _wrong("code", "代码已有部门使用", "Expected a code that no department has")
    connection.execute(insert(department), {"code": command.code, **values})
    note_change(
        connection, actor, OfficeChange("department_added", f"department/{command.code}", reason, None, values), now
    )


def rename_department(connection: Connection, actor: Actor, command: DepartmentNamed, now: datetime) -> None:
    """Raises Refused: not_permitted, not_found, invalid_request."""
    reason, values = _checked(actor, command)
    row = connection.execute(_ONE, {"code": command.code}).one_or_none()
    if row is None:
        raise not_found("该部门", f"department {command.code}")
    after = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not after:
        raise Refused("invalid_request", "没有改动", "Expected something to change")
    before = {name: getattr(row, name) for name in after}
    connection.execute(update(department).where(department.c.code == command.code).values(after))
    change = OfficeChange("department_changed", f"department/{command.code}", reason, before, after)
    note_change(connection, actor, change, now)


def _checked(actor: Actor, command: DepartmentNamed) -> tuple[str, dict[str, Any]]:
    if not may(actor, "manage_accounts"):
        raise Refused("not_permitted", "只有系统管理员可以设置部门", "Expected a system administrator")
    reason = stated(command.reason)
    for name in ("name_zh", "name_en"):
        if not getattr(command, name).strip():
            raise _wrong(name, "须填中文和英文名称", "Expected a Chinese and an English name")
    if command.credit_code and not is_credit_code(command.credit_code):
        raise _wrong("credit_code", "统一社会信用代码不正确", "Expected a unified social credit code (GB 32100)")
    values = {"name_zh": command.name_zh.strip(), "name_en": command.name_en.strip()}
    return reason, {**values, "credit_code": command.credit_code or None}


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("wrong", zh, en, pointer=f"/{name}")])
