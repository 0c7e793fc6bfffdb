"""Reconciliation: differences between the treasury and the system, decisions and orders about them, volumes by year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import Connection

from service.commands.compare_treasury import ask_for_comparison
from service.commands.decide_difference import (
    DECISIONS,
    MOST_IN_ORDER,
    DecideDifference,
    OrderDifferences,
    StateReason,
    decide_difference,
    may_decide,
    order_differences,
    state_reason,
)
from service.commands.import_volumes import import_volumes
from service.errors import Refused, not_found
from service.fees.differences import CLASSES
from service.people.actor import Actor
from service.reads.differences import (
    STATUSES,
    DifferenceFilter,
    DifferenceView,
    departments_of_differences,
    list_differences,
    read_difference,
    trail_of,
)
from service.reads.reconciliation import Line, known_months, read_desk, year_on_year
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Choice, Count, Day, Instant, Query, Several, Text, View
from service.web.api.reading_body import required_file
from service.web.api.schemas import page_of

endpoints = Endpoints("reconciliation")
PLACE = "/reconciliation/differences"
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")


class Month(Text):
    """A month such as 2026-03."""

    def __init__(self, **more: Any) -> None:
        super().__init__(7, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> str:
        text = super()._deserialize(value, attr, data, **given)
        if not _MONTH.fullmatch(text):
            raise ValidationError("invalid")
        return text


class DifferenceQuery(PageQuery):
    """`item` is a charged item's code or a power item's; `month` as 2026-03, or the span `from` to `to`."""

    department = Text(32)
    item = Text(40)
    month = Month()
    first = Month(data_key="from")
    last = Month(data_key="to")
    kind = Choice(*CLASSES, data_key="class")
    status = Choice(*STATUSES)


class MonthsQuery(Query):
    """Months as 2026-03; all that are known where none is named."""

    first = Month(data_key="from")
    last = Month(data_key="to")


class TreasuryReceipt(View):
    receipt_no = fields.String()
    pay_code = fields.String()
    treasury_on = Day(allow_none=True)
    bank = fields.String()
    kind = fields.String()
    note = fields.String()


class TreasuryDifference(View):
    """`receipt` and `case_number` are what it concerns; `on` the day of the money, or of the notice if none came."""

    id = fields.Integer()
    kind = fields.String(data_key="class")
    amount_fen = fields.Integer()
    department = fields.String()
    item_code = fields.String()
    power_item = fields.String()
    month = fields.String()
    on = Day()
    payer = fields.String()
    pay_code = fields.String()
    receipt_no = fields.String()
    receipt = fields.Nested(TreasuryReceipt(), allow_none=True)
    case_number = fields.String(allow_none=True)
    status = fields.String()
    found_at = Instant()
    cleared_at = Instant(allow_none=True)
    order_number = fields.String(allow_none=True)


class DifferenceAct(View):
    """`person` null: a comparison. `file_name`: a paper shows it, to be had under the act's id."""

    id = fields.Integer()
    at = Instant()
    person = fields.String(allow_none=True)
    act = fields.String()
    reason = fields.String()
    evidence = fields.String()
    file_name = fields.String(allow_none=True)


class DifferenceWithTrail(TreasuryDifference):
    trail = fields.List(fields.Nested(DifferenceAct()))


class DifferenceDecision(Body):
    """`evidence` must be given for `explained`, and be the number of a case of the department for `entered_late`."""

    decision = Choice(*DECISIONS, required=True)
    reason = Text(500, required=True)
    evidence = Text(300)


class DifferenceStatement(Body):
    reason = Text(500, required=True)
    evidence = Text(300)


class DifferenceOrder(Body):
    """Open differences of one department; `demand` is what it has to do."""

    ids = Several(Count(1, 2**53), required=True)
    demand = Text(400, required=True)


class DifferencesOrdered(View):
    ordered = fields.Integer()


class ReconciliationLine(View):
    """`short_fen`: what the system has less than the treasury. `differences` by class."""

    key = fields.String()
    treasury_fen = fields.Integer()
    system_fen = fields.Integer()
    short_fen = fields.Integer()
    receipts = fields.Integer()
    differences = fields.Dict(keys=fields.String(), values=fields.Integer())


class ReconciliationDepartment(ReconciliationLine):
    items = fields.List(fields.Nested(ReconciliationLine()))


class VolumesTaken(View):
    lines = fields.Integer()


class Volume(View):
    """`change_percent` null: the year before had none. A clue, never an order or a score."""

    key = fields.String()
    cases = fields.Integer()
    last_year = fields.Integer()
    change_percent = fields.Float(allow_none=True)


class YearOnYearVolumes(View):
    departments = fields.List(fields.Nested(Volume()))
    categories = fields.List(fields.Nested(Volume()))
    whole = fields.Nested(Volume())


class VolumeQuery(Query):
    """Months as 2026-03, both included; `category` keeps departments to one kind of power."""

    first = Month(data_key="from", required=True)
    last = Month(data_key="to", required=True)
    category = Text(4)


class ReconciliationTotals(View):
    whole = fields.Nested(ReconciliationLine())
    departments = fields.List(fields.Nested(ReconciliationDepartment()))
    compared_at = Instant(allow_none=True)


@endpoints.get(
    PLACE, answer=page_of(TreasuryDifference()), query=DifferenceQuery(), codes=("not_permitted", "invalid_request")
)
def find_differences(call: Call, connection: Connection) -> Answer:
    """Differences D1 to D10 that the last comparison found, the newest first; those of one's departments."""
    _require_reader(call.actor)
    query = call.query
    month, kind = query.get("month"), query.get("kind")
    wanted = DifferenceFilter(
        query.get("department"),
        query.get("item"),
        month or query.get("first"),
        month or query.get("last"),
        (kind,) if kind else (),
        query.get("status"),
    )
    return Answer(list_differences(connection, call.actor, wanted, asked_page(call)))


@endpoints.get(f"{PLACE}/<number:difference_id>", answer=DifferenceWithTrail(), codes=("not_found", "not_permitted"))
def read_one_difference(call: Call, connection: Connection, difference_id: int) -> Answer:
    """One difference with its trail."""
    return with_trail(call, connection, difference_id)


@endpoints.post(
    f"{PLACE}/<number:difference_id>/decision",
    answer=DifferenceWithTrail(),
    body=DifferenceDecision(),
    permission="decide_differences",
    codes=("not_found", "not_permitted"),
)
def decide_one_difference(call: Call, connection: Connection, difference_id: int) -> Answer:
    """Explained with evidence, entered late, off the system; or open again."""
    body = call.body
    command = DecideDifference(difference_id, body["decision"], body["reason"], body.get("evidence") or "")
    decide_difference(connection, call.actor, command, call.now)
    return with_trail(call, connection, difference_id)


@endpoints.post(
    f"{PLACE}/<number:difference_id>/statement",
    answer=DifferenceWithTrail(),
    body=DifferenceStatement(),
    permission="explain_differences",
    codes=("not_found", "not_permitted"),
)
def state_one_difference(call: Call, connection: Connection, difference_id: int) -> Answer:
    """What the department knows of it; nothing is decided by that."""
    body = call.body
    command = StateReason(difference_id, body["reason"], body.get("evidence") or "")
    state_reason(connection, call.actor, command, call.now)
    return with_trail(call, connection, difference_id)


@endpoints.post(
    "/reconciliation/orders",
    answer=DifferencesOrdered(),
    body=DifferenceOrder(),
    status=202,
    permission="decide_differences",
    codes=("not_found", "not_permitted"),
)
def order_about_differences(call: Call, connection: Connection) -> Answer:
    """One supervision order about several differences of a department."""
    ids = call.body["ids"][: MOST_IN_ORDER + 1]
    order_differences(connection, call.actor, OrderDifferences(ids, call.body["demand"]), call.now)
    return Answer({"ordered": len(set(ids))})


@endpoints.post("/reconciliation/comparisons", answer=None, status=202, permission="decide_differences")
def compare_now(call: Call, connection: Connection) -> Answer:
    """Compare anew, in the background."""
    if not may_decide(call.actor):
        raise Refused("not_permitted", "您的岗位没有此项权限", "Expected level 2 or the centre")
    ask_for_comparison(connection, call.now.isoformat(), call.now)
    return Answer()


@endpoints.get("/reconciliation/totals", answer=ReconciliationTotals(), query=MonthsQuery(), codes=("not_permitted",))
def read_totals(call: Call, connection: Connection) -> Answer:
    """What treasury and system have, by department and charged item."""
    _require_reader(call.actor)
    known = known_months(connection) or ("0000-00", "9999-99")
    first, last = call.query.get("first") or known[0], call.query.get("last") or known[1]
    desk = read_desk(connection, call.actor, first, last)
    departments = [{**_line(one), "items": [_line(item) for item in one.items.values()]} for one in desk.departments]
    return Answer({"whole": _line(desk.whole), "departments": departments, "compared_at": desk.compared_at})


@endpoints.get(
    "/reconciliation/volumes",
    answer=YearOnYearVolumes(),
    query=VolumeQuery(),
    permission="read_differences_of_county",
)
def read_volumes(call: Call, connection: Connection) -> Answer:
    """Cases of a span beside those of the same span a year before, by department and category."""
    days = call.web.services.calendars.get(connection)
    query = call.query
    return Answer(year_on_year(connection, days, query["first"], query["last"], query.get("category")))


@contextmanager
def _received(call: Call) -> Iterator[None]:
    call.body = required_file().stream.read()
    yield


@endpoints.post(
    "/reconciliation/volumes",
    answer=VolumesTaken(),
    content="multipart",
    around=_received,
    permission="decide_differences",
    codes=("payload_too_large",),
)
def take_volumes(call: Call, connection: Connection) -> Answer:
    """Take in how many cases departments had by category and month before the system was used (`file`, CSV)."""
    return Answer({"lines": import_volumes(connection, call.actor, call.body, call.now)})


def _line(one: Line) -> dict[str, Any]:
    figures = {name: getattr(one, name) for name in ("key", "treasury_fen", "system_fen", "short_fen", "receipts")}
    return {**figures, "differences": dict(one.found)}


def with_trail(call: Call, connection: Connection, difference_id: int) -> Answer:
    """One that this person may read, with what was made of it. Raises Refused: not_permitted, not_found."""
    _require_reader(call.actor)
    found = _known(connection, call.actor, difference_id)
    return Answer({**asdict(found), "trail": trail_of(connection, difference_id)})


def _known(connection: Connection, actor: Actor, difference_id: int) -> DifferenceView:
    found = read_difference(connection, actor, difference_id)
    if found is None:
        raise not_found("该差异", f"a difference {difference_id}")
    return found


def _require_reader(actor: Actor) -> None:
    if departments_of_differences(actor) == frozenset():
        raise Refused(
            "not_permitted", "您的岗位没有此项权限", "Expected a leader, a supervisor, a cashier or an auditor"
        )
