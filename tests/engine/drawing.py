"""Draws small diagrams for tests from lines such as `start -> survey -> g` and `g -> decide if passed == True`.

A node that is not declared is a start event (`start…`), an end event (`end…`) or a user task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="urn:test">'
)


@dataclass(frozen=True)
class Node:
    """A flow node: its tag, its attributes, its `spiffworkflow` properties and further XML inside it."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    inside: str = ""
    lines: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)


NONE: Mapping[str, Node] = MappingProxyType({})


def user(inside: str = "", **properties: str) -> Node:
    return Node("userTask", properties=properties, inside=inside)


def service(operation: str) -> Node:
    return Node("serviceTask", properties={"operation": operation})


def call(process: str) -> Node:
    return Node("callActivity", {"calledElement": process})


def receive(message: str) -> Node:
    return Node("receiveTask", {"messageRef": f"m_{message}"})


def catch(definition: str) -> Node:
    return Node("intermediateCatchEvent", inside=definition)


def end(inside: str = "", **properties: str) -> Node:
    return Node("endEvent", properties=properties, inside=inside)


def scope(
    lines: str, *, inside: str = "", tag: str = "subProcess", more: Mapping[str, Node] = NONE, **nodes: Node
) -> Node:
    """An embedded sub-process with lines and nodes of its own."""
    return Node(tag, lines=lines, nodes={**more, **nodes}, inside=inside)


def boundary(on: str, definition: str, *, interrupting: bool = False, role: str = "") -> Node:
    attributes = {"attachedToRef": on, "cancelActivity": "true" if interrupting else "false"}
    return Node("boundaryEvent", attributes, {"role": role} if role else {}, definition)


XOR = Node("exclusiveGateway")
PARALLEL = Node("parallelGateway")
INCLUSIVE = Node("inclusiveGateway")
EVENTS = Node("eventBasedGateway")
TERMINATE = "<bpmn:terminateEventDefinition/>"


def at(expression: str) -> str:
    """A timer that falls due at an instant."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDate>{expression}</bpmn:timeDate></bpmn:timerEventDefinition>"


def after(duration: str) -> str:
    """A timer with an ISO 8601 duration, written as an expression."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"


def every(cycle: str) -> str:
    """A timer that comes again, written as an expression."""
    return f"<bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition>"


def on_error(code: str) -> str:
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>'


def on_message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def on_escalation(code: str) -> str:
    return f'<bpmn:escalationEventDefinition escalationRef="x_{code}"/>'


def draw(
    key: str,
    lines: str,
    *,
    properties: Mapping[str, str] | None = None,
    roots: str = "",
    y: Mapping[str, int] | None = None,
    outgoing: bool = True,
    more: Mapping[str, Node] = NONE,
    **nodes: Node,
) -> bytes:
    """The XML of one process. `roots` is further XML beside it, `y` draws shapes at these heights."""
    body = _extension(properties or {}) + _scope_body(lines, {**more, **nodes}, outgoing)
    process = f'<bpmn:process id="{key}" name="{key}" isExecutable="true">{body}</bpmn:process>'
    return (HEAD + process + _referred(body) + roots + _shapes(key, y or {}) + "</bpmn:definitions>").encode()


def _extension(properties: Mapping[str, str]) -> str:
    if not properties:
        return ""
    inner = "".join(
        f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in properties.items()
    )
    properties_xml = f"<spiffworkflow:properties>{inner}</spiffworkflow:properties>"
    return f"<bpmn:extensionElements>{properties_xml}</bpmn:extensionElements>"


def _scope_body(lines: str, nodes: Mapping[str, Node], outgoing: bool = True) -> str:
    flows = _flows(lines)
    ids = dict.fromkeys([*nodes, *(end for _, source, target, _ in flows for end in (source, target))])
    drawn = [_node(node_id, nodes.get(node_id) or _guessed(node_id), flows, outgoing) for node_id in ids]
    return "".join(drawn) + "".join(_flow(*flow) for flow in flows)


def _flows(lines: str) -> list[tuple[str, str, str, str]]:
    """(flow id, source, target, condition) in the order in which they are written."""
    flows: list[tuple[str, str, str, str]] = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        path, _, condition = line.partition(" if ")
        stops = [stop.strip() for stop in path.split("->")]
        for source, target in pairwise(stops):
            flows.append((f"f_{source}_{target}_{len(flows)}", source, target, condition.strip()))
    return flows


def _guessed(node_id: str) -> Node:
    return Node(
        "startEvent" if node_id.startswith("start") else "endEvent" if node_id.startswith("end") else "userTask"
    )


def _node(node_id: str, node: Node, flows: list[tuple[str, str, str, str]], outgoing: bool) -> str:
    out = [flow for flow in flows if flow[1] == node_id]
    attributes = {"id": node_id, "name": node_id, **node.attributes}
    if node.tag in ("exclusiveGateway", "inclusiveGateway") and any(not condition for *_, condition in out):
        attributes["default"] = next(flow_id for flow_id, *_, condition in out if not condition)
    inside = _extension(node.properties)
    if outgoing:
        inside += "".join(f"<bpmn:outgoing>{flow_id}</bpmn:outgoing>" for flow_id, *_ in out)
    inside += node.inside + _scope_body(node.lines, node.nodes)
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{node.tag}{written}>{inside}</bpmn:{node.tag}>"


def _flow(flow_id: str, source: str, target: str, condition: str) -> str:
    inside = f"<bpmn:conditionExpression><![CDATA[{condition}]]></bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def _referred(body: str) -> str:
    """The messages, errors and escalations that the process refers to."""
    kinds = (("m_", "message", ""), ("e_", "error", "errorCode"), ("x_", "escalation", "escalationCode"))
    found = []
    for prefix, tag, code in kinds:
        for name in dict.fromkeys(part.split('"')[0] for part in body.split(f'Ref="{prefix}')[1:]):
            attribute = f' {code}="{name}"' if code else ""
            found.append(f'<bpmn:{tag} id="{prefix}{name}" name="{name}"{attribute}/>')
    return "".join(found)


def _shapes(key: str, heights: Mapping[str, int]) -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{node_id}_di" bpmnElement="{node_id}">'
        f'<dc:Bounds x="100" y="{height}" width="100" height="80"/></bpmndi:BPMNShape>'
        for node_id, height in heights.items()
    )
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="{key}">{shapes}</bpmndi:BPMNPlane>'
    return f'<bpmndi:BPMNDiagram id="diagram">{plane}</bpmndi:BPMNDiagram>' if shapes else ""
