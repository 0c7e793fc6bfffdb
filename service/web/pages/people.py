"""People and their posts for the security administrator, delegations for leaders: power shifts only with a reason."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.grant_proposal import POST_GRANT
from service.commands.leaving import withdraw_post
from service.commands.manage_people import (
    AddPerson,
    add_person,
    change_own_password,
    change_person,
    new_authenticator,
    new_password,
)
from service.commands.post_people import (
    Delegate,
    GrantPost,
    delegate_post,
    revoke_delegation,
)
from service.commands.proposals import OPEN
from service.commands.propose_post import propose_post
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.permissions import PERMISSIONS, may
from service.people.posts import POST_NAMES
from service.people.queries import department_names
from service.reads.office_changes import list_changes
from service.reads.paging import MOST_ROWS, Asked
from service.reads.people import delegations_of, is_post, list_people, read_person
from service.reads.proposals import list_proposals
from service.web.context import context
from service.web.given import given_day, whole_number
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now, require_actor, require_second_factor, second_step_wanted

_LONGEST_REASON = 500


def _departments(connection: Connection) -> dict[str, str]:
    return {code: names[words.in_english()] for code, names in department_names(connection).items()}


@pages.get("/people")
def people() -> str:
    """People with the posts that they hold."""
    return _people_page()


def _people_page(refusal: Refused | None = None) -> str:
    actor = require("read_people")

    def read(connection: Connection) -> dict[str, Any]:
        page = list_people(connection, argument("q"), argument("department"), asked())
        waiting = list_proposals(connection, [POST_GRANT], status=OPEN).items
        return {"page": page, "departments": _departments(connection), "waiting": waiting}

    return render_template(
        "people.html",
        **ask(read),
        filtered=bool(argument("q") or argument("department")),
        may_add=may(actor, "manage_accounts"),
        may_decide=may(actor, "approve_posts"),
        me=actor.person_id,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/people")
def add_account() -> Response | tuple[str, int]:
    """Add an account; the page that follows tells its password once."""
    require("manage_accounts")
    form = request.form
    names = ("username", "name", "department", "mobile", "officer_number")
    command = AddPerson(**{name: form.get(name, "").strip()[:64] for name in names}, reason=_reason())
    try:
        require_second_factor()
        for name, zh, en in (("username", "请填工号", "Give a user name"), ("name", "请填姓名", "Give the name")):
            if not getattr(command, name):
                raise _missing(name, zh, en)
        person_id, password = act(lambda connection, _web, actor: add_person(connection, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "second_factor_required":
            raise
        return _people_page(refusal), refusal.status
    return _person_page(person_id, told=(say("初始密码"), password)), 201


@pages.post("/people/<number:person_id>/change")
def change_account(person_id: int) -> Response | tuple[str, int]:
    """Change name, department, mobile or officer number."""
    require("manage_accounts")
    form = request.form
    changes = {name: form.get(name, "").strip()[:80] for name in ("name", "department", "mobile", "officer_number")}
    try:
        require_second_factor()
        act(lambda connection, _web, actor: change_person(connection, actor, person_id, changes, _reason(), now()))
    except Refused as refusal:
        if refusal.code == "second_factor_required":
            raise
        return _person_page(person_id, refusal), refusal.status
    return back(url_for("pages.person", person_id=person_id), say("人员信息已修改"))


@pages.post("/people/<number:person_id>/password")
def reset_password(person_id: int) -> str:
    """A new password, told once."""
    require("manage_accounts")
    require_second_factor()
    given = act(lambda connection, _web, actor: new_password(connection, actor, person_id, _reason(), now()))
    return _person_page(person_id, told=(say("新密码"), given))


@pages.post("/people/<number:person_id>/authenticator")
def reset_authenticator(person_id: int) -> str:
    """The secret of a new authenticator, told once."""
    require("grant_posts")
    require_second_factor()
    given = act(lambda connection, _web, actor: new_authenticator(connection, actor, person_id, _reason(), now()))
    return _person_page(person_id, told=(say("验证器密钥"), given))


@pages.get("/my-password")
def my_password() -> str:
    """The form that changes one's own password."""
    return _my_password_page()


def _my_password_page(refusal: Refused | None = None) -> str:
    require_actor()
    return render_template("my_password.html", problem=refusal_view(refusal) if refusal else None)


@pages.post("/my-password")
def change_my_password() -> Response | tuple[str, int]:
    """Change one's own password; one signs in again with it."""
    old, new = request.form.get("old", "")[:200], request.form.get("new", "")[:200]
    try:
        if new != request.form.get("again", "")[:200]:
            raise _missing("again", "两次输入的新密码不同", "Give the same new password twice")
        act(lambda connection, _web, actor: change_own_password(connection, actor, old, new))
    except Refused as refusal:
        return _my_password_page(refusal), refusal.status
    return back(url_for("pages.sign_in"), say("密码已修改，请重新登录"))


@pages.get("/people/<number:person_id>")
def person(person_id: int) -> str:
    """One person: their posts, and for the security administrator the form that grants another."""
    return _person_page(person_id)


def _person_page(person_id: int, refusal: Refused | None = None, told: tuple[str, str] | None = None) -> str:
    """`told` is a word and a secret that this page shows and no other."""
    actor = require("read_people")

    def read(connection: Connection) -> dict[str, Any]:
        found = read_person(connection, person_id)
        if found is None:
            raise not_found("该人员", f"person {person_id}")
        return {
            "one": found,
            "departments": _departments(connection),
            "lent": delegations_of(connection, person_id),
            "changes": list_changes(connection, subject=f"person/{person_id}").items,
            "waiting": [
                one
                for one in list_proposals(connection, [POST_GRANT], status=OPEN).items
                if one.subject.startswith(f"person/{person_id}/")
            ],
        }

    return render_template(
        "person.html",
        **ask(read),
        posts=[(post, words.post_word(post)) for post in POST_NAMES if is_post(post)],
        may_grant=may(actor, "grant_posts") and actor.person_id != person_id,
        may_edit=may(actor, "manage_accounts"),
        may_decide=may(actor, "approve_posts") and actor.person_id != person_id,
        me=actor.person_id,
        told=told,
        needs_code=second_step_wanted(),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/people/<number:person_id>/posts")
def grant(person_id: int) -> Response | tuple[str, int]:
    """Propose a post; a refusal is shown with its reason and keeps what was chosen."""
    require("grant_posts")
    form = request.form
    command = GrantPost(person_id, form.get("post", ""), form.get("department", ""), _reason())
    try:
        if not command.reason:
            raise _missing("reason", "请写明理由", "Give the reason")
        if not is_post(command.post):
            raise _missing("post", "请选择岗位", "Choose a post")
        require_second_factor()
        act(lambda connection, web, actor: propose_post(connection, web.services, actor, command, now()))
    except Refused as refusal:
        return _person_page(person_id, refusal), refusal.status
    return back(url_for("pages.person", person_id=person_id), say("已提出，须另一名管理员批准后生效"))


@pages.post("/people/<number:person_id>/posts/<number:holding_id>/revoke")
def revoke(person_id: int, holding_id: int) -> Response | tuple[str, int]:
    """Take a post away; not while work of it is in hand."""
    require("grant_posts")
    try:
        require_second_factor()
        act(lambda connection, _web, actor: withdraw_post(connection, actor, holding_id, _reason(), now()))
    except Refused as refusal:
        return _person_page(person_id, refusal), refusal.status
    return back(url_for("pages.person", person_id=person_id), say("已收回岗位"))


def _reason() -> str:
    return request.form.get("reason", "").strip()[:_LONGEST_REASON]


def _missing(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=f"/{name}")])


@pages.get("/delegations")
def delegations() -> str:
    """What this person has lent or was lent, and the form to lend a post."""
    return _delegations_page()


def _delegations_page(refusal: Refused | None = None) -> str:
    actor = require_actor()
    own = [h for h in actor.holdings if h.principal_id is None and h.post in PERMISSIONS["delegate"]]

    def read(connection: Connection) -> dict[str, Any]:
        found = list_people(connection, None, actor.department, Asked(limit=MOST_ROWS))
        return {
            "lent": delegations_of(connection, actor.person_id),
            "colleagues": [one for one in found.items if one.id != actor.person_id and one.active],
            "departments": _departments(connection),
        }

    today = now().astimezone(context().services.settings.zone).date()
    return render_template(
        "delegations.html",
        **ask(read),
        own=own,
        my_name=actor.name,
        given=request.form,
        first_day=today.isoformat(),
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/delegations")
def delegate() -> Response | tuple[str, int]:
    """Lend a post of one's own for given days."""
    actor = require("delegate")
    try:
        command = _delegation(actor)
        act(lambda connection, _web, person: delegate_post(connection, person, command, now()))
    except Refused as refusal:
        return _delegations_page(refusal), refusal.status
    return back(url_for("pages.delegations"), say("已委托"))


def _delegation(actor: Actor) -> Delegate:
    form = request.form
    post, _, department = form.get("post", "").partition("/")
    who = whole_number(form.get("delegate", ""))
    if who is None:
        raise _missing("delegate", "请选择受托人", "Choose who stands in")
    if not _reason():
        raise _missing("reason", "请写明理由", "Give the reason")
    starts, ends = _day("starts_on"), _day("ends_on") + timedelta(days=1)
    return Delegate(who, post, department or actor.department, max(starts, now()), ends, _reason())


def _day(name: str) -> datetime:
    """Midnight of the day that a field names, in the county's zone."""
    zone = context().services.settings.zone
    try:
        return datetime.combine(given_day(request.form.get(name, "")), time.min, zone)
    except ValueError:
        raise _missing(name, "请填日期，如 2026-11-23", "Give a date such as 2026-11-23") from None


@pages.post("/delegations/<number:delegation_id>/revoke")
def revoke_lent(delegation_id: int) -> Response:
    """Take a lent post back."""
    act(lambda connection, _web, actor: revoke_delegation(connection, actor, delegation_id, now()))
    return back(url_for("pages.delegations"), say("已收回委托"))
