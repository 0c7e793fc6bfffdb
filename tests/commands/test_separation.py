"""Nobody does two separated acts on one case: at the act, by delegation, by signature, and already at the grant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from service.database.session import transaction
from service.database.tables import delegation, post_holding
from service.demo.county import catalogue
from service.people.separation import EXCLUSIVE_GROUPS, ORDER_GROUPS, post_conflict
from tests.commands.office import Office
from tests.commands.stories import HB, MZ, SG, YJ, ZR
from tests.commands.walking import begin, do, finish, reach

SEPARATION = catalogue()["meta"]["separation"]
ALL_POSTS = ("clerk", "officer", "section", "vice", "head", "printer")

# DOMAIN.md, section 4, row by row: x never in one case, D the county's choice (allowed), = never at all.
TABLE = {
    ("officer", "clerk"): "D",
    ("section", "clerk"): "x",
    ("section", "officer"): "x",
    ("legal", "clerk"): "x",
    ("legal", "officer"): "x",
    ("legal", "section"): "x",
    ("vice", "clerk"): "x",
    ("vice", "officer"): "x",
    ("vice", "section"): "x",
    ("vice", "legal"): "x",
    ("head", "clerk"): "x",
    ("head", "officer"): "x",
    ("head", "section"): "x",
    ("head", "legal"): "x",
    ("head", "vice"): "x",
    ("printer", "clerk"): "D",
    ("printer", "officer"): "D",
    ("printer", "section"): "x",
    ("printer", "legal"): "x",
    ("printer", "vice"): "x",
    ("printer", "head"): "x",
    ("cashier", "clerk"): "x",
    ("cashier", "officer"): "x",
    ("cashier", "section"): "x",
    ("cashier", "legal"): "x",
    ("cashier", "vice"): "x",
    ("cashier", "head"): "x",
    ("cashier", "printer"): "x",
    **{
        (sup, business): "="
        for sup in ("sup1", "sup2", "centre")
        for business in ("clerk", "officer", "section", "legal", "vice", "head", "printer", "cashier")
    },
    # "too": two of the three officers, one of them with a business post, designer with these, sup1 with sup2
    ("sysadmin", "secadmin"): "=",
    ("sysadmin", "auditor"): "=",
    ("secadmin", "auditor"): "=",
    **{
        (officer, business): "="
        for officer in ("sysadmin", "secadmin", "auditor")
        for business in ("clerk", "officer", "section", "legal", "vice", "head", "printer", "cashier")
    },
    **{("designer", other): "=" for other in ("sup1", "sup2", "centre", "sysadmin", "secadmin", "auditor")},
    ("sup1", "sup2"): "=",
    # the two that the table leaves open, decided for the stricter: the centre watches both levels
    ("sup1", "centre"): "=",
    ("sup2", "centre"): "=",
}
POSTS = sorted({post for pair in TABLE for post in pair})


def verdict(one: str, other: str) -> str | None:
    return TABLE.get((one, other)) or TABLE.get((other, one))


def exclusive(one: str, other: str) -> bool:
    return [one, other] in SEPARATION["exclusive_pairs"] or [other, one] in SEPARATION["exclusive_pairs"]


# The matrices ---------------------------------------------------------------------------------------------------------


def test_the_groups_that_exclude_each_other_are_the_catalogues() -> None:
    assert {frozenset(pair) for pair in SEPARATION["exclusive_pairs"]} == EXCLUSIVE_GROUPS
    assert {group for pair in EXCLUSIVE_GROUPS for group in pair} == set(SEPARATION["groups"])
    for one, other, allowed in SEPARATION["county_choice"]:
        assert allowed == "allowed" and not exclusive(one, other)


def test_who_answers_an_order_never_confirms_the_answer() -> None:
    assert frozenset({"supervise", "supervise_level2"}) in ORDER_GROUPS
    assert not ORDER_GROUPS & EXCLUSIVE_GROUPS


@pytest.mark.parametrize("held", POSTS)
def test_posts_are_granted_together_as_the_table_says(held: str) -> None:
    for wanted in POSTS:
        if wanted == held:
            continue
        here, elsewhere = (post_conflict((wanted, place), [(held, "YJ")]) for place in ("YJ", "MZ"))
        expected = verdict(held, wanted)
        assert (here is not None) == (expected in ("x", "=")), (held, wanted)
        assert (elsewhere is not None) == (expected == "="), (held, wanted)


def test_every_pair_of_the_table_is_refused_or_granted_by_the_security_administrator(office: Office) -> None:
    for number, held in enumerate(ALL_POSTS):
        for wanted in (*ALL_POSTS, "cashier", "legal", "sup1", "sup2", "centre", "secadmin"):
            if wanted == held:
                continue
            username = f"new_{number}_{held}_{wanted}"
            office.hire(username, "YJ", held)
            if verdict(held, wanted) == "D" or verdict(held, wanted) is None:
                office.grant(username, wanted, "YJ")
                continue
            with office.refused("separation_of_duty") as refusal:
                office.grant(username, wanted, "YJ")
            assert refusal.missing == ("posts_exclude",)


def test_the_impact_approvals_clerk_cannot_be_granted_the_leaders_posts(office: Office) -> None:
    for leader in ("section", "vice", "head"):
        with office.refused("separation_of_duty"):
            office.grant("hb_clerk", leader, "HB")
    office.grant("hb_clerk", "officer", "HB")


def test_posts_change_hands_when_the_old_one_has_ended(office: Office) -> None:
    office.end_posts("yj_clerk")
    office.grant("yj_clerk", "vice", "YJ")
    with office.refused("separation_of_duty"):
        office.grant("yj_clerk", "clerk", "YJ")


def test_only_the_security_administrator_grants_and_never_to_himself_nor_without_a_reason(office: Office) -> None:
    office.hire("new_one", "YJ")
    for nobody in ("sysadmin", "auditor", "centre", "yj_head"):
        with office.refused("not_permitted"):
            office.grant("new_one", "printer", "YJ", by=nobody)
    with office.refused("not_permitted"):
        office.grant("secadmin", "designer", "KZ")
    for reason in ("", "   "):
        with office.refused("invalid_request"):
            office.grant("new_one", "printer", "YJ", reason=reason)
    for post, department in (("king", "YJ"), ("applicant", "YJ"), ("system", "YJ"), ("printer", "XX")):
        with office.refused("invalid_request"):
            office.grant("new_one", post, department)
    office.grant("new_one", "printer", "YJ")
    with office.refused("invalid_request"):
        office.grant("new_one", "printer", "YJ")


# On real flows --------------------------------------------------------------------------------------------------------


def all_powerful(office: Office, username: str, department: str, *posts: str) -> str:
    """Somebody who got all posts past the grants, as by a hand on the database: the act is the second line."""
    office.hire(username, department)
    rows = [
        {
            "person_id": office.ids[username],
            "department": department,
            "post": post,
            "granted_at": office.now,
            "reason": "-",
        }
        for post in posts or ALL_POSTS
    ]
    with transaction(office.engine) as connection:
        connection.execute(insert(post_holding), rows)
    return username


STEPS = {
    YJ: [
        ("formal_check", "accept"),
        ("site_survey", "investigate"),
        ("section_review", "review"),
        ("decide", "decide"),
        ("print_certificate", "print"),
        ("deliver", "print"),
    ],
    HB: [
        ("formal_check", "accept"),
        ("technical_review", "investigate"),
        ("section_review", "review"),
        ("vice_approve", "approve"),
        ("decide", "decide"),
        ("print_certificate", "print"),
    ],
    MZ: [
        ("formal_check", "accept"),
        ("check_settlement", "investigate"),
        ("section_review", "review"),
        ("decide", "decide"),
        ("collect_old", "accept"),
        ("print_certificate", "print"),
    ],
}


@pytest.mark.parametrize(
    ("item", "first"), [(item, index) for item, steps in STEPS.items() for index in range(len(steps) - 1)]
)
def test_who_did_one_step_does_no_later_one_that_excludes_it(office: Office, item: str, first: int) -> None:
    steps, department = STEPS[item], item.split("-")[1]
    one = all_powerful(office, "one_hand", department)
    begin(office, item, steps[first][0], reg_kind="cancel")
    done: set[str] = set()
    for step, group in steps[first:]:
        reach(office, step)
        task = office.task(step)
        office.advance(to=max(office.now, task.earliest_at or office.now) + timedelta(minutes=1))
        if task.officers == 2:
            office.sign("officer2", step)
        if any(exclusive(group, before) for before in done):
            with office.refused("separation_of_duty") as refusal:
                office.complete(one, step)
            assert refusal.facts["done_group"] in done and refusal.facts["wanted_group"] == group
            with office.refused("separation_of_duty"):
                office.claim(one, step)
            do(office, step)
        else:
            office.complete(one, step)
            done.add(group)
    assert finish(office) == "granted"


def test_who_takes_the_application_in_has_accepted_it(office: Office) -> None:
    one = all_powerful(office, "yj_one", "YJ")
    office.start(YJ, by=one)
    office.put()
    reach(office, "section_review")
    with office.refused("separation_of_duty") as refusal:
        office.complete(one, "section_review")
    assert refusal.facts["done_group"] == "accept"


def test_the_second_officers_signature_counts_as_much_as_the_first(office: Office) -> None:
    one = all_powerful(office, "yj_one", "YJ")
    begin(office, YJ, "site_survey")
    office.sign(one, "site_survey")
    office.advance(minutes=31)
    office.complete("officer", "site_survey")
    reach(office, "section_review")
    for step in ("section_review", "decide"):
        with office.refused("separation_of_duty") as refusal:
            office.complete(one, step)
        assert refusal.facts["done_group"] == "investigate"
        do(office, step)


def test_an_act_that_was_too_early_counts_for_separation_all_the_same(office: Office) -> None:
    one = all_powerful(office, "yj_one", "YJ")
    begin(office, YJ, "site_survey")
    assert office.complete(one, "site_survey").outcome == "halted"
    office.complete("sup1", "site_survey_ruling", halt_ruling="redo")
    reach(office, "section_review")
    with office.refused("separation_of_duty"):
        office.complete(one, "section_review")


def test_a_reviewer_who_sends_back_keeps_his_role(office: Office) -> None:
    one = all_powerful(office, "yj_one", "YJ")
    begin(office, YJ, "section_review")
    office.advance(minutes=11)
    office.complete(one, "section_review", review_result="back")
    office.advance(minutes=31)
    with office.refused("separation_of_duty"):
        office.sign(one, "site_survey")
    with office.refused("separation_of_duty"):
        office.complete(one, "site_survey")


# Delegation -----------------------------------------------------------------------------------------------------------


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
