"""Rules on sequence flows, starts, ends and reach: every case comes to an end, every step is met by some case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.modelling.diagram import ACTIVITIES, Diagram, Node, Process, Scope
from service.modelling.lint.graph import backwards, reach
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import describe, names, value_or_nothing

MAX_CHAIN: Final = 300
"""The parser calls itself once a node; at 1,000 it ends in RecursionError, earlier within a deep call."""


@rule(
    "flow_without_source",
    "error",
    zh="期望{at}从一个元素出发，但 sourceRef 为{found}，没有这个元素。",
    en="Expected the {at} to leave an element, but its sourceRef is {found}, which is no element.",
    why="Whatever follows is never reached.",
)
def flow_without_source(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        if flow.source not in scene.graph.nodes:
            yield at(flow, found=value_or_nothing(flow.source))


@rule(
    "flow_without_target",
    "error",
    zh="期望{at}指向一个元素，但 targetRef 为{found}，没有这个元素。",
    en="Expected the {at} to lead to an element, but its targetRef is {found}, which is no element.",
    why="The engine refuses it with words that mislead (“found two items”).",
)
def flow_without_target(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        if flow.target not in scene.graph.nodes:
            yield at(flow, path=scene.graph.path_to(flow.source or ""), found=value_or_nothing(flow.target))


@rule(
    "flow_crosses_scope",
    "error",
    zh="期望{at}在同一流程或子流程内，但它从{source}到{target}，跨越了边界。",
    en="Expected the {at} to stay within one process or sub-process, but it leads from {source} to {target}.",
    why="The engine runs the step outside its sub-process, whose limits then never see it.",
)
def flow_crosses_scope(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        source, target = scene.diagram.node(flow.source), scene.diagram.node(flow.target)
        if source is not None and target is not None and source.scope != target.scope:
            yield at(flow, source=describe(source), target=describe(target))


@rule(
    "flow_into_start",
    "error",
    zh="期望{target}没有流入，但{at}指向它。",
    en="Expected nothing to lead into the {target}, but the {at} does.",
    why="Start events begin and boundary events are set off by what they stand on (BPMN 2.0, 10.4.5).",
)
def flow_into_start(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        target = scene.diagram.node(flow.target)
        if target is not None and target.kind in ("startEvent", "boundaryEvent"):
            yield at(flow, target=describe(target))


@rule(
    "flow_out_of_end",
    "error",
    zh="期望{source}之后没有流向，但{at}从它出发。",
    en="Expected nothing to leave the {source}, but the {at} does.",
    why="The engine goes on behind the end: the case is over and still has work.",
)
def flow_out_of_end(scene: Scene) -> Iterator[Finding]:
    for flow in scene.diagram.flows:
        source = scene.diagram.node(flow.source)
        if source is not None and source.kind == "endEvent":
            yield at(flow, source=describe(source))


def _run_scopes(diagram: Diagram) -> Iterator[Scope]:
    """Scopes that run from a start event; ad-hoc and event sub-processes have rules of their own."""
    for scope in diagram.scopes:
        if isinstance(scope, Process) or (scope.kind != "adHocSubProcess" and not scope.by_event):
            yield scope


@rule(
    "no_start_event",
    "error",
    zh="期望{at}有一个开始事件，但没有。",
    en="Expected the {at} to have a start event, but found none.",
    why="The engine refuses a process or sub-process that begins nowhere.",
)
def no_start_event(scene: Scene) -> Iterator[Finding]:
    return (at(scope) for scope in _run_scopes(scene.diagram) if not scene.graph.starts(scope.id))


@rule(
    "several_start_events",
    "error",
    zh="期望{at}只有一个开始事件，但发现 {found}。",
    en="Expected the {at} to have one start event, but found {found}.",
    why="All are set off at once and the first through cancels the rest; a sub-process with two is refused.",
)
def several_start_events(scene: Scene) -> Iterator[Finding]:
    for scope in _run_scopes(scene.diagram):
        starts = scene.graph.starts(scope.id)
        if len(starts) > 1:
            yield at(scope, found=names(starts))


@rule(
    "no_end_event",
    "error",
    zh="期望{at}有从开始事件可到达的结束事件，但没有。",
    en="Expected an end event of the {at} that its start event leads to, but found none.",
    why="The case could never be closed.",
)
def no_end_event(scene: Scene) -> Iterator[Finding]:
    for scope in _run_scopes(scene.diagram):
        if scene.graph.starts(scope.id) and not scene.graph.main_ends(scope.id):
            yield at(scope, path=scene.graph.starts(scope.id)[:1])


def _excused(scene: Scene, node: Node) -> bool:
    """Nodes that other rules refuse for what they are, so that their missing flows need no second word."""
    scope = scene.diagram.node(node.scope)
    in_refused = scope is not None and (scope.kind == "adHocSubProcess" or scope.by_event)
    return in_refused or node.by_event or node.compensates or node.has_event("link") or node.has_event("compensate")


@rule(
    "dead_end",
    "error",
    zh="期望{at}之后还有去向，但没有流出的顺序流。",
    en="Expected a flow to leave the {at}, but found none.",
    why="The engine accepts it; the branch then stops there unseen, or the case ends before its end event.",
)
def dead_end(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        if node.kind != "endEvent" and not scene.graph.outgoing[node.id] and not _excused(scene, node):
            yield at(node, path=scene.graph.path_to(node.id))


@rule(
    "unreachable_node",
    "error",
    zh="期望办件能够走到{at}，但从开始事件没有通向它的路。",
    en="Expected a way from the start event to the {at}, but there is none.",
    why="The engine accepts it, and what the step should enforce is never enforced.",
)
def unreachable_node(scene: Scene) -> Iterator[Finding]:
    graph = scene.graph
    for scope in _run_scopes(scene.diagram):
        if not graph.starts(scope.id):
            continue
        reached = reach(graph.starts(scope.id), graph.scope_next)
        lost = [node for node in graph.inside[scope.id] if node.id not in reached and not _excused(scene, node)]
        yield from (at(node) for node in _heads(scene, lost))


def _heads(scene: Scene, lost: list[Node]) -> list[Node]:
    """The first of each lost chain; of a lost circle its first node in the file."""
    ids = {node.id for node in lost}
    led_to = {ahead for node_id in ids for ahead in scene.graph.scope_next[node_id]}
    return [node for node in lost if node.id not in led_to and node.kind != "boundaryEvent"] or lost[:1]


@rule(
    "no_way_out",
    "error",
    zh="期望从{at}能走到结束事件，但它只通向一个走不出去的循环。",
    en="Expected a way from the {at} to an end event, but it leads into a circle without a way out.",
    why="A case that enters can never be closed.",
)
def no_way_out(scene: Scene) -> Iterator[Finding]:
    graph = scene.graph
    stops = [node for node, ahead in graph.next.items() if not ahead]
    gaps = [
        flow.source for flow in scene.diagram.flows if flow.target not in graph.nodes and flow.source in graph.nodes
    ]
    leaving = reach([*stops, *(source for source in gaps if source)], backwards(graph.next))
    for node in scene.diagram.nodes:
        if graph.reached(node.id) and node.id not in leaving:
            yield at(node, path=graph.path_to(node.id))
            return


@rule(
    "chain_too_long",
    "error",
    zh="期望一个流程中相连的元素不超过 {limit} 个，但到{at}已达 {found} 个。",
    en="Expected at most {limit} elements in one chain, but found {found} up to the {at}.",
    why="The parser calls itself once for every element of a chain and ends in RecursionError.",
)
def chain_too_long(scene: Scene) -> Iterator[Finding]:
    for scope in scene.diagram.scopes:
        chain = _deepest_chain(scene, scope)
        if len(chain) > MAX_CHAIN:
            last = scene.graph.nodes[chain[-1]]
            yield at(last, path=chain, limit=str(MAX_CHAIN), found=str(len(chain)))


def _deepest_chain(scene: Scene, scope: Scope) -> tuple[str, ...]:
    """The longest stack of a depth-first walk in the parser's order: boundary events, then flows."""
    graph, seen = scene.graph, set(scene.graph.starts(scope.id))
    deepest: tuple[str, ...] = ()
    for start in graph.starts(scope.id):
        stack = [(start, _parsed_next(scene, start))]
        while stack:
            ahead = next((node for node in stack[-1][1] if node not in seen), None)
            if ahead is not None:
                seen.add(ahead)
                stack.append((ahead, _parsed_next(scene, ahead)))
                continue
            if len(stack) > len(deepest) and len(stack) > MAX_CHAIN:
                deepest = tuple(node for node, _ in stack)
            stack.pop()
    return deepest


def _parsed_next(scene: Scene, node_id: str) -> Iterator[str]:
    graph = scene.graph
    return iter((*(event.id for event in graph.boundaries[node_id]), *graph.targets(node_id)))


@rule(
    "boundary_without_host",
    "error",
    zh="期望{at}附着在同一流程内的任务或子流程上，但 attachedToRef 为{found}。",
    en="Expected the {at} to stand on a task or sub-process of the same scope, but its attachedToRef is {found}.",
    why="The engine arms a boundary event with what it stands on; this one is never armed.",
)
def boundary_without_host(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        host = scene.diagram.node(node.attached_to)
        if host is None or host.scope != node.scope or host.kind not in ACTIVITIES:
            yield at(node, found=value_or_nothing(node.attached_to))
