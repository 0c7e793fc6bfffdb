"""BPMN 2.0 XML with complete diagram interchange; the same sketch always gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from service.modelling.draft.geometry import Rect
from service.modelling.draft.labelling import Labels
from service.modelling.draft.routing import Waypoints
from service.modelling.draft.sketch import (
    GATEWAYS,
    Flow,
    Kind,
    Message,
    Node,
    Sketch,
    Terminate,
    Timer,
    TooEarly,
    Trigger,
)

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "spiffworkflow": SPIFF, "xsi": XSI}
TARGET_NAMESPACE = "urn:mingjing:process"
TOO_EARLY_ERROR = "error_too_early"


@dataclass(frozen=True)
class Drawing:
    """Where everything stands: rectangles of nodes, waypoints of flows, rectangles of names outside of shapes.

    `price` grows with the length, the bends and the crossings of the flows.
    """

    rects: dict[str, Rect]
    waypoints: Waypoints
    labels: Labels
    price: int


def write(sketch: Sketch, drawing: Drawing) -> bytes:
    """The document, indented by two spaces, ending in a newline."""
    attributes = {
        "id": f"definitions_{sketch.id}",
        "targetNamespace": TARGET_NAMESPACE,
        "exporter": "Mingjing",
        "exporterVersion": "1",
    }
    root = etree.Element(f"{{{BPMN}}}definitions", attributes, NAMESPACES)
    _write_messages(root, sketch)
    _write_process(root, sketch)
    _write_diagram(root, sketch, drawing)
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


# Semantics -----------------------------------------------------------------------------------------------------------


def _write_messages(root: etree._Element, sketch: Sketch) -> None:
    triggers = [node.trigger for node in sketch.nodes.values()]
    for name in sorted({trigger.name for trigger in triggers if isinstance(trigger, Message)}):
        _element(root, "message", id=f"message_{name}", name=name)
    if any(isinstance(trigger, TooEarly) for trigger in triggers):
        _element(root, "error", id=TOO_EARLY_ERROR, name="过早办结", errorCode="TOO_EARLY")


def _write_process(root: etree._Element, sketch: Sketch) -> None:
    process = _element(root, "process", id=sketch.id, name=sketch.name, isExecutable="true")
    _write_properties(process, (("nameEn", sketch.name_en), *sketch.properties))
    _write_scope(process, sketch, None)


def _write_scope(parent: etree._Element, sketch: Sketch, scope: str | None) -> None:
    for node in sketch.inside(scope):
        _write_node(parent, sketch, node)
    for flow in sketch.flows.values():
        if sketch.nodes[flow.source].scope == scope:
            _write_flow(parent, flow)


def _write_node(parent: etree._Element, sketch: Sketch, node: Node) -> None:
    element = _element(parent, node.kind, id=node.id)
    if node.name:
        element.set("name", node.name)
    _set_references(element, sketch, node)
    _write_properties(element, ((("nameEn", node.name_en),) if node.name_en else ()) + node.properties)
    for flow in sketch.incoming(node.id):
        _element(element, "incoming").text = flow.id
    for flow in sketch.outgoing(node.id):
        _element(element, "outgoing").text = flow.id
    if node.kind is Kind.SUBPROCESS:
        _write_scope(element, sketch, node.id)
    elif node.trigger and node.kind is not Kind.RECEIVE:
        _write_trigger(element, node.id, node.trigger)


def _set_references(element: etree._Element, sketch: Sketch, node: Node) -> None:
    if node.attached_to:
        element.set("attachedToRef", node.attached_to)
        element.set("cancelActivity", "true" if node.interrupting else "false")
    if node.called:
        element.set("calledElement", node.called)
    if node.kind is Kind.RECEIVE and isinstance(node.trigger, Message):
        element.set("messageRef", f"message_{node.trigger.name}")
    default = next((flow for flow in sketch.outgoing(node.id) if flow.is_default), None)
    if default:
        element.set("default", default.id)


def _write_trigger(parent: etree._Element, node_id: str, trigger: Trigger) -> None:
    definition_id = f"{node_id}_definition"
    match trigger:
        case Timer(expression, is_duration, repeats):
            definition = _element(parent, "timerEventDefinition", id=definition_id)
            timer = _element(definition, "timeCycle" if repeats else "timeDuration" if is_duration else "timeDate")
            _write_expression(timer, expression)
        case TooEarly():
            _element(parent, "errorEventDefinition", id=definition_id, errorRef=TOO_EARLY_ERROR)
        case Message(name):
            _element(parent, "messageEventDefinition", id=definition_id, messageRef=f"message_{name}")
        case Terminate():
            _element(parent, "terminateEventDefinition", id=definition_id)


def _write_flow(parent: etree._Element, flow: Flow) -> None:
    element = _element(parent, "sequenceFlow", id=flow.id)
    if flow.name:
        element.set("name", flow.name)
    element.set("sourceRef", flow.source)
    element.set("targetRef", flow.target)
    _write_properties(element, (("nameEn", flow.name_en),) if flow.name_en else ())
    if flow.condition:
        _write_expression(_element(element, "conditionExpression"), flow.condition)


def _write_expression(element: etree._Element, expression: str) -> None:
    element.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    element.text = expression


def _write_properties(parent: etree._Element, properties: tuple[tuple[str, str], ...]) -> None:
    if properties:
        extension = etree.SubElement(_element(parent, "extensionElements"), f"{{{SPIFF}}}properties")
        for name, value in properties:
            etree.SubElement(extension, f"{{{SPIFF}}}property", {"name": name, "value": value})


def _element(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)


# Diagram interchange -------------------------------------------------------------------------------------------------


def _write_diagram(root: etree._Element, sketch: Sketch, drawing: Drawing) -> None:
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": f"diagram_{sketch.id}"})
    attributes = {"id": f"plane_{sketch.id}", "bpmnElement": sketch.id}
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", attributes)
    for node in sorted(sketch.nodes.values(), key=lambda node: node.kind is Kind.BOUNDARY):
        _write_shape(plane, node, drawing)
    for flow in sketch.flows.values():
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{flow.id}_di", "bpmnElement": flow.id})
        for point in drawing.waypoints[flow.id]:
            etree.SubElement(edge, f"{{{DI}}}waypoint", {"x": str(point.x), "y": str(point.y)})
        _write_label(edge, drawing.labels.get(flow.id))


def _write_shape(plane: etree._Element, node: Node, drawing: Drawing) -> None:
    shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{node.id}_di", "bpmnElement": node.id})
    if node.kind is Kind.SUBPROCESS:
        shape.set("isExpanded", "true")
    if node.kind in GATEWAYS:
        shape.set("isMarkerVisible", "true")
    _write_bounds(shape, drawing.rects[node.id])
    _write_label(shape, drawing.labels.get(node.id))


def _write_label(parent: etree._Element, rect: Rect | None) -> None:
    if rect:
        _write_bounds(etree.SubElement(parent, f"{{{BPMNDI}}}BPMNLabel"), rect)


def _write_bounds(parent: etree._Element, rect: Rect) -> None:
    values = {"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height}
    etree.SubElement(parent, f"{{{DC}}}Bounds", {name: str(value) for name, value in values.items()})
