"""Accounts of the county's people: added and changed by the system administrator, with a reason and without power.

An account has no post; that takes two people (`grant_proposal`). A new password comes from the system administrator,
a new authenticator from the security administrator: neither of them alone can sign in as somebody else.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import Connection, bindparam, func, insert, select, update

from service.commands.office_changes import OfficeChange, note_change, stated
from service.database.tables import department, person
from service.errors import Detail, Refused, not_found
from service.form_schemas.identity import is_mobile
from service.people.actor import Actor
from service.people.permissions import may
from service.people.sign_in import check_own_password, close_sessions_of, hash_password

_ADD = insert(person).returning(person.c.id)
_ONE = select(person).where(person.c.id == bindparam("person_id")).with_for_update()
_SET = update(person).where(person.c.id == bindparam("b_id"))
_PLAIN = ("name", "department", "mobile", "officer_number")
_LEAST_PASSWORD = 10
# What nobody can mistake for another account's: no letters of other alphabets that look alike, nothing that pages read.
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")
# What belongs to one person alone: a second account of the same hands would get around separation and two people.
_OWN = {"mobile": ("手机号", "mobile number"), "officer_number": ("执法证号", "officer number")}


@dataclass(frozen=True, slots=True)
class AddPerson:
    username: str
    name: str
    department: str
    reason: str
    mobile: str | None = None
    officer_number: str | None = None


def add_person(connection: Connection, actor: Actor, command: AddPerson, now: datetime) -> tuple[int, str]:
    """A new account: its id, and the password that is told once.

    The authenticator is given out by the security administrator. Raises Refused: not_permitted, invalid_request.
    """
    _require(actor, "manage_accounts")
    reason = stated(command.reason)
    _require_department(connection, command.department)
    _require_username(connection, command.username)
    password = secrets.token_urlsafe(12)
    given: dict[str, Any] = {name: getattr(command, name) or None for name in _PLAIN}
    _require_own(connection, given)
    values = {**given, "username": command.username, "password_hash": hash_password(password)}
    added = connection.execute(_ADD, {**values, "totp_secret": pyotp.random_base32(), "active": True})
    person_id = int(added.scalar_one())
    after = {"username": command.username, **given}
    note_change(connection, actor, OfficeChange("person_added", f"person/{person_id}", reason, None, after), now)
    return person_id, password


def change_person(
    connection: Connection, actor: Actor, person_id: int, changes: dict[str, Any], reason: str, now: datetime
) -> None:
    """Name, department, mobile or officer number; posts stay.

    Raises Refused: not_permitted, not_found, invalid_request.
    """
    _require(actor, "manage_accounts")
    given = stated(reason)
    row = _person(connection, person_id)
    after = {name: value or None for name, value in changes.items() if name in _PLAIN}
    if "department" in after:
        _require_department(connection, str(after["department"]))
    if "name" in after and not after["name"]:
        raise _wrong("name", "须填姓名", "Expected a name")
    after = {name: value for name, value in after.items() if getattr(row, name) != value}
    if not after:
        raise Refused("invalid_request", "没有改动", "Expected something to change")
    _require_own(connection, after)
    before = {name: getattr(row, name) for name in after}
    connection.execute(_SET.values(after), {"b_id": person_id})
    note_change(connection, actor, OfficeChange("person_changed", f"person/{person_id}", given, before, after), now)


def new_password(connection: Connection, actor: Actor, person_id: int, reason: str, now: datetime) -> str:
    """A password that is told once; the person's sessions end. Raises Refused: not_permitted, not_found."""
    _require(actor, "manage_accounts")
    given = stated(reason)
    row = _other(connection, actor, person_id)
    password = secrets.token_urlsafe(12)
    connection.execute(_SET.values(password_hash=hash_password(password)), {"b_id": row.id})
    close_sessions_of(connection, row.id)
    note_change(connection, actor, OfficeChange("password_reset", f"person/{row.id}", given), now)
    return password


def new_authenticator(connection: Connection, actor: Actor, person_id: int, reason: str, now: datetime) -> str:
    """The secret of a new authenticator, told once; the old one is worth nothing and the person's sessions end.

    Raises Refused: not_permitted, not_found, invalid_request.
    """
    _require(actor, "grant_posts")
    given = stated(reason)
    row = _other(connection, actor, person_id)
    secret = str(pyotp.random_base32())
    connection.execute(_SET.values(totp_secret=secret, totp_taken=None), {"b_id": row.id})
    close_sessions_of(connection, row.id)
    note_change(connection, actor, OfficeChange("authenticator_reset", f"person/{row.id}", given), now)
    return secret


def change_own_password(connection: Connection, actor: Actor, old: str, new: str) -> None:
    """One's own, with the old one; every session ends. Raises Refused invalid_request."""
    if not check_own_password(connection, actor.person_id, old):
        raise _wrong("old", "原密码不正确", "Expected the password that holds now")
    if len(new) < _LEAST_PASSWORD or new == old:
        words = f"新密码至少 {_LEAST_PASSWORD} 位，且不同于原密码"
        raise _wrong("new", words, f"Expected at least {_LEAST_PASSWORD} characters, others than before")
    connection.execute(_SET.values(password_hash=hash_password(new)), {"b_id": actor.person_id})
    close_sessions_of(connection, actor.person_id)


def _require_username(connection: Connection, username: str) -> None:
    if not _USERNAME.fullmatch(username):
        words = "工号由字母、数字和 _ . - @ 组成", "Expected letters and digits of ASCII, and _ . - @"
        raise _wrong("username", *words)
    taken = select(person.c.id).where(func.lower(person.c.username) == username.lower())
    if connection.execute(taken).first() is not None:
        raise _wrong("username", "工号已有人使用", "Expected a user name that nobody has")


def _require_own(connection: Connection, given: dict[str, Any]) -> None:
    """One person, one account: what is given is nobody else's who is still in office. The mobile number is one."""
    if given.get("mobile") and not is_mobile(given["mobile"]):
        raise _wrong("mobile", "手机号为 1 开头的 11 位数字", "Expected a mobile number of 11 digits from 1")
    for name, (zh, en) in _OWN.items():
        if not given.get(name):
            continue
        others = select(person.c.name).where(person.c[name] == given[name], person.c.active)
        other = connection.execute(others).scalars().first()
        if other is not None:
            raise _wrong(
                name, f"该{zh}已在{other}的账号上：一人只有一个账号", f"Expected a {en} of nobody else in office"
            )


def _require(actor: Actor, permission: str) -> None:
    if not may(actor, permission):
        raise Refused("not_permitted", "您的岗位没有此项权限", f"Expected a post with the permission {permission}")


def _person(connection: Connection, person_id: int) -> Any:
    row = connection.execute(_ONE, {"person_id": person_id}).one_or_none()
    if row is None or not row.active:
        raise not_found("在用的该人员", f"an active person {person_id}")
    return row


def _other(connection: Connection, actor: Actor, person_id: int) -> Any:
    if actor.person_id == person_id:
        raise Refused("not_permitted", "本人的密码和验证器由他人重置", "Expected another person's account")
    return _person(connection, person_id)


def _require_department(connection: Connection, code: str) -> None:
    if connection.execute(select(department.c.code).where(department.c.code == code)).first() is None:
        raise _wrong("department", "没有这个部门", "There is no such department")


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("wrong", zh, en, pointer=f"/{name}")])
