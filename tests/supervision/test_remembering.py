"""What the looks of a process remember is what they would read anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, event, insert, select

from service.commands.take_back import take_back
from service.database.session import reading
from service.database.tables import case, document
from supervision.collecting import collect
from supervision.collecting_alarms import Alarms
from supervision.collecting_endings import Endings
from supervision.collecting_history import Samples
from supervision.collecting_orders import Orders
from supervision.facts import Ending, Facts, OrderSeen
from supervision.remembering import Memory
from tests.commands.office import Office
from tests.commands.stories import SG, YJ
from tests.commands.test_ladder import ordered
from tests.commands.walking import begin, do


def look(office: Office, memory: Memory | None = None) -> Facts:
    with reading(office.engine) as connection:
        return collect(connection, office.services, office.now, hourly=True, whole=True, memory=memory)


def test_a_look_that_goes_on_shows_what_one_shows_that_reads_all(office: Office) -> None:
    memory = Memory()
    begin(office, SG, "deliver")
    for days in (0, 1, 3, 27):
        office.now += timedelta(days=days)
        if days == 3:
            begin(office, YJ, "section_review")
        known, anew = look(office, memory), look(office)
        assert replace(known, calendar=anew.calendar) == anew
    assert anew.done and {one.act.case.place.department for one in anew.done} == {"YJ"}


def test_endings_of_the_looks_before_stand_and_only_later_ones_are_read(office: Office) -> None:
    known = Endings()

    def both(since: datetime) -> tuple[Ending, ...]:
        with reading(office.engine) as connection:
            found = known.since(connection, office.services, since, office.now)
            assert found == Endings().since(connection, office.services, since, office.now)
        return found

    began = office.now
    for days in (0, 3, 3):
        office.now += timedelta(days=days)
        begin(office, SG, "deliver")
        do(office, "deliver")
        office.now += timedelta(hours=2)
        both(office.now - timedelta(days=2))
    assert len(both(began)) == 3
    assert len(both(office.now - timedelta(days=4))) == 2
    office.now += timedelta(days=27)
    assert len(both(office.now - timedelta(days=29))) == 1
    assert len(both(began)) == 3


def test_orders_that_are_closed_and_mended_are_not_read_again_and_show_what_came_after(office: Office) -> None:
    known, alarms = Orders(), Alarms()

    def both() -> tuple[OrderSeen, ...]:
        with reading(office.engine) as connection:
            found = known.seen(connection, office.services, office.now, alarms)
            assert found == Orders().seen(connection, office.services, office.now, Alarms())
        return found

    def close(number: str) -> None:
        office.complete("sup1", "sign", number)
        office.complete("sup1", "answer", number)
        office.complete("sup2", "confirm", number)

    first = ordered(office)
    assert [one.answered_at for one in both()] == [None]
    close(first)
    assert both()[0].again == ()
    begin(office, SG, "section_review")
    office.advance(working_days=3)
    late = next(one.number for one in office.orders() if one.department == "SG")
    close(late)
    office.now += timedelta(hours=3)
    assert [one.mended for one in both()] == [True, False]
    office.now += timedelta(days=2)
    ordered(office)
    office.now += timedelta(hours=2)
    shown = both()
    assert len(shown) == 3 and shown[0].again, "the same officer was too early again"
    office.now += timedelta(days=29)
    both()


def test_a_step_that_was_taken_back_is_shown_no_more(office: Office) -> None:
    memory = Memory()
    begin(office, SG, "decide")
    (done,) = [one for one in look(office, memory).done if one.act.element_id == "section_review"]
    office.now += timedelta(minutes=1)
    office.act("section", lambda c, a: take_back(c, office.services, a, done.task_id, "漏填", office.now), done.task_id)
    office.now += timedelta(days=2)
    assert "section_review" not in {one.act.element_id for one in look(office, memory).done}
    assert look(office, memory).done == look(office).done


def test_a_clock_that_was_put_back_begins_anew(office: Office) -> None:
    memory, began = Memory(), office.now
    begin(office, SG, "deliver")
    office.now += timedelta(days=40)
    assert look(office, memory).done == ()
    office.now = began + timedelta(days=1)
    assert look(office, memory).done == look(office).done != ()


def number(office: Office, *places: int) -> None:
    with office.engine.begin() as connection:
        (row,) = connection.execute(select(case.c.id).where(case.c.number == office.number)).all()
        common = {"case_id": row.id, "kind": "proof", "name_zh": "证明", "made_at": office.now, "content": {}}
        connection.execute(insert(document), [{**common, "number": f"证〔2026〕{one:03d}号"} for one in places])


def test_a_gap_is_shown_until_its_numbers_come(office: Office) -> None:
    memory = Memory()
    begin(office, YJ, "section_review")
    number(office, 1, 2, 5)

    def gaps() -> list[tuple[int, int]]:
        known, anew = look(office, memory), look(office)
        assert set(known.gaps) == set(anew.gaps)
        return [(gap.before.position, gap.after.position) for gap in known.gaps if "证" in gap.before.series]

    assert gaps() == [(2, 5)]
    office.now += timedelta(days=3)
    number(office, 4, 7)
    assert gaps() == [(2, 4), (5, 7)]
    number(office, 3)
    assert gaps() == [(5, 7)]
    office.now += timedelta(days=399)
    assert gaps() == [(4, 7)]
    office.now += timedelta(days=2)
    assert gaps() == []
    with office.engine.begin() as connection:  # No history tells of them.
        connection.execute(delete(document).where(document.c.kind == "proof"))


def test_the_history_of_a_step_goes_on_with_what_was_completed_since(office: Office) -> None:
    samples, asked = Samples(), {((SG,), "formal_check"), ((SG, YJ), "formal_check")}
    read: list[str] = []

    def note(*given: Any) -> None:
        read.append(given[2])

    for days in (0, 1, 1):
        office.now += timedelta(days=days)
        begin(office, YJ if days else SG, "section_review")
        office.now += timedelta(minutes=1)
        with reading(office.engine) as connection:
            anew = Samples().of(connection, asked, office.now)
            event.listen(office.engine, "before_cursor_execute", note)
            assert samples.of(connection, asked, office.now) == anew
        event.remove(office.engine, "before_cursor_execute", note)
    assert sorted(map(len, anew.values())) == [1, 3]
    # Read whole the first time, and never again.
    assert [text.count("LIMIT") for text in read] == [2, 0, 0]
