"""The office's own book-keeping: departments, settings, stand-ins, permissions, what waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.decide_proposal import approve_proposal, refuse_proposal, withdraw_proposal
from service.commands.manage_departments import DepartmentNamed, add_department, rename_department
from service.commands.post_people import revoke_for
from service.commands.proposals import OPEN
from service.commands.propose import Propose, propose
from service.commands.setting_proposal import SETTING_CHANGE, subject_of_setting
from service.errors import Detail, Refused, not_found
from service.people.county_settings import (
    ALWAYS,
    ASKING,
    LOOSENED,
    MINUTES,
    ORDERS,
    OUTAGE_BOUNDS,
    OUTAGES,
    REMIND_HOURS,
)
from service.people.permissions import PERMISSIONS, may
from service.people.presence import PRESENCE
from service.reads.office_changes import list_changes, list_departments, read_settings_of_county
from service.reads.people import list_delegations
from service.reads.proposals import list_proposals
from service.web.given import whole_number
from service.web.pages import office_words, words
from service.web.pages.shell import act, argument, ask, asked, back, pages, refusal_view, require
from service.web.pages.words import say
from service.web.request import now, require_second_factor

_LONGEST = 500
_DECISIONS = ("approve", "refuse", "withdraw")

pages.add_app_template_filter(office_words.change_word, "office_change")
pages.add_app_template_filter(office_words.content_lines, "content_lines")
pages.add_app_template_filter(office_words.field_lines, "field_lines")


def _text(name: str, longest: int = _LONGEST) -> str:
    return request.form.get(name, "").strip()[:longest]


@pages.get("/departments")
def departments() -> str:
    """The county's departments."""
    return _departments_page()


def _departments_page(refusal: Refused | None = None, code: str = "") -> str:
    actor = require("read_office_changes")
    return render_template(
        "departments.html",
        departments=ask(list_departments),
        may_edit=may(actor, "manage_accounts"),
        refused_code=code,
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _department(code: str) -> DepartmentNamed:
    return DepartmentNamed(
        code, _text("name_zh", 80), _text("name_en", 120), _text("credit_code", 18) or None, _text("reason")
    )


@pages.post("/departments")
def add_office() -> Response | tuple[str, int]:
    """Add a department."""
    require("manage_accounts")
    command = _department(_text("code", 16))
    try:
        act(lambda connection, _web, actor: add_department(connection, actor, command, now()))
    except Refused as refusal:
        return _departments_page(refusal), refusal.status
    return back(url_for("pages.departments"), say("部门已增加"))


@pages.post("/departments/<code:code>")
def rename_office(code: str) -> Response | tuple[str, int]:
    """Give a department other names."""
    require("manage_accounts")
    command = _department(code)
    try:
        act(lambda connection, _web, actor: rename_department(connection, actor, command, now()))
    except Refused as refusal:
        return _departments_page(refusal, code), refusal.status
    return back(url_for("pages.departments"), say("部门已修改"))


@pages.get("/settings")
def settings() -> str:
    """What the county has chosen of its own rules about people."""
    return _settings_page()


def _settings_page(refusal: Refused | None = None) -> str:
    actor = require("read_office_changes")

    def read(connection: Connection) -> dict[str, Any]:
        waiting = list_proposals(connection, [SETTING_CHANGE], status=OPEN).items
        return {
            "chosen": {one.name: one for one in read_settings_of_county(connection)},
            "departments": list_departments(connection),
            "waiting": waiting,
        }

    return render_template(
        "settings.html",
        **ask(read),
        kinds=[(kind, office_words.kind_word(kind), kind in ALWAYS) for kind in ASKING],
        minutes_key=MINUTES,
        bounds=[(name, office_words.field_word(name), *span) for name, span in OUTAGE_BOUNDS.items()],
        may_change=may(actor, "change_settings"),
        me=actor.person_id,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/settings/<key:name>")
def propose_choice(name: str) -> Response | tuple[str, int]:
    """Propose another choice; it holds once another administrator has approved it."""
    require("change_settings")
    try:
        require_second_factor()
        command = Propose(SETTING_CHANGE, subject_of_setting(name), _choice(name), _text("reason"))
        act(lambda connection, web, actor: propose(connection, web.services, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "second_factor_required":
            raise
        return _settings_page(refusal), refusal.status
    return back(url_for("pages.settings"), say("已提出，须另一名管理员批准后生效"))


def _choice(name: str) -> Mapping[str, Any]:
    form = request.form
    if name == PRESENCE:
        minutes = whole_number(_text(MINUTES, 3))
        if minutes is None:
            words_ = "请填分钟数", "Give the minutes"
            raise Refused("invalid_request", *words_, [Detail("required", *words_, pointer=f"/{MINUTES}")])
        return {"second_step": sorted({*form.getlist("second_step"), *ALWAYS}), MINUTES: minutes}
    if name == LOOSENED:
        return {"sup1": form.getlist("sup1")}
    if name == OUTAGES:
        return {bound: whole_number(_text(bound, 3)) for bound in OUTAGE_BOUNDS}
    if name == ORDERS:
        return {REMIND_HOURS: whole_number(_text(REMIND_HOURS, 3))}
    raise not_found("该设置", f"setting {name}")


@pages.post("/proposals/<number:proposal_id>/<key:name>")
def decide_proposed(proposal_id: int, name: str) -> Response:
    """Approve, refuse or take back what was proposed."""
    if name not in _DECISIONS:
        raise not_found("该操作", f"decision {name}")
    ground = _text("ground")
    if name == "withdraw":
        act(lambda connection, _web, actor: withdraw_proposal(connection, actor, proposal_id, now()))
        return back(url_for("pages.home"), say("已撤回提议"))
    require_second_factor()
    if name == "refuse":
        act(lambda connection, _web, actor: refuse_proposal(connection, actor, proposal_id, ground, now()))
        return back(url_for("pages.home"), say("已否决"))
    act(
        lambda connection, web, actor: approve_proposal(
            connection, web.services, actor, proposal_id, now(), ground=ground
        )
    )
    return back(url_for("pages.home"), say("已批准，变更已生效"))


@pages.get("/permissions")
def permissions() -> str:
    """What each post may do beside its own tasks."""
    require("read_office_changes")
    rows = [
        (office_words.permission_word(name), name, [words.post_word(post) for post in sorted(posts)])
        for name, posts in PERMISSIONS.items()
    ]
    return render_template("permissions.html", rows=rows)


@pages.get("/office-changes")
def office_changes() -> str:
    """What administrators have changed, the newest first."""
    require("read_office_changes")
    subject, kind = argument("subject"), argument("kind", office_words.CHANGES)

    def read(connection: Connection) -> Any:
        return list_changes(connection, subject=subject, kind=kind, asked=asked())

    return render_template(
        "office_changes.html",
        page=ask(read),
        kinds=[(one, office_words.change_word(one)) for one in office_words.CHANGES],
        filtered=bool(subject or kind),
    )


@pages.get("/stand-ins")
def stand_ins() -> str:
    """Posts and tasks that are lent, of the whole county."""
    actor = require("read_people")
    return render_template(
        "stand_ins.html",
        page=ask(lambda connection: list_delegations(connection, asked())),
        may_end=may(actor, "grant_posts"),
    )


@pages.post("/stand-ins/<number:delegation_id>/revoke")
def end_stand_in(delegation_id: int) -> Response:
    """The security administrator ends a loan of others."""
    require("grant_posts")
    require_second_factor()
    reason = _text("reason")
    act(lambda connection, _web, actor: revoke_for(connection, actor, delegation_id, reason, now()))
    return back(url_for("pages.stand_ins"), say("委托已终止"))
