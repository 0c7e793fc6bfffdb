"""Cases: the list, and the page of one case with its form, diagram, materials, fees, history and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, render_template, url_for
from sqlalchemy import Connection

from service.commands.recuse_officer import find_draw
from service.commands.special_step import KINDS
from service.commands.spot_fines import TAKEN_AT, TICKET
from service.commands.withdraw_publication import WITHDRAWALS
from service.errors import not_found
from service.form_schemas import CompiledForm
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.asked_at_wait import asked_at_wait
from service.reads.case_list import STATUSES, CaseFilter, list_cases
from service.reads.case_moves import open_case_moves
from service.reads.case_page import CasePage, read_case_page
from service.reads.case_steps import diagram_state
from service.reads.cash import next_ticket_of, ticket_of_case
from service.reads.certificates import change_of_case
from service.reads.diagram_words import diagram_in
from service.reads.fee_changes import fee_change_of, fee_story
from service.reads.fines import fine_of_case, publication_of_case
from service.reads.links import links_of_case
from service.reads.opinions import opinions_of_case
from service.reads.reversals import reversals_of_case
from service.reads.task_view import TaskView, form_schema
from service.reads.tickets import LeafView
from service.reads.visibility import departments_of_alarms, departments_of_cases, may_on_case, reads_case
from service.reads.work_marks import items_of
from service.user_tasks.opinions import COUNTERSIGN_RULES, SIGNER_WAYS
from service.user_tasks.rules import HALTING_GROUPS
from service.web.case_secret import with_secret
from service.web.context import context
from service.web.pages import case_words, slips, words
from service.web.pages.case_readers import parts_of_readers
from service.web.pages.corrections import corrections_in_words
from service.web.pages.fee_forms import MOST_PARTS
from service.web.pages.new_case import may_begin
from service.web.pages.papers_of_case import parts_of_papers
from service.web.pages.shell import argument, ask, asked, calendar, pages, require, words_of
from service.web.pages.stop_words import suspension_choices
from service.web.pages.story import Teller
from service.web.pages.timing import ClockView, clock_view
from service.web.pages.words import say
from service.web.request import now, require_actor
from service.working_time import WorkingCalendar

# Events that tell that a token was in a step, as removing a file asks.
REACHED = frozenset({"step_entered", "case_accepted", "decision_published", "payment_notice_made"})
# Cases of power items, and those that the office opens about its own papers.
_SHOWN_HERE = ("item", "office")
pages.add_app_template_filter(case_words.step_word, "step_word")
pages.add_app_template_filter(case_words.wait_word, "wait_word")
pages.add_app_template_filter(case_words.wait_entry, "wait_entry")
pages.add_app_template_filter(case_words.wait_button, "wait_button")
pages.add_app_template_filter(words_of, "said")
pages.add_app_template_filter(case_words.move_word, "move_word")
pages.add_app_template_filter(case_words.link_role, "link_role")
pages.add_app_template_filter(case_words.move_hint, "move_hint")
pages.add_app_template_filter(slips.in_language, "in_language")
pages.add_app_template_filter(words.document_word, "document_name")
pages.add_app_template_filter(lambda state: case_words.STEP_TONES.get(state, ""), "step_tone")


@dataclass(frozen=True, slots=True)
class Crumb:
    href: str
    word: str


@pages.app_template_filter("task_href")
def task_href(row: Any) -> str:
    """Where a task of a list is worked on: its case, or its supervision order."""
    if row.case_kind == "order":
        return url_for("pages.order", number=row.case_number, task=row.id)
    return url_for("pages.case", number=row.case_number, task=row.id)


@pages.get("/cases")
def cases() -> str:
    """The cases that this person may read, the newest first."""
    actor = require_actor()
    if departments_of_cases(actor) == frozenset():
        require("read_cases_of_department")
    wanted = CaseFilter(
        status=argument("status", STATUSES),
        power_item=argument("item"),
        department=argument("department"),
        q=argument("q"),
    )

    def read(connection: Connection) -> dict[str, Any]:
        page = list_cases(connection, actor, wanted, asked())
        days = calendar(connection)
        seen = departments_of_cases(actor)
        departments = {
            code: names[words.in_english()]
            for code, names in department_names(connection).items()
            if seen is None or code in seen
        }
        return {
            "page": page,
            "clocks": {row.number: clock_view(row.due_at, row.created_at, now(), days) for row in page.items},
            "items": [(c.value, words.named(c)) for c in items_of(connection, seen)],
            "departments": departments,
        }

    return render_template(
        "cases.html",
        **ask(read),
        statuses=[(one, words.case_word(one)) for one in STATUSES],
        filtered=any((wanted.status, wanted.power_item, wanted.department, wanted.q)),
        may_start=ask(lambda connection: may_begin(connection, actor)),
    )


def find_page(connection: Connection, number: str, *kinds: str) -> CasePage:
    """The page of a case of one of these kinds. Raises Refused not_found for what this person may not know of."""
    web, actor = context(), require_actor()
    page = read_case_page(
        connection, web.services, actor, number, now(), locale=words.locale_code(), task_id=argument("task")
    )
    if page is None or page.view.kind not in kinds:
        raise not_found("该办件", f"case {number}")
    return page


@pages.get("/cases/<code:number>")
def case(number: str) -> str:
    """One case."""
    return ask(lambda connection: render_case(connection, find_page(connection, number, *_SHOWN_HERE)))


def render_case(connection: Connection, page: CasePage) -> str:
    """The page of a case of a power item, as this person sees it."""
    actor, days = require_actor(), calendar(connection)
    view = with_secret(page.view, context().services.settings, actor)
    crumb = Crumb(url_for("pages.cases"), say("办件"))
    if page.power.work or page.power.claim:
        crumb = Crumb(url_for("pages.work_list"), say("我的工作"))
    step = words.named(page.task) if page.task else ""
    change = change_of_case(connection, view.id) if view.kind == "office" else None
    return render_template(
        "case.html",
        **parts_of(connection, page, view, actor),
        page_title=f"{step} {view.number}" if step else view.number,
        crumb=crumb,
        current_step=step or (words.named(page.steps.waits[0]) if page.steps.waits else ""),
        next_address="/cases/{number}" if _stays(connection, actor, page) else "/work",
        halt=case_words.halt_of(view, page.found.bundle.schemas, days),
        change=change,
        fee_change=fee_change_of(connection, view.id) if view.kind == "office" else None,
        fee_story=fee_story(connection, page.found),
        reversals=reversals_of_case(connection, page.found.row.id),
        fine=fine_of_case(connection, actor, page.found, days, days.local_date(now())),
        most_parts=MOST_PARTS,
        publication=publication_of_case(connection, actor, page.found),
        ticket=_ticket(connection, page),
        next_ticket=_next_ticket(connection, actor, page),
        withdrawals=WITHDRAWALS,
        recusable=_recusable(connection, actor, page),
        may_change_fee=may(actor, "propose_fee_changes", view.department),
        corrections=corrections_in_words(connection, change) if change is not None else [],
        filled=case_words.filled_in(view, page.found.bundle.schemas),
        open_alarms=[a for a in view.alarms if a.status != "closed"][-2:],
    )


def _ticket(connection: Connection, page: CasePage) -> LeafView | None:
    """The ticket of a fine that was taken on the spot."""
    of_item = page.found.item.document(TICKET) if page.found.item is not None else None
    return ticket_of_case(connection, page.found.row.id) if of_item is not None else None


def _next_ticket(connection: Connection, actor: Actor, page: CasePage) -> str | None:
    """What the officer at the step that takes the money has to use; empty without a blank one, None elsewhere."""
    if page.task is None or page.task.form_key != TAKEN_AT:
        return None
    return next_ticket_of(connection, actor, page.view.department) or ""


def _recusable(connection: Connection, actor: Actor, page: CasePage) -> list[str]:
    """The numbers of the drawn officers whose recusal this person may decide on."""
    view, inspects = page.view, page.found.item is not None and page.found.item.category == "JC"
    if not inspects or view.status != "open" or not may(actor, "decide_recusals", view.department):
        return []
    draw = find_draw(connection, view.department, view.number)
    drawn = draw.drawn if draw is not None else ()
    return next((list(one["officers"]) for one in drawn if one.get("case") == view.number), [])


def _stays(connection: Connection, actor: Actor, page: CasePage) -> bool:
    """Whether the person may still read the case when the task is done."""
    return reads_case(connection, actor, page.found.row.id, page.view.department, now=now())


def parts_of(connection: Connection, page: CasePage, view: Any, actor: Actor) -> dict[str, Any]:
    """What the pages of a case and of a supervision order have in common."""
    days, task, department = calendar(connection), page.task, view.department
    case_id = page.found.row.id
    running = view.status not in ("completed", "terminated")
    materials = {m.key: words.named(m) for m in view.materials}
    return {
        **parts_of_papers(connection, page, view),
        "view": view,
        "steps": page.steps,
        "task": task,
        "power": page.power,
        "checks": page.checks,
        "moves": page.moves,
        "joint": _joint(connection, page, view),
        "to_take_back": page.to_take_back,
        "suspended_on": next((s for s in view.clock.stops if s.ended_at is None and not s.element_id), None),
        "opinions": opinions_of_case(connection, page.found.row.id) if view.kind == "item" else (),
        "links": links_of_case(connection, actor, page.found.row.id) if view.kind == "item" else (),
        **parts_of_readers(connection, page, view, actor),
        "me": actor.person_id,
        "signer_ways": SIGNER_WAYS,
        "countersign_rules": COUNTERSIGN_RULES,
        "case_moves": open_case_moves(actor, page.found, view),
        "suspension_grounds": suspension_choices(page.found.item),
        "special_kinds": [(key, names[words.in_english()]) for key, names in KINDS.items()],
        "check_lines": case_words.check_lines(page.checks, days) if page.checks else [],
        "sums": list(case_words.sums(page, days)),
        "story": Teller(page.found.bundle, materials).tell(page.steps.events),
        **_ahead(page, actor, running),
        "others": [one for one in view.user_tasks if task is None or one.id != task.id],
        "form_values": _form_values(page.found.bundle.forms.get(task.form_key), task, days) if task else {},
        "task_clock": clock_view(task.due_at, task.entered_at, now(), days) if task else None,
        "task_materials": {m.key for m in task.required_materials} if task else set(),
        "relied": _relied(page),
        "halting": bool(task and task.separation_group in HALTING_GROUPS),
        "early_words": _early_words(page),
        "submit_word": say("提交%(step)s", step=words.named(task)) if task else "",
        "file_count": sum(m.have for m in view.materials),
        "may_attach": running and may_on_case(connection, actor, "attach_files", case_id, department),
        "may_notice": running and _may_notice(view, actor),
        "may_print": may_on_case(connection, actor, "print_documents", case_id, department),
        "may_archive": may(actor, "archive_cases", department),
        "may_alarms": departments_of_alarms(actor) is None or department in (departments_of_alarms(actor) or ()),
    }


def _ahead(page: CasePage, actor: Actor, running: bool) -> dict[str, Any]:
    """What is waited for, and which coming steps nobody could do."""
    missing = [one for one in page.view.materials if one.missing]
    return {
        "waits": page.steps.waits,
        "asked_at": {
            wait.element_id: asked_at_wait(page.found.item, wait.element_id, missing) for wait in page.steps.waits
        },
        "unstaffed": case_words.unstaffed(page.steps.events) if running else [],
        "forms_for_waits": _forms_for_waits(page, actor) if running else {},
    }


def _form_values(form: CompiledForm | None, task: TaskView, days: WorkingCalendar) -> dict[str, Any]:
    """What the form shows and asks of the case, and the answers so far, as form-js holds them."""
    values = {**task.variables, **(task.draft or task.answers or {})}
    return form.nested(form.days_from(days.local_date(now()), days) | values) if form else values


@dataclass(frozen=True, slots=True)
class JointTask:
    """One department's part of a joint review, with that department's own clock while it is open."""

    task: Any
    department: str
    clock: ClockView | None


def _joint(connection: Connection, page: CasePage, view: Any) -> list[JointTask]:
    """The tasks of a joint review (并联审批), those done first; empty where the case has none."""
    model = page.found.bundle.model
    tasks = [
        one
        for one in (*view.steps_done, *view.user_tasks)
        if (element := model.find(one.element_id)) is not None and element.department
    ]
    if not tasks:
        return []
    names, days = department_names(connection), calendar(connection)
    return [
        JointTask(
            one,
            names.get(one.department, (one.department,) * 2)[words.in_english()],
            clock_view(one.due_at, one.entered_at, now(), days) if one.status == "open" else None,
        )
        for one in tasks
    ]


def _relied(page: CasePage) -> set[str]:
    """Keys of the materials whose step has been reached: their files stay (see `remove_file`)."""
    reached = {event.element_id for event in page.steps.events if event.kind in REACHED}
    return {m.key for m in page.view.materials if m.needed_before_step in reached}


def _may_notice(view: Any, actor: Actor) -> bool:
    standing = any(n.status in ("unpaid", "paid", "reconciled") for n in view.fees.notices)
    owed = view.fees.amount_fen > 0 and not standing and view.decided_on is not None
    expired = any(n.status == "unpaid" and n.due_at is not None and n.due_at <= now() for n in view.fees.notices)
    return (owed or expired) and may(actor, "make_payment_notice", view.department)


def _early_words(page: CasePage) -> str:
    if page.task is not None and page.task.separation_group in HALTING_GROUPS:
        return say("未满最短时限提交不算完成，会报红色报警并中止办件。")
    return say("未满最短时限提交会报黄色预警。")


def _forms_for_waits(page: CasePage, actor: Actor) -> dict[str, Any]:
    """Forms of the steps that wait: for the window clerk to enter what the applicant says, or for the project unit."""
    if page.view.status in ("halted", "suspended"):
        return {}
    entering = ("correction", "statement", "completion") if may(actor, "enter_messages", page.view.department) else ()
    messages = (*entering, *(("milestone_report",) if may(actor, "report_milestones") else ()))
    found = {}
    for wait in page.steps.waits:
        if wait.message in messages and wait.element_id in page.found.bundle.schemas:
            found[wait.element_id] = form_schema(page.found.bundle, wait.element_id, words.locale_code())
    return found


@pages.get("/cases/<code:number>/checks")
def case_checks(number: str) -> str:
    """The control nodes alone, fetched again when a file has come in."""

    def read(connection: Connection) -> str:
        page = find_page(connection, number, *_SHOWN_HERE)
        lines = case_words.check_lines(page.checks, calendar(connection)) if page.checks else []
        return render_template("_checks.html", check_lines=lines)

    return ask(read)


@pages.get("/cases/<code:number>/diagram.bpmn")
def case_diagram(number: str) -> Response:
    """The diagram of the case's own version, its names in the reader's language."""

    def read(connection: Connection) -> bytes:
        page = _any_kind(connection, number)
        return diagram_in(page.found.bundle.xml, words.locale_code())

    return Response(ask(read), content_type="application/xml; charset=utf-8")


@pages.get("/cases/<code:number>/diagram.json")
def case_state(number: str) -> Response:
    """Where the case stands on its diagram, for the viewer."""
    return jsonify(drawn_state(ask(lambda connection: _any_kind(connection, number))))


def drawn_state(page: CasePage) -> dict[str, Any]:
    """What the viewer draws of the case, in the reader's words."""
    state = diagram_state(page.found, page.view, page.steps)
    for one in state["elements"].values():
        one["badge"] = "、".join(one.pop("people")) or None
        if one["state"] == "done":
            one["badge"] = None
    state["posts"] = {element: words.post_word(post) for element, post in state["posts"].items()}
    return state


def _any_kind(connection: Connection, number: str) -> CasePage:
    page = read_case_page(connection, context().services, require_actor(), number, now(), locale=words.locale_code())
    if page is None:
        raise not_found("该办件", f"case {number}")
    return page
