"""Rules on limits, minimum durations and halts: what warns, what moves the case, and who lifts a halt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.modelling.diagram import SUB_PROCESSES, Node
from service.modelling.lint.event_rules import TOO_EARLY
from service.modelling.lint.graph import reach, trail
from service.modelling.lint.property_rules import ROLES
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.vocabulary import MINIMUM_HALTS
from service.modelling.lint.wording import describe, names, nearest, value_or_nothing
from service.modelling.problem import Words

WARNING_ROLES: Final = frozenset({"minimum", "step_limit", "statutory_limit", "promised_limit", "reminder"})
LIMIT_ROLES: Final = WARNING_ROLES - {"minimum", "reminder"}
HANDLING: Final = "handling"
SUPERVISOR: Final = "sup1"
_MUST_BE: Final = {
    **dict.fromkeys(WARNING_ROLES, Words("不中断的定时事件", "a non-interrupting timer")),
    "too_early": Words("中断的错误事件 TOO_EARLY", "an interrupting error event TOO_EARLY"),
    "move": Words("中断的定时或消息事件", "an interrupting timer or message"),
}


def _catches_too_early(scene: Scene, node: Node) -> bool:
    errors = (scene.diagram.definition("error", event.ref) for event in node.events if event.kind == "error")
    return any(error is not None and error.code == TOO_EARLY for error in errors)


@rule(
    "role_missing",
    "error",
    zh="期望{at}有角色（role：{known}），但没有。",
    en="Expected the {at} to have a role ({known}), but it has none.",
    why="Without it nobody can tell a limit that warns from a minimum or from a timer that moves the case.",
)
def role_missing(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        if not node.role and (node.has_event("timer") or _catches_too_early(scene, node)):
            yield at(node, known=names(ROLES))


@rule(
    "role_unknown",
    "error",
    zh="期望{at}的角色是 {known} 之一，但发现“{found}”。{hint}",
    en='Expected the role of the {at} to be one of {known}, but found "{found}".{hint}',
    why="A role that nobody knows is no role.",
)
def role_unknown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        if node.role and node.role not in ROLES:
            yield at(node, known=names(ROLES), found=node.role, hint=nearest(node.role, ROLES))


@rule(
    "role_mismatch",
    "error",
    zh="期望角色为 {role} 的{at}是{expected}，但它是{found}。",
    en="Expected the {at} with the role {role} to be {expected}, but it is {found}.",
    why="A limit that interrupts takes the work away; a move that does not leaves two tokens; a minimum must stay "
    "armed.",
)
def role_mismatch(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        if node.role in ROLES and not _fits(scene, node):
            yield at(node, role=node.role or "", expected=_MUST_BE[node.role or ""], found=_kind_of(node))


def _fits(scene: Scene, node: Node) -> bool:
    if node.role == "too_early":
        return node.interrupting and _catches_too_early(scene, node)
    if node.role == "move":
        return node.interrupting and (node.has_event("timer") or node.has_event("message"))
    return not node.interrupting and node.has_event("timer")


def _kind_of(node: Node) -> Words:
    kinds = names(event.kind for event in node.events)
    if node.interrupting:
        return Words(f"中断的 {kinds.zh}", f"interrupting ({kinds.en})")
    return Words(f"不中断的 {kinds.zh}", f"non-interrupting ({kinds.en})")


@rule(
    "boundary_name",
    "warning",
    zh="期望{at}的 id 以“{host}_”开头，但发现“{found}”。",
    en='Expected the id of the {at} to begin with "{host}_", but found "{found}".',
    why="Due rows and alarms are read by people: a limit's id tells its step (docs/architecture.md).",
)
def boundary_name(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        host = node.attached_to
        if host and node.role in ROLES - {"move"} and not node.id.startswith(f"{host}_"):
            yield at(node, host=host, found=node.id)


@rule(
    "limit_takes_work",
    "error",
    zh="期望{at}只报警或升级，但它的分支走到办理路径上的{target}。",
    en="Expected the {at} only to warn or to escalate, but its branch leads to the {target} on the case's own way.",
    why="A non-interrupting event adds a token: the work would be done twice, or the case ended under the clerk's "
    "hands.",
)
def limit_takes_work(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("boundaryEvent"):
        if node.role in WARNING_ROLES and not node.interrupting and node.attached_to in scene.graph.nodes:
            yield from _joined(scene, node, scene.graph.nodes[node.attached_to or ""])


def _joined(scene: Scene, event: Node, host: Node) -> Iterator[Finding]:
    graph = scene.graph
    own_way = reach(graph.starts(host.scope), graph.scope_main)
    if host.id not in own_way:
        return  # The step is itself part of an escalation, whose branches may meet.
    branch = reach([event.id], graph.scope_next)
    # A terminating end behind a task that somebody completes is that person's act, not the timer's.
    alone = reach([event.id], graph.scope_next, blocked={task.id for task in scene.diagram.of_kind("userTask")})
    for node in (graph.nodes[node_id] for node_id in branch):
        ends_case = node.has_event("terminate") and node.id in alone
        if ends_case or (node.id in own_way and node.kind != "endEvent"):
            yield at(event, path=(*graph.path_to(host.id), *trail(branch, node.id)), target=describe(node))
            return


@rule(
    "statutory_limit_missing",
    "warning",
    zh="期望{at}带有法定时限（角色 statutory_limit），但没有。",
    en="Expected the {at} to carry the statutory limit (role statutory_limit), but found none.",
    why="The sub-process from acceptance to decision is where the law's term runs (行政许可法 42).",
)
def statutory_limit_missing(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind(*SUB_PROCESSES):
        roles = {event.role for event in scene.graph.boundaries[node.id]}
        if node.id == HANDLING and "statutory_limit" not in roles:
            yield at(node)


@rule(
    "stop_without_end",
    "warning",
    zh="期望停止计时的{at}有自己的时限，但没有。",
    en="Expected the {at}, which stops the clock, to have a limit of its own, but found none.",
    why="A stop ends at its planned end; without one the decision clock could stand still for ever.",
)
def stop_without_end(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        if node.properties.get("stopsClock") and not _ends_by_itself(scene, node):
            yield at(node)


def _ends_by_itself(scene: Scene, node: Node) -> bool:
    """A timer on the step or being the step; inside a shared process the caller's diagram holds it."""
    events = (node, *scene.graph.boundaries[node.id])
    if any(event.has_event("timer") and event.role != "minimum" for event in events):
        return True
    return not any(scope.id == HANDLING for scope in scene.diagram.scopes) and node.kind == "receiveTask"


# Minimum durations and the halt --------------------------------------------------------------------------------------


def _has_role(scene: Scene, host: Node, role: str) -> bool:
    return any(event.role == role for event in scene.graph.boundaries[host.id])


@rule(
    "minimum_without_way_out",
    "error",
    zh="期望有最短时限的{at}（{group}）带有 TOO_EARLY 边界事件，但没有。",
    en="Expected the {at} ({group}), which has a minimum, to have a TOO_EARLY boundary event, but found none.",
    why="In these groups an act before the minimum halts the case; without the way out there is nowhere to halt.",
)
def minimum_without_way_out(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        halts = node.group in MINIMUM_HALTS and _has_role(scene, node, "minimum")
        if halts and not _has_role(scene, node, "too_early"):
            yield at(node, path=scene.graph.path_to(node.id), group=node.group or "")


@rule(
    "too_early_without_minimum",
    "error",
    zh="期望{host}既有 TOO_EARLY 又有最短时限（角色 minimum），但{at}旁没有最短时限。",
    en="Expected the {host} to have a minimum (role minimum) beside its TOO_EARLY event, but the {at} stands alone.",
    why="The minimum's timer is the one source of its duration: without it nothing is ever too early.",
)
def too_early_without_minimum(scene: Scene) -> Iterator[Finding]:
    for event, host in _too_early(scene):
        if not _has_role(scene, host, "minimum"):
            yield at(event, host=describe(host))


def _too_early(scene: Scene) -> Iterator[tuple[Node, Node]]:
    """TOO_EARLY boundary events with the steps they stand on."""
    for event in scene.diagram.of_kind("boundaryEvent"):
        host = scene.diagram.node(event.attached_to)
        if host is not None and (event.role == "too_early" or _catches_too_early(scene, event)):
            yield event, host


def _rulings(scene: Scene) -> Iterator[tuple[Node, Node, Node | None]]:
    """For every TOO_EARLY event: itself, its step, and the task right behind it."""
    for event, host in _too_early(scene):
        targets = scene.graph.targets(event.id)
        yield event, host, scene.graph.nodes[targets[0]] if targets else None


@rule(
    "ruling_missing",
    "error",
    zh="期望{at}通向一级监察员（post sup1）处置中止的用户任务（halts=case），但通向{found}。",
    en="Expected the {at} to lead to the level-1 supervisor's user task (post sup1, halts=case), but it leads to "
    "{found}.",
    why="Only the supervisor's ruling lifts a halt; anything else would let the early act pass.",
)
def ruling_missing(scene: Scene) -> Iterator[Finding]:
    for event, host, ruling in _rulings(scene):
        if ruling is None or not _is_ruling(ruling):
            path = (*scene.graph.path_to(host.id), event.id, *((ruling.id,) if ruling else ()))
            yield at(event, path=path, found=describe(ruling) if ruling else value_or_nothing(None))


def _is_ruling(node: Node) -> bool:
    return node.kind == "userTask" and node.post == SUPERVISOR and node.properties.get("halts") == "case"


@rule(
    "ruling_ways_out",
    "error",
    zh="期望{at}之后可以重办（回到{host}）和放行（进入该步骤的去向），但缺 {missing}。",
    en="Expected redo (back to the {host}) and release (on to where that step leads) behind the {at}, but {missing} "
    "is missing.",
    why="A halted case must be able to go both ways: redo makes the act void, release recognises it on a recorded "
    "ground.",
)
def ruling_ways_out(scene: Scene) -> Iterator[Finding]:
    for _, host, ruling in _rulings(scene):
        if ruling is not None and _is_ruling(ruling):
            onward = _step_targets(scene, host)
            reached = reach([ruling.id], scene.graph.main_next, blocked={host.id, *onward})
            missing = [
                *([] if host.id in reached else [Words("重办", "redo")]),
                *([] if not onward.isdisjoint(reached) else [Words("放行", "release")]),
            ]
            if missing:
                words = Words("、".join(word.zh for word in missing), " and ".join(word.en for word in missing))
                yield at(ruling, path=scene.graph.path_to(ruling.id), host=describe(host), missing=words)


def _step_targets(scene: Scene, host: Node) -> frozenset[str]:
    """Where a step's flow leads, and on through gateways that only join."""
    found = list(scene.graph.targets(host.id))
    for node_id in found:
        node, ahead = scene.graph.nodes[node_id], scene.graph.targets(node_id)
        if node.kind.endswith("Gateway") and len(ahead) == 1 and ahead[0] not in found:
            found.append(ahead[0])
    return frozenset(found)


@rule(
    "ruling_ends_case",
    "error",
    zh="期望{at}只能重办或放行，但它的一条出路不经办理步骤就走到{end}。",
    en="Expected the {at} to redo or to release only, but one way out of it reaches the {end} without going through "
    "the step.",
    why="A supervisor never decides or ends a case himself.",
)
def ruling_ends_case(scene: Scene) -> Iterator[Finding]:
    for _, host, ruling in _rulings(scene):
        if ruling is not None and _is_ruling(ruling):
            onward = _step_targets(scene, host)
            reached = reach([ruling.id], scene.graph.main_next, blocked={host.id, *onward})
            ends = (node for node in reached if scene.graph.nodes[node].kind == "endEvent" and node not in onward)
            end = next(ends, None)
            if end is not None:
                path = (*scene.graph.path_to(ruling.id), *trail(reached, end)[1:])
                yield at(ruling, path=path, end=describe(scene.graph.nodes[end]))
