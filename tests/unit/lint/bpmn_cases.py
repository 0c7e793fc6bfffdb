"""For every rule on BPMN itself: a diagram that breaks it, one that does not, and the element that is named."""

from __future__ import annotations

from tests.unit.lint.drawing import (
    END,
    HEAD,
    START,
    Case,
    boundary,
    caught,
    complete,
    draw,
    element,
    ends,
    flows,
    fork,
    inside,
    line,
    plain,
    service,
    timer,
    user,
    xor,
)

A, B = user("a"), user("b", group="accept")
TWO_ENDS = ends("e1", "e2")
SPLIT = ("start -> g", "g -> a if x == 1", "g -> b", "a -> end", "b -> end")
GOOD = line(A)
PROCESS = '<process id="p" name="p" isExecutable="true">'
PARALLEL = ("start -> f", "f -> a", "f -> b", "a -> j", "b -> j", "j -> end")
HANDLER = '<error id="bad" errorCode="BAD"/>'
BOTH_CATCH = (
    boundary("ea", "a", caught("bad"), interrupting=True),
    boundary("eb", "b", caught("bad"), interrupting=True),
    TWO_ENDS,
)
WAIT = element("intermediateCatchEvent", "w", timer("working_days(1)"))
REVIEWED = ("start -> a", "a -> g", "g -> a if again", "g -> end")


def event(kind: str, inner: str) -> bytes:
    return line(element(kind, "w", inner))


def catching(definition: str, extra: str = "") -> bytes:
    return line(element("intermediateCatchEvent", "w", definition), extra=extra)


def split(*arrows: str, default: str = "b") -> bytes:
    return draw(A, B, xor("g", default), flows(*arrows))


def chain(length: int) -> bytes:
    return line(*(user(f"u{number}") for number in range(length)))


def nested(depth: int) -> str:
    inner = nested(depth - 1) if depth > 1 else user("deep")
    first, last = f"s{depth}", f"e{depth}"
    step = f"n{depth - 1}" if depth > 1 else "deep"
    body = f'<startEvent id="{first}"/>{inner}{ends(last)}{flows(f"{first} -> {step}", f"{step} -> {last}")}'
    return inside(f"n{depth}", body)


def loop(inner: str, kind: str = "multiInstanceLoopCharacteristics", attributes: str = "") -> bytes:
    return line(user("a", inner=f"<{kind} {attributes}>{inner}</{kind}>"))


BPMN_CASES: dict[str, Case] = {
    "no_process": Case(plain(""), GOOD, None),
    "several_processes": Case(plain(f'{PROCESS}</process><process id="q" isExecutable="true"/>'), GOOD, "q"),
    "not_executable": Case(plain(f'<process id="p" isExecutable="false">{START}</process>'), GOOD, "p"),
    "id_missing": Case(
        plain(f'{PROCESS}{START}<sequenceFlow sourceRef="start" targetRef="start"/></process>'), GOOD, None
    ),
    "duplicate_id": Case(plain(f"{PROCESS}{START}{A}{A}</process>"), GOOD, "a"),
    "id_invalid": Case(plain(f'{PROCESS}<userTask id="a b"/></process>'), line(user("踏勘")), "a b"),
    "id_reserved": Case(line(user("End")), line(user("Ending")), "End"),
    "child_order": Case(
        plain(f'{PROCESS}<userTask id="a"><incoming>f</incoming><extensionElements/></userTask></process>'),
        plain(f'{PROCESS}<userTask id="a"><extensionElements/><incoming>f</incoming></userTask></process>'),
        "a",
    ),
    "unknown_element": Case(plain(f'{PROCESS}<usertask id="a"/></process>'), line(A), "a"),
    "unsupported_element": Case(plain(f'{PROCESS}<choreographyTask id="a"/></process>'), line(A), "a"),
    "nesting_too_deep": Case(line(nested(5)), line(nested(4)), "n1"),
    "flow_without_source": Case(draw(A, flows("x -> a", "a -> end")), GOOD, "x__a"),
    "flow_without_target": Case(draw(A, flows("start -> a", "a -> x")), GOOD, "a__x"),
    "flow_crosses_scope": Case(
        draw(inside("s", '<startEvent id="i"/>', A), flows("start -> a", "s -> end")),
        draw(inside("s", '<startEvent id="i"/>', A, flows("i -> a")), flows("start -> s", "s -> end")),
        "start__a",
    ),
    "flow_into_start": Case(
        draw(A, xor("g", "end"), flows("start -> g", "g -> start if x", "g -> end")), GOOD, "g__start"
    ),
    "flow_out_of_end": Case(draw(A, flows("start -> end", "end -> a")), GOOD, "end__a"),
    "no_start_event": Case(plain(f"{PROCESS}{A}{END}{flows('a -> end')}</process>"), GOOD, "p"),
    "several_start_events": Case(draw('<startEvent id="z"/>', A, flows("start -> a", "z -> a", "a -> end")), GOOD, "p"),
    "no_end_event": Case(draw(A, flows("start -> a")), GOOD, "p"),
    "dead_end": Case(draw(A, B, fork("f"), flows("start -> f", "f -> a", "f -> b", "a -> end")), GOOD, "b"),
    "unreachable_node": Case(draw(A, B, flows("start -> a", "a -> end", "b -> end")), GOOD, "b"),
    "no_way_out": Case(
        draw(A, B, xor("g", "end"), flows("start -> g", "g -> end", "g -> a if x", "a -> b", "b -> a")),
        draw(A, xor("g", "end"), flows(*REVIEWED)),
        "a",
    ),
    "chain_too_long": Case(chain(300), chain(290), "end"),
    "boundary_without_host": Case(
        draw(A, boundary("m", "g", timer("hours(1)")), xor("g", "a"), flows("start -> g", "g -> a", "a -> end")),
        draw(A, boundary("m", "a", timer("hours(1)")), flows("start -> a", "a -> end", "m -> end")),
        "m",
    ),
    "flow_without_condition": Case(
        split("start -> g", "g -> a", "g -> b", "a -> end", "b -> end"),
        split(*SPLIT),
        "g__a",
    ),
    "default_missing": Case(
        split("start -> g", "g -> a if x", "g -> b if y", "a -> end", "b -> end", default=""),
        split(*SPLIT),
        "g",
    ),
    "single_flow_with_condition": Case(
        draw(A, xor("g"), flows("start -> a", "a -> g", "g -> end if x")),
        draw(A, xor("g"), flows("start -> a", "a -> g", "g -> end")),
        "g",
    ),
    "default_unknown": Case(split(*SPLIT, default="c"), split(*SPLIT), "g"),
    "default_with_condition": Case(
        split("start -> g", "g -> a if x", "g -> b if y", "a -> end", "b -> end"),
        split(*SPLIT),
        "g__b",
    ),
    "condition_ignored": Case(draw(A, flows("start -> a", "a -> end if x")), split(*SPLIT), "a__end"),
    "implicit_split": Case(draw(A, B, flows("start -> a", "a -> b", "a -> end", "b -> end")), split(*SPLIT), "a"),
    "complex_gateway": Case(line(element("complexGateway", "c")), line(fork("c")), "c"),
    "event_gateway_target": Case(
        draw(A, element("eventBasedGateway", "e"), flows("start -> e", "e -> a", "a -> end")),
        draw(WAIT, element("eventBasedGateway", "e"), flows("start -> e", "e -> w", "w -> end")),
        "a",
    ),
    "event_gateway_two_timers": Case(
        draw(
            WAIT,
            WAIT.replace('"w"', '"v"'),
            element("eventBasedGateway", "e"),
            flows("start -> e", "e -> w", "e -> v", "w -> end", "v -> end"),
        ),
        draw(WAIT, element("eventBasedGateway", "e"), flows("start -> e", "e -> w", "w -> end")),
        "e",
    ),
    "parallel_join_deadlock": Case(
        draw(
            A,
            B,
            fork("f"),
            xor("g", "j"),
            fork("j"),
            ends("e1"),
            flows("start -> f", "f -> a", "f -> b", "a -> g", "g -> j", "g -> e1 if x", "b -> j", "j -> end"),
        ),
        draw(
            A,
            B,
            fork("f"),
            xor("g", "j"),
            fork("j"),
            flows("start -> f", "f -> a", "f -> b", "a -> g", "g -> j", "g -> a if x", "b -> j", "j -> end"),
        ),
        "j",
    ),
    "start_event_waits": Case(
        complete(
            f'{HEAD}{PROCESS}<startEvent id="start">{timer("hours(1)")}</startEvent>{END}'
            f"{flows('start -> end')}</process></definitions>"
        ),
        GOOD,
        "start",
    ),
    "event_without_definition": Case(event("intermediateCatchEvent", ""), line(WAIT), "w"),
    "several_event_definitions": Case(catching(timer("hours(1)") * 2), line(WAIT), "w"),
    "catch_event_kind": Case(catching("<escalationEventDefinition/>"), line(WAIT), "w"),
    "event_reference_missing": Case(line('<receiveTask id="r"/>'), line(WAIT), "r"),
    "event_reference_unknown": Case(
        line('<receiveTask id="r" messageRef="m"/>'),
        line('<receiveTask id="r" messageRef="m"/>', extra='<message id="m" name="payment"/>'),
        "r",
    ),
    "nameless_message": Case(
        line(A, extra='<message id="m"/>'), line(A, extra='<message id="m" name="payment"/>'), "m"
    ),
    "error_without_code": Case(line(A, extra='<error id="x"/>'), line(A, extra=HANDLER), "x"),
    "message_unknown": Case(
        line('<receiveTask id="r" messageRef="m"/>', extra='<message id="m" name="paiment"/>'),
        line('<receiveTask id="r" messageRef="m"/>', extra='<message id="m" name="payment"/>'),
        "r",
    ),
    "error_code_parallel": Case(
        draw(A, B, fork("f"), fork("j"), *BOTH_CATCH, flows(*PARALLEL, "ea -> e1", "eb -> e2"), extra=HANDLER),
        draw(A, B, *BOTH_CATCH, flows("start -> a", "a -> b", "b -> end", "ea -> e1", "eb -> e2"), extra=HANDLER),
        "eb",
    ),
    "cancel_outside_transaction": Case(
        draw(A, '<endEvent id="x"><cancelEventDefinition/></endEvent>', flows("start -> a", "a -> x")),
        draw(
            inside(
                "t",
                '<startEvent id="i"/><endEvent id="x"><cancelEventDefinition/></endEvent>',
                flows("i -> x"),
                kind="transaction",
            ),
            flows("start -> t", "t -> end"),
        ),
        "x",
    ),
    "conditional_event": Case(
        catching("<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>"), line(WAIT), "w"
    ),
    "message_thrown": Case(
        event("intermediateThrowEvent", '<messageEventDefinition messageRef="m"/>'), line(service("w")), "w"
    ),
    "correlation": Case(line(A, extra='<correlationProperty id="c"/>'), GOOD, "c"),
    "task_without_kind": Case(line('<task id="t"/>'), GOOD, "t"),
    "business_rule_task": Case(line('<businessRuleTask id="t"/>'), GOOD, "t"),
    "send_task": Case(line('<sendTask id="t"/>'), GOOD, "t"),
    "data_store": Case(draw(A, '<dataStoreReference id="d"/>', flows("start -> a", "a -> end")), GOOD, "d"),
    "data_association": Case(
        line(user("a", inner="<dataInputAssociation><sourceRef>d</sourceRef></dataInputAssociation>")),
        GOOD,
        "a",
    ),
    "link_event": Case(event("intermediateThrowEvent", '<linkEventDefinition name="x"/>'), line(WAIT), "w"),
    "event_sub_process": Case(
        draw(
            inside("s", '<startEvent id="i"/>', ends("e"), flows("i -> e"), attributes='triggeredByEvent="true"'),
            flows("start -> end"),
        ),
        draw(inside("s", '<startEvent id="i"/>', ends("e"), flows("i -> e")), flows("start -> s", "s -> end")),
        "s",
    ),
    "compensation": Case(event("intermediateThrowEvent", "<compensateEventDefinition/>"), GOOD, "w"),
    "ad_hoc": Case(line(inside("s", A, kind="adHocSubProcess")), GOOD, "s"),
    "multi_instance": Case(
        loop("<loopDataInputRef>rows</loopDataInputRef>"),
        loop("<loopCardinality>2</loopCardinality>"),
        "a",
    ),
    "lanes": Case(
        draw('<laneSet id="ls"><lane id="l" name="窗口"/></laneSet>', A, flows("start -> a", "a -> end")),
        GOOD,
        None,
    ),
    "script_task": Case(line('<scriptTask id="t"><script>1</script></scriptTask>'), GOOD, "t"),
    "script": Case(line('<serviceTask id="t"><script>1</script></serviceTask>'), GOOD, "t"),
    "executable_extension": Case(
        line('<userTask id="t"><extensionElements><s:preScript>x = 1</s:preScript></extensionElements></userTask>'),
        GOOD,
        "t",
    ),
    "foreign_extension": Case(line('<userTask id="t" camunda:assignee="li"/>'), GOOD, "t"),
    "comment_in_text": Case(
        line('<scriptTask id="t"><!-- why --><script>1</script></scriptTask>'),
        draw("<!-- why -->", A, flows("start -> a", "a -> end")),
        "t",
    ),
    "condition_bad_expression": Case(
        split("start -> g", "g -> a if x ==", "g -> b", "a -> end", "b -> end"), split(*SPLIT), "g__a"
    ),
    "variable_bad_expression": Case(line(A, **{"variable:y": "x."}), line(A, **{"variable:y": "x + 1"}), "p"),
    "loop_bad_expression": Case(
        loop("<loopCardinality>two people</loopCardinality>"),
        loop("<loopCardinality>2</loopCardinality>"),
        "a",
    ),
    "variable_bad_name": Case(line(A, **{"variable:a-b": "1"}), line(A, **{"variable:a_b": "1"}), "p"),
    "variable_cycle": Case(
        line(A, **{"variable:x": "y", "variable:y": "x"}),
        line(A, **{"variable:x": "y", "variable:y": "z"}),
        "p",
    ),
    "name_reserved": Case(line(A, **{"variable:typename": "1"}), line(A, **{"variable:type_name": "1"}), "p"),
    "name_shadows_function": Case(line(A, **{"variable:hours": "1"}), line(A, **{"variable:hour": "1"}), "p"),
    "name_shadows_fact": Case(line(A, **{"variable:paid": "True"}), line(A, **{"variable:pays": "True"}), "p"),
    "endless_loop": Case(
        draw(xor("g", "end"), xor("m"), flows("start -> m", "m -> g", "g -> m if x", "g -> end")),
        draw(service("m"), xor("g", "end"), flows("start -> m", "m -> g", "g -> m if x", "g -> end")),
        "m",
    ),
    "property_incomplete": Case(
        line(
            '<userTask id="t"><extensionElements><s:properties><s:property name="post"/></s:properties>'
            "</extensionElements></userTask>"
        ),
        GOOD,
        "t",
    ),
    "property_twice": Case(
        line(
            '<userTask id="t"><extensionElements><s:properties><s:property name="post" value="clerk"/>'
            '<s:property name="post" value="vice"/></s:properties></extensionElements></userTask>'
        ),
        GOOD,
        "t",
    ),
    "name_missing": Case(line('<userTask id="t"/>'), GOOD, "t"),
    "drawing_missing": Case(plain(f"{PROCESS}{A}</process>"), GOOD, None),
    "shape_missing": Case(GOOD.replace(b'<di:BPMNShape bpmnElement="a"/>', b""), GOOD, "a"),
    "edge_missing": Case(GOOD.replace(b'<di:BPMNShape bpmnElement="a__end"/>', b""), GOOD, "a__end"),
    "flow_reference_unknown": Case(GOOD.replace(b"<outgoing>a__end<", b"<outgoing>a__b<"), GOOD, "a"),
    "flow_reference_missing": Case(GOOD.replace(b"<outgoing>a__end</outgoing>", b""), GOOD, "a"),
}
