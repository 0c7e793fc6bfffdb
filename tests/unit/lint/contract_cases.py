"""For every rule of the county's contract: a diagram that breaks it, one that does not, and what stands beside it."""

from __future__ import annotations

from tests.unit.lint.drawing import (
    Case,
    boundary,
    caught,
    draw,
    element,
    ends,
    flows,
    fork,
    form,
    inside,
    line,
    timer,
    user,
    xor,
)

GOOD = line(user("a"))
TOO_EARLY = '<error id="too_early" errorCode="TOO_EARLY"/>'
CALL = element("callActivity", "c", attributes='calledElement="payment"')
PAYMENT = line(user("pay", "cashier", "collect"), key="payment")
SURVEY = user("a", "officer", "investigate")
MINIMUM = boundary("a_minimum", "a", timer("'PT30M'", "timeDuration"), "minimum")
WAY_OUT = boundary("a_too_early", "a", caught(), "too_early", interrupting=True)
RULING = user("a_ruling", "sup1", "supervise", halts="case")
RULED = xor("r", "a")
AROUND = ends("e1", "e2") + flows("a_minimum -> e1")
HALT = ("a_too_early -> a_ruling", "a_ruling -> r", "r -> a", "r -> b if halt_ruling == 'release'")


def surveyed(*parts: str, arrows: tuple[str, ...] = HALT) -> bytes:
    """A survey followed by a review, with what stands on the survey."""
    steps = (SURVEY, user("b", "section", "review"))
    return line(*steps, beside="".join(parts) + flows(*arrows), extra=TOO_EARLY)


HALTING = surveyed(MINIMUM, WAY_OUT, RULING, RULED, AROUND)


def limited(events: str, *steps: str) -> bytes:
    return line(*(steps or (user("a"),)), beside=events + ends("e") + flows("l -> e"))


def called(xml: bytes = PAYMENT) -> dict[str, dict[str, bytes]]:
    return {"called": {"payment": xml}}


def handling(*beside: str) -> bytes:
    inner = inside("handling", '<startEvent id="i"/>', user("a"), ends("e"), flows("i -> a", "a -> e"))
    return draw(inner, *beside, flows("start -> handling", "handling -> end"))


def routed(condition: str) -> bytes:
    way = flows("start -> a", "a -> g", f"g -> b if {condition}", "g -> end", "b -> end")
    return draw(user("a"), xor("g", "end"), user("b"), way)


def stopping(events: str = "", **values: str) -> bytes:
    return line(user("a", stopsClock="true", **values), beside=events)


def joined(to: str) -> bytes:
    nodes = (user("a"), fork("f"), user("b"), user("c"), fork("j"))
    way = flows("start -> a", "a -> f", "f -> b", "f -> c", "b -> j", "c -> j", "j -> d", "d -> end")
    return draw(*nodes, user("d", post="section", group="review", sendBackTo=to), way)


def sent_back(to: str, group: str = "review", beside: str = "clerk") -> bytes:
    return line(user("a", post=beside), user("b", post="section", group=group, sendBackTo=to))


CONTRACT_CASES: dict[str, Case] = {
    "call_unknown": Case(line(CALL), line(CALL), "c", {}, called()),
    "call_unreadable": Case(line(CALL), line(CALL), "c", called(b"<nothing"), called()),
    "call_recursion": Case(line(CALL), line(CALL), "c", called(line(CALL, key="payment")), called()),
    "call_id_clash": Case(
        draw(CALL, inside("x", '<startEvent id="i"/>'), flows("start -> c", "c -> end")),
        line(CALL),
        "c",
        called(draw(inside("x", '<startEvent id="i"/>'), key="payment")),
        called(),
    ),
    "gate_bad_expression": Case(line(user("a", gate="fee_settled()")), line(user("a", gate="fee_settled")), "a"),
    "name_unknown": Case(routed("resul == 1"), routed("result == 1"), "g__b", {"forms": {"a": form("result")}}),
    "name_set_later": Case(
        routed("late == 1"), routed("early == 1"), "g__b", {"forms": {"a": form("early"), "b": form("late")}}
    ),
    "property_unknown": Case(line(user("a", formkey="a")), GOOD, "a"),
    "property_value": Case(stopping().replace(b'value="true"', b'value="yes"'), stopping(), "a"),
    "officers_not_two": Case(line(user("a", officers="3")), line(user("a", officers="2")), "a"),
    "department_unknown": Case(line(user("a", department="XX")), line(user("a", department="SL")), "a"),
    "department_twice": Case(
        line(user("a", department="SL", departmentFrom="d")), line(user("a", department="SL")), "a"
    ),
    "department_never_named": Case(
        line(user("a", departmentFrom="d"), user("b")),
        line(user("a"), user("b", departmentFrom="d")),
        "a",
        {"forms": {"a": form("d"), "b": form()}},
    ),
    "recorded_day_bad_name": Case(line(user("a", recordsDay="sent")), line(user("a", recordsDay="sent_on")), "a"),
    "send_back_unknown": Case(sent_back("c"), sent_back("a"), "b"),
    "send_back_outside": Case(sent_back("a", beside="applicant"), sent_back("a"), "b"),
    "send_back_not_earlier": Case(joined("b"), joined("a"), "d"),
    "send_back_by_nobody": Case(sent_back("a", group="investigate"), sent_back("a"), "b"),
    "stop_basis_missing": Case(stopping(), stopping(stopBasis="行政许可法 45"), "a"),
    "post_missing": Case(line(user("a", post="")), GOOD, "a"),
    "post_unknown": Case(line(user("a", post="clark")), GOOD, "a"),
    "form_key_missing": Case(line(user("a", formKey="")), GOOD, "a"),
    "form_missing": Case(line(user("b")), GOOD, "b", {"forms": {"a": form()}}),
    "material_unknown": Case(
        line(user("a", requiredMaterials="photos|map")),
        line(user("a", requiredMaterials="photos")),
        "a",
        {"materials": ["photos"]},
    ),
    "operation_missing": Case(line('<serviceTask id="s"/>'), GOOD, "s"),
    "operation_unknown": Case(
        line(element("serviceTask", "s", operation="publich")),
        line(element("serviceTask", "s", operation="publish")),
        "s",
    ),
    "print_without_fee_gate": Case(
        line(user("a", "printer", "print", printsDocument="certificate", gate="decision == 'grant'")),
        line(user("a", "printer", "print", printsDocument="certificate", gate="fee_settled")),
        "a",
    ),
    "separation_group_unknown": Case(line(user("a", group="revue")), line(user("a", group="review")), "a"),
    "separation_group_missing": Case(line(user("a", group="")), line(user("a", post="applicant", group="")), "a"),
    "same_post_in_exclusive_groups": Case(
        line(user("a", "section", "review"), fork("f"), user("b", "section", "decide")),
        line(user("a", "section", "review"), fork("f"), user("b", "vice", "decide")),
        "b",
    ),
    "role_missing": Case(
        limited(boundary("l", "a", timer("hours(1)"))),
        limited(boundary("l", "a", timer("hours(1)"), "step_limit")),
        "l",
    ),
    "role_unknown": Case(
        limited(boundary("l", "a", timer("hours(1)"), "steplimit")),
        limited(boundary("l", "a", timer("hours(1)"), "step_limit")),
        "l",
    ),
    "role_mismatch": Case(
        limited(boundary("l", "a", timer("hours(1)"), "step_limit", interrupting=True)),
        limited(boundary("l", "a", timer("hours(1)"), "move", interrupting=True)),
        "l",
    ),
    "boundary_name": Case(limited(boundary("l", "a", timer("hours(1)"), "step_limit")), HALTING, "l"),
    "limit_takes_work": Case(
        line(
            user("a"),
            user("b"),
            beside=boundary("a_limit", "a", timer("hours(1)"), "step_limit") + flows("a_limit -> b"),
        ),
        line(
            user("a"),
            user("b"),
            beside=boundary("a_limit", "a", timer("hours(1)"), "step_limit") + ends("e") + flows("a_limit -> e"),
        ),
        "a_limit",
    ),
    "statutory_limit_missing": Case(
        handling(),
        handling(
            boundary("handling_statutory", "handling", timer("working_days(20)"), "statutory_limit"),
            ends("red"),
            flows("handling_statutory -> red"),
        ),
        "handling",
    ),
    "stop_without_end": Case(
        stopping(), stopping(boundary("a_limit", "a", timer("working_days(15)"), "step_limit")), "a"
    ),
    "minimum_without_way_out": Case(surveyed(MINIMUM, AROUND, arrows=()), HALTING, "a"),
    "too_early_without_minimum": Case(surveyed(WAY_OUT, RULING, RULED), HALTING, "a_too_early"),
    "ruling_missing": Case(surveyed(MINIMUM, WAY_OUT, AROUND, arrows=("a_too_early -> b",)), HALTING, "a_too_early"),
    "ruling_ways_out": Case(
        surveyed(MINIMUM, WAY_OUT, RULING, AROUND, arrows=("a_too_early -> a_ruling", "a_ruling -> a")),
        HALTING,
        "a_ruling",
    ),
    "ruling_ends_case": Case(
        surveyed(MINIMUM, WAY_OUT, RULING, RULED, AROUND, arrows=(*HALT, "r -> e2 if halt_ruling == 'stop'")),
        HALTING,
        "a_ruling",
    ),
}
