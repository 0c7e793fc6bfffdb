"""Two at once, late, stale, twice or broken: one effect, a clear answer, and nothing between before and after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from service.commands import operations
from service.commands.fire_timers import fire_timers
from service.database.session import transaction
from service.database.tables import alarm, case, incident
from service.engine import CodecError, EngineFailure
from service.errors import Refused
from tests.commands.office import Office
from tests.commands.stories import HB, YJ, ZR
from tests.commands.variants import Variant
from tests.commands.walking import begin, do, finish


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; what each answered, an exception being an answer."""
    barrier = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            answers[index] = act()
        except Exception as error:
            answers[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def overtaken(office: Office, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """The first act has done all but commit when the second begins, and commits while the second waits for it."""
    reached = threading.Event()

    def linger(_connection: Connection) -> None:
        if threading.current_thread().name == "first" and not reached.is_set():
            reached.set()
            time.sleep(0.25)

    event.listen(office.engine, "commit", linger)
    answers: list[Any] = [None, None]

    def run(index: int, act: Callable[[], Any]) -> None:
        if index:
            reached.wait(10)
        try:
            answers[index] = act()
        except Exception as error:
            answers[index] = error

    threads = [
        threading.Thread(target=run, args=(0, first), name="first"),
        threading.Thread(target=run, args=(1, second), name="second"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    event.remove(office.engine, "commit", linger)
    assert reached.is_set() and not any(thread.is_alive() for thread in threads)
    return answers


def refusals(answers: list[Any]) -> list[Refused]:
    return [answer for answer in answers if isinstance(answer, Refused)]


def expect_one_winner(answers: list[Any], code: str) -> Refused:
    """One did it; the others were refused with this code."""
    others = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(answer) for answer in others] == [Refused] * (len(answers) - 1), answers
    assert {refusal.code for refusal in refusals(answers)} == {code}
    return refusals(answers)[0]


def completing(office: Office, name: str, step: str) -> Callable[[], Any]:
    given, task, actor = office.answers(office.task(step).form_key), office.task(step), office.actor(name)
    return lambda: office.complete_as(actor, task.id, given)


def test_of_two_clerks_who_complete_one_task_at_once_one_wins_and_the_other_hears_who_and_when(office: Office) -> None:
    for run in (at_once, lambda *acts: overtaken(office, *acts)):
        begin(office, YJ, "formal_check")
        office.advance(minutes=2)
        names = {office.ids[name]: name for name in ("yj_clerk", "yj_clerk2")}
        answers = run(*[completing(office, name, "formal_check") for name in names.values()])
        refusal = expect_one_winner(answers, "task_taken")
        done = office.task("formal_check", status="completed")
        winner = office.actor(names[done.completed_by]).name
        assert refusal.facts["by"] == winner and winner in refusal.message
        assert datetime.fromisoformat(refusal.facts["at"]) == office.now
        assert len(office.history(kind="task_completed")) == 1
        assert len(office.history(kind="act_refused")) == 1
        assert office.rows(select(incident)) == []


def test_a_double_click_of_one_person_has_one_effect(office: Office) -> None:
    for run in (at_once, lambda *acts: overtaken(office, *acts)):
        begin(office, YJ, "decide")
        office.advance(minutes=3)
        answers = run(*[completing(office, "yj_vice", "decide")] * 2)
        expect_one_winner(answers, "task_taken")
        assert [d.kind for d in office.documents()].count("certificate") == 1


def test_of_two_who_claim_at_once_one_has_the_task(office: Office) -> None:
    for run in (at_once, lambda *acts: overtaken(office, *acts)):
        begin(office, YJ, "site_survey")
        answers = run(*[lambda name=name: office.claim(name, "site_survey") for name in ("officer", "officer2")])
        refusal = expect_one_winner(answers, "task_taken")
        claimed = office.history(kind="task_claimed")
        assert [row["actor"] for row in claimed] == [office.task("site_survey").assignee]
        assert refusal.facts["by"] == claimed[0]["actor_name"]


def test_who_lost_the_post_since_the_request_came_in_claims_nothing(office: Office) -> None:
    begin(office, YJ, "section_review")
    section, task = office.actor("section"), office.task("section_review")
    office.end_posts("yj_section")
    with office.refused("not_permitted"):
        office.claim_as(section, task.id)
    assert office.task("section_review").assignee is None


def test_a_post_that_ends_while_its_holder_claims_leaves_nothing_in_his_hands(office: Office) -> None:
    begin(office, YJ, "section_review")
    section, task = office.actor("section"), office.task("section_review")
    claimed, ended = at_once(
        lambda: office.claim_as(section, task.id),
        lambda: office.end_posts("yj_section"),
    )
    assert isinstance(claimed, Refused) != isinstance(ended, Refused)
    kept = bool(office.actor("yj_section").holdings)
    assert (office.task("section_review").assignee is not None) == kept


def test_who_claims_a_task_while_another_completes_it_is_too_late(office: Office) -> None:
    begin(office, YJ, "formal_check")
    office.advance(minutes=2)
    task, actor = office.task("formal_check"), office.actor("clerk2")
    answers = overtaken(office, completing(office, "yj_clerk", "formal_check"), lambda: office.claim_as(actor, task.id))
    assert refusals(answers)[0].code == "task_taken"
    assert office.task("formal_check", status="completed").assignee == office.ids["yj_clerk"]


def test_two_signatures_at_once_are_one(office: Office) -> None:
    office.hire("yj_officer3", "YJ", "officer")
    for run in (at_once, lambda *acts: overtaken(office, *acts)):
        begin(office, YJ, "site_survey")
        answers = run(*[lambda name=name: office.sign(name, "site_survey") for name in ("officer2", "yj_officer3")])
        expect_one_winner(answers, "task_taken")
        assert len(office.history(kind="second_officer_signed")) == 1


def test_the_two_parts_of_a_fork_completed_at_once_both_count(office: Office) -> None:
    diagram = Variant("environmental_impact_approval")
    diagram.double("technical_review", "second_review")
    office.deploy(diagram.xml)
    begin(office, HB, "technical_review")
    office.advance(hours=3)
    steps = ("technical_review", "second_review")
    for step in steps:
        office.sign("officer2", step)
    given = {step: office.answers("technical_review") for step in steps}
    answers = at_once(*[lambda step=step: office.complete_with("officer", step, given[step]) for step in steps])
    assert [answer.outcome for answer in answers] == ["completed", "completed"]
    assert office.open_steps() == ["acceptance_publicity"]


def firing(office: Office) -> Callable[[], Any]:
    case_id = office.case().id

    def fire() -> bool:
        with transaction(office.engine) as connection:
            return fire_timers(connection, office.services, case_id, office.now)

    return fire


@pytest.mark.parametrize("first", ["clerk", "worker"])
def test_a_completion_and_the_timer_that_moves_the_case_do_not_both_happen(office: Office, first: str) -> None:
    office.start(YJ)
    office.put()
    office.now = office.task("formal_check").due_at + timedelta(seconds=1)
    acts = {"clerk": completing(office, "yj_clerk", "formal_check"), "worker": firing(office)}
    order = sorted(acts, key=lambda who: who != first)
    answers = overtaken(office, *[acts[who] for who in order])
    assert refusals(answers)[0].code == "task_taken"
    assert office.open_steps() == ["site_survey"]
    assert len(office.history(kind="acceptance_deemed")) == 1
    assert len(office.alarms(colour="red")) == 1


def test_two_workers_fire_one_timer_once(office: Office) -> None:
    for run in (at_once, lambda *acts: overtaken(office, *acts)):
        office.start(YJ)
        office.now = office.task("formal_check").due_at + timedelta(seconds=1)
        answers = run(firing(office), firing(office))
        assert sorted(answers) == [False, True]
        assert len(office.history(kind="acceptance_deemed")) == 1
        assert sorted(a.colour for a in office.alarms()) == ["blue", "red", "yellow"]


def test_two_callbacks_at_once_book_one_payment(office: Office) -> None:
    for number, run in enumerate((at_once, lambda *acts: overtaken(office, *acts))):
        begin(office, ZR, "await_payment")
        answers = run(*[lambda number=number: office.pay(reference=f"R-{number}")] * 2)
        assert sorted(answers) == [False, True]
        assert len(office.history(kind="payment_received")) == 1
        assert office.open_steps() == ["print_certificate"]


def test_cases_started_at_once_draw_numbers_without_gaps(office: Office) -> None:
    answers = at_once(*[lambda: office.start(YJ)] * 4)
    assert sorted(answers) == [f"YJ-XK-2026-{number:06d}" for number in range(1, 5)]


def test_two_alarms_of_one_case_delivered_at_once_make_one_order(office: Office) -> None:
    begin(office, ZR, "section_review")
    with transaction(office.engine) as connection:
        for number in range(2):
            connection.execute(
                alarm.insert().values(
                    case_id=office.case().id,
                    subject=f"test/{number}",
                    kind="overdue",
                    rule="overdue.step_limit",
                    rule_version=1,
                    colour="red",
                    status="open",
                    raised_at=office.now,
                    department="ZR",
                    summary_zh="超期",
                    summary_en="late",
                    evidence=[],
                )
            )
    ids = [row.id for row in office.alarms()]

    def open_order(alarm_id: int) -> None:
        with transaction(office.engine) as connection:
            office.recorders["start_order"](connection, office.services, {"alarm_id": alarm_id}, office.now)

    answers = overtaken(office, *[lambda alarm_id=alarm_id: open_order(alarm_id) for alarm_id in ids])
    assert answers == [None, None]
    assert [o.alarms for o in office.orders()] == [2]


# Stale ----------------------------------------------------------------------------------------------------------------


def test_who_saw_an_older_version_is_told_so_and_nothing_is_written(office: Office) -> None:
    begin(office, YJ, "section_review")
    seen = office.case().version
    office.claim("section", "section_review")
    before = office.everything()
    with office.refused("version_conflict"):
        office.complete("section", "section_review", version=seen)
    assert office.everything() == before
    office.complete("section", "section_review", version=office.case().version)


def test_a_ruling_on_a_halted_case_is_not_stale_because_a_timer_waits_for_it(office: Office) -> None:
    begin(office, HB, "technical_review")
    office.complete("officer", "technical_review")
    office.now += timedelta(days=30)
    office.advance(seconds=1)
    seen = office.case().version
    office.complete("sup1", "technical_review_ruling", version=seen, halt_ruling="redo")
    assert office.case().status == "open"


def test_a_task_that_is_done_says_by_whom_and_when_in_the_countys_time(office: Office) -> None:
    begin(office, YJ, "section_review")
    task = office.task("section_review")
    office.now += timedelta(hours=9)
    office.complete("section", "section_review")
    with office.refused("task_taken") as refusal:
        office.complete_task_of_id("section", task.id)
    assert f"{office.actor('section').name}于 2026-03-09 18:50 办结" in refusal.message


def test_a_claimed_task_is_refused_to_others_until_it_is_given_back(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.claim("officer", "site_survey")
    before = office.case().version
    office.claim("officer", "site_survey")
    assert office.case().version == before, "claiming again changes nothing"
    for act in (office.claim, office.release):
        with office.refused("task_taken") as refusal:
            act("officer2", "site_survey")
        assert refusal.facts["by"] == office.actor("officer").name
    with office.refused("task_taken"):
        office.complete("officer2", "site_survey")
    office.draft("officer", "site_survey", {"survey_record": "半"})
    office.release("officer", "site_survey")
    assert office.task("site_survey").draft == {"survey_record": "半"}
    office.claim("officer2", "site_survey")


# Broken ---------------------------------------------------------------------------------------------------------------


def broken(monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception) -> None:
    def fail(*_: Any) -> bool:
        raise error

    monkeypatch.setattr(operations, "OPERATIONS", {**operations.OPERATIONS, operation: fail})


def test_an_engine_that_fails_leaves_the_task_open_and_makes_an_incident(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(office, YJ, "formal_check")
    office.advance(minutes=2)
    row, tasks, due = office.case(), office.tasks("formal_check"), office.all_due_rows()
    with monkeypatch.context() as patch:
        broken(patch, "issue_acceptance", EngineFailure("Expected the notice to be made, but it was not"))
        with pytest.raises(EngineFailure):
            office.complete("clerk", "formal_check")
    now = office.case()
    assert (now.status, now.state, now.actors) == (row.status, row.state, row.actors)
    assert (office.tasks("formal_check"), office.all_due_rows()) == (tasks, due)
    (opened,) = office.rows(select(incident))
    assert (opened.case_id, opened.element_id, opened.status) == (row.id, "formal_check", "open")
    assert office.history()[-1]["kind"] == "incident_opened"
    assert office.documents() == [] and office.alarms() == []
    assert finish(office) == "granted"


def test_a_bug_in_an_operation_is_an_engine_failure_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(office, YJ, "formal_check")
    with monkeypatch.context() as patch:
        broken(patch, "issue_acceptance", ZeroDivisionError("division by zero"))
        with pytest.raises(EngineFailure):
            do(office, "formal_check")
    assert office.open_steps() == ["formal_check"]
    assert len(office.rows(select(incident))) == 1


def test_a_subscriber_that_fails_undoes_the_whole_act(office: Office) -> None:
    begin(office, YJ, "site_survey")

    def fails(*_: Any) -> list[dict[str, Any]]:
        raise RuntimeError("supervision is down")

    office.services.subscribers.append(fails)
    before = office.everything()
    with pytest.raises(RuntimeError):
        office.complete("officer", "site_survey")
    assert office.everything() == before
    office.services.subscribers.remove(fails)
    assert office.complete("officer", "site_survey").outcome == "halted"


def test_a_state_that_cannot_be_read_makes_an_incident_and_no_guess(office: Office) -> None:
    begin(office, YJ, "formal_check")
    state = office.case().state
    with transaction(office.engine) as connection:
        connection.execute(update(case).values(state=b"\x93not a state"))
    with pytest.raises(CodecError):
        do(office, "formal_check")
    assert len(office.rows(select(incident))) == 1
    with transaction(office.engine) as connection:
        connection.execute(update(case).values(state=state))
    assert finish(office) == "granted"
