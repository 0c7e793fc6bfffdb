"""The work list: what is mine, what may be claimed, what falls due, what is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.claim_task import claim_task
from service.commands.sign_for_many import SignedFor, claim_each, require_bulk_act
from service.people.actor import Actor
from service.reads.copies import copies_unread
from service.reads.opinions import opinions_waiting
from service.reads.paging import Asked, Page
from service.reads.visibility import departments_of_cases
from service.reads.work_list import WorkFilter, WorkRow, list_work
from service.reads.work_marks import DoneRow, alarm_colours, items_of, list_done, steps_of
from service.web.context import context
from service.web.pages import words
from service.web.pages.new_case import may_begin
from service.web.pages.shell import act_on_case, argument, ask, asked, back, calendar, pages
from service.web.pages.timing import ClockView, clock_view, near
from service.web.pages.words import say
from service.web.request import now, require_actor
from service.working_time import WorkingCalendar

# A task falls due soon when it does so within two working days.
_SOON_WORKING_DAYS = 2
_WEEKDAY_WORDS = (
    words.N_("星期一"),
    words.N_("星期二"),
    words.N_("星期三"),
    words.N_("星期四"),
    words.N_("星期五"),
    words.N_("星期六"),
    words.N_("星期日"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """`title` for the head of the window, `empty` for a list without rows."""

    key: str
    word: str
    count: int
    empty: str

    @property
    def title(self) -> str:
        return f"{self.word} {self.count}"


@dataclass(frozen=True, slots=True)
class Mark:
    clock: ClockView | None
    colour: str | None


def _filter(view: str, limit: datetime | None) -> WorkFilter:
    return WorkFilter(
        view="mine" if view == "due" else view,
        due_before=limit,
        power_item=argument("item"),
        element_id=argument("step"),
        colour=argument("alarm", words.COLOURS),
        q=argument("q"),
    )


def _tabs(connection: Connection, actor: Actor, soon: datetime) -> list[Tab]:
    one = Asked(limit=1)

    def count(**wanted: Any) -> int:
        return list_work(connection, actor, WorkFilter(**wanted), one).total

    tabs = [
        Tab("mine", say("我的"), count(view="mine"), say("手上没有要办的")),
        Tab("claimable", say("可领取"), count(view="claimable"), say("没有可领取的办件")),
        Tab("due", say("将到期"), count(view="mine", due_before=soon), say("两个工作日内没有到期的")),
        Tab("done", say("已办"), list_done(connection, actor, None, one).total, say("还没有办过的")),
    ]
    to_sign = count(view="to_sign")
    if to_sign:
        tabs.insert(2, Tab("to_sign", say("待签字"), to_sign, say("没有等您签字的")))
    return tabs


def _page(connection: Connection, actor: Actor, view: str, soon: datetime) -> Page[WorkRow] | Page[DoneRow]:
    if view == "done":
        return list_done(connection, actor, argument("q"), asked())
    return list_work(connection, actor, _filter(view, soon if view == "due" else None), asked())


def _marks(connection: Connection, rows: Any, days: WorkingCalendar) -> dict[str, Mark]:
    colours = alarm_colours(connection, (row.case_number for row in rows))
    marks = {}
    for row in rows:
        own = colours.get((row.case_number, getattr(row, "element_id", None)))
        gravest = own or next((c for (number, _), c in colours.items() if number == row.case_number), None)
        clock = clock_view(row.due_at, row.entered_at, now(), days, own) if isinstance(row, WorkRow) else None
        marks[row.id] = Mark(clock, gravest)
    return marks


@pages.get("/work")
def work_list() -> str:
    """One of the tabs; `?view=` with filters."""
    actor = require_actor()

    def read(connection: Connection) -> dict[str, Any]:
        days = calendar(connection)
        soon = days.add_working_days(now(), _SOON_WORKING_DAYS) + timedelta(microseconds=1)
        tabs = _tabs(connection, actor, soon)
        view = argument("view", {tab.key for tab in tabs}) or "mine"
        page = _page(connection, actor, view, soon)
        due = list_work(connection, actor, WorkFilter(due_before=soon), Asked(limit=1))
        nearest = list_work(connection, actor, WorkFilter(), Asked(limit=1))
        return {
            "tabs": tabs,
            "tab": next(tab for tab in tabs if tab.key == view),
            "page": page,
            "marks": _marks(connection, page.items, days),
            "due_soon": due,
            "next_due": _next_due(nearest, days),
            "items": [(c.value, words.named(c)) for c in items_of(connection, departments_of_cases(actor))],
            "steps": [(c.value, words.named(c)) for c in steps_of(connection, actor)],
            "copies_unread": copies_unread(connection, actor),
            "opinions_waiting": opinions_waiting(connection, actor),
            "weekday": say(_WEEKDAY_WORDS[days.local_date(now()).weekday()]),
        }

    return render_template(
        "work_list.html",
        **ask(read),
        may_start=ask(lambda connection: may_begin(connection, actor)),
        colours=[(colour, words.word(words.COLOUR_WORDS, colour)) for colour in words.COLOURS],
        filtered=any(argument(name) for name in ("q", "item", "step", "alarm")),
    )


def _next_due(nearest: Page[WorkRow], days: WorkingCalendar) -> str:
    row = next(iter(nearest.items), None)
    if row is None or row.due_at is None:
        return ""
    due = near(row.due_at, days.zone, now())
    return say("下一件 %(at)s 到期，%(item)s。", at=due, item=words.named(row, "item_name"))


@pages.post("/work/claim")
def claim_tasks() -> Response | str:
    """Claim one task, or sign for those that are ticked; completing is never done in bulk."""
    single = request.form.get("claim")
    if single:
        return _claim_one(single)
    require_bulk_act(request.form.get("act", "claim"))
    ids = request.form.getlist("task")
    if not ids:
        return back(url_for("pages.work_list", view="claimable"), say("没有勾选办件"), "alert")
    web = context()
    signed = claim_each(web.engine, web.services, require_actor(), ids, now())
    return render_template("signed_for.html", signed=signed, **_counted(signed), back_to=url_for("pages.work_list"))


def _claim_one(task_id: str) -> Response:
    act_on_case(
        lambda connection, web, actor: claim_task(connection, web.services, actor, task_id, now()), task_id=task_id
    )
    return back(url_for("pages.work_list"), say("已领取 %(count)s 件", count=1))


def _counted(signed: tuple[SignedFor, ...]) -> dict[str, int]:
    refused = sum(one.refusal is not None for one in signed)
    return {"done": len(signed) - refused, "refused": refused}
