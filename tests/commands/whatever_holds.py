"""What holds of a case after whatever move: held against its history, the catalogue and the test's own counting."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, func, select

from service.database.session import transaction
from service.database.tables import (
    attachment,
    case,
    clock_stop,
    document,
    due_row,
    event,
    incident,
    paper_receipt,
    payment_notice,
    user_task,
)
from service.engine import CaseRun
from service.reads.case_clock import clock_view
from service.reads.ledger_faults import ledger_faults
from service.user_tasks.signature import content_digest
from tests.commands.counting import CATALOGUE, Span, days_left, due_of, merged, meta
from tests.commands.office import Office
from tests.commands.record import loaded, of_case
from tests.commands.seeing import CST

_TICK = timedelta(microseconds=1)
_LIMITS = ("step_limit", "statutory_limit", "promised_limit")
_CASE_LIMITS = _LIMITS[1:]
_COUNTED = ("task_completed", "task_completed_too_early", "second_officer_signed", "task_sent_back")
_SIGNATURES = ("before", "beside", "after", "countersign")
_GRANTS = ("certificate", "cancel_proof")


@dataclass
class Known:
    """What the test knows itself: files by id with material and digest, what the bank paid, limits as first seen."""

    files: dict[int, tuple[str, str]] = field(default_factory=dict)
    uploaded: set[str] = field(default_factory=set)
    paid: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    limits: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)
    versions: dict[int, tuple[int, int]] = field(default_factory=dict)
    calendar: dict[date, bool] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    papers: dict[int, tuple[Any, ...]] = field(default_factory=dict)


@cache
def items() -> dict[str, dict[str, Any]]:
    import yaml

    return {row["code"]: row for row in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["items"]}


def faults(office: Office, known: Known) -> list[str]:
    """Sentences about every case that has changed since the last time, and about the county's money and files."""
    found: list[str] = []
    with transaction(office.engine) as connection:
        for row in connection.execute(select(case).order_by(case.c.id)).all():
            if known.versions.get(row.id) != (row.version, row.event_seq):
                found += [f"{row.number}: {words}" for words in _of_one(office, connection, row, known)]
                known.versions[row.id] = (row.version, row.event_seq)
        found += [f"{fault.case}: {fault.words}" for fault in ledger_faults(connection)[1]]
        found += _of_files(office, connection, known)
        found += _of_papers(connection, known)
        found += _of_receipts(connection, known)
        if incidents := connection.execute(select(incident.c.message)).scalars().all():
            found.append(f"incidents are open: {incidents}")
    return found


def _of_one(office: Office, connection: Connection, row: Row[Any], known: Known) -> Iterator[str]:
    yield from of_case(connection, office.services, row)
    rows = connection.execute(select(event).where(event.c.case_id == row.id).order_by(event.c.seq)).all()
    events = [{**one._mapping, "payload": json.loads(one.payload)} for one in rows]
    yield from _separation(connection, row, events)
    yield from _signatures(office, connection, row)
    yield from _money(connection, row, events, known)
    run = loaded(connection, office.services, row.id)
    limits = connection.execute(select(due_row).where(due_row.c.case_id == row.id)).all()
    yield from _timers(limits, run)
    yield from _clocks(office, connection, row, events, limits, known)


def _signatures(office: Office, connection: Connection, row: Row[Any]) -> Iterator[str]:
    """What two officers have handed in is what the second has signed, where anything was written then."""
    bound = user_task.c.case_id == row.id, user_task.c.status == "completed", user_task.c.signed_digest.is_not(None)
    for task in connection.execute(select(user_task).where(*bound)):
        form = office.services.bundles.get(connection, row.definition_id).form(task.form_key)
        if content_digest(form, task.answers, task.answers) != task.signed_digest:
            yield f"{task.element_id} was handed in with something else than {task.signed_by} has signed"


def _separation(connection: Connection, row: Row[Any], events: list[dict[str, Any]]) -> Iterator[str]:
    """Nobody has done two separated acts, nor acted for somebody who had (items.yaml, meta.separation)."""
    groups = _groups(connection, row)
    done: dict[str, set[int]] = defaultdict(set)
    signed: dict[str, int] = {}
    for one in events:
        who = {person for person in (one["actor"], one["principal"]) if person is not None}
        if one["kind"] == "limit_extended" and who & {p for g, ps in done.items() if g != "decide" for p in ps}:
            yield f"a handler has extended his own limit: {who}"
        if one["kind"] == "second_officer_signed":
            signed[one["payload"]["task"]] = one["actor"]
        if one["kind"] == "task_completed" and signed.get(one["payload"]["task"]) == one["actor"]:
            yield f"{one['actor']} has signed and completed {one['element_id']}"
        group = _group(one, groups)
        if group is not None and who:
            done[group] |= who
    for first, second in meta()["separation"]["exclusive_pairs"]:
        if both := done[first] & done[second]:
            yield f"{both} have done {first} and {second}"


def _groups(connection: Connection, row: Row[Any]) -> dict[str, str | None]:
    """By the catalogue; a supervisor's steps, which it does not list, by their rows."""
    tasks = select(user_task.c.element_id, user_task.c.separation_group).where(user_task.c.case_id == row.id)
    found = {element: group for element, group in connection.execute(tasks)}
    steps = items()[row.power_item]["steps"] if row.power_item else []
    return found | {step["id"]: step["separation_group"] for step in steps}


def _group(one: dict[str, Any], groups: dict[str, str | None]) -> str | None:
    match one["kind"]:
        case "case_started":
            return "accept"
        case "case_terminated":
            return "decide"
        case "opinion_given":
            return "review" if one["payload"]["way"] in _SIGNATURES else None
        case kind if kind in _COUNTED:
            return groups[one["element_id"]]
    return None


def _money(connection: Connection, row: Row[Any], events: list[dict[str, Any]], known: Known) -> Iterator[str]:
    """Nothing that grants is printed, and nothing closed as granted, before all is paid that was asked for."""
    paid, asked, priced = 0, None, bool(row.power_item and items()[row.power_item]["fee"])
    for one in events:
        told = one["payload"]
        if one["kind"] == "payment_notice_made" and asked is None:
            asked = told["amount_fen"]
        if one["kind"] == "fee_reduced" and asked is not None:
            asked -= told["amount_fen"]
        if one["kind"] in ("payment_received", "payment_reversed"):
            paid += told["amount_fen"] if one["kind"] == "payment_received" else -told["amount_fen"]
        grants = (one["kind"] == "document_printed" and told["kind"] in _GRANTS) or (
            one["kind"] == "case_closed" and told["outcome"] == "granted"
        )
        if priced and grants and (asked is None or paid < asked):
            yield f"{one['kind']} at {one['seq']} when {paid} fen of {asked} were paid"
    if paid != known.paid[row.number]:
        yield f"the bank paid {known.paid[row.number]} fen, the history tells of {paid}"
    settled = select(func.count()).where(payment_notice.c.case_id == row.id, payment_notice.c.status == "paid")
    if connection.execute(settled).scalar_one() and paid < (asked or 0):
        yield f"a notice is paid when {paid} fen of {asked} have come"


def _of_files(office: Office, connection: Connection, known: Known) -> Iterator[str]:
    """What was put on file stays on record with its bytes, also when it was removed or replaced."""
    found = connection.execute(select(attachment.c.id, attachment.c.material, attachment.c.digest)).all()
    rows = {one.id: (one.material, one.digest) for one in found}
    lost = [(key, told) for key, told in known.files.items() if rows.get(key) != told]
    if lost:
        yield f"files are lost: {lost}"
    known.files |= rows
    for digest in sorted(known.uploaded):
        place = office.services.files.place(digest)
        if not place.is_file() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            yield f"the bytes of {digest} are gone"


def _of_papers(connection: Connection, known: Known) -> Iterator[str]:
    """A document that was made keeps its number and stays; its copies are only ever more."""
    columns = document.c.id, document.c.case_id, document.c.kind, document.c.number, document.c.copies
    rows = {one.id: tuple(one)[1:] for one in connection.execute(select(*columns))}
    for key, told in known.papers.items():
        now = rows.get(key)
        if now is None or now[:-1] != told[:-1] or now[-1] < told[-1]:
            yield f"the document {told} became {now}"
    known.papers = rows


def _of_receipts(connection: Connection, known: Known) -> Iterator[str]:
    """Each paper receipt was entered for the one case that the test saw begun with it, and no other was."""
    columns = paper_receipt.c.number, case.c.number
    entered = select(*columns).join(case, case.c.id == paper_receipt.c.case_id)
    found = {receipt: number for receipt, number in connection.execute(entered)}
    if found != known.receipts:
        yield f"paper receipts are entered for {found}, cases were begun with {known.receipts}"


def _timers(rows: Any, run: CaseRun) -> Iterator[str]:
    """What is armed in the engine is armed in the table, at the same instants."""
    shares = ("blue", "yellow", "stop_end")
    told = {(one.timer_id, one.role, one.due_at) for one in rows if one.state == 0 and one.role not in shares}
    engine = {(timer.id, timer.role or "move", timer.due_at) for timer in run.armed()}
    if told != engine:
        yield f"due rows say {sorted(told - engine)}, the engine {sorted(engine - told)}"
    mains = {one.timer_id for one in rows if one.role not in shares}
    if widows := [one.timer_id for one in rows if one.role in ("blue", "yellow") and one.timer_id not in mains]:
        yield f"warnings without their limit: {widows}"


def _clocks(
    office: Office, connection: Connection, row: Row[Any], events: list[dict[str, Any]], rows: Any, known: Known
) -> Iterator[str]:
    stops = connection.execute(select(clock_stop).where(clock_stop.c.case_id == row.id)).all()
    yield from _stops(stops, events)
    special = {one["element_id"] for one in events if one["kind"] == "special_step_begun"}
    standing = any(stop.ended_at is None for stop in stops)
    for one in rows:
        if one.role not in _LIMITS or one.limit_unit is None:
            continue
        yield from _value(row, one, events, known)
        of_case = one.role in _CASE_LIMITS
        if of_case and (one.state == 1) != standing:
            yield f"{one.role} is in state {one.state} while a stop is open: {standing}"
        # A step's limit that counts from a day (delivery: from the decision) stands still as the case does.
        of_all = of_case or one.counted_from.astimezone(CST).time() == time()
        spans = [
            (stop.started_at, stop.ended_at or office.now)
            for stop in stops
            if of_all or stop.element_id == "" or stop.element_id in special & {one.step_id}
        ]
        visits = _visits(connection, row, one.step_id, events)
        if one.role == "step_limit" and not of_all and visits:
            since = _on_paper(events, visits[0].entered_at)
            if one.counted_from != since:
                yield f"the limit of {one.step_id} counts from {one.counted_from}, entered {since}"
            following = pairwise(visits)
            spans += [(left.completed_at, again.entered_at) for left, again in following]
            yield from _going_on(visits, events)
        yield from _due(office, row, one, spans, stops, known)
    yield from _of_tasks(connection, row, rows, events, standing)


def _on_paper(events: list[dict[str, Any]], entered: datetime) -> datetime:
    """What was entered after an outage counts as of its paper receipt; all later steps as of their own entry."""
    told = [one for one in events if one["kind"] == "paper_receipt_entered" and one["at"] == entered]
    return datetime.fromisoformat(told[0]["payload"]["received_at"]) if told else entered


def _visits(connection: Connection, row: Row[Any], step: str, events: list[dict[str, Any]]) -> list[Any]:
    """The times that an open step was open before it was cut off or sent back to, and the one that is open."""
    tasks = select(user_task).where(user_task.c.case_id == row.id, user_task.c.element_id == step)
    found = sorted(connection.execute(tasks).all(), key=lambda one: (one.entered_at, one.status == "open"))
    if not found or found[-1].status != "open":
        return []
    chain = [found.pop()]
    while found and _goes_on(found[-1], chain[0], events):
        chain.insert(0, found.pop())
    return chain


def _goes_on(left: Any, again: Any, events: list[dict[str, Any]]) -> bool:
    between = [one for one in events if left.completed_at <= one["at"] <= again.entered_at]
    if left.status == "void":
        return not any(one["kind"] == "halt_ruled" and one["payload"]["ruling"] == "release" for one in between)
    back = [one for one in between if one["kind"] == "task_sent_back" and one["at"] == again.entered_at]
    return left.status in ("cancelled", "returned") or any(one["payload"]["to"] == left.element_id for one in back)


def _going_on(visits: list[Any], events: list[dict[str, Any]]) -> Iterator[str]:
    """What was written down is not lost when the step is entered again, and the history says so."""
    if len(visits) < 2:
        return
    left, again = visits[-2:]
    entries = [one for one in events if one["kind"] == "step_entered" and one["at"] == again.entered_at]
    told = [one["payload"] for one in entries if one["element_id"] == again.element_id]
    if not told or not told[0].get("again"):
        yield f"the history does not tell that {again.element_id} goes on"
    elif told[0]["draft"] != (left.draft is not None or left.answers is not None):
        yield f"the draft of {again.element_id} was lost: {told[0]}"
    elif told[0]["person"] not in (None, left.assignee, left.completed_by):
        yield f"{again.element_id} came into other hands: {told[0]}"


def _stops(stops: Any, events: list[dict[str, Any]]) -> Iterator[str]:
    """The stops on record are those that the history tells."""
    planned = {(stop.element_id, stop.started_at): stop.planned_end_at for stop in stops}
    begun: dict[str, list[datetime]] = defaultdict(list)
    told: list[tuple[datetime, datetime | None]] = []
    for one in events:
        element = one["element_id"] or ""
        if one["kind"] == "clock_stopped":
            begun[element].append(one["at"])
        if one["kind"] == "clock_resumed":
            start = begun[element].pop(0)
            at_plan = one["payload"]["why"] == "planned_end"
            told.append((start, planned[element, start] + _TICK if at_plan else one["at"]))
    told += [(start, None) for starts in begun.values() for start in starts]
    kept = [(stop.started_at, stop.ended_at) for stop in stops]
    if sorted(told, key=repr) != sorted(kept, key=repr):
        yield f"the history tells the stops {told}, on record are {kept}"
    for stop in stops:
        if stop.planned_end_at and stop.ended_at and stop.ended_at > stop.planned_end_at + _TICK:
            yield f"the stop of {stop.element_id} ended {stop.ended_at}, after its plan {stop.planned_end_at}"


def _value(row: Row[Any], one: Any, events: list[dict[str, Any]], known: Known) -> Iterator[str]:
    """A limit is what the catalogue says, counts from one instant for ever, and grows by its one extension alone."""
    since, more = one.counted_from, 0
    first = known.limits.setdefault(one.timer_id, (one.limit_value, one.limit_unit, since))
    for event_ in events:
        more += event_["payload"]["working_days"] if event_["kind"] == "limit_extended" else 0
    if (one.limit_unit, since) != first[1:]:
        yield f"{one.role} was {first}, and is {(one.limit_value, one.limit_unit, since)}"
    if one.role in _CASE_LIMITS and row.power_item and one.limit_unit == "working_days":
        limits = [v for v in items()[row.power_item]["limits"].values() if isinstance(v, dict) and "value" in v]
        lawful = {v["value"] + extra for v in limits for extra in (0, more) if v["unit"] == "working_days"}
        if one.limit_value not in lawful:
            yield f"{one.role} is {one.limit_value} working days, the catalogue says {lawful}"
    elif one.role == "step_limit" and one.limit_value != first[0]:
        yield f"the limit of {one.step_id} was {first[0]} and is {one.limit_value}"


def _due(office: Office, row: Row[Any], one: Any, spans: list[Span], stops: Any, known: Known) -> Iterator[str]:
    """Counted day by day, the limit passes when its row says; what the page shows as left is what is left."""
    limit = one.limit_value, one.limit_unit, one.counted_from
    due = due_of(*limit, spans, known.calendar)
    if one.state == 0 and due != one.due_at:
        counted = f"{one.limit_value} {one.limit_unit} from {one.counted_from} without {merged(spans)}"
        yield f"{one.role} of {one.step_id} is due {one.due_at.astimezone(CST)}, by counting {due} ({counted})"
    if one.role in _CASE_LIMITS and "days" in one.limit_unit and one.state == 0 and office.now <= due:
        (shown,) = clock_view([one], stops, office.calendar, office.now).limits
        left = days_left(limit, merged(spans), office.now, known.calendar)
        if (shown.units_left, shown.overdue) != (left, False):
            yield f"the page shows {shown.units_left} left of {one.role}, by counting {left} are"


def _of_tasks(
    connection: Connection, row: Row[Any], rows: Any, events: list[dict[str, Any]], standing: bool
) -> Iterator[str]:
    """What lists show as due is what the limits say."""
    due = {one.step_id: one.due_at for one in rows if one.role == "step_limit" and one.state == 0}
    tasks = select(user_task.c.element_id, user_task.c.due_at).where(
        user_task.c.case_id == row.id, user_task.c.status == "open"
    )
    for element, at in connection.execute(tasks):
        if element in due and at != due[element]:
            yield f"the task {element} is due {at}, its limit {due[element]}"
    armed = [one.due_at for one in rows if one.role in _CASE_LIMITS and one.state == 0]
    late = any(one["kind"] == "limit_reached" and one["payload"]["colour"] == "red" for one in events)
    if armed and not late and not standing and row.due_at != min(armed):
        yield f"the case is due {row.due_at}, its limits {min(armed)}"
