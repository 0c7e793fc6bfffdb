"""The office's own book-keeping: accounts, departments, settings, stand-ins, permissions, and what was changed."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.commands.manage_departments import DepartmentNamed, add_department, rename_department
from service.commands.manage_people import (
    AddPerson,
    add_person,
    change_own_password,
    change_person,
    new_authenticator,
    new_password,
)
from service.commands.performing import perform
from service.commands.post_people import revoke_for
from service.commands.propose import Propose, propose
from service.commands.setting_proposal import SETTING_CHANGE, subject_of_setting
from service.people.permissions import PERMISSIONS
from service.reads.office_changes import list_changes, list_departments, read_settings_of_county
from service.reads.people import list_delegations, read_person
from service.reads.proposals import read_proposal
from service.web.api import other_schemas
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import AnyValue, Body, Instant, Text, View
from service.web.api.hand_over import known_person
from service.web.api.proposals import ProposalSchema
from service.web.api.schemas import page_of

endpoints = Endpoints("administration")


class ChangeQuery(PageQuery):
    subject = Text(80)
    kind = Text(40)


class NewPerson(Body):
    username = Text(64, required=True)
    name = Text(80, required=True)
    department = Text(16, required=True)
    mobile = Text(20)
    officer_number = Text(40)
    reason = Text(500, required=True)


class PersonChanges(Body):
    """What is not named stays."""

    name = Text(80)
    department = Text(16)
    mobile = Text(20)
    officer_number = Text(40)
    reason = Text(500, required=True)


class Why(Body):
    reason = Text(500, required=True)


class OwnPassword(Body):
    old = Text(200, required=True, blanks=True)
    new = Text(200, required=True, blanks=True)


class NewDepartment(Body):
    code = Text(16, required=True)
    name_zh = Text(80, required=True)
    name_en = Text(120, required=True)
    credit_code = Text(18)
    reason = Text(500, required=True)


class DepartmentNames(Body):
    name_zh = Text(80, required=True)
    name_en = Text(120, required=True)
    credit_code = Text(18)
    reason = Text(500, required=True)


class SettingChoice(Body):
    content = fields.Dict(required=True)
    reason = Text(500, required=True)


class AddedPerson(View):
    person = fields.Nested(other_schemas.PersonWithPosts)
    password = fields.String()


class PasswordTold(View):
    password = fields.String()


class AuthenticatorTold(View):
    totp_secret = fields.String()


class DepartmentRow(View):
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    credit_code = fields.String(allow_none=True)
    people = fields.Integer()


class Departments(View):
    items = fields.List(fields.Nested(DepartmentRow))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class SettingRow(View):
    name = fields.String()
    content = fields.Dict()
    chosen = fields.Boolean()


class SettingRows(View):
    items = fields.List(fields.Nested(SettingRow))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class PermissionRow(View):
    name = fields.String()
    posts = fields.List(fields.String())


class PermissionRows(View):
    items = fields.List(fields.Nested(PermissionRow))
    total = fields.Integer()
    next = fields.String(allow_none=True)


class ChangeRow(View):
    id = fields.Integer()
    at = Instant()
    kind = fields.String()
    subject = fields.String()
    subject_name = fields.String(allow_none=True)
    before = AnyValue()
    after = AnyValue()
    reason = fields.String()
    changed_by = fields.String(allow_none=True)
    proposed_by = fields.String(allow_none=True)


def _all(items: object, total: int) -> Answer:
    return Answer({"items": items, "total": total, "next": None})


@endpoints.post(
    "/people",
    answer=AddedPerson(),
    body=NewPerson(),
    status=201,
    permission="manage_accounts",
    second_factor=True,
    acts=False,
    codes=("invalid_request",),
)
def add(call: Call, connection: Connection) -> Answer:
    """Add an account without a post; its password is told in this answer alone, whose repetition is refused."""
    command = AddPerson(**{name: call.body.get(name) or "" for name in NewPerson().fields})
    person_id, password = perform(call.web.engine, lambda c: add_person(c, call.actor, command, call.now))
    return Answer({"person": read_person(connection, person_id), "password": password})


@endpoints.patch(
    "/people/<number:person_id>",
    answer=other_schemas.PersonWithPosts(),
    body=PersonChanges(),
    permission="manage_accounts",
    second_factor=True,
    codes=("not_found", "invalid_request"),
)
def change(call: Call, connection: Connection, person_id: int) -> Answer:
    """Change name, department, mobile or officer number of an account; posts stay."""
    changes = {name: value for name, value in call.body.items() if name != "reason" and value is not None}
    change_person(connection, call.actor, person_id, changes, call.body["reason"], call.now)
    return Answer(known_person(connection, person_id))


@endpoints.post(
    "/people/<number:person_id>/password",
    answer=PasswordTold(),
    body=Why(),
    permission="manage_accounts",
    second_factor=True,
    acts=False,
    codes=("not_found", "invalid_request"),
)
def give_password(call: Call, connection: Connection, person_id: int) -> Answer:
    """Give an account a new password, told once; its sessions end."""
    given = perform(call.web.engine, lambda c: new_password(c, call.actor, person_id, call.body["reason"], call.now))
    return Answer({"password": given})


@endpoints.post(
    "/people/<number:person_id>/authenticator",
    answer=AuthenticatorTold(),
    body=Why(),
    permission="grant_posts",
    second_factor=True,
    acts=False,
    codes=("not_found", "invalid_request"),
)
def give_authenticator(call: Call, connection: Connection, person_id: int) -> Answer:
    """Give an account a new authenticator (TOTP), its secret told once; its sessions end."""
    given = perform(
        call.web.engine, lambda c: new_authenticator(c, call.actor, person_id, call.body["reason"], call.now)
    )
    return Answer({"totp_secret": given})


@endpoints.post("/me/password", answer=None, status=204, body=OwnPassword(), acts=False, codes=("invalid_request",))
def change_password(call: Call, connection: Connection) -> Answer:
    """Change one's own password; every session of one's own ends."""
    perform(call.web.engine, lambda c: change_own_password(c, call.actor, call.body["old"], call.body["new"]))
    return Answer()


@endpoints.get("/departments", answer=Departments())
def find_departments(call: Call, connection: Connection) -> Answer:
    """The county's departments."""
    found = list_departments(connection)
    return _all(found, len(found))


@endpoints.post(
    "/departments",
    answer=Departments(),
    body=NewDepartment(),
    status=201,
    permission="manage_accounts",
    codes=("invalid_request",),
)
def add_one_department(call: Call, connection: Connection) -> Answer:
    """Add a department; its code is part of the numbers of its cases and stays."""
    add_department(connection, call.actor, _named(call, call.body["code"]), call.now)
    return find_departments(call, connection)


@endpoints.put(
    "/departments/<code:code>",
    answer=Departments(),
    body=DepartmentNames(),
    permission="manage_accounts",
    codes=("not_found", "invalid_request"),
)
def rename_one_department(call: Call, connection: Connection, code: str) -> Answer:
    """Give a department other names."""
    rename_department(connection, call.actor, _named(call, code), call.now)
    return find_departments(call, connection)


def _named(call: Call, code: str) -> DepartmentNamed:
    body = call.body
    return DepartmentNamed(code, body["name_zh"], body["name_en"], body.get("credit_code"), body["reason"])


@endpoints.get("/settings", answer=SettingRows(), permission="read_office_changes")
def find_settings(call: Call, connection: Connection) -> Answer:
    """What the county has chosen of its own rules about people, or the defaults."""
    found = read_settings_of_county(connection)
    return _all(found, len(found))


@endpoints.post(
    "/settings/<key:name>/proposals",
    answer=ProposalSchema(),
    body=SettingChoice(),
    status=202,
    permission="change_settings",
    second_factor=True,
    codes=("not_found", "invalid_request", "move_refused"),
)
def propose_setting(call: Call, connection: Connection, name: str) -> Answer:
    """Propose another choice; another administrator approves it."""
    command = Propose(SETTING_CHANGE, subject_of_setting(name), call.body["content"], call.body["reason"])
    number = propose(connection, call.web.services, call.actor, command, call.now)
    return Answer(read_proposal(connection, number))


@endpoints.get("/permissions", answer=PermissionRows(), permission="read_office_changes")
def find_permissions(call: Call, connection: Connection) -> Answer:
    """What each post may do beside its own tasks."""
    found = [{"name": name, "posts": sorted(posts)} for name, posts in PERMISSIONS.items()]
    return _all(found, len(found))


@endpoints.get("/office-changes", answer=page_of(ChangeRow()), query=ChangeQuery(), permission="read_office_changes")
def find_changes(call: Call, connection: Connection) -> Answer:
    """What administrators have changed, the newest first; of a subject, what stands below it too."""
    query = call.query
    page = asked_page(call)
    return Answer(list_changes(connection, subject=query.get("subject"), kind=query.get("kind"), asked=page))


@endpoints.get("/stand-ins", answer=page_of(other_schemas.Delegation()), query=PageQuery(), permission="read_people")
def find_stand_ins(call: Call, connection: Connection) -> Answer:
    """Posts and tasks that are lent, of the whole county, the newest first."""
    return Answer(list_delegations(connection, asked_page(call)))


@endpoints.post(
    "/stand-ins/<number:delegation_id>/revoke",
    answer=None,
    status=204,
    body=Why(),
    permission="grant_posts",
    second_factor=True,
    codes=("not_found", "invalid_request"),
)
def revoke_stand_in(call: Call, connection: Connection, delegation_id: int) -> Answer:
    """The security administrator ends a loan of others."""
    revoke_for(connection, call.actor, delegation_id, call.body["reason"], call.now)
    return Answer()
