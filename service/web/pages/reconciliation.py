"""比对核验: treasury beside system, what differs, what people make of it, and this year beside the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.compare_treasury import ask_for_comparison
from service.commands.decide_difference import (
    MOST_IN_ORDER,
    ORDER_KIND,
    DecideDifference,
    EvidencePaper,
    OrderDifferences,
    StateReason,
    decide_difference,
    may_decide,
    order_differences,
    state_reason,
)
from service.commands.decide_match import BOOK_KIND, ConfirmMatch, DeclineMatch, confirm_match, decline_match
from service.commands.import_receipts import may_import
from service.commands.import_volumes import import_volumes
from service.commands.taking_receipts import COMPARE_KIND
from service.errors import Refused, not_found
from service.notices.outbox import Wanted
from service.people.actor import Actor
from service.people.permissions import may
from service.people.queries import department_names
from service.reads.candidates import read_candidates, receipts_of_notice
from service.reads.differences import (
    STATUSES,
    DifferenceFilter,
    departments_of_differences,
    evidence_of,
    list_differences,
    open_ids,
    read_difference,
    trail_of,
)
from service.reads.paging import Asked
from service.reads.reconciliation import half_year, last_comparison, month_of, months_of, read_desk, year_on_year
from service.reads.treasury import may_read_treasury
from service.reads.visibility import departments_of_alarms, departments_of_cases
from service.web.context import WebContext, context
from service.web.given import whole_number, whole_numbers
from service.web.kept_files import send_kept_file
from service.web.pages import reconciliation_words as spoken
from service.web.pages import words
from service.web.pages.shell import act, argument, ask, asked, back, calendar, pages, refusal_view, today
from service.web.pages.words import say
from service.web.request import now, require_actor

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_FEW, _ITEMS = 6, 10
# S5, S6 (DOMAIN section 1): a fall by so much is a clue for the centre.
CLUE_OF_CATEGORY, CLUE_OF_DEPARTMENT = -10.0, -20.0
pages.add_app_template_filter(spoken.class_word, "difference_class")
pages.add_app_template_filter(spoken.class_tone, "difference_tone")
pages.add_app_template_filter(lambda status: say(spoken.STATUSES[status]), "difference_status")
pages.add_app_template_filter(lambda status: spoken.TONES[status], "difference_status_tone")
pages.add_app_template_filter(lambda act: say(spoken.ACTS[act]), "difference_act")


@pages.get("/reconciliation")
def reconciliation() -> str:
    """The desk: departments with what they lack, one of them opened."""
    return _desk()


def _desk(refusal: Refused | None = None) -> str:
    actor = _reader()

    def read(connection: Connection) -> dict[str, Any]:
        first, last = _span(connection)
        desk, opened = read_desk(connection, actor, first, last), argument("open")
        wanted = DifferenceFilter(opened, None, first, last, spoken.GRAVE, "open")
        shown = [one for one in desk.departments if one.differences or one.short_fen or not request.args.get("only")]
        known = next((one for one in desk.departments if one.key == opened), None)
        return {
            "desk": desk,
            "shown": shown,
            "first": first,
            "last": last,
            "names": _names(connection),
            "opened": known,
            "months": months_of(connection, known.key, first, last) if known else (),
            "few": list_differences(connection, actor, wanted, Asked(_FEW)) if known else None,
            "run": last_comparison(connection),
        }

    return render_template(
        "reconciliation.html",
        **ask(read),
        classes=spoken.CLASSES,
        grave=spoken.GRAVE,
        most=_ITEMS,
        may_decide=may_decide(actor),
        may_files=may_read_treasury(actor),
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/reconciliation/compare")
def compare_treasury_now() -> Response:
    """Compare anew."""
    _require_decider()
    act(lambda connection, _web, _actor: ask_for_comparison(connection, now().isoformat(), now()))
    if context().stepping is not None:
        context().drain(now(), Wanted(frozenset({COMPARE_KIND})))
    return back(url_for("pages.reconciliation"), say("正在比对，稍后刷新"))


@pages.get("/reconciliation/differences")
def differences() -> str:
    """All that differs, by class, department, item and month."""
    return _list()


def _list(refusal: Refused | None = None) -> str:
    actor, kind = _reader(), argument("class", spoken.CLASSES)

    def read(connection: Connection) -> dict[str, Any]:
        wanted = DifferenceFilter(
            argument("department"),
            argument("item"),
            _month("from"),
            _month("to"),
            (kind,) if kind else (),
            argument("status", STATUSES),
        )
        return {"page": list_differences(connection, actor, wanted, asked()), "names": _names(connection)}

    return render_template(
        "differences.html",
        **ask(read),
        classes=[(code, spoken.class_word(code)) for code in spoken.CLASSES],
        states=[(code, say(text)) for code, text in spoken.STATUSES.items()],
        filtered=any(map(argument, ("department", "item", "from", "to", "class", "status"))),
        department=argument("department"),
        may_decide=may_decide(actor),
        may_open=departments_of_cases(actor) != frozenset(),
        may_orders=departments_of_alarms(actor) != frozenset(),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/reconciliation/orders")
def order_about_differences() -> Response | tuple[str, int]:
    """One order about the chosen differences, or about all grave ones of a department in the span."""
    form = request.form

    def order(connection: Connection, _web: Any, actor: Actor) -> int:
        ids = whole_numbers(form.getlist("id")[: MOST_IN_ORDER + 1])
        if not ids and form.get("department"):
            months = (_month("from", form), _month("to", form))
            wanted = DifferenceFilter(form["department"], None, *months, spoken.GRAVE)
            ids = open_ids(connection, actor, wanted, MOST_IN_ORDER)
        order_differences(connection, actor, OrderDifferences(ids, form.get("demand", "")), now())
        return len(ids)

    try:
        count = act(order)
    except Refused as refusal:
        if refusal.code in ("not_permitted", "not_found"):
            raise
        return (_list(refusal) if form.getlist("id") else _desk(refusal)), refusal.status
    if context().stepping is not None:
        context().drain(now(), Wanted(frozenset({ORDER_KIND})))
    return back(url_for("pages.orders"), say("已就 %(n)s 笔差异签发督办单", n=count))


@pages.get("/reconciliation/differences/<number:difference_id>")
def difference(difference_id: int) -> str:
    """One difference: its receipt, its case, its trail, and what may be decided."""
    return _one(difference_id)


def _one(difference_id: int, refusal: Refused | None = None) -> str:
    actor = _reader()

    def read(connection: Connection) -> dict[str, Any]:
        found = read_difference(connection, actor, difference_id)
        if found is None:
            raise not_found("该差异", f"a difference {difference_id}")
        days = calendar(connection)
        return {
            "one": found,
            "trail": trail_of(connection, difference_id),
            "names": _names(connection),
            "candidates": read_candidates(connection, days, found.receipt_id or 0) if found.kind == "D5" else [],
            "receipts": receipts_of_notice(connection, days, found.pay_code) if found.kind in ("D1", "D2") else [],
        }

    found = ask(read)
    return render_template(
        "difference.html",
        **found,
        may_match=may_import(actor),
        reasons=spoken.REASONS,
        decisions=[(code, say(text)) for code, text in spoken.DECISIONS.items()],
        may_decide=may_decide(actor),
        may_state=may(actor, "explain_differences", found["one"].department),
        may_open=departments_of_cases(actor) != frozenset(),
        may_orders=departments_of_alarms(actor) != frozenset(),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


@pages.post("/reconciliation/differences/<number:difference_id>/decide")
def decide_on_difference(difference_id: int) -> Response | tuple[str, int]:
    """The county's decision."""
    form = request.form
    said = form.get("reason", ""), form.get("evidence", "")
    try:
        with _paper() as paper:
            command = DecideDifference(difference_id, form.get("decision", ""), *said, paper)
            act(lambda connection, _web, actor: decide_difference(connection, actor, command, now()))
    except Refused as refusal:
        if refusal.code in ("not_permitted", "not_found"):
            raise
        return _one(difference_id, refusal), refusal.status
    return back(url_for("pages.difference", difference_id=difference_id), say("处理已登记"))


@pages.post("/reconciliation/differences/<number:difference_id>/state")
def state_on_difference(difference_id: int) -> Response | tuple[str, int]:
    """The department's statement."""
    said = request.form.get("reason", ""), request.form.get("evidence", "")
    try:
        with _paper() as paper:
            command = StateReason(difference_id, *said, paper)
            act(lambda connection, _web, actor: state_reason(connection, actor, command, now()))
    except Refused as refusal:
        if refusal.code in ("not_permitted", "not_found"):
            raise
        return _one(difference_id, refusal), refusal.status
    return back(url_for("pages.difference", difference_id=difference_id), say("说明已登记"))


@contextmanager
def _paper() -> Iterator[EvidencePaper | None]:
    """The file that shows it, received before the transaction; None where none was chosen."""
    file = request.files.get("file")
    if file is None or not file.filename:
        yield None
        return
    with context().files.staged(file.stream) as staged:
        yield EvidencePaper(file.filename, staged, context().files.keep)


@pages.get("/reconciliation/differences/<number:difference_id>/papers/<number:act_id>")
def difference_paper(difference_id: int, act_id: int) -> Response:
    """A paper that shows what was decided or stated, as a download."""
    actor = _reader()
    found = ask(lambda connection: evidence_of(connection, actor, difference_id, act_id))
    if found is not None:
        about = {"media_type": found.media_type, "filename": found.name}
        response = send_kept_file(found.digest, found.size, **about, inline=False)
        if response is not None:
            return response
    raise not_found("该文件", f"a paper {act_id}")


@pages.post("/reconciliation/differences/<number:difference_id>/match")
def match_difference(difference_id: int) -> Response | tuple[str, int]:
    """A person's word on whose money the receipt is, or is not."""
    form = request.form

    def decide(connection: Connection, web: WebContext, actor: Actor) -> str:
        found = read_difference(connection, actor, difference_id)
        if found is None or found.receipt_id is None:
            raise not_found("该差异", f"a difference {difference_id} with a receipt")
        if form.get("decision") == "decline":
            for code in _parts(form.get("parts", "")):
                decline_match(connection, actor, DeclineMatch(found.receipt_id, code, form.get("reason", "")), now())
            return say("已否认对应")
        command = ConfirmMatch(found.receipt_id, _parts(form.get("parts", "")), form.get("reason", ""))
        done = confirm_match(connection, web.services, actor, command, now())
        return say("已确认对应") if done else say("已提出对应，待另一人确认")

    try:
        said = act(decide)
    except Refused as refusal:
        if refusal.code in ("not_permitted", "not_found"):
            raise
        return _one(difference_id, refusal), refusal.status
    if context().stepping is not None:
        context().drain(now(), Wanted(frozenset({BOOK_KIND})))
        context().drain(now(), Wanted(frozenset({COMPARE_KIND})))
    return back(url_for("pages.difference", difference_id=difference_id), said)


def _parts(text: str) -> dict[str, int]:
    """`code:fen,code:fen` as a form gives a candidate; what is no such pair is nothing."""
    pairs = (part.partition(":") for part in text[:300].split(","))
    return {code: found for code, _, fen in pairs if code and (found := whole_number(fen)) is not None}


@pages.get("/reconciliation/volumes")
def volumes() -> str:
    """Cases of a span beside those of the same span a year before: a clue, never an order or a score."""
    return _volumes()


@pages.post("/reconciliation/volumes")
def take_volumes() -> Response | tuple[str, int]:
    """Volumes of a time before the system, from a file."""
    file = request.files.get("file")
    content = file.stream.read() if file is not None else b""
    try:
        lines = act(lambda connection, _web, actor: import_volumes(connection, actor, content, now()))
    except Refused as refusal:
        if refusal.code == "not_permitted":
            raise
        return _volumes(refusal), refusal.status
    return back(url_for("pages.volumes"), say("已导入 %(n)s 行办件量", n=lines))


def _volumes(refusal: Refused | None = None) -> str:
    actor = _reader()
    if departments_of_differences(actor) is not None:
        raise Refused("not_permitted", "您的岗位不能打开这一页", "Expected level 2, the centre or an auditor")
    category = argument("category", words.CATEGORIES)

    def read(connection: Connection) -> dict[str, Any]:
        usual = half_year(today(connection))
        first, last = _month("from") or usual[0], _month("to") or usual[1]
        found = year_on_year(connection, calendar(connection), first, last, category)
        return {"found": found, "first": first, "last": last, "names": _names(connection)}

    return render_template(
        "volumes.html",
        **ask(read),
        categories=[(code, words.word(words.CATEGORIES, code)) for code in words.CATEGORIES],
        of_category=CLUE_OF_CATEGORY,
        of_department=CLUE_OF_DEPARTMENT,
        may_import=may_decide(actor),
        problem=refusal_view(refusal) if refusal else None,
    )


def _reader() -> Actor:
    """Somebody who reads differences somewhere. Raises Refused not_permitted."""
    actor = require_actor()
    if departments_of_differences(actor) == frozenset():
        raise Refused(
            "not_permitted", "您的岗位不能打开这一页", "Expected a leader, a supervisor, a cashier or an auditor"
        )
    return actor


def _require_decider() -> None:
    if not may_decide(require_actor()):
        raise Refused("not_permitted", "您的岗位不能办理", "Expected level 2 or the centre")


def _span(connection: Connection) -> tuple[str, str]:
    """The months that the address names; else this year's."""
    this = month_of(today(connection))
    first, last = _month("from") or f"{this[:4]}-01", _month("to") or this
    return min(first, last), max(first, last)


def _month(name: str, given: Any = None) -> str | None:
    text = str((request.values if given is None else given).get(name, "")).strip()
    return text if _MONTH.fullmatch(text) else None


def _names(connection: Connection) -> dict[str, str]:
    return {code: words.either(names) for code, names in department_names(connection).items()}
