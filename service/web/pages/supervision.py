"""Supervision: alarms with their evidence, orders on their ladder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import jsonify, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.open_notices import open_notices
from service.commands.order_alarms import gathered_with
from service.commands.order_handlers import HANDLER_STEPS, Handler, handlers_in, may_name_handler
from service.commands.settle_alarm import SettleAlarm, may_settle, settle_alarm
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.alarms import AlarmFilter, AlarmView, list_alarms, read_alarm
from service.reads.case_page import CasePage, read_case_page
from service.reads.notices import notices_of_case
from service.reads.orders import OrderFilter, OrderRow, OrderView, due_span, list_orders, read_order
from service.reads.paging import Asked
from service.reads.saved_filters import kept_filters
from service.reads.visibility import departments_of_alarms
from service.web.context import context
from service.web.pages import case_words, timing, words
from service.web.pages.cases import drawn_state, find_page, parts_of
from service.web.pages.order_ladder import EXTENSION_STATES, asks_for_time, is_reminder, ladder_of, to_decide
from service.web.pages.shell import act, argument, ask, asked, back, calendar, pages, refusal_view
from service.web.pages.words import say
from service.web.request import now, require_actor
from service.working_time import WorkingCalendar

_LADDER_RUNGS = (2, 3, 4, 5)


def _supervisor() -> Actor:
    """Somebody who reads alarms somewhere. Raises Refused not_permitted."""
    actor = require_actor()
    if departments_of_alarms(actor) == frozenset():
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected somebody who reads alarms")
    return actor


def _departments(connection: Connection, actor: Actor) -> dict[str, str]:
    seen = departments_of_alarms(actor)
    return {
        code: names[words.in_english()]
        for code, names in department_names(connection).items()
        if seen is None or code in seen
    }


@dataclass(frozen=True, slots=True)
class SavedFilter:
    word: str
    href: str
    count: int
    current: bool


_SAVED: tuple[tuple[str, dict[str, str]], ...] = (
    (words.N_("未处置"), {"status": "open"}),
    (words.N_("红色未处置"), {"status": "open", "colour": "red"}),
    (words.N_("已督办"), {"status": "ordered"}),
    (words.N_("用时过短"), {"kind": "too_early"}),
    (words.N_("已销号"), {"status": "closed"}),
)


def _saved(connection: Connection, actor: Actor, wanted: AlarmFilter) -> Iterator[SavedFilter]:
    chosen = {k: v for k, v in (("status", wanted.status), ("colour", wanted.colour), ("kind", wanted.kind)) if v}
    for text, filters in _SAVED:
        count = list_alarms(
            connection,
            actor,
            AlarmFilter(filters.get("kind"), filters.get("colour"), filters.get("status")),
            Asked(limit=1),
        ).total
        href = url_for("pages.alarms") + "?" + urlencode(filters)
        yield SavedFilter(say(text), href, count, chosen == filters and wanted.department is None)


@pages.get("/alarms")
def alarms() -> str:
    """Alarms of the departments that this person supervises."""
    actor = _supervisor()
    wanted = AlarmFilter(
        kind=argument("kind", words.ALARM_KINDS),
        colour=argument("colour", words.COLOURS),
        status=argument("status", words.ALARM_STATES),
        department=argument("department"),
        case=argument("case"),
        rule=argument("rule"),
        mine=argument("assigned", ("me",)) == "me",
    )

    def read(connection: Connection) -> dict[str, Any]:
        page, days = list_alarms(connection, actor, wanted, asked()), calendar(connection)
        return {
            "page": page,
            "saved": list(_saved(connection, actor, wanted)),
            "kept": kept_filters(connection, actor, "alarms"),
            "departments": _departments(connection, actor),
            "evidence": {one.id: list(evidence_lines(one, days)) for one in page.items},
        }

    return render_template(
        "alarms.html",
        **ask(read),
        filtered=bool(wanted != AlarmFilter()),
        may_issue=may(actor, "issue_orders"),
        may_act=may(actor, "settle_alarms_of_county") or may(actor, "settle_alarms_of_department"),
        kinds=[(code, say(text)) for code, text in words.ALARM_KINDS.items()],
        colours=[(code, words.word(words.COLOUR_WORDS, code)) for code in words.COLOURS],
        states=[(code, say(text)) for code, text in words.ALARM_STATES.items()],
    )


@pages.get("/alarms/<number:alarm_id>")
def alarm(alarm_id: int) -> str:
    """One alarm with the rows that its rule saw."""
    return _alarm_page(alarm_id)


@pages.get("/alarms/<number:alarm_id>/diagram.json")
def alarm_state(alarm_id: int) -> Response:
    """The diagram of the case that the alarm is about, with the alarm at its step."""

    def read(connection: Connection) -> dict[str, Any]:
        found, page = _with_case(connection, alarm_id)
        if page is None:
            raise not_found("该报警的办件", f"case of alarm {alarm_id}")
        state = drawn_state(page)
        if found.element_id is not None:
            told = {"label": words.alarm_kind(found)} | ({"state": "overdue"} if found.colour == "red" else {})
            state["elements"][found.element_id] = {
                "state": "current",
                **state["elements"].get(found.element_id, {}),
                **told,
            }
            state["focus"] = found.element_id
        return state

    return jsonify(ask(read))


def _with_case(connection: Connection, alarm_id: int) -> tuple[AlarmView, CasePage | None]:
    """The alarm, and its case if this person may read that too."""
    web, actor = context(), require_actor()
    found = read_alarm(connection, actor, alarm_id)
    if found is None:
        raise not_found("该报警", f"alarm {alarm_id}")
    if found.case_number is None:
        return found, None
    return found, read_case_page(connection, web.services, actor, found.case_number, now(), locale=words.locale_code())


@pages.post("/alarms/<number:alarm_id>/result")
def settle_one(alarm_id: int) -> Response | tuple[str, int]:
    """What the alarm came to, with its ground."""
    form = request.form
    command = SettleAlarm(alarm_id, form.get("result", ""), form.get("ground", ""))
    try:
        act(lambda connection, web, actor: settle_alarm(connection, web.services, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "not_found":
            raise
        return _alarm_page(alarm_id, refusal), refusal.status
    return back(url_for("pages.alarm", alarm_id=alarm_id), say("认定结果已登记"))


def _alarm_page(alarm_id: int, refusal: Refused | None = None) -> str:
    actor = require_actor()

    def read(connection: Connection) -> dict[str, Any]:
        found, about = _with_case(connection, alarm_id)
        names = department_names(connection).get(found.department, (found.department,) * 2)
        return {
            "one": found,
            "steps": about.steps.lines if about is not None else None,
            "department": names[words.in_english()],
            "evidence": list(evidence_lines(found, calendar(connection))),
            "rows": list(evidence_rows(found, calendar(connection))),
            "may_settle": may_settle(actor, found, found.person["id"] if found.person else None),
            "handlers": _may_send(connection, actor, found),
            "together": gathered_with(connection, found.order_number) if found.order_number else 0,
        }

    return render_template(
        "alarm.html",
        **ask(read),
        results=[(code, words.word(words.ALARM_RESULTS, code)) for code in words.ALARM_RESULTS],
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _may_send(connection: Connection, actor: Actor, found: AlarmView) -> list[Handler]:
    """Whom level 1 may send an order about the alarm to."""
    concerns_him = found.person is not None and found.person["id"] == actor.person_id
    if found.status == "closed" or found.order_number or concerns_him:
        return []
    return handlers_in(connection, found.department) if may(actor, "order_handlers", found.department) else []


_EVIDENCE: Mapping[str, str] = {
    "entered_at": words.N_("进入环节"),
    "acted_at": words.N_("提交时间"),
    "earliest_at": words.N_("最早可提交"),
    "counted_from": words.N_("起算"),
    "due_at": words.N_("到期"),
    "started_at": words.N_("收件"),
    "decided_at": words.N_("作出决定"),
    "seconds": words.N_("实际用时"),
    "apart_seconds": words.N_("相隔"),
    "minimum_seconds": words.N_("规定最短"),
    "person": words.N_("经办人"),
    "earlier_person": words.N_("同一终端的另一人"),
    "earlier_at": words.N_("另一人办理时间"),
    "terminal": words.N_("终端"),
    "address": words.N_("来源地址"),
    "document": words.N_("文书"),
    "limit": words.N_("时限"),
    "missing": words.N_("缺少的材料"),
    "receipt": words.N_("票据号码"),
    "amount_fen": words.N_("金额"),
    "owed_fen": words.N_("尚欠"),
}


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A thing that the rule saw: when, in which case, by whom, and what; or which order or alarm it is about."""

    at: str
    case: str
    person: str
    words: str
    order: str = ""
    alarm: int | None = None


def evidence_rows(one: AlarmView, days: WorkingCalendar) -> Iterator[EvidenceRow]:
    """What a rule of the passes saw, row by row."""
    for given in one.evidence:
        if "zh" in given:
            what = str(given.get("en" if words.in_english() else "zh") or given["zh"])
            extra = [words.post_word(str(given["post"]))] if given.get("post") else []
            extra += [timing.yuan(int(given["amount_fen"]))] if given.get("amount_fen") is not None else []
            receipt = str(given.get("receipt") or "")
            extra += [say("票据 %(number)s", number=receipt)] if receipt else []
            at, case = _instant_words(str(given.get("at", "")), days), str(given.get("case") or "")
            row = EvidenceRow(at, case, str(given.get("person") or ""), " · ".join([what, *extra]))
            yield replace(row, order=str(given.get("order") or ""), alarm=given.get("alarm"))


def _instant_words(at: str, days: WorkingCalendar) -> str:
    if "T" not in at:
        return at
    return datetime.fromisoformat(at).astimezone(days.zone).strftime("%Y-%m-%d %H:%M:%S")


def evidence_lines(one: AlarmView, days: WorkingCalendar) -> Iterator[tuple[str, str]]:
    """What the rule saw, in words; ids of the machine are left out."""
    for row in list(evidence_rows(one, days))[:5]:
        yield row.at, " · ".join(part for part in (row.case, row.person, row.words) if part)
    for given in (row for row in one.evidence if "zh" not in row):
        for key, term in _EVIDENCE.items():
            if given.get(key) not in (None, "", []):
                yield say(term), _evidence_value(key, given, days)


def _evidence_value(key: str, given: Mapping[str, Any], days: WorkingCalendar) -> str:
    value = given[key]
    if key.endswith("_at") or key == "counted_from":
        return datetime.fromisoformat(value).astimezone(days.zone).strftime("%Y-%m-%d %H:%M:%S")
    if key.endswith("seconds"):
        return case_words.duration(int(value))
    if key.endswith("_fen"):
        return timing.yuan(int(value))
    if key == "limit":
        return words.quantity(int(value), str(given.get("unit")))
    if key == "document":
        return words.document_word(str(value), words.DOCUMENT_KINDS.get(str(value), str(value)))
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


@pages.get("/orders")
def orders() -> str:
    """Supervision orders by their rung."""
    actor = _supervisor()
    rung = argument("rung", map(str, _LADDER_RUNGS))
    due = argument("due", words.DUE_WORDS)
    wanted = OrderFilter(
        rung=int(rung) if rung else None,
        status=argument("status", words.ORDER_STATES),
        department=argument("department"),
        case=argument("case"),
    )

    def read(connection: Connection) -> dict[str, Any]:
        days = calendar(connection)
        span = due_span(due, days, now()) if due else None
        page = list_orders(connection, actor, replace(wanted, due=span), asked())
        return {
            "page": page,
            "clocks": {row.number: _order_clock(row, days) for row in page.items},
            "departments": _departments(connection, actor),
            "by_rung": [
                (one, list_orders(connection, actor, OrderFilter(rung=one), Asked(limit=1)).total)
                for one in _LADDER_RUNGS
            ],
        }

    return render_template(
        "orders.html",
        **ask(read),
        filtered=any((rung, wanted.status, wanted.department, wanted.case, due)),
        rung=wanted.rung,
        spans=[(code, say(text)) for code, text in words.DUE_WORDS.items()],
        may_issue=may(actor, "issue_orders"),
        sources=[(code, say(text)) for code, text in words.ORDER_SOURCES.items() if code != "alarm"],
        states=[(code, say(text)) for code, text in words.ORDER_STATES.items()],
    )


def _handlers(connection: Connection, actor: Actor, page: CasePage, found: OrderView | None) -> list[Handler]:
    """Whom this person may name as the handler; nobody where he may not, or where it is too late."""
    asked = found is not None and found.row.status in ("open", "signed")
    known = page.found.bundle.model.find(HANDLER_STEPS[0]) is not None
    if found is None or not asked or not known or not may_name_handler(actor, found.row.department):
        return []
    return handlers_in(connection, found.row.department)


def _order_clock(row: OrderRow, days: WorkingCalendar) -> timing.ClockView | None:
    if row.closed_at is not None:
        return None
    return timing.clock_view(row.due_at, row.opened_at, now(), days)


@pages.get("/orders/<code:number>")
def order(number: str) -> str:
    """One order: what it is about, its ladder, its messages with receipts, and the task that waits.

    That somebody who was told has opened it is kept.
    """
    opened = ask(lambda connection: find_page(connection, number, "order").view.id)
    act(lambda connection, _web, actor: open_notices(connection, actor, opened, now()))

    def read(connection: Connection) -> str:
        actor = require_actor()
        page = find_page(connection, number, "order")
        found = read_order(connection, context().services, actor, number)
        notices = found.messages if found is not None else notices_of_case(connection, page.view.id)
        more = found.extensions if found is not None else ()
        mine = page.power.work or page.power.claim
        owed = next((t for t in page.view.user_tasks if mine and page.task and t.id == page.task.id), None)
        about = read_case_page(
            connection,
            context().services,
            actor,
            (found.row.about_case if found is not None else None) or "",
            now(),
            locale=words.locale_code(),
        )
        return render_template(
            "order.html",
            **parts_of(connection, page, page.view, actor),
            order=found.row if found is not None else None,
            alarms=found.alarms if found is not None else (),
            ladder=list(ladder_of(notices, page.view.steps_done, page.view.user_tasks, more)),
            extension_states=EXTENSION_STATES,
            more_time=asks_for_time(owed, more, now(), calendar(connection)),
            to_decide=to_decide(actor, more, found.row.department) if found is not None else [],
            messages=[n for n in notices if n.channel == "sms" and not is_reminder(n)][::-1],
            about=about.view if about is not None else None,
            may_issue=may(actor, "issue_orders"),
            handlers=_handlers(connection, actor, page, found),
            next_address=url_for("pages.order", number=number),
        )

    return ask(read)
