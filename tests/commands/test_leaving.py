"""Who leaves or moves to another post hands over first: one step, each receiver checked, a trail in each case."""

from __future__ import annotations

from sqlalchemy import select

from service.commands.ask_opinion import AskOpinion, ask_opinion
from service.commands.cash import offer_cash, receive_cash, remit_cash
from service.commands.hand_over_work import HandedOver, HandOverWork, hand_over_work
from service.commands.leaving import deactivate_person, withdraw_post
from service.database.session import reading, transaction
from service.database.tables import delegation, notice, office_change, person, post_holding, task_opinion, user_task
from service.people.queries import read_actor
from service.reads.held_things import held_things
from service.reads.open_work import work_in_hand
from tests.commands.office import Office
from tests.commands.stories import YJ
from tests.commands.test_spot_penalty import FINE, taken
from tests.commands.test_spot_penalty import by as spot_by
from tests.commands.test_tickets import offered, received
from tests.commands.walking import begin


def hand_over(office: Office, giver: str, tasks: dict[str, str], by: str = "secadmin", **more: object) -> HandedOver:
    """`tasks` name the receivers by their user names."""
    given = {task: office.ids[to] for task, to in tasks.items()}
    command = HandOverWork(office.ids[giver], str(more.get("reason", "调离")), given, more.get("opinions", {}))  # type: ignore[arg-type]
    with transaction(office.engine) as connection:
        return hand_over_work(connection, office.services, office.actor(by), command, office.now)


def claimed(office: Office, who: str = "clerk") -> str:
    """A case at its formal check, claimed with a draft; the task's id."""
    begin(office, YJ, "formal_check")
    office.claim(who, "formal_check")
    office.draft(who, "formal_check", {"check_result": "accept"})
    return str(office.task("formal_check").id)


def deactivate(office: Office, username: str, by: str = "secadmin", reason: str = "退休") -> None:
    with transaction(office.engine) as connection:
        deactivate_person(connection, office.actor(by), office.ids[username], reason, office.now)


def holding_of(office: Office, username: str, post: str) -> int:
    where = post_holding.c.person_id == office.ids[username], post_holding.c.post == post
    return int(office.rows(select(post_holding.c.id).where(*where, post_holding.c.ended_at.is_(None)))[0].id)


def withdraw(office: Office, username: str, post: str, by: str = "secadmin", reason: str = "轮岗") -> None:
    with transaction(office.engine) as connection:
        withdraw_post(connection, office.actor(by), holding_of(office, username, post), reason, office.now)


def test_all_that_a_clerk_has_in_hand_goes_to_others_in_one_step_with_a_trail_in_each_case(office: Office) -> None:
    first, second = claimed(office), claimed(office)
    done = hand_over(office, "yj_clerk", {first: "yj_clerk2", second: "yj_clerk2"}, reason="调令〔2026〕3号")
    assert done == HandedOver(2, 0)
    for task_id in (first, second):
        (row,) = office.rows(select(user_task).where(user_task.c.id == task_id))
        assert (row.assignee, row.draft) == (office.ids["yj_clerk2"], {"check_result": "accept"})
    for number in office.stories:
        told = office.history(number)[-1]
        assert (told["kind"], told["actor"]) == ("task_handed_over", office.ids["secadmin"])
        assert told["payload"]["from"] == office.ids["yj_clerk"]
        assert (told["payload"]["person"], told["payload"]["reason"]) == (office.ids["yj_clerk2"], "调令〔2026〕3号")
    office.complete("clerk2", "formal_check")


def test_a_receiver_gets_one_message_by_sms_however_much_it_is(office: Office) -> None:
    tasks = [claimed(office) for _ in range(4)]
    hand_over(office, "yj_clerk", dict.fromkeys(tasks, "yj_clerk2"))
    sent = office.rows(select(notice).where(notice.c.kind == "work_handed_over", notice.c.channel == "sms"))
    (mine,) = [one for one in sent if one.recipient == office.ids["yj_clerk2"]]
    assert mine.text.startswith(f"{office.actor('clerk').name}手上的工作已交接给您：")
    assert sum(number in mine.text for number in office.stories) == 3
    assert "等 4 件" in mine.text


def test_one_receiver_who_may_not_keeps_everything_where_it_is(office: Office) -> None:
    office.hire("yj_both", "YJ", "section")
    begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    review = office.task("section_review").id
    check = claimed(office, "clerk")
    with office.refused("not_permitted") as refusal:
        hand_over(office, "yj_clerk", {check: "yj_officer"})
    assert refusal.missing == (f"/tasks/{check}",)
    with office.refused("invalid_request"):
        hand_over(office, "yj_clerk", {check: "yj_clerk2", review: "yj_both"})
    hand_over(office, "yj_section", {review: "yj_both"})
    assert office.task("formal_check").assignee == office.ids["yj_clerk"]


def test_separation_is_asked_of_each_receiver(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.claim("section", "section_review")
    review = office.task("section_review").id
    office.lend("yj_section", "section", "yj_clerk")
    with office.refused("separation_of_duty"):
        hand_over(office, "yj_section", {review: "yj_clerk"})
    assert office.task("section_review").assignee == office.ids["yj_section"]
    with reading(office.engine) as connection:
        (piece,) = work_in_hand(connection, office.ids["yj_section"], office.now)
    assert piece.receivers == ()


def test_only_the_security_administrator_or_a_leader_of_the_department_hands_over_and_with_a_reason(
    office: Office,
) -> None:
    task = claimed(office)
    for stranger in ("yj_clerk2", "sg_head", "sysadmin", "yj_clerk"):
        with office.refused("not_permitted"):
            hand_over(office, "yj_clerk", {task: "yj_clerk2"}, by=stranger)
    with office.refused("invalid_request"):
        hand_over(office, "yj_clerk", {task: "yj_clerk2"}, reason=" ")
    with office.refused("invalid_request"):
        hand_over(office, "yj_clerk", {task: "yj_clerk"}, by="yj_head")
    with office.refused("invalid_request"):
        hand_over(office, "yj_clerk", {})
    hand_over(office, "yj_clerk", {task: "yj_clerk2"}, by="yj_head")


def test_work_on_a_halted_case_is_handed_over_too(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.complete("officer", "site_survey")
    office.claim("sup1", "site_survey_ruling")
    task = office.task("site_survey_ruling").id
    office.hire("yj_sup1b", "YJ", "sup1")
    hand_over(office, "yj_sup1", {task: "yj_sup1b"})
    office.complete("yj_sup1b", "site_survey_ruling", halt_ruling="redo")
    (told,) = office.history(kind="task_handed_over")
    assert (told["payload"]["task"], told["payload"]["person"]) == (task, office.ids["yj_sup1b"])
    assert office.open_steps() == ["site_survey"]


def test_nobody_is_deactivated_and_no_post_withdrawn_while_work_of_it_is_in_hand(office: Office) -> None:
    office.grant("yj_clerk", "officer", "YJ")
    task = claimed(office)
    for tries in (lambda: deactivate(office, "yj_clerk"), lambda: withdraw(office, "yj_clerk", "clerk")):
        with office.refused("work_open") as refusal:
            tries()
        assert "1" in refusal.message
    withdraw(office, "yj_clerk", "officer")
    hand_over(office, "yj_clerk", {task: "yj_clerk2"})
    withdraw(office, "yj_clerk", "clerk")
    deactivate(office, "yj_clerk")
    with reading(office.engine) as connection:
        assert read_actor(connection, office.ids["yj_clerk"], office.now) is None
    changes = office.rows(select(office_change).order_by(office_change.c.id))
    assert [(row.kind, row.reason) for row in changes if row.subject == f"person/{office.ids['yj_clerk']}"] == [
        ("post_withdrawn", "轮岗"),
        ("post_withdrawn", "轮岗"),
        ("person_deactivated", "退休"),
    ]


def test_what_a_delegate_has_in_hand_by_a_leaders_post_alone_holds_the_leader_back(office: Office) -> None:
    office.hire("yj_helper", "YJ")
    begin(office, YJ, "decide")
    office.lend("yj_vice", "vice", "yj_helper")
    office.claim("yj_helper", "decide")
    with office.refused("work_open"):
        withdraw(office, "yj_vice", "vice")
    office.hire("yj_vice2", "YJ", "vice")
    hand_over(office, "yj_vice", {office.task("decide").id: "yj_vice2"})
    withdraw(office, "yj_vice", "vice")


def test_who_has_left_lends_and_was_lent_nothing_any_more(office: Office) -> None:
    office.hire("yj_helper", "YJ")
    office.lend("yj_vice", "vice", "yj_helper")
    deactivate(office, "yj_helper")
    assert [row.revoked_at for row in office.rows(select(delegation))] == [office.now]
    assert not office.rows(select(person.c.active).where(person.c.username == "yj_helper"))[0].active
    with office.refused("not_found"):
        deactivate(office, "yj_helper")


def test_nobody_deactivates_himself_nor_without_a_reason_nor_without_the_office(office: Office) -> None:
    with office.refused("not_permitted"):
        deactivate(office, "secadmin")
    with office.refused("not_permitted"):
        deactivate(office, "yj_clerk", by="yj_head")
    with office.refused("invalid_request"):
        deactivate(office, "yj_clerk", reason="  ")
    with office.refused("not_permitted"):
        withdraw(office, "yj_clerk", "clerk", by="sysadmin")
    with office.refused("invalid_request"):
        withdraw(office, "yj_clerk", "clerk", reason="")


def test_an_opinion_that_was_asked_for_goes_to_another_whom_nothing_excludes(office: Office) -> None:
    office.hire("yj_section2", "YJ", "section")
    begin(office, YJ, "formal_check")
    office.claim("clerk", "formal_check")
    task = office.task("formal_check").id
    asked = AskOpinion(task, "beside", [office.ids["yj_section"]], "请签署")
    office.act("clerk", lambda c, a: ask_opinion(c, office.services, a, asked, office.now), task)
    (row,) = office.rows(select(task_opinion))
    with office.refused("work_open"):
        deactivate(office, "yj_section")
    with office.refused("separation_of_duty"):
        hand_over(office, "yj_section", {}, opinions={row.id: office.ids["yj_clerk"]})
    done = hand_over(office, "yj_section", {}, opinions={row.id: office.ids["yj_section2"]})
    assert done == HandedOver(0, 1)
    assert office.rows(select(task_opinion.c.person_id))[0].person_id == office.ids["yj_section2"]
    assert office.history()[-1]["kind"] == "opinion_handed_over"
    deactivate(office, "yj_section")


def test_who_holds_a_book_of_tickets_or_money_keeps_his_post_until_he_has_given_it_back(office: Office) -> None:
    taken(office)
    officer = office.ids["cg_officer"]
    with reading(office.engine) as connection:
        held = held_things(connection, officer)
    assert [(one.blank, one.first) for one in held.books] == [(4, 2)]
    assert [(one.amount_fen, one.counted) for one in held.cash] == [(FINE, False)]
    for tries in (lambda: deactivate(office, "cg_officer"), lambda: withdraw(office, "cg_officer", "officer")):
        with office.refused("work_open") as refusal:
            tries()
        assert refusal.missing == ("book_held", "cash_held") and "50.00 元" in refusal.message
    offered(office, held.books[0].id)
    with office.refused("work_open"):
        withdraw(office, "cg_officer", "officer")
    received(office, held.books[0].id, 4, 2)
    spot_by(office, "cg_officer", offer_cash)
    with office.refused("work_open") as refusal:
        withdraw(office, "cg_officer", "officer")
    assert refusal.missing == ("cash_held",)
    spot_by(office, "cg_cashier", receive_cash, FINE)
    with office.refused("work_open") as refusal:
        withdraw(office, "cg_cashier", "cashier")
    assert refusal.missing == ("cash_held",), "the money is the cashier's to pay in now"
    withdraw(office, "cg_officer", "officer")
    office.pay(FINE, pay_code=spot_by(office, "cg_cashier", remit_cash))
    withdraw(office, "cg_cashier", "cashier")
