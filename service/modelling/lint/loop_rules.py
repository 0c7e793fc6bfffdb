"""Rules on circles: none may run without a person or a wait, and none may start a legal limit anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.modelling.diagram import Node
from service.modelling.lint.graph import Edges, backwards, cycle_through, reach, trail
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.timer_rules import counts_since

_WAITING: Final = frozenset(
    {"userTask", "manualTask", "task", "receiveTask", "callActivity", "eventBasedGateway", "boundaryEvent"}
)
CASE_LIMITS: Final = frozenset({"statutory_limit", "promised_limit"})


def _waits(node: Node) -> bool:
    return node.kind in _WAITING or (node.kind == "intermediateCatchEvent" and bool(node.events))


@rule(
    "endless_loop",
    "error",
    zh="期望每个循环中有人办理、有等待，或有能改变条件的服务任务和出口，但{at}所在的循环没有。",
    en="Expected a person, a wait, or a service task with a way out in every circle, but the circle of the {at} has "
    "none.",
    why="Nothing in such a circle changes what its gateways ask, so the engine would run it for ever in one "
    "transaction.",
)
def endless_loop(scene: Scene) -> Iterator[Finding]:
    edges = _automatic(scene)
    for circle in _circles(edges):
        if not _guarded(scene, circle):
            first = min(circle, key=lambda node: len(scene.graph.path_to(node)))
            way = cycle_through(first, edges)
            yield at(scene.graph.nodes[first], path=(*scene.graph.path_to(first)[:-1], *way))


def _automatic(scene: Scene) -> Edges:
    """The ways that the engine walks without stopping."""
    runs = dict.fromkeys(node.id for node in scene.diagram.nodes if not _waits(node))
    return {node: tuple(ahead for ahead in scene.graph.next[node] if ahead in runs) for node in runs}


def _circles(edges: Edges) -> Iterator[tuple[str, ...]]:
    """Sets of nodes that all lead to each other, each with its nodes in the order of the graph."""
    behind = backwards(edges)
    left = set(_pruned(edges, behind))
    for node in edges:
        if node in left:
            both = reach([node], edges).keys() & reach([node], behind).keys() & left
            left -= both
            if len(both) > 1 or node in edges[node]:
                yield (node, *(other for other in edges if other in both and other != node))


def _pruned(edges: Edges, behind: Edges) -> set[str]:
    """The nodes that remain when those without a way in or out are taken away again and again."""
    left, ends = set(edges), [node for node in edges if not edges[node] or not behind[node]]
    while ends:
        node = ends.pop()
        if node in left:
            left.discard(node)
            around = (*edges[node], *behind[node])
            ends.extend(near for near in around if near in left and _is_loose(near, edges, behind, left))
    return left


def _is_loose(node: str, edges: Edges, behind: Edges, left: set[str]) -> bool:
    return left.isdisjoint(edges[node]) or left.isdisjoint(behind[node])


def _guarded(scene: Scene, circle: tuple[str, ...]) -> bool:
    """A service task may change what a gateway of the circle asks, if that gateway has a way out."""
    inside = set(circle)
    nodes = [scene.graph.nodes[node_id] for node_id in circle]
    leaves = any(
        node.kind in ("exclusiveGateway", "inclusiveGateway") and not inside.issuperset(scene.graph.next[node.id])
        for node in nodes
    )
    return leaves and any(node.kind == "serviceTask" for node in nodes)


@rule(
    "limit_restarts",
    "error",
    zh="期望{at}用 since= 从已记录的日期起算，因为办件会退出“{host}”后再次进入，但“{found}”从进入时起算。",
    en='Expected the {at} to count from a recorded date (since=), for a case may leave "{host}" and come back, but '
    '"{found}" counts from entry.',
    why="A limit counted from entry begins anew at every way back: the legal term could be stretched without end.",
)
def limit_restarts(scene: Scene) -> Iterator[Finding]:
    for placed in scene.placed("timer"):
        event = placed.element
        if isinstance(event, Node) and event.role in CASE_LIMITS and not counts_since(placed):
            way = _way_back_in(scene, event.attached_to or "")
            if way:
                yield at(event, line=placed.line, path=way, host=event.attached_to or "", found=placed.source)


def _way_back_in(scene: Scene, host: str) -> tuple[str, ...]:
    """How a case leaves a step and enters it again; empty if it cannot."""
    graph = scene.graph
    if host not in graph.nodes:
        return ()
    exits = (*graph.targets(host), *(event.id for event in graph.boundaries[host] if event.interrupting))
    back = trail(reach(exits, graph.main_next, blocked={host}), host)
    return (*graph.path_to(host), *back) if back else ()
