"""What holds for every diagram that is shipped, whatever the catalogue says."""

from __future__ import annotations

import pytest

from service.expressions import compile_expression
from tests.processes.diagram_xml import BPMN, PROCESSES, Diagram

DIAGRAMS = {path.stem: Diagram(path) for path in sorted(PROCESSES.rglob("*.bpmn"))}
SHARED = {key: DIAGRAMS[key] for key in ("correction", "payment", "delivery")}
TIMER_FUNCTIONS = frozenset({"working_days", "natural_days", "office_hours", "hours", "minutes"})


@pytest.mark.parametrize("key", DIAGRAMS)
def test_every_boundary_event_says_its_role(key: str) -> None:
    diagram = DIAGRAMS[key]
    roles = {"minimum", "step_limit", "statutory_limit", "promised_limit", "too_early", "move", "reminder"}
    for node_id in diagram.nodes:
        if diagram.kind(node_id) == "boundaryEvent":
            assert diagram.of(node_id)["role"] in roles, node_id


@pytest.mark.parametrize("key", DIAGRAMS)
def test_every_expression_belongs_to_the_closed_grammar(key: str) -> None:
    diagram = DIAGRAMS[key]
    conditions = [diagram.condition(flow) for flow in diagram.flows.values()]
    timers = [element.text for tag in ("timeDate", "timeDuration") for element in diagram.root.iter(BPMN + tag)]
    gates = [diagram.of(node).get("gate") for node in diagram.nodes]
    for source in filter(None, (*conditions, *gates)):
        compile_expression(source)
    for source in timers:
        compile_expression(source, functions=TIMER_FUNCTIONS)


@pytest.mark.parametrize("key", DIAGRAMS)
def test_every_node_lists_the_flows_that_touch_it(key: str) -> None:
    diagram = DIAGRAMS[key]
    for node_id, node in diagram.nodes.items():
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            listed = {reference.text for reference in node.findall(BPMN + tag)}
            assert listed == {flow_id for flow_id, flow in diagram.flows.items() if flow.get(end) == node_id}


@pytest.mark.parametrize("key", SHARED)
def test_a_shared_process_waits_for_the_message_of_its_name(key: str) -> None:
    diagram = SHARED[key]
    messages = {message.get("id"): message.get("name") for message in diagram.root.iter(f"{BPMN}message")}
    waits = [node for node in diagram.nodes.values() if node.tag == f"{BPMN}receiveTask"]
    assert [messages[wait.get("messageRef")] for wait in waits] == ([] if key == "delivery" else [key])
    assert diagram.process.get("id") == key
