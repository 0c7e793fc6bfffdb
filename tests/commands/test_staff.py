"""无人可办: at acceptance, and when posts change, a case names the steps that nobody could do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from service.commands.leave import EnterLeave, end_leave, enter_leave
from service.database.session import transaction
from service.database.tables import case, notice, post_holding
from service.reads.case_view import find_case
from service.reads.staffing import unstaffed_now
from tests.commands.office import Office
from tests.commands.stories import HB, ITEMS, YJ
from tests.commands.walking import begin, do, reach


def without(office: Office, username: str) -> None:
    """The person's posts end before anything is in hand; no command is asked."""
    ended = update(post_holding).where(post_holding.c.person_id == office.ids[username]).values(ended_at=office.now)
    with transaction(office.engine) as connection:
        connection.execute(ended)


def said(office: Office) -> list[dict[str, Any]]:
    """Every time that the case has said it."""
    return [row for row in office.history() if row["kind"] in ("nobody_eligible", "somebody_eligible")]


def told(office: Office) -> list[Any]:
    """Notices to the security administrator."""
    return list(office.rows(select(notice).where(notice.c.recipient == office.ids["secadmin"]).order_by(notice.c.id)))


def test_the_county_has_somebody_for_every_step_of_every_item(office: Office) -> None:
    for item in ITEMS:
        number = office.start(item)
        with office.looking() as connection:
            found = find_case(connection, office.services, None, number)
            assert found is not None
            assert unstaffed_now(connection, found, office.now) == (), item


def test_a_case_that_is_accepted_names_the_coming_step_of_nobody(office: Office) -> None:
    for username in ("yj_vice", "yj_head"):
        without(office, username)
    begin(office, YJ, "site_survey")
    assert said(office) == [], "it is looked at after the act, which it does not hold up"
    office.deliver()
    (event,) = said(office)
    steps = event["payload"]["steps"]
    assert [(one["element"], one["post"], one["why"]) for one in steps] == [("decide", "vice", "no_holder")]
    (notice_,) = told(office)
    assert notice_.kind == "nobody_eligible" and office.number in notice_.text and "分管负责人" in notice_.text


def test_two_officers_are_needed_where_the_law_wants_two(office: Office) -> None:
    begin(office, YJ, "formal_check")
    without(office, "yj_officer2")
    do(office, "formal_check")
    office.deliver()
    whys = {one["element"]: one["why"] for event in said(office) for one in event["payload"]["steps"]}
    assert whys.get("site_survey") == "one_officer"


def test_who_has_accepted_it_does_not_count_for_the_review(office: Office) -> None:
    office.hire("yj_both", "YJ", "section")
    for username in ("yj_section", "yj_section2"):
        if username in office.ids:
            without(office, username)
    begin(office, YJ, "site_survey")
    office.deliver()
    assert said(office) == []
    with transaction(office.engine) as connection:
        row = connection.execute(select(case).where(case.c.number == office.number)).one()
        ledger = {**row.actors, "accept": [office.ids["yj_both"]]}
        connection.execute(update(case).where(case.c.id == row.id).values(actors=ledger))
    office.end_posts("yj_clerk")
    office.deliver()
    whys = {one["element"]: one["why"] for event in said(office) for one in event["payload"]["steps"]}
    assert whys.get("section_review") == "excluded"
    with transaction(office.engine) as connection:
        connection.execute(update(case).where(case.c.id == row.id).values(actors=row.actors))


def test_a_post_that_ends_is_told_once_and_each_case_says_so(office: Office) -> None:
    numbers = [begin(office, YJ, "site_survey") or office.number for _ in range(3)]
    office.deliver()
    before = len(told(office))
    office.end_posts("yj_vice")
    office.deliver()
    mine = told(office)[before:]
    assert len(mine) == 1 and "3 件办件" in mine[0].text and mine[0].channel == "sms"
    for number in numbers:
        kinds = [row["kind"] for row in office.history(number)]
        assert kinds[-1] == "nobody_eligible"


def test_a_task_that_nobody_is_left_for_is_told_of_too(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.deliver()
    for username in [name for name in office.ids if name.startswith("yj_section")]:
        office.end_posts(username)
    office.deliver()
    steps = said(office)[-1]["payload"]["steps"]
    assert "section_review" in [one["element"] for one in steps]
    assert any(office.number in one.text for one in told(office))


def test_a_post_that_is_granted_closes_the_gap(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.end_posts("yj_vice")
    office.deliver()
    assert said(office)[-1]["kind"] == "nobody_eligible"
    office.hire("yj_new", "YJ", "vice")
    office.deliver()
    assert said(office)[-1]["kind"] == "somebody_eligible"
    office.hire("hb_new", "HB", "vice")
    office.deliver()
    assert len(said(office)) == 2, "another department's post changes nothing here"


def test_looking_twice_says_nothing_twice(office: Office) -> None:
    begin(office, HB, "formal_check")
    for username in ("hb_vice", "hb_head"):
        without(office, username)
    reach(office, "technical_review")
    office.deliver()
    once = len(said(office))
    office.end_posts("hb_printer")
    office.deliver()
    office.deliver()
    assert len(said(office)) <= once + 1


def on_leave(office: Office, who: str, days: int) -> int:
    """From today on; the worker does what is due."""
    ends = office.today + timedelta(days=days)
    command = EnterLeave(office.ids[office.username(who)], office.today, ends, "年休假")
    with transaction(office.engine) as connection:
        leave_id = enter_leave(connection, office.services, office.actor(who), command, office.now)
    office.deliver()
    return leave_id


def whys(office: Office) -> list[list[tuple[str, str]]]:
    return [[(one["element"], one["why"]) for one in row["payload"].get("steps", [])] for row in said(office)]


def test_a_step_whose_only_person_is_on_leave_until_the_case_is_due_is_named_and_said_to_be_done_again(
    office: Office,
) -> None:
    without(office, "yj_head")
    begin(office, YJ, "section_review")
    office.deliver()
    assert whys(office) == []
    on_leave(office, "vice", 40)
    assert whys(office) == [[("decide", "on_leave")]]
    (notice_,) = told(office)
    assert "请假" in notice_.text and office.number in notice_.text and "分管负责人" in notice_.text
    office.advance(days=41)
    office.deliver()
    assert whys(office)[-1] == [], "the leave is over"


def test_who_is_back_before_the_case_is_due_is_waited_for_but_not_at_an_open_step(office: Office) -> None:
    without(office, "yj_head")
    begin(office, YJ, "section_review")
    office.deliver()
    on_leave(office, "vice", 1)
    assert whys(office) == []
    office.advance(days=3)
    do(office, "section_review")
    leave_id = on_leave(office, "vice", 1)
    assert whys(office) == [[("decide", "on_leave")]]
    with transaction(office.engine) as connection:
        end_leave(connection, office.actor("vice"), leave_id, office.now)
    office.deliver()
    assert whys(office) == [[("decide", "on_leave")], []]


def test_a_case_that_is_accepted_while_somebody_is_away_names_the_step(office: Office) -> None:
    without(office, "yj_head")
    office.start(YJ)
    office.put()
    on_leave(office, "vice", 40)
    do(office, "formal_check")
    office.deliver()
    assert whys(office) == [[("decide", "on_leave")]]
