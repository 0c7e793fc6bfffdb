"""Rules on sending back (sendBackTo): to earlier steps of the office, within the scope whose clock runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from service.modelling.diagram import Node
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.vocabulary import POSTS_OUTSIDE
from service.modelling.lint.wording import describe, names, nearest

SENDING: Final = frozenset({"review", "review_dept", "legal", "approve", "decide"})
"""Groups of those who review or decide: nobody else sends back."""


def _targets(scene: Scene) -> Iterator[tuple[Node, str]]:
    for node in scene.diagram.of_kind("userTask"):
        for target in node.properties.get("sendBackTo", "").split("|"):
            if "sendBackTo" in node.properties:
                yield node, target


@rule(
    "send_back_unknown",
    "error",
    zh="期望{at}的退回目标（sendBackTo）是流程中的用户任务，但“{found}”不是。{hint}",
    en='Expected the target of sendBackTo of the {at} to be a user task, but "{found}" is none.{hint}',
    why="Nobody could be given the case back.",
)
def send_back_unknown(scene: Scene) -> Iterator[Finding]:
    known = {node.id for node in scene.diagram.of_kind("userTask")}
    for node, target in _targets(scene):
        if target not in known:
            yield at(node, found=target, hint=nearest(target, known))


@rule(
    "send_back_outside",
    "error",
    zh="期望{at}退回到同一范围内由机关办理、不重复的步骤，但{target}不是。",
    en="Expected the {at} to send back to a step of the office in its scope that is no loop, but the {target} is none.",
    why="Leaving a sub-process would start its clock anew (行政许可法 42); an applicant is asked by a correction.",
)
def send_back_outside(scene: Scene) -> Iterator[Finding]:
    for node, target in _known(scene):
        if target.scope != node.scope or target.post in POSTS_OUTSIDE or target.loop or node.loop:
            yield at(node, target=describe(target))


@rule(
    "send_back_not_earlier",
    "error",
    zh="期望{at}退回到通向它的前面的步骤，但从{target}走不到它。",
    en="Expected the {at} to send back to an earlier step, one that leads to it, but the {target} does not.",
    why="Anything else would be a jump, or would leave a token waiting at a join for branches that are not done anew.",
)
def send_back_not_earlier(scene: Scene) -> Iterator[Finding]:
    for node, target in _known(scene):
        if target.scope == node.scope and (target is node or not _leads(scene, target.id, node.id)):
            yield at(node, target=describe(target))


@rule(
    "send_back_by_nobody",
    "error",
    zh="期望写有 sendBackTo 的{at}属于审核或审批（{known}），但它不是。",
    en="Expected the {at}, which has sendBackTo, to be a review or decision ({known}), but it is none.",
    why="Only who reviews or decides may send back; the property would have no effect.",
)
def send_back_by_nobody(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        if "sendBackTo" in node.properties and node.group not in SENDING:
            yield at(node, known=names(SENDING))


def _known(scene: Scene) -> Iterator[tuple[Node, Node]]:
    for node, name in _targets(scene):
        target = scene.diagram.node(name)
        if target is not None and target.kind == "userTask":
            yield node, target


def _leads(scene: Scene, earlier: str, later: str) -> bool:
    """Whether a token from there alone comes to it: into one branch of several it would wait at their join for ever."""
    edges, reached = scene.graph.scope_main, {earlier}
    pending = deque(edges.get(earlier, ()))
    while pending:
        name = pending.popleft()
        joins = scene.graph.nodes[name].kind in ("parallelGateway", "inclusiveGateway")
        sources = {flow.source for flow in scene.graph.incoming[name]}
        if name not in reached and (not joins or reached.issuperset(sources)):
            reached.add(name)
            pending.extend(edges.get(name, ()))
    return later in reached
