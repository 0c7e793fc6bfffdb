"""Which way a case goes: the order of branches, defaults, several branches at once, and waits for what comes first."""

from __future__ import annotations

import pytest

from service.engine import EngineFailure
from tests.engine.county import desk
from tests.engine.drawing import (
    EVENTS,
    INCLUSIVE,
    PARALLEL,
    XOR,
    after,
    boundary,
    call,
    catch,
    draw,
    on_message,
    scope,
    user,
)

TWO_HOLD = """
start -> g
g -> a if n > 1
g -> b if n > 0
g -> c
a -> end
b -> end
c -> end
"""
UPSIDE_DOWN = {"a": 900, "b": 500, "c": 100}


@pytest.mark.parametrize(("n", "chosen"), [(2, "a"), (1, "b"), (0, "c")])
@pytest.mark.parametrize("outgoing", [True, False])
def test_conditions_are_tried_in_the_order_of_the_flows(n: int, chosen: str, outgoing: bool) -> None:
    """Trap: the library sorts the branches by where they are drawn, so that moving a box changes the law."""
    xml = draw("p", TWO_HOLD, g=XOR, y=UPSIDE_DOWN, outgoing=outgoing)
    assert desk(xml, variables={"n": n}).steps == [chosen]


def test_the_outgoing_list_of_the_gateway_wins_over_the_order_of_the_flows() -> None:
    """Trap: the order that counts is the gateway's own list, wherever the flows themselves stand in the file."""
    xml = draw("p", TWO_HOLD, g=XOR)
    first, second = b"<bpmn:outgoing>f_g_a_1</bpmn:outgoing>", b"<bpmn:outgoing>f_g_b_2</bpmn:outgoing>"
    swapped = xml.replace(first + second, second + first)
    assert swapped != xml
    assert desk(swapped, variables={"n": 2}).steps == ["b"]


def test_gateways_of_one_id_in_two_diagrams_keep_their_own_order() -> None:
    """Trap: ids are unique in a diagram, not in a bundle; the shared diagram's `g` must not order ours."""
    shared = draw("shared", "start -> g\ng -> u if n > 5\ng -> v\nu -> end\nv -> end", g=XOR)
    main = draw("p", TWO_HOLD.replace("c -> end", "c -> sub -> end"), g=XOR, sub=call("shared"), y=UPSIDE_DOWN)
    for diagrams in ((main, shared), (shared, main)):
        assert desk(*diagrams, variables={"n": 2}).steps == ["a"]


def test_one_step_may_be_the_target_of_two_flows_of_a_gateway() -> None:
    """Trap: branches told apart by target alone put the third condition before the second."""
    lines = "start -> g\ng -> a if n == 1\ng -> b if n < 5\ng -> a if n < 3\ng -> end\na -> end\nb -> end"
    xml = draw("p", lines, g=XOR)
    assert [desk(xml, variables={"n": n}).steps for n in (1, 2, 7)] == [["a"], ["b"], []]


def test_a_branch_to_a_step_with_timers_keeps_its_place() -> None:
    """Trap: a step with boundary events stands in the model under another name than in the diagram."""
    xml = draw("p", TWO_HOLD + "late -> end", g=XOR, y=UPSIDE_DOWN, late=boundary("a", after("'P1D'")))
    assert desk(xml, variables={"n": 2}).steps == ["a"]


def test_a_gateway_without_a_branch_to_take_is_an_engine_failure() -> None:
    xml = draw("p", "start -> a -> g\ng -> b if n == 1\ng -> c if n == 2\nb -> end\nc -> end", g=XOR)
    case = desk(xml, variables={"n": 3})
    state = case.state
    with pytest.raises(EngineFailure):
        case.complete("a")
    assert case.state == state


def test_a_condition_sees_variables_then_derived_ones_then_facts() -> None:
    xml = draw(
        "p",
        "start -> g\ng -> a if large and fee_settled\ng -> end\na -> end",
        g=XOR,
        properties={"variable:large": "beds >= 20"},
    )
    assert desk(xml, variables={"beds": 20}, facts={"fee_settled": True}).steps == ["a"]
    assert desk(xml, variables={"beds": 19}, facts={"fee_settled": True}).steps == []
    assert desk(xml, variables={"beds": 20}).steps == []


def test_a_called_diagram_may_bring_derived_variables_of_its_own() -> None:
    xml = draw("p", "start -> c -> end", c=call("q"), properties={"variable:both": "beds > 1"})
    lines = "start -> g\ng -> a if large and both\ng -> b\na -> end\nb -> end"
    called = draw("q", lines, g=XOR, properties={"variable:large": "beds >= 20", "variable:both": "False"})
    assert desk(xml, called, variables={"beds": 20}).steps == ["a", "c"]
    assert desk(xml, called, variables={"beds": 19}).steps == ["b", "c"]
    assert desk(xml, called).model.names == {"beds"}


def test_derived_variables_that_need_each_other_fail_the_act() -> None:
    properties = {"variable:x": "y", "variable:y": "x"}
    case = desk(draw("p", "start -> a -> g\ng -> b if x\ng -> end\nb -> end", g=XOR, properties=properties))
    with pytest.raises(EngineFailure):
        case.complete("a")


def test_an_inclusive_gateway_waits_for_every_branch_that_it_opened() -> None:
    lines = "start -> i\ni -> a if n > 0\ni -> b if n > 1\ni -> c\na -> j\nb -> j\nc -> j\nj -> z -> end"
    xml = draw("p", lines, i=INCLUSIVE, j=INCLUSIVE)
    both = desk(xml, variables={"n": 2})
    assert both.steps == ["a", "b"]
    both.complete("b")
    assert both.steps == ["a"]
    both.complete("a")
    assert both.steps == ["z"]
    one = desk(xml, variables={"n": 1})
    one.complete("a")
    assert one.steps == ["z"]
    assert desk(xml, variables={"n": 0}).steps == ["c"]


WHAT_COMES_FIRST = draw(
    "p",
    "start -> apply -> e\ne -> paid -> print -> end\ne -> too_late -> cancel -> end",
    e=EVENTS,
    paid=catch(on_message("payment")),
    too_late=catch(after("'P5D'")),
    apply=user(),
)


def test_an_event_based_gateway_takes_the_message_when_it_comes_first() -> None:
    """Trap: the events hang on the gateway, so a search among waiting events alone never finds the message."""
    case = desk(WHAT_COMES_FIRST)
    armed = case.complete("apply").armed
    assert [timer.element.id for timer in armed] == ["too_late"]
    assert case.receive("correction") is None
    assert case.receive("payment") is not None
    assert case.steps == ["print"]
    assert case.timers == {}
    case.wait(days=9)
    assert case.steps == ["print"]


def test_an_event_based_gateway_takes_the_timer_when_it_comes_first() -> None:
    """Trap: a timer behind the gateway was read from the system's clock and never came into the due table."""
    case = desk(WHAT_COMES_FIRST)
    case.complete("apply")
    case.wait(days=5)
    assert case.steps == ["e"]
    outcome = case.wait(seconds=1)
    assert case.steps == ["cancel"]
    assert [h.element.id for h in outcome.happenings if h.kind == "timer"] == ["too_late"]
    assert case.receive("payment") is None


def test_an_inclusive_gateway_waits_for_a_sub_process_that_may_still_lead_to_it() -> None:
    """Trap: the library looks for steps that are ready or waiting; a sub-process is neither while it runs."""
    lines = "start -> i\ni -> s if n\ni -> b\ns -> g\ng -> x if n > 1\ng -> end\nx -> j\nb -> j\nj -> z -> end"
    nodes = {"i": INCLUSIVE, "j": INCLUSIVE, "g": XOR, "s": scope("start_s -> a -> end_s")}
    xml = draw("p", lines.replace("i -> b", "i -> b if m"), more=nodes)
    case = desk(xml, variables={"n": 2, "m": True})
    case.complete("b")
    assert case.steps == ["a", "s"]
    case.complete("a")
    case.complete("x")
    assert case.steps == ["z"]
    other = desk(xml, variables={"n": 1, "m": True})
    other.complete("b")
    assert other.steps == ["a", "s"]
    other.complete("a")
    assert other.steps == ["z"]


def test_an_inclusive_gateway_counts_each_round_by_itself() -> None:
    """Trap: the library stops looking at the first round's gateway, and lets the second round's first token through."""
    lines = (
        "start -> m -> i\ni -> a if n > 0\ni -> b if n > 1\na -> j\nb -> j\nj -> review -> g\ng -> m if back\ng -> end"
    )
    case = desk(draw("p", lines, m=XOR, g=XOR, i=INCLUSIVE, j=INCLUSIVE), variables={"n": 2})
    for first, second in ("ab", "ba", "ab"):
        case.complete(first)
        assert case.steps == [second]
        case.complete(second)
        case.complete("review", back=True)


def test_an_inclusive_gateway_does_not_wait_for_what_may_come_where_a_token_is_already() -> None:
    """BPMN 2.0, 13.4.3: a token that can reach a flow where one waits does not hold the gateway up."""
    lines = "start -> f\nf -> a -> m\nf -> b -> g\ng -> m if n\ng -> c\nm -> j\nc -> j\nj -> z -> end"
    case = desk(draw("p", lines, f=PARALLEL, m=XOR, g=XOR, j=INCLUSIVE))
    case.complete("a")
    assert case.steps == ["b", "z"]
