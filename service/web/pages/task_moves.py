"""Moves of a task by forms of the page that need no script: one address, one form for each way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.ask_opinion import AskOpinion, ask_opinion
from service.commands.copy_to_read import MOST_READERS, CopyToRead, copy_to_read
from service.commands.hand_over_task import DelegateTask, TransferTask, delegate_task, transfer_task
from service.commands.link_cases import LinkCases, link_cases, unlink_cases
from service.commands.send_back import SendBack, send_back
from service.commands.take_back import take_back
from service.commands.urge_task import urge_task
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.user_tasks.linking import KINDS
from service.user_tasks.opinions import COUNTERSIGN_RULES, SIGNER_WAYS
from service.web.context import WebContext, context
from service.web.given import given_day, whole_number, whole_numbers
from service.web.pages.case_acts import home_of
from service.web.pages.shell import act_on_case, back, pages
from service.web.pages.words import N_, say
from service.web.request import now

_LONGEST_REASON = 500
_LONGEST_NUMBER = 40
Command = Callable[[Connection, WebContext, Actor, str], None]


def _reason() -> str:
    return request.form.get("reason", "").strip()[:_LONGEST_REASON]


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("required", zh, en, pointer=f"/{name}")])


def _person() -> int:
    who = whole_number(request.form.get("person", ""))
    if who is None:
        raise _wrong("person", "请选择人员", "Choose a person")
    return who


def _until() -> datetime:
    """The end of the day that the form names."""
    try:
        day = given_day(request.form.get("until", ""))
    except ValueError:
        raise _wrong("until", "请填日期，如 2026-11-23", "Give a date such as 2026-11-23") from None
    return datetime.combine(day + timedelta(days=1), time.min, context().services.settings.zone)


def _transfer(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    transfer_task(connection, web.services, actor, TransferTask(task_id, _person(), _reason()), now())


def _delegate(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    delegate_task(connection, web.services, actor, DelegateTask(task_id, _person(), _until(), _reason()), now())


def _send_back(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    command = SendBack(task_id, request.form.get("to") or None, _reason())
    send_back(connection, web.services, actor, command, now())


def _take_back(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    take_back(connection, web.services, actor, task_id, _reason(), now())


def _urge(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    urge_task(connection, web.services, actor, task_id, _reason(), now())


def _people() -> list[int]:
    return whole_numbers(request.form.getlist("people")[: MOST_READERS + 1])


def _choice(name: str, allowed: Iterable[str]) -> str:
    given = request.form.get(name, "")
    if given not in allowed:
        raise _wrong(name, "请选择", "Choose one")
    return given


def _add_signer(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    command = AskOpinion(task_id, _choice("way", SIGNER_WAYS), _people(), _reason())
    ask_opinion(connection, web.services, actor, command, now())


def _countersign(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    rule = _choice("rule", COUNTERSIGN_RULES)
    ask_opinion(connection, web.services, actor, AskOpinion(task_id, "countersign", _people(), _reason(), rule), now())


def _consult(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    ask_opinion(connection, web.services, actor, AskOpinion(task_id, "consult", _people(), _reason()), now())


def _copy(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    copy_to_read(connection, web.services, actor, CopyToRead(task_id, _people(), _reason()), now())


def _link(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    command = LinkCases(task_id, _other(), _choice("kind", KINDS), _reason())
    with _unknown_case_told_at_its_field():
        link_cases(connection, web.services, actor, command, now())


def _unlink(connection: Connection, web: WebContext, actor: Actor, task_id: str) -> None:
    with _unknown_case_told_at_its_field():
        unlink_cases(connection, web.services, actor, task_id, _other(), _reason(), now())


@contextmanager
def _unknown_case_told_at_its_field() -> Iterator[None]:
    """A number that was typed wrongly is told where it was typed; the page that one is on is there."""
    try:
        yield
    except Refused as refusal:
        if refusal.code != "not_found":
            raise
        words = refusal.message, refusal.message_en
        raise Refused("invalid_request", *words, [Detail("unknown_case", *words, pointer="/case")]) from refusal


def _other() -> str:
    return request.form.get("case", "").strip()[:_LONGEST_NUMBER]


# The way, and what the next page says.
_FORMS: Mapping[str, tuple[Command, str]] = {
    "transfer": (_transfer, N_("已转办")),
    "delegate": (_delegate, N_("已委托")),
    "add_signer": (_add_signer, N_("已请人签署")),
    "countersign": (_countersign, N_("已请人会签")),
    "consult": (_consult, N_("已征求意见")),
    "copy": (_copy, N_("已抄送")),
    "link": (_link, N_("已关联")),
    "unlink": (_unlink, N_("已撤销关联")),
    "send_back": (_send_back, N_("已退回")),
    "take_back": (_take_back, N_("已撤回")),
    "urge": (_urge, N_("已催办")),
}


@pages.post("/tasks/<code:task_id>/moves/<key:name>")
def move_task(task_id: str, name: str) -> Response:
    """Take one of the ways; a refusal is told on the page that one came from."""
    home = home_of(task_id)
    if name not in _FORMS:
        raise not_found("该操作", f"move {name}")
    command, said = _FORMS[name]
    act_on_case(lambda connection, web, actor: command(connection, web, actor, task_id), task_id=task_id)
    return back(home, say(said))
