"""Small diagrams for the linter's tests: BPMN in the default namespace, flows written as arrows, drawing added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from service.modelling.lint import lint
from service.modelling.problem import Problem

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
HEAD = (
    f'<definitions xmlns="{BPMN}" xmlns:di="{DI}" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'id="file" targetNamespace="urn:test">'
)
START, END = '<startEvent id="start" name="开始"/>', '<endEvent id="end" name="结束"/>'


def properties(**values: str) -> str:
    pairs = "".join(f"<s:property name={quoteattr(name)} value={quoteattr(text)}/>" for name, text in values.items())
    return f"<extensionElements><s:properties>{pairs}</s:properties></extensionElements>"


def element(kind: str, node_id: str, inner: str = "", attributes: str = "", **values: str) -> str:
    extensions = properties(**values) if values else ""
    return f'<{kind} id="{node_id}" name="{node_id}" {attributes}>{extensions}{inner}</{kind}>'


def user(node_id: str, post: str = "clerk", group: str = "accept", inner: str = "", **values: str) -> str:
    given = {"formKey": node_id, "post": post, "separationGroup": group, **values}
    return element("userTask", node_id, inner, **{name: text for name, text in given.items() if text})


def service(node_id: str, operation: str = "publish") -> str:
    return element("serviceTask", node_id, operation=operation)


def xor(node_id: str, default: str = "") -> str:
    return element("exclusiveGateway", node_id, attributes=f'default="{node_id}__{default}"' if default else "")


def fork(node_id: str) -> str:
    return element("parallelGateway", node_id)


def timer(text: str, kind: str = "timeDate") -> str:
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def caught(ref: str = "too_early") -> str:
    return f'<errorEventDefinition errorRef="{ref}"/>'


def boundary(node_id: str, host: str, inner: str, role: str = "", interrupting: bool = False) -> str:
    attributes = f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
    return element("boundaryEvent", node_id, inner, attributes, **({"role": role} if role else {}))


def ends(*node_ids: str) -> str:
    return "".join(element("endEvent", node_id) for node_id in node_ids)


def flows(*arrows: str) -> str:
    """`a -> b`, or `a -> b if condition`; a flow's id is a__b."""
    return "".join(_flow(arrow) for arrow in arrows)


def _flow(arrow: str) -> str:
    way, _, condition = arrow.partition(" if ")
    source, target = way.split(" -> ")
    inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def inside(node_id: str, *contents: str, kind: str = "subProcess", attributes: str = "") -> str:
    return element(kind, node_id, "".join(contents), attributes)


def draw(*contents: str, extra: str = "", key: str = "p", **process: str) -> bytes:
    """A file with one process; start and end are added, incoming, outgoing and shapes completed."""
    body = element("process", key, START + END + "".join(contents), 'isExecutable="true"', **process)
    return complete(f"{HEAD}{body}{extra}</definitions>")


def plain(body: str) -> bytes:
    """A file as written."""
    return f"{HEAD}{body}</definitions>".encode()


def complete(xml: str) -> bytes:
    root = etree.fromstring(xml)
    nodes = {node.get("id"): node for node in root.iter("{*}*") if node.get("id")}
    for flow in list(root.iter(f"{{{BPMN}}}sequenceFlow")):
        for end, kind in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
            if flow.get(end) in nodes:
                _refer(nodes[flow.get(end)], kind, flow.get("id") or "")
    plane = etree.SubElement(etree.SubElement(root, f"{{{DI}}}BPMNDiagram"), f"{{{DI}}}BPMNPlane")
    for node_id in nodes:
        etree.SubElement(plane, f"{{{DI}}}BPMNShape", bpmnElement=node_id or "")
    return etree.tostring(root)


def _refer(node: etree._Element, kind: str, flow_id: str) -> None:
    """Where the schema wants it: after extensions and other incoming, before everything else."""
    before = {"extensionElements", "incoming", *([] if kind == "incoming" else ["outgoing"])}
    place = sum(1 for child in node if str(child.tag).rpartition("}")[2] in before)
    reference = etree.Element(f"{{{BPMN}}}{kind}")
    reference.text = flow_id
    node.insert(place, reference)


def line(*steps: str, beside: str = "", extra: str = "", **process: str) -> bytes:
    """Steps one after the other between start and end, and what stands beside that way."""
    ids = [str(etree.fromstring(f"{HEAD}{step}</definitions>")[0].get("id")) for step in steps]
    arrows = [f"{one} -> {other}" for one, other in zip(["start", *ids], [*ids, "end"], strict=True)]
    return draw(*steps, beside, flows(*arrows), extra=extra, **process)


@dataclass(frozen=True)
class Case:
    """One rule: a diagram that `breaks` it at `element`, one that `holds`, and what the linter is told `beside`.

    `beside_holds` is told with the second diagram, where the difference lies beside the diagram.
    """

    breaks: bytes
    holds: bytes
    element: str | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    beside_holds: Mapping[str, Any] = field(default_factory=dict)


def problems(xml: bytes, code: str, **beside: Any) -> list[Problem]:
    """The problems of one code."""
    return [problem for problem in lint(xml, **beside) if problem.code == code]


def form(*keys: str) -> dict[str, Any]:
    return {"type": "default", "components": [{"type": "textfield", "key": key} for key in keys]}
