"""Bulk acts on the list of alarms, filters that are kept, and what people do with orders beside their own steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.assign_alarm import assign_alarm
from service.commands.issue_order import IssueOrder, gather_alarms, issue_order, reopen_order
from service.commands.order_extension import AskExtension, ask_extension, decide_extension
from service.commands.order_handlers import name_handler
from service.commands.order_papers import open_order_paper
from service.commands.save_filter import drop_filter, save_filter
from service.commands.settle_alarm import SettleAlarm, settle_alarm
from service.errors import Refused, not_found
from service.people.queries import department_names
from service.reads.alarms import read_alarm
from service.reads.order_statistics import count_rungs
from service.reads.visibility import departments_of_alarms
from service.web.context import context
from service.web.given import given_day, whole_numbers
from service.web.pages import words
from service.web.pages.shell import act, ask, back, calendar, pages, require
from service.web.pages.words import say
from service.web.request import now, require_actor

MOST_AT_ONCE = 100
_FILTERS = ("kind", "colour", "status", "department", "case", "rule", "assigned")


@pages.post("/alarms/bulk")
def act_on_alarms() -> Response:
    """One act on each chosen alarm, a transaction each; what was refused is told with its reason."""
    form = request.form
    ids = whole_numbers(form.getlist("alarm")[:MOST_AT_ONCE])
    if not ids:
        raise Refused("invalid_request", "请先勾选报警", "Expected alarms to be chosen")
    name = form.get("act", "")
    if name in ("issue", "gather"):
        return _into_order(name, ids)
    done, refused = _one_by_one(_single(name), ids)
    told = say("已处理 %(n)s 条", n=done)
    if refused is not None:
        told += "；" + say("未处理：%(why)s", why=refused.message_en if words.in_english() else refused.message)
    return back(url_for("pages.alarms"), told)


def _single(name: str) -> Callable[[int], None]:
    form = request.form
    if name == "assign":
        username = form.get("username", "").strip()[:64]
        return lambda one: act(lambda connection, _web, actor: assign_alarm(connection, actor, one, username, now()))
    if name in ("confirmed", "excused", "false"):
        ground = form.get("ground", "")[:500]
        return lambda one: act(
            lambda connection, web, actor: settle_alarm(
                connection, web.services, actor, SettleAlarm(one, name, ground), now()
            )
        )
    raise Refused("invalid_request", "请选择操作", "Expected an act on the chosen alarms")


def _one_by_one(single: Callable[[int], None], ids: list[int]) -> tuple[int, Refused | None]:
    done, refused = 0, None
    for one in ids:
        try:
            single(one)
            done += 1
        except Refused as refusal:
            refused = refusal
    return done, refused


def _into_order(name: str, ids: list[int]) -> Response:
    form = request.form
    if name == "gather":
        number = form.get("order", "").strip().upper()[:40]
        act(lambda connection, _web, actor: gather_alarms(connection, actor, number, ids))
        return back(url_for("pages.order", number=number), say("已并入督办单"))
    actor = require("issue_orders")
    first = ask(lambda connection: read_alarm(connection, actor, ids[0]))
    if first is None:
        raise not_found("该报警", f"alarm {ids[0]}")
    demand = form.get("ground", "").strip() or f"查明原因并督促改正：{first.summary_zh}"
    command = IssueOrder("alarm", first.department, demand, first.case_number or "", tuple(ids))
    return _issued(command)


def _issued(command: IssueOrder) -> Response:
    number = act(lambda connection, web, actor: issue_order(connection, web.services, actor, command, now()))
    return back(url_for("pages.order", number=number), say("督办单已签发"))


@pages.post("/alarms/filters")
def keep_alarm_filter() -> Response:
    """Keep what the list is filtered by."""
    query = {name: request.form[name][:60] for name in _FILTERS if request.form.get(name)}
    name = request.form.get("name", "")
    act(lambda connection, _web, actor: save_filter(connection, actor, "alarms", name, query, now()))
    return back(f"{url_for('pages.alarms')}?{urlencode(query)}", say("筛选已保存"))


@pages.post("/alarms/filters/<number:filter_id>/drop")
def drop_alarm_filter(filter_id: int) -> Response:
    """A kept filter that is no longer wanted."""
    act(lambda connection, _web, actor: drop_filter(connection, actor, filter_id))
    return back(url_for("pages.alarms"), say("筛选已删除"))


@pages.post("/orders")
def issue_new_order() -> Response:
    """An order from an inspection, a complaint or a leader's note."""
    require("issue_orders")
    form = request.form
    department, about = form.get("department", "")[:16], form.get("about_case", "").strip().upper()[:40]
    return _issued(IssueOrder(form.get("source", ""), department, form.get("demand", ""), about))


@pages.post("/alarms/<number:alarm_id>/handler-order")
def send_to_handler(alarm_id: int) -> Response:
    """Level 1 has a handler explain and mend what an alarm tells of."""
    actor, form = require_actor(), request.form
    found = ask(lambda connection: read_alarm(connection, actor, alarm_id))
    if found is None:
        raise not_found("该报警", f"alarm {alarm_id}")
    demand = form.get("demand", "").strip() or f"说明情况并整改：{found.summary_zh}"
    about, handler = found.case_number or "", form.get("handler", "")[:64]
    return _issued(IssueOrder("alarm", found.department, demand, about, (alarm_id,), handler))


@pages.post("/orders/<code:number>/handler")
def name_handler_of(number: str) -> Response:
    """Who is to explain and mend."""
    username = request.form.get("handler", "")[:64]
    act(lambda connection, web, actor: name_handler(connection, web.services, actor, number, username, now()))
    return back(url_for("pages.order", number=number), say("经办人已确定"))


@pages.post("/orders/<code:number>/extensions")
def ask_for_time(number: str) -> Response:
    """Whoever owes a step asks for a later day."""
    form = request.form
    until = _date(form.get("until", ""))
    if until is None:
        words_ = "请选择延至哪一日", "Choose a day"
        raise Refused("invalid_request", *words_)
    command = AskExtension(form.get("task", "")[:40], until, form.get("reason", ""))
    act(lambda connection, web, actor: ask_extension(connection, web.services, actor, command, now()))
    return back(url_for("pages.order", number=number), say("延期申请已提交"))


@pages.post("/orders/<code:number>/extensions/<number:extension_id>")
def decide_on_time(number: str, extension_id: int) -> Response:
    """Whoever gave the step grants it more time, or refuses."""
    granted, opinion = request.form.get("decision") == "granted", request.form.get("opinion", "")
    asked = number, extension_id, opinion, now()
    act(lambda c, web, actor: decide_extension(c, web.services, actor, *asked, granted=granted))
    return back(url_for("pages.order", number=number), say("延期申请已处理"))


@pages.post("/orders/<code:number>/reopen")
def open_again(number: str) -> Response:
    """A closed order is opened again, as a new one."""
    reason = request.form.get("reason", "")
    again = act(lambda connection, web, actor: reopen_order(connection, web.services, actor, number, reason, now()))
    return back(url_for("pages.order", number=again), say("已重新督办"))


@pages.get("/orders/<code:number>/paper.pdf")
def order_pdf(number: str) -> FlaskResponse:
    """The order as a paper (督办单) with its seal, as it was kept: demand, what was answered, who confirmed it."""
    web, actor = context(), require_actor()
    content = open_order_paper(web.engine, web.services, actor, number, now())
    answer = FlaskResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return answer


@pages.get("/orders/statistics")
def order_statistics() -> str:
    """Messages and orders by rung, of this year or the days of the address."""
    actor = require_actor()
    if departments_of_alarms(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected a leader or a supervisor")

    def read(connection: Connection) -> dict[str, Any]:
        days = calendar(connection)
        today = days.local_date(now())
        first, last = _day("from") or today.replace(month=1, day=1), _day("to") or today
        begins, ends = (datetime.combine(day, time(), days.zone) for day in (first, last + timedelta(days=1)))
        names = department_names(connection)
        return {
            "rows": count_rungs(connection, actor, begins, ends),
            "departments": {code: both[words.in_english()] for code, both in names.items()},
            "first": first,
            "last": last,
        }

    return render_template("order_statistics.html", **ask(read))


def _day(name: str) -> date | None:
    return _date(request.args.get(name, ""))


def _date(text: str) -> date | None:
    try:
        return given_day(text)
    except ValueError:
        return None
