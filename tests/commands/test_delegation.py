"""Who acts for another counts as himself and as the other; some power is never lent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from service.database.session import transaction
from service.database.tables import delegation
from tests.commands.office import Office
from tests.commands.stories import HB, SG, YJ, ZR
from tests.commands.walking import begin, do, reach


def test_one_clerk_with_every_leaders_post_lent_is_refused_the_first_excluded_act_of_2_minutes_33_seconds(
    office: Office,
) -> None:
    number = office.start(ZR)
    office.put()
    for leader in ("section", "vice"):
        office.lend(f"zr_{leader}", leader, "clerk")
    began = office.now
    office.advance(to=began + timedelta(minutes=1, seconds=5))
    office.complete("clerk", "formal_check")
    office.advance(to=began + timedelta(minutes=2, seconds=33))
    with office.refused("separation_of_duty") as refusal:
        office.complete("clerk", "section_review")
    assert refusal.facts == {"done_group": "accept", "wanted_group": "review"}
    tried = office.history(number)[-1]
    assert (tried["kind"], tried["actor"]) == ("act_refused", office.ids["zr_clerk"])
    assert office.open_steps() == ["section_review"]


def test_the_impact_approval_in_2_minutes_33_seconds_halts_at_its_review_and_goes_no_further(office: Office) -> None:
    office.start(HB)
    office.put()
    office.grant("hb_clerk", "officer", "HB")
    for leader in ("section", "vice", "head"):
        office.lend(f"hb_{leader}", leader, "clerk")
    began = office.now
    office.advance(to=began + timedelta(minutes=1))
    office.complete("clerk", "formal_check")
    office.advance(to=began + timedelta(minutes=2, seconds=33))
    assert office.complete("clerk", "technical_review").outcome == "halted"
    office.complete("sup1", "technical_review_ruling", halt_ruling="redo")
    office.advance(hours=2)
    office.sign("officer2", "technical_review")
    office.complete("clerk", "technical_review")
    office.advance(working_days=6)
    with office.refused("separation_of_duty"):
        office.complete("clerk", "section_review")
    assert office.case().status == "open" and office.case().decided_on is None


def test_a_delegate_is_recorded_with_his_principal_and_both_are_bound(office: Office) -> None:
    office.lend("yj_section", "section", "yj_printer")
    begin(office, YJ, "section_review")
    office.advance(minutes=11)
    office.complete("printer", "section_review")
    event = office.history(kind="task_completed")[-1]
    assert (event["actor"], event["principal"], event["post"]) == (
        office.ids["yj_printer"],
        office.ids["yj_section"],
        "section",
    )
    assert sorted(office.case().actors["review"]) == sorted([office.ids["yj_printer"], office.ids["yj_section"]])
    reach(office, "print_certificate")
    with office.refused("separation_of_duty"):
        office.complete("printer", "print_certificate")
    office.end_posts("yj_section")
    office.grant("yj_section", "printer", "YJ")
    with office.refused("separation_of_duty") as refusal:
        office.complete("section", "print_certificate")
    assert refusal.facts["done_group"] == "review"
    office.hire("yj_printer2", "YJ", "printer")
    office.complete("yj_printer2", "print_certificate")


def test_a_delegate_may_not_do_what_his_principal_has_excluded_himself_from(office: Office) -> None:
    office.hire("yj_helper", "YJ")
    begin(office, YJ, "section_review")
    do(office, "section_review")
    office.end_posts("yj_section")
    office.grant("yj_section", "vice", "YJ")
    office.lend("yj_section", "vice", "yj_helper")
    office.advance(minutes=5)
    with office.refused("separation_of_duty"):
        office.complete("yj_helper", "decide")
    office.lend("yj_vice", "vice", "yj_helper")
    office.complete("yj_helper", "decide")
    assert office.history(kind="task_completed")[-1]["principal"] == office.ids["yj_vice"]


def test_an_own_post_comes_before_a_lent_one(office: Office) -> None:
    office.hire("yj_section2", "YJ", "section")
    office.lend("yj_section", "section", "yj_section2")
    begin(office, YJ, "section_review")
    office.complete("yj_section2", "section_review")
    assert office.history(kind="task_completed")[-1]["principal"] is None
    assert office.case().actors["review"] == [office.ids["yj_section2"]]


def test_a_delegation_holds_from_its_first_to_its_last_moment_and_ends_with_the_post_or_by_recall(
    office: Office,
) -> None:
    office.hire("yj_helper", "YJ")
    begin(office, YJ, "decide")
    office.lend("yj_vice", "vice", "yj_helper", days=2)
    ends = office.now + timedelta(days=2)
    office.advance(minutes=5)
    office.claim("yj_helper", "decide")
    office.release("yj_helper", "decide")
    office.advance(to=ends)
    with office.refused("not_permitted"):
        office.claim("yj_helper", "decide")
    lent = office.lend("yj_vice", "vice", "yj_helper")
    office.claim("yj_helper", "decide")
    office.release("yj_helper", "decide")
    with transaction(office.engine) as connection:
        connection.execute(update(delegation).where(delegation.c.id == lent).values(revoked_at=office.now))
    with office.refused("not_permitted"):
        office.claim("yj_helper", "decide")
    office.lend("yj_vice", "vice", "yj_helper")
    office.end_posts("yj_vice")
    with office.refused("not_permitted"):
        office.claim("yj_helper", "decide")


def test_a_lent_post_is_not_lent_on_and_only_leaders_lend(office: Office) -> None:
    office.hire("yj_helper", "YJ")
    office.lend("yj_vice", "vice", "yj_helper")
    with office.refused("not_permitted"):
        office.lend("yj_helper", "vice", "yj_clerk")
    for holder, post in (("yj_clerk", "clerk"), ("yj_officer", "officer"), ("yj_sup1", "sup1"), ("sup2", "sup2")):
        with office.refused("not_permitted"):
            office.lend(holder, post, "yj_helper")
    with office.refused("not_permitted"):
        office.lend("yj_vice", "head", "yj_helper")
    with office.refused("invalid_request"):
        office.lend("yj_vice", "vice", "yj_vice")
    with office.refused("invalid_request"):
        office.lend("yj_vice", "vice", "yj_helper", days=0)
    with office.refused("invalid_request"):
        office.lend("yj_vice", "vice", "yj_helper", reason=" ")


@pytest.mark.parametrize("watcher", ["yj_sup1", "sup2", "centre", "secadmin", "sysadmin", "auditor", "mz_sup1"])
def test_who_supervises_or_administers_is_lent_no_power_over_cases(office: Office, watcher: str) -> None:
    with office.refused("separation_of_duty"):
        office.lend("yj_vice", "vice", watcher)


@pytest.mark.parametrize("post", ["sup1", "secadmin"])
def test_who_has_a_leaders_post_on_loan_is_not_made_supervisor_or_administrator(office: Office, post: str) -> None:
    office.hire("yj_helper", "YJ")
    office.lend("yj_vice", "vice", "yj_helper", days=10)
    with office.refused("separation_of_duty"):
        office.grant("yj_helper", post, "YJ")
    office.advance(days=11)
    office.grant("yj_helper", post, "YJ")


def test_two_officers_are_two_who_are_qualified_themselves(office: Office) -> None:
    """The law asks for two enforcement officers: nobody signs by a post that was lent to him."""
    office.hire("yj_helper", "YJ")
    begin(office, YJ, "site_survey")
    with transaction(office.engine) as connection:
        connection.execute(
            insert(delegation).values(
                principal_id=office.ids["yj_officer"],
                delegate_id=office.ids["yj_helper"],
                post="officer",
                department="YJ",
                starts_at=office.now,
                ends_at=office.now + timedelta(days=9),
                reason="-",
                created_at=office.now,
            )
        )
    with office.refused("not_permitted"):
        office.sign("yj_helper", "site_survey")
    office.sign("officer2", "site_survey")
    office.advance(minutes=31)
    with office.refused("not_permitted"):
        office.complete("yj_helper", "site_survey")
    office.complete("officer", "site_survey")


def test_a_supervisor_who_became_level_2_does_not_confirm_his_own_answer(office: Office) -> None:
    begin(office, SG, "site_survey")
    office.complete("officer", "site_survey")
    office.deliver()
    (order,) = office.orders()
    office.complete("sg_sup1", "sign", order.number)
    office.complete("sg_sup1", "answer", order.number)
    office.end_posts("sg_sup1")
    office.grant("sg_sup1", "sup2", "JW")
    with office.refused("separation_of_duty"):
        office.complete("sg_sup1", "confirm", order.number)
    office.complete("sup2", "confirm", order.number)


def test_somebody_who_has_left_does_nothing_any_more(office: Office) -> None:
    begin(office, YJ, "site_survey")
    office.end_posts("yj_officer")
    with office.refused("not_permitted"):
        office.complete("officer", "site_survey")
