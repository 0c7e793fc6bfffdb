"""The supervision order runs: the handler's rung, two rungs of escalation, and an answer that ends them."""

from __future__ import annotations

import pytest

from tests.processes.driving import Case

ORDER_OPERATIONS = {
    "notify_level2": lambda variables: variables.update(escalated=True),
    "notify_centre": lambda variables: variables.update(centre_notified=True),
}


def order() -> Case:
    return Case("supervision_order", ORDER_OPERATIONS)


def test_an_order_signed_and_answered_in_time_closes_without_escalation() -> None:
    with order() as case:
        assert case.open() == ["sign"]
        case.complete("sign")
        case.complete("answer")
        assert case.open() == ["confirm"]
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()
        assert case.engine.operated == ["notify_level1", "notify_confirm"]


def test_an_order_not_signed_in_four_office_hours_goes_to_level_2_and_can_still_be_signed() -> None:
    with order() as case:
        case.pass_time(hours=5)
        assert case.open() == ["sign", "urge"]
        case.complete("sign")
        assert case.open() == ["answer", "urge"]
        case.complete("urge")
        assert case.open() == ["answer", "wait_answer"]
        assert case.engine.operated == ["notify_level1", "notify_level2", "notify_urged"]
        case.complete("answer")
        assert case.open() == ["confirm"]
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()


def test_an_answer_that_level_2_does_not_confirm_in_a_working_day_is_told_to_the_centre_and_still_waits() -> None:
    with order() as case:
        case.complete("sign")
        case.complete("answer")
        case.pass_time(days=2)
        assert case.engine.operated == ["notify_level1", "notify_confirm", "notify_confirm_late"]
        assert case.open() == ["confirm"] and "confirm_late" in case.ended()
        case.complete("confirm", confirm_result="returned")
        case.complete("answer")
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()


def test_a_second_limit_that_passes_does_not_start_a_second_escalation() -> None:
    with order() as case:
        case.pass_time(hours=5)
        case.complete("sign")
        case.pass_time(days=4)
        assert case.engine.operated.count("notify_level2") == 1
        assert "already_escalated" in case.ended()


def test_an_order_that_nobody_answers_reaches_the_control_centre_once() -> None:
    with order() as case:
        case.pass_time(hours=5)
        case.complete("sign")
        case.pass_time(days=4)
        assert "centre_demand" in case.open()
        case.complete("urge")
        case.pass_time(days=4)
        assert case.engine.operated.count("notify_centre") == 1
        assert "already_at_centre" in case.ended()
        case.complete("centre_demand")
        case.complete("answer")
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()


def test_an_order_urged_in_time_reaches_the_control_centre_a_working_day_later() -> None:
    with order() as case:
        case.pass_time(hours=5)
        case.complete("urge")
        case.pass_time(days=2)
        assert case.open() == ["centre_demand", "sign"]
        case.pass_time(days=5)
        assert "centre_demand_limit_passed" in case.ended()


def test_an_answer_that_is_returned_is_given_again_without_a_second_signature() -> None:
    with order() as case:
        case.complete("sign")
        case.complete("answer")
        case.complete("confirm", confirm_result="returned")
        assert case.open() == ["answer"]
        case.complete("answer")
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()


def test_a_returned_answer_that_comes_late_again_escalates_again() -> None:
    with order() as case:
        case.pass_time(hours=5)
        case.complete("sign")
        case.complete("answer")
        case.complete("confirm", confirm_result="returned")
        case.pass_time(days=3)
        assert case.open() == ["answer", "urge"]
        assert case.engine.operated.count("notify_level2") == 2


@pytest.mark.parametrize("signed", [False, True])
def test_the_ruling_in_the_case_answers_the_order(signed: bool) -> None:
    with order() as case:
        if signed:
            case.complete("sign")
        case.receive("answered_in_case")
        assert case.open() == ["confirm"]
        case.complete("confirm", confirm_result="accepted")
        assert case.is_closed()


def test_the_ruling_in_the_case_ends_an_escalation_under_way() -> None:
    with order() as case:
        case.pass_time(hours=5)
        case.complete("urge")
        case.receive("answered_in_case")
        assert case.open() == ["confirm"]


def sent_to_the_handler(case: Case) -> None:
    case.complete("sign", sent_to="handler")
    assert case.open() == ["handler_sign"]
    case.complete("handler_sign")
    case.complete("handler_answer")


def test_what_the_handler_has_mended_and_level_1_accepts_is_settled_without_level_2() -> None:
    with order() as case:
        sent_to_the_handler(case)
        assert case.open() == ["judge"]
        case.complete("judge", judge_result="accepted")
        assert case.is_closed()
        assert case.engine.operated == ["notify_level1", "notify_handler", "notify_judge", "settle_level1"]


def test_level_1_sends_back_what_is_not_mended() -> None:
    with order() as case:
        sent_to_the_handler(case)
        case.complete("judge", judge_result="returned")
        assert case.open() == ["handler_answer"]
        case.complete("handler_answer")
        case.complete("judge", judge_result="accepted")
        assert case.is_closed()


def test_a_handler_who_does_not_sign_in_four_office_hours_is_told_on_and_the_order_climbs() -> None:
    with order() as case:
        case.complete("sign", sent_to="handler")
        case.pass_time(hours=5)
        assert case.open() == ["handler_sign", "urge"]
        assert case.engine.operated[2:] == ["notify_late", "notify_level2"]
        case.complete("handler_sign")
        case.pass_time(days=2)
        assert case.engine.operated.count("notify_level2") == 1
        case.complete("handler_answer")
        case.complete("judge", judge_result="accepted")
        assert case.open() == ["confirm"], "what has climbed is not closed below"


@pytest.mark.parametrize("step", ["handler_answer", "judge"])
def test_an_answer_or_a_judgement_that_does_not_come_in_a_working_day_climbs(step: str) -> None:
    with order() as case:
        case.complete("sign", sent_to="handler")
        case.complete("handler_sign")
        if step == "judge":
            case.complete("handler_answer")
        case.pass_time(days=2)
        assert case.open() == sorted([step, "urge"])


def test_level_2_confirms_what_came_from_above_though_nothing_was_late() -> None:
    with order() as case:
        case.variables.update(level2_confirms=True)
        sent_to_the_handler(case)
        case.complete("judge", judge_result="accepted")
        assert case.open() == ["confirm"]
        case.complete("confirm", confirm_result="returned")
        assert case.open() == ["answer"]
        case.complete("answer")
        assert case.open() == ["confirm"], "an earlier judgement of level 1 closes no later answer"


def test_what_level_1_sends_straight_to_a_handler_asks_no_signature_of_level_1() -> None:
    case = order()
    case.variables.update(direct=True)
    with case:
        assert case.open() == ["handler_sign"]
        assert case.engine.operated == ["notify_handler"]
