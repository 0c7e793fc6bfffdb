"""Rules on the steps of the contract: who does a user task with which form and materials, what a service task runs, and
what must be settled before a certificate is printed."""

from __future__ import annotations

from collections.abc import Iterator

from service.modelling.diagram import Node
from service.modelling.lint.graph import reach, trail
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.vocabulary import POSTS_OUTSIDE
from service.modelling.lint.wording import describe, names, nearest, value_or_nothing
from service.modelling.problem import Words, shown

_SETTLED = frozenset({"fee_settled", "paid"})


@rule(
    "post_missing",
    "error",
    zh="期望{at}有岗位（post），但没有。",
    en="Expected the {at} to have a post, but it has none.",
    why="Nobody could claim the task: the case would stand still.",
)
def post_missing(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("userTask") if not node.post)


@rule(
    "post_unknown",
    "error",
    zh="期望{at}的岗位在岗位表中，但“{found}”不在。{hint}",
    en='Expected the post of the {at} to be one of the county\'s, but "{found}" is not.{hint}',
    why="Nobody holds it, so nobody could claim the task.",
)
def post_unknown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask", "receiveTask"):
        if node.post and node.post not in scene.vocabulary.posts:
            yield at(node, found=node.post, hint=nearest(node.post, scene.vocabulary.posts))


@rule(
    "form_key_missing",
    "error",
    zh="期望{at}有表单（formKey），但没有。",
    en="Expected the {at} to have a form (formKey), but it has none.",
    why="Without a form the task records nothing and checks nothing.",
)
def form_key_missing(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("userTask") if not node.properties.get("formKey"))


@rule(
    "form_missing",
    "error",
    zh="期望{at}的表单“{found}”随流程一起提交，但没有。{hint}",
    en='Expected the form "{found}" of the {at} in the bundle, but it is not there.{hint}',
    why="A definition is deployed with its forms; the task could not be opened.",
)
def form_missing(scene: Scene) -> Iterator[Finding]:
    if scene.forms is None:
        return
    for node in scene.diagram.of_kind("userTask", "callActivity"):
        for key in scene.forms_of(node):
            if key and key not in scene.forms:
                yield at(node, found=key, hint=nearest(key, scene.forms))


@rule(
    "material_unknown",
    "error",
    zh="期望{at}要求的材料都在事项的材料清单中，但 {found} 不在。{hint}",
    en="Expected the materials that the {at} requires to be on the item's list, but {found} is not.{hint}",
    why="Nobody could upload it, so no case could enter the step.",
)
def material_unknown(scene: Scene) -> Iterator[Finding]:
    if scene.materials is None:
        return
    known = set(scene.materials)
    for node in scene.diagram.nodes:
        found = {key for key in node.properties.get("requiredMaterials", "").split("|") if key} - known
        if found:
            yield at(node, found=names(found), hint=nearest(min(found), known))


@rule(
    "operation_missing",
    "error",
    zh="期望{at}指明登记的操作（operation），但没有。",
    en="Expected the {at} to name a registered operation, but it names none.",
    why="The engine has nothing to run there.",
)
def operation_missing(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("serviceTask") if not node.properties.get("operation"))


@rule(
    "operation_unknown",
    "error",
    zh="期望{at}的操作是 {known} 之一，但发现“{found}”。{hint}",
    en='Expected the operation of the {at} to be one of {known}, but found "{found}".{hint}',
    why="The service knows only registered operations; another name makes an incident of every case.",
)
def operation_unknown(scene: Scene) -> Iterator[Finding]:
    known = scene.vocabulary.operations
    for node in scene.diagram.of_kind("serviceTask"):
        operation = node.properties.get("operation")
        if operation and operation not in known:
            yield at(node, known=names(known), found=operation, hint=nearest(operation, known))


@rule(
    "print_without_fee_gate",
    "warning",
    zh="期望制证步骤{at}的 gate 含有 fee_settled，但 gate 为{found}。",
    en="Expected the gate of the {at}, which prints a certificate, to ask for fee_settled, but the gate is {found}.",
    why="The fee gate holds the document whatever is drawn; drawn, everyone sees why the step waits.",
)
def print_without_fee_gate(scene: Scene) -> Iterator[Finding]:
    asked = {placed.element.id: placed.names for placed in scene.placed("gate")}
    for node in scene.diagram.of_kind("userTask"):
        prints = node.properties.get("printsDocument") and node.group == "print"
        if prints and _SETTLED.isdisjoint(asked.get(node.id, frozenset())):
            yield at(node, found=value_or_nothing(node.properties.get("gate")))


# Separation of duties ------------------------------------------------------------------------------------------------


@rule(
    "separation_group_unknown",
    "error",
    zh="期望{at}的分离组在互斥矩阵中，但“{found}”不在。{hint}",
    en='Expected the separation group of the {at} to be in the exclusion matrix, but "{found}" is not.{hint}',
    why="A group that the matrix does not know excludes nobody.",
)
def separation_group_unknown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        if node.group and node.group not in scene.vocabulary.groups:
            yield at(node, found=node.group, hint=nearest(node.group, scene.vocabulary.groups))


@rule(
    "separation_group_missing",
    "warning",
    zh="期望由“{post}”办理的{at}属于一个分离组（separationGroup），但没有。",
    en='Expected the {at}, done by "{post}", to belong to a separation group, but it has none.',
    why="Without one a single person could do this step and any other of the case.",
)
def separation_group_missing(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("userTask"):
        if node.post and node.post not in POSTS_OUTSIDE and not node.group:
            yield at(node, post=node.post)


@rule(
    "same_post_in_exclusive_groups",
    "error",
    zh="期望互斥的{first}与{second}由不同岗位办理，但两者都是“{post}”。",
    en='Expected different posts for the {first} and the {second}, which exclude each other, but both have "{post}".',
    why="With one holder of the post the case stands still; with several, one office still checks itself.",
)
def same_post_in_exclusive_groups(scene: Scene) -> Iterator[Finding]:
    graph = scene.graph
    grouped = {node.id: node for node in scene.diagram.of_kind("userTask") if node.group and node.post}
    told: set[frozenset[str]] = set()
    for first in grouped.values():
        onward = reach(graph.targets(first.id), graph.main_next, blocked=grouped)
        for second in (grouped[node] for node in onward if node in grouped):
            pair = frozenset({first.id, second.id})
            if pair not in told and _excluded(scene, first, second) and first.post == second.post:
                told.add(pair)
                path = (*graph.path_to(first.id), *trail(onward, second.id))
                yield at(second, path=path, first=_in_group(first), second=_in_group(second), post=first.post or "")


def _in_group(node: Node) -> Words:
    words, group = describe(node), shown(node.group or "")
    return Words(f"{words.zh}［{group}］", f"{words.en} [{group}]")


def _excluded(scene: Scene, first: Node, second: Node) -> bool:
    return frozenset({first.group or "", second.group or ""}) in scene.vocabulary.exclusive
