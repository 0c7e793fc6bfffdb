"""Moves of a whole case by forms of its page, and the applicant's withdrawal on the public page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.correct_slip import CorrectSlip, correct_slip
from service.commands.end_case import TerminateCase, terminate_case, withdraw_case
from service.commands.extend_limit import extend_limit
from service.commands.performing import perform_on_case
from service.commands.recuse_officer import RecuseOfficer, recuse_officer
from service.commands.rule_on_held_act import RuleOnHeldAct, rule_on_held_act
from service.commands.special_step import KINDS, BeginSpecialStep, begin_special_step, end_special_step
from service.commands.suspend_case import SuspendCase, resume_case, suspend_case
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.web.context import WebContext, context
from service.web.given import whole_number
from service.web.pages.case_acts import ActOnCase, take_one_of
from service.web.pages.public import proved_case
from service.web.pages.shell import back, pages
from service.web.pages.words import N_, say
from service.web.request import now

_MOST_DAYS = 250


def _text(name: str, longest: int = 500) -> str:
    return request.form.get(name, "").strip()[:longest]


def _suspend(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    command = SuspendCase(number, _text("legal_basis", 300), _text("reason"), _text("ground", 40))
    suspend_case(connection, web.services, actor, command, now())


def _resume(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    resume_case(connection, web.services, actor, number, _text("reason"), now())


def _extend(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    extend_limit(connection, web.services, actor, number, _text("reason"), now())


def _special(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    kind, days = _text("kind"), whole_number(_text("days"))
    if kind not in KINDS or days is None or not 1 <= days <= _MOST_DAYS:
        words = "请选择程序并填写 1 至 250 个工作日", "Choose the procedure and give 1 to 250 working days"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/days")])
    begin_special_step(connection, web.services, actor, BeginSpecialStep(number, kind, days, _text("reason")), now())


def _end_special(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    end_special_step(connection, web.services, actor, number, now())


def _terminate(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    command = TerminateCase(number, _text("legal_basis", 300), _text("reason"))
    terminate_case(connection, web.services, actor, command, now())


def _rule(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    rule_on_held_act(connection, web.services, actor, RuleOnHeldAct(number, _text("ruling"), _text("reason")), now())


def _withdraw(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    withdraw_case(connection, web.services, actor, number, _text("reason"), now())


def _correct_slip(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    seen = whole_number(_text("version", 12))
    command = CorrectSlip(number, _text("place", 160), _text("value", 400), _text("reason"), seen)
    correct_slip(connection, web.services, actor, command, now())


def _recuse(connection: Connection, web: WebContext, actor: Actor, number: str) -> None:
    command = RecuseOfficer(number, _text("officer", 40), _text("reason"))
    recuse_officer(connection, web.services, actor, command, now())


# The way, and what the next page says.
_FORMS: Mapping[str, tuple[ActOnCase, str]] = {
    "suspend": (_suspend, N_("已依法中止")),
    "resume": (_resume, N_("已恢复办理")),
    "extend": (_extend, N_("已延期，并已告知申请人")),
    "special_step": (_special, N_("特别程序已开始，停表并已告知申请人")),
    "end_special_step": (_end_special, N_("特别程序已结束，恢复计时")),
    "terminate": (_terminate, N_("已终止办理")),
    "correct_slip": (_correct_slip, N_("已更正，更正前后的内容已记入历史")),
    "halt_ruling": (_rule, N_("已处置，中止解除")),
    "recuse": (_recuse, N_("已回避，并从锁定的名录中重新抽取")),
    "withdraw": (_withdraw, N_("已登记撤回申请")),
}


@pages.post("/cases/<code:number>/moves/<key:name>")
def move_case(number: str, name: str) -> Response:
    """Take one of the ways; a refusal is told on the page that one came from."""
    return take_one_of(_FORMS, number, name)


@pages.post("/public/cases/<code:number>/withdraw")
def public_withdraw(number: str) -> Response:
    """The applicant, who has proved to know the secret, withdraws the application."""
    proved_case(number)
    web = context()
    perform_on_case(
        web.engine,
        web.services,
        lambda connection: withdraw_case(connection, web.services, None, number, _text("reason"), now()),
        actor=None,
        now=now(),
        number=number,
    )
    return back(url_for("pages.public_case", number=number), say("已撤回申请"))
