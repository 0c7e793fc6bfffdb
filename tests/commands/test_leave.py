"""请假: tasks go to whoever may stand in, or back to the pool; nothing new comes until the person is back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.commands.ask_opinion import AskOpinion, ask_opinion
from service.commands.give_opinion import GiveOpinion, give_opinion
from service.commands.hand_over_task import TransferTask, transfer_task
from service.commands.leave import EnterLeave, begin_leave, end_leave, enter_leave, move_task_of_leave
from service.database.session import transaction
from service.database.tables import leave, outbox, task_opinion
from service.errors import Refused
from service.notices.outbox import drain
from tests.commands.office import CST, Office
from tests.commands.stories import HB, YJ
from tests.commands.walking import begin

TODAY = date(2026, 3, 9)


def away(
    office: Office, who: str, *, by: str = "", stand_in: str = "", from_: date = TODAY, until: date = TODAY, **more: Any
) -> int:
    """Enter a leave; the worker does what is due."""
    substitute = office.ids[office.username(stand_in)] if stand_in else None
    command = EnterLeave(office.ids[office.username(who)], from_, until, more.get("reason", "年休假"), substitute)
    with transaction(office.engine) as connection:
        leave_id = enter_leave(connection, office.services, office.actor(by or who), command, office.now)
    work(office)
    return leave_id


def work(office: Office) -> None:
    drain(office.engine, office.services, office.recorders, office.now)


def assignee(office: Office, element: str) -> str | None:
    person_id = office.task(element).assignee
    return next((name for name, one in office.ids.items() if one == person_id), None)


def test_a_claimed_task_goes_to_the_stand_in_with_its_draft_and_a_line_in_the_history(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    office.draft("officer", "site_survey", {"survey_opinion": "走到一半"})
    before = office.task("site_survey")
    away(office, "officer", stand_in="officer2")
    after = office.task("site_survey")
    assert assignee(office, "site_survey") == "yj_officer2"
    assert (after.draft, after.entered_at, after.due_at) == (before.draft, before.entered_at, before.due_at)
    (told,) = office.history(kind="task_moved_for_leave")
    assert (told["actor"], told["payload"]["person"], told["payload"]["reason"]) == (None, after.assignee, "年休假")
    assert [row.recipient for row in office.notices(kind="task_moved_for_leave")] == [after.assignee]
    office.expect_a_sound_record()


def test_without_a_stand_in_the_task_goes_back_to_the_pool(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    away(office, "officer")
    assert office.task("site_survey").assignee is None
    assert len(office.history(kind="task_returned_for_leave")) == 1
    office.claim("officer2", "site_survey")


def asked(office: Office, *people: str, way: str = "consult") -> None:
    """The head of section asks these people on the review."""
    begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    task, ids = office.task("section_review"), [office.ids[office.username(name)] for name in people]
    command = AskOpinion(task.id, way, ids, "请核对", "each")
    office.act("section", lambda c, a: ask_opinion(c, office.services, a, command, office.now), task.id)


def who_is_asked(office: Office) -> list[str]:
    names = {one: name for name, one in office.ids.items()}
    return [names[row.person_id] for row in office.rows(select(task_opinion).order_by(task_opinion.c.id))]


@pytest.mark.parametrize("way", ["consult", "before", "after"])
def test_an_opinion_that_was_asked_goes_to_the_stand_in_who_is_told_as_is_who_asked(office: Office, way: str) -> None:
    asked(office, "vice", way=way)
    away(office, "vice", stand_in="head")
    assert who_is_asked(office) == ["yj_head"]
    (told,) = office.history(kind="opinion_moved_for_leave")
    assert (told["actor"], told["payload"]["person_name"]) == (None, office.actor("head").name)
    heard = {row.recipient for row in office.notices(kind="opinion_moved_for_leave")}
    assert heard == {office.ids["yj_head"], office.ids["yj_section"]}
    office.expect_a_sound_record()


@pytest.mark.parametrize("stand_in", ["", "section", "officer"])
def test_where_nobody_may_answer_instead_who_asked_is_told(office: Office, stand_in: str) -> None:
    """Not who asked himself, nor who surveyed and so signs no review."""
    asked(office, "vice", way="before")
    away(office, "vice", stand_in=stand_in)
    assert who_is_asked(office) == ["yj_vice"]
    assert len(office.history(kind="opinion_waits_for_leave")) == 1
    (told,) = office.notices(kind="opinion_waits_for_leave")
    assert told.recipient == office.ids["yj_section"] and office.actor("vice").name in told.text


def test_an_opinion_that_two_were_asked_for_does_not_go_to_the_other(office: Office) -> None:
    asked(office, "vice", "head")
    away(office, "vice", stand_in="head")
    assert who_is_asked(office) == ["yj_vice", "yj_head"]


def test_an_opinion_that_was_given_stays_whose_it_was(office: Office) -> None:
    asked(office, "vice")
    (row,) = office.rows(select(task_opinion))
    command = GiveOpinion(row.id, "agree", "同意")
    vice = office.actor("vice")
    office.perform(lambda c: give_opinion(c, office.services, vice, command, office.now), vice, office.number)
    away(office, "vice", stand_in="head")
    assert who_is_asked(office) == ["yj_vice"]
    assert office.history(kind="opinion_moved_for_leave") == []


def test_whom_the_post_is_lent_to_stands_in_for_a_leader(office: Office) -> None:
    begin(office, YJ, "decide")
    office.claim("vice", "decide")
    office.lend("yj_vice", "vice", "yj_head")
    away(office, "vice")
    assert assignee(office, "decide") == "yj_head"


def test_a_stand_in_whom_separation_excludes_does_not_get_the_task(office: Office) -> None:
    """The officer surveyed: he may not review, by whatever post."""
    begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    office.lend("yj_section", "section", "yj_officer")
    away(office, "section")
    assert office.task("section_review").assignee is None
    office.lend("yj_section", "section", "yj_head")


def test_a_stand_in_without_the_post_or_on_leave_himself_does_not_get_the_task(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    away(office, "officer", stand_in="officer2", from_=TODAY + timedelta(days=1), until=TODAY + timedelta(days=1))
    away(office, "officer2", from_=TODAY + timedelta(days=1), until=TODAY + timedelta(days=1))
    office.advance(days=1)
    work(office)
    assert office.task("site_survey").assignee is None


def test_of_two_who_stand_in_for_each_other_one_stays_and_both_are_of_one_department(office: Office) -> None:
    away(office, "yj_officer2", until=TODAY + timedelta(days=2))
    for stand_in, code in (("yj_officer2", "leave_overlaps"), ("zr_officer", "other_department")):
        with pytest.raises(Refused) as refused:
            away(
                office,
                "yj_officer",
                stand_in=stand_in,
                from_=TODAY + timedelta(days=2),
                until=TODAY + timedelta(days=4),
            )
        assert [(one.pointer, one.code) for one in refused.value.details] == [("/stand_in", code)]
    away(office, "yj_officer", stand_in="yj_officer2", from_=TODAY + timedelta(days=3), until=TODAY + timedelta(days=4))


def test_a_leave_without_end_is_told_how_long_it_may_be(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        away(office, "yj_officer", until=TODAY + timedelta(days=900))
    assert "最长" in refused.value.message and refused.value.details[0].pointer == "/ends_on"


def test_nothing_new_comes_to_who_is_away_and_all_does_to_who_is_back_early(office: Office) -> None:
    begin(office, YJ, "site_survey")
    leave_id = away(office, "officer", until=TODAY + timedelta(days=9))
    with office.refused("on_leave"):
        office.claim("officer", "site_survey")
    office.claim("officer2", "site_survey")
    task = office.task("site_survey")
    transfer = TransferTask(task.id, office.ids["yj_officer"], "轮换")
    with office.refused("on_leave"):
        office.act("section", lambda c, a: transfer_task(c, office.services, a, transfer, office.now), task.id)
    with transaction(office.engine) as connection:
        end_leave(connection, office.actor("officer"), leave_id, office.now)
    office.act("section", lambda c, a: transfer_task(c, office.services, a, transfer, office.now), task.id)
    assert assignee(office, "site_survey") == "yj_officer"
    with office.refused("leave_ended"), transaction(office.engine) as connection:
        end_leave(connection, office.actor("officer"), leave_id, office.now)


def test_a_leave_to_come_moves_the_tasks_within_a_minute_of_its_beginning(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    away(office, "officer", stand_in="officer2", from_=TODAY + timedelta(days=1), until=TODAY + timedelta(days=2))
    assert assignee(office, "site_survey") == "yj_officer"
    (message,) = office.rows(select(outbox).where(outbox.c.kind == "begin_leave"))
    begins = datetime(2026, 3, 10, tzinfo=CST)
    assert message.next_at == begins
    office.now = begins + timedelta(seconds=5)
    work(office)
    assert assignee(office, "site_survey") == "yj_officer2"


def test_one_that_was_ended_before_it_began_moves_nothing(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    leave_id = away(office, "officer", stand_in="officer2", from_=TODAY + timedelta(days=1), until=TODAY + timedelta(2))
    with transaction(office.engine) as connection:
        end_leave(connection, office.actor("officer"), leave_id, office.now)
    office.now = datetime(2026, 3, 10, 9, tzinfo=CST)
    work(office)
    assert assignee(office, "site_survey") == "yj_officer"


def test_of_parallel_branches_each_task_of_the_person_moves_and_no_other(office: Office) -> None:
    begin(office, HB, "technical_review")
    open_tasks = [step for step in office.open_steps() if not step.endswith("publicity")]
    assert len(office.open_steps()) == 2
    for element in open_tasks:
        office.claim(office.task(element).post, element)
    person = office.task("technical_review").assignee
    name = next(name for name, one in office.ids.items() if one == person)
    mine = [element for element in open_tasks if office.task(element).assignee == person]
    entered = {element: office.task(element).entered_at for element in open_tasks}
    away(office, name)
    for element in open_tasks:
        expected = None if element in mine else office.task(element).assignee
        assert office.task(element).assignee == expected
        assert office.task(element).entered_at == entered[element]
    office.expect_a_sound_record()


def test_the_worker_that_moves_twice_moves_once(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    away(office, "officer", stand_in="officer2")
    before = office.case().version
    with transaction(office.engine) as connection:
        leave_id = connection.execute(select(leave.c.id)).scalar_one()
        given = {"leave": leave_id, "task": office.task("site_survey").id}
        move_task_of_leave(connection, office.services, given, office.now)
        begin_leave(connection, office.services, given, office.now)
    assert office.case().version == before


@pytest.mark.parametrize(("by", "may"), [("section", True), ("head", True), ("secadmin", True), ("clerk", False)])
def test_leave_is_entered_by_oneself_a_leader_or_the_security_administrator(office: Office, by: str, may: bool) -> None:
    office.start(YJ)
    if may:
        away(office, "officer", by=by)
        return
    with office.refused("not_permitted"):
        away(office, "officer", by=by)


def test_a_leader_of_another_department_enters_none(office: Office) -> None:
    office.start(YJ)
    with office.refused("not_permitted"):
        away(office, "officer", by="mz_head")


def test_days_that_are_wrong_overlap_or_have_no_reason_are_refused(office: Office) -> None:
    office.start(YJ)
    wrong: list[dict[str, Any]] = [
        {"from_": TODAY - timedelta(days=1)},
        {"until": TODAY - timedelta(days=1)},
        {"until": TODAY + timedelta(days=400)},
        {"reason": " "},
        {"stand_in": "officer"},
    ]
    for one in wrong:
        with office.refused("invalid_request"):
            away(office, "officer", **one)
    away(office, "officer", until=TODAY + timedelta(days=3))
    with office.refused("invalid_request"):
        away(office, "officer", from_=TODAY + timedelta(days=3), until=TODAY + timedelta(days=5))
