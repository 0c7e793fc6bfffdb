"""Rules on properties, names and drawing: known words, complete pairs, values with a meaning (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.modelling.diagram import ACTIVITIES, Flow, Node, Process
from service.modelling.lint.graph import backwards, reach
from service.modelling.lint.registry import Finding, at, oddities, rule
from service.modelling.lint.scene import VARIABLE, Scene
from service.modelling.lint.wording import names, nearest, value_or_nothing

ROLES: Final = frozenset(
    {"minimum", "step_limit", "statutory_limit", "promised_limit", "reminder", "too_early", "move"}
)
_EVERYWHERE: Final = frozenset({"nameEn"})
_STEP: Final = frozenset({"gate", "stopsClock", "stopBasis", "requiredMaterials", "producedMaterials"})
_BY_KIND: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(ACTIVITIES | {"intermediateCatchEvent"}, _STEP),
    "userTask": _STEP
    | {"formKey", "post", "separationGroup", "officers", "printsDocument", "halts", "sendBackTo", "department"}
    | {"departmentFrom", "recordsDay", "personsFrom", "postFrom"},
    "serviceTask": _STEP | {"operation"},
    "receiveTask": _STEP | {"post"},
    "boundaryEvent": frozenset({"role", "alarm"}),
    "endEvent": frozenset({"outcome"}),
}
_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "officers": frozenset({"2"}),
    "stopsClock": frozenset({"true"}),
    "halts": frozenset({"case"}),
    "alarm": frozenset({"blue", "yellow", "red"}),
}


def _known(kind: str) -> frozenset[str]:
    return _EVERYWHERE | _BY_KIND.get(kind, frozenset())


def _bearers(scene: Scene) -> Iterator[Process | Node | Flow]:
    yield from scene.diagram.processes
    yield from scene.diagram.nodes
    yield from scene.diagram.flows


@rule(
    "property_unknown",
    "warning",
    zh="期望{at}的属性是 {known} 之一，但发现“{found}”，它不起作用。{hint}",
    en='Expected properties of the {at} among {known}, but found "{found}", which has no effect.{hint}',
    why="A misspelt control property enforces nothing, and nobody notices.",
)
def property_unknown(scene: Scene) -> Iterator[Finding]:
    for bearer in _bearers(scene):
        known = _known(bearer.kind)
        for name in bearer.properties:
            if name not in known and not (bearer.kind == "process" and name.startswith(VARIABLE)):
                yield at(bearer, known=names(known), found=name, hint=nearest(name, known))


@rule(
    "property_incomplete",
    "error",
    zh="期望每个 spiffworkflow:property 有 name 和 value，但{at}有一个不完整（{found}）。",
    en="Expected every spiffworkflow:property to have a name and a value, but the {at} has one without ({found}).",
    why="The engine's parser stops with a KeyError.",
)
def property_incomplete(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "property_incomplete")


@rule(
    "property_twice",
    "error",
    zh="期望每个属性只写一次，但{at}的“{found}”写了两次。",
    en='Expected every property once, but the {at} has "{found}" twice.',
    why="Two readers could take two different values.",
)
def property_twice(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "property_twice")


@rule(
    "property_value",
    "error",
    zh="期望{at}的 {name} 为 {known}，但发现{found}。",
    en="Expected {name} of the {at} to be {known}, but found {found}.",
    why="Any other value has no meaning and would silently switch the control off.",
)
def property_value(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        for name, known in _VALUES.items():
            value = node.properties.get(name)
            if value is not None and value not in known and name in _known(node.kind) and name != "officers":
                yield at(node, name=name, known=names(known), found=value_or_nothing(value))


@rule(
    "officers_not_two",
    "error",
    zh="期望{at}的 officers 为 2（两名执法人员签名），但发现{found}。",
    en="Expected officers of the {at} to be 2 (two officers sign), but found {found}.",
    why="The law asks for two (行政许可法 34, 行政处罚法 42); with one the property is left out.",
)
def officers_not_two(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        value = node.properties.get("officers")
        if value is not None and value != "2":
            yield at(node, found=value_or_nothing(value))


@rule(
    "department_unknown",
    "error",
    zh="期望{at}的部门（department）在部门表中，但“{found}”不在。{hint}",
    en='Expected the department of the {at} to be one of the county\'s, but "{found}" is not.{hint}',
    why="In a joint review each task is a department's own; one that is not there has nobody to do it.",
)
def department_unknown(scene: Scene) -> Iterator[Finding]:
    known = scene.vocabulary.departments
    for node in scene.diagram.of_kind("userTask"):
        found = node.properties.get("department")
        if found is not None and found not in known:
            yield at(node, found=found, hint=nearest(found, known))


@rule(
    "department_twice",
    "error",
    zh="期望{at}的部门要么固定（department），要么由填写的内容指定（departmentFrom），但两者都有。",
    en="Expected the {at} to belong to a fixed department or to one that an answer names, but found both.",
    why="Two readers could take two different departments for whose task it is.",
)
def department_twice(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        if {"department", "departmentFrom"} <= node.properties.keys():
            yield at(node)


@rule(
    "department_never_named",
    "error",
    zh="期望{at}的承办部门（departmentFrom）“{found}”在此之前已填写，但没有一条路先经过填写它的步骤。",
    en='Expected "{found}", which names the department of the {at}, to be filled in before, but no way to it goes '
    "through a step that asks for it.",
    why="The task would be nobody's: entering the step fails and makes an incident.",
)
def department_never_named(scene: Scene) -> Iterator[Finding]:
    if scene.forms is None:
        return
    behind = backwards(scene.graph.next)
    for node in scene.diagram.of_kind("userTask"):
        name = node.properties.get("departmentFrom")
        if name is not None and set(scene.form_steps.get(name, ())).isdisjoint(reach(behind.get(node.id, ()), behind)):
            yield at(node, found=name, path=scene.graph.path_to(node.id))


@rule(
    "recorded_day_bad_name",
    "error",
    zh="期望{at}记录日期（recordsDay）的名字以 _on 结尾，不与表单字段或系统给出的名字相同，但发现{found}。",
    en="Expected the day that the {at} records to have a name that ends in _on and is neither a form's nor the "
    "service's, but found {found}.",
    why="A form that asks for the same name would overwrite the day, and limits would count from what was typed.",
)
def recorded_day_bad_name(scene: Scene) -> Iterator[Finding]:
    taken = {*scene.form_steps, *scene.vocabulary.facts}
    for node in scene.diagram.of_kind("userTask"):
        name = node.properties.get("recordsDay")
        if name is not None and (not name.isidentifier() or not name.endswith("_on") or name in taken):
            yield at(node, found=value_or_nothing(name))


@rule(
    "stop_basis_missing",
    "warning",
    zh="期望停止计时的{at}写明依据（stopBasis），但没有。",
    en="Expected the {at}, which stops the clock, to name its ground (stopBasis), but found none.",
    why="Only what the law names may stop a limit (行政许可法 45), and the party is told in writing.",
)
def stop_basis_missing(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        if node.properties.get("stopsClock") and not node.properties.get("stopBasis"):
            yield at(node)


# Names and drawing ---------------------------------------------------------------------------------------------------


@rule(
    "name_missing",
    "warning",
    zh="期望{at}有名称，但没有。",
    en="Expected the {at} to have a name, but it has none.",
    why="Clerks, the public and the history see names, not ids.",
)
def name_missing(scene: Scene) -> Iterator[Finding]:
    yield from (at(process) for process in scene.diagram.processes if not process.name)
    for node in scene.diagram.nodes:
        asks = node.kind in ("exclusiveGateway", "inclusiveGateway") and len(scene.graph.outgoing[node.id]) > 1
        if not node.name and (node.kind in ACTIVITIES or node.kind == "boundaryEvent" or asks):
            yield at(node)


@rule(
    "drawing_missing",
    "warning",
    zh="期望文件中有图形（BPMNDiagram），但没有，无法在设计器和公众页面上显示。",
    en="Expected a drawing in the file (BPMNDiagram), but found none, so it cannot be shown.",
    why="A diagram that nobody can look at is not open; the designer lays it out again.",
)
def drawing_missing(scene: Scene) -> Iterator[Finding]:
    if not scene.diagram.has_drawing and scene.diagram.nodes:
        yield Finding(None, None, {})


@rule(
    "shape_missing",
    "warning",
    zh="期望图形中画有{at}，但没有它的 BPMNShape。",
    en="Expected the {at} in the drawing, but it has no BPMNShape.",
    why="The diagram opens badly: the element is run but not shown, and its flows hang in the air.",
)
def shape_missing(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if _undrawn(scene, node.id))


@rule(
    "edge_missing",
    "warning",
    zh="期望图形中画有{at}，但没有它的 BPMNEdge。",
    en="Expected the {at} in the drawing, but it has no BPMNEdge.",
    why="The diagram opens badly: the way is run but not shown.",
)
def edge_missing(scene: Scene) -> Iterator[Finding]:
    return (at(flow) for flow in scene.diagram.flows if _undrawn(scene, flow.id))


def _undrawn(scene: Scene, element_id: str) -> bool:
    return scene.diagram.has_drawing and element_id not in scene.diagram.drawn


# What flows and nodes say of each other ------------------------------------------------------------------------------


@rule(
    "flow_reference_unknown",
    "error",
    zh="期望{at}的 incoming、outgoing 与它的顺序流一致，但写有 {found}，没有这样的顺序流。",
    en="Expected incoming and outgoing of the {at} to name its flows, but found {found}, which are none of them.",
    why="The order of a gateway's branches is read from outgoing; a name that is no flow stops the deployment.",
)
def flow_reference_unknown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        into, out_of = _own_flows(scene, node)
        wrong = (set(node.incoming) - into) | (set(node.outgoing) - out_of)
        if wrong:
            yield at(node, found=names(wrong))


@rule(
    "flow_reference_missing",
    "warning",
    zh="期望{at}的 incoming、outgoing 列出它的全部顺序流，但缺 {found}。",
    en="Expected incoming and outgoing of the {at} to list all its flows, but {found} is missing.",
    why="Designers show such an element as disconnected, and the order of a gateway's branches stays open.",
)
def flow_reference_missing(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        into, out_of = _own_flows(scene, node)
        missing = (into - set(node.incoming)) | (out_of - set(node.outgoing))
        if missing:
            yield at(node, found=names(missing))


def _own_flows(scene: Scene, node: Node) -> tuple[set[str], set[str]]:
    graph = scene.graph
    return {flow.id for flow in graph.incoming[node.id]}, {flow.id for flow in graph.outgoing[node.id]}
