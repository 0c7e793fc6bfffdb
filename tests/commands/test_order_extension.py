"""Extension of an order: who owes asks, who gave decides, once a rung, and the timers move with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.commands.order_extension import AskExtension, ask_extension, decide_extension
from service.database.session import reading
from service.database.tables import due_row
from service.reads.order_extensions import ExtensionView, extensions_of
from tests.commands.office import Office
from tests.commands.seeing import CST
from tests.commands.test_ladder import TICK, at, order, ordered, texts

WEDNESDAY = date(2026, 3, 11)


def ask(
    office: Office, by: str, number: str, step: str, until: date = WEDNESDAY, reason: str = "须调阅外地档案"
) -> None:
    task = office.task(step, number)
    command = AskExtension(task.id, until, reason)
    office.act(by, lambda c, a: ask_extension(c, office.services, a, command, office.now), task.id, number)


def extension(office: Office, number: str) -> ExtensionView:
    with reading(office.engine) as connection:
        return extensions_of(connection, office.known(number).id)[-1]


def decide(office: Office, by: str, number: str, opinion: str = "情况属实", *, granted: bool = True) -> None:
    actor, which = office.actor(by, number), extension(office, number).id

    def decided(connection: Any) -> None:
        decide_extension(connection, office.services, actor, number, which, opinion, office.now, granted=granted)

    office.perform(decided, actor, number)


def due(office: Office, number: str, step: str) -> Any:
    return office.task(step, number).due_at.astimezone(CST)


def test_level_1_asks_level_2_grants_and_the_order_climbs_only_after_the_new_day(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    assert due(office, number, "answer") == at(10, 17, 30)
    ask(office, "sup1", number, "answer")
    assert due(office, number, "answer") == at(10, 17, 30), "nothing moves before it is granted"
    decide(office, "sup2", number)
    assert due(office, number, "answer") == at(11, 17, 30)
    found = extension(office, number)
    assert (found.rung, found.status, found.until.astimezone(CST)) == ("level1", "granted", at(11, 17, 30))
    office.advance(to=at(11, 17, 30))
    assert order(office).rung == 2
    office.advance(seconds=1)
    assert order(office).rung == 3
    told = [(kind, who) for kind, who, _ in texts(office, number)]
    assert told[1:3] == [("order_extension_asked", "sup2"), ("order_extension_granted", "yj_sup1")]
    kinds = [row["kind"] for row in office.history(number) if row["kind"].startswith("extension")]
    assert kinds == ["extension_asked", "extension_granted"]


def test_a_handler_asks_level_1_and_a_limit_of_office_hours_ends_on_the_day_that_was_asked_for(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number, sent_to="handler")
    ask(office, "officer", number, "handler_sign")
    with office.refused("not_permitted"):
        decide(office, "sup2", number)
    decide(office, "sup1", number)
    moved = due(office, number, "handler_sign")
    assert moved.date() == WEDNESDAY
    rows = office.rows(select(due_row).where(due_row.c.element_id == "handler_sign_limit"))
    assert {row.due_at.astimezone(CST) for row in rows if row.role == "step_limit"} == {moved}
    office.advance(to=at(10, 18, 0))
    assert order(office).rung == 2
    office.advance(to=moved + TICK)
    assert order(office).rung == 3


def test_what_is_refused_leaves_the_limit_and_nobody_asks_twice_on_one_rung(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    ask(office, "sup1", number, "answer")
    with office.refused("move_refused"):
        ask(office, "sup1", number, "answer")
    decide(office, "sup2", number, granted=False)
    assert (extension(office, number).status, due(office, number, "answer")) == ("refused", at(10, 17, 30))
    with office.refused("move_refused"):
        decide(office, "sup2", number)
    with office.refused("move_refused"):
        ask(office, "sup1", number, "answer")
    office.advance(to=at(10, 17, 31))
    assert order(office).rung == 3


def test_level_2_asks_the_control_centre(office: Office) -> None:
    number = ordered(office)
    office.advance(to=at(9, 16, 0))
    ask(office, "sup2", number, "urge")
    with office.refused("not_permitted"):
        decide(office, "sup1", number)
    decide(office, "centre", number)
    assert due(office, number, "urge") == at(11, 17, 30)
    with office.refused("move_refused"):
        ask(office, "sup1", number, "sign", date(2026, 3, 12)), "its four hours are over"


@pytest.mark.parametrize("until", [date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 25)])
def test_a_day_that_is_no_later_or_too_late_is_refused(office: Office, until: date) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    with office.refused("invalid_request") as refusal:
        ask(office, "sup1", number, "answer", until)
    assert "2026-03-10" in refusal.message and "2026-03-24" in refusal.message
    with office.refused("invalid_request"):
        ask(office, "sup1", number, "answer", reason=" ")


def test_only_who_owes_the_step_asks_and_the_last_rung_has_nobody_to_ask(office: Office) -> None:
    number = ordered(office)
    for nobody in ("yj_officer", "mz_sup1", "sup2", "yj_head"):
        with office.refused("not_permitted"):
            ask(office, nobody, number, "sign")
    office.advance(to=at(10, 18, 0))
    with office.refused("move_refused"):
        ask(office, "centre", number, "centre_demand", date(2026, 3, 20))


def test_what_is_done_before_it_is_decided_has_lapsed(office: Office) -> None:
    number = ordered(office)
    office.complete("sup1", "sign", number)
    ask(office, "sup1", number, "answer")
    office.complete("sup1", "answer", number)
    assert extension(office, number).status == "lapsed"
    with office.refused("move_refused"):
        decide(office, "sup2", number)
