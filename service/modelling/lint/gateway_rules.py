"""Rules on gateways: a case must always find one way, and a join must always get what it waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.modelling.diagram import ACTIVITIES, Flow, Node
from service.modelling.lint.graph import Edges, backwards, reach, trail
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import describe, names, value_or_nothing

CHOOSING: Final = frozenset({"exclusiveGateway", "inclusiveGateway"})


def _choices(scene: Scene) -> Iterator[tuple[Node, list[Flow]]]:
    """Exclusive and inclusive gateways that split, with their flows."""
    for node in scene.diagram.nodes:
        flows = scene.graph.outgoing[node.id]
        if node.kind in CHOOSING and len(flows) > 1:
            yield node, flows


@rule(
    "flow_without_condition",
    "error",
    zh="期望从{gateway}出发的{at}有条件，或是默认流，但两者都不是。",
    en="Expected the {at} out of the {gateway} to have a condition or to be its default, but it is neither.",
    why="The engine refuses the diagram; BPMN leaves open which way the case goes.",
)
def flow_without_condition(scene: Scene) -> Iterator[Finding]:
    for node, flows in _choices(scene):
        for flow in flows:
            if not flow.condition and flow.id != node.default:
                yield at(flow, path=scene.graph.path_to(node.id), gateway=describe(node))


@rule(
    "default_missing",
    "error",
    zh="期望{at}有默认流，以便条件都不成立时仍有去路，但没有。",
    en="Expected the {at} to have a default flow for the case that no condition holds, but found none.",
    why="When none holds the engine raises, and the task that was completed stays open with an incident.",
)
def default_missing(scene: Scene) -> Iterator[Finding]:
    for node, flows in _choices(scene):
        if node.default is None and all(flow.condition for flow in flows):
            yield at(node, path=scene.graph.path_to(node.id))


@rule(
    "single_flow_with_condition",
    "error",
    zh="期望{at}唯一的流出没有条件，但发现“{found}”。",
    en='Expected the only flow out of the {at} to have no condition, but found "{found}".',
    why="When it does not hold there is no other way, and the engine raises.",
)
def single_flow_with_condition(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        flows = scene.graph.outgoing[node.id]
        if node.kind in CHOOSING and len(flows) == 1 and flows[0].condition:
            yield at(node, path=scene.graph.path_to(node.id), found=flows[0].condition)


@rule(
    "default_unknown",
    "error",
    zh="期望{at}的默认流是从它出发的顺序流，但发现{found}。",
    en="Expected the default of the {at} to be a flow that leaves it, but found {found}.",
    why="The reference leads nowhere, so there is no default.",
)
def default_unknown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        if node.default is not None and node.default not in {flow.id for flow in scene.graph.outgoing[node.id]}:
            yield at(node, found=value_or_nothing(node.default))


@rule(
    "default_with_condition",
    "warning",
    zh="期望默认流{at}没有条件，但发现“{found}”，它不会被计算。",
    en='Expected the default {at} to have no condition, but found "{found}", which is never evaluated.',
    why="Whoever reads the diagram believes the condition.",
)
def default_with_condition(scene: Scene) -> Iterator[Finding]:
    for node, flows in _choices(scene):
        for flow in flows:
            if flow.id == node.default and flow.condition:
                yield at(flow, found=flow.condition)


@rule(
    "condition_ignored",
    "error",
    zh="期望条件只写在排他或包容网关的流出上，但{at}从{source}出发，它的条件不会被计算。",
    en="Expected conditions on flows out of exclusive and inclusive gateways only, but the {at} leaves the {source}, "
    "where it is never evaluated.",
    why="The engine takes the flow whatever the condition says.",
)
def condition_ignored(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        source = scene.diagram.node(flow.source)
        if flow.condition and source is not None and source.kind not in CHOOSING:
            yield at(flow, source=describe(source))


@rule(
    "implicit_split",
    "error",
    zh="期望{at}只有一条流出，分支由网关表示，但发现 {found}。",
    en="Expected one flow to leave the {at} and a gateway to split the way, but found {found}.",
    why="The engine refuses several flows out of a task or event; BPMN would take all of them at once.",
)
def implicit_split(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        flows = scene.graph.outgoing[node.id]
        if len(flows) > 1 and (node.kind in ACTIVITIES or node.kind.endswith("Event")):
            yield at(node, found=names(flow.id for flow in flows))


@rule(
    "complex_gateway",
    "error",
    zh="期望排他、包容、并行或事件网关，但{at}是复杂网关。",
    en="Expected an exclusive, inclusive, parallel or event-based gateway, but the {at} is a complex one.",
    why="The engine has no support for complex gateways.",
)
def complex_gateway(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("complexGateway"))


@rule(
    "event_gateway_target",
    "error",
    zh="期望{gateway}之后都是中间捕获事件或接收任务，但发现{at}。",
    en="Expected catch events or receive tasks behind the {gateway}, but found the {at}.",
    why="The gateway waits for what comes first; something that does not wait stops the parser with AttributeError.",
)
def event_gateway_target(scene: Scene) -> Iterator[Finding]:
    for gateway, target in _behind_event_gateways(scene):
        if target.kind not in ("intermediateCatchEvent", "receiveTask"):
            yield at(target, path=scene.graph.path_to(gateway.id), gateway=describe(gateway))


@rule(
    "event_gateway_two_timers",
    "error",
    zh="期望{at}之后至多一个定时事件，但发现 {found}。",
    en="Expected at most one timer behind the {at}, but found {found}.",
    why="The engine keeps one armed value for the whole gateway: the second timer takes over the first one's instant.",
)
def event_gateway_two_timers(scene: Scene) -> Iterator[Finding]:
    timers: dict[str, list[str]] = {}
    for gateway, target in _behind_event_gateways(scene):
        if target.has_event("timer"):
            timers.setdefault(gateway.id, []).append(target.id)
    for gateway_id, found in timers.items():
        if len(found) > 1:
            yield at(scene.graph.nodes[gateway_id], found=names(found))


def _behind_event_gateways(scene: Scene) -> Iterator[tuple[Node, Node]]:
    for gateway in scene.diagram.of_kind("eventBasedGateway"):
        for target in scene.graph.targets(gateway.id):
            yield gateway, scene.graph.nodes[target]


# Joins that may wait for ever ----------------------------------------------------------------------------------------


@rule(
    "parallel_join_deadlock",
    "warning",
    zh="期望{at}等待的每一条流入都会到达，但{choice}的选择只走其中一部分（缺 {missing}），汇合可能永远等下去。",
    en="Expected every flow that the {at} waits for to arrive, but the {choice} takes only some of them (without "
    "{missing}), "
    "so the join may wait for ever.",
    why="A parallel join waits for all its flows; merge alternatives with an exclusive gateway before it.",
)
def parallel_join_deadlock(scene: Scene) -> Iterator[Finding]:
    edges = _choice_edges(scene)
    behind = backwards(edges)
    for join in scene.diagram.of_kind("parallelGateway"):
        if len(scene.graph.incoming[join.id]) > 1:
            found = _starving_choice(scene, join, edges, behind)
            if found is not None:
                yield found


def _choice_edges(scene: Scene) -> Edges:
    """Within a scope, interrupting boundary events included: they are choices too."""
    graph = scene.graph
    return {
        node: (*graph.targets(node), *(event.id for event in graph.boundaries[node] if event.interrupting))
        for node in graph.nodes
    }


def _starving_choice(scene: Scene, join: Node, edges: Edges, behind: Edges) -> Finding | None:
    feeds = _feeds(scene, join, behind)
    everything = frozenset(flow.id for flow in scene.graph.incoming[join.id])
    for node in scene.diagram.nodes:
        ways = _ways(scene, node, join, edges, feeds)
        starved = next((way for way in ways if frozenset() != way != everything), None)
        if starved is not None and len(set(ways)) > 1:
            return _deadlock(scene, join, node, starved, everything)
    return None


def _feeds(scene: Scene, join: Node, behind: Edges) -> Mapping[str, frozenset[str]]:
    """For every node the flows of the join that it can lead to without passing the join."""
    feeds: dict[str, set[str]] = {}
    for flow in scene.graph.incoming[join.id]:
        source = scene.diagram.node(flow.source)
        if source is not None and source.id != join.id:
            for node in reach([source.id], behind, blocked={join.id}):
                feeds.setdefault(node, set()).add(flow.id)
    return {node: frozenset(flows) for node, flows in feeds.items()}


def _ways(
    scene: Scene, node: Node, join: Node, edges: Edges, feeds: Mapping[str, frozenset[str]]
) -> list[frozenset[str]]:
    """What each alternative behind a node feeds; empty for nodes that leave no choice."""
    if node.kind in ("exclusiveGateway", "eventBasedGateway") or any(
        event.interrupting for event in scene.graph.boundaries[node.id]
    ):
        direct = [flow.id for flow in scene.graph.outgoing[node.id] if flow.target == join.id]
        onward = [feeds.get(ahead, frozenset()) for ahead in edges[node.id] if ahead != join.id]
        return [*(frozenset({flow}) for flow in direct), *onward]
    return []


def _deadlock(scene: Scene, join: Node, choice: Node, starved: frozenset[str], everything: frozenset[str]) -> Finding:
    onward = reach([choice.id], scene.graph.scope_next)
    path = (*scene.graph.path_to(choice.id), *trail(onward, join.id)[1:])
    return at(join, path=path, choice=describe(choice), missing=names(everything - starved))
