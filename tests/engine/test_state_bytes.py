"""The bytes of a case: small, exact, without the model in them, and refused when they are not what they should be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgpack
import pytest

from service.engine import CaseRun, CodecError, build_model
from service.engine.peeking import read_variables
from service.errors import MingjingError
from tests.engine.county import MONDAY, Desk, Office, desk
from tests.engine.drawing import (
    EVENTS,
    PARALLEL,
    XOR,
    after,
    at,
    boundary,
    call,
    catch,
    draw,
    on_message,
    receive,
    scope,
    service,
    user,
)

EVERYTHING = draw(
    "p",
    """
    start -> f
    f -> outer -> j
    f -> shared -> j
    f -> waits -> j
    f -> first
    first -> paid -> m -> j
    first -> too_late -> m
    f -> sends -> j
    f -> signs -> j
    j -> end
    limit -> end_limit
    """,
    f=PARALLEL,
    j=PARALLEL,
    m=XOR,
    outer=scope("start_o -> inner -> end_o", inner=scope("start_i -> deep -> end_i")),
    shared=call("q"),
    waits=receive("correction"),
    first=EVENTS,
    paid=catch(on_message("payment")),
    too_late=catch(after("'P5D'")),
    sends=service("send"),
    signs=user(
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    ),
    limit=boundary("outer", at("working_days(20)"), role="statutory_limit"),
)
CALLED = draw("q", "start -> work -> end\nlimit -> end", limit=boundary("work", after("'P1D'")))


def everything_open() -> Desk:
    return desk(EVERYTHING, CALLED, slow=frozenset({"send"}), variables={"names": ["张三", "李四"]})


def tree_of(run: CaseRun) -> list[tuple[Any, ...]]:
    """Every task in the order of the tree: scope, element, state, what it remembers, how deep it hangs."""
    found = []
    for tree in run._workflow.trees:
        pending = [(tree.task_tree, 0)]
        while pending:
            task, depth = pending.pop()
            found.append((tree.spec.name, task.task_spec.name, task._state, task.triggered, task.internal_data, depth))
            pending.extend((child, depth + 1) for child in reversed(task.children))
    return found


def test_a_state_is_bytes_and_comes_back_exactly() -> None:
    """Trap: a column that reorders keys lets children come before their parents, which then know nothing."""
    case = everything_open()
    for _ in range(3):
        assert isinstance(case.state, bytes)
        assert case.load().dump() == case.state
    first, second = case.load(), CaseRun.load(case.model, case.office(), case.now, case.load().dump())
    assert tree_of(first) == tree_of(second)


def test_every_kind_of_open_thing_goes_on_after_a_reload() -> None:
    case = everything_open()
    inside = ["deep", "inner", "outer"]
    assert case.steps == sorted([*inside, "first", "sends", "shared", "signs", "signs", "waits", "work"])
    case.complete("deep")
    case.receive("correction")
    case.receive("payment")
    case.complete("signs")
    case.complete("signs")
    run = case.load()
    run.finish(case.task("sends"), {})
    case.state, case.open = run.dump(), {case.task("work"): "work", case.task("shared"): "shared"}
    assert case.complete("work").completed


def test_the_model_is_not_in_a_state() -> None:
    """Trap: the library stores the whole diagram with each case, three fifths of its bytes."""
    case = everything_open()
    for name in ("deep", "waits", "correction", "too_late", "working_days(20)", "EndJoin"):
        assert name.encode() not in case.state
    assert b"working_days" in case.state  # What the limit of the open scope counts in.


def test_a_licence_in_the_middle_of_its_process_takes_less_than_1500_bytes() -> None:
    processes = Path(__file__).parents[2] / "processes"
    key = "hazardous_chemicals_licence"
    bundle = {key: (processes / "power_items" / f"{key}.bpmn").read_bytes()}
    bundle |= {path.stem: path.read_bytes() for path in (processes / "shared").glob("*.bpmn")}
    case = Desk(build_model(key, bundle)).start(received_on="2026-11-23")
    sizes = [len(case.state)]
    case.complete("apply")
    sizes.append(len(case.state))
    case.complete("formal_check", check_result="accept", accepted_on="2026-11-23")
    assert "site_survey" in case.steps
    sizes.append(len(case.state))
    case.halt("site_survey", survey_result="pass", complex_process=False)
    case.complete("site_survey_ruling", halt_ruling="release")
    sizes.append(len(case.state))
    assert max(sizes) < 1500


def test_a_case_that_is_over_takes_next_to_nothing() -> None:
    case = desk(draw("p", "start -> a -> b -> c -> end"))
    for step in "abc":
        case.complete(step)
    assert len(case.state) < 100
    assert case.load().outcome().completed


@pytest.mark.parametrize(
    "name", ["typename", "__class__", "__bpmn_type__", "data", "id", "None", "变量", "a b", "", "event_value"]
)
def test_a_variable_may_have_any_name(name: str) -> None:
    """Trap: a key called `typename` makes the library's own codec take the data for an object; the case is bricked."""
    case = desk(draw("p", "start -> a -> b -> end"), variables={name: {"typename": "Task", name: [name]}})
    case.complete("a")
    assert case.load().variables == {name: {"typename": "Task", name: [name]}}


def test_plain_values_come_back_as_they_were() -> None:
    values = {
        "text": "安全生产许可证",
        "empty": "",
        "whole": 2**63 - 1,
        "negative": -(2**63),
        "real": 0.1,
        "none": None,
        "yes": True,
        "no": False,
        "rows": [{"item": "消防器材", "count": 3}, {}],
        "nested": {"a": {"b": [1, [2, [3]]]}},
    }
    case = desk(draw("p", "start -> a -> b -> end"), variables=values)
    run = case.load()
    run.memory.update(values)
    case.state = run.dump()
    case.complete("a")
    assert case.load().variables == values
    assert case.load().memory == values
    assert [type(value) for value in case.load().variables.values()] == [type(value) for value in values.values()]
    assert read_variables(case.state) == values
    assert read_variables(b"") == {}


def deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(2000):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value", [date(2026, 11, 23), MONDAY, Decimal("1.10"), {1, 2}, object(), 2**64, "\ud800", deep()]
)
@pytest.mark.parametrize("where", ["variables", "memory"])
def test_a_value_that_a_state_cannot_hold_is_refused_at_once(value: object, where: str) -> None:
    """Trap: dates and decimals do not survive the library's codec; one that comes back as text is worse than none."""
    run = desk(draw("p", "start -> a -> end")).load()
    getattr(run, where)["x"] = [value]
    with pytest.raises(CodecError):
        run.dump()


def other_states() -> dict[str, bytes]:
    state = everything_open().state
    parts = msgpack.unpackb(state)
    return {
        "nothing": b"",
        "text": b"not a state",
        "random": bytes(range(256)),
        "cut off": state[:-1],
        "longer": state + b"\x00",
        "another version": msgpack.packb([99, *parts[1:]]),
        "another diagram": desk(CALLED, key="q").state,
        "without trees": msgpack.packb(parts[:-1]),
        "without tasks": msgpack.packb([*parts[:-1], [[None, "p", False, []]]]),
        "unknown scope": msgpack.packb([*parts[:-1], [[None, "gone", False, []]]]),
        "unknown element": msgpack.packb([*parts[:-1], [[None, "p", False, [[b"0" * 16, -1, 9999, 16, False, None]]]]]),
        "a number": msgpack.packb(7),
    }


@pytest.mark.parametrize("what", other_states())
def test_bytes_that_are_no_state_of_the_model_are_refused(what: str) -> None:
    model = desk(EVERYTHING, CALLED).model
    with pytest.raises(CodecError) as refused:
        CaseRun.load(model, Office(MONDAY), MONDAY, other_states()[what])
    assert isinstance(refused.value, MingjingError)


def test_a_state_of_a_diagram_that_has_changed_since_is_refused() -> None:
    """Trap: elements are named by their place in the model; in another version the same place is another step."""
    case = desk(draw("p", "start -> a -> b -> end"))
    changed = build_model("p", {"p": draw("p", "start -> a -> aa -> b -> end")})
    with pytest.raises(CodecError, match="another's"):
        CaseRun.load(changed, Office(MONDAY), MONDAY, case.state)


def test_the_ids_of_what_is_open_do_not_change() -> None:
    case = everything_open()
    opened, timers = dict(case.open), dict(case.timers)
    for _ in range(3):
        outcome = case.wait(minutes=1)
        assert not any((outcome.entered, outcome.left, outcome.armed, outcome.disarmed, outcome.happenings))
    assert (case.open, case.timers) == (opened, timers)
    for task_id, element in case.open.items():
        assert len(task_id) == 32
        if element in ("deep", "work", "signs"):
            assert case.load().is_ready(task_id)
